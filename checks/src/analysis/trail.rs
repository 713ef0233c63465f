//! What the account's trails record.

use std::collections::BTreeSet;

use crate::{
    gap::{self, Gaps, NotJudged},
    snapshot::{
        Snapshot,
        cloudtrail::{EventSelectors, FieldSelector, Trail},
    },
};

/// The trails that record this account, an organization's among them, and what could not be read, so that there may
/// be more.
#[must_use]
pub fn all(snapshot: &Snapshot) -> (Vec<&Trail>, Gaps) {
    let mut gaps = Gaps::default();
    let by_region = snapshot.regions.values().map(|region| region.cloudtrail.trails.get());
    let trails = by_region.filter_map(|trails| gaps.known(trails)).flatten().collect();
    (trails, gaps)
}

/// Whether the trail logs now, and its selectors do as asked.
///
/// # Errors
/// When that could not be read. One thing that is known to lack decides without the other.
pub fn records(trail: &Trail, wanted: impl FnOnce(&EventSelectors) -> bool) -> Result<bool, NotJudged> {
    // A trail that is gone records nothing.
    let is_logging = trail.status.offered().map(|status| status.is_some_and(|status| status.is_logging));
    let logs_it = trail.event_selectors.offered().map(|selectors| selectors.is_some_and(wanted));
    gap::all([is_logging, logs_it])
}

/// Whether the selectors log management events that only read, or those that write: of a service, or of
/// services in general, those apart that a selector names to leave them out.
#[must_use]
pub fn logs_management(selectors: &EventSelectors, read_only: bool, source: Option<&str>) -> bool {
    match selectors {
        EventSelectors::Basic(selectors) => selectors.iter().any(|selector| {
            let kind = if read_only { "ReadOnly" } else { "WriteOnly" };
            let left_out = |source| selector.excluded_sources.iter().any(|excluded| excluded == source);
            selector.management_events
                && (selector.read_write_type == "All" || selector.read_write_type == kind)
                && !source.is_some_and(left_out)
        }),
        EventSelectors::Advanced(selectors) => selectors.iter().any(|selector| {
            let wanted = read_only.to_string();
            is_for_management(&selector.fields)
                && selector.fields.iter().all(|field| match field.field.as_str() {
                    "eventCategory" => true,
                    "readOnly" => field.equals.iter().any(|value| value.eq_ignore_ascii_case(&wanted)),
                    "eventSource" => lets_through(field, source),
                    // Nothing else limits management events of trails; what does after all, logs not all.
                    _ => false,
                })
        }),
    }
}

/// The services that selectors for management events leave out by name, reads or writes of them, and none of
/// the selectors brings back.
#[must_use]
pub fn excluded_sources(selectors: &EventSelectors) -> BTreeSet<&str> {
    let mut named: BTreeSet<&str> = match selectors {
        EventSelectors::Basic(selectors) => {
            let selectors = selectors.iter().filter(|selector| selector.management_events);
            selectors.flat_map(|selector| &selector.excluded_sources).map(String::as_str).collect()
        }
        EventSelectors::Advanced(selectors) => {
            let fields = selectors.iter().map(|selector| &selector.fields);
            let fields = fields.filter(|fields| is_for_management(fields)).flatten();
            let sources = fields.filter(|field| field.field == "eventSource");
            sources.flat_map(|field| &field.not_equals).map(String::as_str).collect()
        }
    };
    named.retain(|source| [true, false].iter().any(|kind| !logs_management(selectors, *kind, Some(source))));
    named
}

fn is_for_management(fields: &[FieldSelector]) -> bool {
    let management = |field: &FieldSelector| field.equals.iter().any(|value| value == "Management");
    fields.iter().any(|field| field.field == "eventCategory" && management(field))
}

/// Whether the condition lets a service through, or services in general: all but some.
fn lets_through(field: &FieldSelector, source: Option<&str>) -> bool {
    let FieldSelector { equals, starts_with, ends_with, not_equals, not_starts_with, not_ends_with, .. } =
        field;
    let for_all = equals.is_empty() && starts_with.is_empty() && ends_with.is_empty();
    let Some(source) = source else { return for_all };
    let one_of = |equals: &[String], starts: &[String], ends: &[String]| {
        equals.iter().any(|value| value == source)
            || starts.iter().any(|start| source.starts_with(start))
            || ends.iter().any(|end| source.ends_with(end))
    };
    (for_all || one_of(equals, starts_with, ends_with)) && !one_of(not_equals, not_starts_with, not_ends_with)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::cloudtrail::{AdvancedSelector, EventSelector};

    const KMS: &str = "kms.amazonaws.com";

    fn basic(read_write_type: &str, management_events: bool, excluded: &[&str]) -> EventSelector {
        EventSelector {
            management_events,
            read_write_type: read_write_type.into(),
            excluded_sources: excluded.iter().map(|source| (*source).to_owned()).collect(),
            data_resources: vec![],
        }
    }

    fn equals(field: &str, value: &str) -> FieldSelector {
        FieldSelector { field: field.into(), equals: vec![value.into()], ..FieldSelector::default() }
    }

    fn without(source: &str) -> FieldSelector {
        let (field, not_equals) = ("eventSource".into(), vec![source.into()]);
        FieldSelector { field, not_equals, ..FieldSelector::default() }
    }

    fn advanced<const N: usize>(selectors: [Vec<FieldSelector>; N]) -> EventSelectors {
        EventSelectors::Advanced(selectors.map(|fields| AdvancedSelector { fields }).into())
    }

    /// Whether reads and writes are logged.
    fn logs(selectors: &EventSelectors, source: Option<&str>) -> (bool, bool) {
        (logs_management(selectors, true, source), logs_management(selectors, false, source))
    }

    #[test]
    fn basic_selectors() {
        let all = EventSelectors::Basic(vec![basic("All", true, &[])]);
        assert_eq!((logs(&all, None), logs(&all, Some(KMS))), ((true, true), (true, true)));
        let writes = EventSelectors::Basic(vec![basic("WriteOnly", true, &[])]);
        assert_eq!(logs(&writes, None), (false, true));
        let both =
            EventSelectors::Basic(vec![basic("ReadOnly", true, &[KMS]), basic("WriteOnly", true, &[])]);
        assert_eq!((logs(&both, None), logs(&both, Some(KMS))), ((true, true), (false, true)));
        let data = EventSelectors::Basic(vec![basic("All", false, &[])]);
        assert_eq!(logs(&data, None), (false, false));
    }

    #[test]
    fn advanced_selectors() {
        let management = || equals("eventCategory", "Management");
        let halves = advanced([
            vec![management(), equals("readOnly", "true")],
            vec![management(), equals("readOnly", "false"), without(KMS)],
        ]);
        assert_eq!((logs(&halves, None), logs(&halves, Some(KMS))), ((true, true), (true, false)));
        let one = advanced([vec![management(), equals("eventSource", KMS)]]);
        assert_eq!((logs(&one, None), logs(&one, Some(KMS))), ((false, false), (true, true)));
        assert_eq!(logs(&one, Some("iam.amazonaws.com")), (false, false));
        let suffix = FieldSelector { ends_with: vec![".amazonaws.com".into()], ..without(KMS) };
        let suffix = advanced([vec![management(), suffix]]);
        assert_eq!(logs(&suffix, Some(KMS)), (false, false));
        assert_eq!(logs(&suffix, Some("iam.amazonaws.com")), (true, true));
        let narrow = advanced([vec![management(), equals("eventName", "RunInstances")]]);
        assert_eq!(logs(&narrow, None), (false, false));
    }

    #[test]
    fn what_is_left_out() {
        let excluded =
            |selectors: &EventSelectors| excluded_sources(selectors).into_iter().collect::<String>();
        assert_eq!(excluded(&EventSelectors::Basic(vec![basic("All", true, &[KMS])])), KMS);
        // Told once, though two selectors leave it out.
        let halves = vec![basic("ReadOnly", true, &[KMS]), basic("WriteOnly", true, &[KMS])];
        assert_eq!(excluded(&EventSelectors::Basic(halves)), KMS);
        let reads = vec![basic("ReadOnly", true, &[KMS]), basic("WriteOnly", true, &[])];
        assert_eq!(excluded(&EventSelectors::Basic(reads)), KMS);
        assert_eq!(excluded(&advanced([vec![equals("eventCategory", "Management"), without(KMS)]])), KMS);
    }

    #[test]
    fn what_is_not() {
        // What a selector for data events leaves out is not about management events.
        let objects = vec![equals("eventCategory", "Data"), without("s3.amazonaws.com")];
        let selectors = advanced([vec![equals("eventCategory", "Management")], objects]);
        assert!(excluded_sources(&selectors).is_empty());
        let data = EventSelectors::Basic(vec![basic("All", true, &[]), basic("All", false, &[KMS])]);
        assert!(excluded_sources(&data).is_empty());
    }
}

use serde_json::json;

use crate::{
    analysis::trail::{self, excluded_sources, logs_management},
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gaps, NotJudged},
    snapshot::cloudtrail::Trail,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-multi-region",
    severity: Severity::High,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let (trails, mut gaps) = trail::all(cx.snapshot);
            let mut lacking = Vec::new();
            let mut severity = cx.severity();
            for trail in trails {
                let Some(lacks) = gaps.known(lacks(trail)) else { continue };
                if !lacks.is_empty() {
                    lacking.push(json!({"name": trail.name, "lacks": lacks}));
                    continue;
                }
                let excluded: Vec<_> = excluded_sources(trail.event_selectors.get()?).into_iter().collect();
                if excluded.is_empty() {
                    return Ok(Verdict::pass());
                }
                lacking.push(json!({"name": trail.name, "excluded_sources": excluded}));
                severity = Severity::Low;
            }
            // The trail that would do may be among what could not be read.
            gaps.unless(false)?;
            let verdict = Verdict::fail().at(severity).with("trails", &lacking);
            Ok(if lacking.is_empty() { verdict.told_as("no_trail") } else { verdict })
        });
    },
};

/// What the trail lacks to record who does what in the account; empty when nothing, but for services that it
/// leaves out by name.
fn lacks(trail: &Trail) -> Result<Vec<&'static str>, NotJudged> {
    let mut lacks = Vec::new();
    if !trail.is_multi_region {
        lacks.push("multi_region");
    }
    if !trail.include_global_service_events {
        lacks.push("global_service_events");
    }
    // One thing lacking decides; what could not be read matters only where nothing is.
    let mut gaps = Gaps::default();
    // One that is gone logs nothing.
    let is_logging = trail.status.offered().map(|status| status.is_some_and(|status| status.is_logging));
    if gaps.known(is_logging) == Some(false) {
        lacks.push("logging");
    }
    if let Some(selectors) = gaps.known(trail.event_selectors.get()) {
        if !logs_management(selectors, true, None) {
            lacks.push("read_management_events");
        }
        if !logs_management(selectors, false, None) {
            lacks.push("write_management_events");
        }
    }
    gaps.unless(!lacks.is_empty())?;
    Ok(lacks)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{
        super::testing::{basic, with_trail},
        CHECK,
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        snapshot::{
            Snapshot,
            cloudtrail::{AdvancedSelector, EventSelectors, FieldSelector, Trail, TrailStatus},
        },
        testing::{denied, empty, fails, passes, read, region},
    };

    fn selecting(selectors: EventSelectors) -> Snapshot {
        with_trail(|trail| trail.event_selectors = read(selectors))
    }

    fn advanced(selectors: &[&[(&str, &str)]]) -> Snapshot {
        let field = |(field, value): &(&str, &str)| FieldSelector {
            field: (*field).into(),
            equals: vec![(*value).into()],
            ..FieldSelector::default()
        };
        let selectors =
            selectors.iter().map(|fields| AdvancedSelector { fields: fields.iter().map(field).collect() });
        selecting(EventSelectors::Advanced(selectors.collect()))
    }

    #[test]
    fn passes_with_one_trail_that_does_it_all() {
        passes(&CHECK, &with_trail(|_| ()));
        passes(
            &CHECK,
            &selecting(EventSelectors::Basic(vec![basic("ReadOnly", true), basic("WriteOnly", true)])),
        );
        passes(&CHECK, &advanced(&[&[("eventCategory", "Management")]]));
        passes(
            &CHECK,
            &advanced(&[
                &[("eventCategory", "Management"), ("readOnly", "true")],
                &[("eventCategory", "Management"), ("readOnly", "false")],
            ]),
        );
    }

    #[test]
    fn fails_without_a_trail() {
        assert_eq!(fails(&CHECK, &empty()).variant, Some("no_trail"));
    }

    #[test]
    fn fails_when_the_trail_lacks_something() {
        fails(&CHECK, &with_trail(|trail| trail.is_multi_region = false));
        fails(&CHECK, &with_trail(|trail| trail.include_global_service_events = false));
        fails(&CHECK, &with_trail(|trail| trail.status = read(TrailStatus::default())));
        fails(&CHECK, &selecting(EventSelectors::Basic(vec![basic("All", false)])));
        let finding = fails(&CHECK, &selecting(EventSelectors::Basic(vec![basic("WriteOnly", true)])));
        assert_eq!(
            finding.evidence["trails"],
            json!([{"name": "audit", "lacks": ["read_management_events"]}])
        );
        fails(&CHECK, &advanced(&[&[("eventCategory", "Data")]]));
        fails(&CHECK, &advanced(&[&[("eventCategory", "Management"), ("readOnly", "false")]]));
        fails(&CHECK, &advanced(&[&[("eventCategory", "Management"), ("eventName", "RunInstances")]]));
    }

    #[test]
    fn fails_less_severely_when_only_a_service_is_left_out() {
        let mut selector = basic("All", true);
        selector.excluded_sources = vec!["kms.amazonaws.com".into()];
        let mut account = selecting(EventSelectors::Basic(vec![selector]));
        let finding = fails(&CHECK, &account);
        assert_eq!(finding.severity, Severity::Low);
        assert_eq!(finding.evidence["trails"][0]["excluded_sources"][0], "kms.amazonaws.com");
        // A second trail that leaves out more does not make it worse; a complete one makes it good.
        let Collected::Value(trails) = &mut region(&mut account).cloudtrail.trails else { unreachable!() };
        trails.push(Trail { is_multi_region: false, ..trails[0].clone() });
        assert_eq!(fails(&CHECK, &account).severity, Severity::Low);
        let Collected::Value(trails) = &mut region(&mut account).cloudtrail.trails else { unreachable!() };
        trails[1] = Trail {
            event_selectors: read(EventSelectors::Basic(vec![basic("All", true)])),
            ..trails[0].clone()
        };
        passes(&CHECK, &account);
    }

    #[test]
    fn a_trail_of_the_organization_counts() {
        let arn = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/audit";
        passes(&CHECK, &with_trail(|trail| trail.arn = arn.into()));
    }

    #[test]
    fn what_is_known_to_do_decides_before_what_is_not_readable() {
        let mut account = with_trail(|_| ());
        account.regions.insert("us-east-1".into(), crate::snapshot::Region::default());
        passes(&CHECK, &account);
    }

    #[test]
    fn a_trail_that_is_gone_by_now_records_nothing() {
        let gone = with_trail(|trail| {
            trail.status = Collected::NotOffered;
            trail.event_selectors = Collected::NotOffered;
        });
        assert_eq!(
            fails(&CHECK, &gone).evidence["trails"][0],
            json!({"name": "audit", "lacks": ["logging"]})
        );
    }

    #[test]
    fn what_is_wrong_anyway_needs_no_more_reading() {
        fails(
            &CHECK,
            &with_trail(|trail| {
                trail.is_multi_region = false;
                trail.status = denied();
            }),
        );
    }

    #[test]
    fn what_is_known_to_lack_decides_before_what_is_not_readable() {
        fails(
            &CHECK,
            &with_trail(|trail| {
                trail.status = read(TrailStatus::default());
                trail.event_selectors = denied();
            }),
        );
        fails(
            &CHECK,
            &with_trail(|trail| {
                trail.status = denied();
                trail.event_selectors = read(EventSelectors::Basic(vec![basic("All", false)]));
            }),
        );
    }
}

use super::{ObjectEvents, judge_object_events};
use crate::{check::Check, finding::Severity, source::Source};

/// CIS 4.9.
pub(super) const CHECK: Check = Check {
    id: "cloudtrail-s3-object-reads",
    severity: Severity::Low,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        judge_object_events(cx, ObjectEvents::Reads);
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        catalog::cloudtrail::testing::basic,
        snapshot::{
            Snapshot,
            cloudtrail::{AdvancedSelector, DataResource, EventSelectors, FieldSelector},
        },
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_objects(values: &[&str], read_write_type: &str) -> Snapshot {
        with_trail(|trail| {
            let mut selector = basic(read_write_type, true);
            selector.data_resources = vec![DataResource {
                kind: "AWS::S3::Object".into(),
                values: values.iter().map(|value| (*value).to_owned()).collect(),
            }];
            trail.event_selectors = read(EventSelectors::Basic(vec![selector]));
        })
    }

    fn with_fields(more: &[(&str, &str)]) -> Snapshot {
        let fields = [("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")];
        let fields = fields.iter().chain(more).map(|(field, value)| FieldSelector {
            field: (*field).into(),
            equals: vec![(*value).into()],
            ..FieldSelector::default()
        });
        with_trail(|trail| {
            let selector = AdvancedSelector { fields: fields.collect() };
            trail.event_selectors = read(EventSelectors::Advanced(vec![selector]));
        })
    }

    #[test]
    fn fails_without_them() {
        fails(&CHECK, &with_trail(|_| ()));
        fails(&CHECK, &with_objects(&["arn:aws:s3:::one/"], "All"));
        fails(&CHECK, &with_objects(&["arn:aws:s3"], "WriteOnly"));
        fails(&CHECK, &with_fields(&[("readOnly", "false")]));
        fails(&CHECK, &with_fields(&[("resources.ARN", "arn:aws:s3:::one/")]));
    }

    #[test]
    fn passes_with_all_buckets() {
        passes(&CHECK, &with_objects(&["arn:aws:s3"], "All"));
        passes(&CHECK, &with_objects(&["arn:aws:s3:::"], "All"));
        passes(&CHECK, &with_fields(&[]));
        passes(&CHECK, &with_fields(&[("readOnly", "true")]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).cloudtrail.trails = denied();
        unknown(&CHECK, &account);
    }
}

use super::{ObjectEvents, judge_object_events};
use crate::{check::Check, finding::Severity, source::Source};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-s3-object-writes",
    severity: Severity::Low,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        judge_object_events(cx, ObjectEvents::Writes);
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_fields, with_objects, with_trail},
        CHECK,
    };
    use crate::testing::{fails, passes};

    #[test]
    fn fails_without_them() {
        fails(&CHECK, &with_trail(|_| ()));
        fails(&CHECK, &with_objects(&["arn:aws:s3:::one/"], "All"));
        fails(&CHECK, &with_objects(&["arn:aws:s3"], "ReadOnly"));
        fails(&CHECK, &with_fields(&[("readOnly", "true")]));
        fails(&CHECK, &with_fields(&[("resources.ARN", "arn:aws:s3:::one/")]));
    }

    #[test]
    fn passes_with_all_buckets() {
        passes(&CHECK, &with_objects(&["arn:aws:s3"], "All"));
        passes(&CHECK, &with_objects(&["arn:aws:s3:::"], "All"));
        passes(&CHECK, &with_fields(&[]));
        passes(&CHECK, &with_fields(&[("readOnly", "false")]));
    }
}

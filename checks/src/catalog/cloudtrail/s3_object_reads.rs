use super::{ObjectEvents, judge_object_events};
use crate::{check::Check, finding::Severity, source::Source};

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
    use super::{
        super::testing::{with_fields, with_objects, with_trail},
        CHECK,
    };
    use crate::{
        gap::Collected,
        snapshot::{Region, cloudtrail::TrailStatus},
        testing::{denied, fails, passes, read, unknown},
    };

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
    fn a_trail_that_does_decides_before_what_is_not_readable() {
        let mut account = with_objects(&["arn:aws:s3"], "All");
        // Sorted before and after the region of the trail.
        account.regions.insert("af-south-1".into(), Region::default());
        account.regions.insert("us-east-1".into(), Region::default());
        passes(&CHECK, &account);
        let mut account = with_objects(&["arn:aws:s3"], "All");
        let mut other = account.regions["eu-west-1"].clone();
        other.cloudtrail.trails = Collected::NotOffered;
        account.regions.insert("af-south-1".into(), other);
        passes(&CHECK, &account);
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
        fails(&CHECK, &with_trail(|trail| trail.status = denied()));
        unknown(&CHECK, &with_trail(|trail| trail.event_selectors = denied()));
    }
}

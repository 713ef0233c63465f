use super::each_trail;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-log-validation",
    severity: Severity::Low,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        each_trail(cx, |_, _, trail| {
            Ok(Verdict::fail_if(!trail.log_file_validation).with("bucket", &trail.bucket))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_trail(|trail| trail.log_file_validation = false));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_trail(|_| ()));
    }
}

use super::each_trail;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-kms",
    severity: Severity::Low,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        each_trail(cx, |_, _, trail| Ok(Verdict::fail_if(trail.kms_key.is_none())));
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_trail(|_| ()));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_trail(|t| t.kms_key = Some("arn:key".into())));
    }
}

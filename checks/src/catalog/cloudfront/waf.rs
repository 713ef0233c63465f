use super::each_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-waf",
    severity: Severity::Medium,
    sources: &[Source::CloudFrontDistributions],
    run: |cx| {
        each_enabled(cx, |_, distribution| Ok(Verdict::fail_if(distribution.web_acl.is_none())));
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_distribution, CHECK};
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_distribution(|_| ()));
    }

    #[test]
    fn passes_with_one() {
        passes(
            &CHECK,
            &with_distribution(|d| {
                d.web_acl = Some("arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/1".into())
            }),
        );
    }

    #[test]
    fn says_nothing_of_disabled_ones() {
        silent(&CHECK, &with_distribution(|distribution| distribution.enabled = false));
    }
}

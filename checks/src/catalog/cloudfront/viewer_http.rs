use super::each_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-viewer-http",
    severity: Severity::Medium,
    sources: &[Source::CloudFrontDistributions],
    run: |cx| {
        each_enabled(cx, |_, distribution| {
            let open = distribution.behaviors.iter().filter(|b| b.viewer_protocol_policy == "allow-all");
            let paths: Vec<_> = open.map(|behavior| behavior.path_pattern.as_str()).collect();
            Ok(Verdict::fail_if(!paths.is_empty()).with("path_patterns", paths))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_distribution, CHECK};
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_when_allowed() {
        fails(&CHECK, &with_distribution(|d| d.behaviors[0].viewer_protocol_policy = "allow-all".into()));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_distribution(|_| ()));
        passes(&CHECK, &with_distribution(|d| d.behaviors[0].viewer_protocol_policy = "https-only".into()));
    }

    #[test]
    fn says_nothing_of_disabled_ones() {
        silent(&CHECK, &with_distribution(|distribution| distribution.enabled = false));
    }
}

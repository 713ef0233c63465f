use super::each_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-viewer-tls",
    severity: Severity::Low,
    sources: &[Source::CloudFrontDistributions],
    run: |cx| {
        each_enabled(cx, |_, distribution| {
            // CloudFront's own certificate comes with TLS 1.0.
            let minimum = distribution.minimum_protocol_version.as_deref().unwrap_or("TLSv1");
            let modern = minimum.starts_with("TLSv1.2") || minimum.starts_with("TLSv1.3");
            Ok(Verdict::fail_if(!modern).with("minimum_protocol_version", minimum))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_distribution, CHECK};
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_when_allowed() {
        fails(&CHECK, &with_distribution(|d| d.minimum_protocol_version = None));
        fails(&CHECK, &with_distribution(|d| d.minimum_protocol_version = Some("TLSv1.1_2016".into())));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_distribution(|_| ()));
        passes(&CHECK, &with_distribution(|d| d.minimum_protocol_version = Some("TLSv1.3_2025".into())));
    }

    #[test]
    fn says_nothing_of_disabled_ones() {
        silent(&CHECK, &with_distribution(|distribution| distribution.enabled = false));
    }
}

use super::{each_enabled, ids};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::cloudfront::Origin,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-origin-tls",
    severity: Severity::Low,
    sources: &[Source::CloudFrontDistributions],
    run: |cx| {
        each_enabled(cx, |_, distribution| {
            let old = |origin: &&Origin| {
                origin.custom.as_ref().is_some_and(|custom| {
                    custom.protocol_policy != "http-only"
                        && custom.ssl_protocols.iter().any(|protocol| OLD.contains(&protocol.as_str()))
                })
            };
            let origins = ids(distribution.origins.iter().filter(old));
            Ok(Verdict::fail_if(!origins.is_empty()).with("origins", origins))
        });
    },
};

/// Protocols that nobody should speak any more (RFC 7568, RFC 8996).
const OLD: [&str; 3] = ["SSLv3", "TLSv1", "TLSv1.1"];

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_custom_origin, with_distribution},
        CHECK,
    };
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_old_ones_are_allowed() {
        fails(&CHECK, &with_custom_origin("www.example.com", "https-only", &["TLSv1", "TLSv1.2"]));
        fails(&CHECK, &with_custom_origin("www.example.com", "match-viewer", &["SSLv3"]));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_custom_origin("www.example.com", "https-only", &["TLSv1.2"]));
        passes(&CHECK, &with_custom_origin("www.example.com", "http-only", &["TLSv1"]));
        passes(&CHECK, &with_distribution(|_| ()));
    }
}

use super::{each_enabled, ids};
use crate::{
    analysis::cloudfront::s3_endpoint,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::cloudfront::Origin,
    source::Source,
};

/// CloudFront.13.
pub(super) const CHECK: Check = Check {
    id: "cloudfront-s3-origin-no-oac",
    severity: Severity::High,
    sources: &[Source::CloudFrontDistributions],
    run: |cx| {
        each_enabled(cx, |_, distribution| {
            let is_rest = |origin: &&Origin| {
                s3_endpoint(&origin.domain_name).is_some_and(|endpoint| !endpoint.is_website)
            };
            let origins: Vec<_> = distribution.origins.iter().filter(is_rest).collect();
            if origins.is_empty() {
                return Err(NotJudged::NotApplicable);
            }
            let without: Vec<_> =
                origins.iter().filter(|origin| origin.origin_access_control.is_none()).collect();
            let bare: Vec<_> =
                without.iter().filter(|origin| origin.origin_access_identity.is_none()).collect();
            let only_legacy = bare.is_empty() && !without.is_empty();
            let verdict = Verdict::fail_if(!without.is_empty())
                .with("origins", ids(without.iter().map(|origin| **origin)))
                .with("origin_access_identity", only_legacy);
            Ok(if only_legacy { verdict.at(Severity::Low).told_as("identity") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_custom_origin, with_distribution},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{denied, empty, fails, passes, silent, unknown},
    };

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_distribution(|_| ()));
    }

    #[test]
    fn says_nothing_of_disabled_ones() {
        silent(&CHECK, &with_distribution(|distribution| distribution.enabled = false));
    }

    #[test]
    fn says_nothing_of_other_origins() {
        silent(&CHECK, &with_custom_origin("www.example.com", "https-only", &[]));
        silent(&CHECK, &with_custom_origin("a.s3-website-eu-west-1.amazonaws.com", "http-only", &[]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.cloudfront.distributions = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn fails_without_one() {
        let bare = fails(&CHECK, &with_distribution(|d| d.origins[0].origin_access_control = None));
        assert_eq!(bare.severity, Severity::High);
        let legacy = fails(
            &CHECK,
            &with_distribution(|d| {
                d.origins[0].origin_access_control = None;
                d.origins[0].origin_access_identity = Some("origin-access-identity/cloudfront/E3".into());
            }),
        );
        assert_eq!(legacy.severity, Severity::Low);
        fails(
            &CHECK,
            &with_distribution(|d| {
                d.origins[0].domain_name = "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com".into();
                d.origins[0].origin_access_control = None;
            }),
        );
    }
}

use super::{each_enabled, ids};
use crate::{
    analysis::cloudfront::s3_endpoint,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::cloudfront::Origin,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-s3-website-origin",
    severity: Severity::Medium,
    sources: &[Source::CloudFrontDistributions],
    run: |cx| {
        each_enabled(cx, |_, distribution| {
            let is_website = |origin: &&Origin| {
                s3_endpoint(&origin.domain_name).is_some_and(|endpoint| endpoint.is_website)
            };
            let websites: Vec<_> = distribution.origins.iter().filter(is_website).collect();
            Ok(Verdict::fail_if(!websites.is_empty()).with("origins", ids(websites)))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_custom_origin, with_distribution},
        CHECK,
    };
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_with_one() {
        fails(&CHECK, &with_custom_origin("assets.s3-website-eu-west-1.amazonaws.com", "http-only", &[]));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_distribution(|_| ()));
        passes(&CHECK, &with_custom_origin("www.example.com", "http-only", &[]));
    }

    #[test]
    fn says_nothing_of_disabled_ones() {
        silent(&CHECK, &with_distribution(|distribution| distribution.enabled = false));
    }
}

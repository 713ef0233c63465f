use super::{each_enabled, ids};
use crate::{
    analysis::cloudfront::{allows_http, s3_endpoint},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-origin-http",
    severity: Severity::Medium,
    sources: &[Source::CloudFrontDistributions],
    run: |cx| {
        each_enabled(cx, |_, distribution| {
            let unencrypted = distribution.origins.iter().filter(|origin| {
                // A website endpoint speaks HTTP only, and has a check of its own.
                let website = s3_endpoint(&origin.domain_name).is_some_and(|endpoint| endpoint.is_website);
                origin.custom.as_ref().is_some_and(|custom| match custom.protocol_policy.as_str() {
                    "http-only" => !website,
                    "match-viewer" => allows_http(distribution, origin),
                    _ => false,
                })
            });
            let origins = ids(unencrypted);
            Ok(Verdict::fail_if(!origins.is_empty()).with("origins", origins))
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
        gap::Collected,
        snapshot::cloudfront::Origin,
        testing::{fails, passes, silent},
    };

    #[test]
    fn fails_over_http() {
        fails(&CHECK, &with_custom_origin("www.example.com", "http-only", &[]));
    }

    #[test]
    fn passes_over_https() {
        passes(&CHECK, &with_custom_origin("www.example.com", "https-only", &[]));
        passes(&CHECK, &with_custom_origin("www.example.com", "match-viewer", &[]));
        passes(&CHECK, &with_custom_origin("a.s3-website-eu-west-1.amazonaws.com", "http-only", &[]));
        passes(&CHECK, &with_distribution(|_| ()));
    }

    #[test]
    fn says_nothing_of_disabled_ones() {
        silent(&CHECK, &with_distribution(|distribution| distribution.enabled = false));
    }

    #[test]
    fn fails_when_http_of_viewers_is_passed_on() {
        let mut account = with_custom_origin("www.example.com", "match-viewer", &[]);
        let Collected::Value(distributions) = &mut account.cloudfront.distributions else { unreachable!() };
        distributions[0].behaviors[0].viewer_protocol_policy = "allow-all".into();
        // An origin group asks any of its origins.
        distributions[0].behaviors[0].target_origin = "group".into();
        fails(&CHECK, &account);
        let Collected::Value(distributions) = &mut account.cloudfront.distributions else { unreachable!() };
        distributions[0].behaviors[0].target_origin = "assets".into();
        let assets = Origin { id: "assets".into(), ..Origin::default() };
        distributions[0].origins.push(assets);
        passes(&CHECK, &account);
    }
}

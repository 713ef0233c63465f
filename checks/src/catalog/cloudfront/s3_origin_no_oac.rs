use super::{each_enabled, ids};
use crate::{
    analysis::cloudfront::s3_endpoint,
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, Gap, NotJudged},
    snapshot::{
        Snapshot,
        cloudfront::{Origin, op},
    },
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-s3-origin-no-oac",
    severity: Severity::High,
    sources: &[Source::CloudFrontDistributions, Source::CloudFrontOriginAccessControls],
    run: |cx| {
        each_enabled(cx, |cx, distribution| {
            let is_rest = |origin: &&Origin| {
                s3_endpoint(&origin.domain_name).is_some_and(|endpoint| !endpoint.is_website)
            };
            let origins: Vec<_> = distribution.origins.iter().filter(is_rest).collect();
            if origins.is_empty() {
                return Err(NotJudged::NotApplicable);
            }
            let without = gap::collect(origins.into_iter().map(|origin| {
                let signs = signs(cx.snapshot, origin)?;
                Ok((!signs).then_some(origin))
            }))?;
            let never = without.iter().any(|origin| origin.origin_access_control.is_some());
            let bare = without.iter().any(|origin| origin.origin_access_identity.is_none());
            let only_legacy = !bare && !without.is_empty();
            let verdict = Verdict::fail_if(!without.is_empty())
                .with("origins", ids(without.iter().copied()))
                .with("origin_access_identity", only_legacy);
            Ok(match (only_legacy, never) {
                (true, _) => verdict.at(Severity::Low).told_as("identity"),
                (false, true) => verdict.told_as("never"),
                (false, false) => verdict,
            })
        });
    },
};

/// Whether CloudFront signs its requests to the origin. An origin access control with the signing behavior
/// `never` turns it off for all origins that use it (CloudFront API Reference, `OriginAccessControlConfig`).
fn signs(snapshot: &Snapshot, origin: &Origin) -> Result<bool, NotJudged> {
    let Some(id) = &origin.origin_access_control else { return Ok(false) };
    let behavior = snapshot.cloudfront.origin_access_controls.get()?.get(id).ok_or_else(|| {
        let operation = op::ListOriginAccessControls;
        Gap::unreadable(operation, None, Some(id), "the origin access control was not told")
    })?;
    Ok(matches!(behavior.as_str(), "always" | "no-override"))
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_custom_origin, with_distribution},
        CHECK,
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        snapshot::cloudfront::Origin,
        testing::{denied, fails, passes, read, silent, unknown},
    };

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_distribution(|_| ()));
    }

    #[test]
    fn one_that_never_signs_is_none() {
        let with = |behavior: &str| {
            let mut account = with_distribution(|_| ());
            account.cloudfront.origin_access_controls = read([("E2".into(), behavior.into())].into());
            account
        };
        assert_eq!(fails(&CHECK, &with("never")).variant, Some("never"));
        passes(&CHECK, &with("no-override"));
        fails(&CHECK, &with("something new"));
        // The legacy identity is used where the control is off.
        let mut account = with("never");
        let Collected::Value(distributions) = &mut account.cloudfront.distributions else { unreachable!() };
        distributions[0].origins[0].origin_access_identity = Some("origin-access-identity/E3".into());
        assert_eq!(fails(&CHECK, &account).variant, Some("identity"));
    }

    #[test]
    fn an_origin_without_control_decides_where_that_of_another_is_not_told() {
        let mut account = with_distribution(|_| ());
        account.cloudfront.origin_access_controls = read([].into());
        unknown(&CHECK, &account);
        let Collected::Value(distributions) = &mut account.cloudfront.distributions else { unreachable!() };
        let bare = Origin { origin_access_control: None, ..distributions[0].origins[0].clone() };
        distributions[0].origins.push(bare);
        fails(&CHECK, &account);
        account.cloudfront.origin_access_controls = denied();
        fails(&CHECK, &account);
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

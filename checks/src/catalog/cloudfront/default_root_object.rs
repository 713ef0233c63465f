use super::each_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::cloudfront::Origin,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudfront-default-root-object",
    severity: Severity::Low,
    sources: &[Source::CloudFrontDistributions, Source::CloudFrontDistributionConfigs],
    run: |cx| {
        each_enabled(cx, |cx, distribution| {
            let is_bucket = |origin: &Origin| origin.custom.is_none() && !origin.is_vpc_origin;
            if !distribution.origins.iter().any(is_bucket) {
                return Err(NotJudged::NotApplicable);
            }
            let config = cx.snapshot.cloudfront.configs.of(&distribution.id)?;
            Ok(Verdict::fail_if(config.default_root_object.is_none()))
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
        snapshot::{Snapshot, cloudfront::DistributionConfig},
        testing::{fails, passes, read, silent},
    };

    fn with_config(config: DistributionConfig) -> Snapshot {
        let mut account = with_distribution(|_| ());
        account.cloudfront.configs = read([("E1".to_owned(), read(config))].into());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_config(DistributionConfig::default()));
    }

    #[test]
    fn passes_with_one() {
        passes(
            &CHECK,
            &with_config(DistributionConfig {
                default_root_object: Some("index.html".into()),
                ..DistributionConfig::default()
            }),
        );
    }

    #[test]
    fn says_nothing_of_custom_origins() {
        silent(&CHECK, &with_custom_origin("www.example.com", "https-only", &[]));
    }
}

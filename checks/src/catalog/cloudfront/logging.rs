use super::each_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    source::Source,
};

/// CloudFront.5.
pub(super) const CHECK: Check = Check {
    id: "cloudfront-logging",
    severity: Severity::Low,
    sources: &[
        Source::CloudFrontDistributions,
        Source::CloudFrontDistributionConfigs,
        Source::LogsDeliveries,
    ],
    run: |cx| {
        each_enabled(cx, |cx, distribution| {
            if distribution.behaviors.iter().any(|behavior| behavior.realtime_logs) {
                return Ok(Verdict::pass());
            }
            if cx.snapshot.cloudfront.configs.of(&distribution.id)?.standard_logging {
                return Ok(Verdict::pass());
            }
            // The present standard logs are deliveries of CloudWatch Logs, which for CloudFront live in us-east-1.
            let home = cx.snapshot.regions.get("us-east-1").ok_or_else(|| {
                let why = "us-east-1, where CloudFront's log deliveries are, was not scanned";
                Gap::unreadable("logs:DescribeDeliveries", Some("us-east-1"), Some(&distribution.id), why)
            })?;
            let delivered = home.logs.deliveries.get()?.contains(&distribution.arn);
            Ok(Verdict::fail_if(!delivered))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_distribution, CHECK};
    use crate::{
        snapshot::{Snapshot, cloudfront::DistributionConfig},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_config(config: DistributionConfig) -> Snapshot {
        let mut account = with_distribution(|_| ());
        account.cloudfront.configs = read([("E1".to_owned(), read(config))].into());
        account
    }

    fn with_deliveries(arns: &[&str]) -> Snapshot {
        let mut account = with_config(DistributionConfig::default());
        let mut home = region(&mut account).clone();
        home.logs.deliveries = read(arns.iter().map(|arn| (*arn).to_owned()).collect());
        account.regions.insert("us-east-1".into(), home);
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_deliveries(&[]));
    }

    #[test]
    fn passes_with_any_kind() {
        passes(&CHECK, &with_deliveries(&["arn:aws:cloudfront::111122223333:distribution/E1"]));
        passes(
            &CHECK,
            &with_config(DistributionConfig { standard_logging: true, ..DistributionConfig::default() }),
        );
        passes(&CHECK, &with_distribution(|d| d.behaviors[0].realtime_logs = true));
    }

    #[test]
    fn unknown_when_the_home_of_deliveries_was_not_scanned() {
        unknown(&CHECK, &with_config(DistributionConfig::default()));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.cloudfront.distributions = denied();
        unknown(&CHECK, &account);
    }
}

use super::each_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

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
            // The present standard logs are deliveries of CloudWatch Logs.
            let mut vended = cx.snapshot.cloudfront.vended_logs.get()?.iter();
            let delivered =
                vended.any(|log| log.resource == distribution.arn && log.log_type == "ACCESS_LOGS");
            Ok(Verdict::fail_if(!delivered))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_distribution, CHECK};
    use crate::{
        snapshot::{Snapshot, cloudfront::DistributionConfig, logs::VendedLog},
        testing::{fails, passes, read},
    };

    fn with_config(config: DistributionConfig) -> Snapshot {
        let mut account = with_distribution(|_| ());
        account.cloudfront.configs = read([("E1".to_owned(), read(config))].into());
        account
    }

    fn with_vended(id: &str, log_type: &str) -> Snapshot {
        let mut account = with_config(DistributionConfig::default());
        account.cloudfront.vended_logs = read(vec![VendedLog {
            resource: format!("arn:aws:cloudfront::111122223333:distribution/{id}"),
            log_type: log_type.into(),
        }]);
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_config(DistributionConfig::default()));
        fails(&CHECK, &with_vended("E2", "ACCESS_LOGS"));
        fails(&CHECK, &with_vended("E1", "CONNECTION_LOGS"));
    }

    #[test]
    fn passes_with_any_kind() {
        passes(&CHECK, &with_vended("E1", "ACCESS_LOGS"));
        passes(
            &CHECK,
            &with_config(DistributionConfig { standard_logging: true, ..DistributionConfig::default() }),
        );
        passes(&CHECK, &with_distribution(|d| d.behaviors[0].realtime_logs = true));
    }
}

use super::each_trail;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-logging",
    severity: Severity::High,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        each_trail(cx, |_, _, trail| {
            let status = trail.status.get()?;
            if !status.is_logging {
                return Ok(Verdict::fail());
            }
            Ok(Verdict::fail_if(status.latest_delivery_error.is_some())
                .told_as("delivery_failed")
                .with("error", &status.latest_delivery_error)
                .with("bucket", &trail.bucket))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        snapshot::cloudtrail::TrailStatus,
        testing::{fails, passes, read},
    };

    #[test]
    fn fails_when_stopped() {
        assert_eq!(
            fails(&CHECK, &with_trail(|trail| trail.status = read(TrailStatus::default()))).variant,
            None
        );
    }

    #[test]
    fn fails_when_the_bucket_refuses_the_logs() {
        let status = TrailStatus {
            is_logging: true,
            latest_delivery_error: Some("NoSuchBucket".into()),
            ..TrailStatus::default()
        };
        let finding = fails(&CHECK, &with_trail(|trail| trail.status = read(status)));
        assert_eq!(finding.evidence["error"], "NoSuchBucket");
    }

    #[test]
    fn passes_when_logging() {
        passes(&CHECK, &with_trail(|_| ()));
    }
}

use super::each_trail;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-cloudwatch-logs",
    severity: Severity::Low,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        each_trail(cx, |cx, _, trail| {
            let Some(group) = &trail.log_group_arn else { return Ok(Verdict::fail().told_as("none")) };
            let latest = trail.status.get()?.latest_cloudwatch_logs_delivery;
            let fresh = latest.is_some_and(|latest| cx.days_since(latest) < 1);
            let verdict = Verdict::fail_if(!fresh).with("log_group", group).with("latest_delivery", latest);
            Ok(if latest.is_none() { verdict.told_as("never") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        snapshot::{Snapshot, cloudtrail::TrailStatus},
        testing::{ago, fails, passes, read},
    };

    fn with_delivery(days: Option<i64>) -> Snapshot {
        with_trail(|trail| {
            trail.log_group_arn = Some("arn:aws:logs:eu-west-1:111122223333:log-group:trail:*".into());
            trail.status = read(TrailStatus {
                is_logging: true,
                latest_cloudwatch_logs_delivery: days.map(ago),
                ..TrailStatus::default()
            });
        })
    }

    #[test]
    fn fails_without_or_when_old() {
        fails(&CHECK, &with_trail(|_| ()));
        fails(&CHECK, &with_delivery(Some(1)));
        fails(&CHECK, &with_delivery(None));
    }

    #[test]
    fn passes_when_fresh() {
        passes(&CHECK, &with_delivery(Some(0)));
    }
}

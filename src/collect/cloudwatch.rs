//! CloudWatch alarms.

use aws_audit_checks::{
    snapshot::{
        cloudwatch::{Alarm, CloudWatch},
        logs::Metric,
    },
    source::Source,
};
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm};

use super::{Ask, Lacks, text};

pub(super) async fn collect(ask: &Ask) -> CloudWatch {
    let client = &ask.aws.cloudwatch();
    let alarms = ask.list(Source::CloudWatchAlarms, async {
        let operation = "cloudwatch:DescribeAlarms";
        let pages = ask
            .pages(
                operation,
                None,
                |token| {
                    let describe = client.describe_alarms().max_records(100);
                    let kinds = vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm];
                    describe.set_alarm_types(Some(kinds)).set_next_token(token).send()
                },
                |page| page.next_token(),
            )
            .await?;
        let alarms = pages.iter().flat_map(|page| page.metric_alarms());
        let composites = pages.iter().flat_map(|page| page.composite_alarms());
        let composites = ask.items(operation, composites, composite_alarm);
        Ok(ask.items(operation, alarms, metric_alarm).and(composites).sorted(|alarm| alarm.name.clone()))
    });
    CloudWatch { alarms: alarms.await }
}

fn metric_alarm(alarm: &MetricAlarm) -> Result<Alarm, Lacks> {
    let metric = |namespace: Option<&str>, name: Option<&str>| {
        Some(Metric { namespace: namespace?.to_owned(), name: name?.to_owned() })
    };
    let inner = alarm.metrics().iter().filter_map(|query| query.metric_stat()?.metric());
    let inner = inner.filter_map(|of| metric(of.namespace(), of.metric_name()));
    let name = text(alarm.alarm_name(), "AlarmName")?;
    Ok(Alarm {
        arn: text(alarm.alarm_arn(), "AlarmArn").map_err(Lacks::of(&name))?,
        name,
        metrics: metric(alarm.namespace(), alarm.metric_name()).into_iter().chain(inner).collect(),
        rule: None,
        actions_suppressor: None,
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions: alarm.alarm_actions().to_vec(),
        other_actions: [alarm.ok_actions(), alarm.insufficient_data_actions()].concat(),
    })
}

fn composite_alarm(alarm: &CompositeAlarm) -> Result<Alarm, Lacks> {
    let name = text(alarm.alarm_name(), "AlarmName")?;
    Ok(Alarm {
        arn: text(alarm.alarm_arn(), "AlarmArn").map_err(Lacks::of(&name))?,
        name,
        metrics: Vec::new(),
        rule: alarm.alarm_rule().map(str::to_owned),
        actions_suppressor: alarm.actions_suppressor().map(str::to_owned),
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions: alarm.alarm_actions().to_vec(),
        other_actions: [alarm.ok_actions(), alarm.insufficient_data_actions()].concat(),
    })
}

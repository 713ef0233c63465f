//! CloudWatch alarms.

use std::collections::BTreeMap;

use aws_audit_checks::{
    snapshot::cloudwatch::{Alarm, CloudWatch, Condition, Query, QueryKind, Statistic, op},
    source::Source,
};
use aws_sdk_cloudwatch::types::{
    AlarmType, CompositeAlarm, Dimension, MetricAlarm, MetricDataQuery, StandardUnit,
};

use crate::collect::{
    ask::Ask,
    items::{Lacks, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> CloudWatch {
    let client = &ask.aws.cloudwatch();
    let alarms = ask.list(Source::CloudWatchAlarms, async {
        let operation = op::DescribeAlarms;
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
    let single = alarm.metric_name().map(|name| Query {
        id: String::new(),
        returns_data: true,
        account: None,
        of: QueryKind::Statistic(Statistic {
            namespace: alarm.namespace().unwrap_or_default().to_owned(),
            name: name.to_owned(),
            dimensions: dimensions(alarm.dimensions()),
            statistic: alarm
                .statistic()
                .map(|statistic| statistic.as_str())
                .or(alarm.extended_statistic())
                .unwrap_or_default()
                .to_owned(),
            period: alarm.period().unwrap_or_default(),
            unit: unit(alarm.unit()),
        }),
    });
    let condition = Condition {
        queries: single.into_iter().chain(alarm.metrics().iter().map(query)).collect(),
        comparison: alarm.comparison_operator().map(|of| of.as_str()).unwrap_or_default().to_owned(),
        // A band of anomaly detection stands in its place.
        threshold: alarm.threshold().filter(|_| alarm.threshold_metric_id().is_none()),
        evaluation_periods: alarm.evaluation_periods().unwrap_or(1),
        datapoints_to_alarm: alarm.datapoints_to_alarm(),
        missing_data: alarm.treat_missing_data().unwrap_or("missing").to_owned(),
        ignores_low_samples: alarm.evaluate_low_sample_count_percentile() == Some("ignore"),
    };
    let name = text(alarm.alarm_name(), "AlarmName")?;
    Ok(Alarm {
        arn: text(alarm.alarm_arn(), "AlarmArn").map_err(Lacks::of(&name))?,
        name,
        state: alarm.state_value().map(|state| state.as_str()).unwrap_or_default().to_owned(),
        condition: Some(condition),
        rule: None,
        actions_suppressor: None,
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions: alarm.alarm_actions().to_vec(),
        other_actions: [alarm.ok_actions(), alarm.insufficient_data_actions()].concat(),
    })
}

fn query(query: &MetricDataQuery) -> Query {
    let of = query.metric_stat().map(|of| {
        let metric = of.metric();
        QueryKind::Statistic(Statistic {
            namespace: metric.and_then(|metric| metric.namespace()).unwrap_or_default().to_owned(),
            name: metric.and_then(|metric| metric.metric_name()).unwrap_or_default().to_owned(),
            dimensions: metric.map(|metric| dimensions(metric.dimensions())).unwrap_or_default(),
            statistic: of.stat().unwrap_or_default().to_owned(),
            period: of.period().unwrap_or_default(),
            unit: unit(of.unit()),
        })
    });
    Query {
        id: query.id().unwrap_or_default().to_owned(),
        returns_data: query.return_data().unwrap_or(true),
        account: query.account_id().map(str::to_owned),
        of: of.unwrap_or_else(|| QueryKind::Expression(query.expression().unwrap_or_default().to_owned())),
    }
}

fn dimensions(of: &[Dimension]) -> BTreeMap<String, String> {
    let pairs = of.iter().filter_map(|dimension| Some((dimension.name()?, dimension.value()?)));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn unit(of: Option<&StandardUnit>) -> Option<String> {
    of.map(|unit| unit.as_str().to_owned())
}

fn composite_alarm(alarm: &CompositeAlarm) -> Result<Alarm, Lacks> {
    let name = text(alarm.alarm_name(), "AlarmName")?;
    Ok(Alarm {
        arn: text(alarm.alarm_arn(), "AlarmArn").map_err(Lacks::of(&name))?,
        name,
        state: alarm.state_value().map(|state| state.as_str()).unwrap_or_default().to_owned(),
        condition: None,
        rule: alarm.alarm_rule().map(str::to_owned),
        actions_suppressor: alarm.actions_suppressor().map(str::to_owned),
        actions_enabled: alarm.actions_enabled().unwrap_or(true),
        alarm_actions: alarm.alarm_actions().to_vec(),
        other_actions: [alarm.ok_actions(), alarm.insufficient_data_actions()].concat(),
    })
}

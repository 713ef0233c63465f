//! CloudWatch Logs.

use std::collections::BTreeMap;

use aws_audit_checks::{
    snapshot::logs::{FilterMetric, LogGroup, Logs, MetricFilter, VendedLog},
    source::Source,
};
use aws_sdk_cloudwatchlogs::Client;

use super::{Ask, CallError, sorted};

pub(super) async fn collect(ask: &Ask) -> Logs {
    let client = &ask.aws.cloudwatch_logs();
    let (log_groups, metric_filters, vended_logs) = tokio::join!(
        ask.source(Source::LogsLogGroups, log_groups(ask, client)),
        ask.source(Source::LogsMetricFilters, metric_filters(ask, client)),
        ask.source(Source::LogsDeliveries, vended_logs(ask)),
    );
    Logs { log_groups, metric_filters, vended_logs }
}

async fn log_groups(ask: &Ask, client: &Client) -> Result<Vec<LogGroup>, CallError> {
    let pages = ask
        .pages(
            "logs:DescribeLogGroups",
            None,
            |token| client.describe_log_groups().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let groups = pages.iter().flat_map(|page| page.log_groups()).filter_map(|group| {
        let arn = group.log_group_arn().or(group.arn())?;
        Some(LogGroup {
            name: group.log_group_name()?.to_owned(),
            arn: arn.trim_end_matches(":*").to_owned(),
            retention_days: group.retention_in_days(),
            kms_key: group.kms_key_id().map(str::to_owned),
            class: group.log_group_class().map_or("STANDARD", |class| class.as_str()).to_owned(),
        })
    });
    Ok(sorted(groups, |group| group.name.clone()))
}

async fn metric_filters(ask: &Ask, client: &Client) -> Result<Vec<MetricFilter>, CallError> {
    let pages = ask
        .pages(
            "logs:DescribeMetricFilters",
            None,
            |token| client.describe_metric_filters().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let filters = pages.iter().flat_map(|page| page.metric_filters()).filter_map(|filter| {
        let metrics = filter.metric_transformations().iter().map(|metric| FilterMetric {
            namespace: metric.metric_namespace().to_owned(),
            name: metric.metric_name().to_owned(),
            value: metric.metric_value().to_owned(),
            default_value: metric.default_value(),
            dimensions: metric
                .dimensions()
                .into_iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            unit: metric.unit().map_or("None", |unit| unit.as_str()).to_owned(),
        });
        Some(MetricFilter {
            name: filter.filter_name()?.to_owned(),
            log_group: filter.log_group_name()?.to_owned(),
            pattern: filter.filter_pattern().unwrap_or_default().to_owned(),
            on_transformed: filter.apply_on_transformed_logs(),
            selection: filter.field_selection_criteria().filter(|c| !c.is_empty()).map(str::to_owned),
            system_dimensions: filter.emit_system_field_dimensions().to_vec(),
            metrics: metrics.collect(),
        })
    });
    Ok(sorted(filters, |filter| (filter.log_group.clone(), filter.name.clone())))
}

/// A delivery joins a source, which names the resource, with a destination.
pub(super) async fn vended_logs(ask: &Ask) -> Result<Vec<VendedLog>, CallError> {
    let client = &ask.aws.cloudwatch_logs();
    let (deliveries, sources) = tokio::try_join!(
        ask.pages(
            "logs:DescribeDeliveries",
            None,
            |token| client.describe_deliveries().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        ),
        ask.pages(
            "logs:DescribeDeliverySources",
            None,
            |token| client.describe_delivery_sources().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        ),
    )?;
    let sources = sources.iter().flat_map(|page| page.delivery_sources());
    let sources: BTreeMap<_, _> = sources.filter_map(|source| Some((source.name()?, source))).collect();
    let delivered = deliveries.iter().flat_map(|page| page.deliveries());
    let delivered = delivered.filter_map(|delivery| sources.get(delivery.delivery_source_name()?));
    let logs = delivered.flat_map(|source| {
        let log_type = source.log_type().unwrap_or_default();
        let of = |arn: &String| VendedLog { resource: arn.clone(), log_type: log_type.to_owned() };
        source.resource_arns().iter().map(of).collect::<Vec<_>>()
    });
    let mut logs = sorted(logs, |log| (log.resource.clone(), log.log_type.clone()));
    logs.dedup();
    Ok(logs)
}

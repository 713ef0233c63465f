//! CloudWatch Logs.

use std::collections::BTreeMap;

use aws_audit_checks::{
    snapshot::logs::{FilterMetric, LogGroup, Logs, MetricFilter, VendedLog, op},
    source::Source,
};
use aws_sdk_cloudwatchlogs::Client;

use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Logs {
    let client = &ask.aws.cloudwatch_logs();
    let (log_groups, metric_filters, vended_logs) = tokio::join!(
        ask.list(Source::LogsLogGroups, log_groups(ask, client)),
        ask.list(Source::LogsMetricFilters, metric_filters(ask, client)),
        ask.source(Source::LogsDeliveries, vended_logs(ask)),
    );
    Logs { log_groups, metric_filters, vended_logs }
}

async fn log_groups(ask: &Ask, client: &Client) -> Result<Read<Vec<LogGroup>>, CallError> {
    let operation = op::DescribeLogGroups;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_log_groups().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let groups = ask.items(operation, pages.iter().flat_map(|page| page.log_groups()), |group| {
        let name = text(group.log_group_name(), "logGroupName")?;
        let arn = text(group.log_group_arn().or(group.arn()), "arn").map_err(Lacks::of(&name))?;
        Ok(LogGroup {
            name,
            arn: arn.trim_end_matches(":*").to_owned(),
            retention_days: group.retention_in_days(),
            kms_key: group.kms_key_id().map(str::to_owned),
            class: group.log_group_class().map_or("STANDARD", |class| class.as_str()).to_owned(),
        })
    });
    Ok(groups.sorted(|group| group.name.clone()))
}

async fn metric_filters(ask: &Ask, client: &Client) -> Result<Read<Vec<MetricFilter>>, CallError> {
    let operation = op::DescribeMetricFilters;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_metric_filters().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let filters = ask.items(operation, pages.iter().flat_map(|page| page.metric_filters()), |filter| {
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
        let name = text(filter.filter_name(), "filterName")?;
        Ok(MetricFilter {
            log_group: text(filter.log_group_name(), "logGroupName").map_err(Lacks::of(&name))?,
            name,
            pattern: filter.filter_pattern().unwrap_or_default().to_owned(),
            on_transformed: filter.apply_on_transformed_logs(),
            selection: filter.field_selection_criteria().filter(|c| !c.is_empty()).map(str::to_owned),
            system_dimensions: filter.emit_system_field_dimensions().to_vec(),
            metrics: metrics.collect(),
        })
    });
    Ok(filters.sorted(|filter| (filter.log_group.clone(), filter.name.clone())))
}

/// A delivery joins a source, which names the resource, with a destination.
pub(in crate::collect) async fn vended_logs(ask: &Ask) -> Result<Vec<VendedLog>, CallError> {
    let client = &ask.aws.cloudwatch_logs();
    let sources = ask
        .pages(
            op::DescribeDeliverySources,
            None,
            |token| client.describe_delivery_sources().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    if sources.iter().all(|page| page.delivery_sources().is_empty()) {
        return Ok(Vec::new());
    }
    let deliveries = ask
        .pages(
            op::DescribeDeliveries,
            None,
            |token| client.describe_deliveries().limit(50).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let sources = sources.iter().flat_map(|page| page.delivery_sources());
    let sources = ask.all_items(op::DescribeDeliverySources, None, sources, |source| {
        Ok((text(source.name(), "name")?, source))
    });
    let sources: BTreeMap<_, _> = sources?.into_iter().collect();
    let delivered = deliveries.iter().flat_map(|page| page.deliveries());
    let delivered = ask.all_items(op::DescribeDeliveries, None, delivered, |delivery| {
        text(delivery.delivery_source_name(), "deliverySourceName")
    });
    let delivered = delivered?;
    let logs = delivered.iter().filter_map(|name| sources.get(name)).flat_map(|source| {
        let log_type = source.log_type().unwrap_or_default();
        let of = |arn: &String| VendedLog { resource: arn.clone(), log_type: log_type.to_owned() };
        source.resource_arns().iter().map(of).collect::<Vec<_>>()
    });
    let mut logs = sorted(logs, |log| (log.resource.clone(), log.log_type.clone()));
    logs.dedup();
    Ok(logs)
}

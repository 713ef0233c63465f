//! CloudWatch Logs.

use std::collections::BTreeMap;

use aws_audit_checks::{
    snapshot::logs::{FilterMetric, LogGroup, Logs, MetricFilter, VendedLog, op},
    source::Source,
};

use crate::collect::{
    api::{LOGS, Node, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read, text},
};

const NEXT: Token = Token::named("nextToken");

pub(in crate::collect) async fn collect(ask: &Ask) -> Logs {
    let (log_groups, metric_filters, vended_logs) = tokio::join!(
        ask.list(Source::LogsLogGroups, log_groups(ask)),
        ask.list(Source::LogsMetricFilters, metric_filters(ask)),
        ask.source(Source::LogsDeliveries, vended_logs(ask)),
    );
    Logs { log_groups, metric_filters, vended_logs }
}

async fn log_groups(ask: &Ask) -> Result<Read<Vec<LogGroup>>, CallError> {
    let operation = op::DescribeLogGroups;
    let request = Request::new().with("limit", 50);
    let listed = LOGS.list(ask, operation, None, request, ("logGroups", NEXT)).await?;
    let groups = ask.items(operation, &listed, |group| {
        let name = group.required("logGroupName")?;
        log_group(&name, group).map_err(Lacks::of(&name))
    });
    Ok(groups.sorted(|group| group.name.clone()))
}

fn log_group(name: &str, group: &Node) -> Result<LogGroup, Lacks> {
    let arn = text(group.text("logGroupArn")?.or(group.text("arn")?), "arn")?;
    Ok(LogGroup {
        name: name.to_owned(),
        arn: arn.trim_end_matches(":*").to_owned(),
        retention_days: group.integer("retentionInDays")?,
        kms_key: group.text("kmsKeyId")?.map(str::to_owned),
        class: group.text("logGroupClass")?.unwrap_or("STANDARD").to_owned(),
    })
}

async fn metric_filters(ask: &Ask) -> Result<Read<Vec<MetricFilter>>, CallError> {
    let operation = op::DescribeMetricFilters;
    let request = Request::new().with("limit", 50);
    let listed = LOGS.list(ask, operation, None, request, ("metricFilters", NEXT)).await?;
    let filters = ask.items(operation, &listed, |filter| {
        let name = filter.required("filterName")?;
        metric_filter(&name, filter).map_err(Lacks::of(&name))
    });
    Ok(filters.sorted(|filter| (filter.log_group.clone(), filter.name.clone())))
}

fn metric_filter(name: &str, filter: &Node) -> Result<MetricFilter, Lacks> {
    let metrics = filter.list("metricTransformations")?.into_iter().map(|metric| {
        let dimensions = metric.map("dimensions")?.into_iter();
        Ok(FilterMetric {
            namespace: metric.text("metricNamespace")?.unwrap_or_default().to_owned(),
            name: metric.text("metricName")?.unwrap_or_default().to_owned(),
            value: metric.text("metricValue")?.unwrap_or_default().to_owned(),
            default_value: metric.float("defaultValue")?,
            dimensions: dimensions.map(|(name, place)| (name.to_owned(), place.to_owned())).collect(),
            unit: metric.text("unit")?.unwrap_or("None").to_owned(),
        })
    });
    let selection = filter.text("fieldSelectionCriteria")?.filter(|criteria| !criteria.is_empty());
    Ok(MetricFilter {
        name: name.to_owned(),
        log_group: filter.required("logGroupName")?,
        pattern: filter.text("filterPattern")?.unwrap_or_default().to_owned(),
        on_transformed: filter.flag("applyOnTransformedLogs")?.unwrap_or_default(),
        selection: selection.map(str::to_owned),
        system_dimensions: filter.texts("emitSystemFieldDimensions")?,
        metrics: metrics.collect::<Result<_, _>>()?,
    })
}

/// A delivery joins a source, which names the resource, with a destination.
pub(in crate::collect) async fn vended_logs(ask: &Ask) -> Result<Vec<VendedLog>, CallError> {
    let (of_sources, operation) = (op::DescribeDeliverySources, op::DescribeDeliveries);
    let request = Request::new().with("limit", 50);
    let sources = LOGS.list(ask, of_sources, None, request.clone(), ("deliverySources", NEXT)).await?;
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let deliveries = LOGS.list(ask, operation, None, request, ("deliveries", NEXT)).await?;
    let sources = ask.all_items(of_sources, None, &sources, |source| {
        let name = source.required("name")?;
        let log_type = source.text("logType")?.unwrap_or_default();
        let logs = source.texts("resourceArns")?.into_iter();
        let logs = logs.map(|resource| VendedLog { resource, log_type: log_type.to_owned() });
        Ok((name, logs.collect::<Vec<_>>()))
    });
    let sources: BTreeMap<_, _> = sources?.into_iter().collect();
    let delivered =
        ask.all_items(operation, None, &deliveries, |delivery| delivery.required("deliverySourceName"))?;
    let logs = delivered.iter().filter_map(|name| sources.get(name)).flatten().cloned();
    let mut logs = sorted(logs, |log| (log.resource.clone(), log.log_type.clone()));
    logs.dedup();
    Ok(logs)
}

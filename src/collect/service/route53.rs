//! Route 53.

use aws_audit_checks::{
    snapshot::route53::{HostedZone, Route53, op},
    source::Source,
};
use aws_sdk_route53::Client;

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask, partition: &str) -> Route53 {
    let client = &ask.aws.route53();
    let (hosted_zones, query_logging) = tokio::join!(
        ask.list(Source::Route53HostedZones, hosted_zones(ask, client, partition)),
        ask.list(Source::Route53QueryLogging, query_logging(ask, client)),
    );
    Route53 { hosted_zones, query_logging }
}

async fn hosted_zones(
    ask: &Ask,
    client: &Client,
    partition: &str,
) -> Result<Read<Vec<HostedZone>>, CallError> {
    let operation = op::ListHostedZones;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.list_hosted_zones().max_items(100).set_marker(marker).send(),
            |page| page.next_marker(),
        )
        .await?;
    let zones = ask.items(operation, pages.iter().flat_map(|page| page.hosted_zones()), |zone| {
        let id = text(zone.id().trim_start_matches("/hostedzone/"), "Id")?;
        Ok(HostedZone {
            arn: format!("arn:{partition}:route53:::hostedzone/{id}"),
            name: zone.name().to_owned(),
            is_private: zone.config().is_some_and(|config| config.private_zone()),
            id,
        })
    });
    Ok(zones.sorted(|zone| zone.id.clone()))
}

async fn query_logging(ask: &Ask, client: &Client) -> Result<Read<Vec<String>>, CallError> {
    let operation = op::ListQueryLoggingConfigs;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_query_logging_configs().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let configs = pages.iter().flat_map(|page| page.query_logging_configs());
    let zones = ask.items(operation, configs, |config| text(config.hosted_zone_id(), "HostedZoneId"));
    Ok(zones.sorted(Clone::clone))
}

//! CloudFront.

use std::collections::BTreeMap;

use aws_audit_checks::{
    gap::Collected,
    snapshot::cloudfront::{
        CacheBehavior, CloudFront, CustomOrigin, Distribution, DistributionConfig, Origin, op,
    },
    source::Source,
};
use aws_sdk_cloudfront::{
    Client,
    types::{self, DistributionSummary},
};

use super::logs;
use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read, filled, known, text},
};

/// `home` asks in us-east-1, where CloudWatch Logs keeps the deliveries of CloudFront's logs.
pub(in crate::collect) async fn collect(ask: &Ask, home: &Ask) -> CloudFront {
    let client = &ask.aws.cloudfront();
    let distributions = ask.list(Source::CloudFrontDistributions, distributions(ask, client)).await;
    let configs: Collected<BTreeMap<_, _>> = ask
        .each(
            Source::CloudFrontDistributionConfigs,
            &distributions,
            |distribution| &distribution.id,
            |id| config(ask, client, id),
        )
        .await;
    let origin_access_controls = ask
        .after(Source::CloudFrontOriginAccessControls, &distributions, |distributions| async move {
            let mut origins = distributions.iter().flat_map(|distribution| &distribution.origins);
            if origins.any(|origin| origin.origin_access_control.is_some()) {
                origin_access_controls(ask, client).await
            } else {
                Ok(BTreeMap::new())
            }
        })
        .await;
    let origin_access_identities =
        ask.source(Source::CloudFrontOriginAccessIdentities, origin_access_identities(ask, client)).await;
    let vended_logs = home
        .after(Source::LogsDeliveries, &distributions, |distributions| async move {
            if distributions.is_empty() { Ok(Vec::new()) } else { logs::vended_logs(home).await }
        })
        .await;
    CloudFront { distributions, configs, origin_access_controls, origin_access_identities, vended_logs }
}

async fn distributions(ask: &Ask, client: &Client) -> Result<Read<Vec<Distribution>>, CallError> {
    let operation = op::ListDistributions;
    let pages = ask
        .pages(
            operation,
            None,
            |marker| client.list_distributions().max_items(100).set_marker(marker).send(),
            |page| page.distribution_list().and_then(|list| list.next_marker()),
        )
        .await?;
    let listed = pages.iter().filter_map(|page| page.distribution_list()).flat_map(|list| list.items());
    Ok(ask.items(operation, listed, distribution).sorted(|distribution| distribution.id.clone()))
}

fn distribution(distribution: &DistributionSummary) -> Result<Distribution, Lacks> {
    let certificate = distribution.viewer_certificate();
    let own_certificate =
        certificate.filter(|certificate| certificate.cloud_front_default_certificate() != Some(true));
    let minimum = own_certificate.and_then(|certificate| certificate.minimum_protocol_version());
    let has_realtime_logs = |arn: Option<&str>| arn.is_some_and(|arn| !arn.is_empty());
    let default = distribution.default_cache_behavior().map(|behavior| CacheBehavior {
        path_pattern: "*".to_owned(),
        viewer_protocol_policy: behavior.viewer_protocol_policy().as_str().to_owned(),
        target_origin: behavior.target_origin_id().to_owned(),
        realtime_logs: has_realtime_logs(behavior.realtime_log_config_arn()),
    });
    let others = distribution.cache_behaviors().into_iter().flat_map(|behaviors| behaviors.items());
    let others = others.map(|behavior| CacheBehavior {
        path_pattern: behavior.path_pattern().to_owned(),
        viewer_protocol_policy: behavior.viewer_protocol_policy().as_str().to_owned(),
        target_origin: behavior.target_origin_id().to_owned(),
        realtime_logs: has_realtime_logs(behavior.realtime_log_config_arn()),
    });
    let origins = distribution.origins().into_iter().flat_map(|origins| origins.items());
    let id = text(distribution.id(), "Id")?;
    let behaviors: Vec<_> = default.into_iter().chain(others).collect();
    let origins: Vec<_> = origins.map(origin).collect();
    for behavior in &behaviors {
        let policies = types::ViewerProtocolPolicy::values();
        known(behavior.viewer_protocol_policy.as_str(), policies, "ViewerProtocolPolicy")
            .map_err(Lacks::of(&id))?;
    }
    for custom in origins.iter().filter_map(|origin| origin.custom.as_ref()) {
        let policies = types::OriginProtocolPolicy::values();
        known(custom.protocol_policy.as_str(), policies, "OriginProtocolPolicy").map_err(Lacks::of(&id))?;
        for protocol in &custom.ssl_protocols {
            known(protocol.as_str(), types::SslProtocol::values(), "SslProtocols").map_err(Lacks::of(&id))?;
        }
    }
    Ok(Distribution {
        arn: text(distribution.arn(), "ARN").map_err(Lacks::of(&id))?,
        id,
        domain_name: distribution.domain_name().to_owned(),
        aliases: distribution.aliases().map(|aliases| aliases.items().to_vec()).unwrap_or_default(),
        enabled: distribution.enabled(),
        web_acl: filled(Some(distribution.web_acl_id())),
        minimum_protocol_version: minimum.map(|version| version.as_str().to_owned()),
        behaviors,
        origins: sorted(origins, |origin| origin.id.clone()),
    })
}

fn origin(origin: &types::Origin) -> Origin {
    let headers = origin.custom_headers().into_iter().flat_map(|headers| headers.items());
    let custom = origin.custom_origin_config().map(|custom| CustomOrigin {
        protocol_policy: custom.origin_protocol_policy().as_str().to_owned(),
        http_port: custom.http_port(),
        https_port: custom.https_port(),
        ssl_protocols: custom
            .origin_ssl_protocols()
            .into_iter()
            .flat_map(|protocols| protocols.items())
            .map(|protocol| protocol.as_str().to_owned())
            .collect(),
    });
    let identity = origin.s3_origin_config().map(|s3| s3.origin_access_identity());
    Origin {
        id: origin.id().to_owned(),
        domain_name: origin.domain_name().to_owned(),
        origin_access_control: filled(origin.origin_access_control_id()),
        origin_access_identity: filled(identity),
        custom,
        is_vpc_origin: origin.vpc_origin_config().is_some(),
        custom_headers: headers.map(|header| header.header_name().to_owned()).collect(),
    }
}

async fn origin_access_controls(ask: &Ask, client: &Client) -> Result<BTreeMap<String, String>, CallError> {
    let pages = ask
        .pages(
            op::ListOriginAccessControls,
            None,
            |marker| client.list_origin_access_controls().max_items(100).set_marker(marker).send(),
            |page| page.origin_access_control_list().and_then(|list| list.next_marker()),
        )
        .await?;
    let listed = pages.iter().filter_map(|page| page.origin_access_control_list());
    let controls = listed.flat_map(|list| list.items());
    Ok(controls.map(|of| (of.id().to_owned(), of.signing_behavior().as_str().to_owned())).collect())
}

async fn origin_access_identities(ask: &Ask, client: &Client) -> Result<Vec<String>, CallError> {
    let pages = ask
        .pages(
            op::ListCloudFrontOriginAccessIdentities,
            None,
            |marker| {
                client.list_cloud_front_origin_access_identities().max_items(100).set_marker(marker).send()
            },
            |page| page.cloud_front_origin_access_identity_list().and_then(|list| list.next_marker()),
        )
        .await?;
    let listed = pages.iter().filter_map(|page| page.cloud_front_origin_access_identity_list());
    let ids = listed.flat_map(|list| list.items()).map(|of| of.s3_canonical_user_id().to_owned());
    Ok(sorted(ids, Clone::clone))
}

async fn config(ask: &Ask, client: &Client, id: &str) -> Result<DistributionConfig, CallError> {
    let operation = op::GetDistributionConfig;
    let answer = ask.call(operation, Some(id), || client.get_distribution_config().id(id).send()).await?;
    let config = answer
        .distribution_config()
        .ok_or_else(|| ask.unreadable(operation, Some(id), "no configuration"))?;
    let root = config.default_root_object().filter(|root| !root.is_empty());
    Ok(DistributionConfig {
        default_root_object: root.map(str::to_owned),
        standard_logging: config
            .logging()
            .is_some_and(|logging| logging.enabled() && !logging.bucket().is_empty()),
    })
}

//! OpenSearch Service.

use aws_audit_checks::{
    snapshot::opensearch::{Domain, OpenSearch, SoftwareUpdate, op},
    source::Source,
};
use aws_sdk_opensearch::{Client, types::DomainStatus};
use futures_util::future::try_join_all;

use crate::collect::{
    ask::{Ask, sorted, timestamp},
    call::CallError,
    items::{Lacks, Read, text},
};

/// Most domains that one call describes.
const BATCH: usize = 5;

pub(in crate::collect) async fn collect(ask: &Ask) -> OpenSearch {
    let client = &ask.aws.opensearch();
    OpenSearch { domains: ask.list(Source::OpenSearchDomains, domains(ask, client)).await }
}

async fn domains(ask: &Ask, client: &Client) -> Result<Read<Vec<Domain>>, CallError> {
    let operation = op::ListDomainNames;
    let answer = ask.call(operation, None, || client.list_domain_names().send()).await?;
    let names =
        ask.items(operation, answer.domain_names(), |domain| text(domain.domain_name(), "DomainName"));
    let operation = op::DescribeDomains;
    let answers = try_join_all(names.value.chunks(BATCH).map(|batch| async move {
        let send = || client.describe_domains().set_domain_names(Some(batch.to_vec())).send();
        ask.call(operation, None, send).await
    }))
    .await?;
    let described = answers.iter().flat_map(|answer| answer.domain_status_list());
    let present = described.filter(|domain| domain.deleted() != Some(true));
    let domains = ask.items(operation, present, domain).sorted(|domain| domain.name.clone());
    Ok(Read { unread: names.unread.or(domains.unread), ..domains })
}

fn domain(domain: &DomainStatus) -> Result<Domain, Lacks> {
    let security = domain.advanced_security_options();
    let logs = domain.log_publishing_options().into_iter().flatten();
    let logs = logs.filter(|(_, log)| log.enabled() == Some(true)).map(|(kind, _)| kind.as_str().to_owned());
    let software = domain.service_software_options();
    let software = software.filter(|software| software.update_available() == Some(true));
    let name = text(domain.domain_name(), "DomainName")?;
    Ok(Domain {
        arn: text(domain.arn(), "ARN").map_err(Lacks::of(&name))?,
        name,
        engine_version: domain.engine_version().unwrap_or_default().to_owned(),
        in_vpc: domain.vpc_options().is_some_and(|vpc| vpc.vpc_id().is_some()),
        security_groups: domain
            .vpc_options()
            .map(|vpc| vpc.security_group_ids().to_vec())
            .unwrap_or_default(),
        access_policy: domain.access_policies().filter(|policy| !policy.is_empty()).map(str::to_owned),
        fine_grained_access: security.is_some_and(|security| security.enabled() == Some(true)),
        anonymous_access: security.is_some_and(|security| security.anonymous_auth_enabled() == Some(true)),
        encrypted_at_rest: domain
            .encryption_at_rest_options()
            .is_some_and(|options| options.enabled() == Some(true)),
        node_to_node_encryption: domain
            .node_to_node_encryption_options()
            .is_some_and(|options| options.enabled() == Some(true)),
        enforces_https: domain
            .domain_endpoint_options()
            .is_some_and(|options| options.enforce_https() == Some(true)),
        logs: sorted(logs, Clone::clone),
        update: software.map(|software| SoftwareUpdate {
            new_version: software.new_version().unwrap_or_default().to_owned(),
            optional: software.optional_deployment(),
            status: software.update_status().map_or("", |status| status.as_str()).to_owned(),
            applied_after: software.automated_update_date().and_then(timestamp),
        }),
    })
}

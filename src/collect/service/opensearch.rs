//! OpenSearch Service.

use aws_audit_checks::{
    snapshot::opensearch::{Domain, OpenSearch, SoftwareUpdate, op},
    source::Source,
};
use futures_util::future::try_join_all;

use crate::collect::{
    api::{Node, OPENSEARCH, Request},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read, filled},
};

/// Most domains that one call describes.
const BATCH: usize = 5;

pub(in crate::collect) async fn collect(ask: &Ask) -> OpenSearch {
    OpenSearch { domains: ask.list(Source::OpenSearchDomains, domains(ask)).await }
}

async fn domains(ask: &Ask) -> Result<Read<Vec<Domain>>, CallError> {
    let operation = op::ListDomainNames;
    let answer = OPENSEARCH.one(ask, operation, None, Request::get("/2021-01-01/domain")).await?;
    let listed = ask.item(operation, None, answer.list("DomainNames"))?;
    let names = ask.items(operation, listed, |domain| domain.required("DomainName"));
    let operation = op::DescribeDomains;
    let answers = try_join_all(names.value.chunks(BATCH).map(|batch| {
        let request = Request::post("/2021-01-01/opensearch/domain-info");
        OPENSEARCH.one(ask, operation, None, request.with("DomainNames", batch))
    }))
    .await?;
    let described = ask.all_items(operation, None, &answers, |answer| answer.list("DomainStatusList"))?;
    let domains = ask.items(operation, described.into_iter().flatten(), |it| {
        if it.flag("Deleted")? == Some(true) {
            return Ok(None);
        }
        let name = it.required("DomainName")?;
        domain(it, &name).map(Some).map_err(Lacks::of(&name))
    });
    let domains = domains.map(|domains| domains.into_iter().flatten().collect::<Vec<_>>());
    let domains = domains.sorted(|domain| domain.name.clone());
    Ok(Read { unread: names.unread.or(domains.unread), ..domains })
}

fn domain(domain: &Node, name: &str) -> Result<Domain, Lacks> {
    let (vpc, security) = (domain.get("VPCOptions"), domain.get("AdvancedSecurityOptions"));
    let mut logs = Vec::new();
    for (kind, log) in domain.entries("LogPublishingOptions")? {
        if log.flag("Enabled")? == Some(true) {
            logs.push(kind.to_owned());
        }
    }
    Ok(Domain {
        arn: domain.required("ARN")?,
        name: name.to_owned(),
        engine_version: domain.text("EngineVersion")?.unwrap_or_default().to_owned(),
        in_vpc: vpc.text("VPCId")?.is_some(),
        security_groups: vpc.texts("SecurityGroupIds")?,
        access_policy: filled(domain.text("AccessPolicies")?),
        fine_grained_access: security.flag("Enabled")? == Some(true),
        anonymous_access: security.flag("AnonymousAuthEnabled")? == Some(true),
        encrypted_at_rest: domain.get("EncryptionAtRestOptions").flag("Enabled")? == Some(true),
        node_to_node_encryption: domain.get("NodeToNodeEncryptionOptions").flag("Enabled")? == Some(true),
        enforces_https: domain.get("DomainEndpointOptions").flag("EnforceHTTPS")? == Some(true),
        logs: sorted(logs, Clone::clone),
        update: update(domain.get("ServiceSoftwareOptions"))?,
    })
}

fn update(software: &Node) -> Result<Option<SoftwareUpdate>, Lacks> {
    if software.flag("UpdateAvailable")? != Some(true) {
        return Ok(None);
    }
    Ok(Some(SoftwareUpdate {
        new_version: software.text("NewVersion")?.unwrap_or_default().to_owned(),
        optional: software.flag("OptionalDeployment")?,
        status: software.text("UpdateStatus")?.unwrap_or_default().to_owned(),
        applied_after: software.time("AutomatedUpdateDate")?,
    }))
}

//! Elastic Kubernetes Service.

use aws_audit_checks::{
    snapshot::eks::{
        AccessEntry, AccessPolicy, Cluster, ClusterDetails, ClusterVersion, Eks, PodIdentity, op,
    },
    source::Source,
};
use aws_sdk_eks::{Client, types::AccessScopeType};
use futures_util::future::try_join_all;

use crate::collect::{
    ask::{Ask, each_of, is_empty, sorted, tags, timestamp, unless},
    call::CallError,
    items::{Lacks, Read, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Eks {
    let client = &ask.aws.eks();
    let clusters = ask.source(Source::EksClusters, clusters(ask, client)).await;
    let versions = unless(is_empty(&clusters), ask.list(Source::EksVersions, versions(ask, client))).await;
    Eks { clusters, versions }
}

async fn clusters(ask: &Ask, client: &Client) -> Result<Vec<Cluster>, CallError> {
    let pages = ask
        .pages(
            op::ListClusters,
            None,
            |token| client.list_clusters().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let names = pages.iter().flat_map(|page| page.clusters());
    let clusters = each_of(names.map(|name| async move {
        let details = ask.keep(details(ask, client, name).await);
        let known = details.get().ok();
        let is_public = known.is_none_or(|it| it.endpoint_public_access);
        let has_entries =
            is_public && known.is_none_or(|it| it.authentication_mode.as_deref() != Some("CONFIG_MAP"));
        let entries = ask.of_one(Source::EksAccessEntries, access_entries(ask, client, name));
        let identities = ask.of_one(Source::EksPodIdentityAssociations, pod_identities(ask, client, name));
        let (access_entries, pod_identities) =
            tokio::join!(unless(!has_entries, entries), unless(!is_public, identities));
        Cluster { name: name.clone(), details, access_entries, pod_identities }
    }))
    .await;
    Ok(sorted(clusters, |cluster| cluster.name.clone()))
}

async fn details(ask: &Ask, client: &Client, name: &str) -> Result<ClusterDetails, CallError> {
    let operation = op::DescribeCluster;
    let answer = ask.call(operation, Some(name), || client.describe_cluster().name(name).send()).await?;
    let cluster = answer.cluster().ok_or_else(|| ask.unreadable(operation, Some(name), "no cluster"))?;
    let vpc = cluster
        .resources_vpc_config()
        .ok_or_else(|| ask.unreadable(operation, Some(name), "no VPC configuration"))?;
    let logs = cluster.logging().into_iter().flat_map(|logging| logging.cluster_logging());
    let logs = logs.filter(|setup| setup.enabled() == Some(true)).flat_map(|setup| setup.types());
    let pairs = cluster.tags().into_iter().flatten();
    Ok(ClusterDetails {
        version: cluster.version().unwrap_or_default().to_owned(),
        endpoint_public_access: vpc.endpoint_public_access(),
        public_access_cidrs: vpc.public_access_cidrs().to_vec(),
        secrets_encrypted: cluster
            .encryption_config()
            .iter()
            .any(|config| config.provider().is_some_and(|provider| provider.key_arn().is_some())),
        security_groups: vpc
            .security_group_ids()
            .iter()
            .map(String::as_str)
            .chain(vpc.cluster_security_group_id())
            .map(str::to_owned)
            .collect(),
        logs: sorted(logs.map(|kind| kind.as_str().to_owned()), Clone::clone),
        tags: tags(pairs.map(|(key, value)| (Some(key.as_str()), Some(value.as_str())))),
        authentication_mode: cluster
            .access_config()
            .and_then(|access| access.authentication_mode())
            .map(|mode| mode.as_str().to_owned()),
        oidc_issuer: cluster
            .identity()
            .and_then(|identity| identity.oidc())
            .and_then(|oidc| oidc.issuer())
            .map(str::to_owned),
    })
}

async fn access_entries(ask: &Ask, client: &Client, name: &str) -> Result<Vec<AccessEntry>, CallError> {
    let pages = ask
        .pages(
            op::ListAccessEntries,
            Some(name),
            |token| {
                let list = client.list_access_entries().cluster_name(name);
                list.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let principals = pages.iter().flat_map(|page| page.access_entries());
    // Nobody has the credentials of a service-linked role but the service.
    let principals = principals.filter(|principal| !principal.contains(":role/aws-service-role/"));
    let entries = each_of(principals.map(|principal| async move {
        let policies = ask.keep(access_policies(ask, client, name, principal).await);
        AccessEntry { principal: principal.clone(), policies }
    }))
    .await;
    Ok(sorted(entries, |entry| entry.principal.clone()))
}

async fn access_policies(
    ask: &Ask,
    client: &Client,
    name: &str,
    principal: &str,
) -> Result<Vec<AccessPolicy>, CallError> {
    let operation = op::ListAssociatedAccessPolicies;
    let pages = ask
        .pages(
            operation,
            Some(principal),
            |token| {
                let list = client.list_associated_access_policies().cluster_name(name);
                list.principal_arn(principal).max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.associated_access_policies());
    let policies = ask.all_items(operation, Some(principal), listed, |policy| {
        let arn = text(policy.policy_arn(), "policyArn")?;
        let scope = policy.access_scope().and_then(|scope| scope.r#type()).map(AccessScopeType::as_str);
        let scope = known(scope, AccessScopeType::values(), "type").map_err(Lacks::of(&arn))?;
        Ok(AccessPolicy { scope: scope.ok_or(Lacks::field("type")).map_err(Lacks::of(&arn))?, arn })
    })?;
    Ok(sorted(policies, |policy| policy.arn.clone()))
}

async fn pod_identities(ask: &Ask, client: &Client, name: &str) -> Result<Vec<PodIdentity>, CallError> {
    let operation = op::ListPodIdentityAssociations;
    let pages = ask
        .pages(
            operation,
            Some(name),
            |token| {
                let list = client.list_pod_identity_associations().cluster_name(name);
                list.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.associations());
    let ids =
        ask.all_items(operation, Some(name), listed, |it| text(it.association_id(), "associationId"))?;
    let identities = try_join_all(ids.iter().map(|id| pod_identity(ask, client, name, id))).await?;
    Ok(sorted(identities.into_iter().flatten(), |it| (it.namespace.clone(), it.service_account.clone())))
}

/// None where it went away since it was listed.
async fn pod_identity(
    ask: &Ask,
    client: &Client,
    name: &str,
    id: &str,
) -> Result<Option<PodIdentity>, CallError> {
    let operation = op::DescribePodIdentityAssociation;
    let describe = || client.describe_pod_identity_association().cluster_name(name).association_id(id).send();
    let answer = CallError::unless_gone(ask.call(operation, Some(name), describe).await)?;
    let Some(answer) = answer else { return Ok(None) };
    let association =
        answer.association().ok_or_else(|| ask.unreadable(operation, Some(name), "no association"))?;
    Ok(Some(PodIdentity {
        namespace: association.namespace().unwrap_or_default().to_owned(),
        service_account: association.service_account().unwrap_or_default().to_owned(),
        role: association.target_role_arn().or(association.role_arn()).map(str::to_owned),
        has_policy: association.policy().is_some_and(|policy| !policy.is_empty()),
    }))
}

async fn versions(ask: &Ask, client: &Client) -> Result<Read<Vec<ClusterVersion>>, CallError> {
    let operation = op::DescribeClusterVersions;
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let describe = client.describe_cluster_versions().include_all(true);
                describe.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.cluster_versions());
    let versions = ask.items(operation, listed, |version| {
        Ok(ClusterVersion {
            version: text(version.cluster_version(), "clusterVersion")?,
            end_of_standard_support: version.end_of_standard_support_date().and_then(timestamp),
        })
    });
    Ok(versions.sorted(|version| version.version.clone()))
}

//! Elastic Kubernetes Service.

use aws_audit_checks::{
    snapshot::eks::{
        AccessEntry, AccessPolicy, Cluster, ClusterDetails, ClusterVersion, Eks, PodIdentity, op,
    },
    source::Source,
};
use futures_util::future::try_join_all;

use crate::collect::{
    api::{EKS, Node, Request, Token, encoded},
    ask::{Ask, each_of, is_empty, sorted, unless},
    call::CallError,
    items::{Lacks, Read},
};

const NEXT: Token = Token::named("nextToken");

pub(in crate::collect) async fn collect(ask: &Ask) -> Eks {
    let clusters = ask.source(Source::EksClusters, clusters(ask)).await;
    let versions = unless(is_empty(&clusters), ask.list(Source::EksVersions, versions(ask))).await;
    Eks { clusters, versions }
}

/// The path of a cluster.
fn path(cluster: &str) -> String {
    format!("/clusters/{}", encoded(cluster))
}

async fn clusters(ask: &Ask) -> Result<Vec<Cluster>, CallError> {
    let request = Request::get("/clusters").with("maxResults", 100);
    let names = EKS.texts(ask, op::ListClusters, None, request, ("clusters", NEXT)).await?;
    let clusters = each_of(names.iter().map(|name| async move {
        let details = ask.keep(details(ask, name).await);
        let known = details.get().ok();
        let is_public = known.is_none_or(|it| it.endpoint_public_access);
        let has_entries =
            is_public && known.is_none_or(|it| it.authentication_mode.as_deref() != Some("CONFIG_MAP"));
        let entries = ask.of_one(Source::EksAccessEntries, access_entries(ask, name));
        let identities = ask.of_one(Source::EksPodIdentityAssociations, pod_identities(ask, name));
        let (access_entries, pod_identities) =
            tokio::join!(unless(!has_entries, entries), unless(!is_public, identities));
        Cluster { name: name.clone(), details, access_entries, pod_identities }
    }))
    .await;
    Ok(sorted(clusters, |cluster| cluster.name.clone()))
}

async fn details(ask: &Ask, name: &str) -> Result<ClusterDetails, CallError> {
    let operation = op::DescribeCluster;
    let answer = EKS.one(ask, operation, Some(name), Request::get(path(name))).await?;
    let cluster = answer.get("cluster");
    if *cluster == Node::Null {
        return Err(ask.unreadable(operation, Some(name), "no cluster"));
    }
    if *cluster.get("resourcesVpcConfig") == Node::Null {
        return Err(ask.unreadable(operation, Some(name), "no VPC configuration"));
    }
    ask.item(operation, Some(name), cluster_details(cluster))
}

fn cluster_details(cluster: &Node) -> Result<ClusterDetails, Lacks> {
    let vpc = cluster.get("resourcesVpcConfig");
    let mut security_groups = vpc.texts("securityGroupIds")?;
    security_groups.extend(vpc.text("clusterSecurityGroupId")?.map(str::to_owned));
    let mut logs = Vec::new();
    for setup in cluster.get("logging").list("clusterLogging")? {
        if setup.flag("enabled")? == Some(true) {
            logs.extend(setup.texts("types")?);
        }
    }
    let mut secrets_encrypted = false;
    for config in cluster.list("encryptionConfig")? {
        secrets_encrypted |= config.get("provider").text("keyArn")?.is_some();
    }
    let tags = cluster.map("tags")?.into_iter();
    Ok(ClusterDetails {
        version: cluster.text("version")?.unwrap_or_default().to_owned(),
        endpoint_public_access: vpc.flag("endpointPublicAccess")?.unwrap_or_default(),
        public_access_cidrs: vpc.texts("publicAccessCidrs")?,
        secrets_encrypted,
        security_groups,
        logs: sorted(logs, Clone::clone),
        tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        authentication_mode: cluster.get("accessConfig").text("authenticationMode")?.map(str::to_owned),
        oidc_issuer: cluster.get("identity").get("oidc").text("issuer")?.map(str::to_owned),
    })
}

async fn access_entries(ask: &Ask, name: &str) -> Result<Vec<AccessEntry>, CallError> {
    let request = Request::get(format!("{}/access-entries", path(name))).with("maxResults", 100);
    let operation = op::ListAccessEntries;
    let principals = EKS.texts(ask, operation, Some(name), request, ("accessEntries", NEXT)).await?;
    // Nobody has the credentials of a service-linked role but the service.
    let principals = principals.iter().filter(|principal| !principal.contains(":role/aws-service-role/"));
    let entries = each_of(principals.map(|principal| async move {
        let policies = ask.keep(access_policies(ask, name, principal).await);
        AccessEntry { principal: principal.clone(), policies }
    }))
    .await;
    Ok(sorted(entries, |entry| entry.principal.clone()))
}

async fn access_policies(ask: &Ask, name: &str, principal: &str) -> Result<Vec<AccessPolicy>, CallError> {
    let operation = op::ListAssociatedAccessPolicies;
    let path = format!("{}/access-entries/{}/access-policies", path(name), encoded(principal));
    let request = Request::get(path).with("maxResults", 100);
    let listed = ("associatedAccessPolicies", NEXT);
    let listed = EKS.list(ask, operation, Some(principal), request, listed).await?;
    let policies = ask.all_items(operation, Some(principal), &listed, |policy| {
        let arn = policy.required("policyArn")?;
        let scope = policy.get("accessScope").known("type", &["cluster", "namespace"]);
        let scope = scope.and_then(|scope| scope.ok_or(Lacks::field("type")));
        Ok(AccessPolicy { scope: scope.map_err(Lacks::of(&arn))?, arn })
    })?;
    Ok(sorted(policies, |policy| policy.arn.clone()))
}

async fn pod_identities(ask: &Ask, name: &str) -> Result<Vec<PodIdentity>, CallError> {
    let operation = op::ListPodIdentityAssociations;
    let request = Request::get(format!("{}/pod-identity-associations", path(name))).with("maxResults", 100);
    let listed = EKS.list(ask, operation, Some(name), request, ("associations", NEXT)).await?;
    let ids = ask.all_items(operation, Some(name), &listed, |it| it.required("associationId"))?;
    let identities = try_join_all(ids.iter().map(|id| pod_identity(ask, name, id))).await?;
    Ok(sorted(identities.into_iter().flatten(), |it| (it.namespace.clone(), it.service_account.clone())))
}

/// None where it went away since it was listed.
async fn pod_identity(ask: &Ask, name: &str, id: &str) -> Result<Option<PodIdentity>, CallError> {
    let operation = op::DescribePodIdentityAssociation;
    let request = Request::get(format!("{}/pod-identity-associations/{}", path(name), encoded(id)));
    let answer = CallError::unless_gone(EKS.one(ask, operation, Some(name), request).await)?;
    let Some(answer) = answer else { return Ok(None) };
    let association = answer.get("association");
    if *association == Node::Null {
        return Err(ask.unreadable(operation, Some(name), "no association"));
    }
    let read = || {
        let role = association.text("targetRoleArn")?.or(association.text("roleArn")?);
        Ok(PodIdentity {
            namespace: association.text("namespace")?.unwrap_or_default().to_owned(),
            service_account: association.text("serviceAccount")?.unwrap_or_default().to_owned(),
            role: role.map(str::to_owned),
            has_policy: association.text("policy")?.is_some_and(|policy| !policy.is_empty()),
        })
    };
    ask.item(operation, Some(name), read()).map(Some)
}

async fn versions(ask: &Ask) -> Result<Read<Vec<ClusterVersion>>, CallError> {
    let operation = op::DescribeClusterVersions;
    let request = Request::get("/cluster-versions").with("maxResults", 100).with("includeAll", true);
    let listed = EKS.list(ask, operation, None, request, ("clusterVersions", NEXT)).await?;
    let versions = ask.items(operation, &listed, |version| {
        Ok(ClusterVersion {
            version: version.required("clusterVersion")?,
            end_of_standard_support: version.time("endOfStandardSupportDate")?,
        })
    });
    Ok(versions.sorted(|version| version.version.clone()))
}

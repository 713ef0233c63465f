//! Attack paths: each check tells of the paths that begin and end in one way.
//!
//! All of them are paths of one graph ([`crate::analysis::paths`]), so all read the same. A path is made of what other
//! checks count already; its checks have no weight in a score, and each path a severity of its own.

mod blind;
mod build;
mod cdn_bypass;
mod external_account_admin;
mod external_account_data;
mod guest_role;
mod imdsv1_ssrf;
mod internet_compute_admin;
mod internet_compute_data;
mod internet_db;
mod lateral_db;
mod leaked_key_admin;
mod leaked_key_data;
mod oidc_admin;
mod oidc_data;
mod old_key_admin;
mod public_bucket_secret;
mod public_data;
mod public_function_admin;
mod public_function_data;
mod ransom;
mod takeover;
mod user_no_mfa_admin;

super::checks! {
    internet_compute_admin
    internet_compute_data
    imdsv1_ssrf
    public_function_admin
    public_function_data
    internet_db
    public_bucket_secret
    public_data
    oidc_admin
    oidc_data
    external_account_admin
    external_account_data
    guest_role
    user_no_mfa_admin
    old_key_admin
    leaked_key_admin
    leaked_key_data
    lateral_db
    cdn_bypass
    takeover
    build
    ransom
    blind
}

use serde_json::json;

use crate::{
    analysis::paths::{
        ANOTHER_ACCOUNT, PASSWORD_OF, Path, Paths,
        graph::{Certainty, Impact, Node, NodeKind},
    },
    check::{Check, Context},
    finding::{Severity, Verdict},
    snapshot::{Judged, Place},
    source::Source,
};

/// The check of that id. A path has a severity of its own.
const fn path(id: &'static str) -> Check {
    Check { id, severity: Severity::Info, sources: SOURCES, run: tell }
}

/// What the graph is made from.
const SOURCES: &[Source] = &[
    // Who gets in.
    Source::ApiGatewayResources,
    Source::ApiGatewayRestApis,
    Source::ApiGatewayV2Apis,
    Source::ApiGatewayV2Routes,
    Source::CloudFrontDistributions,
    Source::CognitoIdentityPools,
    Source::CognitoUserPools,
    Source::Ec2Images,
    Source::Ec2Instances,
    Source::Ec2InternetGateways,
    Source::Ec2NetworkAcls,
    Source::Ec2NetworkInterfaces,
    Source::Ec2PrefixLists,
    Source::Ec2RouteTables,
    Source::Ec2SecurityGroups,
    Source::Ec2SnapshotBlockPublicAccess,
    Source::Ec2Subnets,
    Source::Ec2UserData,
    Source::Ec2VpcBlockPublicAccess,
    Source::EcrRepositories,
    Source::EcrRepositoryPolicies,
    Source::ElbLoadBalancers,
    Source::Elbv2ListenerRules,
    Source::Elbv2LoadBalancers,
    Source::Elbv2TargetGroupAttributes,
    Source::GuardDutyDetectors,
    Source::GuardDutyFindings,
    Source::IamAccessKeys,
    Source::IamOidcProviders,
    Source::InspectorFindings,
    Source::InspectorStatus,
    Source::LambdaPolicies,
    Source::LambdaUrls,
    Source::OpenSearchDomains,
    Source::OrganizationAccounts,
    Source::RdsInstances,
    Source::S3AccessPoints,
    Source::S3AccountPublicAccessBlock,
    Source::S3BucketAcl,
    Source::S3BucketOwnership,
    Source::S3BucketPublicAccessBlock,
    Source::SnsTopics,
    // Whose rights somebody gets.
    Source::AgentCoreCodeInterpreters,
    Source::AppRunnerServices,
    Source::CloudFormationStackSets,
    Source::CloudFormationStacks,
    Source::CodeBuildProjects,
    Source::Ec2LaunchTemplates,
    Source::EcsClusterInstances,
    Source::EcsClusters,
    Source::EcsServices,
    Source::EcsTaskDefinitions,
    Source::EksAccessEntries,
    Source::EksClusters,
    Source::EksPodIdentityAssociations,
    Source::GlueJobs,
    Source::IamAuthorization,
    Source::IamCredentialReport,
    Source::IamInstanceProfiles,
    Source::LambdaFunctions,
    Source::Organization,
    Source::SageMakerNotebooks,
    Source::ServiceControlPolicies,
    Source::SsmManagedNodes,
    Source::StepFunctionsStateMachines,
    // What those reach.
    Source::CloudTrailTrails,
    Source::DynamoDbContinuousBackups,
    Source::DynamoDbTables,
    Source::Ec2Snapshots,
    Source::KmsKeyPolicies,
    Source::KmsKeys,
    Source::RdsClusterSnapshots,
    Source::RdsSnapshots,
    Source::S3BucketEncryption,
    Source::S3BucketPolicy,
    Source::S3BucketVersioning,
    Source::S3Buckets,
    Source::SecretsManagerPolicies,
    Source::SecretsManagerSecrets,
    Source::SqsQueues,
    Source::SsmParameters,
];

/// Where a path enters the account.
struct Entry<'p>(&'p Node);

impl Judged for Entry<'_> {
    const TYPE: &'static str = "AWS::::Account";
    fn id(&self) -> String {
        self.0.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.0.arn.clone()
    }
    fn kind(&self) -> &'static str {
        self.0.resource_type
    }
    fn region(&self) -> Option<&str> {
        self.0.region.as_deref()
    }
}

/// Most other stores that the evidence names.
const MOST_NAMED: usize = 20;

/// Tells of the paths of the check that runs.
fn tell(cx: &mut Context<'_>) {
    let paths = cx.paths();
    let check = cx.check().id;
    let mut found = false;
    for path in paths.paths().iter().filter(|path| path.check == check) {
        found = true;
        cx.one(&Entry(paths.node(path.entry)), |_| Ok(told(&paths, path)));
    }
    match paths.unread(check) {
        Some(why) => cx.whole("AWS::::Account", |_| Err(why)),
        None if found => {}
        None => cx.whole("AWS::::Account", |_| Ok(Verdict::pass())),
    }
}

fn told(paths: &Paths, path: &Path) -> Verdict {
    let edges = || path.edges.iter().map(|edge| paths.edge(*edge));
    let names = |node: usize| {
        let node = paths.node(node);
        (node.kind != NodeKind::Administrator).then(|| node.id.clone())
    };
    let mut route: Vec<_> = names(path.entry).into_iter().collect();
    let behind = edges().skip_while(|edge| edge.from != path.entry);
    route.extend(behind.filter_map(|edge| names(edge.to)));
    let steps: Vec<_> = edges()
        .map(|edge| {
            let [from, to] = [edge.from, edge.to].map(|node| {
                let Node { kind, id, arn, .. } = paths.node(node);
                json!({"kind": kind, "id": id, "arn": arn})
            });
            json!({"from": from, "to": to, "edge": edge.kind, "findings": edge.findings})
        })
        .collect();
    let source = paths.source(path);
    let from = match (source.kind, source.id.strip_prefix(PASSWORD_OF)) {
        (NodeKind::Internet, _) => json!("internet"),
        (NodeKind::AnyAwsPrincipal, _) => json!("any_aws_account"),
        (NodeKind::ExternalAccount, _) if source.id == ANOTHER_ACCOUNT => json!("another_account"),
        (NodeKind::ExternalAccount, _) => json!({ "aws_account": source.id }),
        (NodeKind::CiTenant, _) => json!({ "any_customer_of": source.id }),
        (NodeKind::Credential, Some(user)) => json!({ "password_of": user }),
        (NodeKind::Credential, None) => json!({ "access_key": source.id }),
        _ => json!({ "holder": source.id }),
    };
    let others: Vec<_> = paths.others(path).take(MOST_NAMED).map(|node| node.id.clone()).collect();
    let certainty = paths.certainty(path);
    let verdict = Verdict::fail()
        .at(path.severity)
        .towards(path.towards.clone())
        .with("from", from)
        .with("target", &paths.node(path.target).id)
        .with("target_arn", &paths.node(path.target).arn)
        .with("stores", path.stores)
        .with("other_stores", others)
        .with("route", route.join(" → "))
        .with("certain", *certainty == Certainty::Certain)
        .with("steps", steps);
    match certainty {
        Certainty::Unknown(gap) => {
            let operation = if gap.operation.is_empty() { "not_named" } else { &gap.operation };
            verdict.with("operation", operation).told_as("verify")
        }
        _ if path.impact == Impact::Administrator => verdict.told_as("administrator"),
        _ if path.stores > 1 => verdict.told_as("several"),
        _ => verdict,
    }
}

#[cfg(test)]
mod testing {
    pub(super) use crate::analysis::paths::testing::*;
}

//! The checks: `SERVICE/CHECK.rs`, each with its page `CHECK.md` and `CHECK.ja.md` beside it, and the families,
//! `SERVICE/FAMILY.rs`: checks of one judgement, as rows of a table.

mod access_analyzer;
mod account;
mod acm;
mod apigateway;
mod backup;
mod cloudformation;
mod cloudfront;
mod cloudtrail;
mod cloudwatch;
mod codebuild;
mod cognito;
mod config;
mod detective;
mod dms;
mod dynamodb;
mod ebs;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod eks;
mod elasticache;
mod elbv2;
mod guardduty;
mod iam;
mod incident;
mod inspector;
mod kms;
mod lambda;
mod logs;
mod macie;
mod opensearch;
mod organization;
mod path;
mod rds;
mod redshift;
mod route53;
mod s3;
mod secretsmanager;
mod securityhub;
mod shield;
mod sns;
mod sqs;
mod ssm;
mod vpc;
mod wafv2;

use crate::{
    analysis::{
        policy::{
            Policy,
            public::{Grant, opened},
        },
        resource_controls::ResourceControls,
    },
    check::{Check, Context, Entry},
    finding::{Judgement, Severity, Verdict},
    gap::Gap,
    source::Operation,
};

/// The checks of each service.
pub(crate) static SERVICES: &[fn() -> Vec<Entry>] = &[
    access_analyzer::checks,
    account::checks,
    acm::checks,
    apigateway::checks,
    backup::checks,
    cloudformation::checks,
    cloudfront::checks,
    cloudtrail::checks,
    cloudwatch::checks,
    codebuild::checks,
    cognito::checks,
    config::checks,
    detective::checks,
    dms::checks,
    dynamodb::checks,
    ebs::checks,
    ec2::checks,
    ecr::checks,
    ecs::checks,
    efs::checks,
    eks::checks,
    elasticache::checks,
    elbv2::checks,
    guardduty::checks,
    iam::checks,
    incident::checks,
    inspector::checks,
    kms::checks,
    lambda::checks,
    logs::checks,
    macie::checks,
    opensearch::checks,
    organization::checks,
    path::checks,
    rds::checks,
    redshift::checks,
    route53::checks,
    s3::checks,
    secretsmanager::checks,
    securityhub::checks,
    shield::checks,
    sns::checks,
    sqs::checks,
    ssm::checks,
    vpc::checks,
    wafv2::checks,
];

/// The entries of a service's checks, from the names of their files (`name`, or `name (only_when_named)`), and after a
/// semicolon of its families.
macro_rules! checks {
    ($($file:ident $(($when:ident))?)* $(; $($family:ident)*)?) => {
        pub(crate) fn checks() -> Vec<crate::check::Entry> {
            let checks = vec![ $( crate::check::Entry::new(
                &$file::CHECK,
                concat!(module_path!(), "::", stringify!($file)),
                include_str!(concat!(stringify!($file), ".md")),
                include_str!(concat!(stringify!($file), ".ja.md")),
            )$(.$when())?, )* ];
            $( let checks = checks.into_iter() $( .chain($family::entries()) )* .collect(); )?
            checks
        }
    };
}
pub(crate) use checks;

/// Checks of one judgement, each with what it judges by.
type Family<T> = [(Check, T)];

/// What the check that runs judges by.
///
/// # Panics
/// When the check is not of the family.
fn row<T>(cx: &Context<'_>, family: &'static Family<T>) -> &'static T {
    let row = family.iter().find(|(check, _)| check.id == cx.check().id);
    &row.expect("a check judges by its own family").1
}

/// Judges a resource policy by what it lets everyone do of these actions (of all when none are named), alike for
/// every service.
fn judge_policy(
    cx: &Context<'_>,
    policy: &str,
    actions: &[&str],
    place: (&'static Operation, &str),
) -> Judgement {
    let grant = widest_grant(cx, policy, actions, place)?;
    let verdict = grant.as_ref().map_or_else(Verdict::pass, grant_verdict);
    Ok(unless_closed(cx, verdict, place.0))
}

/// The verdict with a word about resource control policies, where it fails and some may close what seems open.
fn unless_closed(cx: &Context<'_>, verdict: Verdict, operation: &Operation) -> Verdict {
    let unknown = cx.analyses.resource_controls().is_unknown() && ResourceControls::reach(operation);
    if unknown && !verdict.passes() {
        verdict.with("resource_control_policies_considered", false)
    } else {
        verdict
    }
}

/// The widest grant of these actions to everyone in a resource policy, if there is one.
fn widest_grant(
    cx: &Context<'_>,
    policy: &str,
    actions: &[&str],
    (operation, resource): (&'static Operation, &str),
) -> Result<Option<Grant>, Gap> {
    let region = cx.place().region;
    let known_region = Some(region).filter(|region| !region.is_empty());
    let policy = Policy::read(policy, operation, known_region, resource)?;
    let policy = cx.analyses.resource_controls().over(policy, operation);
    let place = (operation, region, resource);
    Ok(opened(&policy, actions, cx.snapshot.started_at, place)?.into_iter().next())
}

/// The verdict on a grant to everyone. One that conditions limit which AWS's definitions of "public" do not count
/// is public to them, but no stranger can use it: it names the account.
fn grant_verdict(grant: &Grant) -> Verdict {
    let verdict = Verdict::fail()
        .with("statement", &grant.statement)
        .with("actions", &grant.actions)
        .with("conditions", &grant.conditions);
    if grant.is_limited() {
        verdict.with("limits", &grant.limits).at(Severity::Low).told_as("limited")
    } else {
        verdict
    }
}

/// The verdict on the credentials in something: where they are and of what kind.
fn secrets_verdict(secrets: &[crate::snapshot::secret::Secret]) -> Verdict {
    let mut places: Vec<_> = Vec::new();
    for secret in secrets {
        if !places.contains(&&secret.place) {
            places.push(&secret.place);
        }
    }
    Verdict::fail_if(!secrets.is_empty()).with("places", places).with("secrets", secrets)
}

/// A credential, for the tests of checks.
#[cfg(test)]
fn a_secret(name: &str) -> crate::snapshot::secret::Secret {
    let secret = crate::secrets::in_pair(name, "Tr0ub4dor&3xyz").expect("a password");
    assert_eq!(secret.place.name.as_deref(), Some(name));
    secret
}

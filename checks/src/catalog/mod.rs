//! The checks: `SERVICE/CHECK.rs`, each with its page `CHECK.md` and `CHECK.ja.md` beside it.

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
    analysis::policy::public::{Grant, open_to_everyone},
    check::Context,
    finding::{Judgement, Severity, Verdict},
    gap::Gap,
    registry::Entry,
};

/// The checks of each service.
pub(crate) static SERVICES: &[&[&Entry]] = &[
    access_analyzer::CHECKS,
    account::CHECKS,
    acm::CHECKS,
    apigateway::CHECKS,
    backup::CHECKS,
    cloudformation::CHECKS,
    cloudfront::CHECKS,
    cloudtrail::CHECKS,
    cloudwatch::CHECKS,
    codebuild::CHECKS,
    cognito::CHECKS,
    config::CHECKS,
    detective::CHECKS,
    dynamodb::CHECKS,
    ebs::CHECKS,
    ec2::CHECKS,
    ecr::CHECKS,
    ecs::CHECKS,
    efs::CHECKS,
    eks::CHECKS,
    elasticache::CHECKS,
    elbv2::CHECKS,
    guardduty::CHECKS,
    iam::CHECKS,
    incident::CHECKS,
    inspector::CHECKS,
    kms::CHECKS,
    lambda::CHECKS,
    logs::CHECKS,
    macie::CHECKS,
    opensearch::CHECKS,
    organization::CHECKS,
    path::CHECKS,
    rds::CHECKS,
    redshift::CHECKS,
    route53::CHECKS,
    s3::CHECKS,
    secretsmanager::CHECKS,
    securityhub::CHECKS,
    shield::CHECKS,
    sns::CHECKS,
    sqs::CHECKS,
    ssm::CHECKS,
    vpc::CHECKS,
    wafv2::CHECKS,
];

/// The entries of a service's checks, from the names of their files.
macro_rules! checks {
    ($($file:ident)*) => {
        pub(crate) static CHECKS: &[&crate::registry::Entry] = &[ $( {
            static ENTRY: crate::registry::Entry = crate::registry::Entry::new(
                &$file::CHECK,
                include_str!(concat!(stringify!($file), ".md")),
                include_str!(concat!(stringify!($file), ".ja.md")),
            );
            &ENTRY
        }, )* ];
    };
}
pub(crate) use checks;

/// Judges a resource policy by what it lets everyone do of these actions (of all when none are named), alike for
/// every service.
fn judge_policy(cx: &Context<'_>, policy: &str, actions: &[&str], place: (&str, &str)) -> Judgement {
    let grant = widest_grant(cx, policy, actions, place)?;
    Ok(grant.as_ref().map_or_else(Verdict::pass, told_grant))
}

/// The widest grant of these actions to everyone in a resource policy, if there is one.
fn widest_grant(
    cx: &Context<'_>,
    policy: &str,
    actions: &[&str],
    (operation, resource): (&str, &str),
) -> Result<Option<Grant>, Gap> {
    let place = (operation, cx.place().region, resource);
    Ok(open_to_everyone(policy, actions, cx.snapshot.started_at, place)?.into_iter().next())
}

/// The verdict on a grant to everyone. One that conditions limit which AWS's definitions of "public" do not count
/// is public to them, but no stranger can use it: it names the account.
fn told_grant(grant: &Grant) -> Verdict {
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
fn told_secrets(secrets: &[crate::analysis::secrets::Secret]) -> Verdict {
    let mut places: Vec<_> = Vec::new();
    for secret in secrets {
        if !places.contains(&secret.place.as_str()) {
            places.push(secret.place.as_str());
        }
    }
    Verdict::fail_if(!secrets.is_empty()).with("places", places).with("secrets", secrets)
}

/// A credential, for the tests of checks.
#[cfg(test)]
fn a_secret(place: &str) -> crate::analysis::secrets::Secret {
    let secret = crate::analysis::secrets::in_pair(place, "Tr0ub4dor&3xyz").expect("a password");
    assert_eq!(secret.place, place);
    secret
}

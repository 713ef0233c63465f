use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    analysis::{
        escalation::{Escalation, Path},
        identity::{Identities, Who},
        policy::effective,
    },
    check::{Check, Context},
    finding::{Judgement, Severity, Verdict},
    gap::NotJudged,
    snapshot::iam::{HeldPolicy, op},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-policy-privilege-escalation",
    severity: Severity::High,
    sources: SOURCES,
    run: |cx| match (cx.analyses.identities(), cx.analyses.escalation()) {
        (Ok(identities), Ok(escalation)) => {
            let ways = principals(cx, &identities, &escalation);
            policies(cx, &escalation, &ways);
        }
        (Err(not_judged), _) | (_, Err(not_judged)) => cx.whole("AWS::::Account", |_| Err(not_judged)),
    },
};

/// What the analysis of privilege escalation reads.
pub(super) const SOURCES: &[Source] = &[
    Source::IamAuthorization,
    Source::IamCredentialReport,
    Source::Organization,
    Source::ServiceControlPolicies,
    Source::Ec2Instances,
    Source::SsmManagedNodes,
    Source::LambdaFunctions,
    Source::IamInstanceProfiles,
    Source::Ec2LaunchTemplates,
    Source::CloudFormationStacks,
    Source::CloudFormationStackSets,
    Source::CodeBuildProjects,
    Source::EcsClusters,
    Source::EcsClusterInstances,
    Source::EcsTaskDefinitions,
    Source::EcsServices,
    Source::GlueJobs,
    Source::SageMakerNotebooks,
    Source::AppRunnerServices,
    Source::AgentCoreCodeInterpreters,
    Source::StepFunctionsStateMachines,
];

/// Judges users and roles; returns the names of the policies that some way leads through.
fn principals(
    cx: &mut Context<'_>,
    identities: &Identities<'_>,
    escalation: &Escalation<'_>,
) -> BTreeSet<String> {
    let mut ways = BTreeSet::new();
    for (at, principal) in identities.principals.iter().enumerate() {
        // Administrators have nothing to gain; service-linked roles do only what AWS wrote them for.
        let is_linked = matches!(principal.who, Who::Role(role) if role.is_service_linked());
        if is_linked || principal.is_administrator() {
            continue;
        }
        let path = escalation.path(at);
        if let Ok(Some(path)) = &path {
            let proofs = path.chain.iter().flat_map(|step| &step.statements);
            ways.extend(proofs.map(|proof| proof.policy.clone()));
        }
        let judge = |_: &Context<'_>| path_judgement(path, identities.controls_considered);
        match principal.who {
            Who::User(user) => cx.one(user, judge),
            Who::Role(role) => cx.one(role, judge),
        }
    }
    ways
}

fn path_judgement(path: Result<Option<Path>, NotJudged>, controls_considered: bool) -> Judgement {
    let Some(path) = path? else { return Ok(Verdict::pass()) };
    let methods: Vec<_> = path.chain.iter().map(|step| step.method).collect();
    let actions: Vec<_> = path.chain.iter().flat_map(|step| step.actions.iter().copied()).collect();
    let verdict = Verdict::fail()
        .with("target", &path.target)
        .with("administrator", path.administrator)
        .with("gains", &path.gains)
        .with("methods", methods)
        .with("actions", actions)
        .with("chain", &path.chain)
        .with("service_control_policies_considered", controls_considered);
    Ok(verdict.told_as(if path.administrator { "administrator" } else { "rights" }))
}

/// A method that a policy allows by itself.
#[derive(Serialize)]
struct Possible {
    method: &'static str,
    actions: Vec<&'static str>,
}

/// Judges customer-managed and inline policies.
fn policies(cx: &mut Context<'_>, escalation: &Escalation<'_>, ways: &BTreeSet<String>) {
    let Ok(authorization) = cx.snapshot.iam.authorization.get() else { return };
    let own = authorization.policies.iter().filter(|policy| !policy.is_aws_managed());
    for policy in own.filter(|policy| !authorization.is_boundary_only(policy)) {
        cx.one(policy, |cx| alone(cx, escalation, &policy.arn, &policy.document, ways));
    }
    for holder in authorization.holders().filter(|holder| !holder.arn.contains(":role/aws-service-role/")) {
        for policy in holder.inline_policies {
            let name = format!("{}/{}", holder.name, policy.name);
            cx.one(&HeldPolicy { holder, policy }, |cx| alone(cx, escalation, &name, &policy.document, ways));
        }
    }
}

fn alone<'a>(
    cx: &Context<'a>,
    escalation: &Escalation<'_>,
    name: &str,
    document: &'a str,
    ways: &BTreeSet<String>,
) -> Judgement {
    let policy = cx.analyses.documents.read(document, op::GetAccountAuthorizationDetails, None, name)?;
    let source = effective::Source { name: name.into(), policy };
    let possible = escalation.possible(&source);
    let Some(first) = possible.first() else { return Ok(Verdict::pass()) };
    let verdict = Verdict::fail()
        .with("actions", first.needs.iter().map(|need| need.action()).collect::<Vec<_>>())
        .with("count", possible.len())
        .with(
            "methods",
            possible
                .iter()
                .map(|method| Possible {
                    method: method.id,
                    actions: method.needs.iter().map(|need| need.action()).collect(),
                })
                .collect::<Vec<_>>(),
        );
    Ok(if ways.contains(name) { verdict } else { verdict.at(Severity::Medium) })
}

#[cfg(test)]
mod tests;

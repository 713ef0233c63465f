//! Resource control policies: what an organization denies of the resources of its members, whatever their own policies say
//! (AWS Organizations User Guide, "Resource control policies (RCPs)"). They only deny, and they reach callers of every
//! account: to a resource's own policy their statements are as denies of its own.

use std::sync::Arc;

use super::{
    oidc::{self, SharedProvider},
    policy::{Chance, Effect, Known, Match, Policy, Principals, Statement},
};
use crate::{snapshot::Snapshot, source::Operation};

/// The services whose resources they reach, by the prefix of their actions (the same page, "List of AWS services that
/// support RCPs"; Amazon ECR since June 2025, CloudWatch Logs and Amazon Cognito since January 2026). On resources of
/// others they have no effect, whatever they say.
const SERVICES: [&str; 10] = [
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "cognito-sync",
    "ecr",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
];

/// Roles' trust policies are the resource-based policies of STS.
const STS: &str = "sts";

/// What resource control policies deny of the account's resources.
#[derive(Clone, Debug, Default)]
pub struct ResourceControls {
    denies: Vec<Statement>,
    is_unknown: bool,
}

/// Whether they take something away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// In every request.
    Yes,
    /// In none, or none that the caller cannot avoid.
    No,
    /// If this condition holds, which cannot be decided from here.
    If(String),
}

impl ResourceControls {
    /// Those over the account.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let organizations = &snapshot.organizations;
        // Of an account that may be in none, nothing is missing.
        let in_one = matches!(organizations.organization.get(), Ok(Some(_)));
        let Some(policies) = organizations.resource_control_policies() else {
            return Self { denies: Vec::new(), is_unknown: in_one };
        };
        let mut controls = Self::default();
        for policy in policies {
            match Policy::parse(&policy.document) {
                // Their principal is always everyone; what has none is of another kind.
                Ok(policy) => controls.denies.extend(denies_of(&policy).cloned()),
                Err(_) => controls.is_unknown = true,
            }
        }
        controls
    }

    /// Whether none that is known denies anything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.denies.is_empty()
    }

    /// Whether there may be some that are not known: what seems open may be closed.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// The policy of a resource that the operation tells, with what they deny of it.
    #[must_use]
    pub fn over(&self, policy: impl Into<Arc<Policy>>, operation: &Operation) -> Arc<Policy> {
        let policy = policy.into();
        if self.denies.is_empty() || !Self::reach(operation) {
            return policy;
        }
        Arc::new(self.with(Policy::clone(&policy), operation.prefix))
    }

    /// Whether they reach the resources of the service that the operation is of.
    #[must_use]
    pub fn reach(operation: &Operation) -> bool {
        SERVICES.contains(&operation.prefix)
    }

    /// A role's trust policy, with what they deny of it.
    #[must_use]
    pub fn over_trust(&self, trust: Policy) -> Policy {
        self.with(trust, STS)
    }

    fn with(&self, mut policy: Policy, service: &str) -> Policy {
        // Every action on a resource of the service is the service's.
        let all = format!("{service}:*");
        for deny in &self.denies {
            let mut deny = deny.clone();
            if matches!(&deny.actions, Match::Any(patterns) if patterns.iter().any(|it| it.eq_ignore_ascii_case(&all)))
            {
                deny.actions = Match::Any(vec!["*".to_owned()]);
            }
            policy.statements.push(deny);
        }
        policy
    }

    /// Whether they keep callers of whom this is known from a role.
    #[must_use]
    pub fn deny_role(&self, role: &str, known: &Known) -> Denied {
        denied(&self.denies, "sts:AssumeRole", role, known)
    }

    /// Whether they keep callers of whom this is known from doing that with all resources that the pattern matches.
    #[must_use]
    pub fn deny(&self, action: &str, resources: &str, known: &Known) -> bool {
        let all = self.denies.iter().filter(|deny| deny.resources.covers(resources));
        denied(all, action, resources, known) == Denied::Yes
    }

    /// Whether they keep all tenants of an identity provider, but those that they name, from a role.
    #[must_use]
    pub fn deny_other_tenants(&self, role: &str, issuer: &str, provider: &SharedProvider) -> bool {
        self.denies.iter().any(|deny| {
            deny.actions.selects_action("sts:AssumeRoleWithWebIdentity")
                && deny.resources.selects_resource(role)
                && oidc::spares_no_other_tenant(&deny.conditions, issuer, provider)
        })
    }
}

/// What is known of callers of another account, which is not of this one's organization.
#[must_use]
pub fn stranger(account: &str) -> Known {
    let mut known = Known::default();
    known.is("aws:PrincipalAccount", account);
    known.is("aws:PrincipalIsAWSService", "false");
    for key in ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"] {
        known.can_be(key, [None, Some("of another organization".to_owned())]);
    }
    known
}

/// What is known of callers outside the organization, whatever their account.
#[must_use]
pub fn strangers() -> Known {
    let mut known = stranger("another account");
    known.can_be("aws:PrincipalAccount", [None, Some("another account".to_owned())]);
    known
}

/// What a resource control policy denies.
pub fn denies_of(policy: &Policy) -> impl Iterator<Item = &Statement> {
    policy.denies().filter(|deny| deny.principals.as_ref().is_some_and(Principals::is_everyone))
}

/// Whether statements of resource control policies deny the action on the resource in requests of which this is known.
pub fn denied<'s>(
    statements: impl IntoIterator<Item = &'s Statement>,
    action: &str,
    resource: &str,
    known: &Known,
) -> Denied {
    let mut doubt = None;
    let about = |it: &&Statement| {
        it.effect == Effect::Deny
            && it.actions.selects_action(action)
            && it.resources.selects_resource(resource)
    };
    for deny in statements.into_iter().filter(about) {
        let chances: Vec<_> = deny.conditions.iter().map(|it| (it.chance(known), it)).collect();
        if chances.iter().any(|(chance, _)| matches!(chance, Chance::Never | Chance::AtWill)) {
            continue;
        }
        match chances.iter().find(|(chance, _)| *chance == Chance::Unclear) {
            None => return Denied::Yes,
            Some((_, condition)) => doubt = Some(condition.text()),
        }
    }
    doubt.map_or(Denied::No, Denied::If)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{
        snapshot::organizations::{ControlLevel, ControlPolicy, Organization},
        testing::{empty, read},
    };

    /// Denies everybody outside the organization the actions, as AWS's own example of a data perimeter does.
    pub(crate) fn perimeter(actions: &str) -> String {
        format!(
            r#"{{"Statement": [{{"Effect": "Deny", "Principal": "*", "Action": "{actions}", "Resource": "*",
                "Condition": {{"StringNotEqualsIfExists": {{"aws:PrincipalOrgID": "o-1"}},
                "BoolIfExists": {{"aws:PrincipalIsAWSService": "false"}}}}}}]}}"#
        )
    }

    /// Puts the account under these resource control policies; none where they could not be read.
    pub(crate) fn under(mut account: Snapshot, documents: Option<&[&str]>) -> Snapshot {
        let policies = documents.map(|documents| {
            let policy = |document: &&str| ControlPolicy {
                id: "p-1".into(),
                name: "perimeter".into(),
                document: (*document).to_owned(),
            };
            documents.iter().map(policy).collect()
        });
        let level = ControlLevel { target: "r-1".into(), policies: vec![], resource_policies: policies };
        let organization = Organization { id: "o-1".into(), management_account: "900000000001".into() };
        account.organizations.organization = read(Some(organization));
        account.organizations.service_control_policies = read(Some(vec![level]));
        account
    }

    #[test]
    fn they_are_unknown_only_to_members() {
        assert!(!ResourceControls::of(&empty()).is_unknown());
        assert!(!ResourceControls::of(&under(empty(), Some(&[]))).is_unknown());
        assert!(ResourceControls::of(&under(empty(), None)).is_unknown());
        assert!(ResourceControls::of(&under(empty(), Some(&["{"]))).is_unknown());
        let mut hidden = under(empty(), None);
        hidden.organizations.service_control_policies = read(None);
        assert!(ResourceControls::of(&hidden).is_unknown());
    }

    #[test]
    fn callers_outside_are_kept_from_roles_and_members_are_not() {
        let controls = ResourceControls::of(&under(empty(), Some(&[&perimeter("sts:AssumeRole")])));
        let by = |organization: Option<&str>| {
            let mut known = Known::default();
            known.can_be("aws:PrincipalOrgID", [organization.map(str::to_owned)]);
            known.is("aws:PrincipalIsAWSService", "false");
            controls.deny_role("arn:aws:iam::111122223333:role/a", &known)
        };
        assert_eq!((by(Some("o-1")), by(Some("o-2")), by(None)), (Denied::No, Denied::Yes, Denied::Yes));
        assert!(matches!(
            controls.deny_role("arn:aws:iam::111122223333:role/a", &Known::default()),
            Denied::If(_)
        ));
    }
}

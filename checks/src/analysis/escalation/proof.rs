//! Whether a principal surely has what a method takes, and by which statements.

use super::{
    CHOSEN_POLICY, Escalation, Proof,
    methods::{Method, Need},
    things::Thing,
};
use crate::analysis::{
    identity::{Principal, Who},
    policy::effective::{Answer, On, Request, ResourceTags},
    trust,
};

/// Whom and what a method is asked about.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'t, 'a> {
    /// The user, role, group or policy that is changed.
    pub(super) own: Option<&'t str>,
    /// The user or role whose rights it is about.
    pub(super) target: Option<usize>,
    /// What it goes through.
    pub(super) thing: Option<&'t Thing<'a>>,
}

/// The keys of the request that a need makes, whatever it is about.
pub(super) fn keys(need: Need) -> Option<(&'static str, &'static str)> {
    let action = need.action();
    match need {
        Need::Pass(service) => Some(("iam:PassedToService", service)),
        _ if action.starts_with("iam:Attach") => Some(("iam:PolicyARN", CHOSEN_POLICY)),
        _ if action.ends_with("PermissionsBoundary") && action.starts_with("iam:Put") => {
            Some(("iam:PermissionsBoundary", CHOSEN_POLICY))
        }
        _ => None,
    }
}

/// Actions on a user or role that tell its boundary as `iam:PermissionsBoundary` (Service Authorization Reference,
/// "Actions, resources, and condition keys for IAM").
const TELL_BOUNDARY: [&str; 10] = [
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DetachRolePolicy",
    "iam:DetachUserPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
];

impl<'a> Escalation<'a> {
    /// The statements that allow every need of a method; none when one need is not surely met.
    pub(super) fn prove(&self, from: usize, method: &Method, about: About<'_, 'a>) -> Option<Vec<Proof>> {
        let target_arn = about.target.map(|at| self.identities.principals[at].arn());
        let mut proofs: Vec<Proof> = Vec::new();
        for need in method.needs {
            let can = |on| Some(vec![self.can(from, *need, on, about)?]);
            let proof = match need {
                Need::Some(_) | Need::New(_) => can(On::Any),
                Need::Caller(_) => can(On::Resource(about.own?)),
                Need::Target(_) => can(On::Resource(target_arn.or(about.own)?)),
                Need::Pass(_) => can(On::Resource(target_arn?)),
                Need::Thing(_) => can(On::Resource(&about.thing?.arn)),
                Need::Inside(_) if about.thing?.inside.is_empty() => can(On::Any),
                Need::Inside(_) => {
                    let each =
                        about.thing?.inside.iter().map(|arn| self.can(from, *need, On::Resource(arn), about));
                    each.collect()
                }
                Need::Policy(_) => {
                    let mut policies = Self::own_policies(&self.identities.principals[about.target?]);
                    policies.find_map(|arn| can(On::Resource(arn)))
                }
                Need::Assume => self.proof_of_assuming(from, about.target?),
            };
            for proof in proof? {
                if !proofs.contains(&proof) {
                    proofs.push(proof);
                }
            }
        }
        Some(proofs)
    }

    /// The statement that surely allows what a need asks for.
    pub(super) fn can(&self, from: usize, need: Need, on: On<'_>, about: About<'_, 'a>) -> Option<Proof> {
        let permissions = &self.identities.principals[from].permissions;
        let action = need.action();
        let keys = keys(need);
        let subject = about.target.map(|at| &self.identities.principals[at]);
        let mut of_request: Vec<_> = keys.into_iter().collect();
        let mut absent: &[&str] = &[];
        if TELL_BOUNDARY.contains(&action) {
            match subject.and_then(|subject| subject.permissions.boundary.as_ref()) {
                Some(boundary) => of_request.push(("iam:PermissionsBoundary", &boundary.name)),
                None => absent = &["iam:PermissionsBoundary"],
            }
        }
        let tags = match need {
            Need::Caller(_) | Need::Target(_) | Need::Assume => match (subject, on) {
                (Some(subject), On::Resource(arn)) if arn == subject.arn() => self.tags_of(from, subject),
                _ => ResourceTags::Unknown,
            },
            Need::Thing(_) => about.thing.map_or(ResourceTags::Unknown, Thing::tags),
            // What is passed may not be told by its tags (IAM User Guide, "Grant a user permissions to pass a role
            // to an AWS service"); what is made has those that its maker gives it.
            _ => ResourceTags::Unknown,
        };
        let choices = match need {
            Need::Thing(_) | Need::Inside(_) => about.thing.map_or(&[][..], |thing| &thing.keys),
            _ => &[],
        };
        match permissions.can_by(action, on, &Request { keys: &of_request, absent, choices, tags }) {
            Answer::Yes(held) => Some(Proof::of(&held)),
            _ => None,
        }
    }

    /// A user's or role's tags, which the caller may be able to change first.
    fn tags_of<'t>(&self, from: usize, subject: &'t Principal<'a>) -> ResourceTags<'t> {
        let permissions = &self.identities.principals[from].permissions;
        let (tags, action) = match subject.who {
            Who::User(user) => (&user.tags, "iam:TagUser"),
            Who::Role(role) => (&role.tags, "iam:TagRole"),
        };
        let request = Request { tags: ResourceTags::Are(tags), ..Request::default() };
        if permissions.can_by(action, On::Resource(subject.arn()), &request).is_yes() {
            ResourceTags::AtWill(tags)
        } else {
            ResourceTags::Are(tags)
        }
    }

    /// The roles that trust the principal by name and, where it may assume any, those that trust the account.
    pub(super) fn assumed_by(&self, from: usize) -> impl Iterator<Item = (usize, &Proof)> {
        let permissions = &self.identities.principals[from].permissions;
        let may = !matches!(permissions.can("sts:AssumeRole", On::Any, &[]), Answer::No);
        let by_account = if may { self.assumable_by_account.as_slice() } else { &[] };
        let named = self.assumable.get(&from).into_iter().flatten();
        named.chain(by_account).map(|(at, proof)| (*at, proof))
    }

    fn proof_of_assuming(&self, from: usize, role: usize) -> Option<Vec<Proof>> {
        let find =
            |list: &[(usize, Proof)]| list.iter().find(|(at, _)| *at == role).map(|(_, proof)| proof.clone());
        let permissions = &self.identities.principals[from].permissions;
        let arn = self.identities.principals[role].arn();
        // Who is named needs no permission, but an explicit deny and a boundary still hold.
        if let Some(proof) = self.assumable.get(&from).and_then(|list| find(list)) {
            let denied = permissions.denies("sts:AssumeRole", arn);
            return (!denied).then(|| vec![proof]);
        }
        let about = About { target: Some(role), ..About::default() };
        let own = self.can(from, Need::Assume, On::Resource(arn), about)?;
        // The role's trust may hold for this caller only under conditions: ask again with what is known of it.
        let principal = &self.identities.principals[from];
        let trust = self.identities.principals[role].trust.as_ref()?;
        trust::principal(trust, principal.arn(), self.identities.account, &permissions.known)?;
        Some(vec![find(&self.assumable_by_account)?, own])
    }
}

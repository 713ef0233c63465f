//! AWS Organizations, and the permission sets of its IAM Identity Center.

mod guardrails;
mod permission_set_long_session;
mod permission_set_management_account;

super::checks! {
    guardrails
    permission_set_long_session
    permission_set_management_account
}

use crate::{
    analysis::permission_set, check::Context, gap::NotJudged, snapshot::identity_center::PermissionSet,
};

/// Whether whoever has the permission set administers the accounts that it is assigned in.
fn administers<'a>(cx: &Context<'a>, set: &'a PermissionSet) -> Result<bool, NotJudged> {
    permission_set::administers(cx.snapshot, &cx.analyses.documents, set)
}

#[cfg(test)]
mod testing {
    use std::collections::BTreeMap;

    use crate::{
        snapshot::{
            Snapshot,
            identity_center::{Assignee, PermissionSet},
        },
        testing::{empty, read, region},
    };

    pub(super) const HERE: &str = "111122223333";
    pub(super) const MEMBER: &str = "444455556666";
    pub(super) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
    pub(super) const ADMIN: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

    /// A permission set of that name, with nothing in it.
    pub(super) fn set(name: &str) -> PermissionSet {
        PermissionSet {
            arn: format!("arn:aws:sso:::permissionSet/ssoins-1/ps-{name}"),
            instance: "arn:aws:sso:::instance/ssoins-1".into(),
            name: name.into(),
            session_minutes: Some(60),
            managed_policies: vec![],
            customer_managed_policies: vec![],
            inline_policy: None,
            boundary: None,
        }
    }

    /// The same with AdministratorAccess.
    pub(super) fn administrator(name: &str) -> PermissionSet {
        PermissionSet { managed_policies: vec![ADMINISTRATOR.into()], ..set(name) }
    }

    /// A group with permission sets in accounts.
    pub(super) fn group(id: &str, assignments: &[(&PermissionSet, &[&str])]) -> Assignee {
        let mut of_sets = BTreeMap::new();
        for (set, accounts) in assignments {
            of_sets.insert(set.arn.clone(), accounts.iter().map(|it| (*it).to_owned()).collect());
        }
        Assignee { kind: "GROUP".into(), id: id.into(), assignments: of_sets }
    }

    /// The management account of an organization with these permission sets.
    pub(super) fn with_sets(sets: Vec<PermissionSet>, assignees: Vec<Assignee>) -> Snapshot {
        let mut account = empty();
        let identity_center = &mut region(&mut account).identity_center;
        identity_center.permission_sets = read(sets);
        identity_center.assignees = read(assignees);
        account
    }
}

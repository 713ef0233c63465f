//! Identity and Access Management.

mod access_key_rotation;
mod admin_policy_attached;
mod inline_policy_full_admin;
mod policy_full_admin;

super::checks! {
    access_key_rotation
    admin_policy_attached
    inline_policy_full_admin
    policy_full_admin
}

use crate::{
    analysis::policy::{Policy, admin},
    check::Context,
    finding::{Judgement, Verdict},
    snapshot::{Judged, iam::AccessKey},
};

/// Judges a document: fails where it is full administration.
fn full_admin(document: &str, resource: &str) -> Judgement {
    let policy = Policy::read(document, "iam:GetAccountAuthorizationDetails", None, resource)?;
    Ok(match admin::full_admin(&policy) {
        Some(statement) => Verdict::fail().with("statement", statement.label()),
        None => Verdict::pass(),
    })
}

/// Judges each active access key. Keys that could not be listed are one unknown finding about their user.
fn each_active_key<'a>(cx: &mut Context<'a>, judge: impl Fn(&Context<'a>, &'a AccessKey) -> Judgement) {
    match cx.snapshot.iam.access_keys.get() {
        Err(not_judged) => cx.whole(<AccessKey as Judged>::TYPE, |_| Err(not_judged)),
        Ok(users) => {
            for user in users {
                match user.keys.get() {
                    Err(not_judged) => cx.one(user, |_| Err(not_judged)),
                    Ok(keys) => cx.each(Ok(keys.iter().filter(|key| key.active)), &judge),
                }
            }
        }
    }
}

#[cfg(test)]
mod testing {
    use jiff::Timestamp;

    use crate::{
        snapshot::{
            Snapshot,
            iam::{
                AccessKey, AttachedPolicy, Authorization, Group, InlinePolicy, ManagedPolicy, ReportedKey,
                Role, User, UserAccessKeys,
            },
        },
        testing::{ago, credentials, empty, read},
    };

    /// A policy document that allows everything.
    pub(super) const ADMIN: &str =
        r#"{"Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;
    /// One that allows little.
    pub(super) const MODEST: &str =
        r#"{"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}"#;

    /// An account with these principals and policies.
    pub(super) fn with_authorization(change: impl FnOnce(&mut Authorization)) -> Snapshot {
        let mut authorization = Authorization::default();
        change(&mut authorization);
        let mut account = empty();
        account.iam.authorization = read(authorization);
        account
    }

    pub(super) fn user(name: &str) -> User {
        User {
            name: name.into(),
            arn: format!("arn:aws:iam::111122223333:user/{name}"),
            created: ago(1000),
            groups: vec![],
            inline_policies: vec![],
            attached_policies: vec![],
            permissions_boundary: None,
            tags: [].into(),
        }
    }

    pub(super) fn group(name: &str) -> Group {
        let arn = format!("arn:aws:iam::111122223333:group/{name}");
        Group { name: name.into(), arn, inline_policies: vec![], attached_policies: vec![] }
    }

    pub(super) fn role(path: &str, name: &str) -> Role {
        Role {
            name: name.into(),
            arn: format!("arn:aws:iam::111122223333:role{path}{name}"),
            path: path.into(),
            created: ago(1000),
            assume_role_policy: "{}".into(),
            inline_policies: vec![],
            attached_policies: vec![],
            permissions_boundary: None,
            instance_profiles: vec![],
            last_used: None,
            tags: [].into(),
        }
    }

    pub(super) fn inline(name: &str, document: &str) -> InlinePolicy {
        InlinePolicy { name: name.into(), document: document.into() }
    }

    pub(super) fn managed(arn: &str, document: &str) -> ManagedPolicy {
        ManagedPolicy {
            name: arn.rsplit('/').next().unwrap_or(arn).into(),
            arn: arn.into(),
            attachment_count: 1,
            boundary_usage_count: 0,
            default_version: "v1".into(),
            document: document.into(),
            other_versions: [].into(),
        }
    }

    pub(super) fn attached(arn: &str) -> AttachedPolicy {
        AttachedPolicy { name: arn.rsplit('/').next().unwrap_or(arn).into(), arn: arn.into() }
    }

    /// An account whose user `alice` has one active key, made then, changed by the function.
    pub(super) fn with_key(
        created: Timestamp,
        change: impl FnOnce(&mut AccessKey, &mut ReportedKey),
    ) -> Snapshot {
        let (user, user_arn) = ("alice".to_owned(), "arn:aws:iam::111122223333:user/alice".to_owned());
        let mut key = AccessKey {
            id: "AKIAEXAMPLE1".into(),
            user: user.clone(),
            user_arn: user_arn.clone(),
            active: true,
            created,
        };
        let mut reported = ReportedKey { active: true, last_rotated: Some(created), last_used: None };
        change(&mut key, &mut reported);
        let mut row = credentials(&user_arn);
        row.access_keys[0] = reported;
        let mut account = empty();
        if let crate::gap::Collected::Value(report) = &mut account.iam.credential_report {
            report.users.insert(user.clone(), row);
        }
        account.iam.access_keys = read(vec![UserAccessKeys { user, user_arn, keys: read(vec![key]) }]);
        account
    }
}

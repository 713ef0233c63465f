//! Identity and Access Management.

mod access_key_multiple;
mod access_key_rotation;
mod access_key_unused;
mod admin_policy_attached;
mod inline_policy_full_admin;
mod password_policy_length;
mod password_policy_reuse;
mod password_unused;
mod policy_full_admin;
mod root_access_key;
mod root_mfa;
mod root_recent_use;
mod user_console_mfa;
mod user_inline_policy;
mod user_managed_policy;

super::checks! {
    access_key_multiple
    access_key_rotation
    access_key_unused
    admin_policy_attached
    inline_policy_full_admin
    password_policy_length
    password_policy_reuse
    password_unused
    policy_full_admin
    root_access_key
    root_mfa
    root_recent_use
    user_console_mfa
    user_inline_policy
    user_managed_policy
}

use jiff::Timestamp;

use crate::{
    analysis::policy::{Policy, admin},
    check::Context,
    finding::{Judgement, Verdict},
    gap::{Gap, NotJudged},
    snapshot::{
        Judged, Place, Snapshot,
        iam::{AccessKey, AttachedPolicy, Authorization, CredentialReport, Credentials, InlinePolicy, User},
    },
};

/// Judges a document: fails where it is full administration.
fn full_admin(document: &str, resource: &str) -> Judgement {
    let policy = Policy::read(document, "iam:GetAccountAuthorizationDetails", None, resource)?;
    Ok(match admin::full_admin(&policy) {
        Some(statement) => Verdict::fail().with("statement", statement.label()),
        None => Verdict::pass(),
    })
}

/// Whether the attached policy is full administration.
fn is_full_admin(attached: &AttachedPolicy, authorization: &Authorization) -> Result<bool, NotJudged> {
    match authorization.policy(&attached.arn) {
        Some(policy) => Ok(!full_admin(&policy.document, &policy.arn)?.passes()),
        // AWS lists the policies that are attached; should one be missing, its name is all there is.
        None => Ok(attached.arn.ends_with(":aws:policy/AdministratorAccess")),
    }
}

/// What makes a user an administrator.
struct Administration<'a> {
    policy: &'a str,
    /// The group that the user has the policy from; none for a policy of its own.
    group: Option<&'a str>,
}

impl<'a> Administration<'a> {
    /// The first policy that makes the user an administrator. With a permissions boundary it takes more than
    /// one document to tell, and the user is not said to be one; so with documents that are not understood.
    fn of(user: &'a User, authorization: &'a Authorization) -> Option<Self> {
        if user.permissions_boundary.is_some() {
            return None;
        }
        let policy = |inline: &'a [InlinePolicy], attached: &'a [AttachedPolicy]| {
            let inline = inline.iter().filter(|policy| {
                full_admin(&policy.document, &user.arn).is_ok_and(|verdict| !verdict.passes())
            });
            let attached =
                attached.iter().filter(|policy| is_full_admin(policy, authorization).unwrap_or(false));
            let mut names =
                inline.map(|policy| policy.name.as_str()).chain(attached.map(|policy| policy.name.as_str()));
            names.next()
        };
        if let Some(policy) = policy(&user.inline_policies, &user.attached_policies) {
            return Some(Self { policy, group: None });
        }
        authorization.groups.iter().filter(|group| user.groups.contains(&group.name)).find_map(|group| {
            let policy = policy(&group.inline_policies, &group.attached_policies)?;
            Some(Self { policy, group: Some(&group.name) })
        })
    }
}

/// Judges each active access key, beside all keys of its user. Keys that could not be listed are one unknown
/// finding about their user.
fn each_active_key<'a>(
    cx: &mut Context<'a>,
    judge: impl Fn(&Context<'a>, &'a AccessKey, &'a [AccessKey]) -> Judgement,
) {
    match cx.snapshot.iam.access_keys.get() {
        Err(not_judged) => cx.whole(<AccessKey as Judged>::TYPE, |_| Err(not_judged)),
        Ok(users) => {
            for user in users {
                match user.keys.get() {
                    Err(not_judged) => cx.one(user, |_| Err(not_judged)),
                    Ok(keys) => {
                        cx.each(Ok(keys.iter().filter(|key| key.active)), |cx, key| judge(cx, key, keys));
                    }
                }
            }
        }
    }
}

/// A user as the credential report tells of it.
struct ReportedUser<'a> {
    name: &'a str,
    credentials: &'a Credentials,
    /// When the report was made.
    generated_at: Timestamp,
}

impl Judged for ReportedUser<'_> {
    const TYPE: &'static str = User::TYPE;
    fn id(&self) -> String {
        self.name.to_owned()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.credentials.arn.clone()
    }
}

/// Judges each user that has a console password.
fn each_console_user<'a>(cx: &mut Context<'a>, judge: impl Fn(&Context<'a>, &ReportedUser<'a>) -> Judgement) {
    match cx.snapshot.iam.credential_report.get() {
        Err(not_judged) => cx.whole(User::TYPE, |_| Err(not_judged)),
        Ok(report) => {
            for (name, credentials) in &report.users {
                let user = ReportedUser { name, credentials, generated_at: report.generated_at };
                match credentials.password_enabled {
                    Some(true) => cx.one(&user, |cx| judge(cx, &user)),
                    Some(false) => (),
                    None => cx.one(&user, |_| Err(not_in_report(name, "password_enabled"))),
                }
            }
        }
    }
}

/// The row of the root user, with the report that holds it.
fn root(account: &Snapshot) -> Result<(&Credentials, &CredentialReport), NotJudged> {
    let report = account.iam.credential_report.get()?;
    let row = report.root.as_ref().ok_or_else(|| not_in_report("<root_account>", "row"))?;
    Ok((row, report))
}

/// The credential report does not tell that (a column, or the whole row) of that user.
fn not_in_report(user: &str, what: &str) -> NotJudged {
    let message = format!("the credential report has no {what}");
    Gap::unreadable("iam:GetCredentialReport", None, Some(user), message).into()
}

/// A count of `GetAccountSummary`, by IAM's name for it.
fn summary(account: &Snapshot, name: &str) -> Result<i64, NotJudged> {
    account.iam.summary.get()?.get(name).copied().ok_or_else(|| {
        Gap::unreadable("iam:GetAccountSummary", None, None, format!("the summary has no {name}")).into()
    })
}

#[cfg(test)]
mod testing {
    use jiff::Timestamp;

    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            iam::{
                AccessKey, AttachedPolicy, Authorization, CredentialReport, Credentials, Group, InlinePolicy,
                ManagedPolicy, PasswordPolicy, ReportedKey, Role, User, UserAccessKeys,
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
        report(&mut account).users.insert(user.clone(), row);
        account.iam.access_keys = read(vec![UserAccessKeys { user, user_arn, keys: read(vec![key]) }]);
        account
    }

    /// An account whose user `alice` has a console password, set then, in a row changed by the function.
    pub(super) fn with_password(set: Timestamp, change: impl FnOnce(&mut Credentials)) -> Snapshot {
        let mut row = credentials("arn:aws:iam::111122223333:user/alice");
        row.password_enabled = Some(true);
        row.password_last_changed = Some(set);
        change(&mut row);
        let mut account = empty();
        report(&mut account).users.insert("alice".into(), row);
        account
    }

    /// The account's credential report, to be changed.
    pub(super) fn report(account: &mut Snapshot) -> &mut CredentialReport {
        match &mut account.iam.credential_report {
            Collected::Value(report) => report,
            other => panic!("no report: {other:?}"),
        }
    }

    /// An account whose root user has this row in the report.
    pub(super) fn with_root(change: impl FnOnce(&mut Credentials)) -> Snapshot {
        let mut account = empty();
        change(report(&mut account).root.as_mut().expect("a row of root"));
        account
    }

    /// Sets a count of the account's summary.
    pub(super) fn count(account: &mut Snapshot, name: &str, count: i64) {
        match &mut account.iam.summary {
            Collected::Value(summary) => summary.insert(name.into(), count),
            other => panic!("no summary: {other:?}"),
        };
    }

    /// An account with a password policy as CIS wants it, changed by the function.
    pub(super) fn with_password_policy(change: impl FnOnce(&mut PasswordPolicy)) -> Snapshot {
        let mut policy = PasswordPolicy {
            minimum_length: 14,
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            reuse_prevention: Some(24),
            max_age_days: None,
        };
        change(&mut policy);
        let mut account = empty();
        account.iam.password_policy = read(Some(policy));
        account
    }
}

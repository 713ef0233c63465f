//! Identity and Access Management.

mod access_key_initial_setup;
mod access_key_multiple;
mod access_key_rotation;
mod access_key_unused;
mod admin_mfa;
mod admin_policy_attached;
mod inline_policy_full_admin;
mod password_policy_length;
mod password_policy_reuse;
mod password_policy_strength;
mod password_unused;
mod permissions_boundary_missing;
mod policy_assume_role_any;
mod policy_cloudshell_full_access;
mod policy_decrypt_any;
mod policy_full_admin;
mod policy_not_action;
mod policy_pass_role_any;
mod policy_privilege_escalation;
mod policy_service_wildcard;
mod role_confused_deputy;
mod role_trust_external;
mod role_trust_oidc;
mod role_trust_public;
mod role_unused;
mod root_access_key;
mod root_central_management;
mod root_certificate;
mod root_hardware_mfa;
mod root_mfa;
mod root_recent_use;
mod server_certificate_expired;
mod support_role;
mod user_console_mfa;
mod user_hardware_mfa;
mod user_inline_policy;
mod user_managed_policy;
mod user_without_group;
mod users_not_federated;

super::checks! {
    access_key_initial_setup
    access_key_multiple
    access_key_rotation
    access_key_unused
    admin_mfa
    admin_policy_attached
    inline_policy_full_admin
    password_policy_length
    password_policy_reuse
    password_policy_strength
    password_unused
    permissions_boundary_missing
    policy_assume_role_any
    policy_cloudshell_full_access
    policy_decrypt_any
    policy_full_admin
    policy_not_action
    policy_pass_role_any
    policy_privilege_escalation
    policy_service_wildcard
    role_confused_deputy
    role_trust_external
    role_trust_oidc
    role_trust_public
    role_unused
    root_access_key
    root_central_management
    root_certificate
    root_hardware_mfa
    root_mfa
    root_recent_use
    server_certificate_expired
    support_role
    user_console_mfa
    user_hardware_mfa
    user_inline_policy
    user_managed_policy
    user_without_group
    users_not_federated
}

use std::rc::Rc;

use jiff::Timestamp;

use crate::{
    analysis::policy::{Condition, Match, Policy, Statement, admin, pattern, public},
    check::Context,
    finding::{Judgement, Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::{
        Judged,
        iam::{
            AccessKey, AttachedPolicy, Authorization, Credentials, HeldPolicy, ManagedPolicy, PasswordPolicy,
            ReportedUser, Role, op,
        },
    },
};

/// Judges a document: fails where it is full administration. `NotAction` is not reported as every action.
fn full_admin<'a>(cx: &Context<'a>, document: &'a str, resource: &str) -> Judgement {
    let operation = op::GetAccountAuthorizationDetails;
    let policy = cx.analyses.documents.read(document, operation, None, resource)?;
    Ok(match admin::full_admin(&policy) {
        Some(statement) => {
            let verdict = Verdict::fail().with("statement", statement.label());
            match &statement.actions {
                Match::Any(_) => verdict,
                Match::NoneOf(named) => verdict.with("not_action", named).told_as("not_action"),
            }
        }
        None => Verdict::pass(),
    })
}

/// Whether an attached policy is full administration.
fn is_full_admin<'a>(
    cx: &Context<'a>,
    attached: &AttachedPolicy,
    authorization: &'a Authorization,
) -> Result<bool, NotJudged> {
    match authorization.policy(&attached.arn) {
        Some(policy) => Ok(!full_admin(cx, &policy.document, &policy.arn)?.passes()),
        // AWS lists the policies that are attached; should one be missing, its name is all there is.
        None => Ok(attached.arn.ends_with(":aws:policy/AdministratorAccess")),
    }
}

/// Judges each user of the credential report that has a console password.
fn each_user_with_password<'a>(
    cx: &mut Context<'a>,
    judge: impl Fn(&Context<'a>, &'a ReportedUser) -> Judgement,
) {
    let users =
        cx.snapshot.iam.credential_report.get().map(|report| {
            report.users.values().filter(|user| user.credentials.password_enabled != Some(false))
        });
    cx.each(users, |cx, user| match user.credentials.password_enabled {
        Some(_) => Ok(judge(cx, user)?.with("report_generated", generated(cx)?)),
        None => Err(not_in_report(&user.name, "password_enabled")),
    });
}

/// When the credential report was made: up to four hours ago.
fn generated(cx: &Context<'_>) -> Result<Timestamp, NotJudged> {
    Ok(cx.snapshot.iam.credential_report.get()?.generated_at)
}

/// In AWS GovCloud (US) nobody can sign in as the root user: it has no password, and so no MFA to ask for
/// (AWS GovCloud (US) User Guide, "AWS Identity and Access Management", "How IAM differs"). Access keys it can have.
fn root_signs_in(cx: &Context<'_>) -> Result<(), NotJudged> {
    if cx.snapshot.account.partition == "aws-us-gov" { Err(NotJudged::NotApplicable) } else { Ok(()) }
}

/// The root user's row of the credential report.
fn root<'a>(cx: &Context<'a>) -> Result<&'a Credentials, NotJudged> {
    cx.snapshot.iam.credential_report.get()?.root.as_ref().ok_or_else(|| {
        let message = "the report has no row of the root user";
        Gap::unreadable(op::GetCredentialReport, None, None, message).into()
    })
}

/// The credential report does not say that of that user.
fn not_in_report(user: &str, what: &str) -> NotJudged {
    let message = format!("the report does not tell {what}");
    Gap::unreadable(op::GetCredentialReport, None, Some(user), message).into()
}

/// What `aws iam update-account-password-policy` takes to make the policy as the three checks want it, for their
/// fix commands.
///
/// The operation has no partial updates: what is not named goes back to its default, which for the most part is off
/// (IAM API reference, UpdateAccountPasswordPolicy). So everything is named that the policy has. It is one command
/// for all three checks, or the second of them would take back what the first has mended.
fn password_policy_arguments(policy: Option<&PasswordPolicy>) -> Vec<String> {
    let length = policy.map_or(0, |policy| policy.minimum_length).max(password_policy_length::FEWEST);
    let mut arguments = vec![format!("--minimum-password-length={length}")];
    arguments.push(format!("--password-reuse-prevention={}", password_policy_reuse::FEWEST));
    for kind in ["symbols", "numbers", "uppercase-characters", "lowercase-characters"] {
        arguments.push(format!("--require-{kind}"));
    }
    if let Some(policy) = policy {
        arguments.extend(policy.max_age_days.map(|days| format!("--max-password-age={days}")));
        arguments.extend(policy.hard_expiry.then(|| "--hard-expiry".to_owned()));
        arguments.extend(policy.users_may_change.then(|| "--allow-users-to-change-password".to_owned()));
    }
    arguments
}

/// Types of the policies that [`each_policy`] judges; together they are the account's.
const POLICY_TYPES: [&str; 5] =
    ["AWS::::Account", ManagedPolicy::TYPE, HeldPolicy::TYPES[0], HeldPolicy::TYPES[1], HeldPolicy::TYPES[2]];

/// Judges each customer-managed and inline policy. Full administration is reported by the checks of that name
/// only.
fn each_policy(cx: &mut Context<'_>, judge: impl Fn(&Policy) -> Judgement) {
    each_document(cx, |policy| match admin::full_admin(policy) {
        Some(_) => Err(NotJudged::NotApplicable),
        None => judge(policy),
    });
}

/// The same with full administration. Service-linked roles' policies are AWS's own, and a policy that is used as
/// a permissions boundary only grants nothing: Security Hub's controls leave it out, too
/// (`excludePermissionBoundaryPolicy`).
fn each_document(cx: &mut Context<'_>, judge: impl Fn(&Policy) -> Judgement) {
    let authorization = match cx.snapshot.iam.authorization.get() {
        Ok(authorization) => authorization,
        Err(not_judged) => return cx.unread(&POLICY_TYPES, not_judged),
    };
    let analyses = Rc::clone(&cx.analyses);
    let judge = |document, name: &str| {
        let operation = op::GetAccountAuthorizationDetails;
        let policy = analyses.documents.read(document, operation, None, name)?;
        judge(&policy)
    };
    let granting =
        |policy: &&ManagedPolicy| !policy.is_aws_managed() && !authorization.is_boundary_only(policy);
    for policy in authorization.policies.iter().filter(granting) {
        cx.one(policy, |_| judge(&policy.document, &policy.arn));
    }
    for holder in authorization.holders().filter(|holder| !holder.arn.contains(":role/aws-service-role/")) {
        for policy in holder.inline_policies {
            let verdict = judge(&policy.document, holder.arn);
            // What Identity Center writes is changed in its permission set.
            let reserved = holder.arn.contains(":role/aws-reserved/sso.amazonaws.com/");
            let verdict = verdict.map(|verdict| if reserved { verdict.at(Severity::Low) } else { verdict });
            cx.one(&HeldPolicy { holder, policy }, |_| verdict);
        }
    }
}

/// The statements that allow on all resources, under no condition that limits.
fn allows_everywhere(policy: &Policy) -> impl Iterator<Item = &Statement> {
    policy.allows().filter(|statement| {
        admin::all_resources(&statement.resources)
            && statement.conditions.iter().all(Condition::is_met_at_will)
    })
}

/// Whether the resources are all roles of an account, or of all.
fn every_role(resources: &Match) -> bool {
    match resources {
        Match::Any(patterns) => patterns.iter().any(|pattern| {
            // The account's number may be written out: what follows it decides.
            let name = pattern.splitn(6, ':').nth(5);
            pattern::covers_arns(pattern, "iam::x:role/*")
                || name.is_some_and(|name| pattern::covers(name, "role/*"))
        }),
        Match::NoneOf(_) => pattern::in_every_partition("iam::*:role/*").all(|arn| resources.covers(&arn)),
    }
}

/// Judges each role by its trust policy, as it is in force now. Service-linked roles are AWS's own.
fn each_trust<'a>(cx: &mut Context<'a>, judge: impl Fn(&Context<'a>, &'a Role, &Policy) -> Judgement) {
    let roles = cx.snapshot.iam.authorization.get().map(|authorization| &authorization.roles);
    cx.each(roles.map(|roles| roles.iter().filter(|role| !role.is_service_linked())), |cx, role| {
        let operation = op::GetAccountAuthorizationDetails;
        let trust = cx.analyses.documents.read(&role.assume_role_policy, operation, None, &role.arn)?;
        judge(cx, role, &public::in_force(&trust, cx.snapshot.started_at))
    });
}

/// A number of the account summary.
fn summary(cx: &Context<'_>, name: &str) -> Result<i64, NotJudged> {
    cx.snapshot.iam.summary.get()?.get(name).copied().ok_or_else(|| {
        Gap::unreadable(op::GetAccountSummary, None, None, format!("the summary lacks {name}")).into()
    })
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

#[cfg(test)]
mod testing {
    use jiff::Timestamp;

    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            iam::{
                AccessKey, AttachedPolicy, Authorization, Credentials, Group, InlinePolicy, ManagedPolicy,
                ReportedKey, ReportedUser, Role, User, UserAccessKeys,
            },
        },
        testing::{ago, credentials, empty, read},
    };

    /// An account whose credential report has the user `alice`.
    pub(super) fn with_reported(change: impl FnOnce(&mut Credentials)) -> Snapshot {
        let mut row = credentials("arn:aws:iam::111122223333:user/alice");
        change(&mut row);
        let mut account = empty();
        if let Collected::Value(report) = &mut account.iam.credential_report {
            report.users.insert("alice".into(), ReportedUser { name: "alice".into(), credentials: row });
        }
        account
    }

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

    /// An account with the customer-managed policy `p` of these statements.
    pub(super) fn with_policy(statements: &str) -> Snapshot {
        let document = format!(r#"{{"Statement": [{statements}]}}"#);
        with_authorization(|authorization| {
            authorization.policies.push(managed("arn:aws:iam::111122223333:policy/p", &document));
        })
    }

    /// An account whose role `app` has these statements in its trust policy.
    pub(super) fn with_trust(statements: &str) -> Snapshot {
        let mut app = role("/", "app");
        app.assume_role_policy = format!(r#"{{"Statement": [{statements}]}}"#);
        with_authorization(|authorization| authorization.roles.push(app))
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
        let mut account = with_reported(|row| row.access_keys[0] = reported);
        account.iam.access_keys = read(vec![UserAccessKeys { user, user_arn, keys: read(vec![key]) }]);
        account
    }
}

use super::each_user_with_password;
use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-user-console-mfa",
    severity: Severity::High,
    sources: &[Source::IamAuthorization, Source::IamCredentialReport],
    run: |cx| {
        each_user_with_password(cx, |cx, user| {
            if user.credentials.mfa_active {
                return Ok(Verdict::pass());
            }
            // Whether the user is an administrator makes it worse, not better: unreadable, it stays high.
            let administrator = is_administrator(cx, &user.credentials.arn);
            let verdict = Verdict::fail()
                .with("password_last_used", user.credentials.password_last_used)
                .with("administrator", administrator.as_ref().ok());
            Ok(if administrator == Ok(true) {
                verdict.at(Severity::Critical).told_as("administrator")
            } else {
                verdict
            })
        });
    },
};

/// Whether the user's effective permissions are full administration.
fn is_administrator(cx: &Context<'_>, arn: &str) -> Result<bool, NotJudged> {
    let identities = cx.analyses.identities()?;
    let Some(user) = identities.principal(arn) else { return Ok(false) };
    match (user.is_administrator(), &user.unread) {
        (false, Some(why)) => Err(why.clone()),
        (administrator, _) => Ok(administrator),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, attached, group, inline, managed, user, with_reported},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::{
            Snapshot,
            iam::{Authorization, User},
        },
        testing::{denied, fails, passes, read, silent},
    };

    fn with_password(mfa: bool, change: impl FnOnce(&mut User, &mut Authorization)) -> Snapshot {
        let mut account = with_reported(|row| (row.password_enabled, row.mfa_active) = (Some(true), mfa));
        let (mut alice, mut authorization) = (user("alice"), Authorization::default());
        change(&mut alice, &mut authorization);
        authorization.users.push(alice);
        account.iam.authorization = read(authorization);
        account
    }

    #[test]
    fn fails_without_mfa() {
        assert_eq!(fails(&CHECK, &with_password(false, |_, _| ())).severity, Severity::High);
    }

    #[test]
    fn critical_for_administrators_in_every_way_to_be_one() {
        let severity =
            |change: fn(&mut User, &mut Authorization)| fails(&CHECK, &with_password(false, change)).severity;
        assert_eq!(severity(|user, _| user.inline_policies.push(inline("all", ADMIN))), Severity::Critical);
        assert_eq!(
            severity(|user, authorization| {
                let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
                user.attached_policies.push(attached(arn));
                authorization.policies.push(managed(arn, ADMIN));
            }),
            Severity::Critical
        );
        // Neither a policy that AWS did not list nor one that is not understood hides it.
        assert_eq!(
            severity(|user, _| {
                user.attached_policies.push(attached("arn:aws:iam::aws:policy/AdministratorAccess"));
            }),
            Severity::Critical
        );
        assert_eq!(
            severity(|user, _| user.inline_policies = vec![inline("a", "?"), inline("b", ADMIN)]),
            Severity::Critical
        );
        assert_eq!(
            severity(|user, authorization| {
                user.groups.push("operators".into());
                let mut operators = group("operators");
                operators.inline_policies.push(inline("all", ADMIN));
                authorization.groups.push(operators);
            }),
            Severity::Critical
        );
        // A boundary limits what the policies give.
        assert_eq!(
            severity(|user, _| {
                user.inline_policies.push(inline("all", ADMIN));
                user.permissions_boundary = Some("arn:aws:iam::111122223333:policy/boundary".into());
            }),
            Severity::High
        );
    }

    #[test]
    fn passes_with_mfa() {
        passes(&CHECK, &with_password(true, |_, _| ()));
    }

    #[test]
    fn says_nothing_of_users_without_a_password() {
        silent(&CHECK, &with_reported(|_| ()));
    }

    #[test]
    fn fails_all_the_same_when_permissions_are_not_readable() {
        let mut account = with_password(false, |_, _| ());
        account.iam.authorization = denied();
        assert_eq!(fails(&CHECK, &account).severity, Severity::High);
    }
}

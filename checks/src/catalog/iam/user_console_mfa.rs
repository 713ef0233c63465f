use super::{Administration, each_console_user};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-user-console-mfa",
    severity: Severity::High,
    sources: &[Source::IamCredentialReport, Source::IamAuthorization],
    run: |cx| {
        each_console_user(cx, |cx, user| {
            if user.credentials.mfa_active {
                return Ok(Verdict::pass());
            }
            let verdict = Verdict::fail()
                .with("password_last_used", user.credentials.password_last_used)
                .with("generated_at", user.generated_at);
            // Whether the user is an administrator moves the severity, not the verdict.
            let Ok(authorization) = cx.snapshot.iam.authorization.get() else {
                return Ok(verdict);
            };
            let found = authorization.users.iter().find(|other| other.name == user.name);
            Ok(match found.and_then(|found| Administration::of(found, authorization)) {
                None => verdict,
                Some(Administration { policy, group }) => verdict
                    .at(Severity::Critical)
                    .told_as("administrator")
                    .with("admin_policy", policy)
                    .with("admin_group", group),
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{
            ADMIN, MODEST, attached, group, inline, managed, user, with_authorization, with_password,
        },
        CHECK,
    };
    use crate::{
        finding::{Finding, Severity},
        snapshot::{
            Snapshot,
            iam::{Authorization, User},
        },
        testing::{ago, denied, empty, fails, passes, silent, unknown},
    };

    const ARN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    fn without_mfa() -> Snapshot {
        with_password(ago(10), |_| ())
    }

    /// What is said of a password-only `alice` who is like that.
    fn alice(change: impl FnOnce(&mut User, &mut Authorization)) -> Finding {
        let mut account = without_mfa();
        account.iam.authorization = with_authorization(|authorization| {
            let mut alice = user("alice");
            change(&mut alice, authorization);
            authorization.users = vec![alice];
        })
        .iam
        .authorization;
        fails(&CHECK, &account)
    }

    #[test]
    fn fails_without_mfa() {
        let finding = alice(|alice, _| alice.inline_policies = vec![inline("read", MODEST)]);
        assert_eq!((finding.severity, finding.variant), (Severity::High, None));
        assert_eq!(finding.resource.id, "alice");
    }

    #[test]
    fn critical_for_administrators() {
        let inline_admin = alice(|alice, _| alice.inline_policies = vec![inline("all", ADMIN)]);
        let attached_admin = alice(|alice, authorization| {
            alice.attached_policies = vec![attached(ARN)];
            authorization.policies = vec![managed(ARN, ADMIN)];
        });
        let by_name = alice(|alice, _| alice.attached_policies = vec![attached(ARN)]);
        for (finding, policy) in
            [(inline_admin, "all"), (attached_admin, "AdministratorAccess"), (by_name, "AdministratorAccess")]
        {
            assert_eq!((finding.severity, finding.variant), (Severity::Critical, Some("administrator")));
            assert_eq!(finding.evidence["admin_policy"], policy);
        }
    }

    #[test]
    fn critical_for_administrators_by_group() {
        let in_group = |groups: &[&str]| {
            alice(|alice, authorization| {
                alice.groups = groups.iter().map(|&name| name.into()).collect();
                let mut admins = group("admins");
                admins.attached_policies = vec![attached("arn:aws:iam::111122223333:policy/everything")];
                authorization.groups = vec![admins, group("readers")];
                authorization.policies = vec![managed("arn:aws:iam::111122223333:policy/everything", ADMIN)];
            })
        };
        let finding = in_group(&["admins", "readers"]);
        assert_eq!(
            (finding.severity, &finding.evidence["admin_group"]),
            (Severity::Critical, &"admins".into())
        );
        assert_eq!(in_group(&["readers"]).severity, Severity::High);
    }

    #[test]
    fn a_boundary_leaves_the_severity() {
        let finding = alice(|alice, _| {
            alice.inline_policies = vec![inline("all", ADMIN)];
            alice.permissions_boundary = Some("arn:aws:iam::111122223333:policy/boundary".into());
        });
        assert_eq!(finding.severity, Severity::High);
    }

    #[test]
    fn fails_also_when_permissions_are_not_readable() {
        let mut account = without_mfa();
        account.iam.authorization = denied();
        assert_eq!(fails(&CHECK, &account).severity, Severity::High);
    }

    #[test]
    fn passes_with_mfa() {
        passes(&CHECK, &with_password(ago(10), |row| row.mfa_active = true));
    }

    #[test]
    fn says_nothing_of_users_without_a_password() {
        silent(&CHECK, &with_password(ago(10), |row| row.password_enabled = Some(false)));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.credential_report = denied();
        unknown(&CHECK, &account);
    }
}

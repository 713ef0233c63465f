use super::policy_privilege_escalation::SOURCES;
use crate::{
    analysis::identity::Who,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
};

pub(super) const CHECK: Check = Check {
    id: "iam-admin-mfa",
    severity: Severity::Critical,
    sources: SOURCES,
    run: |cx| match (cx.analyses.identities(), cx.analyses.escalation()) {
        (Err(not_judged), _) | (_, Err(not_judged)) => cx.whole("AWS::::Account", |_| Err(not_judged)),
        (Ok(identities), Ok(escalation)) => {
            for (at, principal) in identities.principals.iter().enumerate() {
                let Who::User(user) = principal.who else { continue };
                cx.one(user, |cx| {
                    let direct = principal.permissions.administrator();
                    let way = if direct.is_some() { None } else { escalation.path(at)? };
                    let way = way.filter(|way| way.administrator);
                    let policy = match (&direct, &way) {
                        (Some(held), _) => Some(held.source.name.to_string()),
                        (None, Some(way)) => way
                            .chain
                            .first()
                            .and_then(|step| step.statements.first())
                            .map(|p| p.policy.clone()),
                        (None, None) => return Err(NotJudged::NotApplicable),
                    };
                    let report = cx.snapshot.iam.credential_report.get()?;
                    let row = report.users.get(&user.name);
                    // A user that is newer than the report: nothing is known of its devices yet.
                    let row = row.ok_or_else(|| super::not_in_report(&user.name, "mfa_active"))?;
                    let verdict = Verdict::fail_if(!row.credentials.mfa_active)
                        .with("policy", policy)
                        .with("password_enabled", row.credentials.password_enabled)
                        .with(
                            "active_access_keys",
                            row.credentials.access_keys.iter().filter(|k| k.active).count(),
                        )
                        .with("way", way.as_ref().map(|way| &way.chain))
                        .with("report_generated", report.generated_at);
                    Ok(if way.is_some() {
                        verdict.told_as("by_escalation")
                    } else if identities.hidden_controls {
                        verdict.told_as("conditional")
                    } else {
                        verdict
                    })
                });
            }
        }
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, MODEST, group, inline, user, with_authorization},
        CHECK,
    };
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            iam::{ReportedUser, User},
            organizations::Organization,
        },
        testing::{credentials, fails, passes, read, silent},
    };

    fn alice(mfa: bool, change: impl FnOnce(&mut User)) -> Snapshot {
        let mut alice = user("alice");
        change(&mut alice);
        let mut account = with_authorization(|authorization| {
            authorization.users.push(alice);
            let mut admins = group("admins");
            admins.inline_policies = vec![inline("everything", ADMIN)];
            authorization.groups.push(admins);
        });
        let mut row = credentials("arn:aws:iam::111122223333:user/alice");
        row.mfa_active = mfa;
        if let Collected::Value(report) = &mut account.iam.credential_report {
            report.users.insert("alice".into(), ReportedUser { name: "alice".into(), credentials: row });
        }
        account
    }

    const ESCALATING: &str =
        r#"{"Statement": {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"}}"#;

    #[test]
    fn fails_when_an_administrator_has_no_mfa() {
        let finding = fails(&CHECK, &alice(false, |alice| alice.inline_policies = vec![inline("p", ADMIN)]));
        assert_eq!(finding.evidence["policy"], "alice/p");
        assert_eq!(finding.evidence["password_enabled"], false, "a password is not needed");
        fails(&CHECK, &alice(false, |alice| alice.groups = vec!["admins".into()]));
    }

    #[test]
    fn a_member_account_does_not_see_what_may_take_it_back() {
        let mut account = alice(false, |alice| alice.inline_policies = vec![inline("p", ADMIN)]);
        assert_eq!(fails(&CHECK, &account).variant, None);
        account.organizations.organization =
            read(Some(Organization { id: "o-a".into(), management_account: "444455556666".into() }));
        account.organizations.service_control_policies = read(None);
        assert_eq!(fails(&CHECK, &account).variant, Some("conditional"));
    }

    #[test]
    fn fails_when_the_user_can_become_one() {
        let finding =
            fails(&CHECK, &alice(false, |alice| alice.inline_policies = vec![inline("p", ESCALATING)]));
        assert_eq!(finding.variant, Some("by_escalation"));
        assert_eq!(finding.evidence["way"][0]["method"], "iam-007");
    }

    #[test]
    fn passes_with_mfa() {
        passes(&CHECK, &alice(true, |alice| alice.groups = vec!["admins".into()]));
        passes(&CHECK, &alice(true, |alice| alice.inline_policies = vec![inline("p", ESCALATING)]));
    }

    #[test]
    fn says_nothing_of_others() {
        silent(&CHECK, &alice(false, |alice| alice.inline_policies = vec![inline("p", MODEST)]));
    }
}

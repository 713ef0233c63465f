use std::collections::BTreeSet;

use super::each_trust;
use crate::{
    analysis::{
        policy::{Condition, Pin, Principals, Statement},
        resource_controls::{Denied, stranger},
        trust::account_named,
    },
    check::{Check, Trust},
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-role-trust-external",
    severity: Severity::Medium,
    sources: &[
        Source::IamAuthorization,
        Source::Organization,
        Source::OrganizationAccounts,
        Source::ServiceControlPolicies,
    ],
    run: |cx| {
        each_trust(cx, |cx, role, trust| {
            let controls = cx.analyses.resource_controls();
            let mut accounts = BTreeSet::new();
            let (mut statements, mut certain) = (Vec::new(), true);
            for statement in trust.allows().filter(|s| s.actions.selects_action("sts:AssumeRole")) {
                if statement.conditions.iter().any(limits_who) {
                    continue;
                }
                let mut external = Vec::new();
                for account in accounts_of(statement) {
                    match cx.trust(account)? {
                        Trust::Trusted => continue,
                        Trust::Stranger => {}
                        Trust::Undisclosed => certain = false,
                    }
                    if controls.deny_role(&role.arn, &stranger(account)) == Denied::Yes {
                        continue;
                    }
                    external.push(account);
                }
                if !external.is_empty() {
                    statements.push(statement.label());
                    accounts.extend(external);
                }
            }
            if accounts.is_empty() {
                return Ok(Verdict::pass());
            }
            let known = cx.snapshot.organizations.accounts.get().is_ok_and(Option::is_some);
            let verdict = Verdict::fail()
                .with("accounts", accounts)
                .with("statements", statements)
                .with("organization_accounts_known", known);
            Ok(if certain { verdict } else { verdict.told_as("member") })
        });
    },
};

/// The accounts that a statement names, as principals or, for everyone, by a condition.
fn accounts_of(statement: &Statement) -> impl Iterator<Item = &str> {
    let named = match &statement.principals {
        Some(Principals::Any(named)) => named.as_slice(),
        _ => &[],
    };
    let everyone = statement.principals.as_ref().is_some_and(Principals::is_everyone);
    let named = named.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case("AWS"));
    let by_condition = statement.conditions.iter().filter(move |_| everyone).flat_map(|condition| {
        let account = condition.requires("aws:PrincipalAccount");
        account.or_else(|| condition.requires("aws:PrincipalArn")).into_iter().flatten()
    });
    named.map(|(_, name)| name).chain(by_condition).filter_map(|name| account_of(name))
}

/// The account of a principal: `111122223333`, or in an ARN. An id such as `AIDA…` stands for a principal that
/// was deleted.
fn account_of(principal: &str) -> Option<&str> {
    let in_arn = principal.split(':').nth(4).unwrap_or(principal);
    account_named(in_arn)
}

/// An external id, or a condition on the caller's organization.
fn limits_who(condition: &Condition) -> bool {
    let external_id = condition.requires("sts:ExternalId").is_some_and(|values| {
        !condition.has_wildcards() && !values.iter().any(|value| value.is_empty() || value.contains("${"))
    });
    let organization = ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"];
    external_id
        || organization.iter().any(|key| condition.key.eq_ignore_ascii_case(key))
            && condition.pins() == Pin::Fixed
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trust, CHECK};
    use crate::{
        analysis::resource_controls::tests::{perimeter, under},
        settings::Settings,
        snapshot::{Snapshot, organizations::Organization},
        testing::{fails, fails_with, needs_to_know_members, passes, read, unknown},
    };

    fn trusting(principal: &str, condition: &str) -> Snapshot {
        with_trust(&format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:AssumeRole", "Condition": {condition}}}"#
        ))
    }

    #[test]
    fn fails_when_another_account_needs_no_external_id() {
        for principal in [
            r#"{"AWS": "444455556666"}"#,
            r#"{"AWS": ["111122223333", "arn:aws:iam::444455556666:root"]}"#,
            r#"{"AWS": "arn:aws:iam::444455556666:role/scanner"}"#,
        ] {
            let finding = fails(&CHECK, &trusting(principal, "{}"));
            assert_eq!(finding.evidence["accounts"], serde_json::json!(["444455556666"]));
        }
    }

    #[test]
    fn a_resource_control_policy_of_all_outside_closes_it() {
        let trusts = || {
            let mut account = trusting(r#"{"AWS": "444455556666"}"#, "{}");
            account.organizations.accounts = read(Some(vec!["111122223333".into()]));
            account
        };
        passes(&CHECK, &under(trusts(), Some(&[&perimeter("sts:AssumeRole")])));
        fails(&CHECK, &under(trusts(), Some(&[&perimeter("s3:*")])));
        fails(&CHECK, &under(trusts(), None));
    }

    #[test]
    fn fails_under_conditions_that_do_not_help() {
        for condition in [
            r#"{"StringLike": {"sts:ExternalId": "*"}}"#,
            r#"{"StringEqualsIfExists": {"sts:ExternalId": "x"}}"#,
            r#"{"StringNotEquals": {"sts:ExternalId": "x"}}"#,
            r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
        ] {
            fails(&CHECK, &trusting(r#"{"AWS": "444455556666"}"#, condition));
        }
    }

    #[test]
    fn passes_with_an_external_id_or_an_organization() {
        for condition in [
            r#"{"StringEquals": {"sts:ExternalId": "x"}}"#,
            r#"{"StringEquals": {"sts:ExternalId": ["x", "y"]}}"#,
            r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#,
        ] {
            passes(&CHECK, &trusting(r#"{"AWS": "444455556666"}"#, condition));
        }
    }

    #[test]
    fn passes_for_principals_of_the_account_and_deleted_ones() {
        passes(&CHECK, &trusting(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, "{}"));
        passes(&CHECK, &trusting(r#"{"AWS": "AIDAEXAMPLEEXAMPLE123"}"#, "{}"));
        passes(&CHECK, &trusting(r#"{"Service": "ec2.amazonaws.com"}"#, "{}"));
    }

    #[test]
    fn passes_when_its_time_is_over() {
        let over = r#"{"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#;
        passes(&CHECK, &trusting(r#"{"AWS": "444455556666"}"#, over));
        fails(&CHECK, &trusting(r#"{"AWS": "444455556666"}"#, &over.replace("2020", "2090")));
    }

    #[test]
    fn everyone_of_another_account_is_external_too() {
        let condition = r#"{"StringEquals": {"aws:PrincipalAccount": "444455556666"}}"#;
        fails(&CHECK, &trusting(r#""*""#, condition));
        passes(&CHECK, &trusting(r#""*""#, &condition.replace("444455556666", "111122223333")));
        let pattern = r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/team-*"}}"#;
        fails(&CHECK, &trusting(r#""*""#, pattern));
        passes(&CHECK, &trusting(r#""*""#, &pattern.replace("444455556666", "111122223333")));
    }

    #[test]
    fn accounts_of_the_organization_and_trusted_ones_are_not_external() {
        let mut account = trusting(r#"{"AWS": "444455556666"}"#, "{}");
        account.organizations.accounts = read(Some(vec!["111122223333".into(), "444455556666".into()]));
        passes(&CHECK, &account);
        account.organizations.accounts = read(None);
        assert_eq!(fails(&CHECK, &account).evidence["organization_accounts_known"], false);
        account.organizations.organization =
            read(Some(Organization { id: "o-a".into(), management_account: "444455556666".into() }));
        passes(&CHECK, &account);
        let settings = Settings { trusted_accounts: vec!["777788889999".into()], ..Settings::default() };
        fails_with(&settings, &CHECK, &trusting(r#"{"AWS": "444455556666"}"#, "{}"));
    }

    #[test]
    fn whether_an_account_is_of_the_organization_may_not_be_told() {
        needs_to_know_members(&CHECK, trusting(r#"{"AWS": "444455556666"}"#, "{}"));
    }

    #[test]
    fn a_malformed_policy_is_not_fine() {
        unknown(&CHECK, &with_trust("1"));
    }
}

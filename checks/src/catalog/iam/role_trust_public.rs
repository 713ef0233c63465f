use super::each_trust;
use crate::{
    analysis::policy::{Principals, public},
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::iam::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-role-trust-public",
    severity: Severity::Critical,
    sources: &[Source::IamAuthorization, Source::ServiceControlPolicies],
    run: |cx| {
        each_trust(cx, |cx, role, trust| {
            let controls = cx.analyses.resource_controls();
            // Users of web identity providers come by other actions: `iam-role-trust-oidc`.
            let under_controls = controls.over_trust(trust.clone());
            let exposure = public::exposure(&under_controls, &["sts:AssumeRole"], cx.snapshot.started_at);
            let to_everyone = |label: &str| {
                let mut statements = trust.allows().filter(|statement| statement.label() == label);
                statements.any(|s| s.principals.as_ref().is_some_and(Principals::is_everyone))
            };
            // Principals of an account that a pattern names are not everybody. (No definition of AWS's is about
            // trust policies.) If it is another account, `iam-role-trust-external` reports it.
            let strangers = exposure.grants.iter().filter(|grant| !grant.is_limited());
            let grants: Vec<_> = strangers.filter(|grant| to_everyone(&grant.statement)).collect();
            if let Some(first) = grants.first() {
                let verdict = Verdict::fail();
                let verdict = if controls.is_unknown() {
                    verdict.with("resource_control_policies_considered", false)
                } else {
                    verdict
                };
                return Ok(verdict
                    .with("statement", &first.statement)
                    .with("conditions", grants.iter().flat_map(|grant| &grant.conditions).collect::<Vec<_>>())
                    .with(
                        "attached_policies",
                        role.attached_policies.iter().map(|p| &p.name).collect::<Vec<_>>(),
                    ));
            }
            match exposure.unclear.into_iter().find(|(grant, _)| to_everyone(&grant.statement)) {
                Some((_, why)) => {
                    let operation = op::GetAccountAuthorizationDetails;
                    Err(NotJudged::from(Gap::unreadable(operation, None, Some(&role.arn), why)))
                }
                None => Ok(Verdict::pass()),
            }
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trust, CHECK};
    use crate::{
        analysis::resource_controls::tests::{perimeter, under},
        snapshot::Snapshot,
        testing::{fails, passes, unknown},
    };

    fn everyone_if(condition: &str) -> Snapshot {
        with_trust(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": "sts:AssumeRole", "Condition": {condition}}}"#
        ))
    }

    #[test]
    fn fails_when_any_aws_principal_may_assume_it() {
        for principal in [r#""*""#, r#"{"AWS": "*"}"#, r#"{"AWS": ["111122223333", "*"]}"#] {
            let trust = format!(
                r#"{{"Sid": "Open", "Effect": "Allow", "Principal": {principal}, "Action": "sts:*"}}"#
            );
            assert_eq!(fails(&CHECK, &with_trust(&trust)).evidence["statement"], "Open");
        }
    }

    #[test]
    fn fails_under_conditions_that_strangers_meet() {
        for condition in [
            // An external id is no secret between strangers: it keeps nobody out who knows it.
            r#"{"StringEquals": {"sts:ExternalId": "x"}}"#,
            r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#,
            r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
            r#"{"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}"#,
            r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}"#,
        ] {
            fails(&CHECK, &everyone_if(condition));
        }
    }

    #[test]
    fn passes_when_a_condition_says_who() {
        for condition in [
            r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#,
            r#"{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#,
            r#"{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/deploy"}}"#,
            r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
            r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/team-*"}}"#,
            r#"{"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#,
            r#"{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}, "Null": {"aws:PrincipalOrgID": "false"}}"#,
        ] {
            passes(&CHECK, &everyone_if(condition));
        }
    }

    #[test]
    fn passes_when_somebody_is_named() {
        for principal in [
            r#"{"AWS": "arn:aws:iam::444455556666:root"}"#,
            r#"{"Service": "ec2.amazonaws.com"}"#,
            r#"{"Federated": "accounts.google.com"}"#,
        ] {
            let statement = format!(r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:*"}}"#);
            passes(&CHECK, &with_trust(&statement));
        }
    }

    #[test]
    fn a_deny_of_all_others_closes_it() {
        passes(
            &CHECK,
            &with_trust(
                r#"{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
                   {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
                    "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}"#,
            ),
        );
    }

    #[test]
    fn a_resource_control_policy_of_all_others_closes_it() {
        let open = || with_trust(r#"{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}"#);
        passes(&CHECK, &under(open(), Some(&[&perimeter("sts:AssumeRole")])));
        passes(&CHECK, &under(open(), Some(&[&perimeter("sts:*")])));
        let finding = fails(&CHECK, &under(open(), Some(&[&perimeter("s3:*")])));
        assert!(!finding.evidence.contains_key("resource_control_policies_considered"));
        let finding = fails(&CHECK, &under(open(), None));
        assert_eq!(finding.evidence["resource_control_policies_considered"], false);
    }

    #[test]
    fn an_operator_that_is_not_understood_is_not_fine() {
        unknown(&CHECK, &everyone_if(r#"{"StringResembles": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#));
    }
}

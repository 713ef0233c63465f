use super::{each_policy, every_role};
use crate::{
    analysis::policy::{Statement, effective, pattern},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-policy-pass-role-any",
    severity: Severity::High,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_policy(cx, |policy| {
            let passes_any = |statement: &&Statement| {
                statement.actions.selects_action("iam:PassRole")
                    && every_role(&statement.resources)
                    && statement.conditions.iter().all(|condition| {
                        // A list of services limits, unless it is a wildcard.
                        let services = condition.requires("iam:PassedToService");
                        let limited = services.is_some_and(|services| {
                            !services.is_empty()
                                && services
                                    .iter()
                                    .all(|service| !pattern::covers(service, "x*.amazonaws.com"))
                        });
                        !limited && (services.is_some() || condition.is_met_at_will())
                    })
            };
            let statement = policy.allows().find(passes_any);
            let statement = statement.filter(|_| !effective::denied_everywhere(policy, "iam:PassRole"));
            Ok(match statement {
                Some(statement) => Verdict::fail()
                    .with("statement", statement.label())
                    .with("resources", statement.resources.patterns()),
                None => Verdict::pass(),
            })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_policy, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, silent, unknown},
    };

    fn statement(more: &str) -> Snapshot {
        with_policy(&format!(r#"{{"Effect": "Allow", {more}}}"#))
    }

    #[test]
    fn fails_when_any_role_may_be_passed_to_any_service() {
        for more in [
            r#""Action": "iam:PassRole", "Resource": "*""#,
            r#""Action": ["iam:Pass*"], "Resource": "arn:aws:iam::111122223333:role/*""#,
            r#""Action": "iam:*", "Resource": "arn:aws:iam::*:role/*""#,
            r#""NotAction": "iam:Create*", "Resource": "arn:aws:iam::*:role/*""#,
            r#""Action": "iam:PassRole", "Resource": "*", "Condition": {"StringLike": {"iam:PassedToService": "*"}}"#,
            r#""Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEqualsIfExists": {"aws:RequestedRegion": "eu-west-1"}}"#,
        ] {
            fails(&CHECK, &statement(more));
        }
    }

    #[test]
    fn passes_when_roles_or_services_are_named() {
        for more in [
            r#""Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/app-*""#,
            r#""Action": "iam:PassRole", "Resource": "*", "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}"#,
            r#""Action": "iam:PassRole", "Resource": "*", "Condition": {"StringLike": {"iam:PassedToService": ["lambda*", "ec2.amazonaws.com"]}}"#,
            r#""Action": "iam:GetRole", "Resource": "*""#,
        ] {
            passes(&CHECK, &statement(more));
        }
    }

    #[test]
    fn a_deny_takes_it_back() {
        passes(
            &CHECK,
            &with_policy(
                r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}"#,
            ),
        );
    }

    #[test]
    fn full_administration_is_told_elsewhere() {
        silent(&CHECK, &statement(r#""Action": "*", "Resource": "*""#));
    }

    #[test]
    fn a_malformed_policy_is_not_fine() {
        unknown(&CHECK, &with_policy("1"));
    }
}

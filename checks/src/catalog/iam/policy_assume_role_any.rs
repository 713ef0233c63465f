use super::{each_policy, every_role};
use crate::{
    analysis::policy::{Condition, effective},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-policy-assume-role-any",
    severity: Severity::Medium,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_policy(cx, |policy| {
            let statement = policy.allows().find(|statement| {
                statement.actions.selects_action("sts:AssumeRole")
                    && every_role(&statement.resources)
                    && statement.conditions.iter().all(Condition::is_met_at_will)
            });
            let statement = statement.filter(|_| !effective::denied_everywhere(policy, "sts:AssumeRole"));
            Ok(match statement {
                Some(statement) => Verdict::fail().with("statement", statement.label()),
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
    fn fails_when_every_role_may_be_assumed() {
        fails(&CHECK, &statement(r#""Action": "sts:AssumeRole", "Resource": "*""#));
        fails(&CHECK, &statement(r#""Action": ["sts:*"], "Resource": ["*"]"#));
        fails(&CHECK, &statement(r#""Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/*""#));
        fails(
            &CHECK,
            &statement(
                r#""Action": "sts:AssumeRole", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
            ),
        );
    }

    #[test]
    fn passes_when_roles_are_named_or_it_is_limited() {
        passes(
            &CHECK,
            &statement(r#""Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/deploy""#),
        );
        passes(&CHECK, &statement(r#""Action": "sts:GetCallerIdentity", "Resource": "*""#));
        passes(
            &CHECK,
            &statement(
                r#""Action": "sts:AssumeRole", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/for": "dev"}}"#,
            ),
        );
        passes(
            &CHECK,
            &with_policy(
                r#"{"Effect": "Allow", "Action": "sts:*", "Resource": "*"}, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}"#,
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

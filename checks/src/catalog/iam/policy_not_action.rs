use super::{allows_everywhere, each_policy};
use crate::{
    analysis::policy::Match,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-policy-not-action",
    severity: Severity::Medium,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_policy(cx, |policy| {
            let negated = allows_everywhere(policy).find(|s| matches!(s.actions, Match::NoneOf(_)));
            Ok(match negated {
                Some(statement) => Verdict::fail()
                    .with("statement", statement.label())
                    .with("not_action", statement.actions.patterns()),
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
    fn fails_when_everything_else_is_allowed() {
        let all_but_iam = r#""NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*""#;
        let finding = fails(&CHECK, &statement(all_but_iam));
        assert_eq!(finding.evidence["not_action"][0], "iam:*");
        assert_eq!(finding.evidence["statement"], "#1");
    }

    #[test]
    fn passes_on_some_resources_or_when_it_denies() {
        passes(&CHECK, &statement(r#""NotAction": "s3:Delete*", "Resource": "arn:aws:s3:::reports/*""#));
        passes(
            &CHECK,
            &with_policy(
                r#"{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}, {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}"#,
            ),
        );
        passes(
            &CHECK,
            &statement(
                r#""NotAction": "iam:*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
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

use super::{allows_everywhere, each_policy};
use crate::{
    analysis::policy::{Match, Statement, effective},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// IAM.21.
pub(super) const CHECK: Check = Check {
    id: "iam-policy-service-wildcard",
    severity: Severity::Medium,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_policy(cx, |policy| {
            let mut services = Vec::new();
            for statement in allows_everywhere(policy) {
                services.extend(services_of(statement).map(|service| (statement.label(), service)));
            }
            // A deny of the whole service takes it back.
            services.retain(|(_, service)| !effective::denied_everywhere(policy, &format!("{service}:*")));
            let first = services.first().map(|(label, _)| label.clone());
            Ok(Verdict::fail_if(!services.is_empty())
                .with("statement", first)
                .with("services", services.into_iter().map(|(_, service)| service).collect::<Vec<_>>()))
        });
    },
};

/// The services of which the statement names every action.
fn services_of(statement: &Statement) -> impl Iterator<Item = &str> {
    let patterns = match &statement.actions {
        Match::Any(patterns) => patterns.as_slice(),
        Match::NoneOf(_) => &[],
    };
    patterns.iter().filter_map(|pattern| {
        let (service, name) = pattern.split_once(':')?;
        let all = !name.is_empty() && name.bytes().all(|byte| byte == b'*');
        (all && !service.contains(['*', '?'])).then_some(service)
    })
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_policy, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, silent, unknown},
    };

    fn statement(more: &str) -> Snapshot {
        with_policy(&format!(r#"{{"Effect": "Allow", {more}}}"#))
    }

    #[test]
    fn fails_when_a_whole_service_is_allowed() {
        let finding = fails(&CHECK, &statement(r#""Action": ["S3:*", "ec2:Describe*"], "Resource": "*""#));
        assert_eq!(finding.evidence["services"], serde_json::json!(["S3"]));
        fails(&CHECK, &statement(r#""Action": "dynamodb:**", "Resource": "arn:aws:*:*:*:*""#));
        fails(
            &CHECK,
            &statement(
                r#""Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#,
            ),
        );
    }

    #[test]
    fn passes_when_actions_resources_or_conditions_limit() {
        passes(&CHECK, &statement(r#""Action": "s3:Get*", "Resource": "*""#));
        passes(&CHECK, &statement(r#""Action": "s3:*", "Resource": "arn:aws:s3:::reports/*""#));
        passes(
            &CHECK,
            &statement(
                r#""Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}"#,
            ),
        );
        passes(
            &CHECK,
            &with_policy(
                r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
            ),
        );
    }

    #[test]
    fn full_administration_is_told_elsewhere() {
        silent(&CHECK, &statement(r#""Action": "*", "Resource": "*""#));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.authorization = denied();
        unknown(&CHECK, &account);
        unknown(&CHECK, &with_policy("1"));
    }
}

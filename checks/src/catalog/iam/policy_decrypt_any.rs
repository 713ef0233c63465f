use super::each_policy;
use crate::{
    analysis::policy::{Condition, Match, Statement, effective, pattern},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// What turns ciphertext into something readable.
const DECRYPTING: [&str; 2] = ["kms:Decrypt", "kms:ReEncryptFrom"];

pub(super) const CHECK: Check = Check {
    id: "iam-policy-decrypt-any",
    severity: Severity::Medium,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_policy(cx, |policy| {
            let mut actions = Vec::new();
            let mut label = None;
            for statement in policy.allows().filter(|statement| every_key(&statement.resources)) {
                // KMS.1 and KMS.2 look at actions and resources; a condition that really limits counts here too.
                if !statement.conditions.iter().all(Condition::is_met_at_will) {
                    continue;
                }
                for action in DECRYPTING.iter().filter(|action| statement.actions.selects_action(action)) {
                    if !effective::denied_everywhere(policy, action) && !actions.contains(action) {
                        label.get_or_insert_with(|| Statement::label(statement));
                        actions.push(action);
                    }
                }
            }
            Ok(Verdict::fail_if(!actions.is_empty()).with("actions", actions).with("statement", label))
        });
    },
};

/// Whether the resources are all keys, of one region at least.
fn every_key(resources: &Match) -> bool {
    match resources {
        Match::Any(patterns) => patterns.iter().any(|pattern| {
            let name = pattern.splitn(6, ':').nth(5);
            pattern::covers_arns(pattern, "kms:x:x:key/*")
                || name.is_some_and(|name| pattern::covers(name, "key/*"))
        }),
        Match::NoneOf(_) => pattern::in_every_partition("kms:*:*:key/*").all(|arn| resources.covers(&arn)),
    }
}

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
    fn fails_when_every_key_may_be_used() {
        let finding = fails(&CHECK, &statement(r#""Action": "kms:Decrypt", "Resource": "*""#));
        assert_eq!(finding.evidence["actions"], serde_json::json!(["kms:Decrypt"]));
        fails(
            &CHECK,
            &statement(r#""Action": "kms:ReEncryptFrom", "Resource": "arn:aws:kms:*:111122223333:key/*""#),
        );
        fails(
            &CHECK,
            &statement(r#""Action": "kms:*", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/*""#),
        );
        fails(&CHECK, &statement(r#""Action": ["kms:D*"], "Resource": ["*"]"#));
        fails(&CHECK, &statement(r#""Action": "kms:Decrypt", "Resource": "arn:aws-cn:kms:*""#));
    }

    #[test]
    fn passes_when_keys_are_named_or_use_is_limited() {
        passes(
            &CHECK,
            &statement(
                r#""Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-1:111122223333:key/1234""#,
            ),
        );
        passes(&CHECK, &statement(r#""Action": "kms:Encrypt", "Resource": "*""#));
        passes(
            &CHECK,
            &statement(
                r#""Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#,
            ),
        );
        passes(
            &CHECK,
            &with_policy(
                r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}, {"Effect": "Deny", "Action": ["kms:Decrypt", "kms:ReEncrypt*"], "Resource": "*"}"#,
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

use super::{each_own_key, named};
use crate::{catalog::judge_policy, check::Check, finding::Severity, snapshot::kms::op, source::Source};

pub(super) const CHECK: Check = Check {
    id: "kms-key-public",
    severity: Severity::Critical,
    sources: &[Source::KmsKeys, Source::KmsKeyPolicies, Source::ServiceControlPolicies],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_key(cx, region, |cx, key| {
                let policy = region.kms.policies.of(&key.id)?;
                let place = (op::GetKeyPolicy, key.id.as_str());
                let verdict = judge_policy(cx, policy, &[], place)?;
                Ok(verdict.with("key", named(key)).with("aliases", &key.aliases))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, read, region, silent},
    };

    fn with_key_policy(principal: &str, condition: &str) -> Snapshot {
        let mut account = with_key(|_| ());
        let policy = format!(
            r#"{{"Statement": [{{"Sid": "s", "Effect": "Allow", "Principal": {principal}, "Action": "kms:*", "Resource": "*"{condition}}}]}}"#
        );
        region(&mut account).kms.policies = read([("k1".to_owned(), read(policy))].into());
        account
    }

    #[test]
    fn fails_when_everyone_is_allowed() {
        fails(&CHECK, &with_key_policy(r#""*""#, ""));
        fails(
            &CHECK,
            &with_key_policy(
                r#"{"AWS": "*"}"#,
                r#", "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#,
            ),
        );
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_key_policy(r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, ""));
        passes(
            &CHECK,
            &with_key_policy(
                r#"{"AWS": "*"}"#,
                r#", "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}"#,
            ),
        );
    }

    #[test]
    fn fails_lower_when_only_a_pattern_limits() {
        let pattern =
            r#", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/app-*"}}"#;
        let finding = fails(&CHECK, &with_key_policy(r#""*""#, pattern));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
    }

    #[test]
    fn says_nothing_of_keys_of_aws() {
        silent(&CHECK, &with_key(|k| k.is_customer_managed = false));
    }
}

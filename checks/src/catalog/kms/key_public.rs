use super::{each_own_key, named};
use crate::{
    analysis::policy::public::open_to_everyone,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// KMS.5.
pub(super) const CHECK: Check = Check {
    id: "kms-key-public",
    severity: Severity::Critical,
    sources: &[Source::KmsKeys, Source::KmsKeyPolicies],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_key(cx, region, |cx, key| {
                let policy = region.kms.policies.of(&key.id)?;
                let place = ("kms:GetKeyPolicy", cx.place().region, key.id.as_str());
                let grants = open_to_everyone(policy, &[], place)?;
                let Some(grant) = grants.first() else { return Ok(Verdict::pass()) };
                Ok(Verdict::fail()
                    .with("key", named(key))
                    .with("aliases", &key.aliases)
                    .with("statement", &grant.statement)
                    .with("actions", &grant.actions)
                    .with("conditions", &grant.conditions))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
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
    fn says_nothing_of_keys_of_aws() {
        silent(&CHECK, &with_key(|k| k.is_customer_managed = false));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).kms.keys = denied();
        unknown(&CHECK, &account);
    }
}

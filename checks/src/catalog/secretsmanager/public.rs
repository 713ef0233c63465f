use crate::{
    catalog::judge_policy,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::secretsmanager::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "secretsmanager-public",
    severity: Severity::Critical,
    sources: &[Source::SecretsManagerSecrets, Source::SecretsManagerPolicies, Source::ServiceControlPolicies],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.secretsmanager.secrets.get(), |cx, secret| {
                let Some(policy) = region.secretsmanager.policies.of(&secret.arn)? else {
                    return Ok(Verdict::pass());
                };
                let place = (op::GetResourcePolicy, secret.arn.as_str());
                judge_policy(cx, policy, &[], place)
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_stored, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, read, region},
    };

    fn with_secret_policy(policy: Option<&str>) -> Snapshot {
        let mut account = with_stored(|_| ());
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3".to_owned();
        region(&mut account).secretsmanager.policies = read([(arn, read(policy.map(str::to_owned)))].into());
        account
    }

    const PUBLIC: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}"#;
    const ORGANIZATION: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}}]}"#;

    #[test]
    fn fails_when_everyone_is_allowed() {
        fails(&CHECK, &with_secret_policy(Some(PUBLIC)));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_secret_policy(None));
        passes(&CHECK, &with_secret_policy(Some(ORGANIZATION)));
    }

    #[test]
    fn fails_lower_when_only_a_pattern_limits() {
        let pattern = ORGANIZATION.replace("o-a", "${aws:ResourceOrgID}");
        let finding = fails(&CHECK, &with_secret_policy(Some(&pattern)));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
    }
}

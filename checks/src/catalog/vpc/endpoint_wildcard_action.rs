use crate::{
    analysis::endpoint_policy::{allows_whole_service, denies, spared},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-wildcard-action",
    severity: Severity::Low,
    sources: &[Source::Ec2VpcEndpoints, Source::Ec2VpcEndpointPolicySupport],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_endpoint(cx, region, |cx, endpoint| {
                let policy = super::policy_of(endpoint, region, &cx.place())?;
                // The default policy is reported by vpc-endpoint-full-access.
                if super::endpoint_full_access::is_full_access(&policy, &endpoint.service) {
                    return Ok(Verdict::pass());
                }
                let wide = policy.allows().find(|statement| {
                    // A deny of all but some callers or resources limits as a condition of the statement does.
                    let mut denies = denies(&policy, statement);
                    allows_whole_service(statement, &endpoint.service)
                        && !denies.any(|deny| deny.conditions.iter().all(|it| spared(it).is_some()))
                });
                let Some(statement) = wide else { return Ok(Verdict::pass()) };
                Ok(Verdict::fail()
                    .with("service", &endpoint.service)
                    .with("statement", statement.label())
                    .with("actions", statement.actions.patterns()))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_endpoint, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes},
    };

    fn with_policy(policy: &str) -> Snapshot {
        with_endpoint(Some(policy), |_| ())
    }

    fn allowing(principal: &str, action: &str, more: &str) -> Snapshot {
        with_policy(&format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}, "Action": "{action}", "Resource": "*"{more}}}]}}"#
        ))
    }

    #[test]
    fn fails_when_all_actions_of_the_service_are_allowed() {
        fails(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "*", ""));
        fails(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "S3:*", ""));
        let own_vpc = r#", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}"#;
        fails(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "s3:*", own_vpc));
    }

    #[test]
    fn passes_when_limited_or_told_elsewhere() {
        passes(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "s3:Get*", ""));
        passes(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "dynamodb:*", ""));
        passes(&CHECK, &allowing(r#""*""#, "*", ""));
        passes(
            &CHECK,
            &allowing(r#""*""#, "s3:*", r#", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#),
        );
    }

    /// What AWS documents for the endpoint of GuardDuty's agents.
    #[test]
    fn passes_when_a_deny_limits() {
        let and = |condition: &str| {
            with_policy(&format!(
                r#"{{"Statement": [
                    {{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}},
                    {{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {condition}}}
                ]}}"#
            ))
        };
        passes(&CHECK, &and(r#"{"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}"#));
        fails(&CHECK, &and(r#"{"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}"#));
        fails(&CHECK, &and(r#"{"Bool": {"aws:SecureTransport": "false"}}"#));
    }
}

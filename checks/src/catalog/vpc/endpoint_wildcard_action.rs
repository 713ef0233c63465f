use crate::{
    analysis::policy::admin::all_resources,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-wildcard-action",
    severity: Severity::Low,
    sources: &[Source::Ec2VpcEndpoints],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.vpc_endpoints.get(), |cx, endpoint| {
                let policy = super::policy_of(endpoint, &cx.place())?;
                // The default policy is told by vpc-endpoint-full-access.
                if super::endpoint_full_access::is_full_access(&policy, &endpoint.service) {
                    return Ok(Verdict::pass());
                }
                let own_actions = format!("{}:*", endpoint.service.rsplit('.').next().unwrap_or_default());
                let wide = policy.allows().find(|statement| {
                    statement.actions.covers(&own_actions)
                        && all_resources(&statement.resources)
                        && statement.conditions.is_empty()
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
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::VpcEndpoint},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_policy(policy: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = read(vec![VpcEndpoint {
            id: "vpce-1".into(),
            kind: "Gateway".into(),
            service: "com.amazonaws.eu-west-1.s3".into(),
            vpc: "vpc-1".into(),
            policy: Some(policy.into()),
            ..VpcEndpoint::default()
        }]);
        account
    }

    fn allowing(principal: &str, action: &str, more: &str) -> Snapshot {
        with_policy(&format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}, "Action": "{action}", "Resource": "*"{more}}}]}}"#
        ))
    }

    #[test]
    fn fails_when_all_actions_of_the_service_are_allowed() {
        fails(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "*", ""));
        fails(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "s3:*", ""));
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

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = denied();
        unknown(&CHECK, &account);
    }
}

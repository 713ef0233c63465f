use crate::{
    analysis::{policy::public::exposure, trust::account_named},
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-external-principal",
    severity: Severity::Medium,
    sources: &[Source::Ec2VpcEndpoints, Source::Organization, Source::OrganizationAccounts],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.vpc_endpoints.get(), |cx, endpoint| {
                let policy = super::policy_of(endpoint, &cx.place())?;
                let exposure = exposure(&policy, &[]);
                if let Some(grant) = exposure.grants.first() {
                    return Ok(Verdict::fail()
                        .with("service", &endpoint.service)
                        .with("statement", &grant.statement)
                        .with("principal", "*")
                        .with("conditions", &grant.conditions));
                }
                let stranger = policy.allows().find_map(|statement| {
                    let named = statement.principals.as_ref()?.names().find(|name| {
                        account_named(name).is_some_and(|account| !cx.is_trusted_account(account))
                    })?;
                    statement.conditions.is_empty().then(|| (statement.label(), named.to_owned()))
                });
                if let Some((statement, principal)) = stranger {
                    return Ok(Verdict::fail()
                        .with("service", &endpoint.service)
                        .with("statement", statement)
                        .with("principal", principal));
                }
                match exposure.unclear.into_iter().next() {
                    Some((_, why)) => {
                        let region = Some(cx.place().region);
                        Err(Gap::unreadable("ec2:DescribeVpcEndpoints", region, Some(&endpoint.id), why)
                            .into())
                    }
                    None => Ok(Verdict::pass()),
                }
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
    fn fails_when_anyone_or_a_stranger_may_pass() {
        fails(&CHECK, &allowing(r#""*""#, "s3:GetObject", ""));
        fails(&CHECK, &allowing(r#"{"AWS": "arn:aws:iam::999999999999:root"}"#, "*", ""));
    }

    #[test]
    fn passes_when_limited() {
        passes(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, "*", ""));
        passes(
            &CHECK,
            &allowing(r#""*""#, "*", r#", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#),
        );
        passes(
            &CHECK,
            &allowing(
                r#""*""#,
                "*",
                r#", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#,
            ),
        );
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = denied();
        unknown(&CHECK, &account);
    }
}

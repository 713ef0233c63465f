use crate::{
    analysis::policy::{Effect, Match, Policy, Principals, Statement, pattern},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-full-access",
    severity: Severity::Medium,
    sources: &[Source::Ec2VpcEndpoints],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.vpc_endpoints.get(), |cx, endpoint| {
                let policy = super::policy_of(endpoint, &cx.place())?;
                Ok(Verdict::fail_if(is_full_access(&policy, &endpoint.service))
                    .with("service", &endpoint.service)
                    .with("endpoint_type", &endpoint.kind)
                    .with("vpc_id", &endpoint.vpc))
            });
        });
    },
};

/// Whether the policy lets everyone do everything, as the default policy does. One with a deny is somebody's
/// work, and not equal to it.
pub(super) fn is_full_access(policy: &Policy, service: &str) -> bool {
    // `com.amazonaws.eu-west-1.s3` answers for the actions of `s3` only.
    let own_actions = format!("{}:*", service.rsplit('.').next().unwrap_or_default());
    let full = |statement: &Statement| {
        let everyone = matches!(&statement.principals, Some(who @ Principals::Any(_)) if who.is_everyone());
        let all_actions =
            matches!(&statement.actions, Match::Any(_)) && statement.actions.covers(&own_actions);
        let all_resources = matches!(&statement.resources, Match::Any(patterns)
            if patterns.iter().any(|resource| pattern::covers(resource, "*")));
        everyone && all_actions && all_resources && statement.conditions.is_empty()
    };
    policy.statements.iter().all(|statement| statement.effect == Effect::Allow)
        && policy.statements.iter().any(full)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::VpcEndpoint},
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with(policy: Option<&str>, change: impl FnOnce(&mut VpcEndpoint)) -> Snapshot {
        let mut endpoint = VpcEndpoint {
            id: "vpce-1".into(),
            kind: "Gateway".into(),
            service: "com.amazonaws.eu-west-1.s3".into(),
            vpc: "vpc-1".into(),
            state: "available".into(),
            policy: policy.map(str::to_owned),
            security_groups: vec![],
            tags: [].into(),
        };
        change(&mut endpoint);
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = read(vec![endpoint]);
        account
    }

    fn allowing(principal: &str, action: &str, resource: &str, more: &str) -> Snapshot {
        let policy = format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}, "Action": {action}, "Resource": {resource}}}{more}]}}"#
        );
        with(Some(&policy), |_| ())
    }

    #[test]
    fn fails_with_the_default_policy_and_its_equals() {
        fails(&CHECK, &allowing(r#""*""#, r#""*""#, r#""*""#, ""));
        fails(&CHECK, &allowing(r#"{"AWS": ["*"]}"#, r#"["s3:*"]"#, r#"["*"]"#, ""));
        fails(&CHECK, &allowing(r#""*""#, r#""*:*""#, r#""*""#, ""));
    }

    #[test]
    fn passes_when_something_is_limited() {
        passes(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, r#""*""#, r#""*""#, ""));
        passes(&CHECK, &allowing(r#""*""#, r#""s3:GetObject""#, r#""*""#, ""));
        passes(&CHECK, &allowing(r#""*""#, r#""*""#, r#""arn:aws:s3:::b/*""#, ""));
        passes(&CHECK, &allowing(r#""*""#, r#""dynamodb:*""#, r#""*""#, ""));
        let deny = r#", {"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*", "Resource": "*"}"#;
        passes(&CHECK, &allowing(r#""*""#, r#""*""#, r#""*""#, deny));
        let conditioned = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}}}"#;
        passes(&CHECK, &with(Some(conditioned), |_| ()));
    }

    #[test]
    fn says_nothing_of_endpoints_whose_policy_cannot_be_changed() {
        silent(&CHECK, &with(None, |_| ()));
        let full = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
        silent(
            &CHECK,
            &with(Some(full), |endpoint| endpoint.service = "com.amazonaws.vpce.eu-west-1.vpce-svc-1".into()),
        );
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.vpc_endpoints = denied();
        unknown(&CHECK, &account);
        unknown(&CHECK, &with(Some("{"), |_| ()));
    }
}

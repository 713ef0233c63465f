use crate::{
    analysis::{
        endpoint_policy::allows_whole_service,
        policy::{Effect, Policy, Principals},
    },
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-endpoint-full-access",
    severity: Severity::Medium,
    sources: &[Source::Ec2VpcEndpoints, Source::Ec2VpcEndpointPolicySupport],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_endpoint(cx, region, |cx, endpoint| {
                let policy = super::policy_of(endpoint, region, &cx.place())?;
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
    let mut statements = policy.statements.iter();
    statements.all(|statement| statement.effect == Effect::Allow)
        && policy.statements.iter().any(|statement| {
            statement.principals.as_ref().is_some_and(Principals::is_everyone)
                && allows_whole_service(statement, service)
        })
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_endpoint as with, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read, region, silent, unknown},
    };

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
        fails(&CHECK, &allowing(r#""*""#, r#""S3:*""#, r#"["arn:aws:s3:::*", "arn:aws:s3:::*/*"]"#, ""));
    }

    #[test]
    fn fails_under_a_condition_that_every_request_of_the_vpc_meets() {
        let own_vpc = r#""*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}"#;
        fails(&CHECK, &allowing(r#""*""#, r#""*""#, own_vpc, ""));
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
        let mail = "com.amazonaws.eu-west-1.email-smtp";
        let mut account = with(Some(full), |endpoint| endpoint.service = mail.into());
        region(&mut account).ec2.vpc_endpoint_policy_support = read([(mail.to_owned(), read(false))].into());
        silent(&CHECK, &account);
        silent(&CHECK, &with(Some(full), |endpoint| endpoint.state = "Deleted".into()));
    }

    #[test]
    fn a_malformed_policy_is_not_fine() {
        unknown(&CHECK, &with(Some("{"), |_| ()));
    }
}

//! Policies of VPC endpoints: whom they confine requests to, and what they leave. Every request that passes comes
//! out of the VPC, so that a condition on the network, which keeps a bucket from being public, limits nothing
//! here.

use super::policy::{
    Condition, Match, Policy, Principals, Statement, account_of, effective::covers_action, pattern,
};

/// Whose requests, or whose resources, a condition leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner<'c> {
    /// Those of an account.
    Account(&'c str),
    /// Those of an organization.
    Organization(&'c str),
    /// An AWS service's.
    Service,
    /// Anyone's.
    Anyone,
}

/// How a key's value says whose.
type Says = for<'c> fn(&'c str) -> Owner<'c>;

/// Keys that say whose the caller or the resource is, with how their values say it.
const KEYS: [(&str, Says); 12] = [
    ("aws:PrincipalAccount", |value| Owner::Account(value)),
    ("aws:ResourceAccount", |value| Owner::Account(value)),
    ("s3:ResourceAccount", |value| Owner::Account(value)),
    ("kms:CallerAccount", |value| Owner::Account(value)),
    ("aws:PrincipalArn", |value| account_of(value).map_or(Owner::Anyone, Owner::Account)),
    ("aws:PrincipalOrgID", |value| Owner::Organization(value)),
    ("aws:ResourceOrgID", |value| Owner::Organization(value)),
    // AWS services say on whose behalf they call; other callers have no such key.
    ("aws:SourceAccount", |value| Owner::Account(value)),
    ("aws:SourceArn", |value| account_of(value).map_or(Owner::Anyone, Owner::Account)),
    ("aws:SourceOrgID", |value| Owner::Organization(value)),
    ("aws:PrincipalOrgPaths", |value| Owner::Organization(first_of(value))),
    ("aws:ResourceOrgPaths", |value| Owner::Organization(first_of(value))),
];

/// The organization in a path such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`.
fn first_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

/// Whom an `Allow` under this condition confines requests to; none when to nobody.
#[must_use]
pub fn allowed(condition: &Condition) -> Option<Vec<Owner<'_>>> {
    if condition.requires_service() {
        return Some(vec![Owner::Service]);
    }
    owners(|key| condition.requires(key))
}

/// Whom a `Deny` under this condition spares, all others being denied; none when others are spared, too.
#[must_use]
pub fn spared(condition: &Condition) -> Option<Vec<Owner<'_>>> {
    if condition.spares_services() {
        return Some(vec![Owner::Service]);
    }
    owners(|key| condition.spares(key))
}

fn owners<'c>(values_of: impl Fn(&str) -> Option<&'c [String]>) -> Option<Vec<Owner<'c>>> {
    KEYS.iter().find_map(|(key, owner)| Some(values_of(key)?.iter().map(|value| owner(value)).collect()))
}

/// Whether the condition is about whose the caller or the resource is, with an operator that AWS has not
/// documented so far.
#[must_use]
pub fn is_unclear(condition: &Condition) -> bool {
    !condition.is_understood() && KEYS.iter().any(|(key, _)| condition.key.eq_ignore_ascii_case(key))
}

/// The denies, under whatever conditions, of everything that the statement allows.
pub fn denies<'p>(policy: &'p Policy, statement: &'p Statement) -> impl Iterator<Item = &'p Statement> {
    let all = ["*".to_owned()];
    policy.denies().filter(move |deny| {
        let actions = match &statement.actions {
            Match::Any(patterns) => patterns.as_slice(),
            Match::NoneOf(_) => &all,
        };
        let resources = match &statement.resources {
            Match::Any(patterns) => patterns.as_slice(),
            Match::NoneOf(_) => &all,
        };
        deny.principals.as_ref().is_some_and(Principals::is_everyone)
            && actions.iter().all(|action| covers_action(&deny.actions, action))
            && resources.iter().all(|resource| deny.resources.covers(resource))
    })
}

/// Whether the resources are all named: each in an account, or a bucket by its name. Nothing of a stranger's can
/// be reached that the policy's author did not mean. (Names such as `packages.*.amazonaws.com` are those of AWS's
/// own buckets in its examples.)
#[must_use]
pub fn names_its_resources(statement: &Statement) -> bool {
    let is_named = |arn: &String| {
        let bucket = arn.split_once(":s3:::").map(|(_, path)| path.split('/').next().unwrap_or(path));
        account_of(arn).is_some()
            || bucket.is_some_and(|name| !name.contains(['*', '?', '$']) || name.ends_with(".amazonaws.com"))
    };
    matches!(&statement.resources, Match::Any(arns) if arns.iter().all(is_named))
}

/// Whether the statement allows every action of the endpoint's service on every resource, under no condition but
/// those that whoever uses the endpoint meets.
#[must_use]
pub fn allows_whole_service(statement: &Statement, service: &str) -> bool {
    let prefix = action_prefix(service);
    let is_met = |condition: &Condition| {
        let network = ["aws:SourceVpc", "aws:SourceVpce"];
        condition.is_met_at_will() || network.iter().any(|key| condition.key.eq_ignore_ascii_case(key))
    };
    covers_action(&statement.actions, &format!("{prefix}:*"))
        && matches!(&statement.resources, Match::Any(arns) if arns.iter().any(|arn| is_every_arn(arn, prefix)))
        && statement.conditions.iter().all(is_met)
}

fn is_every_arn(arn: &str, prefix: &str) -> bool {
    pattern::covers_arns(arn, &format!("{prefix}:*:*:*"))
        || prefix == "s3" && pattern::covers_arns(arn, "s3:::*")
}

/// The prefix of the actions of a service: mostly the first word after the region, as in
/// `com.amazonaws.eu-west-1.ecr.dkr` (Service Authorization Reference, beside the PrivateLink guide's table of
/// services).
fn action_prefix(service: &str) -> &str {
    if service.starts_with("aws.sagemaker.") {
        return "sagemaker";
    }
    let service = service.strip_prefix("cn.").unwrap_or(service);
    let word = service.split('.').nth(3).unwrap_or_default();
    let word = word.strip_suffix("-fips").unwrap_or(word);
    match word {
        "bedrock-agent" | "bedrock-agent-runtime" | "bedrock-runtime" => "bedrock",
        "ecs-agent" | "ecs-telemetry" => "ecs",
        "git-codecommit" => "codecommit",
        "guardduty-data" => "guardduty",
        "kinesis-firehose" => "firehose",
        "kinesis-streams" => "kinesis",
        "monitoring" => "cloudwatch",
        "s3-global" => "s3",
        "sync-states" => "states",
        word => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(elements: &str) -> Statement {
        let text = format!(r#"{{"Statement": {{"Effect": "Allow", "Principal": "*", {elements}}}}}"#);
        Policy::parse(&text).unwrap().statements.remove(0)
    }

    #[test]
    fn everything_of_a_service_in_every_spelling() {
        for (service, action, resource) in [
            ("com.amazonaws.eu-west-1.s3", "*", "*"),
            ("com.amazonaws.eu-west-1.s3", "S3:*", "arn:aws:s3:::*"),
            ("com.amazonaws.eu-west-1.s3", "s3:*", "arn:*:s3:::*"),
            ("com.amazonaws.eu-west-1.ecr.dkr", "ecr:*", "arn:aws:ecr:*:*:*"),
            ("com.amazonaws.eu-west-1.monitoring", "cloudwatch:*", "arn:*"),
            ("com.amazonaws.us-east-1.kms-fips", "kms:*", "*"),
            ("cn.com.amazonaws.cn-north-1.sagemaker.api", "sagemaker:*", "*"),
            ("aws.sagemaker.eu-west-1.studio", "sagemaker:*", "*"),
        ] {
            let statement = statement(&format!(r#""Action": "{action}", "Resource": "{resource}""#));
            assert!(allows_whole_service(&statement, service), "{service} {action} {resource}");
        }
    }

    #[test]
    fn less_than_everything_of_a_service() {
        for (action, resource) in [("s3:Get*", "*"), ("dynamodb:*", "*"), ("s3:*", "arn:aws:s3:::a*")] {
            let statement = statement(&format!(r#""Action": "{action}", "Resource": "{resource}""#));
            assert!(!allows_whole_service(&statement, "com.amazonaws.eu-west-1.s3"), "{action} {resource}");
        }
    }

    #[test]
    fn conditions_that_every_request_through_the_endpoint_meets() {
        let under = |condition: &str| {
            let elements = format!(r#""Action": "*", "Resource": "*", "Condition": {condition}"#);
            allows_whole_service(&statement(&elements), "com.amazonaws.eu-west-1.s3")
        };
        assert!(under(r#"{"StringEquals": {"aws:SourceVpc": "vpc-1"}}"#));
        assert!(under(r#"{"Bool": {"aws:SecureTransport": "true"}}"#));
        assert!(!under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#));
    }

    #[test]
    fn named_resources() {
        for (resource, named) in [
            (r#""arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*""#, true),
            (r#"["arn:aws:s3:::a", "arn:aws:s3:::a/*"]"#, true),
            (r#""arn:aws:s3:::packages.*.amazonaws.com/*""#, true),
            (r#""arn:aws:sqs:*:111122223333:*""#, true),
            (r#""arn:aws:s3:::*/*""#, false),
            (r#""arn:aws:s3:::prod-*""#, false),
            (r#""arn:aws:sqs:*:*:orders""#, false),
            (r#"["arn:aws:s3:::a", "*"]"#, false),
        ] {
            let statement = statement(&format!(r#""Action": "*", "Resource": {resource}"#));
            assert_eq!(names_its_resources(&statement), named, "{resource}");
        }
        assert!(!names_its_resources(&statement(r#""Action": "*", "NotResource": "arn:aws:s3:::a""#)));
    }
}

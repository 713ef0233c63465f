use std::collections::BTreeMap;

use super::*;

fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
    Condition::new(operator, key, values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn fixed_values_of_listed_keys_pin() {
    for (operator, key, values) in [
        ("StringEquals", "aws:PrincipalOrgID", &["o-abc"][..]),
        ("StringEquals", "AWS:SOURCEVPCE", &["vpce-1", "vpce-2"]),
        ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/a"]),
        ("ArnEquals", "aws:SourceArn", &["arn:aws:sns:us-east-1:111122223333:topic"]),
        ("ForAnyValue:StringEquals", "aws:PrincipalOrgPaths", &["o-abc/r-1/"]),
        ("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "2001:db8::/33", "10.0.0.0/8"]),
        ("IpAddress", "aws:SourceIp", &["203.0.113.7"]),
        ("ArnLike", "s3:DataAccessPointArn", &["arn:aws:s3:us-east-1:111122223333:accesspoint/*"]),
        ("Bool", "elasticfilesystem:AccessedViaMountTarget", &["true"]),
        ("StringEquals", "kms:CallerAccount", &["111122223333"]),
        ("NumericEquals", "aws:PrincipalAccount", &["111122223333"]),
        ("BinaryEquals", "aws:PrincipalOrgID", &["by1hYmM="]),
        // A star that is no wildcard: nobody has such a value.
        ("StringEquals", "aws:PrincipalAccount", &["*"]),
        ("StringEquals", "aws:PrincipalOrgID", &[]),
        ("StringEquals", "aws:SourceIp", &["203.0.113.7"]),
        ("StringLike", "aws:userid", &["AROAEXAMPLEID12345678:nightly"]),
        // The wildcards that AWS documents.
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-abc/*", "o-abc/r-1/ou-*"]),
        ("StringLike", "aws:SourceOrgPaths", &["o-abc/r-1/*"]),
        ("StringLike", "s3:DataAccessPointArn", &["arn:aws:s3:*:111122223333:accesspoint/*"]),
        // Beyond S3's list: nobody can choose these either.
        ("StringEquals", "aws:VpceAccount", &["111122223333"]),
        ("StringEquals", "aws:VpceOrgID", &["o-abc"]),
        ("ForAnyValue:StringLike", "aws:VpceOrgPaths", &["o-abc/r-1/ou-1/*"]),
        ("ArnEquals", "aws:SourceVpcArn", &["arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"]),
        ("StringEquals", "aws:Ec2InstanceSourceVpc", &["vpc-1"]),
        ("ArnEquals", "ec2:SourceInstanceArn", &["arn:aws:ec2:us-east-1:111122223333:instance/i-1"]),
        ("ArnEquals", "lambda:SourceFunctionArn", &["arn:aws:lambda:us-east-1:111122223333:function:x"]),
        ("ArnEquals", "ssm:SourceInstanceArn", &["arn:aws:ssm:us-east-1:111122223333:managed-instance/i-1"]),
        ("StringEquals", "aws:PrincipalServiceName", &["cloudtrail.amazonaws.com"]),
        ("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", &["cloudtrail.amazonaws.com"]),
        ("StringEquals", "aws:FederatedProvider", &["arn:aws:iam::111122223333:oidc-provider/example.com"]),
    ] {
        assert_eq!(condition(operator, key, values).pins(), Pin::Fixed, "{operator} {key} {values:?}");
    }
}

#[test]
fn what_only_looks_like_a_limit_does_not_pin() {
    for (operator, key, values) in [
        ("StringEqualsIfExists", "aws:PrincipalOrgID", &["o-abc"][..]),
        ("ForAllValues:StringEquals", "aws:PrincipalOrgPaths", &["o-abc/r-1/"]),
        ("StringNotEquals", "aws:PrincipalOrgID", &["o-abc"]),
        ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/a"]),
        ("StringEquals", "aws:SourceVpce", &["vpce-1", "${aws:PrincipalTag/vpce}"]),
        ("Null", "aws:PrincipalOrgID", &["false"]),
        ("IpAddress", "aws:SourceIp", &["0.0.0.0/0"]),
        ("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "0.0.0.0/1"]),
        ("IpAddress", "aws:SourceIp", &["2000::/3"]),
        ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"]),
        ("IpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"]),
        ("Bool", "aws:SecureTransport", &["true"]),
        ("StringEquals", "aws:Referer", &["https://example.com"]),
        ("StringEquals", "kms:ViaService", &["s3.us-east-1.amazonaws.com"]),
        ("StringEquals", "aws:PrincipalAccount", &["111122223333", "anonymous"]),
        ("StringLike", "aws:PrincipalAccount", &["11112222333?"]),
        ("NumericLessThan", "aws:PrincipalAccount", &["111122223333"]),
        ("StringLike", "aws:PrincipalOrgID", &["o-abc*"]),
        ("StringLike", "aws:PrincipalOrgPaths", &["o-abc*"]),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &["o-*/r-1/*"]),
        ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", &["o-abc/*"]),
        ("StringLike", "aws:VpceAccount", &["1111*"]),
        ("StringEqualsIfExists", "aws:VpceAccount", &["111122223333"]),
        ("StringLike", "aws:userid", &["*:nightly"]),
        ("StringLike", "aws:userid", &["AROA*"]),
        ("ArnLike", "aws:SourceVpcArn", &["arn:aws:ec2:us-east-1:*:vpc/*"]),
        ("ArnLike", "s3:DataAccessPointArn", &["arn:aws:s3:us-east-1:*:accesspoint/web"]),
        ("StringEquals", "aws:PrincipalAccount", &["${aws:PrincipalAccount}"]),
        ("StringEquals", "aws:FederatedProvider", &["accounts.google.com"]),
        ("Bool", "aws:PrincipalIsAWSService", &["false"]),
        ("BoolIfExists", "aws:PrincipalIsAWSService", &["true"]),
        ("StringEquals", "sts:SourceIdentity", &["jo"]),
        ("StringEquals", "aws:PrincipalTag/team", &["data"]),
        ("StringEquals", "aws:PrincipalType", &["AssumedRole"]),
        ("StringEquals", "aws:ResourceAccount", &["111122223333"]),
        ("IpAddress", "aws:Ec2InstanceSourcePrivateIPv4", &["10.0.0.7"]),
    ] {
        let pin = condition(operator, key, values).pins();
        assert!(matches!(pin, Pin::Open(_)), "{operator} {key} {values:?}: {pin:?}");
    }
    assert!(matches!(condition("StringResembles", "aws:SourceArn", &["x"]).pins(), Pin::Unclear(_)));
}

#[test]
fn patterns_within_one_account_are_neither_fixed_nor_open() {
    for (operator, key, values) in [
        ("ArnLike", "aws:SourceArn", &["arn:aws:sns:*:111122223333:*"][..]),
        ("ArnEquals", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/team-*"]),
        ("StringLike", "aws:PrincipalArn", &["arn:aws:iam::111122223333:role/*"]),
        ("ArnLike", "aws:SourceArn", &["arn:aws:s3:*:*:uploads-7f3a"]),
        ("ArnLike", "lambda:SourceFunctionArn", &["arn:aws:lambda:*:111122223333:function:*"]),
        ("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/aws-service-role/*"]),
        ("StringLike", "aws:userid", &["AROAEXAMPLEID12345678:*"]),
        ("StringLike", "aws:PrincipalServiceName", &["*.amazonaws.com"]),
        ("Bool", "aws:PrincipalIsAWSService", &["true"]),
        ("StringEquals", "aws:PrincipalAccount", &["${aws:ResourceAccount}"]),
        ("StringEquals", "aws:PrincipalOrgID", &["o-abc", "${aws:ResourceOrgID}"]),
    ] {
        let pin = condition(operator, key, values).pins();
        assert!(matches!(pin, Pin::Pattern(_)), "{operator} {key} {values:?}: {pin:?}");
    }
    for (operator, key, values) in [
        // A star of StringLike is any text, colons too.
        ("StringLike", "aws:SourceArn", &["arn:aws:logs:*:111122223333:*"][..]),
        ("ArnLike", "aws:SourceArn", &["arn:aws:s3:::uploads*"]),
        ("ArnLike", "aws:SourceArn", &["arn:aws:sns:*:111122223333:*", "arn:aws:sns:*:*:*"]),
        ("ArnLike", "aws:SourceArn", &["*"]),
    ] {
        let pin = condition(operator, key, values).pins();
        assert!(matches!(pin, Pin::Open(_)), "{operator} {key} {values:?}: {pin:?}");
    }
}

#[test]
fn a_key_that_must_be_there_closes_what_its_absence_opens() {
    for operator in ["StringEqualsIfExists", "ForAllValues:StringEquals"] {
        let block = Condition::block(vec![
            condition(operator, "aws:SourceVpce", &["vpce-1"]),
            condition("Null", "aws:sourcevpce", &["false"]),
        ]);
        assert_eq!(block[0].pins(), Pin::Fixed, "{operator}");
        assert!(matches!(block[1].pins(), Pin::Open(_)));
        let any = Condition::block(vec![
            condition(operator, "aws:SourceVpce", &["vpce-1"]),
            condition("StringLike", "aws:SourceVpce", &["*"]),
        ]);
        assert_eq!(any[0].pins(), Pin::Fixed, "{operator}");
        let other = Condition::block(vec![
            condition(operator, "aws:SourceVpce", &["vpce-1"]),
            condition("Null", "aws:SourceVpc", &["false"]),
        ]);
        assert!(matches!(other[0].pins(), Pin::Open(_)), "{operator}");
    }
}

#[test]
fn shared_secrets_are_masked() {
    let secret = "correct-horse-battery";
    for (key, shown) in [
        ("aws:Referer", false),
        ("aws:UserAgent", false),
        ("lambda:EventSourceToken", false),
        ("aws:PrincipalTag/team", true),
    ] {
        let condition = condition("StringEquals", key, &[secret]);
        assert_eq!(condition.text().contains(secret), shown, "{key}");
        let Pin::Open(cause) = condition.pins() else { panic!("{key}") };
        assert_eq!(cause.contains(secret), shown, "{key}");
    }
}

#[test]
fn required_values() {
    let required =
        |operator: &str| condition(operator, "sts:ExternalId", &["x"]).requires("STS:externalid").is_some();
    assert!(required("StringEquals") && required("StringLike") && required("ForAnyValue:StringEquals"));
    for operator in ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals", "Null", "Bool"] {
        assert!(!required(operator), "{operator}");
    }
}

#[test]
fn spared_values() {
    let spared = |operator: &str| {
        condition(operator, "aws:ResourceAccount", &["111122223333"]).spares("aws:resourceaccount").is_some()
    };
    assert!(spared("StringNotEquals") && spared("StringNotEqualsIfExists") && spared("StringNotLike"));
    assert!(!spared("StringEquals") && !spared("ForAnyValue:StringNotEquals") && !spared("Null"));
}

#[test]
fn services_only() {
    let service = |operator: &str, value: &str| condition(operator, "aws:PrincipalIsAWSService", &[value]);
    assert!(service("Bool", "true").requires_service());
    assert!(!service("BoolIfExists", "true").requires_service());
    assert!(!service("Bool", "false").requires_service());
    assert!(service("BoolIfExists", "false").spares_services());
    assert!(!service("Bool", "true").spares_services());
}

#[test]
fn denies_of_all_others_pin() {
    for (operator, key, value) in [
        ("StringNotEquals", "aws:PrincipalOrgID", "o-abc"),
        ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-abc"),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
        ("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/etl-*"),
        ("ArnNotLikeIfExists", "aws:PrincipalArn", "arn:aws:iam::*:role/aws-service-role/*"),
        ("StringNotLike", "aws:PrincipalOrgPaths", "o-abc/*"),
        ("StringNotEquals", "aws:VpceAccount", "111122223333"),
        ("Bool", "elasticfilesystem:AccessedViaMountTarget", "false"),
    ] {
        assert_eq!(condition(operator, key, &[value]).denies_strangers(), Pin::Fixed, "{operator} {key}");
    }
    for (operator, key, value) in [
        ("StringEquals", "aws:PrincipalOrgID", "o-abc"),
        ("ForAnyValue:StringNotEquals", "aws:PrincipalOrgPaths", "o-abc/r-1/"),
        ("NotIpAddress", "aws:SourceIp", "0.0.0.0/0"),
        ("Bool", "aws:SecureTransport", "false"),
        ("StringNotLike", "aws:PrincipalArn", "*"),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/etl"),
        // Whoever does not sign has no such key.
        ("Bool", "aws:PrincipalIsAWSService", "false"),
        // Anybody can call through a service.
        ("BoolIfExists", "aws:ViaAWSService", "false"),
    ] {
        let pin = condition(operator, key, &[value]).denies_strangers();
        assert!(matches!(pin, Pin::Open(_)), "{operator} {key}: {pin:?}");
    }
}

#[test]
fn absent_keys_count_as_documented() {
    let request = BTreeMap::new();
    for (operator, holds) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("StringEqualsIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("NumericLessThan", false),
    ] {
        assert_eq!(condition(operator, "aws:x", &["1"]).holds(&request), Some(holds), "{operator}");
    }
    assert_eq!(condition("Null", "aws:x", &["true"]).holds(&request), Some(true));
}

#[test]
fn present_keys_are_compared() {
    let request: BTreeMap<_, _> = [
        ("aws:sourceip".to_owned(), vec!["203.0.113.7".to_owned()]),
        ("aws:multifactorauthage".to_owned(), vec!["100".to_owned()]),
        ("aws:tagkeys".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
        ("aws:currenttime".to_owned(), vec!["2026-11-01T00:00:00Z".to_owned()]),
        ("aws:sourcearn".to_owned(), vec!["arn:aws:sns:eu-west-1:111122223333:x".to_owned()]),
    ]
    .into();
    for (operator, key, values, holds) in [
        ("IpAddress", "aws:SourceIp", &["203.0.113.0/24"][..], true),
        ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"], false),
        ("NumericLessThan", "aws:MultiFactorAuthAge", &["3600"], true),
        ("NumericGreaterThanEquals", "aws:MultiFactorAuthAge", &["101"], false),
        ("ForAllValues:StringEquals", "aws:TagKeys", &["a"], false),
        ("ForAnyValue:StringLike", "aws:TagKeys", &["b*"], true),
        ("DateGreaterThan", "aws:CurrentTime", &["2026-01-01T00:00:00Z"], true),
        ("DateGreaterThan", "aws:CurrentTime", &["2026-11-01"], false),
        ("DateLessThan", "aws:CurrentTime", &["2026-11-01T00:01Z"], true),
        ("DateLessThan", "aws:CurrentTime", &["1577836800"], false),
        ("ArnLike", "aws:SourceArn", &["arn:aws:sns:*:111122223333:*"], true),
        ("ArnLike", "aws:SourceArn", &["arn:aws:*:111122223333:*:x"], false),
        ("Null", "aws:SourceIp", &["true"], false),
    ] {
        assert_eq!(condition(operator, key, values).holds(&request), Some(holds), "{operator} {key}");
    }
    assert_eq!(condition("StringEquals", "aws:SourceIp", &["${aws:x}"]).holds(&request), None);
}

//! Every kind of edge, and beside it the near miss that makes a dead end of it.

use std::rc::Rc;

use super::{
    Paths, Stopped,
    graph::{Certainty, Doubt, EdgeKind, NodeKind},
    labs_tests::found,
    testing::{ACCOUNT, ADMIN, Account, allow},
};
use crate::{
    analysis::Analyses,
    finding::Severity,
    gap::Collected,
    settings::Settings,
    snapshot::{
        Snapshot, ec2, elb,
        organizations::{ControlLevel, ControlPolicy, Organization},
        s3::{PublicAccessBlock, Versioning},
        sqs,
    },
    testing::{denied, empty, read, region},
};

pub(super) fn paths_with(account: &Snapshot, settings: &Settings) -> Paths {
    Paths::clone(&Rc::new(Analyses::of(account)).paths(&settings.clone().into()))
}

pub(super) fn paths(account: &Account) -> Paths {
    paths_with(&account.0, &Settings::default())
}

/// Checks of the paths, in their order.
pub(super) fn told(account: &Account) -> Vec<&'static str> {
    paths(account).paths().iter().map(|path| path.check).collect()
}

/// The kinds of edges of the first path.
pub(super) fn edges(account: &Account) -> Vec<EdgeKind> {
    let paths = paths(account);
    let first = &paths.paths()[0];
    first.edges.iter().map(|edge| paths.edge(*edge).kind).collect()
}

pub(super) const NONE: [&str; 0] = [];
const EVERYTHING: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;

pub(super) fn web(rights: &str) -> Account {
    Account::new().role("web", "ec2", rights).instance(22, "web")
}

pub(super) fn job(rights: &str) -> Account {
    Account::new().role("job", "lambda", rights).function("job")
}

fn statements(statements: &str) -> String {
    format!(r#"{{"Statement": [{statements}]}}"#)
}

#[test]
fn nothing_leads_anywhere_in_an_empty_account() {
    let account = Account(empty());
    assert_eq!(told(&account), NONE);
    assert_eq!(paths(&account).stopped(), None);
    for check in ["path-internet-compute-admin", "path-ransom", "path-internet-db"] {
        assert_eq!(paths(&account).unread(check), None);
    }
}

#[test]
fn packets_have_to_arrive() {
    use EdgeKind::{Administers, Reaches, RunsAs};
    assert_eq!(edges(&web(ADMIN)), [Reaches, RunsAs, Administers]);
    let ec2 =
        |change: fn(&mut ec2::Ec2)| told(&web(ADMIN).change(|account| change(&mut region(account).ec2)));
    fn list<T>(list: &mut Collected<Vec<T>>) -> &mut Vec<T> {
        let Collected::Value(list) = list else { panic!("it was read") };
        list
    }
    // Private; without a route; behind a network ACL; blocked by the VPC; closed; stopped.
    assert_eq!(ec2(|it| list(&mut it.network_interfaces)[0].public_ips.clear()), NONE);
    assert_eq!(ec2(|it| list(&mut it.route_tables)[0].routes.clear()), NONE);
    assert_eq!(ec2(|it| list(&mut it.network_acls)[0].entries.clear()), NONE);
    assert_eq!(
        ec2(|it| it.network_acls = read(
            list(&mut it.network_acls)
                .iter()
                .map(|acl| {
                    let mut acl = acl.clone();
                    acl.entries.retain(|entry| !entry.egress);
                    acl
                })
                .collect()
        )),
        NONE
    );
    assert_eq!(
        ec2(|it| {
            let exclusions = vec![];
            it.vpc_block_public_access =
                read(ec2::VpcBlockPublicAccess { mode: "block-bidirectional".into(), exclusions });
        }),
        NONE
    );
    assert_eq!(ec2(|it| list(&mut it.security_groups)[0].ingress.clear()), NONE);
    assert_eq!(ec2(|it| list(&mut it.instances)[0].state = "stopped".into()), NONE);
    assert_eq!(ec2(|it| list(&mut it.instances)[0].instance_profile = None), NONE);
}

#[test]
fn what_the_internet_is_meant_to_reach_leads_to_what_is_too_much_only() {
    let account = |port, rights: &str| {
        Account::new().role("web", "ec2", rights).instance(port, "web").bucket("customer-data")
    };
    let some = allow("s3:GetObject", "arn:aws:s3:::customer-data/*");
    assert_eq!(told(&account(443, &some)), NONE);
    assert_eq!(told(&account(22, &some)), ["path-internet-compute-data"]);
    assert_eq!(told(&account(443, &some).imdsv1()), ["path-imdsv1-ssrf"]);
    assert_eq!(told(&account(443, &allow("s3:*", "*"))), ["path-internet-compute-data"]);
    assert_eq!(told(&account(443, ADMIN)), ["path-internet-compute-admin"]);
    let severity = |account: &Account| paths(account).paths()[0].severity;
    assert_eq!(severity(&account(443, ADMIN)), Severity::High, "it takes a flaw");
    assert_eq!(severity(&account(22, ADMIN)), Severity::Critical);
}

#[test]
fn a_load_balancer_sends_on() {
    let behind = |scheme: &str, health: &str| {
        web(ADMIN).change(|account| {
            let region = region(account);
            if let Collected::Value(interfaces) = &mut region.ec2.network_interfaces {
                interfaces[0].public_ips.clear();
            }
            region.elb.load_balancers = read(vec![elb::LoadBalancer {
                arn: "lb".into(),
                name: "front".into(),
                kind: "network".into(),
                scheme: scheme.into(),
                vpc: Some("vpc-1".into()),
                subnets: vec!["subnet-1".into()],
                listeners: read(vec![elb::Listener {
                    port: Some(80),
                    protocol: Some("TCP".into()),
                    default_target_groups: vec!["targets".into()],
                    ..elb::Listener::default()
                }]),
                ..elb::LoadBalancer::default()
            }]);
            region.elb.target_groups = read(vec![elb::TargetGroup {
                arn: "targets".into(),
                target_type: "instance".into(),
                protocol: Some("TCP".into()),
                load_balancers: vec!["lb".into()],
                targets: read(vec![elb::Target { id: "i-1".into(), port: Some(22), health: health.into() }]),
                ..elb::TargetGroup::default()
            }]);
            region.elb.target_group_attributes =
                read([("targets".into(), read(elb::TargetGroupAttributes::default()))].into());
        })
    };
    let found = edges(&behind("internet-facing", "healthy"));
    assert_eq!(found[..2], [EdgeKind::Reaches, EdgeKind::Forwards]);
    assert_eq!(told(&behind("internal", "healthy")), NONE);
    assert_eq!(told(&behind("internet-facing", "unused")), NONE);
}

#[test]
fn tasks_of_services_are_reached_by_their_own_interfaces() {
    let task = |rights: &str, change: fn(&mut crate::snapshot::Region)| {
        told(&Account::new().role("task", "ecs-tasks", rights).instance(443, "none").change(|account| {
            let region = region(account);
            if let Collected::Value(interfaces) = &mut region.ec2.network_interfaces {
                interfaces[0].instance = None;
                interfaces[0].description = format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:attachment/1");
            }
            region.ecs.services = read(vec![crate::snapshot::ecs::Service {
                arn: format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service/main/web"),
                name: "web".into(),
                cluster: "main".into(),
                task_definition: Some("web:1".into()),
                desired_tasks: 1,
                security_groups: vec!["sg-web".into()],
                ..crate::snapshot::ecs::Service::default()
            }]);
            let role = format!("arn:aws:iam::{ACCOUNT}:role/task");
            region.ecs.task_roles = read([("web:1".to_owned(), Some(role))].into());
            change(region);
        }))
    };
    assert_eq!(task(ADMIN, |_| ()), ["path-internet-compute-admin"]);
    assert_eq!(task(&allow("logs:*", "*"), |_| ()), NONE);
    let private = |region: &mut crate::snapshot::Region| {
        if let Collected::Value(interfaces) = &mut region.ec2.network_interfaces {
            interfaces[0].public_ips.clear();
        }
    };
    assert_eq!(task(ADMIN, private), NONE);
    let two = |region: &mut crate::snapshot::Region| {
        if let Collected::Value(services) = &mut region.ecs.services {
            let other = crate::snapshot::ecs::Service { name: "other".into(), ..services[0].clone() };
            services.push(other);
        }
    };
    assert_eq!(task(ADMIN, two), NONE, "whose interface it is cannot be told");
}

#[test]
fn an_unreadable_link_is_to_be_verified_and_never_absent() {
    let account = web(ADMIN).change(|account| region(account).ec2.route_tables = denied());
    let found = paths(&account);
    let [path] = found.paths() else { panic!("{:?}", found.paths()) };
    assert_eq!((path.check, path.severity), ("path-internet-compute-admin", Severity::Medium));
    assert!(matches!(found.certainty(path), Certainty::Unknown(gap) if gap.operation == "test:Operation"));
    // Behind a group that lets nobody in, it does not matter.
    let account = account.change(|account| {
        if let Collected::Value(groups) = &mut region(account).ec2.security_groups {
            groups[0].ingress.clear();
        }
    });
    assert_eq!(told(&account), NONE);
    // A function whose policy could not be read.
    let account = job(ADMIN).change(|account| region(account).lambda.policies = denied());
    let found = paths(&account);
    assert_eq!(found.paths().iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Medium]);
    // A bucket whose policy could not be read may deny.
    let account = job(&allow("s3:GetObject", "*")).bucket_with("customer-data", |it| it.policy = denied());
    let found = paths(&account);
    assert!(matches!(found.certainty(&found.paths()[0]), Certainty::Unknown(_)));
    assert_eq!(found.paths()[0].severity, Severity::Medium);
}

#[test]
fn what_is_inside_matters_only_where_somebody_gets_in() {
    let gaps = |account: Account, check: &str| paths(&account).unread(check).is_some();
    let without = |account: Account| account.change(|account| account.s3.buckets = denied());
    let harmless = allow("logs:*", "*");
    assert!(gaps(without(job(&harmless)), "path-public-function-data"));
    assert!(gaps(without(job(&harmless)), "path-ransom"));
    assert!(!gaps(without(job(&harmless)), "path-public-function-admin"));
    assert!(!gaps(without(job(&harmless)), "path-oidc-data"), "no tenant gets in");
    let blind = |account: Account| account.change(|account| region(account).cloudtrail.trails = denied());
    assert!(gaps(blind(job(&harmless)), "path-blind"));
    assert!(!gaps(blind(Account::new()), "path-blind"));
    let unreadable = job("no JSON");
    assert!(gaps(unreadable, "path-public-function-admin"));
}

#[test]
fn a_url_that_lacks_the_second_permission_is_open_to_accounts_that_are_let_off() {
    let first = r#"{"Sid": "url", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": "*",
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}}"#;
    let with = |statement: &str, auth_type: &str| {
        job(ADMIN).change(|account| {
            account.started_at = "2026-11-28T00:00:00Z".parse().unwrap();
            let url = crate::snapshot::lambda::FunctionUrl { auth_type: auth_type.into(), alias: None };
            let lambda = &mut region(account).lambda;
            lambda.function_urls = read([("api".to_owned(), read(vec![url]))].into());
            lambda.policies = read([("api".to_owned(), read(Some(statements(statement))))].into());
        })
    };
    let excepted = with(first, "NONE");
    let found = paths(&excepted);
    let [path] = found.paths() else { panic!("{:?}", found.paths()) };
    assert_eq!((path.check, path.severity), ("path-public-function-admin", Severity::High));
    assert_eq!(*found.certainty(path), Certainty::Conditional(Doubt::Exception));
    assert_eq!(told(&with(first, "AWS_IAM")), NONE);
    let pinned =
        first.replace("StringEquals\": {", "StringEquals\": {\"aws:SourceAccount\": \"444455556666\", ");
    assert_eq!(told(&with(&pinned, "NONE")), NONE);
    let other = first.replace("InvokeFunctionUrl", "GetFunction");
    assert_eq!(told(&with(&other, "NONE")), NONE);
    assert_eq!(told(&with(&first.replace("Allow", "Deny"), "NONE")), NONE);
    // Where both are granted, nothing is left to doubt.
    let found = paths(&job(ADMIN));
    assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Certain);
}

#[test]
fn rights_are_effective_ones() {
    let denied =
        statements(&format!(r#"{EVERYTHING}, {{"Effect": "Deny", "Action": "*", "Resource": "*"}}"#));
    assert_eq!(told(&job(&denied)), NONE);
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/boundary");
    let under = |document: &str| {
        let bound =
            |role: &mut crate::snapshot::iam::Role| role.permissions_boundary = Some(boundary.clone());
        told(
            &Account::new()
                .policy(&boundary, document)
                .role("job", "lambda", ADMIN)
                .last_role(bound)
                .function("job"),
        )
    };
    assert_eq!(under(ADMIN), ["path-public-function-admin"]);
    assert_eq!(under(&allow("logs:*", "*")), NONE);
    let controlled = |document: String| {
        told(&job(ADMIN).change(|account| {
            let organizations = &mut account.organizations;
            organizations.organization =
                read(Some(Organization { id: "o-a".into(), management_account: "999900001111".into() }));
            organizations.service_control_policies = read(Some(vec![ControlLevel {
                target: ACCOUNT.into(),
                policies: vec![ControlPolicy { id: "p-1".into(), name: "guard".into(), document }],
                resource_policies: None,
            }]));
        }))
    };
    assert_eq!(controlled(ADMIN.into()), ["path-public-function-admin"]);
    assert_eq!(controlled(allow("logs:*", "*")), NONE);
}

#[test]
fn functions_have_to_be_public() {
    assert_eq!(edges(&job(ADMIN)), [EdgeKind::Opens, EdgeKind::RunsAs, EdgeKind::Administers]);
    let signed = job(ADMIN).change(|account| {
        let url = crate::snapshot::lambda::FunctionUrl { auth_type: "AWS_IAM".into(), alias: None };
        region(account).lambda.function_urls = read([("api".to_owned(), read(vec![url]))].into());
    });
    assert_eq!(told(&signed), NONE);
    let unknown_role = Account::new().role("other", "lambda", ADMIN).function("job");
    assert_eq!(told(&unknown_role), NONE);
}

#[test]
fn trust_has_two_sides() {
    let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    let chain = |rights: &str, principal: &str| {
        told(&job(rights).trusted("admin", principal, "sts:AssumeRole", ADMIN))
    };
    let assume = allow("sts:AssumeRole", "*");
    assert_eq!(chain(&assume, &root), ["path-public-function-admin"]);
    assert_eq!(chain(&allow("logs:*", "*"), &root), NONE, "the caller may not");
    let other = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:role/other"}}"#);
    assert_eq!(chain(&assume, &other), NONE, "the role trusts somebody else");
    let named = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:role/job"}}"#);
    assert_eq!(chain(&allow("logs:*", "*"), &named), ["path-public-function-admin"]);
    let denies = statements(r#"{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}"#);
    assert_eq!(chain(&denies, &named), NONE);
}

#[test]
fn methods_of_escalation_lead_on() {
    let passing = |service: &str, rights: &str| told(&job(rights).role("admin", service, ADMIN));
    let passes = allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*");
    assert_eq!(passing("lambda", &passes), ["path-public-function-admin"]);
    assert_eq!(passing("ec2", &passes), NONE, "the role trusts another service");
    assert_eq!(passing("lambda", &allow("lambda:CreateFunction lambda:InvokeFunction", "*")), NONE);
    assert_eq!(told(&job(&allow("iam:PutRolePolicy", "*"))), ["path-public-function-admin"]);
    assert_eq!(told(&job(&allow("iam:PutRolePolicy", "arn:aws:iam::*:role/other"))), NONE);
}

#[test]
fn several_who_are_held_together_lead_on() {
    // `job` assumes `writer`, who writes the policies of `job`.
    let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    let rights = allow("iam:PutRolePolicy", &format!("arn:aws:iam::{ACCOUNT}:role/job"));
    let account = job(&allow("sts:AssumeRole", "*")).trusted("writer", &root, "sts:AssumeRole", &rights);
    assert_eq!(told(&account), ["path-public-function-admin"]);
}

#[test]
fn data_needs_permission_and_no_deny() {
    let on = |rights: &str, policy: Option<&str>| {
        told(&job(rights).bucket_with("customer-data", |it| it.policy = read(policy.map(statements))))
    };
    let reads = allow("s3:GetObject", "arn:aws:s3:::customer-data/*");
    assert_eq!(on(&reads, None), ["path-public-function-data"]);
    assert_eq!(
        on(&allow("s3:GetObject", "arn:aws:s3:::customer-data/in/*"), None),
        ["path-public-function-data"]
    );
    assert_eq!(on(&allow("s3:GetObject", "arn:aws:s3:::customer-data"), None), NONE, "no object is named so");
    assert_eq!(on(&allow("s3:GetObject", "arn:aws:s3:::other/*"), None), NONE);
    assert_eq!(on(&allow("s3:ListBucket", "*"), None), NONE);
    let all_but = |name: &str| {
        statements(&format!(
            r#"{{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::{name}/*"}}"#
        ))
    };
    assert_eq!(on(&all_but("customer-data"), None), NONE);
    assert_eq!(on(&all_but("other"), None), ["path-public-function-data"]);
    let deny = |principal: &str, condition: &str| {
        format!(
            r#"{{"Effect": "Deny", "Principal": {principal}, "Action": "s3:*", "Resource": ["arn:aws:s3:::customer-data",
                "arn:aws:s3:::customer-data/*"], "Condition": {condition}}}"#
        )
    };
    assert_eq!(on(&reads, Some(&deny(r#""*""#, "{}"))), NONE);
    let job_arn = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:role/job"}}"#);
    assert_eq!(on(&reads, Some(&deny(&job_arn, "{}"))), NONE);
    let others = r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/reader"}}"#;
    assert_eq!(on(&reads, Some(&deny(r#""*""#, others))), NONE, "denied by condition");
    let but_job = r#"{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/job"}}"#;
    assert_eq!(on(&reads, Some(&deny(r#""*""#, but_job))), ["path-public-function-data"]);
    let http = r#"{"Bool": {"aws:SecureTransport": "false"}}"#;
    assert_eq!(on(&reads, Some(&deny(r#""*""#, http))), ["path-public-function-data"]);
    // Credentials of code never tell of MFA.
    let mfa = r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#;
    assert_eq!(on(&statements(mfa), None), NONE);
    // The bucket's own policy is enough for whom it names, but not for the account as a whole.
    let grant = |principal: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::customer-data/*"}}"#
        )
    };
    let nothing = allow("logs:*", "*");
    assert_eq!(on(&nothing, Some(&grant(&job_arn))), ["path-public-function-data"]);
    let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    assert_eq!(on(&nothing, Some(&grant(&root))), NONE);
}

#[test]
fn what_cannot_be_decided_is_conditional() {
    let vpce = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::customer-data/*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}"#;
    let rights = allow("s3:GetObject", "*");
    let account =
        job(&rights).bucket_with("customer-data", |bucket| bucket.policy = read(Some(statements(vpce))));
    let found = paths(&account);
    let path = &found.paths()[0];
    assert!(
        matches!(found.certainty(path), Certainty::Conditional(Doubt::Policy(text)) if text.contains("vpce-1"))
    );
    assert_eq!(path.severity, Severity::High);
    let keyed =
        job(&rights).bucket_with("customer-data", |bucket| bucket.encryption = read(Some("aws:kms".into())));
    let found = paths(&keyed);
    assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Conditional(Doubt::Key));
    let with_key = job(&allow("s3:GetObject kms:Decrypt", "*"))
        .bucket_with("customer-data", |bucket| bucket.encryption = read(Some("aws:kms".into())));
    let found = paths(&with_key);
    assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Certain);
}

#[test]
fn every_kind_of_store_is_a_target() {
    let stores = |rights: &str| {
        let account = job(rights).secret("orders").change(|account| {
            let region = region(account);
            region.dynamodb.tables =
                read(vec![crate::snapshot::dynamodb::Table { name: "customers".into() }]);
            region.sqs.queues = read(vec![sqs::Queue {
                name: "payments".into(),
                attributes: read(sqs::QueueAttributes {
                    policy: None,
                    kms_key: None,
                    sqs_managed_encryption: true,
                }),
            }]);
            region.ssm.parameters = read(vec![crate::snapshot::ssm::Parameter {
                name: "/prod/key".into(),
                kind: "SecureString".into(),
                data_type: "text".into(),
            }]);
        });
        let found = paths(&account);
        found.paths().iter().map(|it| found.node(it.target).id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(stores(&allow("secretsmanager:GetSecretValue", "*")), ["orders"]);
    assert_eq!(stores(&allow("dynamodb:Scan", "arn:aws:dynamodb:*:*:table/customers")), ["customers"]);
    assert_eq!(stores(&allow("sqs:ReceiveMessage", "*")), ["payments"]);
    assert_eq!(stores(&allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/prod/*")), ["/prod/key"]);
    assert_eq!(stores(&allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/test/*")), NONE);
    assert_eq!(
        stores(&allow("dynamodb:DescribeTable sqs:SendMessage secretsmanager:ListSecrets", "*")),
        NONE
    );
}

#[test]
fn sensitivity_is_told_by_names_and_tags_and_else_everything_is() {
    let severity = |account: &Account, settings: &Settings| {
        let found = paths_with(&account.0, settings);
        found.paths().iter().map(|it| (it.towards.clone(), it.severity)).collect::<Vec<_>>()
    };
    let defaults = Settings::default();
    let reads = job(&allow("s3:GetObject", "*"));
    let bucket = |word: &str| format!("AWS::S3::Bucket {word}");
    let one = reads.bucket("assets");
    assert_eq!(severity(&one, &defaults), [(bucket("sensitive"), Severity::Critical)], "nothing is known");
    let by_name = job(&allow("s3:GetObject", "arn:aws:s3:::assets/*")).bucket("assets");
    assert_eq!(severity(&by_name, &defaults), [(bucket("other"), Severity::High)]);
    let two = one.bucket("customer-data");
    let expected = [(bucket("sensitive"), Severity::Critical), (bucket("other"), Severity::High)];
    assert_eq!(severity(&two, &defaults), expected);
    let tagged = |value: &str| {
        job(&allow("dynamodb:Scan", "*")).change(|account| {
            region(account).ec2.snapshots = read(vec![ec2::Snapshot {
                id: "snap-1".into(),
                encrypted: false,
                public: false,
                tags: [("DataClassification", value)].into(),
            }]);
            region(account).dynamodb.tables =
                read(vec![crate::snapshot::dynamodb::Table { name: "orders".into() }]);
        })
    };
    let table = |word: &str| format!("AWS::DynamoDB::Table {word}");
    assert_eq!(severity(&tagged("Confidential"), &defaults), [(table("other"), Severity::High)]);
    assert_eq!(severity(&tagged("public"), &defaults), [(table("sensitive"), Severity::Critical)]);
    let own = Settings { sensitive_tags: vec!["dataclassification=PUBLIC".into()], ..Settings::default() };
    assert_eq!(severity(&tagged("public"), &own), [(table("other"), Severity::High)]);
}

#[test]
fn loss_needs_an_unprotected_store() {
    let versioning = |enabled, mfa_delete, action: &str| {
        told(&job(&allow(action, "*")).bucket_with("customer-data", |bucket| {
            bucket.versioning = read(Versioning { enabled, mfa_delete });
        }))
    };
    assert_eq!(versioning(false, false, "s3:DeleteObject"), ["path-ransom"]);
    assert_eq!(versioning(true, false, "s3:DeleteObject"), NONE, "the versions stay");
    assert_eq!(versioning(true, false, "s3:DeleteObjectVersion"), ["path-ransom"]);
    assert_eq!(versioning(true, true, "s3:DeleteObjectVersion"), NONE);
}

#[test]
fn a_key_is_lost_to_whoever_writes_its_policy() {
    let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    let policy = |principal: &str, action: &str| {
        statements(&format!(
            r#"{{"Effect": "Allow", "Principal": {principal}, "Action": "{action}", "Resource": "*"}}"#
        ))
    };
    let with = |rights: &str, policy: &str| told(&job(rights).kms_key(policy));
    let writes = allow("kms:PutKeyPolicy", "*");
    assert_eq!(with(&writes, &policy(&root, "kms:*")), ["path-ransom"]);
    assert_eq!(edges(&job(&writes).kms_key(&policy(&root, "kms:*")))[2], EdgeKind::Deletes);
    let harmless = allow("logs:*", "*");
    assert_eq!(with(&allow("kms:Decrypt", "*"), &policy(&root, "kms:*")), NONE);
    // A key that is left to nobody's own policies, or to others'.
    let other = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:role/other"}}"#);
    assert_eq!(with(&writes, &policy(&other, "kms:*")), NONE);
    assert_eq!(with(&writes, &policy(&root, "kms:Decrypt")), NONE);
    let own = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:role/job"}}"#);
    assert_eq!(with(&harmless, &policy(&own, "kms:*")), ["path-ransom"]);
    assert_eq!(with(&harmless, &policy(&root, "kms:*")), NONE);
    let with_deny = policy(&root, "kms:*").replace(
        r#"{"Statement": ["#,
        r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"}, "#,
    );
    assert_eq!(with(&writes, &with_deny), NONE);
    let off = job(&writes).kms_key(&policy(&root, "kms:*")).change(|account| {
        if let Collected::Value(keys) = &mut region(account).kms.keys
            && let Collected::Value(details) = &mut keys[0].details
        {
            details.state = "Disabled".into();
        }
    });
    assert_eq!(told(&off), NONE);
    let unread = job(&writes).kms_key("").change(|account| region(account).kms.policies = denied());
    let found = paths(&unread);
    assert_eq!(found.paths().iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Medium]);
}

#[test]
fn blindness_needs_every_trail() {
    let stops = job(&allow("cloudtrail:StopLogging", "*"));
    assert_eq!(told(&stops.trail()), ["path-blind"]);
    let of_organization = job(&allow("cloudtrail:StopLogging", "*")).trail().change(|account| {
        if let Collected::Value(trails) = &mut region(account).cloudtrail.trails {
            trails[0].arn = "arn:aws:cloudtrail:eu-west-1:999900001111:trail/main".into();
        }
    });
    assert_eq!(told(&of_organization), NONE);
    let another = allow("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:trail/other");
    assert_eq!(told(&job(&another).trail()), NONE);
}

#[test]
fn a_search_domain_has_to_answer_strangers() {
    let domain = |condition: &str, change: fn(&mut crate::snapshot::opensearch::Domain)| {
        told(&Account::new().change(|account| {
            let policy = format!(
                r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": "es:*", "Resource": "*"{condition}}}"#
            );
            let mut domain = crate::snapshot::opensearch::Domain {
                name: "logs".into(),
                arn: format!("arn:aws:es:eu-west-1:{ACCOUNT}:domain/logs"),
                access_policy: Some(statements(&policy)),
                ..crate::snapshot::opensearch::Domain::default()
            };
            change(&mut domain);
            region(account).opensearch.domains = read(vec![domain]);
        }))
    };
    assert_eq!(domain("", |_| ()), ["path-internet-db"]);
    assert_eq!(domain("", |domain| domain.in_vpc = true), NONE);
    let office = r#", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#;
    assert_eq!(domain(office, |_| ()), NONE);
}

#[test]
fn public_data_has_to_be_public() {
    let policy = r#"{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::NAME/*"}"#;
    let account = |name: &str, block: PublicAccessBlock| {
        told(&Account::new().bucket_with(name, |bucket| {
            bucket.policy = read(Some(statements(&policy.replace("NAME", name))));
            bucket.public_access_block = read(block);
        }))
    };
    let open = PublicAccessBlock::default();
    assert_eq!(account("db-backups", open), ["path-public-bucket-secret"]);
    assert_eq!(account("db-backups", PublicAccessBlock::ALL), NONE);
    assert_eq!(account("website", open), NONE);
    let database = |port: u16, public: bool| {
        told(&Account::new().instance(port, "none").database().change(|account| {
            if let Collected::Value(databases) = &mut region(account).rds.instances {
                databases[0].publicly_accessible = public;
            }
        }))
    };
    assert_eq!(database(5432, true), ["path-internet-db"]);
    assert_eq!(database(5432, false), NONE);
    assert_eq!(database(80, true), NONE);
}

#[test]
fn strangers_have_to_be_let_in() {
    let trusting =
        |principal: &str| told(&Account::new().trusted("role", principal, "sts:AssumeRole", ADMIN));
    assert_eq!(trusting(r#""*""#), ["path-external-account-admin"]);
    assert_eq!(trusting(r#"{"AWS": "444455556666"}"#), ["path-external-account-admin"]);
    let ours = format!(r#"{{"AWS": "{ACCOUNT}"}}"#);
    assert_eq!(trusting(&ours), NONE);
    let with_id = Account::new().trusted("role", r#"{"AWS": "444455556666"}"#, "sts:AssumeRole", ADMIN);
    let with_id = with_id.last_role(|role| {
        role.assume_role_policy = role.assume_role_policy.replace(
            r#""Action""#,
            r#""Condition": {"StringEquals": {"sts:ExternalId": "3f1c9a"}}, "Action""#,
        );
    });
    assert_eq!(told(&with_id), NONE);
    let settings = Settings { trusted_accounts: vec!["444455556666".into()], ..Settings::default() };
    let known = Account::new().trusted("role", r#"{"AWS": "444455556666"}"#, "sts:AssumeRole", ADMIN);
    assert!(paths_with(&known.0, &settings).paths().is_empty());
}

#[test]
fn credentials_lead_to_their_users() {
    let escalates = allow("iam:PutUserPolicy", "*");
    let user = |password, mfa| Account::new().user("alice", &escalates, password, mfa);
    assert_eq!(told(&user(true, false)), ["path-user-no-mfa-admin"]);
    assert_eq!(told(&user(true, true)), NONE);
    assert_eq!(told(&user(false, false)), NONE);
    assert_eq!(told(&user(false, false).key("alice", 10)), ["path-user-no-mfa-admin"]);
    assert_eq!(told(&user(false, false).key("alice", 400)), ["path-old-key-admin"]);
    let harmless = Account::new().user("alice", &allow("s3:*", "*"), true, false).key("alice", 400);
    assert_eq!(told(&harmless.bucket("customer-data")), NONE, "data is not told of those inside");
    let admin = Account::new().user("alice", ADMIN, true, false);
    assert_eq!(told(&admin), NONE, "an administrator's own rights are no path");
    let paths = paths(&user(true, false));
    assert_eq!(paths.source(&paths.paths()[0]).kind, NodeKind::Credential);
}

#[test]
fn a_key_that_is_found_leads_to_its_user() {
    let harmless = allow("logs:*", "*");
    let leak = |user: &str| {
        Account::new()
            .user("alice", user, false, false)
            .key("alice", 10)
            .role("job", "lambda", &harmless)
            .function("job")
            .leak()
    };
    let found = told(&leak(ADMIN));
    assert_eq!(found, ["path-public-function-admin", "path-leaked-key-admin"]);
    assert_eq!(edges(&leak(ADMIN))[1..3], [EdgeKind::Holds, EdgeKind::Is]);
    assert_eq!(told(&leak(&harmless)), NONE);
    let inactive = leak(ADMIN).change(|account| {
        if let Collected::Value(users) = &mut account.iam.access_keys
            && let Collected::Value(keys) = &mut users[0].keys
        {
            keys[0].active = false;
        }
    });
    assert_eq!(told(&inactive), NONE);
    let of_nobody = leak(ADMIN).change(|account| {
        if let Collected::Value(users) = &mut account.iam.access_keys
            && let Collected::Value(keys) = &mut users[0].keys
        {
            keys[0].id = "AKIAEXAMPLE2".into();
        }
    });
    assert_eq!(told(&of_nobody), NONE);
}

#[test]
fn another_account_that_changes_code_gets_its_role() {
    let changes = |principal: &str, action: &str| {
        told(&job(ADMIN).change(|account| {
            let policy = format!(
                r#"{{"Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "{action}",
                    "Resource": "*"}}]}}"#
            );
            region(account).lambda.policies = read([("api".to_owned(), read(Some(policy)))].into());
        }))
    };
    let stranger = "arn:aws:iam::444455556666:root";
    assert_eq!(changes(stranger, "lambda:UpdateFunctionCode"), ["path-external-account-admin"]);
    assert_eq!(changes(stranger, "lambda:*"), ["path-external-account-admin"]);
    assert_eq!(changes(stranger, "lambda:InvokeFunction"), NONE, "that is what it is there for");
    assert_eq!(changes(ACCOUNT, "lambda:UpdateFunctionCode"), NONE);
}

#[test]
fn guests_have_little_in_the_enhanced_flow() {
    let guest = |rights: &str, classic: bool| {
        let cognito = r#"{"Federated": "cognito-identity.amazonaws.com"}"#;
        let account = Account::new()
            .trusted("guest", cognito, "sts:AssumeRoleWithWebIdentity", rights)
            .last_role(|role| {
                let pool = r#""Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:0f1e"}}, "Action""#;
                role.assume_role_policy = role.assume_role_policy.replace(r#""Action""#, pool);
            })
            .pool("guest")
            .bucket("customer-data")
            .secret("orders");
        told(&account.change(|account| {
            if let Collected::Value(pools) = &mut region(account).cognito.identity_pools {
                pools[0].allows_classic_flow = read(classic);
            }
        }))
    };
    let [files, secrets] = ["s3:GetObject", "secretsmanager:GetSecretValue"].map(|action| allow(action, "*"));
    assert_eq!(guest(&files, false), ["path-guest-role"]);
    assert_eq!(guest(&secrets, false), NONE);
    assert_eq!(guest(&allow("iam:PutRolePolicy", "*"), false), NONE);
    assert_eq!(guest(&secrets, true), ["path-guest-role"]);
    assert_eq!(guest(&allow("iam:PutRolePolicy", "*"), true), ["path-guest-role"]);
}

#[test]
fn an_administrator_by_two_policies_stays_one_without_one_of_them() {
    let managed = format!("arn:aws:iam::{ACCOUNT}:policy/everything");
    let attached =
        || crate::snapshot::iam::AttachedPolicy { name: "everything".into(), arn: managed.clone() };
    let account =
        job(ADMIN).policy(&managed, ADMIN).last_role(|role| role.attached_policies = vec![attached()]);
    let found = paths(&account);
    let ends: Vec<_> = found.graph.edges.iter().filter(|it| it.kind == EdgeKind::Administers).collect();
    let cuts: Vec<usize> =
        ends.iter().map(|edge| found.without(edge.findings.iter().map(String::as_str)).len()).collect();
    assert_eq!(cuts, [1, 1], "the other one is left");
    let both = ends.iter().flat_map(|edge| edge.findings.iter().map(String::as_str));
    assert_eq!(found.without(both).len(), 0);
}

#[test]
fn administration_says_everything() {
    let rights = statements(EVERYTHING);
    assert_eq!(told(&job(&rights).bucket("customer-data").trail()), ["path-public-function-admin"]);
}

#[test]
fn what_is_less_sure_hides_nothing_that_is_surer() {
    const ADMINISTERS: &str = "path-public-function-admin";
    const READS: &str = "path-public-function-data";
    let inside = |action: &str, resource: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}",
                "Condition": {{"StringEquals": {{"aws:SourceVpce": "vpce-1"}}}}}}"#
        )
    };
    let plain = |action: &str, resource: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}"#)
    };
    // The function reads a bucket, and the variables of another one, in which the key of an administrator is.
    let account = |rights: &[String]| {
        job(&statements(&rights.join(",")))
            .bucket("customer-data")
            .holding("alice", "AKIAALICE001", ADMIN)
            .inner_function("other", "none", vec![found("AKIAALICE001")])
    };
    let told = |account: &Account| {
        let found = paths(account);
        let told = found.paths().iter().filter(|it| found.node(it.entry).id == "api");
        told.map(|it| (it.check, found.certainty(it).penalty(), it.severity)).collect::<Vec<_>>()
    };
    let (key, data) =
        (("lambda:GetFunctionConfiguration", "*"), ("s3:GetObject", "arn:aws:s3:::customer-data/*"));
    let both = [(READS, 0, Severity::Critical), (ADMINISTERS, 1, Severity::High)];
    assert_eq!(told(&account(&[inside(key.0, key.1), plain(data.0, data.1)])), both);
    // As sure, or surer.
    assert_eq!(told(&account(&[inside(key.0, key.1), inside(data.0, data.1)])), both[1..]);
    let sure = [(ADMINISTERS, 0, Severity::Critical)];
    assert_eq!(told(&account(&[plain(key.0, key.1), plain(data.0, data.1)])), sure);
    assert_eq!(told(&account(&[plain(key.0, key.1), inside(data.0, data.1)])), sure);
    // Nobody reads the key: the data alone.
    assert_eq!(told(&account(&[inside("lambda:GetAlias", "*"), plain(data.0, data.1)])), both[..1]);
    // A longer way that is sure goes before a shorter one that is not, and hides the data again.
    let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    let longer = account(&[inside(key.0, key.1), plain(data.0, data.1), plain("sts:AssumeRole", "*")])
        .trusted("middle", &root, "sts:AssumeRole", &allow("iam:PassRole ec2:RunInstances", "*"))
        .role("end", "ec2", ADMIN);
    assert_eq!(told(&longer), sure);
}

#[test]
fn two_looks_find_the_same() {
    let account = || {
        let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
        web(&allow("sts:AssumeRole s3:GetObject", "*"))
            .trusted("a", &root, "sts:AssumeRole", ADMIN)
            .trusted("b", &root, "sts:AssumeRole", ADMIN)
            .role("job", "lambda", &allow("s3:GetObject s3:DeleteObject", "*"))
            .function("job")
            .bucket("customer-data")
            .bucket_with("logs", |it| it.versioning = read(Versioning { enabled: false, mfa_delete: false }))
    };
    let told = |paths: &Paths| {
        let path = |path: &super::Path| {
            let names: Vec<_> =
                path.edges.iter().map(|edge| paths.node(paths.edge(*edge).to).id.clone()).collect();
            (path.check, path.severity, names)
        };
        paths.paths().iter().map(path).collect::<Vec<_>>()
    };
    let first = told(&paths(&account()));
    assert!(first.len() > 2, "{first:?}");
    for _ in 0..5 {
        assert_eq!(told(&paths(&account())), first);
    }
}

#[test]
fn ten_thousand_roles_come_to_an_end() {
    let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    let mut account = job(&allow("sts:AssumeRole", "*"));
    for at in 0..10_000 {
        account = account.trusted(&format!("role-{at:05}"), &root, "sts:AssumeRole", &allow("logs:*", "*"));
    }
    let account = account.trusted("zz", &root, "sts:AssumeRole", ADMIN);
    assert_eq!(told(&account), ["path-public-function-admin"]);
}

#[test]
fn roles_that_all_assume_each_other_come_to_an_end_and_say_so() {
    let root = format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    let assumes = allow("sts:AssumeRole", "*");
    let mut account = job(&assumes);
    for at in 0..150 {
        account = account.trusted(&format!("role-{at:03}"), &root, "sts:AssumeRole", &assumes);
    }
    let found = paths(&account);
    assert!(matches!(found.stopped(), Some(Stopped::AtEdges(_))));
}

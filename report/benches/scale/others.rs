//! The resources of a large account beside the copies of the demo's: what such accounts have many of. Policies repeat where
//! tools write them, and differ where people do.

use serde_json::{Value, json};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-1";

/// How many there are of each kind in 900,000.
const OF: usize = 900_000;

const VPCS: usize = 40;
const SUBNETS: usize = 400;
const ROLES: usize = 10_000;
const BUCKETS: usize = 15_000;
const GROUPS: usize = 60_000;
const INSTANCES: usize = 50_000;
const FUNCTIONS: usize = 40_000;
const SECRETS: usize = 20_000;
const KEYS: usize = 10_000;
const TABLES: usize = 15_000;
const REPOSITORIES: usize = 5_000;

/// The others of the list at that place, of so many of all kinds; of a map by id, pairs of the id and the value.
pub fn of(path: &str, all: usize) -> impl Iterator<Item = Value> {
    let (count, make) = kind(path);
    // Networks and AWS's limits do not grow with the rest.
    let count = if count <= SUBNETS { count } else { (count as f64 * all as f64 / OF as f64) as usize };
    (0..if all == 0 { 0 } else { count }).map(make)
}

fn arn(service: &str, resource: impl std::fmt::Display) -> String {
    let region = if service == "iam" { "" } else { REGION };
    format!("arn:aws:{service}:{region}:{ACCOUNT}:{resource}")
}

fn read(value: impl Into<Value>) -> Value {
    json!({ "value": value.into() })
}

fn nothing() -> Value {
    read(Value::Null)
}

fn tags(n: usize) -> Value {
    let environment = ["production", "staging"][n % 2];
    json!({"Name": format!("thing-{n}"), "Owner": format!("team-{}", n % 40), "Environment": environment})
}

fn team(n: usize) -> String {
    format!("team-{:02}", n % 40)
}

fn kind(path: &str) -> (usize, fn(usize) -> Value) {
    let regional = path.strip_prefix("/regions/").and_then(|rest| rest.strip_prefix(REGION));
    match regional.unwrap_or(path) {
        "/iam/authorization/roles" => (ROLES, role),
        "/iam/authorization/policies" => (ROLES, policy),
        "/s3/buckets" => (BUCKETS, bucket),
        "/ec2/vpcs" => (
            VPCS,
            |n| json!({"id": format!("vpc-{n}"), "is_default": false, "cidrs": [format!("10.{n}.0.0/16")], "owner": ACCOUNT, "tags": tags(n)}),
        ),
        "/ec2/subnets" => (SUBNETS, |n| {
            json!({"id": format!("subnet-{n}"), "vpc": format!("vpc-{}", n % VPCS), "cidrs": [format!("10.{}.{}.0/24", n % VPCS, n / VPCS)],
                "private_ipv6_cidrs": [], "map_public_ip_on_launch": false, "assign_ipv6_address_on_creation": false,
                "block_public_access": "off", "owner": ACCOUNT, "tags": {}})
        }),
        "/ec2/internet_gateways" => {
            (VPCS, |n| json!({"id": format!("igw-{n}"), "vpcs": [format!("vpc-{n}")]}))
        }
        "/ec2/route_tables" => (VPCS, |n| {
            json!({"id": format!("rtb-{n}"), "vpc": format!("vpc-{n}"), "is_main": true, "subnets": [], "owner": ACCOUNT, "tags": {},
                "routes": [{"destination": "0.0.0.0/0", "target": format!("igw-{n}"), "state": "active"},
                           {"destination": format!("10.{n}.0.0/16"), "target": "local", "state": "active"}]})
        }),
        "/ec2/network_acls" => (VPCS, |n| {
            let entry = |egress| json!({"number": 100, "egress": egress, "allow": true, "protocol": "-1", "cidr": "0.0.0.0/0", "ports": null, "icmp": null});
            let subnets: Vec<_> =
                (n..SUBNETS).step_by(VPCS).map(|subnet| format!("subnet-{subnet}")).collect();
            json!({"id": format!("acl-{n}"), "vpc": format!("vpc-{n}"), "is_default": true, "subnets": subnets, "owner": ACCOUNT,
                "entries": [entry(false), entry(true)], "tags": {}})
        }),
        "/ec2/security_groups" => (GROUPS, |n| {
            let rule = |protocol, ports: Value, cidrs: Value, groups: Value| json!({"protocol": protocol, "ports": ports, "cidrs": cidrs, "prefix_lists": [], "groups": groups});
            let ingress = match n % 10 {
                0 => rule("tcp", json!([443, 443]), json!(["0.0.0.0/0"]), json!([])),
                1..=4 => rule("tcp", json!([8080, 8080]), json!([]), json!([format!("sg-{}", n / 10 * 10)])),
                _ => rule("tcp", json!([5432, 5432]), json!([format!("10.{}.0.0/16", n % VPCS)]), json!([])),
            };
            json!({"id": format!("sg-{n}"), "name": format!("group-{n}"), "vpc": format!("vpc-{}", n % VPCS), "ingress": [ingress],
                "egress": [rule("-1", Value::Null, json!(["0.0.0.0/0"]), json!([]))], "owner": ACCOUNT, "tags": tags(n)})
        }),
        "/ec2/network_interfaces" => (80_000, |n| {
            let public = if n % 20 == 0 {
                json!([format!("198.51.{}.{}", n / 256 % 256, n % 256)])
            } else {
                json!([])
            };
            json!({"id": format!("eni-{n}"), "kind": "interface", "description": "Primary network interface",
                "vpc": format!("vpc-{}", n % SUBNETS % VPCS), "subnet": format!("subnet-{}", n % SUBNETS),
                "security_groups": [format!("sg-{}", n % GROUPS)], "instance": (n < INSTANCES).then(|| format!("i-{n}")),
                "private_ips": [format!("10.0.{}.{}", n / 256 % 256, n % 256)], "public_ips": public, "ipv6_addresses": []})
        }),
        "/ec2/instances" => (INSTANCES, |n| {
            json!({"id": format!("i-{n}"), "state": "running", "image": "ami-12c6146b", "key_name": null,
                "instance_profile": (n % 3 == 0).then(|| arn("iam", format!("instance-profile/role-{:05}", n % ROLES))),
                "metadata_http_tokens": "required", "metadata_http_endpoint": "enabled",
                "public_ip": (n % 20 == 0).then(|| format!("198.51.{}.{}", n / 256 % 256, n % 256)),
                "vpc": format!("vpc-{}", n % SUBNETS % VPCS), "subnet": format!("subnet-{}", n % SUBNETS),
                "security_groups": [format!("sg-{}", n % GROUPS)], "platform": null, "public_dns": null,
                "launched": "2026-09-12T08:00:00Z", "tags": tags(n)})
        }),
        "/ec2/user_data" => (INSTANCES, |n| json!([format!("i-{n}"), read(json!([]))])),
        "/ec2/volumes" => (
            90_000,
            |n| json!({"id": format!("vol-{n}"), "encrypted": true, "attached_to": [format!("i-{}", n % INSTANCES)], "tags": tags(n)}),
        ),
        "/ec2/snapshots" => (
            220_000,
            |n| json!({"id": format!("snap-{n}"), "encrypted": true, "public": false, "tags": tags(n)}),
        ),
        "/ec2/images" => (
            20_000,
            |n| json!({"id": format!("ami-{n}"), "name": format!("image-{n}"), "owner": ACCOUNT, "public": false}),
        ),
        "/logs/log_groups" => (80_000, |n| {
            let name = format!("/aws/lambda/function-{n:05}");
            json!({"arn": arn("logs", format!("log-group:{name}")), "name": name, "retention_days": 400, "kms_key": null, "class": "STANDARD"})
        }),
        "/ssm/parameters" => (
            50_000,
            |n| json!({"name": format!("/{}/service-{n}/database/host", team(n)), "kind": "String", "data_type": "text"}),
        ),
        "/ssm/managed_nodes" => (
            INSTANCES,
            |n| json!({"id": format!("i-{n}"), "ping_status": "Online", "agent_version": "3.3.3050.0", "platform": "Linux", "platform_name": ""}),
        ),
        "/ssm/patch_states" => (
            INSTANCES,
            |n| json!({"node": format!("i-{n}"), "missing": 0, "failed": 0, "pending_reboot": 0, "rejected": 0, "ended": "2026-11-27T03:00:00Z"}),
        ),
        "/ssm/association_compliance" => {
            (INSTANCES, |n| json!({"node": format!("i-{n}"), "compliant": true, "non_compliant": 0}))
        }
        "/lambda/functions" => (FUNCTIONS, |n| {
            let name = format!("function-{n:05}");
            json!({"arn": arn("lambda", format!("function:{name}")), "role": arn("iam", format!("role/role-{:05}", n % ROLES)),
                "runtime": "python3.13", "secrets": read(json!([])), "log_group": null, "security_groups": [], "name": name})
        }),
        "/lambda/policies" => (FUNCTIONS, |n| {
            let document = json!({"Version": "2012-10-17", "Id": "default", "Statement": [{"Sid": "rule", "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction",
                "Resource": arn("lambda", format!("function:function-{n:05}")),
                "Condition": {"ArnLike": {"AWS:SourceArn": arn("events", format!("rule/rule-{n}"))}}}]});
            json!([
                format!("function-{n:05}"),
                if n % 4 == 0 { read(document.to_string()) } else { nothing() }
            ])
        }),
        "/lambda/function_urls" => (FUNCTIONS, |n| json!([format!("function-{n:05}"), read(json!([]))])),
        "/secretsmanager/secrets" => (SECRETS, |n| {
            let name = format!("{}/service-{n}", team(n));
            json!({"arn": arn("secretsmanager", format!("secret:{name}-a1B2c3")), "name": name, "rotation_enabled": true, "owning_service": null,
                "is_replica": false, "created": "2026-02-01T21:44:36Z", "last_rotated": "2026-11-18T21:44:36Z",
                "next_rotation": "2026-12-18T21:44:36Z", "last_accessed": "2026-11-27T21:44:36Z", "tags": tags(n)})
        }),
        "/secretsmanager/policies" => (SECRETS, |n| {
            let id = arn("secretsmanager", format!("secret:{}/service-{n}-a1B2c3", team(n)));
            let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
                "Principal": {"AWS": arn("iam", format!("role/role-{:05}", n % ROLES))}, "Resource": "*"}]});
            json!([id, if n % 5 == 0 { read(document.to_string()) } else { nothing() }])
        }),
        "/sqs/queues" => (20_000, |n| {
            let document = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage", "Resource": arn("sqs", format!("queue-{n}")),
                "Condition": {"ArnEquals": {"aws:SourceArn": arn("sns", format!("topic-{n}"))}}}]});
            json!({"name": format!("queue-{n}"), "attributes": read(json!({"kms_key": null, "sqs_managed_encryption": true,
                "policy": (n % 2 == 0).then(|| document.to_string())}))})
        }),
        "/sns/topics" => (15_000, |n| {
            let topic = arn("sns", format!("topic-{n}"));
            let document = json!({"Version": "2012-10-17", "Statement": [{"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "*"},
                "Action": ["SNS:Publish", "SNS:Subscribe"], "Resource": topic, "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}}]});
            json!({"arn": topic, "attributes": read(json!({"policy": document.to_string(), "kms_key": "alias/aws/sns",
                "confirmed_subscriptions": 1, "pending_subscriptions": 0}))})
        }),
        "/kms/keys" => (KEYS, |n| {
            json!({"id": format!("key-{n}"), "arn": arn("kms", format!("key/key-{n}")), "aliases": [format!("alias/key-{n}")],
                "details": read(json!({"is_customer_managed": true, "state": "Enabled", "spec": "SYMMETRIC_DEFAULT", "usage": "ENCRYPT_DECRYPT",
                    "origin": "AWS_KMS", "is_replica": false, "deletion_date": null}))})
        }),
        "/kms/rotation" => (KEYS, |n| json!([format!("key-{n}"), read(true)])),
        "/kms/policies" => (KEYS, |n| {
            let mut statements = vec![json!({"Sid": "Enable IAM User Permissions", "Effect": "Allow",
                "Principal": {"AWS": arn("iam", "root")}, "Action": "kms:*", "Resource": "*"})];
            if n % 3 == 0 {
                statements.push(json!({"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": arn("iam", format!("role/role-{:05}", n % ROLES))},
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}));
            }
            json!([
                format!("key-{n}"),
                read(
                    json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": statements})
                        .to_string()
                )
            ])
        }),
        "/dynamodb/tables" => (TABLES, |n| json!({"name": format!("table-{n:05}")})),
        "/dynamodb/point_in_time_recovery" => (TABLES, |n| json!([format!("table-{n:05}"), read(true)])),
        "/cloudwatch/alarms" => (40_000, |n| {
            let statistic = json!({"namespace": "AWS/Lambda", "name": "Errors", "dimensions": {"FunctionName": format!("function-{n:05}")},
                "statistic": "Sum", "period": 300, "unit": null});
            json!({"name": format!("errors-{n}"), "arn": arn("cloudwatch", format!("alarm:errors-{n}")), "state": "OK",
                "condition": {"queries": [{"id": "", "returns_data": true, "account": null, "of": {"statistic": statistic}}],
                    "comparison": "GreaterThanOrEqualToThreshold", "threshold": 1.0, "evaluation_periods": 1, "datapoints_to_alarm": null,
                    "missing_data": "missing", "ignores_low_samples": false},
                "rule": null, "actions_suppressor": null, "actions_enabled": true, "other_actions": [],
                "alarm_actions": [arn("sns", format!("topic-{}", n % 15_000))]})
        }),
        "/ecr/repositories" => (REPOSITORIES, |n| {
            json!({"name": format!("repository-{n}"), "arn": arn("ecr", format!("repository/repository-{n}")), "scan_on_push": true,
                "tag_mutability": "IMMUTABLE", "tag_exclusions": []})
        }),
        "/ecr/lifecycle_policies" => (REPOSITORIES, |n| json!([format!("repository-{n}"), read(true)])),
        "/ecr/policies" => (REPOSITORIES, |n| json!([format!("repository-{n}"), nothing()])),
        "/ecr/newest_images" => (REPOSITORIES, |n| json!([format!("repository-{n}"), nothing()])),
        "/rds/snapshots" => (30_000, |n| {
            json!({"id": format!("snapshot-{n}"), "arn": arn("rds", format!("snapshot:snapshot-{n}")), "source": format!("database-{}", n % 5_000),
                "engine": "postgres", "encrypted": true, "restorable_by": read(json!([])), "tags": tags(n)})
        }),
        "/rds/instances" => (5_000, |n| {
            json!({"id": format!("database-{n}"), "arn": arn("rds", format!("db:database-{n}")), "engine": "postgres", "engine_version": "17.6",
                "status": "available", "publicly_accessible": false, "storage_encrypted": true, "auto_minor_version_upgrade": true, "multi_az": true,
                "port": 5432, "cluster": null, "read_replica_source": null, "vpc": format!("vpc-{}", n % SUBNETS % VPCS),
                "subnets": [format!("subnet-{}", n % SUBNETS)], "security_groups": [format!("sg-{}", n % 6_000 * 10 + 5)], "backup_retention_days": 14,
                "deletion_protection": true, "iam_authentication": true, "master_username": "owner", "log_exports": ["postgresql"],
                "parameter_groups": ["default.postgres16"], "ca_certificate": "rds-ca-rsa2048-g1", "tags": tags(n)})
        }),
        "/ecs/task_definitions" => (10_000, |n| {
            json!({"arn": arn("ecs", format!("task-definition/task-{n}:1")), "family": format!("task-{n}"), "revision": 1,
                "containers": [{"name": "main", "secrets": [], "log_driver": "awslogs"}],
                "task_role": arn("iam", format!("role/role-{:05}", n % ROLES)), "for_fargate": true, "tags": tags(n)})
        }),
        "/ecs/task_roles" => (10_000, |n| {
            json!([
                arn("ecs", format!("task-definition/task-{n}:1")),
                arn("iam", format!("role/role-{:05}", n % ROLES))
            ])
        }),
        "/codebuild/projects" => (5_000, |n| {
            json!({"name": format!("build-{n}"), "arn": arn("codebuild", format!("project/build-{n}")),
                "service_role": arn("iam", format!("role/role-{:05}", n % ROLES)), "secrets": [], "tags": tags(n), "security_groups": []})
        }),
        _ => (0, |_| Value::Null),
    }
}

fn role(n: usize) -> Value {
    let service = ["lambda", "ec2", "ecs-tasks", "codebuild", "states"][n % 5];
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": format!("{service}.amazonaws.com")},
        "Action": "sts:AssumeRole"}]});
    let logs = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]});
    let own = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue", "kms:Decrypt"],
        "Resource": [arn("secretsmanager", format!("secret:{}/service-{n}-a1B2c3", team(n))), arn("kms", format!("key/key-{n}"))]}]});
    json!({"name": format!("role-{n:05}"), "arn": arn("iam", format!("role/role-{n:05}")), "path": "/", "created": "2024-01-01T00:00:00Z",
        "assume_role_policy": trust.to_string(),
        "inline_policies": [{"name": "logs", "document": logs.to_string()}, {"name": "own", "document": own.to_string()}],
        "attached_policies": [{"name": format!("policy-{n:05}"), "arn": arn("iam", format!("policy/policy-{n:05}"))}],
        "permissions_boundary": null, "instance_profiles": [arn("iam", format!("instance-profile/role-{n:05}"))],
        "last_used": "2026-11-20T00:00:00Z", "tags": tags(n)})
}

/// Of a hundred policies one reads every bucket, one assumes another role, and one passes roles to functions.
fn policy(n: usize) -> Value {
    let allow =
        |action: Value, resource: Value| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    let statements = match n % 100 {
        0 => vec![allow(json!(["s3:Get*", "s3:List*"]), json!("*"))],
        1 => vec![allow(
            json!("sts:AssumeRole"),
            json!(arn("iam", format!("role/role-{:05}", (n * 7 + 3) % ROLES))),
        )],
        2 => vec![
            allow(json!(["lambda:CreateFunction", "lambda:InvokeFunction"]), json!("*")),
            allow(json!("iam:PassRole"), json!(arn("iam", format!("role/role-{:05}", (n * 3 + 5) % ROLES)))),
        ],
        _ => vec![
            allow(
                json!(["s3:GetObject", "s3:PutObject"]),
                json!(format!("arn:aws:s3:::bucket-{:05}/*", n * 3 % BUCKETS)),
            ),
            allow(json!("s3:ListBucket"), json!(format!("arn:aws:s3:::bucket-{:05}", n * 3 % BUCKETS))),
            allow(
                json!(["dynamodb:*Item", "dynamodb:Query"]),
                json!(arn("dynamodb", format!("table/table-{n:05}"))),
            ),
            allow(
                json!(["sqs:ReceiveMessage", "sqs:DeleteMessage"]),
                json!(arn("sqs", format!("queue-{n}"))),
            ),
        ],
    };
    json!({"name": format!("policy-{n:05}"), "arn": arn("iam", format!("policy/policy-{n:05}")), "attachment_count": 1,
        "boundary_usage_count": 0, "default_version": "v1", "other_versions": {},
        "document": json!({"Version": "2012-10-17", "Statement": statements}).to_string()})
}

fn bucket(n: usize) -> Value {
    let name = format!("bucket-{n:05}");
    let (all, objects) = (format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*"));
    let mut statements = vec![
        json!({"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [all, objects],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
    ];
    if n.is_multiple_of(10) {
        statements.push(json!({"Sid": "Distribution", "Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject", "Resource": objects,
            "Condition": {"StringEquals": {"AWS:SourceArn": format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E{n}")}}}));
    }
    json!({"name": name, "region": REGION,
        "public_access_block": read(json!({"block_public_acls": true, "ignore_public_acls": true, "block_public_policy": true, "restrict_public_buckets": true})),
        "policy": read(json!({"Version": "2012-10-17", "Statement": statements}).to_string()),
        "owner": read("75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"), "acl": read(json!([])),
        "object_ownership": read("BucketOwnerEnforced"), "versioning": read(json!({"enabled": true, "mfa_delete": false})),
        "has_lifecycle": read(true), "encryption": read("aws:kms"), "logging_target": read("example-startup-logs")})
}

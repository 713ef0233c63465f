//! Accounts that others made vulnerable on purpose, in our own words: what of each is told, and the mended twin, in which
//! the deciding fact is gone and nothing is. Each names the lab and where it is published; only facts are taken from there.
//!
//! What a lab is about and no read operation tells (contents of objects, file systems, images and databases; code) is left
//! out: the ways that begin or go through those are not told.

use std::rc::Rc;

use serde_json::json;

use super::{
    testing::{ACCOUNT, ADMIN, Account, allow},
    tests::paths,
};
use crate::{
    analysis::Analyses,
    check::Context,
    finding::{Severity, Status},
    gap::Collected,
    registry,
    settings::Settings,
    snapshot::{
        Region, ec2,
        iam::{AccessKey, InlinePolicy, UserAccessKeys},
        lambda::{Function, FunctionUrl},
        s3::{Bucket, PublicAccessBlock, Versioning},
        secret::Secret,
    },
    testing::{ago, read, region},
};

/// A lab: its name, its account, what is told of it (`CHECK: BEGIN > ENTRY > END`), and its mended twin.
struct Lab {
    name: &'static str,
    vulnerable: Account,
    told: &'static [&'static str],
    mended: Account,
}

fn lab(name: &'static str, vulnerable: Account, told: &'static [&'static str], mended: Account) -> Lab {
    Lab { name, vulnerable, told, mended }
}

/// The paths of an account, each with where it begins, enters and ends.
fn told(account: &Account) -> Vec<String> {
    let found = paths(account);
    let path = |path: &super::Path| {
        let end = match found.node(path.target).kind {
            super::graph::NodeKind::Administrator => "administrator",
            _ => &found.node(path.target).id,
        };
        format!("{}: {} > {} > {end}", path.check, found.source(path).id, found.node(path.entry).id)
    };
    found.paths().iter().map(path).collect()
}

/// The users and roles of whom `iam-policy-privilege-escalation` tells.
fn escalating(account: &Account) -> Vec<String> {
    let check = registry::find("iam-policy-privilege-escalation").expect("the check").check;
    let analyses = Rc::new(Analyses::of(&account.0));
    let (findings, _) = Context::run(check, &account.0, &Settings::default().into(), &analyses, false);
    let of_principals = ["AWS::IAM::User", "AWS::IAM::Role"];
    let failed = findings.into_iter().filter(|it| it.status == Status::Fail);
    failed.filter(|it| of_principals.contains(&it.resource.kind.as_ref())).map(|it| it.resource.id).collect()
}

fn hold(labs: Vec<Lab>) {
    let mut wrong = Vec::new();
    for Lab { name, vulnerable, told: expected, mended } in labs {
        let found = told(&vulnerable);
        if found != expected {
            wrong.push(format!("{name}: {found:#?}\n  instead of {expected:#?}"));
        }
        let left = told(&mended);
        if !left.is_empty() {
            wrong.push(format!("{name}, mended: {left:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn list<T>(list: &mut Collected<Vec<T>>) -> &mut Vec<T> {
    let Collected::Value(list) = list else { panic!("it was read") };
    list
}

fn principal(name: &str) -> String {
    format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:{name}"}}"#)
}

/// Whoever the account's own policies let.
fn root() -> String {
    principal("root")
}

impl Account {
    fn in_region(self, change: impl FnOnce(&mut Region)) -> Self {
        self.change(|account| change(region(account)))
    }

    /// A user with an active access key and without a password: the low-privileged credentials of a lab.
    pub(super) fn holding(self, user: &str, key: &str, rights: &str) -> Self {
        self.user(user, rights, false, false).change(|account| {
            let user_arn = format!("arn:aws:iam::{ACCOUNT}:user/{user}");
            let key = AccessKey {
                id: key.into(),
                user: user.into(),
                user_arn: user_arn.clone(),
                active: true,
                created: ago(10),
            };
            let keys = UserAccessKeys { user: user.into(), user_arn, keys: read(vec![key]) };
            match &mut account.iam.access_keys {
                Collected::Value(users) => users.push(keys),
                gap => *gap = read(vec![keys]),
            }
        })
    }

    /// A function that nobody is let in to.
    pub(super) fn inner_function(self, name: &str, role: &str, secrets: Vec<Secret>) -> Self {
        self.in_region(|region| {
            list(&mut region.lambda.functions).push(Function {
                name: name.into(),
                arn: format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"),
                role: format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
                secrets: read(secrets),
                ..Function::default()
            });
            let (Collected::Value(policies), Collected::Value(urls)) =
                (&mut region.lambda.policies, &mut region.lambda.function_urls)
            else {
                panic!("they were read")
            };
            policies.insert(name.into(), read(None));
            urls.insert(name.into(), read(vec![]));
        })
    }

    /// A function with a URL for everyone as Terraform makes it: with one of the two permissions.
    fn url_of_terraform(self, name: &str) -> Self {
        self.in_region(|region| {
            let policy = r#"{"Statement": [{"Sid": "FunctionURLAllowPublicAccess", "Effect": "Allow", "Principal": "*",
                "Action": "lambda:InvokeFunctionUrl", "Resource": "*",
                "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}}]}"#;
            let (Collected::Value(policies), Collected::Value(urls)) =
                (&mut region.lambda.policies, &mut region.lambda.function_urls)
            else {
                panic!("they were read")
            };
            policies.insert(name.into(), read(Some(policy.into())));
            urls.insert(name.into(), read(vec![FunctionUrl { auth_type: "NONE".into(), alias: None }]));
        })
    }

    /// Another instance beside the first, which nothing from outside reaches, and which Systems Manager manages.
    fn inner_instance(self, id: &str, role: &str) -> Self {
        self.in_region(|region| {
            let ec2 = &mut region.ec2;
            let mut instance = list(&mut ec2.instances)[0].clone();
            instance.id = id.into();
            instance.public_ip = None;
            instance.security_groups = vec!["sg-inner".into()];
            instance.instance_profile = Some(format!("arn:aws:iam::{ACCOUNT}:instance-profile/{role}"));
            list(&mut ec2.instances).push(instance);
            let mut interface = list(&mut ec2.network_interfaces)[0].clone();
            interface.id = format!("eni-{id}");
            interface.instance = Some(id.into());
            interface.public_ips.clear();
            interface.security_groups = vec!["sg-inner".into()];
            list(&mut ec2.network_interfaces).push(interface);
            let mut group = list(&mut ec2.security_groups)[0].clone();
            (group.id, group.name) = ("sg-inner".into(), "inner".into());
            group.ingress.clear();
            list(&mut ec2.security_groups).push(group);
            let node = crate::snapshot::ssm::ManagedNode {
                id: id.into(),
                ping_status: "Online".into(),
                platform: "Linux".into(),
                ..crate::snapshot::ssm::ManagedNode::default()
            };
            list(&mut region.ssm.managed_nodes).push(node);
        })
    }

    /// The instance stands behind an application load balancer, which alone has a public address.
    fn behind_balancer(self, port: i32) -> Self {
        self.in_region(|region| {
            use crate::snapshot::elb::{Listener, LoadBalancer, Target, TargetGroup, TargetGroupAttributes};
            let ec2 = &mut region.ec2;
            list(&mut ec2.network_interfaces)[0].public_ips.clear();
            list(&mut ec2.instances)[0].public_ip = None;
            let mut group = list(&mut ec2.security_groups)[0].clone();
            (group.id, group.name) = ("sg-lb".into(), "lb".into());
            group.ingress[0].ports = Some((80, 80));
            group.egress = vec![ec2::SecurityGroupRule {
                protocol: "-1".into(),
                ports: None,
                cidrs: vec!["0.0.0.0/0".into()],
                prefix_lists: vec![],
                groups: vec![],
            }];
            let web = &mut list(&mut ec2.security_groups)[0].ingress[0];
            (web.ports, web.cidrs, web.groups) = (Some((port, port)), vec![], vec!["sg-lb".into()]);
            list(&mut ec2.security_groups).push(group);
            region.elb.load_balancers = read(vec![LoadBalancer {
                arn: "lb".into(),
                name: "front".into(),
                kind: "application".into(),
                scheme: "internet-facing".into(),
                vpc: Some("vpc-1".into()),
                subnets: vec!["subnet-1".into()],
                security_groups: vec!["sg-lb".into()],
                listeners: read(vec![Listener {
                    arn: "listener".into(),
                    port: Some(80),
                    protocol: Some("HTTP".into()),
                    default_target_groups: vec!["targets".into()],
                    ..Listener::default()
                }]),
                ..LoadBalancer::default()
            }]);
            region.elb.target_groups = read(vec![TargetGroup {
                arn: "targets".into(),
                target_type: "instance".into(),
                protocol: Some("HTTP".into()),
                load_balancers: vec!["lb".into()],
                targets: read(vec![Target {
                    id: "i-1".into(),
                    port: u16::try_from(port).ok(),
                    health: "healthy".into(),
                }]),
                ..TargetGroup::default()
            }]);
            region.elb.target_group_attributes =
                read([("targets".into(), read(TargetGroupAttributes::default()))].into());
            region.elb.rules = read([("listener".into(), read(vec![]))].into());
        })
    }

    /// A bucket without versions, as most are.
    fn plain_bucket(self, name: &str) -> Self {
        self.bucket_with(name, |it| it.versioning = read(Versioning { enabled: false, mfa_delete: false }))
    }

    /// A bucket with that policy and nothing in its way.
    fn open_bucket(self, name: &str, statement: serde_json::Value) -> Self {
        self.bucket_with(name, |bucket: &mut Bucket| {
            bucket.public_access_block = read(PublicAccessBlock::default());
            bucket.policy = read(Some(json!({ "Statement": [statement] }).to_string()));
        })
    }

    fn queue(self, name: &str, statement: serde_json::Value) -> Self {
        self.in_region(|region| {
            region.sqs.queues = read(vec![crate::snapshot::sqs::Queue {
                name: name.into(),
                attributes: read(crate::snapshot::sqs::QueueAttributes {
                    policy: Some(json!({ "Statement": [statement] }).to_string()),
                    kms_key: None,
                    sqs_managed_encryption: true,
                }),
            }]);
        })
    }

    fn topic(self, name: &str, statement: serde_json::Value) -> Self {
        self.in_region(|region| {
            region.sns.topics = read(vec![crate::snapshot::sns::Topic {
                arn: format!("arn:aws:sns:eu-west-1:{ACCOUNT}:{name}"),
                attributes: read(crate::snapshot::sns::TopicAttributes {
                    policy: Some(json!({ "Statement": [statement] }).to_string()),
                    ..crate::snapshot::sns::TopicAttributes::default()
                }),
            }]);
        })
    }

    fn parameter(self, name: &str, kind: &str) -> Self {
        self.in_region(|region| {
            list(&mut region.ssm.parameters).push(crate::snapshot::ssm::Parameter {
                name: name.into(),
                kind: kind.into(),
                data_type: "text".into(),
            });
        })
    }

    fn table(self, name: &str) -> Self {
        self.in_region(|region| {
            list(&mut region.dynamodb.tables).push(crate::snapshot::dynamodb::Table { name: name.into() });
        })
    }

    /// A condition of the role that was made last.
    fn trusting_under(self, condition: &str) -> Self {
        self.last_role(|role| {
            role.assume_role_policy = role
                .assume_role_policy
                .replace(r#""Action""#, &format!(r#""Condition": {condition}, "Action""#));
        })
    }

    /// A role that GitHub's tokens under that condition may assume.
    fn github(self, role: &str, condition: &str, rights: &str) -> Self {
        const PROVIDER: &str = "oidc-provider/token.actions.githubusercontent.com";
        let federated = format!(r#"{{"Federated": "arn:aws:iam::{ACCOUNT}:{PROVIDER}"}}"#);
        self.trusted(role, &federated, "sts:AssumeRoleWithWebIdentity", rights)
            .trusting_under(condition)
            .change(|account| {
                account.iam.oidc_providers = read(vec![crate::snapshot::iam::OidcProvider {
                    arn: format!("arn:aws:iam::{ACCOUNT}:{PROVIDER}"),
                    client_ids: read(vec!["sts.amazonaws.com".into()]),
                }]);
            })
    }
}

/// What the scan sees of an access key in a variable or in user data.
pub(super) fn found(key: &str) -> Secret {
    let mut secret = crate::secrets::in_pair("PASSWORD", "Tr0ub4dor&3xyz").expect("a password");
    secret.key_id = Some(key.into());
    secret
}

const HARMLESS: &str =
    r#"{"Statement": [{"Effect": "Allow", "Action": ["logs:*", "ec2:DescribeInstances"], "Resource": "*"}]}"#;

/// RhinoSecurityLabs/cloudgoat, scenarios/aws.
#[test]
fn cloudgoat_from_the_internet() {
    let breach = |rights: &str| {
        let account = Account::new().role("banking-waf", "ec2", rights).instance(80, "banking-waf").imdsv1();
        account.plain_bucket("cg-cardholder-data-bucket")
    };
    let web_app = |rights: &str| {
        let account = Account::new().role("ec2", "ec2", rights).instance(9000, "ec2").behind_balancer(9000);
        account.imdsv1().plain_bucket("cg-keystore-s3-bucket").plain_bucket("cg-logs-s3-bucket")
    };
    // The web server's role describes the functions, in whose variables the key of another user is.
    let ssrf = |reads: &str| {
        Account::new()
            .role("ec2", "ec2", &allow(reads, "*"))
            .instance(80, "ec2")
            .imdsv1()
            .holding("wrex", "AKIAWREX0001", &allow("secretsmanager:GetSecretValue", "*"))
            .secret("final-flag")
            .role("lambda", "lambda", HARMLESS)
            .inner_function("cg-lambda", "lambda", vec![found("AKIAWREX0001")])
    };
    let evade = |passes: &str| {
        let to_bucket = allow("s3:*", "*");
        let developer = json!({"Statement": [
            {"Effect": "Allow", "Action": ["ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:StartTask",
                "ec2:RunInstances", "ecs:RegisterContainerInstance"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": passes}]});
        Account::new()
            .role("web-developer", "ec2", &developer.to_string())
            .instance(80, "web-developer")
            .imdsv1()
            .role("s3-critical", "ecs-tasks", &to_bucket)
            .bucket("cg-s3-critical")
            .in_region(|region| {
                let cluster = format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/main");
                region.ecs.clusters = read(vec![cluster]);
            })
    };
    // From a host of development by a session to one of production, and from there to the database.
    let peering = |rights: &str| {
        Account::new()
            .role("dev-ec2", "ec2", rights)
            .instance(22, "dev-ec2")
            .inner_database("prod-customers")
            .role("prod-ec2", "ec2", HARMLESS)
            .inner_instance("i-prod", "prod-ec2")
            .in_region(|region| {
                let groups = list(&mut region.ec2.security_groups);
                for group in groups.iter_mut().filter(|group| group.id == "sg-db") {
                    group.ingress[0].groups = vec!["sg-inner".into()];
                }
            })
    };
    hold(vec![
        lab(
            "vpc_peering_overexposed, in one VPC",
            peering(&allow("ssm:StartSession ssm:DescribeInstanceInformation", "*")),
            &["path-lateral-db: internet > i-1 > prod-customers"],
            peering(HARMLESS),
        ),
        lab(
            "cloud_breach_s3",
            breach(&allow("s3:*", "*")),
            &[
                "path-ransom: internet > i-1 > cg-cardholder-data-bucket",
                "path-imdsv1-ssrf: internet > i-1 > cg-cardholder-data-bucket",
            ],
            breach(HARMLESS),
        ),
        lab(
            "rce_web_app",
            web_app(&allow("s3:*", "*")),
            &[
                "path-ransom: internet > i-1 > cg-keystore-s3-bucket",
                "path-imdsv1-ssrf: internet > i-1 > cg-keystore-s3-bucket",
                "path-imdsv1-ssrf: internet > i-1 > cg-logs-s3-bucket",
            ],
            web_app(HARMLESS),
        ),
        lab(
            "ec2_ssrf, the other way round",
            ssrf("lambda:ListFunctions"),
            &[
                "path-imdsv1-ssrf: internet > i-1 > final-flag",
                "path-leaked-key-data: cg-lambda > AKIAWREX0001 > final-flag",
            ],
            ssrf("lambda:ListFunctions").in_region(|region| {
                list(&mut region.lambda.functions)[0].secrets = read(vec![]);
            }),
        ),
        lab(
            "ecs_privesc_evade_protection",
            evade("*"),
            &["path-imdsv1-ssrf: internet > i-1 > cg-s3-critical"],
            evade("arn:aws:iam::*:role/other"),
        ),
    ]);
    let unread = told(&ssrf("lambda:ListLayers"));
    assert_eq!(
        unread,
        ["path-leaked-key-data: cg-lambda > AKIAWREX0001 > final-flag"],
        "it reads no variables"
    );
}

/// RhinoSecurityLabs/cloudgoat, scenarios/aws: credentials that are found.
#[test]
fn cloudgoat_from_a_credential_that_is_found() {
    let build = |rights: &str| {
        Account::new()
            .holding("calrissian", "AKIACALRISSIAN", rights)
            .in_region(|region| {
                region.codebuild.projects = read(vec![crate::snapshot::codebuild::Project {
                    name: "cg-codebuild".into(),
                    arn: format!("arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/cg-codebuild"),
                    secrets: vec![found("AKIACALRISSIAN")],
                    ..crate::snapshot::codebuild::Project::default()
                }]);
            })
            .instance(443, "none")
            .database()
            .in_region(|region| {
                let database = &mut list(&mut region.rds.instances)[0];
                database.publicly_accessible = false;
            })
    };
    let copies = "rds:CreateDBSnapshot rds:RestoreDBInstanceFromDBSnapshot rds:ModifyDBInstance rds:DescribeDBInstances";
    // The instance's user data has a password; its role lists the functions, and one has a key in its variables.
    let data = |port: u16| {
        Account::new()
            .role("ec2", "ec2", &allow("lambda:ListFunctions lambda:GetFunction", "*"))
            .instance(port, "ec2")
            .role("lambda", "lambda", HARMLESS)
            .inner_function("cg-lambda", "lambda", vec![found("AKIALAMBDA01")])
            .holding("lambda-user", "AKIALAMBDA01", &allow("secretsmanager:GetSecretValue", "*"))
            .secret("cg-final-flag")
    };
    let key = "path-leaked-key-data: cg-lambda > AKIALAMBDA01 > cg-final-flag";
    assert_eq!(told(&data(22)), ["path-internet-compute-data: internet > i-1 > cg-final-flag", key]);
    assert_eq!(
        told(&data(443)).first().map(String::as_str),
        Some(key),
        "a web server with IMDSv2, and a flaw"
    );
    let inactive = data(22).change(|account| {
        let keys = &mut list(&mut account.iam.access_keys)[0].keys;
        list(keys)[0].active = false;
    });
    hold(vec![
        lab(
            "codebuild_secrets",
            build(&allow(copies, "*")),
            &["path-leaked-key-data: cg-codebuild > AKIACALRISSIAN > orders"],
            build(&allow("rds:CreateDBSnapshot rds:RestoreDBInstanceFromDBSnapshot", "*")),
        ),
        lab(
            "data_secrets",
            data(3389),
            &[
                "path-internet-compute-data: internet > i-1 > cg-final-flag",
                "path-leaked-key-data: cg-lambda > AKIALAMBDA01 > cg-final-flag",
            ],
            inactive,
        ),
    ]);
}

/// RhinoSecurityLabs/cloudgoat, scenarios/aws, and DataDog/pathfinding-labs: the credentials of a user with few rights.
#[test]
fn labs_that_begin_inside_and_end_at_administration() {
    let manager = |service: &str| {
        Account::new()
            .holding("chris", "AKIACHRIS001", &allow("sts:AssumeRole iam:List* iam:Get*", "*"))
            .trusted(
                "lambdaManager",
                &principal("user/chris"),
                "sts:AssumeRole",
                &allow("lambda:* iam:PassRole", "*"),
            )
            .role("debug", service, ADMIN)
    };
    let managed = format!("arn:aws:iam::{ACCOUNT}:policy/raynor");
    let rollback = |old: &str| {
        let rights = allow("iam:SetDefaultPolicyVersion iam:List* iam:Get*", "*");
        Account::new().holding("raynor", "AKIARAYNOR01", HARMLESS).policy(&managed, &rights).change(
            |account| {
                let Collected::Value(authorization) = &mut account.iam.authorization else { panic!() };
                authorization.policies[0].other_versions = [("v2".to_owned(), old.to_owned())].into();
                let attached =
                    crate::snapshot::iam::AttachedPolicy { name: "raynor".into(), arn: managed.clone() };
                authorization.users[0].attached_policies = vec![attached];
            },
        )
    };
    let attachment = |rights: &str| {
        Account::new()
            .holding("kerrigan", "AKIAKERRIGAN", rights)
            .role("meek", "ec2", HARMLESS)
            .role("mighty", "ec2", ADMIN)
            .last_role(|role| role.instance_profiles.clear())
    };
    let attaches = "iam:PassRole iam:AddRoleToInstanceProfile iam:RemoveRoleFromInstanceProfile iam:ListInstanceProfiles \
        ec2:RunInstances ec2:Describe* ec2:AssociateIamInstanceProfile ec2:CreateKeyPair";
    let secondary = |resource: &str| {
        Account::new()
            .holding("secondary", "AKIASECOND01", &allow("iam:CreateAccessKey iam:ListUsers", resource))
            .user("cg-admin", ADMIN, false, false)
    };
    // The key of the function's user is in its variables, and a reader of the configuration becomes an administrator.
    let reader = |rights: &str| {
        Account::new()
            .holding("solus", "AKIASOLUS001", rights)
            .user("liara", ADMIN, false, false)
            .change(|account| {
                let user_arn = format!("arn:aws:iam::{ACCOUNT}:user/liara");
                let key = AccessKey {
                    id: "AKIASHEPARD1".into(),
                    user: "liara".into(),
                    user_arn: user_arn.clone(),
                    active: true,
                    created: ago(10),
                };
                let keys = UserAccessKeys { user: "liara".into(), user_arn, keys: read(vec![key]) };
                list(&mut account.iam.access_keys).push(keys);
            })
            .role("lambda", "lambda", HARMLESS)
            .inner_function("cg-lambda", "lambda", vec![found("AKIASHEPARD1")])
    };
    let leaked = "path-leaked-key-admin: cg-lambda > AKIASHEPARD1 > administrator";
    assert_eq!(told(&reader(HARMLESS)), [leaked]);
    let both = told(&reader(&allow("lambda:GetFunction*", "*")));
    assert_eq!(both, [leaked, "path-user-no-mfa-admin: AKIASOLUS001 > solus > administrator"]);
    hold(vec![
        lab(
            "cloudgoat lambda_privesc",
            manager("lambda"),
            &["path-user-no-mfa-admin: AKIACHRIS001 > chris > administrator"],
            manager("ec2"),
        ),
        lab(
            "cloudgoat iam_privesc_by_rollback",
            rollback(ADMIN),
            &["path-user-no-mfa-admin: AKIARAYNOR01 > raynor > administrator"],
            rollback(HARMLESS),
        ),
        lab(
            "cloudgoat iam_privesc_by_attachment",
            attachment(&allow(attaches, "*")),
            &["path-user-no-mfa-admin: AKIAKERRIGAN > kerrigan > administrator"],
            attachment(&allow(&attaches.replace("iam:PassRole ", ""), "*")),
        ),
        lab(
            "cloudgoat beanstalk_secrets, from its second user",
            secondary("*"),
            &["path-user-no-mfa-admin: AKIASECOND01 > secondary > administrator"],
            secondary("arn:aws:iam::*:user/secondary"),
        ),
    ]);
}

/// DataDog/pathfinding-labs, modules/scenarios, beyond the ways of one identity.
#[test]
fn pathfinding_labs_beyond_identities() {
    let pivot = |rights: &str| {
        Account::new()
            .role("chatbot", "lambda", rights)
            .inner_function("acmebot", "chatbot", vec![])
            .url_of_terraform("acmebot")
            .role("target", "lambda", ADMIN)
            .inner_function("data-processor", "target", vec![])
    };
    let updates = allow("lambda:ListFunctions lambda:UpdateFunctionCode lambda:InvokeFunction", "*");
    let public = |auth_type: &str| {
        let account = Account::new().role("admin", "lambda", ADMIN).inner_function("api", "admin", vec![]);
        account.url_of_terraform("api").in_region(|region| {
            let Collected::Value(urls) = &mut region.lambda.function_urls else { panic!() };
            urls.insert("api".into(), read(vec![FunctionUrl { auth_type: auth_type.into(), alias: None }]));
        })
    };
    let changes = |account: &str| {
        let policy = json!({"Statement": [{"Sid": "dev", "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{account}:role/dev")},
            "Action": ["lambda:UpdateFunctionCode", "lambda:InvokeFunction"], "Resource": "*"}]});
        let account = Account::new().role("admin", "lambda", ADMIN).inner_function("api", "admin", vec![]);
        account.in_region(|region| {
            let Collected::Value(policies) = &mut region.lambda.policies else { panic!() };
            policies.insert("api".into(), read(Some(policy.to_string())));
        })
    };
    let foreign = r#"{"AWS": "arn:aws:iam::444455556666:role/dev"}"#;
    let passes = |trusted: &str, service: &str| {
        Account::new()
            .trusted(
                "lambda-prod",
                trusted,
                "sts:AssumeRole",
                &allow("lambda:CreateFunction lambda:InvokeFunction iam:PassRole", "*"),
            )
            .role("lambda-admin", service, ADMIN)
    };
    let chain = |last: &str| {
        Account::new()
            .trusted("entry", r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, "sts:AssumeRole", HARMLESS)
            .last_role(|role| {
                let document = allow("sts:AssumeRole", &format!("arn:aws:iam::{ACCOUNT}:role/middle"));
                role.inline_policies.push(InlinePolicy { name: "next".into(), document });
            })
            .trusted("middle", &principal("role/entry"), "sts:AssumeRole", HARMLESS)
            .trusted("last", &principal(last), "sts:AssumeRole", ADMIN)
    };
    let session = |is_managed: bool| {
        Account::new()
            .trusted("ops", foreign, "sts:AssumeRole", &allow("ssm:StartSession", "*"))
            .role("ec2-admin", "ec2", ADMIN)
            .instance(443, "none")
            .inner_instance("i-2", "ec2-admin")
            .in_region(|region| list(&mut region.ssm.managed_nodes).retain(|_| is_managed))
    };
    let bound = r#"{"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/app:*"}}"#;
    let unbound = r#"{"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}"#;
    let github = |condition: &str| {
        Account::new()
            .github("ops", condition, &allow("sts:AssumeRole", &format!("arn:aws:iam::{ACCOUNT}:role/prod")))
            .trusted("prod", &principal("role/ops"), "sts:AssumeRole", ADMIN)
    };
    hold(vec![
        lab(
            "cspm-toxic-combo/public-lambda-with-admin",
            public("NONE"),
            &["path-public-function-admin: internet > api > administrator"],
            public("AWS_IAM"),
        ),
        lab(
            "ctf/ai-chatbot-lambda-pivot",
            pivot(&updates),
            &["path-public-function-admin: internet > acmebot > administrator"],
            pivot(&allow("lambda:ListFunctions lambda:InvokeFunction", "*")),
        ),
        lab(
            "cross-account/dev-to-prod/passrole-lambda-admin",
            passes(foreign, "lambda"),
            &["path-external-account-admin: 444455556666 > lambda-prod > administrator"],
            passes(&root(), "lambda"),
        ),
        lab(
            "cross-account/dev-to-prod/passrole-lambda-admin, another service",
            passes(foreign, "lambda"),
            &["path-external-account-admin: 444455556666 > lambda-prod > administrator"],
            passes(foreign, "ecs-tasks"),
        ),
        lab(
            "cross-account/dev-to-prod/lambda-invoke-update",
            changes("444455556666"),
            &["path-external-account-admin: 444455556666 > api > administrator"],
            changes(ACCOUNT),
        ),
        lab(
            "cross-account/dev-to-prod/root-trust-role-assumption",
            Account::new().trusted(
                "prod",
                r#"{"AWS": "arn:aws:iam::444455556666:root"}"#,
                "sts:AssumeRole",
                ADMIN,
            ),
            &["path-external-account-admin: 444455556666 > prod > administrator"],
            Account::new()
                .trusted("prod", r#"{"AWS": "arn:aws:iam::444455556666:root"}"#, "sts:AssumeRole", ADMIN)
                .trusting_under(r#"{"StringEquals": {"sts:ExternalId": "7d9f41c8-0f0e-4f2a-9a51"}}"#),
        ),
        lab(
            "cross-account/dev-to-prod/sts-role-chain",
            chain("role/middle"),
            &["path-external-account-admin: 444455556666 > entry > administrator"],
            chain("role/other"),
        ),
        lab(
            "cross-account/dev-to-prod/ssm-startsession-ec2-admin",
            session(true),
            &["path-external-account-admin: 444455556666 > ops > administrator"],
            session(false),
        ),
        lab(
            "cross-account/ops-to-prod/github-oidc-cross-account-pivot, with any repository",
            github(unbound),
            &["path-oidc-admin: GitHub Actions > ops > administrator"],
            github(bound),
        ),
    ]);
}

/// BishopFox/cloudfoxable, aws/challenges. The player's own address and repository, to which some of them are bound, are
/// the mended twins.
#[test]
fn cloudfoxable() {
    let mine = json!({"IpAddress": {"aws:SourceIp": "203.0.113.7/32"}});
    let of_account = json!({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}});
    let everyone = |actions: serde_json::Value, condition: &serde_json::Value| {
        json!({"Sid": "First", "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": "*",
            "Condition": condition})
    };
    let message = |condition| {
        Account::new().queue(
            "internal_message_bus",
            everyone(json!(["sqs:SendMessage", "sqs:ReceiveMessage"]), condition),
        )
    };
    let topic = |condition| {
        Account::new().topic("eventbridge-sns", everyone(json!(["sns:Subscribe", "sns:Publish"]), condition))
    };
    let none = json!({});
    let search = |condition: &serde_json::Value| {
        Account::new().in_region(|region| {
            let statement = everyone(json!(["es:ESHttpGet", "es:ESHttpPost"]), condition);
            region.opensearch.domains = read(vec![crate::snapshot::opensearch::Domain {
                name: "pat".into(),
                arn: format!("arn:aws:es:eu-west-1:{ACCOUNT}:domain/pat"),
                access_policy: Some(json!({ "Statement": [statement] }).to_string()),
                ..crate::snapshot::opensearch::Domain::default()
            }]);
        })
    };
    let trust = |condition: &str| {
        Account::new()
            .github("t_rodman", condition, &allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/trust-*"))
            .parameter("trust-me", "SecureString")
            .parameter("trust-him", "String")
    };
    let aud = r#""token.actions.githubusercontent.com:aud": "sts.amazonaws.com""#;
    hold(vec![
        lab(
            "Middle",
            message(&none),
            &["path-public-data: any AWS account > internal_message_bus > internal_message_bus"],
            message(&mine),
        ),
        lab(
            "The topic is exposure",
            topic(&none),
            &["path-public-data: any AWS account > arn:aws:sns:eu-west-1:111122223333:eventbridge-sns > \
               arn:aws:sns:eu-west-1:111122223333:eventbridge-sns"],
            topic(&mine),
        ),
        lab(
            "The topic is execution",
            topic(&none),
            &["path-public-data: any AWS account > arn:aws:sns:eu-west-1:111122223333:eventbridge-sns > \
               arn:aws:sns:eu-west-1:111122223333:eventbridge-sns"],
            topic(&of_account),
        ),
        lab("Search 1", search(&none), &["path-internet-db: internet > pat > pat"], search(&mine)),
        lab(
            "Trust me",
            trust(&format!(
                r#"{{"StringLike": {{{aud}, "token.actions.githubusercontent.com:sub": "repo:*"}}}}"#
            )),
            &["path-oidc-data: GitHub Actions > t_rodman > trust-me"],
            trust(&format!(
                r#"{{"StringLike": {{{aud}, "token.actions.githubusercontent.com:sub": "repo:acme/app:*"}}}}"#
            )),
        ),
    ]);
    // Ways that begin inside and end at data are escalations, and no paths.
    let bastion = Account::new()
        .holding("ctf-starting-user", "AKIASTARTING", &allow("ssm:StartSession", "*"))
        .instance(443, "none")
        .role("reyna", "ec2", &allow("s3:GetObject", "arn:aws:s3:::cloudfoxable-bastion-1/*"))
        .inner_instance("i-2", "reyna")
        .bucket("cloudfoxable-bastion-1");
    assert_eq!(told(&bastion), [""; 0]);
    assert_eq!(escalating(&bastion), ["ctf-starting-user"]);
}

/// ine-labs/AWSGoat, bridgecrewio/terragoat, nccgroup/sadcloud.
#[test]
fn goats() {
    // Module 2: a shell in a task, the metadata of its instance, and a boundary that leaves the rights that matter.
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/instance-boundary");
    let module_2 = |left: &str| {
        Account::new()
            .policy(&boundary, &allow(left, "*"))
            .role("ecs-instance-role", "ec2", &allow("iam:* ssm:* ec2:RunInstances ec2:Describe*", "*"))
            .last_role(|role| role.permissions_boundary = Some(boundary.clone()))
            .instance(80, "ecs-instance-role")
            .imdsv1()
            .behind_balancer(80)
            .role("ec2Deployer", "ec2", ADMIN)
    };
    let node = |port: u16, rights: &str| {
        Account::new().role("ec2", "ec2", rights).instance(port, "ec2").plain_bucket("acme-dev-financials")
    };
    let all = allow("s3:* ec2:* rds:*", "*");
    let web_host = |keys: Vec<Secret>| {
        Account::new()
            .user("deployer", ADMIN, false, false)
            .key("deployer", 10)
            .instance(22, "none")
            .in_region(|region| {
                list(&mut region.ec2.instances)[0].instance_profile = None;
                region.ec2.user_data = read([("i-1".to_owned(), read(keys))].into());
            })
    };
    let acl = |permission: &str| {
        Account::new().bucket_with("uploads", |bucket| {
            bucket.public_access_block = read(PublicAccessBlock::default());
            bucket.object_ownership = read(Some("ObjectWriter".into()));
            bucket.versioning = read(Versioning { enabled: false, mfa_delete: false });
            bucket.acl = read(vec![crate::snapshot::s3::AclGrant {
                grantee: "http://acs.amazonaws.com/groups/global/AllUsers".into(),
                permission: permission.into(),
            }]);
        })
    };
    hold(vec![
        lab(
            "AWSGoat module 2",
            module_2(
                "iam:List* iam:Get* iam:PassRole iam:PutRole* ssm:* ec2:RunInstances ec2:Describe* ecs:* ecr:*",
            ),
            &["path-internet-compute-admin: internet > i-1 > administrator"],
            module_2("iam:List* iam:Get* ec2:Describe* ecr:*"),
        ),
        lab(
            "terragoat db-app",
            node(22, &all),
            &[
                "path-ransom: internet > i-1 > acme-dev-financials",
                "path-internet-compute-data: internet > i-1 > acme-dev-financials",
            ],
            node(22, HARMLESS),
        ),
        lab(
            "terragoat web_host",
            web_host(vec![found("AKIAEXAMPLE1")]),
            &[
                "path-internet-compute-admin: internet > i-1 > administrator",
                "path-leaked-key-admin: i-1 > AKIAEXAMPLE1 > administrator",
            ],
            web_host(vec![]),
        ),
        lab(
            "sadcloud s3, written by all",
            acl("WRITE"),
            &["path-ransom: internet > uploads > uploads"],
            acl("READ"),
        ),
    ]);
}

/// flaws.cloud and flaws2.cloud (Scott Piper), the Big IAM Challenge (Wiz), Stratus Red Team (DataDog).
#[test]
fn challenges() {
    let snapshot = |public: bool| {
        Account::new().in_region(|region| {
            region.ec2.snapshots =
                read(vec![ec2::Snapshot { id: "snap-1".into(), encrypted: false, public, tags: [].into() }]);
        })
    };
    // Level 5: a proxy that fetches whatever it is asked for.
    let proxy = |tokens: &str| {
        Account::new()
            .role(
                "flaws",
                "ec2",
                &allow(
                    "s3:GetObject s3:ListBucket",
                    "arn:aws:s3:::level6-cc4c404a8a8b876167f5e70a7d8c9880.flaws.cloud/*",
                ),
            )
            .instance(80, "flaws")
            .in_region(|region| {
                list(&mut region.ec2.instances)[0].metadata_http_tokens = Some(tokens.into());
            })
            .bucket("level6-cc4c404a8a8b876167f5e70a7d8c9880.flaws.cloud")
    };
    let repository = |principal: serde_json::Value| {
        Account::new().in_region(|region| {
            region.ecr.repositories = read(vec![crate::snapshot::ecr::Repository {
                name: "level2".into(),
                arn: format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/level2"),
                ..crate::snapshot::ecr::Repository::default()
            }]);
            let policy = json!({"Statement": [{"Sid": "public", "Effect": "Allow", "Principal": principal,
                "Action": ["ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage", "ecr:ListImages"]}]});
            region.ecr.policies = read([("level2".to_owned(), read(Some(policy.to_string())))].into());
        })
    };
    let challenge_3 = |endpoint: serde_json::Value| {
        Account::new().topic(
            "TBICWizPushNotifications",
            json!({"Sid": "Statement1", "Effect": "Allow",
            "Principal": {"AWS": "*"}, "Action": "SNS:Subscribe", "Resource": "*", "Condition": endpoint}),
        )
    };
    let challenge_4 = |condition: serde_json::Value| {
        Account::new().open_bucket("thebigiamchallenge-admin-backup", json!({"Effect": "Allow", "Principal": "*",
            "Action": "s3:GetObject", "Resource": "arn:aws:s3:::thebigiamchallenge-admin-backup/*", "Condition": condition}))
    };
    let analytics = |principal: serde_json::Value| {
        Account::new().queue(
            "wiz-tbic-analytics-sqs-queue",
            json!({"Effect": "Allow", "Principal": principal, "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": "*"}),
        )
    };
    let guests = |classic: bool, rights: &str| {
        Account::new()
            .trusted(
                "Cognito_s3accessAuth_Role",
                r#"{"Federated": "cognito-identity.amazonaws.com"}"#,
                "sts:AssumeRoleWithWebIdentity",
                rights,
            )
            .trusting_under(r#"{"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:0f1e"}}"#)
            .pool("none")
            .bucket("wiz-privatefiles")
            .in_region(|region| {
                let pool = &mut list(&mut region.cognito.identity_pools)[0];
                pool.allows_classic_flow = read(classic);
            })
    };
    let reads = allow("s3:GetObject", "arn:aws:s3:::wiz-privatefiles/*");
    hold(vec![
        lab(
            "flaws level 4, Stratus exfiltration of snapshots",
            snapshot(true),
            &["path-public-data: any AWS account > snap-1 > snap-1"],
            snapshot(false),
        ),
        lab(
            "flaws level 5",
            proxy("optional"),
            &["path-imdsv1-ssrf: internet > i-1 > level6-cc4c404a8a8b876167f5e70a7d8c9880.flaws.cloud"],
            proxy("required"),
        ),
        lab(
            "flaws2 level 2",
            repository(json!("*")),
            &["path-public-data: any AWS account > level2 > level2"],
            repository(json!({"AWS": ACCOUNT})),
        ),
        lab(
            "Big IAM Challenge 2",
            analytics(json!("*")),
            &[
                "path-public-data: any AWS account > wiz-tbic-analytics-sqs-queue > wiz-tbic-analytics-sqs-queue",
            ],
            analytics(json!({"AWS": ACCOUNT})),
        ),
        lab(
            "Big IAM Challenge 3: what an endpoint ends with keeps nobody out",
            challenge_3(json!({"StringLike": {"sns:Endpoint": "*@tbic.wiz.io"}})),
            &[
                "path-public-data: any AWS account > arn:aws:sns:eu-west-1:111122223333:TBICWizPushNotifications > \
               arn:aws:sns:eu-west-1:111122223333:TBICWizPushNotifications",
            ],
            challenge_3(
                json!({"StringLike": {"sns:Endpoint": "*@tbic.wiz.io"}, "StringEquals": {"sns:Protocol": "email"}}),
            ),
        ),
        lab(
            "Big IAM Challenge 4: who signs nothing has no ARN, and all of none match",
            challenge_4(
                json!({"ForAllValues:StringLike": {"aws:PrincipalArn": "arn:aws:iam::133713371337:user/admin"}}),
            ),
            &[
                "path-public-bucket-secret: internet > thebigiamchallenge-admin-backup > thebigiamchallenge-admin-backup",
            ],
            challenge_4(json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::133713371337:user/admin"}})),
        ),
        lab(
            "Big IAM Challenge 5",
            guests(false, &reads).pool("Cognito_s3accessAuth_Role"),
            &["path-guest-role: internet > eu-west-1:0f1e > wiz-privatefiles"],
            guests(false, &allow("mobileanalytics:PutEvents", "*")).pool("Cognito_s3accessAuth_Role"),
        ),
        lab(
            "Big IAM Challenge 6",
            guests(true, &reads),
            &["path-guest-role: internet > eu-west-1:0f1e > wiz-privatefiles"],
            guests(false, &reads),
        ),
    ]);
}

/// RhinoSecurityLabs/cloudgoat and BishopFox/cloudfoxable: tags that decide, and keys in user data.
#[test]
fn labs_in_which_tags_or_user_data_decide() {
    // `secrets_in_the_cloud`: the user data of a web server, which anyone reaches by SSH, has a user's key.
    let cloud = |keys: Vec<Secret>| {
        Account::new()
            .role("dynamodb", "ec2", HARMLESS)
            .instance(22, "dynamodb")
            .holding("secrets-manager", "AKIASECRETS1", &allow("secretsmanager:GetSecretValue", "*"))
            .secret("cg-secret")
            .in_region(|region| region.ec2.user_data = read([("i-1".to_owned(), read(keys))].into()))
    };
    // `double_tap`: from one instance by a session to the other, which has the tag that the first one's role asks for.
    let double_tap = |tag: &str| {
        let privileged = json!({"Statement": [
            {"Effect": "Allow", "Action": ["ssm:StartSession", "ssm:SendCommand"], "Resource": "arn:aws:ec2:*:*:instance/*",
             "Condition": {"StringEquals": {"aws:ResourceTag/double_tap2": "true"}}},
            {"Effect": "Allow", "Action": "ssm:*", "Resource": "arn:aws:ssm:*:*:*"},
            {"Effect": "Deny", "Action": ["ec2:DeleteTags", "ec2:CreateTags"], "Resource": "*"}]});
        Account::new()
            .role("ec2_privileged", "ec2", &privileged.to_string())
            .instance(22, "ec2_privileged")
            .role(
                "double_tap_secret",
                "ec2",
                &allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:DT_flag-*"),
            )
            .inner_instance("i-flag", "double_tap_secret")
            .secret("DT_flag")
            .in_region(|region| {
                let instances = list(&mut region.ec2.instances);
                instances[1].tags = [(tag, "true")].into();
            })
    };
    // The same without what keeps the first role from giving the tag itself.
    let tagging = |action: &str| {
        double_tap("double_tap1").change(|account| {
            let Collected::Value(authorization) = &mut account.iam.authorization else {
                panic!("it was read")
            };
            let role = &mut authorization.roles[0];
            let text = &mut role.inline_policies[0].document;
            *text = text.replace("Deny", "Allow").replace("ec2:CreateTags", action);
        })
    };
    // `iam_privesc_by_ec2`: the tag that protects the instance of an administrator may be taken away; in one hand here.
    let by_ec2 = |takes: &str| {
        let manage = json!({"Statement": [{"Effect": "Allow", "Resource": "*", "Action": takes},
            {"Effect": "Allow", "Resource": "*",
            "Action": ["ec2:StartInstances", "ec2:StopInstances", "ec2:ModifyInstanceAttribute"],
            "Condition": {"StringNotEquals": {"aws:ResourceTag/Name": "cg_admin_ec2"}}}]});
        Account::new()
            .holding("cg_dev_user", "AKIADEV00001", &allow("sts:AssumeRole", "*"))
            .trusted(
                "cg_ec2_management_role",
                &principal("user/cg_dev_user"),
                "sts:AssumeRole",
                &manage.to_string(),
            )
            .role("cg_ec2_role", "ec2", ADMIN)
            .instance(443, "cg_ec2_role")
            .in_region(|region| {
                list(&mut region.ec2.network_interfaces)[0].public_ips.clear();
                let instance = &mut list(&mut region.ec2.instances)[0];
                instance.public_ip = None;
                instance.tags = [("Name", "cg_admin_ec2")].into();
            })
    };
    hold(vec![
        lab(
            "cloudgoat secrets_in_the_cloud",
            cloud(vec![found("AKIASECRETS1")]),
            &[
                "path-internet-compute-data: internet > i-1 > cg-secret",
                "path-leaked-key-data: i-1 > AKIASECRETS1 > cg-secret",
            ],
            cloud(vec![]),
        ),
        lab(
            "cloudfoxable double_tap, from its first instance",
            double_tap("double_tap2"),
            &["path-internet-compute-data: internet > i-1 > DT_flag"],
            double_tap("double_tap1"),
        ),
        lab(
            "cloudfoxable double_tap, with a role that may give tags",
            tagging("ec2:CreateTags"),
            &["path-internet-compute-data: internet > i-1 > DT_flag"],
            tagging("ec2:DescribeTags"),
        ),
        lab(
            "cloudgoat iam_privesc_by_ec2, in one hand",
            by_ec2("ec2:DeleteTags"),
            &["path-user-no-mfa-admin: AKIADEV00001 > cg_dev_user > administrator"],
            by_ec2("ec2:DescribeTags"),
        ),
    ]);
}

/// ine-labs/AWSGoat, module 1; OWASP/DVSA.
#[test]
fn serverless_goats() {
    let goat = |of_instance: &str, of_function: &str| {
        let function = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:api");
        let role = format!("arn:aws:iam::{ACCOUNT}:role/blog_app_lambda_data");
        let goat = json!({"Statement": [
            {"Effect": "Allow", "Action": ["lambda:UpdateFunctionCode", "lambda:InvokeFunction", of_instance],
             "Resource": [function, role]},
            {"Effect": "Allow", "Action": ["iam:List*", "iam:Get*", "lambda:ListFunctions"], "Resource": "*"}]});
        Account::new()
            .role("AWS_GOAT_ROLE", "ec2", &goat.to_string())
            .instance(22, "AWS_GOAT_ROLE")
            .role("blog_app_lambda_data", "lambda", of_function)
            .function("blog_app_lambda_data")
            .api(|_| ())
            .plain_bucket("do-not-delete-awsgoat-state-files")
            .table("blog-users")
    };
    let data = allow("s3:* dynamodb:* logs:*", "*");
    let cognito = r#"{"Federated": "cognito-identity.amazonaws.com"}"#;
    let dvsa = |tables: &str, principal: &str| {
        let statement = json!({"Sid": "PublicWriteReceiptsStatement", "Effect": "Allow", "Principal": principal,
            "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:GetObject", "s3:DeleteObject"],
            "Resource": "arn:aws:s3:::dvsa-receipts-bucket/*"});
        let table = format!("arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/{tables}");
        Account::new()
            .role("DVSAOrderRole", "lambda", &allow("dynamodb:*", &table))
            .function("DVSAOrderRole")
            .api(|_| ())
            .table("DVSA-ORDERS-DB")
            .table("DVSA-USERS-DB")
            .open_bucket("dvsa-receipts-bucket", statement)
            .change(|account| {
                let bucket = &mut list(&mut account.s3.buckets)[0];
                bucket.versioning = read(Versioning { enabled: false, mfa_delete: false });
            })
            // Whoever signs up has a role that may do nothing.
            .trusted("CognitoAuthRole", cognito, "sts:AssumeRoleWithWebIdentity", HARMLESS)
            .sign_up("CognitoAuthRole")
    };
    hold(vec![
        lab(
            "AWSGoat module 1",
            goat("iam:AttachRolePolicy", &data),
            &[
                "path-internet-compute-admin: internet > i-1 > administrator",
                "path-ransom: internet > api > do-not-delete-awsgoat-state-files",
                "path-public-function-data: internet > api > do-not-delete-awsgoat-state-files",
            ],
            goat("iam:GetRole", HARMLESS),
        ),
        lab(
            "DVSA",
            dvsa("*", "*"),
            &[
                "path-ransom: internet > dvsa-receipts-bucket > dvsa-receipts-bucket",
                "path-public-function-data: internet > api > DVSA-ORDERS-DB",
            ],
            dvsa("DVSA-ORDERS-DB", &format!("arn:aws:iam::{ACCOUNT}:role/dvsaAdminRole")),
        ),
    ]);
}

/// DataDog/stratus-red-team: what it leaves behind.
#[test]
fn stratus_red_team() {
    const STRANGER: &str = "193672423079";
    let bucket = |principal: &str| {
        Account::new().open_bucket(
            "stratus-red-team-bdbp",
            json!({"Effect": "Allow", "Principal": {"AWS": principal},
            "Action": ["s3:GetObject", "s3:GetBucketLocation", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::stratus-red-team-bdbp/*", "arn:aws:s3:::stratus-red-team-bdbp"]}),
        )
    };
    let snapshot = |with: &str| {
        Account::new().in_region(|region| {
            region.rds.snapshots = read(vec![crate::snapshot::rds::DbSnapshot {
                id: "exfiltration".into(),
                arn: format!("arn:aws:rds:eu-west-1:{ACCOUNT}:snapshot:exfiltration"),
                source: "stratus".into(),
                engine: "mysql".into(),
                encrypted: false,
                restorable_by: read(vec![with.to_owned()]),
                tags: [].into(),
            }]);
        })
    };
    let function = |principal: serde_json::Value| {
        let policy = json!({"Statement": [{"Sid": "backdoor", "Effect": "Allow", "Principal": principal,
            "Action": "lambda:InvokeFunction", "Resource": "*"}]});
        Account::new()
            .role("job", "lambda", &allow("secretsmanager:GetSecretValue", "*"))
            .inner_function("job", "job", vec![])
            .secret("orders")
            .in_region(|region| {
                let Collected::Value(policies) = &mut region.lambda.policies else { panic!() };
                policies.insert("job".into(), read(Some(policy.to_string())));
            })
    };
    hold(vec![
        lab(
            "aws.exfiltration.s3-backdoor-bucket-policy",
            bucket(STRANGER),
            &["path-external-account-data: 193672423079 > stratus-red-team-bdbp > stratus-red-team-bdbp"],
            bucket(ACCOUNT),
        ),
        lab(
            "aws.exfiltration.rds-share-snapshot",
            snapshot(STRANGER),
            &["path-external-account-data: 193672423079 > exfiltration > exfiltration"],
            snapshot(ACCOUNT),
        ),
        lab(
            "aws.persistence.iam-backdoor-role",
            Account::new().trusted(
                "backdoor",
                &format!(r#"{{"AWS": "arn:aws:iam::{STRANGER}:root"}}"#),
                "sts:AssumeRole",
                ADMIN,
            ),
            &["path-external-account-admin: 193672423079 > backdoor > administrator"],
            Account::new().trusted("backdoor", &root(), "sts:AssumeRole", ADMIN),
        ),
        lab(
            "aws.persistence.lambda-backdoor-function",
            function(json!("*")),
            &["path-public-function-data: any AWS account > job > orders"],
            function(json!({"Service": "events.amazonaws.com"})),
        ),
    ]);
}

/// What a well-kept account has leads nowhere: who signs in, deploys, serves, and reads from elsewhere.
#[test]
fn a_well_kept_landing_zone_has_no_path() {
    let saml =
        format!(r#"{{"Federated": "arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_1234_DO_NOT_DELETE"}}"#);
    let bound = r#"{"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:acme/infra:ref:refs/heads/main"}}"#;
    let web = json!({"Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::acme-customer-files/*"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
         "Resource": format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:orders-AbCdEf")},
        {"Effect": "Allow", "Action": ["logs:PutLogEvents", "ssm:UpdateInstanceInformation", "ssmmessages:*"], "Resource": "*"}]});
    let oac = |name: &str| {
        json!({"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::{name}/*"),
            "Condition": {"StringEquals": {"AWS:SourceArn": format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E1")}}})
    };
    let of_organization = json!({"Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": "arn:aws:s3:::acme-tfstate/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}});
    let from_network = |key: &str, value: &str| {
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-backups/*",
            "Condition": {"StringEquals": {key: value}}})
    };
    let account = Account::new()
        .trusted("AWSReservedSSO_AdministratorAccess_1", &saml, "sts:AssumeRoleWithSAML", ADMIN)
        .last_role(|role| role.path = "/aws-reserved/sso.amazonaws.com/".into())
        .user("break-glass", ADMIN, true, true)
        .github("deploy", bound, ADMIN)
        .trusted("OrganizationAccountAccessRole", &root(), "sts:AssumeRole", ADMIN)
        .trusted("monitoring", r#"{"AWS": "arn:aws:iam::444455556666:role/collector"}"#, "sts:AssumeRole", &allow("cloudwatch:Get* s3:GetObject", "*"))
        .trusting_under(r#"{"StringEquals": {"sts:ExternalId": "7d9f41c8-0f0e-4f2a-9a51"}}"#)
        .trusted("of-organization", r#"{"AWS": "*"}"#, "sts:AssumeRole", ADMIN)
        .trusting_under(r#"{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}"#)
        .role("backup", "backup", ADMIN)
        .role("web", "ec2", &web.to_string())
        .instance(443, "web")
        .behind_balancer(8080)
        .role("worker", "ec2", &allow("s3:* secretsmanager:* dynamodb:*", "*"))
        .inner_instance("i-2", "worker")
        .role("job", "lambda", &allow("dynamodb:* secretsmanager:GetSecretValue", "*"))
        .inner_function("nightly", "job", vec![])
        .inner_database("customers")
        .open_bucket("acme-site-private", oac("acme-site-private"))
        .open_bucket("acme-tfstate", of_organization)
        .open_bucket("acme-backups", from_network("aws:SourceVpce", "vpce-0a1b2c3d"))
        .bucket("acme-customer-files")
        .secret("orders")
        .table("customers")
        .parameter("/prod/db/password", "SecureString")
        .queue("orders", json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*",
            "Condition": {"ArnEquals": {"aws:SourceArn": format!("arn:aws:sns:eu-west-1:{ACCOUNT}:orders")}}}))
        .topic("orders", json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Subscribe", "SNS:Publish"],
            "Resource": "*", "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}}))
        .trail();
    assert_eq!(told(&account), [""; 0]);
    // An office's address, a private range, a VPN: nobody from the internet.
    for cidr in ["10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "100.64.0.0/10"] {
        let office = Account::new().role("web", "ec2", ADMIN).instance(22, "web").in_region(|region| {
            list(&mut region.ec2.security_groups)[0].ingress[0].cidrs = vec![cidr.into()];
        });
        assert_eq!(told(&office), [""; 0], "{cidr}");
    }
    for condition in [
        json!({"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "203.0.113.0/24"]}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
        json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{ACCOUNT}:role/*")}}),
    ] {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::acme-backups/*", "Condition": condition});
        let account = Account::new().open_bucket("acme-backups", statement);
        assert_eq!(told(&account), [""; 0], "{condition}");
    }
}

fn severities(account: &Account) -> Vec<(&'static str, Severity, bool)> {
    let found = paths(account);
    let path = |path: &super::Path| {
        (path.check, path.severity, *found.certainty(path) == super::graph::Certainty::Certain)
    };
    found.paths().iter().map(path).collect()
}

#[test]
fn what_is_open_to_everyone_is_as_bad_as_its_data() {
    let everyone =
        |action: &str| json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"});
    let data = |severity| [("path-public-data", severity, true)];
    assert_eq!(severities(&Account::new().queue("jobs", everyone("sqs:*"))), data(Severity::Medium));
    assert_eq!(severities(&Account::new().queue("payments", everyone("sqs:*"))), data(Severity::High));
    let secret = |statement: serde_json::Value| {
        Account::new().secret("orders").in_region(|region| {
            let arn = list(&mut region.secretsmanager.secrets)[0].arn.clone();
            let policy = json!({ "Statement": [statement] }).to_string();
            region.secretsmanager.policies = read([(arn, read(Some(policy)))].into());
        })
    };
    let found = severities(&secret(everyone("secretsmanager:Get*")));
    assert_eq!(found, [("path-public-data", Severity::Medium, false)], "it hangs on its key");
    let encrypted = |key: &str| {
        severities(&Account::new().queue("payments", everyone("sqs:*")).in_region(|region| {
            let Collected::Value(attributes) = &mut list(&mut region.sqs.queues)[0].attributes else {
                panic!()
            };
            attributes.kms_key = Some(key.into());
        }))
    };
    assert_eq!(encrypted("alias/queues"), [("path-public-data", Severity::Medium, false)]);
    assert!(encrypted("alias/aws/sqs").is_empty());
    assert!(severities(&secret(everyone("secretsmanager:DescribeSecret"))).is_empty());
    let denied = Account::new().queue("payments", everyone("sqs:*")).in_region(|region| {
        let queue = &mut list(&mut region.sqs.queues)[0];
        let Collected::Value(attributes) = &mut queue.attributes else { panic!() };
        attributes.policy = Some(
            json!({"Statement": [everyone("sqs:*"),
                {"Effect": "Deny", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": "*"}]})
            .to_string(),
        );
    });
    assert!(severities(&denied).is_empty());
    let unread = Account::new().queue("payments", everyone("sqs:*")).in_region(|region| {
        list(&mut region.sqs.queues)[0].attributes = crate::testing::denied();
    });
    assert!(severities(&unread).is_empty());
    assert!(paths(&unread).unread("path-public-data").is_some());
    assert!(paths(&unread).unread("path-public-bucket-secret").is_none());
}

#[test]
fn what_holds_a_key_has_to_be_readable() {
    let boundary = format!("arn:aws:iam::{ACCOUNT}:policy/boundary");
    let reader = |rights: &str, bounds: Option<&str>| {
        let account = Account::new().role("web", "ec2", rights).instance(22, "web");
        let account = match bounds {
            Some(document) => account
                .policy(&boundary, document)
                .last_role(|role| role.permissions_boundary = Some(boundary.clone())),
            None => account,
        };
        account
            .role("job", "lambda", HARMLESS)
            .inner_function("job", "job", vec![found("AKIAEXAMPLE9")])
            .holding("deployer", "AKIAEXAMPLE9", ADMIN)
    };
    const KEY: (&str, Severity, bool) = ("path-leaked-key-admin", Severity::High, true);
    const WEB: &str = "path-internet-compute-admin";
    let reads = allow("lambda:Get*", "*");
    assert_eq!(severities(&reader(&reads, None)), [(WEB, Severity::Critical, true), KEY]);
    assert_eq!(severities(&reader(&reads, Some(&allow("ec2:*", "*")))), [KEY]);
    let another = allow("lambda:GetFunction", "arn:aws:lambda:*:*:function:other");
    assert_eq!(severities(&reader(&another, None)), [KEY]);
    let denies = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny",
        "Action": "iam:*", "Resource": "*"}, {"Effect": "Deny", "NotAction": "logs:*", "Resource": "*"}]});
    assert_eq!(severities(&reader(&denies.to_string(), None)), [KEY]);
    let under = json!({"Statement": [{"Effect": "Allow", "Action": "lambda:GetFunction", "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}]});
    let found = severities(&reader(&under.to_string(), None));
    assert!(found.contains(&KEY) && !found.contains(&(WEB, Severity::Critical, true)), "{found:?}");
}

#[test]
fn tasks_hold_what_their_definitions_do() {
    let task = |definition: &str| {
        Account::new().holding("deployer", "AKIAEXAMPLE9", ADMIN).instance(443, "none").in_region(|region| {
            let interface = &mut list(&mut region.ec2.network_interfaces)[0];
            interface.instance = None;
            interface.description = format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:attachment/1");
            let arn = format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/web:1");
            region.ecs.task_definitions = read(vec![crate::snapshot::ecs::TaskDefinition {
                arn,
                family: "web".into(),
                revision: 1,
                containers: vec![crate::snapshot::ecs::Container {
                    name: "web".into(),
                    secrets: vec![found("AKIAEXAMPLE9")],
                    ..crate::snapshot::ecs::Container::default()
                }],
                ..crate::snapshot::ecs::TaskDefinition::default()
            }]);
            region.ecs.services = read(vec![crate::snapshot::ecs::Service {
                arn: format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service/main/web"),
                name: "web".into(),
                cluster: "main".into(),
                task_definition: Some(format!(
                    "arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/{definition}"
                )),
                desired_tasks: 1,
                security_groups: vec!["sg-web".into()],
                ..crate::snapshot::ecs::Service::default()
            }]);
        })
    };
    let checks = |account: &Account| severities(account).into_iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(checks(&task("web:1")), ["path-internet-compute-admin", "path-leaked-key-admin"]);
    assert_eq!(checks(&task("web:2")), ["path-leaked-key-admin"]);
}

#[test]
fn a_leaked_key_that_destroys_is_told() {
    let leak = |action: &str| {
        Account::new()
            .role("job", "lambda", HARMLESS)
            .inner_function("job", "job", vec![found("AKIAEXAMPLE9")])
            .holding("cleaner", "AKIAEXAMPLE9", &allow(action, "*"))
            .plain_bucket("customer-data")
            .trail()
    };
    assert_eq!(told(&leak("s3:DeleteObject")), ["path-ransom: job > AKIAEXAMPLE9 > customer-data"]);
    assert_eq!(told(&leak("cloudtrail:StopLogging")), ["path-blind: job > AKIAEXAMPLE9 > main"]);
    assert_eq!(told(&leak("s3:ListBucket")), [""; 0]);
}

#[test]
fn a_public_bucket_that_tells_only_names_holds_nothing_back() {
    let open = |action: &str| {
        Account::new().open_bucket(
            "acme-backups",
            json!({"Effect": "Allow", "Principal": "*", "Action": action,
            "Resource": ["arn:aws:s3:::acme-backups", "arn:aws:s3:::acme-backups/*"]}),
        )
    };
    assert_eq!(told(&open("s3:Get*")), ["path-public-bucket-secret: internet > acme-backups > acme-backups"]);
    assert_eq!(told(&open("s3:ListBucket")), [""; 0]);
    let encrypted = open("s3:GetObject").change(|account| {
        list(&mut account.s3.buckets)[0].encryption = read(Some("aws:kms".into()));
    });
    assert_eq!(severities(&encrypted), [("path-public-bucket-secret", Severity::High, false)]);
    // A box for uploads is emptied only by who is told the names in it, and not where versions are left over.
    let drop = |name: &str, actions: &str, enabled: bool| {
        let actions: Vec<_> = actions.split(' ').collect();
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": actions,
            "Resource": [format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*")]});
        told(&Account::new().open_bucket(name, statement).change(|account| {
            list(&mut account.s3.buckets)[0].versioning = read(Versioning { enabled, mfa_delete: false });
        }))
    };
    assert_eq!(drop("uploads", "s3:PutObject", false), [""; 0]);
    assert_eq!(
        drop("uploads", "s3:PutObject s3:ListBucket", false),
        ["path-ransom: internet > uploads > uploads"]
    );
    assert_eq!(drop("uploads", "s3:DeleteObject", false), ["path-ransom: internet > uploads > uploads"]);
    assert_eq!(drop("uploads", "s3:DeleteObject", true), [""; 0]);
}

#[test]
fn a_load_balancer_calls_a_function() {
    let behind = |scheme: &str, service: &str, rights: &str| {
        Account::new()
            .role("job", "lambda", rights)
            .instance(80, "none")
            .behind_balancer(80)
            .bucket("customer-data")
            .inner_function("job", "job", vec![])
            .in_region(|region| {
                list(&mut region.elb.load_balancers)[0].scheme = scheme.into();
                let group = &mut list(&mut region.elb.target_groups)[0];
                group.target_type = "lambda".into();
                let target = &mut list(&mut group.targets)[0];
                target.id = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:job");
                target.port = None;
                let policy = json!({"Statement": [{"Sid": "lb", "Effect": "Allow", "Principal": {"Service": service},
                    "Action": "lambda:InvokeFunction", "Resource": "*"}]});
                let Collected::Value(policies) = &mut region.lambda.policies else { panic!() };
                policies.insert("job".into(), read(Some(policy.to_string())));
            })
    };
    const BALANCER: &str = "elasticloadbalancing.amazonaws.com";
    let found = told(&behind("internet-facing", BALANCER, ADMIN));
    assert_eq!(found, ["path-public-function-admin: internet > job > administrator"]);
    let of_one = allow("s3:GetObject", "arn:aws:s3:::customer-data/*");
    for (scheme, service, rights) in [
        ("internal", BALANCER, ADMIN),
        ("internet-facing", "events.amazonaws.com", ADMIN),
        ("internet-facing", BALANCER, HARMLESS),
        ("internet-facing", BALANCER, of_one.as_str()),
    ] {
        assert_eq!(told(&behind(scheme, service, rights)), [""; 0], "{scheme} {service} {rights}");
    }
}

#[test]
fn what_everyone_publishes_or_uploads_calls_a_function() {
    let everyone =
        |action: &str| json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"});
    let calls = |service: &str, source: &str| {
        let policy = json!({"Statement": [{"Sid": "event", "Effect": "Allow", "Principal": {"Service": service},
            "Action": "lambda:InvokeFunction", "Resource": "*",
            "Condition": {"ArnLike": {"AWS:SourceArn": source}, "StringEquals": {"AWS:SourceAccount": ACCOUNT}}}]});
        Account::new()
            .role("ream", "lambda", &allow("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/flag/executioner"))
            .inner_function("executioner", "ream", vec![])
            .parameter("/flag/executioner", "SecureString")
            .in_region(|region| {
                let Collected::Value(policies) = &mut region.lambda.policies else { panic!() };
                policies.insert("executioner".into(), read(Some(policy.to_string())));
            })
    };
    let topic = format!("arn:aws:sns:eu-west-1:{ACCOUNT}:executioner");
    // BishopFox/cloudfoxable, "The topic is execution", with a topic for everyone and for its account.
    let on_topic =
        |source: &str, statement| calls("sns.amazonaws.com", source).topic("executioner", statement);
    let found = on_topic(&topic, everyone("sns:Publish"));
    assert_eq!(
        told(&found),
        ["path-public-function-data: any AWS account > executioner > /flag/executioner"]
    );
    assert_eq!(severities(&found), [("path-public-function-data", Severity::Medium, false)]);
    let of_account = json!({"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}});
    assert!(told(&on_topic(&topic, of_account)).is_empty());
    assert!(told(&on_topic(&topic, everyone("sns:GetTopicAttributes"))).is_empty());
    assert!(told(&on_topic(&topic.replace("executioner", "other"), everyone("sns:Publish"))).is_empty());
    let unread = on_topic(&topic, everyone("sns:Publish"))
        .in_region(|region| list(&mut region.sns.topics)[0].attributes = crate::testing::denied());
    assert!(told(&unread).is_empty() && paths(&unread).unread("path-public-function-data").is_some());
    let on_bucket = |action: &str| {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": action,
            "Resource": "arn:aws:s3:::uploads/*"});
        calls("s3.amazonaws.com", "arn:aws:s3:::uploads").open_bucket("uploads", statement)
    };
    assert_eq!(
        told(&on_bucket("s3:PutObject")),
        ["path-public-function-data: internet > executioner > /flag/executioner"]
    );
    assert!(told(&on_bucket("s3:GetObject")).is_empty());
}

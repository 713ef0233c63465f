//! Small accounts for tests: each begins where everything can be read and nothing is there.

use serde_json::json;

use crate::{
    snapshot::{
        Snapshot,
        apigateway::{Api, Route, Stage},
        cloudfront::{CustomOrigin, Distribution, Origin},
        codebuild::Project,
        cognito::{AppClient, IdentityPool, UserPool, UserPoolSettings},
        ec2::SecurityGroupRule,
        iam::{AccessKey, InlinePolicy, ManagedPolicy, ReportedUser, Role, User, UserAccessKeys},
        kms::{Key, KeyDetails},
        lambda::{Function, FunctionUrl},
        rds::DbInstance,
        s3::{Bucket, PublicAccessBlock, Versioning},
        secretsmanager::StoredSecret,
    },
    testing::{ago, credentials, empty, read, region},
};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const ADMIN: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// A document with one statement that allows these actions on that resource.
pub(crate) fn allow(actions: &str, resource: &str) -> String {
    let actions: Vec<_> = actions.split(' ').collect();
    json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}).to_string()
}

/// An account that is put together bit by bit.
pub(crate) struct Account(pub(crate) Snapshot);

impl Account {
    pub(crate) fn new() -> Self {
        Self(empty())
    }

    pub(crate) fn change(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(&mut self.0);
        self
    }

    fn authorization(&mut self) -> &mut crate::snapshot::iam::Authorization {
        let crate::gap::Collected::Value(authorization) = &mut self.0.iam.authorization else {
            panic!("it was read");
        };
        authorization
    }

    /// A role with these rights that whoever is named as principal may assume, in an instance profile of its name.
    pub(crate) fn trusted(mut self, name: &str, principal: &str, action: &str, rights: &str) -> Self {
        let role = Role {
            name: name.into(),
            arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
            path: "/".into(),
            created: ago(100),
            assume_role_policy: format!(
                r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}, "Action": "{action}"}}]}}"#
            ),
            inline_policies: vec![InlinePolicy { name: "rights".into(), document: rights.into() }],
            attached_policies: vec![],
            permissions_boundary: None,
            instance_profiles: vec![format!("arn:aws:iam::{ACCOUNT}:instance-profile/{name}")],
            last_used: None,
            tags: [].into(),
        };
        self.authorization().roles.push(role);
        self
    }

    /// A role that a service runs with.
    pub(crate) fn role(self, name: &str, service: &str, rights: &str) -> Self {
        let principal = format!(r#"{{"Service": "{service}.amazonaws.com"}}"#);
        self.trusted(name, &principal, "sts:AssumeRole", rights)
    }

    /// The role that was made last.
    pub(crate) fn last_role(mut self, change: impl FnOnce(&mut Role)) -> Self {
        change(self.authorization().roles.last_mut().expect("a role"));
        self
    }

    pub(crate) fn policy(mut self, arn: &str, document: &str) -> Self {
        let name = arn.rsplit('/').next().unwrap_or_default().into();
        self.authorization().policies.push(ManagedPolicy {
            name,
            arn: arn.into(),
            attachment_count: 1,
            boundary_usage_count: 0,
            default_version: "v1".into(),
            document: document.into(),
            other_versions: [].into(),
        });
        self.authorization().policies.sort_by(|a, b| a.arn.cmp(&b.arn));
        self
    }

    /// A user with a password, without MFA.
    pub(crate) fn user(mut self, name: &str, rights: &str, password: bool, mfa: bool) -> Self {
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
        let user = User {
            name: name.into(),
            arn: arn.clone(),
            created: ago(1000),
            groups: vec![],
            inline_policies: vec![InlinePolicy { name: "rights".into(), document: rights.into() }],
            attached_policies: vec![],
            permissions_boundary: None,
            tags: [].into(),
        };
        self.authorization().users.push(user);
        let mut row = credentials(&arn);
        (row.password_enabled, row.mfa_active) = (Some(password), mfa);
        let crate::gap::Collected::Value(report) = &mut self.0.iam.credential_report else {
            panic!("it was read");
        };
        report.users.insert(name.into(), ReportedUser { name: name.into(), credentials: row });
        self
    }

    /// An active access key of a user.
    pub(crate) fn key(mut self, user: &str, days: i64) -> Self {
        let user_arn = format!("arn:aws:iam::{ACCOUNT}:user/{user}");
        let key = AccessKey {
            id: "AKIAEXAMPLE1".into(),
            user: user.into(),
            user_arn: user_arn.clone(),
            active: true,
            created: ago(days),
        };
        let crate::gap::Collected::Value(report) = &mut self.0.iam.credential_report else {
            panic!("it was read");
        };
        if let Some(row) = report.users.get_mut(user) {
            row.credentials.access_keys[0].active = true;
            row.credentials.access_keys[0].last_rotated = Some(ago(days));
            row.credentials.access_keys[0].last_used = Some(ago(1));
        }
        self.0.iam.access_keys =
            read(vec![UserAccessKeys { user: user.into(), user_arn, keys: read(vec![key]) }]);
        self
    }

    /// A running instance with that role, whose TCP port the internet reaches.
    pub(crate) fn instance(mut self, port: u16, role: &str) -> Self {
        let value = |value: serde_json::Value| json!({ "value": value });
        let everything = |egress: bool| {
            json!({"number": 100, "egress": egress, "allow": true, "protocol": "-1",
            "cidr": "0.0.0.0/0", "ports": null, "icmp": null})
        };
        let lists = json!({
            "instances": value(json!([{"id": "i-1", "state": "running", "image": null, "key_name": null,
                "instance_profile": format!("arn:aws:iam::{ACCOUNT}:instance-profile/{role}"),
                "metadata_http_tokens": "required", "metadata_http_endpoint": "enabled",
                "public_ip": "198.51.100.7", "vpc": "vpc-1", "subnet": "subnet-1", "security_groups": ["sg-web"],
                "platform": null, "public_dns": null, "launched": null, "tags": {}}])),
            "subnets": value(json!([{"id": "subnet-1", "vpc": "vpc-1", "cidrs": ["10.0.0.0/24"],
                "private_ipv6_cidrs": [], "map_public_ip_on_launch": false, "assign_ipv6_address_on_creation": false,
                "block_public_access": "off", "owner": null, "tags": {}}])),
            "route_tables": value(json!([{"id": "rtb-1", "vpc": "vpc-1", "is_main": true, "subnets": [],
                "routes": [{"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"}], "owner": null,
                "tags": {}}])),
            "internet_gateways": value(json!([{"id": "igw-1", "vpcs": ["vpc-1"]}])),
            "network_acls": value(json!([{"id": "acl-1", "vpc": "vpc-1", "is_default": true,
                "subnets": ["subnet-1"], "entries": [everything(false), everything(true)], "owner": null,
                "tags": {}}])),
            "security_groups": value(json!([{"id": "sg-web", "name": "web", "vpc": "vpc-1", "ingress": [{
                "protocol": "tcp", "ports": [port, port], "cidrs": ["0.0.0.0/0"], "prefix_lists": [], "groups": []}],
                "egress": [], "owner": null, "tags": {}}])),
            "network_interfaces": value(json!([{"id": "eni-1", "kind": "interface", "description": "",
                "vpc": "vpc-1", "subnet": "subnet-1", "security_groups": ["sg-web"], "instance": "i-1",
                "private_ips": ["10.0.0.4"], "public_ips": ["198.51.100.7"], "ipv6_addresses": []}])),
        });
        let ec2 = &mut region(&mut self.0).ec2;
        let mut whole = serde_json::to_value(&*ec2).expect("JSON");
        for (name, list) in lists.as_object().expect("an object") {
            whole[name] = list.clone();
        }
        *ec2 = serde_json::from_value(whole).expect("EC2");
        self
    }

    /// The instance asks for no token.
    pub(crate) fn imdsv1(mut self) -> Self {
        if let crate::gap::Collected::Value(instances) = &mut region(&mut self.0).ec2.instances {
            instances[0].metadata_http_tokens = Some("optional".into());
        }
        self
    }

    /// A function whose URL answers everyone.
    pub(crate) fn function(mut self, role: &str) -> Self {
        let lambda = &mut region(&mut self.0).lambda;
        lambda.functions = read(vec![Function {
            name: "api".into(),
            arn: format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:api"),
            role: format!("arn:aws:iam::{ACCOUNT}:role/{role}"),
            runtime: Some("python3.13".into()),
            secrets: read(vec![]),
            ..Function::default()
        }]);
        let policy = json!({"Statement": [
            {"Sid": "url", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": "*",
             "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
            {"Sid": "call", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*",
             "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}}]});
        lambda.policies = read([("api".to_owned(), read(Some(policy.to_string())))].into());
        let url = FunctionUrl { auth_type: "NONE".into(), alias: None };
        lambda.function_urls = read([("api".to_owned(), read(vec![url]))].into());
        self
    }

    /// The function's variables hold the id of the access key.
    pub(crate) fn leak(mut self) -> Self {
        if let crate::gap::Collected::Value(functions) = &mut region(&mut self.0).lambda.functions {
            let mut secret = crate::secrets::in_pair("PASSWORD", "Tr0ub4dor&3xyz").expect("a password");
            secret.key_id = Some("AKIAEXAMPLE1".into());
            functions[0].secrets = read(vec![secret]);
        }
        self
    }

    /// A bucket as AWS makes it, of that name.
    pub(crate) fn bucket(self, name: &str) -> Self {
        self.bucket_with(name, |_| ())
    }

    pub(crate) fn bucket_with(mut self, name: &str, change: impl FnOnce(&mut Bucket)) -> Self {
        let mut bucket = Bucket {
            name: name.into(),
            region: "eu-west-1".into(),
            public_access_block: read(PublicAccessBlock::ALL),
            policy: read(None),
            owner: read(None),
            acl: read(vec![]),
            object_ownership: read(Some("BucketOwnerEnforced".into())),
            versioning: read(Versioning { enabled: true, mfa_delete: true }),
            has_lifecycle: read(false),
            encryption: read(Some("AES256".into())),
            logging_target: read(None),
        };
        change(&mut bucket);
        if let crate::gap::Collected::Value(buckets) = &mut self.0.s3.buckets {
            buckets.push(bucket);
        }
        self
    }

    pub(crate) fn secret(mut self, name: &str) -> Self {
        let arn = format!("arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{name}-AbCdEf");
        if let crate::gap::Collected::Value(secrets) = &mut region(&mut self.0).secretsmanager.secrets {
            secrets.push(StoredSecret { name: name.into(), arn, ..StoredSecret::default() });
        }
        self
    }

    /// A database that the internet reaches, in the subnet of the instance.
    pub(crate) fn database(mut self) -> Self {
        region(&mut self.0).rds.instances = read(vec![DbInstance {
            id: "orders".into(),
            arn: format!("arn:aws:rds:eu-west-1:{ACCOUNT}:db:orders"),
            engine: "postgres".into(),
            engine_version: "17.2".into(),
            publicly_accessible: true,
            port: Some(5432),
            vpc: Some("vpc-1".into()),
            subnets: vec!["subnet-1".into()],
            security_groups: vec!["sg-web".into()],
            ..DbInstance::default()
        }]);
        self
    }

    /// An identity pool that lets guests in with a role.
    pub(crate) fn pool(mut self, role: &str) -> Self {
        region(&mut self.0).cognito.identity_pools = read(vec![IdentityPool {
            id: "eu-west-1:0f1e".into(),
            name: "app".into(),
            allows_guests: read(true),
            allows_classic_flow: read(false),
            guest_role: read(Some(format!("arn:aws:iam::{ACCOUNT}:role/{role}"))),
            clients: read(vec![]),
            user_role: read(None),
            role_mappings: read(vec![]),
        }]);
        self
    }

    /// An identity pool that lets nobody in but the users of a user pool, in which everyone may sign up.
    pub(crate) fn sign_up(self, role: &str) -> Self {
        self.pool("none").change(|account| {
            let cognito = &mut region(account).cognito;
            let settings = UserPoolSettings { allows_sign_up: true, ..UserPoolSettings::default() };
            cognito.user_pools = read(vec![UserPool {
                id: "eu-west-1_a1b2".into(),
                name: "customers".into(),
                settings: read(settings),
            }]);
            let crate::gap::Collected::Value(pools) = &mut cognito.identity_pools else {
                panic!("they were read")
            };
            pools[0].allows_guests = read(false);
            pools[0].guest_role = read(None);
            pools[0].user_role = read(Some(format!("arn:aws:iam::{ACCOUNT}:role/{role}")));
            pools[0].clients = read(vec![AppClient {
                provider: "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a1b2".into(),
                id: "c1".into(),
            }]);
        })
    }

    /// A trail that logs.
    pub(crate) fn trail(mut self) -> Self {
        let trail = json!({"name": "main", "arn": format!("arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main"),
            "home_region": "eu-west-1", "is_multi_region": true, "is_organization": false,
            "include_global_service_events": true, "log_file_validation": true, "bucket": "logs", "kms_key": null,
            "log_group_arn": null, "status": {"value": {"is_logging": true, "latest_delivery_error": null,
            "latest_cloudwatch_logs_delivery": null}}, "event_selectors": null});
        let trail = serde_json::from_value(trail).expect("a trail");
        region(&mut self.0).cloudtrail.trails = read(vec![trail]);
        self
    }

    /// A database that only the VPC reaches, and that lets the instance in.
    pub(crate) fn inner_database(self, id: &str) -> Self {
        self.database().change(|account| {
            let region = region(account);
            if let crate::gap::Collected::Value(databases) = &mut region.rds.instances {
                databases[0].id = id.into();
                databases[0].publicly_accessible = false;
                databases[0].security_groups = vec!["sg-db".into()];
                databases[0].subnets = vec!["subnet-2".into()];
            }
            let ec2 = &mut region.ec2;
            let (
                crate::gap::Collected::Value(groups),
                crate::gap::Collected::Value(subnets),
                crate::gap::Collected::Value(acls),
            ) = (&mut ec2.security_groups, &mut ec2.subnets, &mut ec2.network_acls)
            else {
                panic!("they were read")
            };
            let rule = |from: &str, ports| SecurityGroupRule {
                protocol: "tcp".into(),
                ports: Some(ports),
                cidrs: vec![],
                prefix_lists: vec![],
                groups: vec![from.into()],
            };
            let mut group = groups[0].clone();
            (group.id, group.name) = ("sg-db".into(), "db".into());
            group.ingress = vec![rule("sg-web", (5432, 5432))];
            groups[0].egress = vec![SecurityGroupRule {
                protocol: "-1".into(),
                ports: None,
                cidrs: vec!["0.0.0.0/0".into()],
                groups: vec![],
                ..rule("", (0, 0))
            }];
            groups.push(group);
            let mut subnet = subnets[0].clone();
            (subnet.id, subnet.cidrs) = ("subnet-2".into(), vec!["10.0.1.0/24".into()]);
            subnets.push(subnet);
            acls[0].subnets.push("subnet-2".into());
        })
    }

    /// A distribution of CloudFront before the instance, with that web ACL.
    pub(crate) fn distribution(self, web_acl: Option<&str>) -> Self {
        const NAME: &str = "ec2-198-51-100-7.eu-west-1.compute.amazonaws.com";
        let custom = CustomOrigin {
            protocol_policy: "https-only".into(),
            http_port: 80,
            https_port: 443,
            ssl_protocols: vec!["TLSv1.2".into()],
        };
        let origin =
            Origin { id: "web".into(), domain_name: NAME.into(), custom: Some(custom), ..Origin::default() };
        self.change(|account| {
            account.cloudfront.distributions = read(vec![Distribution {
                id: "E1".into(),
                arn: format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
                enabled: true,
                web_acl: web_acl.map(str::to_owned),
                origins: vec![origin],
                ..Distribution::default()
            }]);
            if let crate::gap::Collected::Value(instances) = &mut region(account).ec2.instances {
                instances[0].public_dns = Some(NAME.into());
            }
        })
    }

    /// A distribution whose bucket is another account's, or nobody's.
    pub(crate) fn site(self, exists: bool) -> Self {
        self.change(|account| {
            let origin = Origin {
                id: "site".into(),
                domain_name: "assets.s3.eu-west-1.amazonaws.com".into(),
                ..Origin::default()
            };
            account.cloudfront.distributions = read(vec![Distribution {
                id: "E1".into(),
                arn: format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
                enabled: true,
                origins: vec![origin],
                ..Distribution::default()
            }]);
            account.s3.foreign_buckets = read([("assets".to_owned(), read(exists))].into());
        })
    }

    /// An API that calls the function.
    pub(crate) fn api(self, change: impl FnOnce(&mut Api)) -> Self {
        self.change(|account| {
            let region = region(account);
            let stage = Stage { api: "a1b2".into(), name: "prod".into(), ..Stage::default() };
            let mut api = Api {
                id: "a1b2".into(),
                name: "orders".into(),
                protocol: "REST".into(),
                is_private: false,
                has_default_endpoint: true,
                policy: None,
                stages: read(vec![stage]),
                routes: read(vec![Route {
                    key: "ANY /{proxy+}".into(),
                    authorization: "NONE".into(),
                    functions: vec![format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:api")],
                    ..Route::default()
                }]),
            };
            change(&mut api);
            region.apigateway.rest_apis = read(vec![api]);
            let policy = json!({"Statement": [{"Sid": "api", "Effect": "Allow",
                "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "lambda:InvokeFunction",
                "Resource": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:api"), "Condition": {
                    "ArnLike": {"AWS:SourceArn": format!("arn:aws:execute-api:eu-west-1:{ACCOUNT}:a1b2/*/*/*")}}}]});
            region.lambda.policies = read([("api".to_owned(), read(Some(policy.to_string())))].into());
            region.lambda.function_urls = read([("api".to_owned(), read(vec![]))].into());
        })
    }

    /// A project on GitHub that builds with that role.
    pub(crate) fn build(self, role: &str, change: impl FnOnce(&mut Project)) -> Self {
        self.change(|account| {
            let mut project = Project {
                name: "app".into(),
                arn: format!("arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/app"),
                service_role: Some(format!("arn:aws:iam::{ACCOUNT}:role/{role}")),
                source_type: Some("GITHUB".into()),
                ..Project::default()
            };
            change(&mut project);
            region(account).codebuild.projects = read(vec![project]);
        })
    }

    /// A key that encrypts, with that policy.
    pub(crate) fn kms_key(self, policy: &str) -> Self {
        self.change(|account| {
            let details = KeyDetails {
                is_customer_managed: true,
                state: "Enabled".into(),
                usage: "ENCRYPT_DECRYPT".into(),
                ..KeyDetails::default()
            };
            let kms = &mut region(account).kms;
            kms.keys = read(vec![Key {
                id: "k1".into(),
                arn: format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/k1"),
                details: read(details),
                ..Key::default()
            }]);
            kms.policies = read([("k1".to_owned(), read(policy.to_owned()))].into());
        })
    }
}

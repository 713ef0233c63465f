use super::{
    super::testing::{ADMIN, attached, group, inline, managed, role, user, with_authorization},
    CHECK,
};
use crate::{
    finding::{Finding, Severity},
    gap::{Collected, Gap},
    snapshot::{
        Region, Snapshot, ec2, iam,
        lambda::{self, Function},
        organizations::{ControlLevel, ControlPolicy},
    },
    testing::{self, credentials, denied, failing, fails, passes, read, region, silent},
};

const ACCOUNT: &str = "arn:aws:iam::111122223333";

fn allow(actions: &str, resource: &str) -> String {
    let actions: Vec<_> = actions.split(' ').map(|action| format!(r#""{action}""#)).collect();
    format!(
        r#"{{"Statement": [{{"Effect": "Allow", "Action": [{}], "Resource": "{resource}"}}]}}"#,
        actions.join(", ")
    )
}

fn statement(actions: &str, resource: &str) -> String {
    let document = allow(actions, resource);
    let statement = document.strip_prefix(r#"{"Statement": ["#).and_then(|rest| rest.strip_suffix("]}"));
    statement.expect("one statement").to_owned()
}

fn trusting(name: &str, principal: &str, document: &str) -> iam::Role {
    let mut role = role("/", name);
    role.assume_role_policy = format!(
        r#"{{"Statement": [{{"Effect": "Allow", "Principal": {principal}, "Action": "sts:AssumeRole"}}]}}"#
    );
    role.inline_policies = vec![inline("rights", document)];
    role
}

/// An account with the user `alice`, who has an AWS-managed policy of that content: AWS's own are not
/// judged as documents, so that only she is.
fn alice(document: &str, change: impl FnOnce(&mut iam::User, &mut iam::Authorization)) -> Snapshot {
    let arn = "arn:aws:iam::aws:policy/Some";
    let mut alice = user("alice");
    alice.attached_policies = vec![attached(arn)];
    with_authorization(|authorization| {
        change(&mut alice, authorization);
        authorization.users.push(alice);
        authorization.users.sort_by(|a, b| a.name.cmp(&b.name));
        authorization.policies.push(managed(arn, document));
        authorization.policies.sort_by(|a, b| a.arn.cmp(&b.arn));
    })
}

/// The finding about `alice`, of whatever status.
fn of_alice(account: &Snapshot) -> Finding {
    let findings = testing::findings(&CHECK, account);
    findings.into_iter().find(|finding| finding.resource.id == "alice").expect("alice is judged")
}

fn escalates(account: &Snapshot) -> bool {
    of_alice(account).status == crate::finding::Status::Fail
}

fn target(account: &Snapshot) -> String {
    let finding = of_alice(account);
    assert_eq!(finding.status, crate::finding::Status::Fail, "{finding:#?}");
    finding.evidence["target"].as_str().unwrap_or_default().to_owned()
}

fn methods(account: &Snapshot) -> serde_json::Value {
    of_alice(account).evidence["methods"].clone()
}

#[test]
fn writing_one_s_own_policies_escalates() {
    for action in ["iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:Put*", "iam:*"] {
        let account = alice(&allow(action, "*"), |_, _| ());
        let finding = fails(&CHECK, &account);
        assert_eq!(finding.evidence["administrator"], true, "{action}");
        assert_eq!(finding.evidence["target"], "arn:aws:iam::111122223333:user/alice");
    }
    let own = alice(&allow("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}"), |_, _| ());
    fails(&CHECK, &own);
    let others = alice(&allow("iam:PutUserPolicy", "arn:aws:iam::*:user/robot-*"), |_, _| ());
    passes(&CHECK, &others);
    // A user gives itself no role's policies.
    passes(&CHECK, &alice(&allow("iam:PutRolePolicy iam:AttachRolePolicy", "*"), |_, _| ()));
}

#[test]
fn conditions_count_as_far_as_they_restrict() {
    let under = |condition: &str| {
        let statement = r#"{"Statement": [{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*", "Condition": "#;
        escalates(&alice(&format!("{statement}{condition}}}]}}"), |_, _| ()))
    };
    assert!(under(r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#));
    assert!(under(r#"{"ArnLike": {"iam:PolicyARN": "arn:aws:iam::aws:policy/*"}}"#));
    assert!(!under(r#"{"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}"#));
    assert!(!under(
        r#"{"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"}}"#
    ));
    assert!(!under(r#"{"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}"#));
}

#[test]
fn a_deny_wins_wherever_it_stands() {
    let deny = r#"{"Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}"#;
    let account = alice(&allow("iam:PutUserPolicy", "*"), |alice, authorization| {
        let mut careful = group("careful");
        careful.inline_policies = vec![inline("no-iam", deny)];
        alice.groups = vec!["careful".into()];
        authorization.groups.push(careful);
    });
    assert!(!escalates(&account));
}

#[test]
fn a_boundary_cuts_what_it_does_not_allow() {
    let bound = |document: &str| {
        let arn = "arn:aws:iam::aws:policy/Boundary";
        alice(&allow("iam:PutUserPolicy", "*"), |alice, authorization| {
            alice.permissions_boundary = Some(arn.into());
            authorization.policies.push(managed(arn, document));
        })
    };
    assert!(!escalates(&bound(&allow("s3:*", "*"))));
    // What the boundary allows beyond is won, and no more.
    let finding = fails(&CHECK, &bound(&allow("iam:PutUserPolicy s3:*", "*")));
    assert_eq!(finding.evidence["administrator"], false);
    assert_eq!(finding.evidence["gains"], serde_json::json!({"action": "s3:*", "resource": "*"}));
    assert_eq!(fails(&CHECK, &bound(ADMIN)).evidence["administrator"], true);
}

#[test]
fn service_control_policies_count_where_they_are_known() {
    let mut account = alice(&allow("iam:PutUserPolicy", "*"), |_, _| ());
    assert_eq!(of_alice(&account).evidence["service_control_policies_considered"], false);
    let level = |document: &str| {
        read(Some(vec![ControlLevel {
            target: "r-1".into(),
            policies: vec![ControlPolicy { id: "p-1".into(), name: "x".into(), document: document.into() }],
            resource_policies: None,
        }]))
    };
    account.organizations.service_control_policies = level(&allow("s3:*", "*"));
    assert!(!escalates(&account));
    account.organizations.service_control_policies = level(ADMIN);
    assert!(escalates(&account));
    account.organizations.service_control_policies = denied();
    assert!(escalates(&account));
}

#[test]
fn groups_and_policies_of_the_caller_count() {
    let member = |groups: &[&str]| {
        let groups = groups.iter().map(|name| (*name).to_owned()).collect();
        alice(&allow("iam:AttachGroupPolicy", "*"), |alice, authorization| {
            alice.groups = groups;
            authorization.groups.push(group("team"));
        })
    };
    assert!(escalates(&member(&["team"])));
    assert!(!escalates(&member(&[])));

    let join = alice(&allow("iam:AddUserToGroup", "*"), |_, authorization| {
        let mut admins = group("admins");
        admins.attached_policies = vec![attached("arn:aws:iam::aws:policy/AdministratorAccess")];
        authorization.groups.push(admins);
    });
    assert_eq!(target(&join), "arn:aws:iam::111122223333:group/admins");
    assert!(!escalates(&alice(&allow("iam:AddUserToGroup", "*"), |_, authorization| {
        authorization.groups.push(group("empty"));
    })));
}

#[test]
fn versions_of_the_callers_policy_count() {
    let own = format!("{ACCOUNT}:policy/own");
    let with_version = |document: Option<&str>, attach: bool| {
        let mut policy = managed(&own, &allow("s3:GetObject", "arn:aws:s3:::b/*"));
        policy.other_versions.extend(document.map(|document| ("v2".to_owned(), document.to_owned())));
        let own = own.clone();
        alice(&allow("iam:SetDefaultPolicyVersion", "*"), move |alice, authorization| {
            alice.attached_policies.extend(attach.then(|| attached(&own)));
            authorization.policies.push(policy);
        })
    };
    assert!(escalates(&with_version(Some(ADMIN), true)));
    assert!(!escalates(&with_version(Some(&allow("s3:GetObject", "arn:aws:s3:::b/*")), true)));
    assert!(!escalates(&with_version(None, true)));
    assert!(!escalates(&with_version(Some(ADMIN), false)), "not a policy that she has");
}

#[test]
fn credentials_of_somebody_with_more_rights() {
    let with_bob = |actions: &str, rights: &str, password: bool, keys: usize| {
        let mut bob = user("bob");
        bob.inline_policies = vec![inline("rights", rights)];
        let mut account = alice(&allow(actions, "*"), |_, authorization| authorization.users.push(bob));
        let mut row = credentials(&format!("{ACCOUNT}:user/bob"));
        row.password_enabled = Some(password);
        for key in row.access_keys.iter_mut().take(keys) {
            key.active = true;
        }
        if let Collected::Value(report) = &mut account.iam.credential_report {
            report.users.insert("bob".into(), iam::ReportedUser { name: "bob".into(), credentials: row });
        }
        escalates(&account)
    };
    assert!(with_bob("iam:CreateAccessKey", ADMIN, false, 1));
    assert!(!with_bob("iam:CreateAccessKey", ADMIN, false, 2), "no key is left to make");
    assert!(with_bob("iam:CreateAccessKey iam:DeleteAccessKey", ADMIN, false, 2));
    assert!(with_bob("iam:CreateLoginProfile", ADMIN, false, 0));
    assert!(!with_bob("iam:CreateLoginProfile", ADMIN, true, 0));
    assert!(with_bob("iam:UpdateLoginProfile", ADMIN, true, 0));
    assert!(!with_bob("iam:UpdateLoginProfile", ADMIN, false, 0));
    assert!(!with_bob("iam:CreateAccessKey", &allow("iam:CreateAccessKey", "*"), false, 0), "no more rights");
    assert!(with_bob("iam:CreateAccessKey", &allow("s3:*", "*"), false, 0));
}

#[test]
fn a_passed_role_must_trust_the_service_and_have_more_rights() {
    let with_role = |service: &str, rights: &str| {
        let principal = format!(r#"{{"Service": "{service}"}}"#);
        alice(&allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*"), |_, authorization| {
            authorization.roles.push(trusting("worker", &principal, rights));
        })
    };
    let account = with_role("lambda.amazonaws.com", ADMIN);
    assert_eq!(target(&account), format!("{ACCOUNT}:role/worker"));
    assert_eq!(methods(&account), serde_json::json!(["lambda-001"]));
    assert!(!escalates(&with_role("ec2.amazonaws.com", ADMIN)));
    assert!(escalates(&with_role("lambda.amazonaws.com", &allow("s3:*", "*"))));
    assert!(!escalates(&with_role("lambda.amazonaws.com", &allow("logs:PutLogEvents", "*"))));
    assert!(!escalates(&with_role("lambda.amazonaws.com", &allow("lambda:InvokeFunction", "*"))));
}

#[test]
fn passing_can_be_limited_to_a_service() {
    let passing_to = |service: &str| {
        let document = format!(
            r#"{{"Statement": [
                {{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
                  "Condition": {{"StringEquals": {{"iam:PassedToService": "{service}"}}}}}},
                {{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}}]}}"#
        );
        escalates(&alice(&document, |_, authorization| {
            let principal = r#"{"Service": "lambda.amazonaws.com"}"#;
            authorization.roles.push(trusting("worker", principal, ADMIN));
        }))
    };
    assert!(passing_to("lambda.amazonaws.com"));
    assert!(!passing_to("ecs-tasks.amazonaws.com"));
}

#[test]
fn ec2_takes_roles_in_instance_profiles_only() {
    let with_profile = |profiles: &[&str], actions: &str| {
        let profiles = profiles.iter().map(|name| (*name).to_owned()).collect();
        escalates(&alice(&allow(actions, "*"), |_, authorization| {
            let mut worker = trusting("worker", r#"{"Service": "ec2.amazonaws.com"}"#, ADMIN);
            worker.instance_profiles = profiles;
            authorization.roles.push(worker);
        }))
    };
    let run = "iam:PassRole ec2:RunInstances";
    assert!(with_profile(&["arn:aws:iam::111122223333:instance-profile/worker"], run));
    assert!(!with_profile(&[], run));
    let make = format!("{run} iam:CreateInstanceProfile iam:AddRoleToInstanceProfile");
    assert!(with_profile(&[], &make));
}

#[test]
fn something_that_has_a_role_already() {
    let with_function = |role: &str, actions: &str| {
        let mut account = alice(&allow(actions, "*"), |_, authorization| {
            let principal = r#"{"Service": "lambda.amazonaws.com"}"#;
            authorization.roles.push(trusting("worker", principal, ADMIN));
            authorization.roles.push(trusting("idle", principal, &allow("logs:*", "*")));
            authorization.roles.sort_by(|a, b| a.name.cmp(&b.name));
        });
        region(&mut account).lambda.functions = read(vec![Function {
            name: "job".into(),
            arn: "arn:aws:lambda:eu-west-1:111122223333:function:job".into(),
            role: format!("{ACCOUNT}:role/{role}"),
            ..Function::default()
        }]);
        account
    };
    let account = with_function("worker", "lambda:UpdateFunctionCode");
    assert!(escalates(&account));
    let chain = &of_alice(&account).evidence["chain"];
    assert_eq!(chain[0]["through"], "arn:aws:lambda:eu-west-1:111122223333:function:job");
    assert!(!escalates(&with_function("idle", "lambda:UpdateFunctionCode")));
    assert!(!escalates(&with_function("worker", "lambda:GetFunction")));
}

#[test]
fn an_instance_must_be_a_managed_node() {
    let mut account = alice(&allow("ssm:StartSession", "*"), |_, authorization| {
        let mut worker = trusting("worker", r#"{"Service": "ec2.amazonaws.com"}"#, ADMIN);
        worker.instance_profiles = vec!["arn:aws:iam::111122223333:instance-profile/worker".into()];
        authorization.roles.push(worker);
    });
    region(&mut account).ec2.instances = read(vec![ec2::Instance {
        public_dns: None,
        id: "i-1".into(),
        state: "running".into(),
        image: None,
        key_name: None,
        instance_profile: Some("arn:aws:iam::111122223333:instance-profile/worker".into()),
        metadata_http_tokens: None,
        metadata_http_endpoint: None,
        public_ip: None,
        vpc: None,
        subnet: None,
        security_groups: vec![],
        platform: None,
        launched: None,
        tags: [].into(),
    }]);
    assert!(!escalates(&account));
    region(&mut account).ssm.managed_nodes = read(vec![crate::snapshot::ssm::ManagedNode {
        id: "i-1".into(),
        ping_status: "Online".into(),
        agent_version: "3.3".into(),
        platform: "Linux".into(),
        platform_name: String::new(),
    }]);
    assert!(escalates(&account));
}

#[test]
fn chains_count() {
    let account = |rights: &str| {
        alice(&allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/first"), |_, authorization| {
            let root = r#"{"AWS": "arn:aws:iam::111122223333:root"}"#;
            let first = r#"{"AWS": "arn:aws:iam::111122223333:role/first"}"#;
            authorization.roles = vec![
                trusting("first", root, &allow("s3:ListAllMyBuckets", "*")),
                trusting("second", first, rights),
            ];
        })
    };
    let finding = of_alice(&account(ADMIN));
    assert_eq!(finding.evidence["methods"], serde_json::json!(["sts-001", "sts-001"]));
    assert_eq!(finding.evidence["target"], format!("{ACCOUNT}:role/second"));
    // The second role writes its own policies.
    let writes = of_alice(&account(&allow("iam:PutRolePolicy", "*")));
    assert_eq!(writes.evidence["methods"], serde_json::json!(["sts-001", "sts-001", "iam-005"]));
    // Roles that were made to be assumed give no more than their owner meant to.
    assert!(!escalates(&account(&allow("s3:*", "*"))));
}

#[test]
fn a_role_that_asks_for_mfa_is_no_way() {
    let account = alice(&allow("sts:AssumeRole", "*"), |_, authorization| {
        let mut admin = trusting("admin", r#"{"AWS": "111122223333"}"#, ADMIN);
        admin.assume_role_policy =
            r#"{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
            "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}"#
                .into();
        authorization.roles.push(admin);
    });
    assert!(!escalates(&account));
}

#[test]
fn changing_a_trust_gives_the_role() {
    let account = |actions: &str| {
        alice(&allow(actions, "*"), |_, authorization| {
            authorization.roles.push(trusting("admin", r#"{"Service": "ec2.amazonaws.com"}"#, ADMIN));
        })
    };
    assert!(escalates(&account("iam:UpdateAssumeRolePolicy")));
    assert!(!escalates(&account("sts:AssumeRole")), "the role does not trust the account");
}

#[test]
fn administrators_and_service_linked_roles_are_not_told() {
    let mut linked = role("/aws-service-role/x.amazonaws.com/", "AWSServiceRoleForX");
    linked.inline_policies = vec![];
    linked.attached_policies = vec![attached("arn:aws:iam::aws:policy/Some")];
    let account = alice(ADMIN, |_, authorization| authorization.roles.push(linked));
    silent(&CHECK, &account);
}

#[test]
fn policies_alone_are_possible_at_medium() {
    let with_policy = |document: &str| {
        with_authorization(|a| a.policies.push(managed(&format!("{ACCOUNT}:policy/p"), document)))
    };
    let finding =
        fails(&CHECK, &with_policy(&allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "*")));
    assert_eq!(
        (finding.severity, finding.evidence["methods"][0]["method"].as_str()),
        (Severity::Medium, Some("lambda-001"))
    );
    fails(&CHECK, &with_policy(&allow("glue:UpdateDevEndpoint", "*")));
    fails(
        &CHECK,
        &with_policy(
            r#"{"Statement": {"Effect": "Allow", "NotAction": ["iam:Create*", "iam:Attach*", "iam:Update*"], "Resource": "*"}}"#,
        ),
    );
    fails(&CHECK, &with_policy(&allow("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/p")));
    for harmless in [
        allow("iam:PassRole account:GetContactInformation", "*"),
        allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}"),
        allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*"),
        allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "arn:aws:iam::111122223333:role/gone"),
        allow("sts:AssumeRole", "*"),
        r#"{"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}"#.into(),
        r#"{"Statement": [{"Effect": "Allow", "Action": ["iam:CreateRole", "iam:PutRolePolicy"], "Resource": "*",
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/boundary"}}}]}"#.into(),
    ] {
        passes(&CHECK, &with_policy(&harmless));
    }
}

#[test]
fn passing_one_role_is_possible_where_that_role_has_more() {
    for (action, service) in [
        ("glue:CreateDevEndpoint", "glue"),
        ("autoscaling:CreateLaunchConfiguration autoscaling:UpdateAutoScalingGroup", "ec2"),
        ("ecs:StartTask", "ecs-tasks"),
        ("glue:UpdateJob glue:StartJobRun", "glue"),
    ] {
        let with_role = |trusts: &str, rights: &str| {
            with_authorization(|authorization| {
                let document = format!(
                    r#"{{"Statement": [{}, {}]}}"#,
                    statement("iam:PassRole", &format!("{ACCOUNT}:role/worker")),
                    statement(action, "*")
                );
                authorization.policies.push(managed(&format!("{ACCOUNT}:policy/p"), &document));
                let principal = format!(r#"{{"Service": "{trusts}.amazonaws.com"}}"#);
                authorization.roles.push(trusting("worker", &principal, rights));
            })
        };
        let told = |account: &Snapshot| failing(&CHECK, account).contains(&"p".to_owned());
        assert!(told(&with_role(service, ADMIN)), "{action}");
        assert!(!told(&with_role("firehose", ADMIN)), "{action}");
        assert!(!told(&with_role(service, &allow("logs:PutLogEvents", "*"))), "{action}");
    }
}

#[test]
fn a_policy_that_somebody_escalates_through_is_high() {
    let arn = format!("{ACCOUNT}:policy/p");
    let account = with_authorization(|authorization| {
        let mut alice = user("alice");
        alice.attached_policies = vec![attached(&arn)];
        authorization.users.push(alice);
        authorization.policies.push(managed(&arn, &allow("iam:PutUserPolicy", "*")));
    });
    assert_eq!(failing(&CHECK, &account), ["alice", "p"]);
    let findings = testing::findings(&CHECK, &account);
    assert!(findings.iter().all(|finding| finding.severity == Severity::High));
}

#[test]
fn a_policy_that_only_bounds_grants_nothing() {
    let arn = format!("{ACCOUNT}:policy/p");
    let with = |bounded: bool| {
        with_authorization(|authorization| {
            let mut alice = user("alice");
            alice.permissions_boundary = bounded.then(|| arn.clone());
            authorization.users.push(alice);
            let unattached =
                iam::ManagedPolicy { attachment_count: 0, ..managed(&arn, &allow("iam:PutUserPolicy", "*")) };
            authorization.policies.push(unattached);
        })
    };
    assert!(failing(&CHECK, &with(true)).is_empty());
    assert_eq!(failing(&CHECK, &with(false)), ["p"], "it could be attached");
}

#[test]
fn what_was_not_read_matters_only_where_it_decides() {
    let with_worker = |rights: &str| {
        let mut account = alice(&allow("lambda:UpdateFunctionCode", "*"), |_, authorization| {
            authorization.roles.push(trusting("worker", r#"{"Service": "lambda.amazonaws.com"}"#, rights));
        });
        region(&mut account).lambda.functions = denied();
        of_alice(&account).status
    };
    assert_eq!(with_worker(ADMIN), crate::finding::Status::Unknown);
    // No role that a function could have has more rights than she has.
    assert_eq!(with_worker(&allow("logs:PutLogEvents", "*")), crate::finding::Status::Pass);

    // Where it decides nothing, it hides nothing.
    let mut account = alice(&allow("s3:GetObject", "*"), |_, _| ());
    region(&mut account).lambda.functions = denied();
    account.iam.credential_report = denied();
    passes(&CHECK, &account);
}

#[test]
fn all_that_was_not_read_is_told() {
    let mut account = alice(&allow("lambda:UpdateFunctionCode", "*"), |_, authorization| {
        authorization.roles.push(trusting("worker", r#"{"Service": "lambda.amazonaws.com"}"#, ADMIN));
    });
    account.regions.insert("us-east-1".into(), Region::empty());
    for (name, region) in &mut account.regions {
        region.lambda.functions =
            Collected::Gap(Gap::unreadable(lambda::op::ListFunctions, Some(name), None, ""));
    }
    let gaps = of_alice(&account).gaps;
    let regions: Vec<_> = gaps.iter().map(|gap| gap.region.as_deref()).collect();
    assert_eq!(regions, [Some("eu-west-1"), Some("us-east-1")]);
}

//! Kinds of limits that a way must respect, and kinds of rows, each with what is nearly a way.

use super::*;
use crate::snapshot::{
    codebuild,
    iam::{AttachedPolicy, ManagedPolicy},
    organizations::{ControlLevel, ControlPolicy},
    ssm,
};

const EC2: &str = "ec2.amazonaws.com";
const WORKER: &str = "arn:aws:iam::111122223333:role/worker";
const MEEK: &str = "logs:PutLogEvents on *";

/// Alice, who passes the administrator `worker` to new functions, under these further statements.
fn passing(path_and_name: &str, statements: &str) -> Account {
    Account::of_alice(statements).role(path_and_name, LAMBDA, ADMIN)
}

/// A document of statements in JSON.
fn document(statements: &str) -> String {
    format!(r#"{{"Statement": [{statements}]}}"#)
}

fn alice_has(document: &str) -> Account {
    Account::new().user("alice", document, &[])
}

#[test]
fn what_is_made_and_used_is_one_thing() {
    let functions = |create: &str, invoke: &str| {
        let on = |name: &str| format!("arn:aws:lambda:*:111122223333:function:{name}");
        passing(
            "worker",
            &format!(
                "iam:PassRole on *; lambda:CreateFunction on {}; lambda:InvokeFunction on {}",
                on(create),
                on(invoke)
            ),
        )
    };
    for (create, invoke) in [("*", "a-*"), ("a-*", "*"), ("a-*", "*-dev"), ("a-job", "a-*"), ("a-?", "a-*")] {
        functions(create, invoke).becomes_administrator_by(&["lambda-001"]);
    }
    for (create, invoke) in [("a-*", "b-*"), ("a-job", "b-job"), ("a-job", "a-?"), ("*-dev", "*-prod")] {
        functions(create, invoke).has_no_way();
    }
    // In one region and one account.
    let elsewhere = |region: &str, account: &str| {
        passing(
            "worker",
            &format!(
                "iam:PassRole on *; lambda:CreateFunction on arn:aws:lambda:eu-west-1:*:function:*; \
                 lambda:InvokeFunction on arn:aws:lambda:{region}:{account}:function:*"
            ),
        )
    };
    elsewhere("eu-west-1", "*").becomes_administrator_by(&["lambda-001"]);
    elsewhere("us-east-1", "*").has_no_way();
    elsewhere("eu-west-1", "444455556666").has_no_way();
}

/// Each pair of actions on something that the caller makes: together they are a way, on two things they are none.
#[test]
fn made_things_of_every_service() {
    for (service, trusts, first, second, form, method) in [
        ("codebuild", "codebuild", "CreateProject", "StartBuild", "project/", "codebuild-001"),
        ("codebuild", "codebuild", "CreateProject", "StartBuildBatch", "project/", "codebuild-004"),
        ("glue", "glue", "CreateJob", "StartJobRun", "job/", "glue-003"),
        ("glue", "glue", "CreateSession", "RunStatement", "session/", "glue-007"),
        ("states", "states", "CreateStateMachine", "StartExecution", "stateMachine:", "stepfunctions-001"),
        ("batch", "ecs-tasks", "RegisterJobDefinition", "SubmitJob", "job-definition/", "batch-001"),
        (
            "cloudformation",
            "cloudformation",
            "CreateChangeSet",
            "ExecuteChangeSet",
            "stack/",
            "cloudformation-new-change-set",
        ),
        ("lambda", "lambda", "CreateFunction", "AddPermission", "function:", "lambda-006"),
    ] {
        let trusts = format!("{trusts}.amazonaws.com");
        let account = |a: &str, b: &str, trusts: &str| {
            let on = |name: &str| format!("arn:aws:{service}:*:*:{form}{name}");
            Account::of_alice(&format!(
                "iam:PassRole on {WORKER}; {service}:{first} on {}; {service}:{second} on {}",
                on(a),
                on(b)
            ))
            .role("worker", trusts, ADMIN)
        };
        account("a-*", "*", &trusts).becomes_administrator_by(&[method]);
        account("a-*", "b-*", &trusts).has_no_way();
        account("a-*", "a-*", EC2).has_no_way();
    }
}

#[test]
fn batch_may_be_built_from_nothing() {
    let actions =
        "batch:CreateComputeEnvironment batch:CreateJobQueue batch:RegisterJobDefinition batch:SubmitJob";
    let account = |statements: &str, trusts: &str, rights: &str| {
        Account::of_alice(statements).role("worker", trusts, rights)
    };
    let whole = format!("iam:PassRole on {WORKER}; {actions} on *");
    account(&whole, TASKS, ADMIN).becomes_administrator_by(&["batch-003"]);
    account(&whole, "batch.amazonaws.com", ADMIN).has_no_way();
    account(&whole, TASKS, &allow(MEEK)).has_no_way();
    account(&format!("iam:PassRole on {ACCOUNT}:role/other; {actions} on *"), TASKS, ADMIN).has_no_way();
}

#[test]
fn agents_browsers_and_harnesses_run_with_a_passed_role() {
    const AGENTCORE: &str = "bedrock-agentcore.amazonaws.com";
    let whole = |actions: &str| {
        let actions: Vec<_> = actions.split(' ').map(|name| format!("bedrock-agentcore:{name}")).collect();
        actions.join(" ")
    };
    for (actions, method) in [
        ("CreateCodeInterpreter StartCodeInterpreterSession InvokeCodeInterpreter", "bedrock-001"),
        (
            "CreateAgentRuntime CreateAgentRuntimeEndpoint CreateWorkloadIdentity InvokeAgentRuntimeCommand",
            "bedrock-003",
        ),
        ("CreateBrowser StartBrowserSession ConnectBrowserAutomationStream", "bedrock-006"),
    ] {
        let account = |actions: &str, trusts: &str| {
            Account::of_alice(&format!("iam:PassRole on {WORKER}; {} on *", whole(actions)))
                .role("worker", trusts, ADMIN)
        };
        account(actions, AGENTCORE).becomes_administrator_by(&[method]);
        account(actions, "bedrock.amazonaws.com").has_no_way();
        // One of them is missing.
        let (all_but_one, _) = actions.rsplit_once(' ').expect("several");
        account(all_but_one, AGENTCORE).has_no_way();
    }
}

#[test]
fn tags_of_what_is_made_are_its_maker_s() {
    let statements = |more: &str| {
        format!(
            r#"iam:PassRole on {WORKER};
               lambda:CreateFunction on * if {{"StringEquals": {{"aws:RequestTag/team": "red"}}}};
               lambda:InvokeFunction on * if {{"StringEquals": {{"aws:ResourceTag/team": "red"}}}}{more}"#
        )
    };
    passing("worker", &statements("; lambda:TagResource on *")).becomes_administrator_by(&["lambda-001"]);
    // It can give them none.
    passing("worker", &statements("")).has_no_way();
    passing(
        "worker",
        &statements(
            "; lambda:TagResource on * if {\"StringEquals\": {\"aws:RequestTag/team\": \"${aws:username}\"}}",
        ),
    )
    .becomes_administrator_by(&["lambda-001"]);
    let by_name = r#"iam:PassRole lambda:TagResource lambda:InvokeFunction on *;
        lambda:CreateFunction on * if {"StringEquals": {"aws:RequestTag/owner": "${aws:username}"}}"#;
    passing("worker", by_name).becomes_administrator_by(&["lambda-001"]);
    let untagged = r#"iam:PassRole lambda:TagResource lambda:CreateFunction lambda:InvokeFunction on * if {"StringEquals": {"lambda:VpcIds": "vpc-1"}}"#;
    passing("worker", untagged).has_no_way();
}

#[test]
fn passing_is_limited_by_path_and_by_name() {
    let statements = |resource: &str| {
        format!("lambda:CreateFunction lambda:InvokeFunction on *; iam:PassRole on {ACCOUNT}:role/{resource}")
    };
    passing("app/worker", &statements("app/*")).becomes_administrator_by(&["lambda-001"]);
    passing("db/worker", &statements("app/*")).has_no_way();
    passing("worker", &statements("app/*")).has_no_way();
    passing("app/worker", &statements("worker")).has_no_way();
    let all_but = |resource: &str| {
        alice_has(&document(&format!(
            r#"{{"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}},
               {{"Effect": "Allow", "Action": "iam:PassRole", "NotResource": "{ACCOUNT}:role/{resource}"}}"#
        )))
        .role("app/worker", LAMBDA, ADMIN)
    };
    all_but("db/*").becomes_administrator_by(&["lambda-001"]);
    all_but("app/*").has_no_way();
}

#[test]
fn passing_is_limited_to_services_in_every_spelling() {
    let under = |effect: &str, condition: &str| {
        let open = if effect == "Deny" {
            r#"{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},"#
        } else {
            ""
        };
        alice_has(&document(&format!(
            r#"{{"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"}}, {open}
               {{"Effect": "{effect}", "Action": "iam:PassRole", "Resource": "*", "Condition": {condition}}}"#
        )))
        .role("worker", LAMBDA, ADMIN)
    };
    for condition in [
        r#"{"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}}"#,
        r#"{"StringLike": {"iam:passedtoservice": "lambda.*"}}"#,
        r#"{"StringEqualsIfExists": {"iam:PassedToService": "lambda.amazonaws.com"}}"#,
        r#"{"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}"#,
    ] {
        under("Allow", condition).becomes_administrator_by(&["lambda-001"]);
    }
    for condition in [
        r#"{"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}"#,
        r#"{"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}"#,
        r#"{"StringNotLike": {"iam:PassedToService": "lambda*"}}"#,
        r#"{"Null": {"iam:PassedToService": "true"}}"#,
    ] {
        under("Allow", condition).has_no_way();
    }
    under("Deny", r#"{"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}"#).has_no_way();
    under("Deny", r#"{"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}"#)
        .becomes_administrator_by(&["lambda-001"]);
}

#[test]
fn tags_of_the_caller_decide_unless_it_changes_them() {
    let rights = r#"{"Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/role": "admin"}}}"#;
    let tagging = |on: &str, condition: &str| {
        format!(
            r#", {{"Effect": "Allow", "Action": "iam:TagUser", "Resource": "{on}", "Condition": {condition}}}"#
        )
    };
    let alice = |tags: &[(&str, &str)], more: &str| {
        Account::new().user("alice", &document(&format!("{rights}{more}")), tags)
    };
    alice(&[("role", "admin")], "").becomes_administrator_by(&["iam-008"]);
    alice(&[("role", "clerk")], "").has_no_way();
    alice(&[], "").has_no_way();
    // Who tags itself is what it likes.
    alice(&[("role", "clerk")], &tagging("*", "{}")).becomes_administrator_by(&["iam-008"]);
    let own = format!("{ACCOUNT}:user/${{aws:username}}");
    alice(&[], &tagging(&own, "{}")).becomes_administrator_by(&["iam-008"]);
    alice(&[], &tagging(&format!("{ACCOUNT}:user/bob"), "{}")).has_no_way();
    // But not with other tags, nor with other values.
    for (condition, expected) in [
        (r#"{"ForAllValues:StringEquals": {"aws:TagKeys": ["role", "team"]}}"#, true),
        (r#"{"ForAllValues:StringEquals": {"aws:TagKeys": "team"}}"#, false),
        (r#"{"StringEquals": {"aws:RequestTag/role": ["admin", "clerk"]}}"#, true),
        (r#"{"StringEquals": {"aws:RequestTag/role": "clerk"}}"#, false),
        (r#"{"StringNotEquals": {"aws:RequestTag/role": "admin"}}"#, false),
    ] {
        assert_eq!(alice(&[], &tagging("*", condition)).way().unwrap().is_some(), expected, "{condition}");
    }
    alice(&[], &tagging("*", r#"{"StringEquals": {"aws:PrincipalTag/role": "admin"}}"#)).has_no_way();
    let denied = r#", {"Effect": "Deny", "Action": "iam:Tag*", "Resource": "*"}"#;
    alice(&[], &format!("{}{denied}", tagging("*", "{}"))).has_no_way();
}

/// The change of its own tags is a part of the step.
#[test]
fn changing_its_own_tags_is_told() {
    let statements = document(
        r#"{"Sid": "Tag", "Effect": "Allow", "Action": "iam:TagUser", "Resource": "*"},
           {"Sid": "Attach", "Effect": "Allow", "Action": "iam:AttachUserPolicy", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/role": "admin"}}}"#,
    );
    let step = |tags: &[(&str, &str)]| {
        let Account(mut snapshot, authorization) = Account::new().user("alice", &statements, tags);
        snapshot.iam.authorization = read(authorization);
        let analyses = Rc::new(Analyses::of(&snapshot));
        let path = analyses.escalation().unwrap().path(0).unwrap().expect("a way");
        let step = path.chain[0].clone();
        (step.actions, step.statements.into_iter().map(|proof| proof.statement).collect::<Vec<_>>())
    };
    let (actions, statements) = step(&[]);
    assert_eq!(actions, ["iam:TagUser", "iam:AttachUserPolicy"]);
    assert_eq!(statements, ["Tag", "Attach"]);
    assert_eq!(step(&[("role", "admin")]).0, ["iam:AttachUserPolicy"]);
}

#[test]
fn all_but_some_actions() {
    let account = |statement: &str| alice_has(&document(statement)).role("worker", LAMBDA, ADMIN);
    account(r#"{"Effect": "Allow", "NotAction": ["iam:Create*", "iam:Put*", "iam:Attach*", "s3:*"], "Resource": "*"}"#)
        .way()
        .unwrap()
        .expect("iam:UpdateAssumeRolePolicy is left");
    account(r#"{"Effect": "Allow", "NotAction": ["iam:*", "sts:*", "organizations:*"], "Resource": "*"}"#)
        .becomes_no_administrator();
    account(
        r#"{"Effect": "Allow", "NotAction": ["s3:*"], "Resource": "*"},
           {"Effect": "Deny", "NotAction": ["lambda:*", "ec2:*"], "Resource": "*"}"#,
    )
    .becomes_no_administrator();
}

#[test]
fn boundaries_of_who_passes_and_of_what_is_passed() {
    let arn = "arn:aws:iam::aws:policy/Boundary";
    let policy = |document: String| -> ManagedPolicy {
        serde_json::from_value(serde_json::json!({
            "name": "Boundary", "arn": arn, "attachment_count": 0, "boundary_usage_count": 1,
            "default_version": "v1", "document": document, "other_versions": {},
        }))
        .unwrap()
    };
    let ways = "iam:PassRole lambda:CreateFunction lambda:InvokeFunction on *";
    let of_alice = |boundary: &str| {
        let boundary = policy(allow(boundary));
        passing("worker", ways).with(|_, authorization| {
            authorization.users[0].permissions_boundary = Some(arn.into());
            authorization.policies.push(boundary);
        })
    };
    of_alice("iam:PassRole lambda:* on *").becomes_administrator_by(&["lambda-001"]);
    of_alice("lambda:* on *").has_no_way();
    of_alice(&format!("lambda:* on *; iam:PassRole on {ACCOUNT}:role/app/*")).has_no_way();
    let of_worker = |boundary: &str| {
        let boundary = policy(allow(boundary));
        passing("worker", ways).with(|_, authorization| {
            authorization.roles[0].permissions_boundary = Some(arn.into());
            authorization.policies.push(boundary);
        })
    };
    of_worker("s3:GetObject on *").becomes_no_administrator();
    of_worker("logs:PutLogEvents on *").has_no_way();
    // A document that cannot be read allows nothing for sure, and denies nothing for sure.
    let unread = passing("worker", ways).with(|_, authorization| {
        authorization.users[0].permissions_boundary = Some(arn.into());
        authorization.policies.push(policy("{".into()));
    });
    assert!(unread.way().is_err());
}

#[test]
fn service_control_policies_cut_each_step() {
    let account = |control: &str| {
        let control = format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*"}}, {control}"#);
        passing("worker", "iam:PassRole lambda:CreateFunction lambda:InvokeFunction on *").with(
            |snapshot, _| {
                let policies = vec![ControlPolicy {
                    id: "p-1".into(),
                    name: "guard".into(),
                    document: document(&control),
                }];
                let level = ControlLevel { target: "r-1".into(), policies, resource_policies: None };
                snapshot.organizations.service_control_policies = read(Some(vec![level]));
            },
        )
    };
    account(r#"{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#)
        .becomes_administrator_by(&["lambda-001"]);
    account(r#"{"Effect": "Deny", "Action": "lambda:Invoke*", "Resource": "*"}"#).has_no_way();
    account(r#"{"Effect": "Deny", "Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/worker"}"#)
        .has_no_way();
    account(
        r#"{"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}}"#,
    )
    .has_no_way();
    account(
        r#"{"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#,
    )
    .becomes_administrator_by(&["lambda-001"]);
}

#[test]
fn a_chain_ends_where_its_middle_is_denied() {
    let middle = format!("{ACCOUNT}:role/middle");
    let end = format!("{ACCOUNT}:role/end");
    let chain = |middle_rights: &str, end_trust: &str| {
        let trust = document(end_trust);
        Account::of_alice(MEEK)
            .role("middle", ALICE, &document(middle_rights))
            .role("end", &middle, ADMIN)
            .with(|_, authorization| authorization.roles[1].assume_role_policy = trust)
    };
    let meek = r#"{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}"#;
    let assume = r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}"#;
    let by_name =
        format!(r#"{{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {{"AWS": "{middle}"}}}}"#);
    let by_account =
        r#"{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}"#.to_owned();
    chain(meek, &by_name).becomes_administrator_by(&["sts-001", "sts-001"]);
    chain(assume, &by_account).becomes_administrator_by(&["sts-001", "sts-001"]);
    chain(meek, &by_account).has_no_way();
    let deny = |more: &str| {
        format!(r#"{{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "{end}"{more}}}"#)
    };
    chain(&format!("{assume}, {}", deny("")), &by_name).has_no_way();
    chain(&format!("{assume}, {}", deny("")), &by_account).has_no_way();
    // A deny that it can avoid is none.
    let mfa = r#", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}"#;
    chain(&format!("{assume}, {}", deny(mfa)), &by_account).becomes_administrator_by(&["sts-001", "sts-001"]);
    let kept_out = format!(
        r#"{by_account}, {{"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*",
            "Condition": {{"ArnEquals": {{"aws:PrincipalArn": "{middle}"}}}}}}"#
    );
    chain(assume, &kept_out).has_no_way();
    // Alice herself may not.
    let alice = alice_has(&document(
        r#"{"Effect": "Deny", "Action": "sts:*", "Resource": "arn:aws:iam::*:role/middle"}"#,
    ));
    alice.role("middle", ALICE, &document(assume)).role("end", &middle, ADMIN).has_no_way();
}

#[test]
fn what_cannot_be_read_makes_no_pass() {
    let broken = "{";
    // Somebody on the way.
    let chain = |rights: &str| Account::of_alice(MEEK).role("middle", ALICE, rights);
    chain(&allow(MEEK)).has_no_way();
    assert!(chain(broken).way().is_err());
    let passed =
        |rights: &str, statements: &str| Account::of_alice(statements).role("worker", LAMBDA, rights);
    let ways = "iam:PassRole lambda:CreateFunction lambda:InvokeFunction on *";
    assert!(passed(broken, ways).way().is_err());
    passed(broken, "lambda:CreateFunction lambda:InvokeFunction on *").has_no_way();
    // Whom a role trusts.
    let trust = |statements: &str, rights: &str| {
        passed(rights, statements)
            .with(|_, authorization| authorization.roles[0].assume_role_policy = broken.into())
    };
    assert!(trust(ways, ADMIN).way().is_err());
    trust(MEEK, &allow(MEEK)).has_no_way();
    // What a group gives.
    let group = |statements: &str| Account::of_alice(statements).group("team", broken);
    assert!(group("iam:AddUserToGroup on *").way().is_err());
    group("iam:AddUserToGroup on arn:aws:iam::*:group/other").has_no_way();
    // Earlier versions.
    let versions = |statements: &str| {
        let arn = format!("{ACCOUNT}:policy/own");
        Account::of_alice(statements).with(|_, authorization| {
            authorization.policies.push(
                serde_json::from_value(serde_json::json!({
                    "name": "own", "arn": arn, "attachment_count": 1, "boundary_usage_count": 0,
                    "default_version": "v2", "document": allow(MEEK), "other_versions": {"v1": broken},
                }))
                .unwrap(),
            );
            authorization.users[0].attached_policies =
                vec![AttachedPolicy { name: "own".into(), arn: arn.clone() }];
        })
    };
    assert!(versions("iam:SetDefaultPolicyVersion on *").way().is_err());
    versions("iam:SetDefaultPolicyVersion on arn:aws:iam::*:policy/other").has_no_way();
}

/// Something that is there gets another role, and runs what the caller wants.
#[test]
fn another_role_for_what_is_there() {
    for (statements, method, service, resource) in [
        ("lambda:UpdateFunctionConfiguration", "lambda-swap-role", "lambda", "function:x"),
        ("cloudformation:UpdateStack", "cloudformation-swap-role", "cloudformation", "stack/x/1"),
        (
            "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet",
            "cloudformation-swap-role-change-set",
            "cloudformation",
            "stack/x/1",
        ),
        ("codebuild:StartBuild", "codebuild-override-role", "codebuild", "project/x"),
        ("codebuild:StartBuildBatch", "codebuild-override-role-batch", "codebuild", "project/x"),
        (
            "sagemaker:StopNotebookInstance sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance \
             sagemaker:CreatePresignedNotebookInstanceUrl",
            "sagemaker-swap-role",
            "sagemaker",
            "notebook-instance/x",
        ),
        ("apprunner:UpdateService", "apprunner-swap-role", "apprunner", "service/x/1"),
        (
            "states:UpdateStateMachine states:StartExecution",
            "stepfunctions-swap-role",
            "states",
            "stateMachine:x",
        ),
    ] {
        let arn = format!("arn:aws:{service}:{HERE}:{resource}");
        let account = |there: bool, on: &str, passes: &str, trusts: &str| {
            let meek = format!("{ACCOUNT}:role/meek");
            let workload = |of: &str| {
                let there = there && of == service;
                let workload =
                    Workload { arn: arn.clone(), role: Some(meek.clone()), status: Some("InService".into()) };
                read(there.then_some(workload).into_iter().collect())
            };
            Account::of_alice(&format!("iam:PassRole on {ACCOUNT}:role/{passes}; {statements} on {on}"))
                .role("worker", trusts, ADMIN)
                .role("meek", trusts, &allow(MEEK))
                .with(|snapshot, _| {
                    let region = region(snapshot);
                    let workloads = &mut region.workloads;
                    workloads.notebooks = workload("sagemaker");
                    workloads.app_runner_services = workload("apprunner");
                    workloads.state_machines = workload("states");
                    match service {
                        "lambda" if there => {
                            region.lambda.functions = read(vec![Function {
                                name: "x".into(),
                                arn: arn.clone(),
                                role: meek.clone(),
                                ..Function::default()
                            }]);
                        }
                        "cloudformation" if there => {
                            region.cloudformation.stacks = read(vec![cloudformation::Stack {
                                id: arn.clone(),
                                role: Some(meek.clone()),
                                ..cloudformation::Stack::default()
                            }]);
                        }
                        "codebuild" if there => {
                            region.codebuild.projects = read(vec![codebuild::Project {
                                arn: arn.clone(),
                                service_role: Some(meek.clone()),
                                ..codebuild::Project::default()
                            }]);
                        }
                        _ => {}
                    }
                })
        };
        let tasks = if service == "apprunner" { "tasks." } else { "" };
        let trusts = format!("{tasks}{service}.amazonaws.com");
        account(true, "*", "worker", &trusts).becomes_administrator_by(&[method]);
        account(true, &arn, "worker", &trusts).becomes_administrator_by(&[method]);
        account(true, &format!("{arn}-other"), "worker", &trusts).becomes_no_administrator();
        account(true, "*", "meek", &trusts).becomes_no_administrator();
        account(true, "*", "worker", EC2).becomes_no_administrator();
        if service == "lambda" {
            account(false, "*", "worker", &trusts).has_no_way();
        }
    }
}

/// An instance with the profile of the first role, or with none; a managed node where that is said.
fn instance(snapshot: &mut Snapshot, profile: Option<&str>, managed: bool) {
    let region = region(snapshot);
    region.ec2.instances = read(vec![ec2::Instance {
        id: "i-1".into(),
        instance_profile: profile.map(str::to_owned),
        ..ec2::Instance::default()
    }]);
    if managed {
        let node = ssm::ManagedNode { id: "i-1".into(), ..ssm::ManagedNode::default() };
        region.ssm.managed_nodes = read(vec![node]);
    }
}

#[test]
fn another_profile_for_an_instance_that_is_there() {
    const USER_DATA: &str = "ec2:ModifyInstanceAttribute ec2:StopInstances ec2:StartInstances";
    let account = |actions: &str, with_profile: bool, rights: &str| {
        Account::of_alice(&format!("iam:PassRole on {WORKER}; {actions} on *"))
            .role("worker", EC2, rights)
            .role("meek", EC2, &allow("ssmmessages:* ssm:UpdateInstanceInformation on *"))
            .with(|snapshot, authorization| {
                profile(authorization);
                let old = format!("{ACCOUNT}:instance-profile/old");
                authorization.roles[1].instance_profiles = vec![old.clone()];
                instance(snapshot, with_profile.then_some(old.as_str()), with_profile);
            })
    };
    for (actions, method, with_profile) in [
        ("ec2:AssociateIamInstanceProfile ssm:SendCommand", "ec2-associate-profile", false),
        ("ec2:ReplaceIamInstanceProfileAssociation ssm:SendCommand", "ec2-replace-profile", true),
    ] {
        account(actions, with_profile, ADMIN).becomes_administrator_by(&[method]);
        account(actions, !with_profile, ADMIN).becomes_no_administrator();
        // The agent takes no commands with that role.
        account(actions, with_profile, &allow("s3:GetObject on *")).has_no_way();
    }
    for (action, method, with_profile) in [
        ("ec2:AssociateIamInstanceProfile", "ec2-associate-profile-user-data", false),
        ("ec2:ReplaceIamInstanceProfileAssociation", "ec2-replace-profile-user-data", true),
    ] {
        let actions = format!("{action} {USER_DATA}");
        account(&actions, with_profile, ADMIN).becomes_administrator_by(&[method]);
        account(&actions, !with_profile, ADMIN).becomes_no_administrator();
        account(action, with_profile, ADMIN).has_no_way();
    }
    // There is no instance.
    Account::of_alice("iam:PassRole ec2:AssociateIamInstanceProfile ssm:SendCommand on *")
        .role("worker", EC2, ADMIN)
        .with(|_, authorization| drop(profile(authorization)))
        .has_no_way();
}

#[test]
fn a_command_takes_a_document_too() {
    let account = |statements: &str| {
        Account::of_alice(statements).role("worker", EC2, ADMIN).with(|snapshot, authorization| {
            let profile = profile(authorization);
            instance(snapshot, Some(&profile), true);
        })
    };
    let on = "arn:aws:ec2:*:*:instance/*";
    account(&format!("ssm:SendCommand on {on} arn:aws:ssm:*:*:document/AWS-RunShellScript"))
        .becomes_administrator_by(&["ssm-002"]);
    account(&format!("ssm:SendCommand on {on}; ssm:SendCommand on arn:aws:ssm:eu-west-1::document/AWS-Run*"))
        .becomes_administrator_by(&["ssm-002"]);
    account(&format!("ssm:SendCommand on {on} arn:aws:ssm:*:*:document/AWS-UpdateSSMAgent")).has_no_way();
    account(&format!("ssm:SendCommand on {on}")).has_no_way();
    account("ssm:SendCommand on arn:aws:ssm:*:*:document/*").has_no_way();
    account("ssm:CreateAssociation on *").becomes_administrator_by(&["ssm-create-association"]);
    account(&format!("ssm:CreateAssociation on {on}")).has_no_way();
    account("ssm:StartSession on arn:aws:ec2:*:*:instance/i-1").becomes_administrator_by(&["ssm-001"]);
    account("ssm:StartSession on arn:aws:ec2:*:*:instance/i-2").has_no_way();
}

#[test]
fn whoever_changes_a_saml_provider_is_whom_it_asserts() {
    let account = |statements: &str, provider: &str, condition: &str| {
        let trust = document(&format!(
            r#"{{"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Condition": {condition},
                "Principal": {{"Federated": "arn:aws:iam::{provider}"}}}}"#
        ));
        Account::of_alice(statements)
            .role("worker", LAMBDA, ADMIN)
            .with(|_, authorization| authorization.roles[0].assume_role_policy = trust)
    };
    let aud = r#"{"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}"#;
    let provider = "111122223333:saml-provider/idp";
    account("iam:UpdateSAMLProvider on *", provider, aud)
        .becomes_administrator_by(&["iam-update-saml-provider"]);
    account("iam:UpdateSAMLProvider on arn:aws:iam::*:saml-provider/other", provider, aud).has_no_way();
    account("iam:UpdateSAMLProvider on *", "444455556666:saml-provider/idp", aud).has_no_way();
    account("iam:UpdateSAMLProvider on *", "111122223333:saml-provider/AWSSSO_1_DO_NOT_DELETE", aud)
        .has_no_way();
    let address = r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#;
    account("iam:UpdateSAMLProvider on *", provider, address).has_no_way();
}

/// What others list and AWS does not have, or no longer.
#[test]
fn actions_that_are_gone_are_no_method() {
    for method in super::super::methods::all() {
        for need in method.needs {
            assert!(!need.action().starts_with("codestar:"), "{}", method.id);
        }
    }
}

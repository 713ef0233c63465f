mod kinds;
mod oracle;

use std::rc::Rc;

use super::Escalation;
use crate::{
    analysis::Analyses,
    gap::NotJudged,
    snapshot::{
        Snapshot, cloudformation, ec2, ecs,
        iam::{Authorization, Group, InlinePolicy, InstanceProfile, Role, User},
        lambda::Function,
        workloads::Workload,
    },
    testing::{ago, denied, empty, read, region},
};

const ACCOUNT: &str = "arn:aws:iam::111122223333";
const HERE: &str = "eu-west-1:111122223333";
const ADMIN: &str = r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// `ACTION … on RESOURCE …`, statements divided by `;`, each with an optional `if CONDITION`.
fn allow(statements: &str) -> String {
    let list = |text: &str| {
        let items: Vec<_> = text.split_whitespace().map(|item| format!(r#""{item}""#)).collect();
        format!("[{}]", items.join(", "))
    };
    let statements: Vec<_> = statements
        .split(';')
        .map(|statement| {
            let (statement, condition) = statement.split_once(" if ").unwrap_or((statement, "{}"));
            let (actions, resources) = statement.split_once(" on ").expect("ACTIONS on RESOURCES");
            let (actions, resources) = (list(actions), list(resources));
            format!(
                r#"{{"Effect": "Allow", "Action": {actions}, "Resource": {resources}, "Condition": {condition}}}"#
            )
        })
        .collect();
    format!(r#"{{"Statement": [{}]}}"#, statements.join(", "))
}

fn inline(document: &str) -> Vec<InlinePolicy> {
    vec![InlinePolicy { name: "rights".into(), document: document.into() }]
}

/// An account that is put together bit by bit.
struct Account(Snapshot, Authorization);

impl Account {
    fn new() -> Self {
        Self(empty(), Authorization::default())
    }

    /// With the user `alice`, whose ways are asked for.
    fn of_alice(statements: &str) -> Self {
        Self::new().user("alice", &allow(statements), &[])
    }

    fn user(mut self, name: &str, document: &str, tags: &[(&str, &str)]) -> Self {
        self.1.users.push(User {
            name: name.into(),
            arn: format!("{ACCOUNT}:user/{name}"),
            created: ago(1000),
            groups: vec![],
            inline_policies: inline(document),
            attached_policies: vec![],
            permissions_boundary: None,
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        });
        self
    }

    fn group(mut self, name: &str, document: &str) -> Self {
        let arn = format!("{ACCOUNT}:group/{name}");
        let inline_policies = inline(document);
        self.1.groups.push(Group { name: name.into(), arn, inline_policies, attached_policies: vec![] });
        self
    }

    /// A role that trusts a service, or a principal that is named by its ARN.
    fn role(mut self, path_and_name: &str, trusts: &str, document: &str) -> Self {
        let kind = if trusts.starts_with("arn:") { "AWS" } else { "Service" };
        let (path, name) = path_and_name.rsplit_once('/').unwrap_or(("", path_and_name));
        let path = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
        self.1.roles.push(Role {
            name: name.into(),
            arn: format!("{ACCOUNT}:role{path}{name}"),
            path,
            created: ago(1000),
            assume_role_policy: format!(
                r#"{{"Statement": [{{"Effect": "Allow", "Principal": {{"{kind}": "{trusts}"}}, "Action": "sts:AssumeRole"}}]}}"#
            ),
            inline_policies: inline(document),
            attached_policies: vec![],
            permissions_boundary: None,
            instance_profiles: vec![],
            last_used: None,
            tags: [].into(),
        });
        self
    }

    fn with(mut self, change: impl FnOnce(&mut Snapshot, &mut Authorization)) -> Self {
        change(&mut self.0, &mut self.1);
        self
    }

    /// The methods of the first user's way, and whether it ends at administration.
    fn way(self) -> Result<Option<(Vec<&'static str>, bool)>, NotJudged> {
        let Self(mut snapshot, authorization) = self;
        snapshot.iam.authorization = read(authorization);
        let analyses = Rc::new(Analyses::of(&snapshot));
        let escalation: Rc<Escalation<'_>> = analyses.escalation().expect("readable");
        let path = escalation.path(0)?;
        Ok(path.map(|path| (path.chain.iter().map(|step| step.method).collect(), path.administrator)))
    }

    #[track_caller]
    fn becomes_administrator_by(self, methods: &[&str]) {
        assert_eq!(self.way().unwrap(), Some((methods.to_vec_static(), true)));
    }

    #[track_caller]
    fn has_no_way(self) {
        assert_eq!(self.way().unwrap(), None);
    }

    #[track_caller]
    fn becomes_no_administrator(self) {
        let way = self.way().unwrap();
        assert!(!way.as_ref().is_some_and(|(_, administrator)| *administrator), "{way:?}");
    }
}

trait Methods {
    fn to_vec_static(&self) -> Vec<&'static str>;
}

impl Methods for [&str] {
    /// The same names, as the table has them.
    fn to_vec_static(&self) -> Vec<&'static str> {
        let known = |id: &&str| super::methods::all().map(|method| method.id).find(|known| known == id);
        self.iter().map(|id| known(id).unwrap_or_else(|| panic!("no method {id}"))).collect()
    }
}

const LAMBDA: &str = "lambda.amazonaws.com";
const TASKS: &str = "ecs-tasks.amazonaws.com";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

#[test]
fn who_writes_policies_need_not_be_whom_they_help() {
    let helped = |whom: &str| {
        Account::of_alice(&format!(
            "lambda:CreateFunction lambda:InvokeFunction on *; iam:PassRole on {ACCOUNT}:role/helper"
        ))
        .role("helper", LAMBDA, &allow(&format!("iam:AttachUserPolicy on {ACCOUNT}:user/{whom}")))
        .user("bob", &allow("s3:GetObject on *"), &[])
    };
    helped("alice").becomes_administrator_by(&["lambda-001", "iam-008"]);
    helped("bob").becomes_no_administrator();
    // The role that she may become, she may write.
    let changed = |role: &str| {
        let account = Account::of_alice(&format!(
            "iam:PutRolePolicy on {ACCOUNT}:role/{role}; lambda:UpdateFunctionCode on *"
        ));
        account
            .role("worker", LAMBDA, &allow("logs:PutLogEvents on *"))
            .role("other", LAMBDA, &allow("logs:PutLogEvents on *"))
            .with(|snapshot, _| {
                region(snapshot).lambda.functions = read(vec![Function {
                    name: "job".into(),
                    arn: format!("arn:aws:lambda:{HERE}:function:job"),
                    role: format!("{ACCOUNT}:role/worker"),
                    ..Function::default()
                }]);
            })
    };
    changed("worker").becomes_administrator_by(&["lambda-003", "iam-005"]);
    changed("other").has_no_way();
}

#[test]
fn groups_are_joined_and_written_by_whoever_is_held() {
    let by_role = |action: &str, group: &str, rights: &str| {
        Account::of_alice("s3:ListAllMyBuckets on *")
            .role("clerk", ALICE, &allow(&format!("{action} on {ACCOUNT}:group/{group}")))
            .group("team", rights)
    };
    by_role("iam:AddUserToGroup", "team", ADMIN).becomes_administrator_by(&["sts-001", "iam-013"]);
    by_role("iam:AddUserToGroup", "other", ADMIN).has_no_way();
    by_role("iam:AddUserToGroup", "team", &allow("s3:ListAllMyBuckets on *")).has_no_way();
    // Nobody is in the group, until she is put into it.
    by_role("iam:PutGroupPolicy", "team", &allow("s3:ListAllMyBuckets on *")).has_no_way();
    by_role("iam:PutGroupPolicy iam:AddUserToGroup", "team", &allow("s3:ListAllMyBuckets on *"))
        .becomes_administrator_by(&["sts-001", "iam-013", "iam-011"]);
}

#[test]
fn somebody_new_has_what_its_makers_write() {
    let path = format!("{ACCOUNT}:role/app/*");
    Account::of_alice(&format!("iam:CreateRole iam:AttachRolePolicy on {path}"))
        .becomes_administrator_by(&["iam-new-role-attach"]);
    Account::of_alice(&format!("iam:CreateRole on *; iam:PutRolePolicy on {path}"))
        .becomes_administrator_by(&["iam-new-role-put"]);
    Account::of_alice(&format!("iam:CreateRole on {path}; iam:AttachRolePolicy on {ACCOUNT}:role/db/*"))
        .has_no_way();
    Account::of_alice(&format!("iam:CreateRole on {path}")).has_no_way();
    let bound = r#"{"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}}"#;
    Account::of_alice(&format!("iam:CreateRole iam:AttachRolePolicy on {path} if {bound}")).has_no_way();
    let modest = r#"{"ArnEquals": {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}"#;
    Account::of_alice(&format!("iam:CreateRole on {path}; iam:AttachRolePolicy on {path} if {modest}"))
        .has_no_way();
    // A name that is taken is no new one.
    let taken = format!("iam:CreateRole iam:PutRolePolicy on {ACCOUNT}:role/app");
    Account::of_alice(&taken).becomes_administrator_by(&["iam-new-role-put"]);
    Account::of_alice(&taken).role("app", LAMBDA, &allow("logs:PutLogEvents on *")).has_no_way();
    // One makes it, another writes it.
    let shared = |path: &str| {
        Account::of_alice(&format!("iam:CreateRole on {ACCOUNT}:role/app/*")).role(
            "clerk",
            ALICE,
            &allow(&format!("iam:PutRolePolicy on {ACCOUNT}:role/{path}/*")),
        )
    };
    shared("app").becomes_administrator_by(&["sts-001", "iam-new-role-put"]);
    shared("db").has_no_way();
}

#[test]
fn a_new_user_needs_credentials() {
    Account::of_alice("iam:CreateUser iam:AttachUserPolicy on arn:aws:iam::*:user/ci/*").has_no_way();
    Account::of_alice("iam:CreateUser iam:AttachUserPolicy iam:CreateAccessKey on arn:aws:iam::*:user/ci/*")
        .becomes_administrator_by(&["iam-new-user-attach"]);
    Account::of_alice("iam:CreateUser iam:PutUserPolicy iam:CreateLoginProfile on arn:aws:iam::*:user/ci/*")
        .becomes_administrator_by(&["iam-new-user-put-password"]);
    let member = |rights: &str| {
        Account::of_alice(
            "iam:CreateUser iam:CreateAccessKey on arn:aws:iam::*:user/ci/*; iam:AddUserToGroup on *",
        )
        // She herself is in it.
        .group("team", rights)
        .with(|_, authorization| authorization.users[0].groups = vec!["team".into()])
        .group("admins", rights)
    };
    member(ADMIN).with(|_, a| a.users[0].groups = vec![]).becomes_administrator_by(&["iam-013"]);
    Account::new()
        .user("alice", &allow("iam:CreateUser iam:CreateAccessKey iam:AddUserToGroup on *"), &[])
        .group("idle", &allow("iam:CreateUser on *"))
        .has_no_way();
}

#[test]
fn a_boundary_goes_by_somebody_else_too() {
    let arn = "arn:aws:iam::111122223333:policy/boundary";
    let bound = |clerk: &str| {
        Account::new().user("alice", ADMIN, &[]).role("clerk", ALICE, &allow(clerk)).with(
            |_, authorization| {
                authorization.users[0].permissions_boundary = Some(arn.into());
                authorization.policies.push(
                    serde_json::from_value(serde_json::json!({
                        "name": "boundary", "arn": arn, "attachment_count": 0, "boundary_usage_count": 1,
                        "default_version": "v1", "document": allow("s3:GetObject sts:AssumeRole on *"),
                        "other_versions": {},
                    }))
                    .unwrap(),
                );
            },
        )
    };
    bound(&format!("iam:DeleteUserPermissionsBoundary on {ALICE}"))
        .becomes_administrator_by(&["sts-001", "iam-022"]);
    bound(&format!("iam:PutUserPermissionsBoundary on {ALICE}"))
        .becomes_administrator_by(&["sts-001", "iam-put-user-boundary"]);
    bound(&format!("iam:CreatePolicyVersion on {arn}")).becomes_administrator_by(&["sts-001", "iam-001"]);
    bound("iam:DeleteUserPermissionsBoundary on arn:aws:iam::*:user/bob").has_no_way();
}

#[test]
fn roles_that_iam_does_not_change_are_no_targets() {
    for (path, expected) in [
        ("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef", false),
        ("aws-service-role/x.amazonaws.com/AWSServiceRoleForX", false),
        ("team/Admin", true),
    ] {
        for actions in ["iam:UpdateAssumeRolePolicy", "iam:UpdateAssumeRolePolicy iam:PutRolePolicy"] {
            let way = Account::of_alice(&format!("{actions} on *")).role(path, LAMBDA, ADMIN).way().unwrap();
            assert_eq!(way.is_some(), expected, "{path} {actions}");
        }
        // Nor does one change itself.
        let account =
            Account::new().role(path, LAMBDA, &allow("iam:PutRolePolicy iam:AttachRolePolicy on *"));
        assert_eq!(account.way().unwrap().is_some(), expected, "{path}");
    }
}

#[test]
fn tags_that_are_known_decide() {
    let boss =
        |statements: &str, tags: &[(&str, &str)]| Account::of_alice(statements).user("boss", ADMIN, tags);
    for key in ["aws:ResourceTag/dev", "iam:ResourceTag/dev", "AWS:resourcetag/DEV"] {
        let keys = format!(
            r#"iam:CreateAccessKey iam:DeleteAccessKey on * if {{"StringEquals": {{"{key}": "true"}}}}"#
        );
        boss(&keys, &[("dev", "true")]).becomes_administrator_by(&["iam-003"]);
        boss(&keys, &[("dev", "false")]).has_no_way();
        boss(&keys, &[]).has_no_way();
        // Who may tag it first, may.
        boss(&format!("{keys}; iam:TagUser on *"), &[]).becomes_administrator_by(&["iam-003"]);
        boss(&format!("{keys}; iam:TagUser on {ALICE}"), &[]).has_no_way();
    }
    let others = r#"iam:CreateAccessKey iam:DeleteAccessKey on * if {"StringNotEquals": {"aws:ResourceTag/guarded": "yes"}}"#;
    boss(others, &[]).becomes_administrator_by(&["iam-003"]);
    boss(others, &[("guarded", "yes")]).has_no_way();
    // What is passed is not told by its tags.
    let passed = r#"iam:PassRole on * if {"StringEquals": {"aws:ResourceTag/dev": "true"}}; lambda:CreateFunction lambda:InvokeFunction on *"#;
    Account::of_alice(passed)
        .role("worker", LAMBDA, ADMIN)
        .with(|_, authorization| authorization.roles[0].tags = [("dev", "true")].into())
        .has_no_way();
}

/// An instance profile of the first role.
fn profile(authorization: &mut Authorization) -> String {
    let arn = format!("{ACCOUNT}:instance-profile/p");
    authorization.roles[0].instance_profiles = vec![arn.clone()];
    arn
}

#[test]
fn a_profile_that_is_there_takes_another_role() {
    let swap =
        "iam:PassRole ec2:RunInstances iam:AddRoleToInstanceProfile iam:RemoveRoleFromInstanceProfile on *";
    let fill = "iam:PassRole ec2:RunInstances iam:AddRoleToInstanceProfile on *";
    let ec2 = "ec2.amazonaws.com";
    let full = |statements: &str, admin_trusts: &str| {
        Account::of_alice(statements)
            .role("meek", ec2, &allow("logs:PutLogEvents on *"))
            .role("mighty", admin_trusts, ADMIN)
            .with(|_, authorization| {
                profile(authorization);
            })
    };
    full(swap, ec2).becomes_administrator_by(&["ec2-swap-profile"]);
    full(fill, ec2).has_no_way();
    full(swap, LAMBDA).has_no_way();
    let empty_one = |profile: bool| {
        Account::of_alice(fill).role("mighty", ec2, ADMIN).with(|snapshot, _| {
            let arn = format!("{ACCOUNT}:instance-profile/empty");
            let there = profile.then_some(InstanceProfile { arn, role: None });
            snapshot.iam.instance_profiles = read(there.into_iter().collect());
        })
    };
    empty_one(true).becomes_administrator_by(&["ec2-fill-profile"]);
    empty_one(false).has_no_way();
}

/// A region with an ECS cluster, a task definition of each kind, and a service that runs the first role's task.
fn with_containers(snapshot: &mut Snapshot, instances: i64, exec: bool) {
    let cluster = format!("arn:aws:ecs:{HERE}:cluster/main");
    let definition = |family: &str, for_fargate: bool| ecs::TaskDefinition {
        arn: format!("arn:aws:ecs:{HERE}:task-definition/{family}:1"),
        family: family.into(),
        for_fargate,
        ..ecs::TaskDefinition::default()
    };
    let ecs = &mut region(snapshot).ecs;
    ecs.clusters = read(vec![cluster.clone()]);
    ecs.cluster_instances = read([(cluster, instances)].into());
    ecs.task_definitions = read(vec![definition("heavy", false)]);
    let runs = definition("web", true).arn;
    ecs.task_roles = read([(runs.clone(), Some(format!("{ACCOUNT}:role/worker")))].into());
    ecs.services = read(vec![ecs::Service {
        arn: format!("arn:aws:ecs:{HERE}:service/main/web"),
        name: "web".into(),
        cluster: "main".into(),
        task_definition: Some(runs),
        desired_tasks: 1,
        execute_command: exec,
        ..ecs::Service::default()
    }]);
}

#[test]
fn tasks_need_a_cluster_that_is_there() {
    let account = |statements: &str, trusts: &str, instances: Option<i64>| {
        Account::of_alice(&format!("iam:PassRole on {ACCOUNT}:role/worker; {statements}"))
            .role("worker", trusts, ADMIN)
            .with(|snapshot, _| {
                if let Some(instances) = instances {
                    with_containers(snapshot, instances, false);
                }
            })
    };
    for (statements, method, on_instances) in [
        ("ecs:RegisterTaskDefinition ecs:CreateService on *", "ecs-003", false),
        ("ecs:RegisterTaskDefinition ecs:RunTask on *", "ecs-004", false),
        ("ecs:RegisterTaskDefinition ecs:StartTask on *", "ecs-005", true),
        ("ecs:RegisterTaskDefinition ecs:UpdateService on *", "ecs-update-service", false),
        ("ecs:RunTask on *", "ecs-008", true),
        ("ecs:StartTask on *", "ecs-009", true),
    ] {
        account(statements, TASKS, Some(1)).becomes_administrator_by(&[method]);
        assert_eq!(account(statements, TASKS, Some(0)).way().unwrap().is_none(), on_instances, "{method}");
        account(statements, TASKS, None).has_no_way();
        account(statements, LAMBDA, Some(1)).has_no_way();
    }
    // The cluster is a key of the request.
    let only = |cluster: &str| {
        let condition = format!(r#"{{"ArnEquals": {{"ecs:cluster": "arn:aws:ecs:*:*:cluster/{cluster}"}}}}"#);
        account(&format!("ecs:RegisterTaskDefinition on *; ecs:RunTask on * if {condition}"), TASKS, Some(0))
    };
    only("main").becomes_administrator_by(&["ecs-004"]);
    only("other").has_no_way();
    let unread = account("ecs:RegisterTaskDefinition ecs:RunTask on *", TASKS, None);
    assert!(unread.with(|snapshot, _| region(snapshot).ecs.clusters = denied()).way().is_err());
}

#[test]
fn commands_run_in_tasks_that_take_them() {
    let account = |statements: &str, rights: &str, exec: bool| {
        Account::of_alice(statements)
            .role("worker", TASKS, rights)
            .with(|snapshot, _| with_containers(snapshot, 0, exec))
    };
    let here = "ecs:ExecuteCommand on arn:aws:ecs:*:111122223333:cluster/main arn:aws:ecs:*:111122223333:task/main/*".to_owned();
    account(&here, ADMIN, true).becomes_administrator_by(&["ecs-006"]);
    account(&here, ADMIN, false).has_no_way();
    account("ecs:ExecuteCommand on arn:aws:ecs:*:*:task/other/*", ADMIN, true).has_no_way();
    // The agent in the task cannot open its channels.
    account(&here, &allow("s3:* on *"), true).has_no_way();
    account("ecs:ExecuteCommand ecs:UpdateService on *", ADMIN, false)
        .becomes_administrator_by(&["ecs-enable-exec"]);
}

#[test]
fn a_template_counts_when_a_group_launches_it() {
    let account = |version: &str, group: &str, trusts: &str| {
        Account::of_alice("ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate on *")
            .role("worker", trusts, ADMIN)
            .with(|snapshot, authorization| {
                profile(authorization);
                let ec2 = &mut region(snapshot).ec2;
                let tags = [
                    (group, "web"),
                    ("aws:ec2launchtemplate:id", "lt-1"),
                    ("aws:ec2launchtemplate:version", version),
                ];
                let tags = tags.into();
                ec2.instances =
                    read(vec![ec2::Instance { id: "i-1".into(), tags, ..ec2::Instance::default() }]);
                ec2.launch_templates = read(vec![ec2::LaunchTemplate {
                    id: "lt-1".into(),
                    name: "web".into(),
                    default_version: 1,
                    latest_version: 3,
                    metadata_http_tokens: None,
                    metadata_http_endpoint: None,
                    user_data: vec![],
                    security_groups: vec![],
                    security_group_names: vec![],
                    tags: [].into(),
                }]);
            })
    };
    let (group, ec2) = ("aws:autoscaling:groupName", "ec2.amazonaws.com");
    account("3", group, ec2).becomes_administrator_by(&["ec2-005"]);
    account("1", group, ec2).becomes_administrator_by(&["ec2-005"]);
    account("2", group, ec2).has_no_way();
    account("3", "team", ec2).has_no_way();
    account("3", group, LAMBDA).has_no_way();
}

#[test]
fn a_stack_set_must_be_there() {
    let account = |sets: &[&str]| {
        let sets = sets.iter().map(|id| cloudformation::StackSet { id: (*id).to_owned() }).collect();
        Account::of_alice(&format!(
            "iam:PassRole on {ACCOUNT}:role/worker; cloudformation:UpdateStackSet on arn:aws:cloudformation:*:*:stackset/web:*"
        ))
        .role("worker", "cloudformation.amazonaws.com", ADMIN)
        .with(|snapshot, _| region(snapshot).cloudformation.stack_sets = read(sets))
    };
    account(&["web:1"]).becomes_administrator_by(&["cloudformation-004"]);
    account(&["other:1"]).has_no_way();
    account(&[]).has_no_way();
}

#[test]
fn workloads_that_are_there_count() {
    const NOTEBOOK: &str = "sagemaker:CreateNotebookInstanceLifecycleConfig sagemaker:StopNotebookInstance \
                            sagemaker:UpdateNotebookInstance sagemaker:StartNotebookInstance on *";
    for (statements, method, service, resource) in [
        ("iam:PassRole glue:UpdateJob glue:StartJobRun on *", "glue-005", "glue", "job/x"),
        ("iam:PassRole glue:UpdateJob glue:CreateTrigger on *", "glue-006", "glue", "job/x"),
        (
            "sagemaker:CreatePresignedNotebookInstanceUrl on *",
            "sagemaker-004",
            "sagemaker",
            "notebook-instance/x",
        ),
        (NOTEBOOK, "sagemaker-005", "sagemaker", "notebook-instance/x"),
        ("apprunner:UpdateService on *", "apprunner-002", "apprunner", "service/x/1"),
        (
            "bedrock-agentcore:StartCodeInterpreterSession bedrock-agentcore:InvokeCodeInterpreter on *",
            "bedrock-002",
            "bedrock-agentcore",
            "code-interpreter-custom/x",
        ),
        (
            "states:UpdateStateMachine states:StartExecution on *",
            "stepfunctions-002",
            "states",
            "stateMachine:x",
        ),
    ] {
        let account = |there: &str, rights: &str| {
            let workloads = |there: bool| {
                read(if there {
                    vec![Workload {
                        arn: format!("arn:aws:{service}:{HERE}:{resource}"),
                        role: Some(format!("{ACCOUNT}:role/worker")),
                        status: Some("InService".into()),
                    }]
                } else {
                    vec![]
                })
            };
            let list = |of: &str| {
                if there == "unread" { denied() } else { workloads(there == "there" && service == of) }
            };
            let tasks = if service == "apprunner" { "tasks." } else { "" };
            let trusts = format!("{tasks}{service}.amazonaws.com");
            Account::of_alice(statements).role("worker", &trusts, rights).with(|snapshot, _| {
                let workloads = &mut region(snapshot).workloads;
                workloads.glue_jobs = list("glue");
                workloads.notebooks = list("sagemaker");
                workloads.app_runner_services = list("apprunner");
                workloads.code_interpreters = list("bedrock-agentcore");
                workloads.state_machines = list("states");
            })
        };
        account("there", ADMIN).becomes_administrator_by(&[method]);
        account("there", &allow("logs:PutLogEvents on *")).has_no_way();
        account("gone", ADMIN).has_no_way();
        assert!(account("unread", ADMIN).way().is_err(), "{method}");
    }
}

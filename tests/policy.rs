//! The IAM policies that `aws-audit policy` prints: IAM takes them, in every form, and a scan needs no more.

mod support;

use std::{
    collections::BTreeSet,
    process::{Command, Stdio},
};

use aws_audit_testbed::python;
use serde_json::Value;
use support::{Bed, Run, program, run};

/// Characters of a managed policy at most, without white space (IAM User Guide, "IAM and AWS STS quotas").
const MOST_CHARACTERS: usize = 6144;

fn printed(format: &str) -> String {
    let run = run(program(&["policy", "--format", format]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

/// The documents by name.
fn documents() -> serde_json::Map<String, Value> {
    serde_json::from_str(&printed("json")).unwrap()
}

fn actions(documents: &serde_json::Map<String, Value>) -> BTreeSet<String> {
    let actions =
        documents.values().flat_map(|document| document["Statement"][0]["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_document_fits() {
    let documents = documents();
    assert!(documents.len() > 1);
    for (name, document) in &documents {
        let characters = document.to_string().chars().filter(|c| !c.is_whitespace()).count();
        assert!(characters <= MOST_CHARACTERS, "{name}: {characters}");
    }
}

/// The AWS CLI of the testbed, in the account.
fn cli(bed: &Bed, mut command: Command) -> Run {
    let bin = python().unwrap().parent().unwrap().to_owned();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    command.envs(bed.account.environment(bed.proxy.url())).env("PATH", path).stdin(Stdio::null());
    run(command)
}

fn aws(bed: &Bed, arguments: &[&str]) -> Value {
    let mut command = Command::new("aws");
    command.args(arguments).args(["--output", "json"]);
    // The program is looked for in the PATH of the child.
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec aws \"$@\"", "aws"]).args(command.get_args());
    let run = cli(bed, shell);
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap_or(Value::Null)
}

/// The documents of the policies that the role has, by name.
fn of_role(bed: &Bed) -> serde_json::Map<String, Value> {
    let attached = aws(bed, &["iam", "list-attached-role-policies", "--role-name", "aws-audit"]);
    let mut documents = serde_json::Map::new();
    for policy in attached["AttachedPolicies"].as_array().unwrap() {
        let arn = policy["PolicyArn"].as_str().unwrap();
        let version = aws(bed, &["iam", "get-policy-version", "--policy-arn", arn, "--version-id", "v1"]);
        documents.insert(
            policy["PolicyName"].as_str().unwrap().to_owned(),
            version["PolicyVersion"]["Document"].clone(),
        );
    }
    documents
}

#[test]
fn the_commands_create_a_role_with_all_of_them() {
    let bed = Bed::new("good");
    let mut shell = Command::new("sh");
    shell.args(["-c", &printed("cli")]);
    let run = cli(&bed, shell);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(of_role(&bed), documents());
    let role = aws(&bed, &["iam", "get-role", "--role-name", "aws-audit"]);
    let trusted = &role["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"];
    assert_eq!(*trusted, format!("arn:aws:iam::{}:root", bed.account.id).as_str());
}

#[test]
fn the_template_creates_a_role_with_all_of_them() {
    let bed = Bed::new("demo");
    let template = printed("cloudformation");
    aws(
        &bed,
        &[
            "cloudformation",
            "create-stack",
            "--stack-name",
            "aws-audit",
            "--capabilities",
            "CAPABILITY_NAMED_IAM",
            "--template-body",
            &template,
        ],
    );
    assert_eq!(actions(&of_role(&bed)), actions(&documents()));
}

/// The demo's answers, given only to who has the printed permissions.
#[test]
fn a_scan_needs_nothing_else() {
    aws_audit::runtime().unwrap().block_on(needs_nothing_else());
}

async fn needs_nothing_else() {
    let allowed = actions(&documents());
    assert_eq!(denied(&allowed).await, Vec::<String>::new());
    let mut fewer = allowed.clone();
    fewer.remove("sns:GetTopicAttributes");
    assert_eq!(denied(&fewer).await, ["sns:GetTopicAttributes"], "the endpoint enforces what is allowed");
}

/// Operations that the scan of the demo is refused, where these actions are allowed.
async fn denied(allowed: &BTreeSet<String>) -> Vec<String> {
    use aws_audit::demo;
    use aws_audit_checks::{
        gap::GapKind,
        source::{self, Source},
    };

    let mut recording = demo::recording().unwrap();
    let operations: Vec<_> = source::operations().collect();
    for exchange in &mut recording.exchanges {
        let asked =
            operations.iter().find(|it| it.prefix == exchange.service && it.name == exchange.operation);
        let asked = asked
            .unwrap_or_else(|| panic!("{}:{} is not in the table", exchange.service, exchange.operation));
        // GetCallerIdentity needs no permission (AWS STS API reference).
        if asked.name == "GetCallerIdentity" || asked.actions.iter().all(|action| allowed.contains(*action)) {
            continue;
        }
        exchange.status = 403;
        exchange.body = if exchange.body.trim_start().starts_with('{') {
            r#"{"__type": "AccessDeniedException", "message": "no"}"#.to_owned()
        } else {
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
                .to_owned()
        };
    }
    let scan = tokio::spawn(recording.collect(Source::all().collect()));
    let gaps = scan.await.unwrap().unwrap().snapshot.gaps;
    let refused = gaps.into_iter().filter(|gap| gap.kind == GapKind::AccessDenied);
    refused.map(|gap| gap.operation).collect::<BTreeSet<_>>().into_iter().collect()
}

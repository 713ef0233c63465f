//! Answers made from AWS's own service models (`testbed/python/models.py`), one round for each kind of them: the
//! program never crashes, no item of a list is lost without a gap, and a value that no model lists is never
//! taken for a good one.
//!
//! `AWS_AUDIT_MODEL_SEEDS=7,8,9` runs other seeds, and more of them.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use aws_audit_checks::source::{self, organization};
use aws_audit_testbed::{Behaviour, Overlay, Proxy};
use serde_json::Value;

use support::{findings, program};

/// What is run without `AWS_AUDIT_MODEL_SEEDS`.
const SEED: u64 = 20_261_128;
/// The kinds of answers that are not compared with others.
const KINDS: [&str; 6] = ["required", "full", "empty", "null", "times", "mixed"];
/// How many values of each enumeration are tried before the value that is none of them.
const VARIANTS: usize = 4;

/// The marks of the items of a round: by operation and list, none for an item without a text.
type Marks = BTreeMap<String, BTreeMap<String, Vec<Option<String>>>>;

/// A script of `testbed/python/` that is given the table of operations.
fn script(name: &str, arguments: impl IntoIterator<Item = PathBuf>) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("testbed/python").join(name);
    let mut running = Command::new(aws_audit_testbed::python().unwrap())
        .arg(script)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let operations = source::operations().chain(organization::OPERATIONS.iter().copied());
    let operations: String =
        operations.map(|it| format!("{}\t{}\t{}\n", it.service, it.prefix, it.name)).collect();
    running.stdin.take().unwrap().write_all(operations.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What is under a directory of sources.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] });
    found.collect()
}

#[test]
fn every_field_that_is_named_is_in_its_service_s_model() {
    script("fields.py", sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect")));
}

fn seeds() -> Vec<u64> {
    match std::env::var("AWS_AUDIT_MODEL_SEEDS") {
        Ok(seeds) => seeds.split(',').map(|seed| seed.trim().parse().expect("a number")).collect(),
        Err(_) => vec![SEED],
    }
}

/// Writes the overlays of these rounds.
fn make(rounds: &[String], to: &Path) -> BTreeMap<String, Marks> {
    let to = ["--to".into(), to.to_owned()];
    let output = script("models.py", to.into_iter().chain(rounds.iter().map(PathBuf::from)));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A scan of an account that answers like this: its snapshot and its report.
fn scan(round: &str, directory: &Path) -> (Value, Value) {
    let overlay = Overlay::Directory(directory.join(round));
    let proxy = Proxy::start(None, Behaviour { overlay, ..Behaviour::default() }).unwrap();
    let saved = directory.join(format!("{round}.json"));
    let mut command = program(&["scan", "--format", "json", "--include-passed", "--regions", "us-east-1"]);
    command.args(["--api-budget", "100%", "--save-snapshot"]).arg(&saved);
    command.env("AWS_ENDPOINT_URL", proxy.url()).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "testing");
    let output = command.output().unwrap();
    // A signal (an abort on a full stack, say) has no code.
    let stderr = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 1 | 3)), "{round}: {}: {stderr}", output.status);
    assert!(!stderr.contains("panicked") && !stderr.contains("internal error"), "{round}: {stderr}");
    assert_eq!(proxy.unanswered(), BTreeSet::new(), "{round}: answers are missing");
    let report = support::Run::of(output).report();
    (serde_json::from_str(&std::fs::read_to_string(saved).unwrap()).unwrap(), report)
}

#[test]
fn nothing_is_lost_without_a_gap() {
    let seeds = seeds();
    let rounds: Vec<_> =
        seeds.iter().flat_map(|seed| KINDS.iter().map(move |kind| format!("{kind}-{seed}"))).collect();
    let directory = tempfile::tempdir().unwrap();
    let marks = make(&rounds, directory.path());
    let mut wrong = Vec::new();
    for (round, marks) in &marks {
        let (snapshot, _) = scan(round, directory.path());
        wrong.extend(lost(&snapshot, marks).into_iter().map(|lost| format!("{round}: {lost}")));
    }
    assert!(wrong.is_empty(), "{} (seeds {seeds:?}):\n{}", wrong.len(), wrong.join("\n"));
}

/// Items of answers that are neither in the snapshot nor behind a gap.
fn lost(snapshot: &Value, marks: &Marks) -> Vec<String> {
    let mut gaps: BTreeMap<&str, usize> = BTreeMap::new();
    for gap in snapshot["gaps"].as_array().unwrap() {
        *gaps.entry(gap["operation"].as_str().unwrap()).or_default() += 1;
    }
    let asked = snapshot["calls"]["by_operation"].as_object().unwrap();
    let kept = snapshot.to_string();
    let mut lost = Vec::new();
    for (operation, lists) in marks.iter().filter(|(operation, _)| asked.contains_key(*operation)) {
        for (list, items) in lists {
            // What one resource is described with is not a list of things to judge.
            let deeper = list.matches('.').count() > 1 && operation != "cloudfront:ListDistributions";
            if deeper || DROPPED.iter().any(|(of, dropped)| of == operation && dropped == list) {
                continue;
            }
            let gone = items.iter().filter(|mark| !mark.as_ref().is_some_and(|mark| kept.contains(mark)));
            let count = gone.count();
            if count > 0 && !gaps.contains_key(operation.as_str()) {
                lost.push(format!("{operation}{list}: {count} of {} items", items.len()));
            }
        }
    }
    lost
}

/// Lists whose items are read, and not kept by their texts, or not read at all.
const DROPPED: &[(&str, &str)] = &[
    // Kept as flags, numbers or values of enumerations.
    ("cloudtrail:GetEventSelectors", ".EventSelectors"),
    ("cloudtrail:GetInsightSelectors", ".InsightSelectors"),
    ("config:DescribeComplianceByConfigRule", ".ComplianceByConfigRules"),
    ("config:DescribeConfigurationRecorderStatus", ".ConfigurationRecordersStatus"),
    ("ec2:DescribeVpcEndpointServices", ".ServiceDetails"),
    ("ec2:GetManagedPrefixListEntries", ".Entries"),
    ("elasticloadbalancing:DescribeLoadBalancerAttributes", ".Attributes"),
    ("elasticloadbalancing:DescribeTargetGroupAttributes", ".Attributes"),
    ("guardduty:GetDetector", ".Features"),
    ("guardduty:ListFindings", ".FindingIds"),
    ("iam:ListOrganizationsFeatures", ".EnabledFeatures"),
    ("inspector2:BatchGetAccountStatus", ".accounts"),
    ("lambda:ListFunctionUrlConfigs", ".FunctionUrlConfigs"),
    ("rds:DescribeDBClusterParameters", ".Parameters"),
    ("rds:DescribeDBParameters", ".Parameters"),
    ("ssm-contacts:ListContactChannels", ".ContactChannels"),
    // Asked about next, and kept under what is answered then.
    ("apprunner:ListServices", ".ServiceSummaryList"),
    ("bedrock-agentcore:ListCodeInterpreters", ".codeInterpreterSummaries"),
    ("codebuild:ListProjects", ".projects"),
    ("ecs:ListClusters", ".clusterArns"),
    ("ecs:ListServices", ".serviceArns"),
    ("eks:ListPodIdentityAssociations", ".associations"),
    ("es:ListDomainNames", ".DomainNames"),
    ("sagemaker:ListNotebookInstances", ".NotebookInstances"),
    ("states:ListStateMachines", ".stateMachines"),
    // Only stack sets with roles of the account, the newest image, the first alias, the findings, standards and memberships that are active, and what
    // belongs to another of the answers.
    ("access-analyzer:ListFindings", ".findings"),
    ("apigatewayv2:GetIntegrations", ".Items"),
    ("cloudformation:ListStackSets", ".Summaries"),
    ("detective:ListInvitations", ".Invitations"),
    ("ecr:DescribeImages", ".imageDetails"),
    ("iam:ListAccountAliases", ".AccountAliases"),
    ("kms:ListAliases", ".Aliases"),
    ("logs:DescribeDeliveries", ".deliveries"),
    ("logs:DescribeDeliverySources", ".deliverySources"),
    ("security-ir:ListMemberships", ".items"),
    ("securityhub:GetEnabledStandards", ".StandardsSubscriptions"),
    // Not read.
    ("codebuild:BatchGetProjects", ".projectsNotFound"),
    ("cognito-identity:DescribeIdentityPool", ".OpenIdConnectProviderARNs"),
    ("cognito-identity:DescribeIdentityPool", ".SamlProviderARNs"),
    ("ec2:DescribeInstanceAttribute", ".BlockDeviceMappings"),
    ("ec2:DescribeVpcEndpointServices", ".ServiceNames"),
    ("ecs:DescribeClusters", ".failures"),
    ("ecs:DescribeServices", ".failures"),
    ("iam:GetOpenIDConnectProvider", ".Tags"),
    ("iam:GetOpenIDConnectProvider", ".ThumbprintList"),
    ("inspector2:BatchGetAccountStatus", ".failedAccounts"),
    ("redshift:DescribeLoggingStatus", ".LogExports"),
    ("sagemaker:DescribeNotebookInstance", ".AcceleratorTypes"),
    ("sagemaker:DescribeNotebookInstance", ".AdditionalCodeRepositories"),
    ("sagemaker:DescribeNotebookInstance", ".SecurityGroups"),
    ("ssm-incidents:GetResponsePlan", ".actions"),
    ("ssm-incidents:GetResponsePlan", ".integrations"),
    ("ssm:DescribeDocumentPermission", ".AccountSharingInfoList"),
    ("states:DescribeStateMachine", ".variableReferences"),
    ("wafv2:DescribeManagedRuleGroup", ".AvailableLabels"),
    ("wafv2:DescribeManagedRuleGroup", ".ConsumedLabels"),
];

#[test]
fn no_unknown_value_is_taken_for_a_good_one() {
    let seeds = seeds();
    let names = |seed: u64| {
        let known = (0..VARIANTS).map(move |variant| format!("known-{seed}-{variant}"));
        known.chain([format!("unknown-{seed}")])
    };
    let directory = tempfile::tempdir().unwrap();
    make(&seeds.iter().flat_map(|seed| names(*seed)).collect::<Vec<_>>(), directory.path());
    let mut wrong = BTreeSet::new();
    for seed in &seeds {
        let mut reports: Vec<_> = names(*seed).map(|round| scan(&round, directory.path()).1).collect();
        let unknown = reports.pop().unwrap();
        for finding in findings(&unknown).filter(|finding| finding["status"] == "pass") {
            // All else is the same: where one of the values fails, the check rests on it.
            let same = |other: &&Value| other["id"] == finding["id"] && other["status"] == "fail";
            let fails = reports.iter().flat_map(findings).find(same);
            if let Some(fails) = fails {
                let message = &fails["message"];
                wrong.insert(format!("seed {seed}: {} passes, and elsewhere: {message}", finding["check"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), Vec::from_iter(wrong).join("\n"));
}

/// A region in which everything is empty but what AWS's documentation shows (`testbed/documented/`), and an item
/// that lacks its name.
#[test]
fn an_item_without_its_name_is_a_gap_and_the_others_are_judged() {
    let directory = tempfile::tempdir().unwrap();
    let round = format!("empty-{SEED}");
    make(std::slice::from_ref(&round), directory.path());
    let documented = concat!(env!("CARGO_MANIFEST_DIR"), "/testbed/documented/default");
    for file in std::fs::read_dir(documented).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), directory.path().join(&round).join("default").join(file.file_name()))
            .unwrap();
    }
    let (snapshot, report) = scan(&round, directory.path());
    let region = &snapshot["regions"]["us-east-1"];

    let instances = &region["rds"]["instances"]["part"];
    let arns: Vec<_> = instances["value"].as_array().unwrap().iter().map(|it| &it["arn"]).collect();
    let arn = |id| format!("arn:aws:rds:us-east-1:111122223333:db:{id}");
    assert_eq!(arns, [&Value::from(arn("before-arns")), &Value::from(arn("whole"))]);
    let gaps = report["gaps"].as_array().unwrap();
    let nameless = gaps.iter().find(|gap| gap["operation"] == "rds:DescribeDBInstances").unwrap();
    assert_eq!(nameless["message"], "item 3 lacks DBInstanceIdentifier");
    assert_eq!(nameless["resource"], arn("nameless"));
    let statuses = |check: &str| -> BTreeSet<_> {
        let of_check = findings(&report).filter(|finding| finding["check"] == check);
        of_check.map(|it| (it["status"].to_string(), it["resource"]["id"].to_string())).collect()
    };
    let told = |status: &str, id: &str| (format!("\"{status}\""), format!("\"{id}\""));
    let encryption = statuses("rds-instance-encryption");
    assert!(encryption.contains(&told("fail", "before-arns")), "{encryption:?}");
    assert!(encryption.contains(&told("pass", "whole")), "{encryption:?}");
    assert!(encryption.iter().any(|(status, _)| status == "\"unknown\""), "{encryption:?}");

    let balancers = region["elb"]["load_balancers"]["value"].as_array().unwrap();
    let schemes: Vec<_> = balancers.iter().map(|it| (it["name"].as_str(), it["scheme"].as_str())).collect();
    assert_eq!(schemes, [(Some("site"), Some("internet-facing")), (Some("inspection"), Some("internal"))]);

    let tables = region["ec2"]["route_tables"]["value"].as_array().unwrap();
    assert_eq!(tables[0]["routes"].as_array().unwrap().len(), 3);
    assert_eq!(tables[0]["subnets"], serde_json::json!([]));
}

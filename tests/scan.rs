//! The real binary on seeded accounts: what it finds, what it calls, and what it does when AWS does not
//! answer as it should.

mod support;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::Stdio,
    time::{Duration, Instant},
};

use aws_audit_checks::{registry, source, wording};
use aws_audit_testbed::{Fault, Rule};
use serde_json::Value;
use support::{Bed, Run, checks, failing, findings, lasting, validate};

/// Checks that can only judge what another check tells: an administrator's MFA, an analyzer's finding.
const ONLY_BESIDE_OTHERS: [&str; 3] = ["access-analyzer-findings", "iam-admin-mfa", "iam-user-hardware-mfa"];

/// Regions that the good account has set up.
const REGIONS: [&str; 2] = ["--regions", "us-east-1,eu-west-1"];

#[test]
fn nothing_is_told_of_a_good_account() {
    let run = Bed::new("good").scan(&[&REGIONS[..], &["--include-passed"]].concat());
    let report = run.report();
    assert_eq!(report["gaps"], Value::Array(vec![]));
    let told: Vec<_> = findings(&report).filter(|finding| finding["status"] != "pass").collect();
    assert!(told.is_empty(), "{told:#?}");
    assert_eq!(run.code, 0);
    assert_eq!(report["score"]["overall"], 100.0);
    // The account has something for every check, or its near misses would prove nothing.
    let passed = checks(&report, "pass");
    for entry in registry::all().filter(|entry| entry.runs_by_default) {
        let id = entry.check.id;
        let judged = passed.contains(id);
        assert_eq!(judged, !ONLY_BESIDE_OTHERS.contains(&id), "{id} in the good account");
    }
}

#[test]
fn administrators_are_judged_by_their_mfa() {
    let run = Bed::new("bad").scan(&["--include-passed", "--checks", "iam-admin-mfa,iam-user-hardware-mfa"]);
    let report = run.report();
    let of = |check: &str, user: &str| {
        let mut about = findings(&report).filter(|f| f["check"] == check && f["resource"]["id"] == user);
        about.next().map(|finding| finding["status"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(of("iam-admin-mfa", "alice").as_deref(), Some("fail"));
    assert_eq!(of("iam-admin-mfa", "carol").as_deref(), Some("pass"));
    assert_eq!(of("iam-user-hardware-mfa", "carol").as_deref(), Some("fail"));
    // Found by way of a role and of a function that has another.
    assert_eq!(of("iam-admin-mfa", "dave").as_deref(), Some("pass"));
}

/// Attack paths that the bad account does not have: unit tests alone prove them.
const PATHS_OF_NO_ACCOUNT: [&str; 13] = [
    "path-blind",
    "path-build",
    "path-cdn-bypass",
    "path-external-account-admin",
    "path-imdsv1-ssrf",
    "path-internet-compute-data",
    "path-lateral-db",
    "path-leaked-key-admin",
    "path-leaked-key-data",
    "path-oidc-admin",
    "path-public-bucket-secret",
    "path-public-function-data",
    "path-user-no-mfa-admin",
];

#[test]
fn every_check_finds_what_is_wrong_in_a_bad_account() {
    let bed = Bed::new("bad");
    let run = bed.scan(&["--checks", "*"]);
    let report = run.report();
    assert_eq!(run.code, 1);
    assert_eq!(report["gaps"], Value::Array(vec![]));
    assert_eq!(report["regions"].as_array().unwrap().len(), 17, "all enabled regions are scanned");
    let mut failed = checks(&report, "fail");
    // Root cannot be without MFA and have a virtual device at once, nor people be users of IAM where there are permission
    // sets.
    let excluded = "iam-root-hardware-mfa,organization-permission-set-*";
    let virtual_root = Bed::new("virtual-root").scan(&["--checks", excluded]).report();
    assert_eq!(virtual_root["gaps"], Value::Array(vec![]));
    let of_virtual_root = checks(&virtual_root, "fail");
    assert!(failed.is_disjoint(&of_virtual_root), "{of_virtual_root:?}");
    failed.extend(of_virtual_root);
    let silent: Vec<_> =
        registry::all().map(|entry| entry.check.id).filter(|id| !failed.contains(*id)).collect();
    assert_eq!(silent, PATHS_OF_NO_ACCOUNT, "checks that find nothing in the bad account");
    // A Network Load Balancer without groups leaves it to the target's own, whatever port it listens on.
    let reached = findings(&report).filter(|finding| finding["check"] == "ec2-instance-internet-reachable");
    let ways = reached.flat_map(|finding| finding["evidence"]["ways"].as_array().unwrap());
    let hidden: Vec<_> = ways.filter(|way| way["through"] == "hidden").collect();
    assert_eq!((&hidden[0]["ports"], &hidden[0]["target_port"]), (&serde_json::json!([80, 80]), &22.into()));
    // Everything that was sent is in the table of read operations.
    let table: Vec<String> = source::operations().map(|o| o.id.to_owned()).collect();
    for operation in bed.proxy.operations() {
        assert!(table.contains(&operation), "{operation} was called and is not in the table");
    }
}

#[test]
fn an_empty_account_has_only_what_every_account_has() {
    let run = Bed::new("empty").scan(&["--checks", "iam-*,s3-*,rds-*"]);
    let report = run.report();
    assert_eq!(run.code, 1);
    for finding in findings(&report) {
        assert_eq!(finding["resource"]["type"], "AWS::::Account", "{finding:#?}");
    }
}

#[test]
fn two_scans_are_the_same() {
    let bed = Bed::new("bad");
    let [first, second] = [(); 2].map(|()| bed.scan(&[]).report());
    assert_eq!(lasting(first), lasting(second));
}

#[test]
fn a_snapshot_is_judged_like_the_account() {
    let bed = Bed::new("bad");
    let directory = tempfile::tempdir().unwrap();
    let scanned = lasting(bed.scan(&REGIONS).report());
    for name in ["account.json", "account.json.zst"] {
        let file = directory.path().join(name);
        let path = file.to_str().unwrap();
        let collected = bed.run(&[&["collect", "--output", path], &REGIONS[..]].concat());
        assert_eq!(collected.code, 0, "{}", collected.stderr);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let mut evaluated = lasting(bed.run(&["evaluate", path, "--format", "json"]).report());
        // Collecting takes everything, scanning what the checks read: only the snapshot's gaps may differ.
        evaluated["gaps"] = scanned["gaps"].clone();
        assert_eq!(evaluated, scanned, "{name}");
    }
}

#[test]
fn only_what_the_checks_read_is_called() {
    let bed = Bed::new("bad");
    bed.scan(&["--checks", "ebs-default-encryption"]).report();
    let expected = [
        "ec2:DescribeRegions",
        "ec2:GetEbsEncryptionByDefault",
        "iam:ListAccountAliases",
        "sts:GetCallerIdentity",
    ];
    assert_eq!(bed.proxy.operations(), expected.map(str::to_owned).into());
    assert_eq!(bed.proxy.count("ec2", "GetEbsEncryptionByDefault"), 17);
}

#[test]
fn throttles_cost_time_and_nothing_else() {
    let bed = Bed::new("bad");
    let calm = lasting(bed.scan(&REGIONS).report());
    bed.proxy.set_rules([Rule::throttle("*", 1)]);
    let run = bed.scan(&REGIONS);
    let report = run.report();
    assert!(report["calls"]["throttled"].as_u64().unwrap() > 0);
    assert_eq!(lasting(report), calm);
}

#[test]
fn passing_faults_are_tried_again() {
    let bed = Bed::new("bad");
    let calm = lasting(bed.scan(&REGIONS).report());
    for fault in [Fault::ServerError, Fault::Reset, Fault::Truncate] {
        bed.proxy.set_rules([Rule::new("ec2:DescribeSecurityGroups", fault).times(1)]);
        let report = bed.scan(&REGIONS).report();
        assert!(report["calls"]["retried"].as_u64().unwrap() > 0);
        assert_eq!(lasting(report), calm);
    }
}

#[test]
fn lasting_faults_are_gaps() {
    for (fault, kind) in [
        (Fault::ServerError, "server_error"),
        (Fault::Reset, "unreachable"),
        (Fault::Garbage, "unreadable_answer"),
    ] {
        let bed = Bed::with_rules("bad", [Rule::new("ec2:DescribeSecurityGroups", fault)]);
        let run = bed.scan(&["--checks", "ec2-sg-*,s3-bucket-versioning", "--regions", "us-east-1"]);
        let report = run.report();
        assert_eq!(report["gaps"][0]["kind"], kind);
        assert_eq!(report["gaps"][0]["operation"], "ec2:DescribeSecurityGroups");
        let checks = report["gaps"][0]["checks"].as_array().unwrap();
        assert!(checks.contains(&"ec2-sg-open-ssh".into()), "{checks:?}");
        for finding in findings(&report).filter(|finding| finding["check"] == "ec2-sg-open-ssh") {
            assert_eq!(finding["status"], "unknown");
        }
        assert!(!failing(&report, "s3-bucket-versioning").is_empty(), "the rest is judged as ever");
    }
}

#[test]
fn a_denied_region_is_told_with_the_action_to_add() {
    let bed = Bed::with_rules("good", [Rule::deny("*").region("eu-west-1")]);
    let run = bed.scan(&REGIONS);
    let report = run.report();
    assert_eq!(run.code, 3, "incomplete, and nothing wrong with the rest");
    let gap =
        report["gaps"].as_array().unwrap().iter().find(|gap| gap["operation"] == "ec2:DescribeVpcs").unwrap();
    assert_eq!((&gap["kind"], &gap["region"]), (&"access_denied".into(), &"eu-west-1".into()));
    assert_eq!(gap["actions"], serde_json::json!(["ec2:DescribeVpcs"]));
    assert!(report["regions"].as_array().unwrap().contains(&"eu-west-1".into()), "no region is left out");
}

#[test]
fn a_hanging_region_costs_seconds() {
    let bed = Bed::with_rules("good", [Rule::new("*", Fault::Hang).region("eu-west-1")]);
    let began = Instant::now();
    let run = bed.scan(&[&REGIONS[..], &["--timeout", "10s"]].concat());
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    let report = run.report();
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("time limit"), "{}", run.stderr);
    let passed = report["score"]["controls"].as_array().unwrap().iter().map(|c| c["pass"].as_u64().unwrap());
    assert!(passed.sum::<u64>() > 0, "the other region is judged");
    // Permission sets are asked for when all regions are done: the limit is over by then.
    let is_late = |gap: &Value| gap["operation"].as_str().unwrap().starts_with("sso:");
    let gaps = report["gaps"].as_array().unwrap().iter();
    assert!(gaps.filter(|gap| !is_late(gap)).all(|gap| gap["region"] == "eu-west-1"));
}

#[test]
fn refused_credentials_exit_with_4() {
    for fault in [Fault::UnrecognizedCredentials, Fault::ExpiredCredentials] {
        let bed = Bed::with_rules("good", [Rule::new("*", fault)]);
        let run = bed.scan(&[]);
        assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{}", run.stderr);
        assert!(run.stderr.contains("aws sts get-caller-identity"), "{}", run.stderr);
    }
}

#[test]
fn credentials_that_expire_under_way_leave_what_was_read() {
    let bed = Bed::with_rules("bad", [Rule::new("ec2:*", Fault::ExpiredCredentials).region("eu-west-1")]);
    let run = bed.scan(&["--regions", "us-east-1,eu-west-1"]);
    let report = run.report();
    assert!(run.stderr.contains("credentials expired"), "{}", run.stderr);
    assert!(report["gaps"].as_array().unwrap().iter().any(|gap| gap["kind"] == "invalid_credentials"));
}

/// Until the hanging calls are all that is left of a scan that began after so many calls: no new call for a while.
fn wait_until_only_hanging_calls_are_left(bed: &Bed, before: u64) {
    let (mut calls, mut since) = (before, Instant::now());
    let hangs = || bed.proxy.calls().keys().any(|call| call.region == "eu-west-1");
    while calls == before || !hangs() || since.elapsed() < Duration::from_secs(3) {
        if bed.proxy.total() != calls {
            (calls, since) = (bed.proxy.total(), Instant::now());
        }
        assert!(since.elapsed() < Duration::from_secs(60), "the scan calls nothing");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn signal(child: &std::process::Child, name: &str) {
    let kill = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
}

#[test]
fn ctrl_c_and_sigterm_end_the_scan_with_what_it_has() {
    let bed = Bed::with_rules("bad", [Rule::new("*", Fault::Hang).region("eu-west-1")]);
    let scan = ["scan", "--format", "json", "--checks", "iam-policy-full-admin,ec2-sg-*"];
    for name in ["-INT", "-TERM"] {
        let before = bed.proxy.total();
        let mut command = bed.command(&[&scan[..], &["--regions", "us-east-1,eu-west-1"]].concat());
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        wait_until_only_hanging_calls_are_left(&bed, before);
        signal(&child, name);
        let run = Run::of(child.wait_with_output().unwrap());
        let report = run.report();
        assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
        assert!(report["gaps"].as_array().unwrap().iter().any(|gap| gap["kind"] == "interrupted"));
        assert!(!failing(&report, "iam-policy-full-admin").is_empty(), "what was read is judged");
    }
}

#[test]
fn the_second_ctrl_c_ends_the_program() {
    let bed = Bed::with_rules("bad", [Rule::new("*", Fault::Hang).region("eu-west-1")]);
    let directory = tempfile::tempdir().unwrap();
    let (pipe, snapshot) = (directory.path().join("pipe"), directory.path().join("account.json"));
    // Nobody reads it, so that the program waits there after the first.
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let scan = ["scan", "--checks", "ec2-sg-*", "--regions", "us-east-1,eu-west-1"];
    let files = ["--output", pipe.to_str().unwrap(), "--save-snapshot", snapshot.to_str().unwrap()];
    let mut command = bed.command(&[&scan[..], &files].concat());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until_only_hanging_calls_are_left(&bed, 0);
    signal(&child, "-INT");
    while !snapshot.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(&child, "-INT");
    assert_eq!(Run::of(child.wait_with_output().unwrap()).code, 130);
    let names: Vec<_> = fs::read_dir(&directory).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing half-written stays: {names:?}");
}

#[test]
fn no_secret_leaves_the_collector() {
    let bed = Bed::new("bad");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("account.json");
    let run = bed.scan(&["--verbose", "--include-passed", "--save-snapshot", file.to_str().unwrap()]);
    let credentials = &bed.account.credentials;
    for secret in [&credentials.secret_access_key, &credentials.session_token] {
        for text in [&run.stdout, &run.stderr, &fs::read_to_string(&file).unwrap()] {
            assert!(!text.contains(secret.as_str()));
        }
    }
    assert!(run.stderr.contains("ec2:DescribeVpcs in eu-west-1"), "verbose tells of each call");
    // What the bad account keeps in variables, user data, templates and build settings.
    let seeds = include_str!("../testbed/accounts/bad.sh");
    let table = bed.scan(&["--format", "table"]).stdout;
    let snapshot = fs::read_to_string(&file).unwrap();
    let canaries = ["Tr0ub4dor", "Wh1te-Rabbit-8", "Gr33n-Lantern-42", "Purpl3-Horse-51"];
    for canary in canaries {
        assert!(seeds.contains(canary), "{canary} is seeded");
        for text in [&run.stdout, &run.stderr, &snapshot, &table] {
            assert!(!text.contains(canary), "{canary} came out");
        }
    }
    let report = run.report();
    for check in ["lambda-env-secret", "ec2-user-data-secret", "ecs-task-env-secret", "codebuild-env-secret"]
    {
        assert!(!failing(&report, check).is_empty(), "{check} found none of them");
    }
}

#[test]
fn messages_read_well_in_both_languages() {
    let bed = Bed::new("bad");
    let directory = tempfile::tempdir().unwrap();
    let snapshot = directory.path().join("snapshot.json");
    let snapshot = snapshot.to_str().unwrap();
    let english = bed.scan(&["--checks", "*", "--save-snapshot", snapshot]).report();
    let arguments = ["evaluate", snapshot, "--checks", "*", "--format", "json", "--lang", "ja"];
    let japanese = bed.run(&arguments).report();
    let failing = |report| checks(report, "fail").len();
    assert_eq!(failing(&english), failing(&japanese));
    for finding in [&english, &japanese].into_iter().flat_map(findings) {
        for text in [&finding["title"], &finding["message"], &finding["fix"]["summary"]] {
            // What could not be judged has no fix.
            let Some(text) = text.as_str() else { continue };
            assert_eq!(wording::faults(text), [""; 0], "{}: {text}", finding["check"]);
        }
    }
}

#[test]
fn a_function_costs_two_calls_at_most_and_none_that_no_check_needs() {
    let bed = Bed::new("bad");
    let regions = ["--regions", "us-east-1,eu-west-1"];
    let questions = |bed: &Bed| {
        bed.proxy.count("lambda", "GetPolicy") + bed.proxy.count("lambda", "ListFunctionUrlConfigs")
    };
    bed.scan(&[&regions[..], &["--checks", "lambda-env-secret,lambda-runtime-deprecated"]].concat());
    assert_eq!(questions(&bed), 0);
    let run = bed.scan(&[&regions[..], &["--checks", "lambda-public", "--include-passed"]].concat());
    let functions = findings(&run.report()).count() as u64;
    assert!(functions > 0 && questions(&bed) == 2 * functions, "{functions} functions");
}

#[test]
fn a_service_that_is_off_costs_one_call() {
    let bed = Bed::new("empty");
    let checks = "guardduty-*,securityhub-*,macie-*,inspector-*,detective-*";
    bed.scan(&["--regions", "eu-west-1", "--checks", checks]).report();
    for (service, expected) in
        [("guardduty", 1), ("securityhub", 1), ("macie2", 1), ("inspector2", 1), ("detective", 0)]
    {
        let calls = bed.proxy.calls();
        let of_service = calls.iter().filter(|(call, _)| call.service == service);
        assert_eq!(of_service.map(|(_, count)| count).sum::<u64>(), expected, "{service}: {calls:?}");
    }
}

#[test]
fn files_are_for_the_owner_and_formats_follow_their_names() {
    let bed = Bed::new("bad");
    let directory = tempfile::tempdir().unwrap();
    let (json, text) = (directory.path().join("report.json"), directory.path().join("report.txt"));
    let arguments = [
        "scan",
        "--regions",
        "us-east-1",
        "--output",
        json.to_str().unwrap(),
        "--output",
        text.to_str().unwrap(),
    ];
    let run = bed.run(&arguments);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    for file in [&json, &text] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    validate(&serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap());
    let table = fs::read_to_string(text).unwrap();
    assert!(table.contains(&bed.account.id));
    assert!(!table.contains('\u{1b}'), "no colour in a file, and hostile names are escaped");
}

#[test]
fn the_exit_code_follows_fail_on() {
    let bed = Bed::new("bad");
    let code = |arguments: &[&str]| {
        bed.scan(&[&["--checks", "ebs-default-encryption", "--regions", "us-east-1"], arguments].concat())
            .code
    };
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&["--fail-on", "medium"]), 1);
    assert_eq!(code(&["--fail-on", "high"]), 0);
    assert_eq!(code(&["--fail-on", "never"]), 0);
    assert_eq!(code(&["--min-severity", "high"]), 1, "what is not listed still fails");
}

#[test]
fn what_runs_with_a_role_opens_ways_whatever_its_service_speaks() {
    let report = Bed::new("bad")
        .scan(&["--regions", "us-east-1", "--include-passed", "--checks", "iam-policy-privilege-escalation"])
        .report();
    for (role, method) in [
        ("may-change-jobs", Some("glue-005")),
        ("may-open-notebooks", Some("sagemaker-004")),
        ("may-change-services", Some("apprunner-002")),
        ("may-run-code", Some("bedrock-002")),
        ("may-change-workflows", Some("stepfunctions-002")),
        ("may-run-tasks", Some("ecs-004")),
        ("may-describe-jobs", None),
    ] {
        let finding = findings(&report).find(|f| f["resource"]["id"] == role).expect("the role is judged");
        assert_eq!(finding["evidence"]["methods"][0].as_str(), method, "{finding:#}");
    }
}

#[test]
fn the_article_s_own_examples_are_found() {
    let report = Bed::new("bad").scan(&["--regions", "us-east-1"]).report();
    let fails = |check: &str, told: fn(&Value) -> bool| {
        findings(&report).any(|f| f["check"] == check && f["status"] == "fail" && told(f))
    };
    assert!(fails("iam-policy-full-admin", |f| f["resource"]["id"] == "allow-everything"));
    assert!(fails("ec2-sg-open-ssh", |f| f["resource"]["name"] == "ssh"));
    assert!(fails("ec2-nacl-open-all", |f| f["evidence"]["is_default"] == false));
    assert!(
        fails("vpc-endpoint-full-access", |f| f["evidence"]["service"] == "com.amazonaws.us-east-1.dynamodb")
    );
}

fn error(status: u16, code: &str, message: &str) -> Fault {
    Fault::Error { status, code: code.into(), message: message.into() }
}

#[test]
fn what_a_region_does_not_offer_or_has_lost_is_no_gap() {
    let elsewhere = |operation: &str, fault: Fault| Rule::new(operation, fault).region("eu-west-1");
    let bed = Bed::with_rules(
        "good",
        [
            elsewhere(
                "ec2:DescribeVpcBlockPublicAccessOptions",
                error(400, "InvalidAction", "The action is not valid for this web service."),
            ),
            elsewhere(
                "ssm:ListResourceComplianceSummaries",
                error(400, "UnknownOperationException", "Operation is disabled in this region"),
            ),
            elsewhere(
                "inspector2:*",
                error(
                    403,
                    "AccessDeniedException",
                    "Unable to determine service/operation name to be authorized",
                ),
            ),
            elsewhere("macie2:*", error(401, "AccessDeniedException", "Macie is not enabled.")),
            Rule::new("s3:GetBucketAcl", error(404, "NoSuchBucket", "The specified bucket does not exist")),
            Rule::new(
                "guardduty:GetDetector",
                error(
                    400,
                    "BadRequestException",
                    "the input detectorId is not owned by the current account.",
                ),
            ),
        ],
    );
    let run = bed.scan(&REGIONS);
    assert_eq!(run.report()["gaps"], serde_json::json!([]));
}

#[test]
fn a_deny_of_the_organization_is_told_as_one() {
    let role = "a".repeat(400);
    let message = format!(
        "You are not authorized to perform this operation. User: arn:aws:sts::111122223333:assumed-role/{role}/b is \
         not authorized to perform: ec2:DescribeVpcs with an explicit deny in a service control policy. Encoded \
         authorization failure message: {role}"
    );
    let bed = Bed::with_rules(
        "good",
        [Rule::new("ec2:DescribeVpcs", error(403, "UnauthorizedOperation", &message))],
    );
    let report = bed.scan(&REGIONS).report();
    let gap = &report["gaps"][0];
    assert_eq!(
        (&gap["kind"], &gap["refused_by"]),
        (&"access_denied".into(), &"service_control_policy".into())
    );
    assert!(gap["message"].as_str().unwrap().contains("explicit deny in a service control policy"), "{gap}");
    let unknown = findings(&report).find(|finding| finding["status"] == "unknown").unwrap();
    assert!(unknown["message"].as_str().unwrap().contains("service control policy"), "{unknown}");
    let table = bed.run(&[&["scan"], &REGIONS[..]].concat()).stdout;
    assert!(table.contains("Denied by a service control policy"), "{table}");
    assert!(!table.contains("aws-audit policy"), "{table}");
}

#[test]
fn credentials_that_are_refused_once_do_not_end_the_scan() {
    let bed = Bed::with_rules("good", [Rule::new("ec2:DescribeVpcs", Fault::ExpiredCredentials).times(1)]);
    let run = bed.scan(&REGIONS);
    assert_eq!((run.code, &run.report()["gaps"]), (0, &serde_json::json!([])), "{}", run.stderr);
}

#[test]
fn a_wrong_clock_is_told_as_one() {
    let message = "Signature expired: 20200101T000000Z is now earlier than 20261128T000000Z (20261128T000500Z - 5 min.)";
    let bed = Bed::with_rules(
        "good",
        [Rule::new("sts:GetCallerIdentity", error(403, "SignatureDoesNotMatch", message))],
    );
    let run = bed.scan(&[]);
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("clock is wrong") && !run.stderr.contains("credentials"), "{}", run.stderr);
}

//! The command that a finding prints closes the finding and changes nothing else.
//!
//! Each failing finding of the account `bad` gets a copy of the emulator in which the account is as it was seeded;
//! its command is run there by the AWS CLI, then its check scans again, and the two snapshots are compared field by
//! field, as far as the check's own sources go. What a command does beyond them is seen at the end, in one account in
//! which all commands were run, one after the other: the whole of it is compared.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::Instant,
};

use aws_audit_checks::{page::Lang, registry};
use aws_audit_testbed::{Behaviour, Proxy};
use jiff::Timestamp;
use serde_json::Value;
use support::{Bed, EMULATOR, findings};

/// What is known of the commands of a check.
enum Proof {
    /// They close their findings. What they may change of the snapshot: paths, with all that is below them.
    Closes(&'static [&'static str]),
    /// The emulator lacks what they call, or what the check reads: they are commands that the AWS CLI takes, and
    /// call these operations.
    Taken(&'static [&'static str], Why),
}

/// Why a command cannot be shown to close its finding.
#[derive(Debug)]
enum Why {
    /// What the check reads comes from `testbed/overlay/`: the emulator has no such operation.
    NotEmulated,
    /// What the check reads comes from `testbed/overlay/`: it takes time to come about.
    TakesTime,
    /// AWS carries it out later.
    DoneLater,
}

use Proof::{Closes, Taken};

const GROUP: Proof = Closes(&["/regions/{region}/ec2/security_groups/{id}/ingress"]);
const PASSWORDS: Proof = Closes(&[
    "/iam/password_policy/minimum_length",
    "/iam/password_policy/reuse_prevention",
    "/iam/password_policy/require_lowercase",
    "/iam/password_policy/require_numbers",
    "/iam/password_policy/require_symbols",
    "/iam/password_policy/require_uppercase",
]);
const BLOCK: Proof = Closes(&["/s3/buckets/{id}/public_access_block"]);
const DEACTIVATED: Proof = Taken(&["iam:UpdateAccessKey"], Why::TakesTime);

/// Every check that prints a command.
const COMMANDS: [(&str, Proof); 46] = [
    ("access-analyzer-enabled", Taken(&["access-analyzer:CreateAnalyzer"], Why::NotEmulated)),
    ("cloudtrail-log-validation", Closes(&["/regions/{region}/cloudtrail/trails/{id}/log_file_validation"])),
    ("dynamodb-point-in-time-recovery", Closes(&["/regions/{region}/dynamodb/point_in_time_recovery/{id}"])),
    ("ebs-default-encryption", Closes(&["/regions/{region}/ec2/ebs_encryption_by_default"])),
    ("ebs-snapshot-block-public-access", Taken(&["ec2:EnableSnapshotBlockPublicAccess"], Why::NotEmulated)),
    ("ebs-snapshot-public", Closes(&["/regions/{region}/ec2/snapshots/{id}/public"])),
    ("ec2-ami-public", Closes(&["/regions/{region}/ec2/images/{id}/public"])),
    ("ec2-imds-account-default", Taken(&["ec2:ModifyInstanceMetadataDefaults"], Why::NotEmulated)),
    (
        "ec2-instance-imdsv1",
        Closes(&[
            "/regions/{region}/ec2/instances/{id}/metadata_http_tokens",
            // The emulator forgets what is not named; EC2 keeps it (ModifyInstanceMetadataOptions).
            "/regions/{region}/ec2/instances/{id}/metadata_http_endpoint",
        ]),
    ),
    ("ec2-nacl-unused", Closes(&["/regions/{region}/ec2/network_acls/{id}"])),
    ("ec2-sg-open-all", GROUP),
    ("ec2-sg-open-cifs", GROUP),
    ("ec2-sg-open-database", GROUP),
    ("ec2-sg-open-rdp", GROUP),
    ("ec2-sg-open-risky-port", GROUP),
    ("ec2-sg-open-ssh", GROUP),
    ("ec2-sg-open-unapproved-port", GROUP),
    ("ec2-sg-unused", Closes(&["/regions/{region}/ec2/security_groups/{id}"])),
    ("iam-access-key-rotation", DEACTIVATED),
    ("iam-access-key-unused", DEACTIVATED),
    ("iam-password-policy-length", PASSWORDS),
    ("iam-password-policy-reuse", PASSWORDS),
    ("iam-password-policy-strength", PASSWORDS),
    ("iam-password-unused", Taken(&["iam:DeleteLoginProfile"], Why::TakesTime)),
    (
        "iam-policy-cloudshell-full-access",
        Closes(&[
            "/iam/authorization/*/{id}/attached_policies",
            // How many have it; AWS lists its own policies only while somebody has them.
            "/iam/authorization/policies/AWSCloudShellFullAccess",
        ]),
    ),
    (
        "iam-root-central-management",
        Taken(
            &["organizations:EnableAWSServiceAccess", "iam:EnableOrganizationsRootCredentialsManagement"],
            Why::NotEmulated,
        ),
    ),
    ("iam-server-certificate-expired", Taken(&["iam:DeleteServerCertificate"], Why::TakesTime)),
    ("inspector-enabled", Taken(&["inspector2:Enable"], Why::NotEmulated)),
    ("kms-key-pending-deletion", Closes(&["/regions/{region}/kms/keys/{id}/details"])),
    ("kms-key-rotation", Closes(&["/regions/{region}/kms/rotation/{id}"])),
    ("lambda-public", Closes(&["/regions/{region}/lambda/policies/{id}"])),
    ("rds-instance-public", Closes(&["/regions/{region}/rds/instances/{id}/publicly_accessible"])),
    ("rds-pending-maintenance", Taken(&["rds:ApplyPendingMaintenanceAction"], Why::DoneLater)),
    ("rds-security-group-open", Closes(&["/regions/{region}/ec2/security_groups/{groups}/ingress"])),
    ("redshift-public", Closes(&["/regions/{region}/redshift/clusters/{id}/publicly_accessible"])),
    ("s3-account-public-access-block", Closes(&["/s3/public_access_block"])),
    ("s3-bucket-acl-in-use", Closes(&["/s3/buckets/{id}/object_ownership", "/s3/buckets/{id}/acl"])),
    ("s3-bucket-public-access-block", BLOCK),
    ("s3-bucket-public-read", BLOCK),
    ("s3-bucket-public-write", BLOCK),
    ("s3-bucket-versioning", Closes(&["/s3/buckets/{id}/versioning/enabled"])),
    ("securityhub-enabled", Closes(&["/regions/{region}/securityhub"])),
    (
        "sqs-queue-encryption",
        Closes(&[
            "/regions/{region}/sqs/queues/{id}/attributes/sqs_managed_encryption",
            // The emulator drops the policy where it is not named; SQS sets what is named (SetQueueAttributes).
            "/regions/{region}/sqs/queues/{id}/attributes/policy",
        ]),
    ),
    ("ssm-document-public", Closes(&["/regions/{region}/ssm/documents/{id}/shared_with"])),
    (
        "vpc-endpoint-service-any-principal",
        Taken(&["ec2:ModifyVpcEndpointServicePermissions"], Why::NotEmulated),
    ),
    ("vpc-subnet-auto-public-ip", Closes(&["/regions/{region}/ec2/subnets/{id}/map_public_ip_on_launch"])),
];

/// Where the account has something; the other regions are all alike.
const REGIONS: [&str; 2] = ["--regions", "us-east-1,eu-west-1,ap-northeast-1"];

fn proof(check: &str) -> &'static Proof {
    let found = COMMANDS.iter().find(|(id, _)| *id == check);
    &found.unwrap_or_else(|| panic!("nothing is known of the command of {check}")).1
}

#[test]
fn every_check_with_a_command_is_in_the_table() {
    let with_command: BTreeSet<_> =
        registry::all().filter(|entry| entry.page(Lang::En).has_command()).map(|it| it.check.id).collect();
    assert_eq!(with_command, COMMANDS.iter().map(|(id, _)| *id).collect());
}

#[test]
fn each_command_closes_its_finding_and_changes_nothing_else() {
    let began = Instant::now();
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str| files.path().join(name);
    let bed = Bed::new("bad");
    let before = collected(&bed, &file("before.json"));
    let report = evaluated(&bed, &file("before.json"));
    let with_command: Vec<_> =
        findings(&report).filter(|it| it["status"] == "fail" && command(it).is_some()).collect();
    let checks: BTreeSet<_> = with_command.iter().map(|finding| text(&finding["check"])).collect();
    assert_eq!(checks, COMMANDS.iter().map(|(id, _)| *id).collect(), "every command is met");

    let (closing, taken): (Vec<_>, Vec<_>) =
        with_command.into_iter().partition(|finding| matches!(proof(text(&finding["check"])), Closes(_)));
    let script = |findings: &[&Value], after: &str| -> String {
        findings.iter().map(|finding| format!("{}{after}\n", command(finding).unwrap())).collect()
    };
    fs::write(file("taken.sh"), script(&taken, "")).unwrap();
    let called = bed.account.pretend(bed.proxy.url(), &file("taken.sh")).unwrap().unwrap();
    let expected = taken.iter().flat_map(|finding| match proof(text(&finding["check"])) {
        Taken(operations, why) => operations.iter().map(|operation| (*operation, why)).collect(),
        Closes(_) => Vec::new(),
    });
    let expected: Vec<_> = expected.collect();
    let as_expected = called.iter().eq(expected.iter().map(|(operation, _)| operation));
    assert!(as_expected, "{called:#?} instead of {expected:#?} by\n{}", script(&taken, ""));

    let wrong = Mutex::new(Vec::new());
    let mut jobs = closing.iter().enumerate();
    let next = Mutex::new(&mut jobs);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((number, finding)) = { next.lock().unwrap().next() } {
                    let name = format!("{} {}", text(&finding["check"]), text(&finding["resource"]["id"]));
                    let scratch = file(&format!("{number}"));
                    fs::create_dir(&scratch).unwrap();
                    if let Err(why) = proven(&bed, &scratch, &before, finding, began) {
                        let command = command(finding).unwrap();
                        wrong.lock().unwrap().push(format!("{name}: {why}\n  {command}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // All of them, one after the other: none takes back what another has done. What an earlier one has closed
    // along with its own, the AWS CLI may refuse to close again, and the rest of that command with it (EC2 revokes
    // no rule where one is gone): the next report has a command for what is left.
    let fork = EMULATOR.fork().unwrap();
    let copy = on(&bed, fork.url());
    // EC2 refuses to delete a group that something has (DependencyViolation), the emulator does not.
    let whole = before.to_string();
    let is_had = |finding: &Value| whole.matches(&finding["resource"]["id"].to_string()).count() > 1;
    let is_done = |finding: &&Value| finding["check"] != "ec2-sg-unused" || !is_had(finding);
    let closing: Vec<_> = closing.into_iter().filter(is_done).collect();
    let mut commands = script(&closing, " || true");
    let ids: BTreeSet<_> = closing.iter().map(|finding| text(&finding["id"])).collect();
    let after = (1..)
        .find_map(|round| {
            fs::write(file("all.sh"), &commands).unwrap();
            copy.account.run(copy.proxy.url(), &file("all.sh")).unwrap().unwrap();
            let after = collected(&copy, &file("after.json"));
            let report = evaluated(&copy, &file("after.json"));
            let is_left = |it: &&Value| it["status"] != "pass" && ids.contains(text(&it["id"]));
            let left: Vec<_> = findings(&report).filter(is_left).collect();
            let goes_on = round < 3 && left.iter().all(|it| command(it).is_some());
            assert!(left.is_empty() || goes_on, "they do not go: {left:#?}");
            commands = script(&left, " || true");
            left.is_empty().then_some(after)
        })
        .unwrap();
    let meant: Vec<_> = closing.iter().flat_map(|finding| meant(finding)).collect();
    let unmeant: Vec<_> =
        changes(&before, &after, began).into_iter().filter(|at| !is_meant(at, &meant)).collect();
    assert!(unmeant.is_empty(), "changed besides: {unmeant:#?}");
}

/// Runs the finding's command in a copy of the account.
fn proven(bed: &Bed, scratch: &Path, before: &Value, finding: &Value, began: Instant) -> Result<(), String> {
    let check = text(&finding["check"]);
    let script = scratch.join("fix.sh");
    fs::write(&script, command(finding).unwrap()).unwrap();
    let fork = EMULATOR.fork().unwrap();
    let copy = on(bed, fork.url());
    copy.account.run(copy.proxy.url(), &script).unwrap()?;
    let snapshot = scratch.join("after.json");
    let arguments = ["--checks", check, "--include-passed", "--save-snapshot", path(&snapshot)];
    let report = copy.scan(&[&arguments[..], &REGIONS[..]].concat()).report();
    let again = findings(&report).find(|it| it["id"] == finding["id"]);
    if let Some(again) = again.filter(|it| it["status"] != "pass") {
        return Err(format!("still {}: {}", text(&again["status"]), again["message"]));
    }
    let meant = meant(finding);
    let changes = changes(before, &read(&snapshot), began);
    let unmeant: Vec<_> = changes.iter().filter(|at| !is_meant(at, &meant)).collect();
    if !unmeant.is_empty() {
        return Err(format!("changed besides: {unmeant:?}"));
    }
    if changes.is_empty() { Err("nothing changed".into()) } else { Ok(()) }
}

fn on(bed: &Bed, emulator: &str) -> Bed {
    let proxy = Proxy::start(Some(emulator), Behaviour::default()).unwrap();
    Bed { account: bed.account.clone(), proxy }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn command(finding: &Value) -> Option<&str> {
    finding["fix"]["command"].as_str()
}

fn read(snapshot: &PathBuf) -> Value {
    serde_json::from_slice(&fs::read(snapshot).unwrap()).unwrap()
}

/// Everything there is in the account, and not only what is judged.
fn collected(bed: &Bed, snapshot: &PathBuf) -> Value {
    let run = bed.run(&[&["collect", "--output", path(snapshot)], &REGIONS[..]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    read(snapshot)
}

fn evaluated(bed: &Bed, snapshot: &Path) -> Value {
    bed.run(&["evaluate", path(snapshot), "--checks", "*", "--format", "json"]).report()
}

/// The paths that the table lets the finding's command change.
fn meant(finding: &Value) -> Vec<String> {
    let Closes(paths) = proof(text(&finding["check"])) else { return Vec::new() };
    let resource = &finding["resource"];
    let fill = |at: &&str| {
        at.replace("{region}", text(&resource["region"]))
            .replace("{id}", &text(&resource["id"]).replace('/', "|"))
    };
    // An evidence's list stands for each of its items.
    let groups = finding["evidence"]["groups"].as_array();
    paths
        .iter()
        .map(fill)
        .flat_map(|at| match groups.filter(|_| at.contains("{groups}")) {
            Some(groups) => groups.iter().map(|group| at.replace("{groups}", text(group))).collect(),
            None => vec![at],
        })
        .collect()
}

/// Whether the path is one of these or below; `*` is one part of a path.
fn is_meant(at: &str, meant: &[String]) -> bool {
    meant.iter().any(|meant| {
        let mut parts = at.split('/');
        meant.split('/').all(|meant| parts.next().is_some_and(|part| meant == "*" || part == meant))
    })
}

/// Where two snapshots differ, as far as both of them looked. Times that move with the clock do not count.
fn changes(before: &Value, after: &Value, began: Instant) -> BTreeSet<String> {
    const OF_THE_SCAN: [&str; 5] = ["started_at", "finished_at", "gaps", "calls", "snapshot_version"];
    let mut found = BTreeSet::new();
    let (mut before, mut after) = (before.clone(), after.clone());
    if after["s3"]["foreign_buckets"]["value"].as_object().is_some_and(serde_json::Map::is_empty) {
        // Which buckets are asked about depends on what else was read.
        before["s3"]["foreign_buckets"] = after["s3"]["foreign_buckets"].clone();
    }
    for snapshot in [&mut before, &mut after] {
        snapshot.as_object_mut().unwrap().retain(|name, _| !OF_THE_SCAN.contains(&name.as_str()));
    }
    differ(&before, &after, String::new(), began, &mut found);
    // Where access control lists are off, the owner is the one of the list of buckets, which the emulator calls
    // otherwise than in the access control lists; S3 does not.
    found.retain(|at| !is_meant(at, &["/s3/buckets/*/owner".to_owned()]));
    found
}

fn differ(before: &Value, after: &Value, at: String, began: Instant, found: &mut BTreeSet<String>) {
    if before == after || is_not_selected(after) || moves_with_the_clock(before, after, began) {
        return;
    }
    match (items(before), items(after)) {
        (Some(before), Some(after)) => {
            let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
            for name in names {
                // What was read stands in `value`: not worth a part of the path.
                let at =
                    if name == "value" { at.clone() } else { format!("{at}/{}", name.replace('/', "|")) };
                match (before.get(name), after.get(name)) {
                    (Some(before), Some(after)) => differ(before, after, at, began, found),
                    _ => {
                        found.insert(at);
                    }
                }
            }
        }
        _ => {
            found.insert(at);
        }
    }
}

/// The parts of an object, or of a list by what names its items.
fn items(value: &Value) -> Option<BTreeMap<String, &Value>> {
    match value {
        Value::Object(fields) => Some(fields.iter().map(|(name, value)| (name.clone(), value)).collect()),
        Value::Array(items) => {
            let name = |item: &Value| {
                ["id", "name", "arn"].into_iter().find_map(|it| Some(item.get(it)?.as_str()?.to_owned()))
            };
            let by_name: BTreeMap<_, _> = items.iter().filter_map(|item| Some((name(item)?, item))).collect();
            let by_number =
                || items.iter().enumerate().map(|(number, item)| (number.to_string(), item)).collect();
            Some(if by_name.len() == items.len() { by_name } else { by_number() })
        }
        _ => None,
    }
}

fn is_not_selected(value: &Value) -> bool {
    value["gap"]["kind"] == "not_selected"
}

/// The overlay's times are so many days before each request.
fn moves_with_the_clock(before: &Value, after: &Value, began: Instant) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    let (Some(before), Some(after)) = (time(before), time(after)) else { return false };
    after >= before && (after - before).as_secs_f64() <= began.elapsed().as_secs_f64() + 2.0
}

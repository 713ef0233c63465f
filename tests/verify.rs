//! `verify`: what findings of a report are about, looked at again.

mod support;

use std::fs;

use aws_audit_testbed::{Fault, Rule};
use serde_json::Value;
use support::{Bed, Run};

const CHECKS: &str = "ebs-default-encryption,iam-password-policy-length";

fn verify(bed: &Bed, report: &str, ids: &[&str]) -> Run {
    Run::of(bed.command(&[&["verify", report], ids, &["--format", "json"]].concat()).output().unwrap())
}

#[test]
fn findings_are_looked_at_again() {
    let bed = Bed::new("bad");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.json");
    let report = bed.scan(&["--regions", "eu-west-1", "--checks", CHECKS]).report();
    fs::write(&file, report.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let encryption =
        report["findings"].as_array().unwrap().iter().find(|it| it["check"] == "ebs-default-encryption");
    let id = encryption.unwrap()["id"].as_str().unwrap();

    let open = verify(&bed, file, &[&id[..8]]);
    assert_eq!(open.code, 1, "{}", open.stderr);
    let told: Value = serde_json::from_str(&open.stdout).unwrap();
    assert_eq!(
        (told.as_array().unwrap().len(), &told[0]["outcome"], &told[0]["id"]),
        (1, &"open".into(), &id.into())
    );
    assert!(
        bed.proxy.calls().keys().all(|call| call.operation != "DescribeVpcs"),
        "only what the finding needs"
    );

    let denied = Bed::with_rules("bad", [Rule::new("ec2:GetEbsEncryptionByDefault", Fault::Deny)]);
    assert_eq!(verify(&denied, file, &[id]).code, 3);

    // Of another account, nothing is said.
    let good = Bed::new("good");
    let other = verify(&good, file, &[id]);
    assert_eq!((other.code, other.stdout.as_str()), (2, ""));
    // As if the account were mended.
    let mended = report.to_string().replace(&bed.account.id, &good.account.id);
    fs::write(file, mended).unwrap();
    let fixed = verify(&good, file, &[id]);
    assert_eq!(fixed.code, 0, "{}", fixed.stderr);
    let told: Value = serde_json::from_str(&fixed.stdout).unwrap();
    assert_eq!(told[0]["outcome"], "fixed");
    assert_eq!(verify(&good, file, &["nothere"]).code, 2);
}

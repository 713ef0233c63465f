//! The accounts exist as described, and look through the proxy as AWS would show them.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use aws_audit_testbed::{Account, Behaviour, Emulator, Proxy};

struct Testbed {
    emulator: Emulator,
    proxy: Proxy,
}

static TESTBED: LazyLock<Testbed> = LazyLock::new(|| {
    let emulator = Emulator::start().unwrap();
    let proxy =
        Proxy::start(Some(emulator.url()), Behaviour { record: true, ..Behaviour::default() }).unwrap();
    Testbed { emulator, proxy }
});

fn account(name: &str) -> Account {
    TESTBED.emulator.seed(name).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs lines of Python that may use `client(service, region)` of boto3, and gives what they print.
fn boto(account: &Account, lines: &str) -> Vec<String> {
    let program = format!(
        "import boto3, socket\n\
         resolve = socket.getaddrinfo\n\
         socket.getaddrinfo = lambda host, *rest, **named: resolve('127.0.0.1', *rest, **named)\n\
         def client(service, region='us-east-1'): return boto3.client(service, region_name=region)\n{lines}"
    );
    let output = Command::new(aws_audit_testbed::python().unwrap())
        .args(["-W", "ignore", "-c", &program])
        .envs(account.environment(TESTBED.proxy.url()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bad_has_what_the_article_warns_of() {
    let bad = account("bad");
    let found = boto(
        &bad,
        "
import json
print(client('sts').get_caller_identity()['Account'])
policies = client('iam').get_account_authorization_details()['Policies']
print(sorted(policy['PolicyName'] for policy in policies if policy['PolicyName'].endswith('allow-everything')))
print(sorted((bucket['Name'], bucket['BucketRegion']) for bucket in client('s3').list_buckets()['Buckets'])[-2:])
ec2 = client('ec2')
acls = ec2.describe_network_acls(Filters=[{'Name': 'default', 'Values': ['false']}])['NetworkAcls']
print(sorted((len(acl['Associations']), len([e for e in acl['Entries'] if e['RuleNumber'] < 32767])) for acl in acls))
public = ec2.describe_snapshots(OwnerIds=['self'], RestorableByUserIds=['all'])['Snapshots']
print(len(ec2.describe_snapshots(OwnerIds=['self'])['Snapshots']), [snapshot['Description'] for snapshot in public])
print([json.loads(endpoint['PolicyDocument'])['Statement'][0]['Action'] for endpoint in ec2.describe_vpc_endpoints()['VpcEndpoints']])
print(len(ec2.describe_regions()['Regions']))
databases = client('rds').describe_db_instances()['DBInstances']
print([(db['DBInstanceIdentifier'], db['PubliclyAccessible'], db['StorageEncrypted']) for db in databases])
print(client('iam').get_account_summary()['SummaryMap']['AccountAccessKeysPresent'])
grants = client('s3').get_bucket_acl(Bucket='bad-dropbox')['Grants']
print(sorted(grant['Permission'] for grant in grants if grant['Grantee'].get('URI', '').endswith('/AllUsers')))
print([group['Tags'] for group in ec2.describe_security_groups(GroupNames=['ssh'])['SecurityGroups']])
",
    );
    assert_eq!(
        found[..10],
        [
            "444455556666",
            "['allow-everything', 'unused-allow-everything']",
            "[('bad-upload-policy', 'us-east-1'), ('bad-website', 'us-east-1')]",
            "[(0, 0), (1, 3)]",
            "2 ['before the upgrade']",
            "['*', '*', 's3:*', 'secretsmanager:GetSecretValue', 'sqs:SendMessage']",
            "17",
            "[('bad-orders', True, False), ('bad-legacy', False, True)]",
            "1",
            "['READ', 'WRITE']"
        ]
    );
    assert!(
        found[10].contains("<img src=x onerror=alert(1)>") && found[10].contains("\\x9b31m赤"),
        "{}",
        found[10]
    );
}

#[test]
fn good_is_set_right_in_its_regions() {
    let good = account("good");
    let found = boto(
        &good,
        "
ACCOUNT = client('sts').get_caller_identity()['Account']
print(sorted(client('s3control').get_public_access_block(AccountId=ACCOUNT)['PublicAccessBlockConfiguration'].values()))
print(client('account').get_alternate_contact(AlternateContactType='SECURITY')['AlternateContact']['Name'])
print(client('cloudtrail').get_trail_status(Name='everything')['IsLogging'])
print(client('iam').get_account_password_policy()['PasswordPolicy']['MinimumPasswordLength'])
for region in ['us-east-1', 'eu-west-1', 'ap-northeast-1']:
    ec2 = client('ec2', region)
    logged = sorted(log['ResourceId'] for log in ec2.describe_flow_logs()['FlowLogs'])
    print(logged == sorted(vpc['VpcId'] for vpc in ec2.describe_vpcs()['Vpcs']), ec2.get_ebs_encryption_by_default()['EbsEncryptionByDefault'])
    groups = ec2.describe_security_groups(Filters=[{'Name': 'group-name', 'Values': ['default']}])['SecurityGroups']
    print([group['IpPermissions'] + group['IpPermissionsEgress'] for group in groups if group['IpPermissions'] or group['IpPermissionsEgress']])
    config = client('config', region)
    print(config.describe_configuration_recorder_status()['ConfigurationRecordersStatus'][0]['recording'],
          config.describe_delivery_channel_status()['DeliveryChannelsStatus'][0]['configHistoryDeliveryInfo']['lastStatus'])
    print(len(client('guardduty', region).list_detectors()['DetectorIds']), [a['status'] for a in client('accessanalyzer', region).list_analyzers()['analyzers']])
",
    );
    assert_eq!(found[..4], ["[True, True, True, True]", "Security Team", "True", "14"]);
    for region in found[4..].chunks(4) {
        assert_eq!(region, ["True True", "[]", "True SUCCESS", "1 ['ACTIVE']"]);
    }
    assert_eq!(found.len(), 16);
}

#[test]
fn empty_has_nothing() {
    let empty = account("empty");
    let found = boto(
        &empty,
        "
print(client('iam').list_users()['Users'], client('s3').list_buckets()['Buckets'])
print(client('rds').describe_db_instances()['DBInstances'], client('cloudtrail').describe_trails()['trailList'])
print(client('iam').get_credential_report()['Content'].decode().splitlines()[1].split(',')[0])
",
    );
    assert_eq!(found, ["[] []", "[] []", "<root_account>"]);
}

#[test]
fn credential_reports_tell_of_the_users_that_there_are() {
    for name in ["good", "bad"] {
        let found = boto(
            &account(name),
            "
iam = client('iam')
report = [line.split(',') for line in iam.get_credential_report()['Content'].decode().splitlines()]
print(len({len(line) for line in report}), len(report[0]))
print(sorted((line[0], line[1]) for line in report[2:]))
print(sorted((user['UserName'], user['Arn']) for user in iam.list_users()['Users']))
summary = iam.get_account_summary()['SummaryMap']
print(summary['Users'], summary['Groups'], summary['Roles'], summary['Policies'])
print(len(report) - 2, len(iam.list_groups()['Groups']), len(iam.list_roles()['Roles']), len(iam.list_policies(Scope='Local')['Policies']))
",
        );
        assert_eq!(found[0], "1 22");
        assert_eq!(found[1], found[2]);
        assert_eq!(found[3], found[4]);
    }
}

#[test]
fn a_failing_command_is_named() {
    let error = TESTBED.emulator.seed("no-such-account").err().unwrap().to_string();
    assert!(error.contains("no-such-account.sh"), "{error}");

    // The same credentials twice: the second CreateUser of a user fails.
    let script = std::env::temp_dir().join(format!("aws-audit-failing-{}.sh", std::process::id()));
    std::fs::write(&script, "set -euo pipefail\n\naws iam get-user --user-name nobody\necho unreachable\n")
        .unwrap();
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/python/seed.py");
    let output = Command::new(aws_audit_testbed::python().unwrap())
        .args([seed, "--endpoint", TESTBED.emulator.url(), "--account", "999900001111"])
        .arg(&script)
        .output()
        .unwrap();
    std::fs::remove_file(&script).unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        said.contains(".sh:3: aws iam get-user --user-name nobody") && said.contains("NoSuchEntity"),
        "{said}"
    );
}

#[test]
fn recordings_hold_no_credentials() {
    let bad = account("bad");
    boto(
        &bad,
        "client('iam').list_users(); client('sts').assume_role(RoleArn='arn:aws:iam::444455556666:role/x', RoleSessionName='testbed')",
    );
    let operations: BTreeSet<_> = TESTBED.proxy.recording().into_iter().map(|kept| kept.operation).collect();
    assert!(operations.contains("ListUsers") && !operations.contains("AssumeRole"), "{operations:?}");
    let path = std::env::temp_dir().join(format!("aws-audit-recording-{}.jsonl", std::process::id()));
    TESTBED.proxy.write_recording(&path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for secret in
        [&bad.credentials.access_key_id, &bad.credentials.secret_access_key, &bad.credentials.session_token]
    {
        assert!(!text.contains(secret.as_str()));
    }
    assert!(text.lines().all(|line| serde_json::from_str::<aws_audit_testbed::Exchange>(line).is_ok()));
}

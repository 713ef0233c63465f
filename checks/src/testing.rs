//! What the tests of checks share: an account in which everything could be read and nothing is there, gaps,
//! and assertions that also fill in the page's templates.

use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use crate::{
    analysis::Analyses,
    check::{Check, Context},
    finding::{Finding, Status},
    gap::{Collected, Gap, GapKind},
    page::Lang,
    registry,
    settings::Settings,
    snapshot::{
        Calls, Region, SHAPE, SNAPSHOT_VERSION, Snapshot, account, cloudfront, ec2, iam, organizations,
        route53, s3, shield, wafv2,
    },
    wording,
};

/// When the account of the tests was looked at.
pub(crate) fn now() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().expect("a timestamp")
}

/// So many whole days before [`now`].
pub(crate) fn ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// A value that was read.
pub(crate) fn read<T>(value: T) -> Collected<T> {
    Collected::Value(value)
}

/// A value that could not be read.
pub(crate) fn denied<T>() -> Collected<T> {
    Collected::Gap(Gap {
        operation: "test:Operation".into(),
        region: None,
        resource: None,
        kind: GapKind::AccessDenied,
        refused_by: None,
        message: "not allowed".into(),
    })
}

/// An account that was read completely, with one region and nothing in it.
pub(crate) fn empty() -> Snapshot {
    Snapshot {
        snapshot_version: SNAPSHOT_VERSION,
        shape: SHAPE.to_owned(),
        started_at: now(),
        finished_at: now(),
        account: account::Account {
            id: "111122223333".into(),
            partition: "aws".into(),
            alias: read(None),
            security_contact: read(None),
            has_contact_information: read(true),
        },
        iam: iam::Iam {
            authorization: read(iam::Authorization::default()),
            summary: read([("AccountMFAEnabled".into(), 1), ("AccountAccessKeysPresent".into(), 0)].into()),
            password_policy: read(None),
            instance_profiles: read(vec![]),
            credential_report: read(iam::CredentialReport {
                generated_at: now(),
                root: Some(credentials("arn:aws:iam::111122223333:root")),
                users: [].into(),
            }),
            access_keys: read(vec![]),
            virtual_mfa_devices: read(vec![]),
            server_certificates: read(vec![]),
            saml_providers: read(vec![]),
            oidc_providers: read(vec![]),
            organizations_features: read(None),
        },
        organizations: organizations::Organizations {
            organization: read(None),
            accounts: read(None),
            service_control_policies: read(None),
            control_policy_names: read(None),
        },
        s3: s3::S3 {
            public_access_block: read(s3::PublicAccessBlock::default()),
            owner: read(Some("79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be".into())),
            buckets: read(vec![]),
            foreign_buckets: read([].into()),
        },
        cloudfront: cloudfront::CloudFront {
            distributions: read(vec![]),
            configs: read([].into()),
            origin_access_controls: read([].into()),
            origin_access_identities: read(vec![]),
            vended_logs: read(vec![]),
        },
        wafv2: wafv2::Wafv2 {
            web_acls: read(vec![]),
            rule_groups: read(vec![]),
            managed_rule_groups: read(vec![]),
            ip_sets: read([].into()),
            logging: read(vec![]),
        },
        shield: shield::Shield { subscribed: read(false), protections: read(vec![]) },
        route53: route53::Route53 { hosted_zones: read(vec![]), query_logging: read(vec![]) },
        regions: [("eu-west-1".to_owned(), empty_region())].into(),
        gaps: vec![],
        calls: Calls::default(),
    }
}

fn empty_region() -> Region {
    // Through JSON, so that a field added to a service needs no line here: an empty list where there is a
    // list, else the value below.
    let list = || serde_json::json!({"value": []});
    let by_id = || serde_json::json!({"value": {}});
    let value = |value: serde_json::Value| serde_json::json!({ "value": value });
    serde_json::from_value(serde_json::json!({
        "access_analyzer": {"analyzers": list(), "findings": list()},
        "access_points": list(),
        "acm": {"certificates": list()},
        "apigateway": {"rest_apis": list(), "v2_apis": list()},
        "backup": {"plans": list(), "vaults": list()},
        "cloudwatch": {"alarms": list()},
        "detective": {"graphs": list()},
        "dynamodb": {"tables": list(), "point_in_time_recovery": by_id()},
        "ecr": {
            "repositories": list(), "lifecycle_policies": by_id(), "policies": by_id(),
            "newest_images": by_id(), "platform_scans": by_id(),
            "scanning": value(serde_json::json!({"kind": "BASIC", "rules": []})),
        },
        "ecs": {
            "task_definitions": list(), "services": list(), "clusters": list(), "cluster_instances": by_id(),
            "task_roles": by_id(),
        },
        "efs": {"file_systems": list(), "policies": by_id()},
        "eks": {"clusters": list(), "versions": list()},
        "elasticache": {"replication_groups": list(), "clusters": list()},
        "eventbridge": {"rules": list()},
        "incident": {"response_plans": list(), "contacts": list(), "memberships": list()},
        "inspector": {"status": by_id(), "critical_findings": list(), "uncovered": list()},
        "kms": {"keys": list(), "rotation": by_id(), "policies": by_id()},
        "logs": {"log_groups": list(), "metric_filters": list(), "vended_logs": list()},
        "macie": {"status": value(serde_json::Value::Null), "automated_discovery": value(false.into())},
        "opensearch": {"domains": list()},
        "redshift": {"clusters": list(), "logging": by_id()},
        "secretsmanager": {"secrets": list(), "policies": by_id()},
        "securityhub": {
            "enabled": value(false.into()), "standards": list(), "critical_findings": list(),
            "administrator": value(serde_json::Value::Null), "sends_ocsf": value(false.into()),
        },
        "sns": {"topics": list()},
        "sqs": {"queues": list()},
        "wafv2": {
            "web_acls": list(), "rule_groups": list(), "managed_rule_groups": list(), "ip_sets": by_id(), "logging": list(),
        },
        "cloudformation": {"stacks": list(), "stack_sets": list()},
        "cloudtrail": {"trails": list(), "insights": by_id()},
        "codebuild": {"projects": list()},
        "cognito": {"user_pools": list(), "identity_pools": list()},
        "config": {"recorders": list(), "delivery_channels": list(), "rules": list()},
        "elb": {
            "load_balancers": list(), "target_groups": list(), "classic_load_balancers": list(),
            "rules": by_id(), "target_group_attributes": by_id(), "access_logs": by_id(),
            "classic_access_logs": by_id(),
        },
        "guardduty": {"detectors": list(), "findings": by_id(), "administrators": by_id()},
        "identity_center": {"instances": list()},
        "lambda": {"functions": list(), "policies": by_id(), "function_urls": by_id()},
        "rds": {
            "instances": list(), "clusters": list(), "snapshots": list(), "cluster_snapshots": list(),
            "parameter_groups": list(), "cluster_parameter_groups": list(), "major_versions": list(),
            "pending_maintenance": list(), "certificate_authorities": by_id(),
        },
        "workloads": {
            "glue_jobs": list(), "notebooks": list(), "app_runner_services": list(),
            "code_interpreters": list(), "state_machines": list(),
        },
        "ssm": {
            "managed_nodes": list(), "session_preferences": value(serde_json::json!({})),
            "patch_states": list(), "association_compliance": list(), "parameters": list(),
            "documents": list(),
        },
        "ec2": {
            "vpcs": list(), "subnets": list(), "route_tables": list(), "internet_gateways": list(),
            "network_acls": list(), "security_groups": list(), "network_interfaces": list(),
            "instances": list(), "images": list(), "launch_images": list(), "user_data": by_id(),
            "launch_templates": list(), "volumes": list(),
            "snapshots": list(), "vpc_endpoints": list(), "vpc_endpoint_policy_support": by_id(),
            "vpc_endpoint_services": list(),
            "flow_logs": list(), "vpc_peerings": list(), "addresses": list(), "prefix_lists": list(),
            "ebs_encryption_by_default": value(true.into()),
            "snapshot_block_public_access": value("unblocked".into()),
            "image_block_public_access": value("block-new-sharing".into()),
            "instance_metadata_http_tokens": value(serde_json::Value::Null),
            "vpc_block_public_access": value(serde_json::json!({"mode": "off", "exclusions": []})),
        },
    }))
    .expect("an empty region")
}

/// The account's one region, to be changed.
pub(crate) fn region(snapshot: &mut Snapshot) -> &mut Region {
    snapshot.regions.get_mut("eu-west-1").expect("the region of the tests")
}

/// Security groups as JSON, whose rules name only the peers that they have.
pub(crate) fn security_groups(mut groups: serde_json::Value) -> Vec<ec2::SecurityGroup> {
    for group in groups.as_array_mut().into_iter().flatten() {
        for direction in ["ingress", "egress"] {
            for rule in group[direction].as_array_mut().into_iter().flatten() {
                for peers in ["cidrs", "prefix_lists", "groups"] {
                    let rule = rule.as_object_mut().expect("a rule");
                    rule.entry(peers).or_insert_with(|| serde_json::json!([]));
                }
            }
        }
    }
    serde_json::from_value(groups).expect("security groups")
}

/// A row of the credential report: a password-less user without keys.
pub(crate) fn credentials(arn: &str) -> iam::Credentials {
    iam::Credentials {
        arn: arn.into(),
        created: Some(ago(1000)),
        password_enabled: Some(false),
        password_last_used: None,
        password_last_changed: None,
        mfa_active: false,
        access_keys: [iam::ReportedKey::default(), iam::ReportedKey::default()],
        certificate_active: false,
    }
}

fn run(check: &'static Check, snapshot: &Snapshot, settings: &Settings) -> Vec<Finding> {
    let analyses = Rc::new(Analyses::of(snapshot));
    let tuning = settings.clone().into();
    let findings = Context::run(check, snapshot, &tuning, &analyses, true).0;
    let entry = registry::find(check.id).unwrap_or_else(|| panic!("{} is not in the registry", check.id));
    for finding in findings.iter().filter(|finding| finding.status == Status::Fail) {
        for lang in [Lang::En, Lang::Ja] {
            let page = entry.page(lang);
            let message = page.message(finding, lang).unwrap_or_else(|error| panic!("{lang:?}: {error}"));
            assert!(lang == Lang::En || !speaks_english(&message), "no [words] for {message}");
            let fix = page.fix(finding, lang).unwrap_or_else(|error| panic!("{lang:?}: {error}"));
            for text in [&message, &fix] {
                assert_eq!(wording::faults(text), [""; 0], "{}: {text}", check.id);
            }
            assert_eq!(page.without_words(finding), [""; 0], "{}: {message}", check.id);
            let alone = snapshot.organizations.organization == read(None);
            let of_organization = message.contains("outside the organization") || message.contains("組織外");
            assert!(!(alone && of_organization), "{}: there is no organization: {message}", check.id);
        }
        entry.page(Lang::En).command(finding).unwrap_or_else(|error| panic!("{error}"));
    }
    findings
}

/// Whether there are two words of small letters in a row.
fn speaks_english(message: &str) -> bool {
    let is_word = |text: &str| text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let words: Vec<_> = message.split(' ').map(is_word).collect();
    words.windows(2).any(|pair| pair[0] && pair[1])
}

fn the_only(status: Status, check: &'static Check, snapshot: &Snapshot, settings: &Settings) -> Finding {
    let mut findings = run(check, snapshot, settings);
    assert_eq!(findings.len(), 1, "one finding expected: {findings:#?}");
    let finding = findings.remove(0);
    assert_eq!(finding.status, status, "{finding:#?}");
    finding
}

/// The check's only finding fails; its messages can be told in both languages.
pub(crate) fn fails(check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Fail, check, snapshot, &Settings::default())
}

/// As [`fails`], with settings.
pub(crate) fn fails_with(settings: &Settings, check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Fail, check, snapshot, settings)
}

/// The check's only finding passes.
pub(crate) fn passes(check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Pass, check, snapshot, &Settings::default())
}

/// The check's only finding is unknown.
pub(crate) fn unknown(check: &'static Check, snapshot: &Snapshot) -> Finding {
    the_only(Status::Unknown, check, snapshot, &Settings::default())
}

/// The check fails of an account that it has to do with and that may be of the same organization, which is not told
/// here; it is unknown where that could not be read.
pub(crate) fn needs_to_know_members(check: &'static Check, mut snapshot: Snapshot) {
    let organizations = &mut snapshot.organizations;
    let management_account = "999900001111".into();
    organizations.organization =
        read(Some(organizations::Organization { id: "o-a".into(), management_account }));
    assert_eq!(fails(check, &snapshot).variant, Some("member"));
    snapshot.organizations.accounts = denied();
    unknown(check, &snapshot);
    snapshot.organizations.organization = denied();
    unknown(check, &snapshot);
}

/// The check has nothing to say.
pub(crate) fn silent(check: &'static Check, snapshot: &Snapshot) {
    let findings = run(check, snapshot, &Settings::default());
    assert!(findings.is_empty(), "no finding expected: {findings:#?}");
}

/// All that the check says, for accounts in which it judges several resources.
pub(crate) fn findings(check: &'static Check, snapshot: &Snapshot) -> Vec<Finding> {
    run(check, snapshot, &Settings::default())
}

/// Ids of the resources that fail, in the order they were judged.
pub(crate) fn failing(check: &'static Check, snapshot: &Snapshot) -> Vec<String> {
    let findings = run(check, snapshot, &Settings::default());
    findings.into_iter().filter(|f| f.status == Status::Fail).map(|f| f.resource.id).collect()
}

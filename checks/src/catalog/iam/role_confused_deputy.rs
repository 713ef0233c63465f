use super::each_trust;
use crate::{
    analysis::policy::{Condition, Pin, Principals, account_of},
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// Services whose guides ask for `aws:SourceArn` or `aws:SourceAccount` in the trust policies of the roles that
/// they assume ("Cross-service confused deputy prevention"). Not among them: EC2, Lambda and others that only
/// take a role from a caller of the same account and never send the keys.
const DOCUMENTED: [&str; 52] = [
    "appflow.amazonaws.com",
    "appstream.amazonaws.com",
    "appsync.amazonaws.com",
    "autoscaling.amazonaws.com",
    "bedrock-agentcore.amazonaws.com",
    "bedrock.amazonaws.com",
    "cloudformation.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "codebuild.amazonaws.com",
    "codepipeline.amazonaws.com",
    "comprehend.amazonaws.com",
    "config.amazonaws.com",
    "databrew.amazonaws.com",
    "datasync.amazonaws.com",
    "dlm.amazonaws.com",
    "dms.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "elasticmapreduce.amazonaws.com",
    "events.amazonaws.com",
    "export.rds.amazonaws.com",
    "finspace.amazonaws.com",
    "firehose.amazonaws.com",
    "fis.amazonaws.com",
    "forecast.amazonaws.com",
    "frauddetector.amazonaws.com",
    "gamelift.amazonaws.com",
    "glue.amazonaws.com",
    "grafana.amazonaws.com",
    "greengrass.amazonaws.com",
    "imagebuilder.amazonaws.com",
    "iot.amazonaws.com",
    "kendra.amazonaws.com",
    "kinesisanalytics.amazonaws.com",
    "logs.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "omics.amazonaws.com",
    "personalize.amazonaws.com",
    "pipes.amazonaws.com",
    "quicksight.amazonaws.com",
    "rds.amazonaws.com",
    "redshift.amazonaws.com",
    "rekognition.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "ses.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "storagegateway.amazonaws.com",
    "transcribe.amazonaws.com",
    "transfer.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

pub(super) const CHECK: Check = Check {
    id: "iam-role-confused-deputy",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_trust(cx, |cx, _, trust| {
            let (mut services, mut open, mut statements) = (Vec::new(), Vec::new(), Vec::new());
            for statement in trust.allows().filter(|s| s.actions.selects_action("sts:AssumeRole")) {
                let Some(Principals::Any(named)) = &statement.principals else { continue };
                let trusted = named.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case("Service"));
                let trusted: Vec<_> = trusted
                    .map(|(_, name)| name.as_str())
                    .filter(|name| DOCUMENTED.contains(&name.to_ascii_lowercase().as_str()))
                    .collect();
                if !trusted.is_empty() && !statement.conditions.iter().any(|it| names_source(cx, it)) {
                    open.extend(trusted.clone());
                    statements.push(statement.label());
                }
                services.extend(trusted);
            }
            if services.is_empty() {
                return Err(NotJudged::NotApplicable);
            }
            let account = &cx.snapshot.account.id;
            Ok(Verdict::fail_if(!open.is_empty())
                .with("services", open)
                .with("statements", statements)
                .with("account", account))
        });
    },
};

/// Whether the condition says for whose resources the service may use the role.
fn names_source(cx: &Context<'_>, condition: &Condition) -> bool {
    // A wildcard in an ARN is what AWS recommends where resources change, as long as the account is fixed.
    let arn = condition.requires("aws:SourceArn");
    arn.is_some_and(|arns| !arns.is_empty() && arns.iter().all(|arn| account_of(arn).is_some()))
        || ["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths", "sts:ExternalId"]
            .iter()
            .any(|key| condition.key.eq_ignore_ascii_case(key))
            && (condition.pins() == Pin::Fixed
                // Firehose sends the account's number as external id.
                || condition.requires("sts:ExternalId").is_some_and(|ids| ids == [cx.snapshot.account.id.as_str()]))
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trust, CHECK, DOCUMENTED};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, silent},
    };

    fn trusting(service: &str, condition: &str) -> Snapshot {
        with_trust(&format!(
            r#"{{"Effect": "Allow", "Principal": {{"Service": "{service}"}}, "Action": "sts:AssumeRole",
                "Condition": {condition}}}"#
        ))
    }

    #[test]
    fn the_list_is_sorted() {
        assert!(DOCUMENTED.is_sorted());
    }

    #[test]
    fn fails_when_the_service_may_act_for_anyone() {
        let finding = fails(&CHECK, &trusting("scheduler.amazonaws.com", "{}"));
        assert_eq!(finding.evidence["services"], serde_json::json!(["scheduler.amazonaws.com"]));
        fails(
            &CHECK,
            &trusting("glue.amazonaws.com", r#"{"ArnLike": {"aws:SourceArn": "arn:aws:glue:*:*:*"}}"#),
        );
        let if_exists = r#"{"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}"#;
        fails(&CHECK, &trusting("glue.amazonaws.com", if_exists));
    }

    #[test]
    fn passes_when_the_source_is_named() {
        for condition in [
            r#"{"StringEquals": {"aws:SourceAccount": "111122223333"}}"#,
            r#"{"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:111122223333:schedule-group/*"}}"#,
            r#"{"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}"#,
        ] {
            passes(&CHECK, &trusting("scheduler.amazonaws.com", condition));
        }
        let account = r#"{"StringEquals": {"sts:ExternalId": "111122223333"}}"#;
        passes(&CHECK, &trusting("firehose.amazonaws.com", account));
    }

    #[test]
    fn says_nothing_of_services_that_do_not_send_the_keys() {
        silent(&CHECK, &trusting("ec2.amazonaws.com", "{}"));
        silent(&CHECK, &trusting("lambda.amazonaws.com", "{}"));
    }
}

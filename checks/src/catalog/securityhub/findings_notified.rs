use serde_json::{Value, json};

use super::where_enabled;
use crate::{
    analysis::notification::notifies,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "securityhub-findings-notified",
    severity: Severity::Low,
    sources: &[Source::SecurityHub, Source::EventBridgeRules, Source::SnsTopics],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Events::Rule", |_| {
                where_enabled(region)?;
                Ok(Verdict::fail_if(!notifies(region, &events())?))
            });
        });
    },
};

/// A critical finding as it is imported, as EventBridge sees it; its second form is that of the newer Security
/// Hub.
fn events() -> [Value; 2] {
    let finding = json!({
        "Severity": {"Label": "CRITICAL", "Normalized": 90},
        "RecordState": "ACTIVE",
        "Workflow": {"Status": "NEW"},
        "Compliance": {"Status": "FAILED"},
        "ProductName": "Security Hub",
    });
    ["Security Hub Findings - Imported", "Findings Imported V2"].map(|kind| {
        json!({
            "source": "aws.securityhub",
            "detail-type": kind,
            "detail": {"findings": [finding.clone()]},
        })
    })
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            eventbridge::Rule,
            sns::{Topic, TopicAttributes},
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn enabled_account() -> Snapshot {
        let mut account = empty();
        region(&mut account).securityhub.enabled = read(true);
        account
    }

    fn with_rule(pattern: &str, enabled: bool, subscriptions: u64) -> Snapshot {
        let topic = "arn:aws:sns:eu-west-1:111122223333:security";
        let mut account = enabled_account();
        let region = region(&mut account);
        region.eventbridge.rules = read(vec![Rule {
            name: "findings".into(),
            enabled,
            pattern: Some(pattern.into()),
            targets: read(vec![topic.into()]),
            ..Rule::default()
        }]);
        region.sns.topics = read(vec![Topic {
            arn: topic.into(),
            attributes: read(TopicAttributes {
                confirmed_subscriptions: subscriptions,
                ..TopicAttributes::default()
            }),
        }]);
        account
    }

    #[test]
    fn fails_without_a_live_rule() {
        fails(&CHECK, &enabled_account());
        fails(
            &CHECK,
            &with_rule(
                r#"{"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"], "detail": {"findings": {"Severity": {"Label": ["CRITICAL", "HIGH"]}}}}"#,
                false,
                1,
            ),
        );
        fails(
            &CHECK,
            &with_rule(
                r#"{"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"], "detail": {"findings": {"Severity": {"Label": ["CRITICAL", "HIGH"]}}}}"#,
                true,
                0,
            ),
        );
        fails(
            &CHECK,
            &with_rule(
                r#"{"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Custom Action"]}"#,
                true,
                1,
            ),
        );
    }

    #[test]
    fn passes_with_one() {
        passes(
            &CHECK,
            &with_rule(
                r#"{"source": ["aws.securityhub"], "detail-type": ["Security Hub Findings - Imported"], "detail": {"findings": {"Severity": {"Label": ["CRITICAL", "HIGH"]}}}}"#,
                true,
                1,
            ),
        );
    }

    #[test]
    fn says_nothing_where_it_is_off() {
        silent(&CHECK, &empty());
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).securityhub.enabled = denied();
        unknown(&CHECK, &account);
    }
}

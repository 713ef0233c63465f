use serde_json::{Value, json};

use crate::{
    analysis::notification::notifies,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-findings-notified",
    severity: Severity::Medium,
    sources: &[Source::GuardDutyDetectors, Source::EventBridgeRules, Source::SnsTopics],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Events::Rule", |_| {
                if !region.guardduty.detectors.get()?.iter().any(|detector| detector.enabled) {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(!notifies(region, &events())?))
            });
        });
    },
};

/// Findings of high severity, as EventBridge sees them: a rule for one of them counts.
fn events() -> [Value; 2] {
    ["UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B", "Backdoor:EC2/C&CActivity.B"].map(|kind| {
        json!({
            "source": "aws.guardduty",
            "detail-type": "GuardDuty Finding",
            "detail": {"type": kind, "severity": 8.0, "service": {"archived": false}},
        })
    })
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::guardduty::Detector,
        snapshot::{
            Snapshot,
            eventbridge::Rule,
            sns::{Topic, TopicAttributes},
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn enabled_account() -> Snapshot {
        let mut account = empty();
        region(&mut account).guardduty.detectors =
            read(vec![Detector { id: "d1".into(), enabled: true, features: [].into() }]);
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
                r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [{"numeric": [">=", 7]}]}}"#,
                false,
                1,
            ),
        );
        fails(
            &CHECK,
            &with_rule(
                r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [{"numeric": [">=", 7]}]}}"#,
                true,
                0,
            ),
        );
        fails(
            &CHECK,
            &with_rule(
                r#"{"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": ["<", 4]}]}}"#,
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
                r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [{"numeric": [">=", 7]}]}}"#,
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
        region(&mut account).guardduty.detectors = denied();
        unknown(&CHECK, &account);
    }
}

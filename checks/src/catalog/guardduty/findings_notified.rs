use crate::{
    analysis::{finding_event, notification::notifies},
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gaps, NotJudged},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-findings-notified",
    severity: Severity::Medium,
    sources: &[
        Source::GuardDutyDetectors,
        Source::GuardDutyAdministrator,
        Source::EventBridgeRules,
        Source::SnsTopics,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Events::Rule", |cx| {
                let detectors = region.guardduty.detectors.get()?;
                let detector = detectors.iter().find(|detector| detector.enabled);
                let detector = detector.ok_or(NotJudged::NotApplicable)?;
                let (mut unheard, mut gaps) = (Vec::new(), Gaps::default());
                for (kind, resource_type, severity) in FINDINGS {
                    let event = finding_event::guardduty(&cx.place(), kind, resource_type, severity);
                    if gaps.known(notifies(region, &cx.place(), &event)) == Some(false) {
                        unheard.push(kind);
                    }
                }
                gaps.unless(!unheard.is_empty())?;
                if unheard.is_empty() {
                    return Ok(Verdict::pass());
                }
                // Only the message depends on it.
                let administrator =
                    region.guardduty.administrators.of(&detector.id).ok().and_then(Option::as_ref);
                let verdict = Verdict::fail().with("unheard", &unheard).with("administrator", administrator);
                Ok(match administrator {
                    _ if unheard.len() < FINDINGS.len() => verdict.told_as("partly"),
                    Some(_) => verdict.told_as("member"),
                    None => verdict,
                })
            });
        });
    },
};

/// A serious finding of each kind, with what it is about and its severity: somebody must hear of all of them.
const FINDINGS: [(&str, &str, f64); 5] = [
    ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", "AccessKey", 8.0),
    ("Backdoor:EC2/C&CActivity.B", "Instance", 8.0),
    ("Exfiltration:S3/AnomalousBehavior", "AccessKey", 8.0),
    ("Execution:Runtime/ReverseShell", "Instance", 8.0),
    ("AttackSequence:IAM/CompromisedCredentials", "AttackSequence", 9.0),
];

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
    fn passes_with_a_rule_that_names_what_every_finding_has() {
        for pattern in [
            r#"{"source": ["aws.guardduty"], "account": ["111122223333"], "region": ["eu-west-1"]}"#,
            r#"{"source": ["aws.guardduty"], "detail": {"accountId": [{"anything-but": "444455556666"}]}}"#,
            r#"{"source": ["aws.guardduty"], "detail": {"service": {"count": [1], "archived": [false]}}}"#,
        ] {
            passes(&CHECK, &with_rule(pattern, true, 1));
        }
        fails(&CHECK, &with_rule(r#"{"source": ["aws.guardduty"], "account": ["444455556666"]}"#, true, 1));
    }

    #[test]
    fn fails_when_some_kinds_go_unheard() {
        let narrow = r#"{"source": ["aws.guardduty"], "detail": {"type": [{"prefix": "Backdoor:"}]}}"#;
        let finding = fails(&CHECK, &with_rule(narrow, true, 1));
        assert_eq!(finding.variant, Some("partly"));
        assert_eq!(finding.evidence["unheard"].as_array().map(Vec::len), Some(4));
        let not_critical = r#"{"source": ["aws.guardduty"], "detail": {"severity": [7, 8, 8.9]}}"#;
        let finding = fails(&CHECK, &with_rule(not_critical, true, 1));
        assert_eq!(
            finding.evidence["unheard"],
            serde_json::json!(["AttackSequence:IAM/CompromisedCredentials"])
        );
    }

    #[test]
    fn fails_in_a_member_with_its_administrator() {
        let mut account = enabled_account();
        region(&mut account).guardduty.administrators =
            read([("d1".to_owned(), read(Some("444455556666".to_owned())))].into());
        let finding = fails(&CHECK, &account);
        assert_eq!(finding.variant, Some("member"));
        assert_eq!(finding.evidence["administrator"], "444455556666");
        region(&mut account).guardduty.administrators = denied();
        assert_eq!(fails(&CHECK, &account).variant, None);
    }

    #[test]
    fn unknown_when_a_pattern_is_not_understood() {
        unknown(&CHECK, &with_rule(r#"{"source": [{"regex": "aws.*"}]}"#, true, 1));
    }

    #[test]
    fn says_nothing_where_it_is_off() {
        silent(&CHECK, &empty());
    }
}

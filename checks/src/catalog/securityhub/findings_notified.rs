use super::where_enabled;
use crate::{
    analysis::{finding_event, notification::notifies},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "securityhub-findings-notified",
    severity: Severity::Low,
    sources: &[
        Source::SecurityHub,
        Source::SecurityHubAdministrator,
        Source::SecurityHubV2,
        Source::EventBridgeRules,
        Source::SnsTopics,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Events::Rule", |cx| {
                where_enabled(region)?;
                let place = cx.place();
                let notified = notifies(region, &place, &finding_event::security_hub(&place));
                if notified == Ok(true) {
                    return Ok(Verdict::pass());
                }
                // A rule for the newer Security Hub's events hears of findings only where that is on too.
                if notifies(region, &place, &finding_event::security_hub_ocsf(&place))?
                    && *region.securityhub.sends_ocsf.get()?
                {
                    return Ok(Verdict::pass());
                }
                notified?;
                // Only the message depends on it.
                let administrator = region.securityhub.administrator.get().ok().and_then(Option::as_ref);
                let verdict = Verdict::fail().with("administrator", administrator);
                Ok(if administrator.is_some() { verdict.told_as("member") } else { verdict })
            });
        });
    },
};

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
    fn passes_with_a_rule_that_names_what_every_finding_has() {
        for pattern in [
            r#"{"source": ["aws.securityhub"], "account": ["111122223333"], "region": ["eu-west-1"]}"#,
            r#"{"detail": {"findings": {"AwsAccountId": ["111122223333"], "Types": [{"exists": true}]}}}"#,
            r#"{"detail": {"findings": {"SchemaVersion": ["2018-10-08"], "ProductArn": [{"prefix": "arn:aws:securityhub"}]}}}"#,
        ] {
            passes(&CHECK, &with_rule(pattern, true, 1));
        }
    }

    #[test]
    fn a_rule_for_the_newer_security_hub_counts_where_that_is_on() {
        let pattern = r#"{"detail-type": ["Findings Imported V2"], "detail": {"findings": {"severity": ["High", "Critical"], "status": ["New"]}}}"#;
        let mut account = with_rule(pattern, true, 1);
        fails(&CHECK, &account);
        region(&mut account).securityhub.sends_ocsf = read(true);
        passes(&CHECK, &account);
        region(&mut account).securityhub.sends_ocsf = denied();
        unknown(&CHECK, &account);
        let of_the_older = r#"{"detail-type": ["Findings Imported V2"], "detail": {"findings": {"Severity": {"Label": ["CRITICAL"]}}}}"#;
        let mut account = with_rule(of_the_older, true, 1);
        region(&mut account).securityhub.sends_ocsf = read(true);
        fails(&CHECK, &account);
    }

    #[test]
    fn fails_in_a_member_with_its_administrator() {
        let mut account = enabled_account();
        region(&mut account).securityhub.administrator = read(Some("444455556666".to_owned()));
        assert_eq!(fails(&CHECK, &account).variant, Some("member"));
        region(&mut account).securityhub.administrator = denied();
        assert_eq!(fails(&CHECK, &account).variant, None);
    }

    #[test]
    fn a_pattern_that_is_not_understood_is_not_fine() {
        unknown(&CHECK, &with_rule(r#"{"source": [{"regex": "aws.*"}]}"#, true, 1));
    }

    #[test]
    fn says_nothing_where_it_is_off() {
        silent(&CHECK, &empty());
    }
}

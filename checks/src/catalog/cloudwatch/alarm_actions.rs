use crate::{
    analysis::notification::Composites,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-actions",
    severity: Severity::Low,
    sources: &[Source::CloudWatchAlarms],
    run: |cx| {
        cx.each_region(|cx, region| {
            let composites = region.cloudwatch.alarms.get().map(|alarms| Composites::of(alarms));
            cx.each_known(&region.cloudwatch.alarms, |_, alarm| {
                let composites = composites.as_ref().map_err(Clone::clone)?;
                // One that only feeds a composite alarm, or keeps it from acting, leaves the acting to it.
                let acts = composites
                    .with_dependants(alarm)
                    .iter()
                    .any(|alarm| alarm.actions_enabled && !alarm.alarm_actions.is_empty());
                let verdict = Verdict::fail_if(!acts).with("alarm_actions", &alarm.alarm_actions);
                Ok(if alarm.alarm_actions.is_empty() { verdict } else { verdict.told_as("disabled") })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{Snapshot, cloudwatch::Alarm},
        testing::{empty, failing, fails, passes, read, region},
    };

    fn with_alarm(actions_enabled: bool, actions: &[&str]) -> Snapshot {
        let mut account = empty();
        region(&mut account).cloudwatch.alarms = read(vec![Alarm {
            name: "a".into(),
            arn: "arn:a".into(),
            actions_enabled,
            alarm_actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            ..Alarm::default()
        }]);
        account
    }

    #[test]
    fn fails_without_or_when_disabled() {
        fails(&CHECK, &with_alarm(true, &[]));
        fails(&CHECK, &with_alarm(false, &["arn:topic"]));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_alarm(true, &["arn:topic"]));
    }

    #[test]
    fn leaves_the_acting_to_composite_alarms() {
        let with_composite = |actions: &[&str], rule: &str, suppressor: Option<&str>| {
            let mut account = with_alarm(true, &[]);
            let Collected::Value(alarms) = &mut region(&mut account).cloudwatch.alarms else {
                unreachable!()
            };
            alarms.push(Alarm {
                name: "composite".into(),
                arn: "arn:composite".into(),
                rule: Some(rule.into()),
                actions_suppressor: suppressor.map(str::to_owned),
                actions_enabled: true,
                alarm_actions: actions.iter().map(|action| (*action).to_owned()).collect(),
                ..Alarm::default()
            });
            account
        };
        let acting = ["arn:topic"];
        assert_eq!(failing(&CHECK, &with_composite(&acting, "ALARM(a) AND ALARM(b)", None)), [""; 0]);
        assert_eq!(failing(&CHECK, &with_composite(&acting, "ALARM(b)", Some("a"))), [""; 0]);
        assert_eq!(failing(&CHECK, &with_composite(&acting, "ALARM(ab)", None)), ["a"]);
        assert_eq!(failing(&CHECK, &with_composite(&[], "ALARM(a)", None)), ["a", "composite"]);
    }
}

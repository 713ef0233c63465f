use super::{CHAIN, judge_calls};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-cloudtrail-changes",
    severity: Severity::Low,
    sources: CHAIN,
    run: |cx| {
        judge_calls(cx, "cloudtrail", &EVENTS);
    },
};

/// The events that the control names.
const EVENTS: [&str; 5] = ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"];

#[cfg(test)]
mod tests {
    use super::{super::testing::with_filter, CHECK};
    use crate::testing::{empty, fails, passes};

    const PATTERN: &str = r#"{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging)) }"#;
    const TOO_NARROW: &str = r#"{ ($.eventSource = cloudtrail.amazonaws.com) && (($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging)) }"#;

    #[test]
    fn passes_when_the_chain_is_complete() {
        passes(&CHECK, &with_filter(PATTERN));
    }

    #[test]
    fn fails_when_an_event_is_missed() {
        fails(&CHECK, &with_filter(TOO_NARROW));
        fails(&CHECK, &empty());
    }
}

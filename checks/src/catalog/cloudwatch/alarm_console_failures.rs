use super::{CHAIN, judge_attempts};
use crate::{analysis::record, check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-console-failures",
    severity: Severity::Low,
    sources: CHAIN,
    run: |cx| {
        let event = record::sign_in(cx.snapshot, false);
        judge_attempts(cx, &[event]);
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_filter, CHECK};
    use crate::testing::{empty, fails, passes};

    const PATTERN: &str = r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }"#;
    const TOO_NARROW: &str = r#"{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Other") }"#;

    #[test]
    fn passes_when_the_chain_is_complete() {
        passes(&CHECK, &with_filter(PATTERN));
        let by_response =
            r#"{ ($.eventName = ConsoleLogin) && ($.responseElements.ConsoleLogin = "Failure") }"#;
        passes(&CHECK, &with_filter(by_response));
    }

    #[test]
    fn fails_when_an_event_is_missed() {
        fails(&CHECK, &with_filter(TOO_NARROW));
        fails(&CHECK, &empty());
    }
}

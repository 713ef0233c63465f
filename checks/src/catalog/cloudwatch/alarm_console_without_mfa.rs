use super::{CHAIN, judge_chain};
use crate::{analysis::record, check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-console-without-mfa",
    severity: Severity::Low,
    sources: CHAIN,
    run: |cx| {
        let event = record::sign_in(cx.snapshot, true);
        judge_chain(cx, &[event]);
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_filter, CHECK};
    use crate::testing::{empty, fails, passes};

    const PATTERN: &str = r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#;
    const TOO_NARROW: &str =
        r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed = "Yes") }"#;

    #[test]
    fn passes_when_the_chain_is_complete() {
        passes(&CHECK, &with_filter(PATTERN));
        let users_only = r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.arn != "*assumed-role*") }"#;
        passes(&CHECK, &with_filter(users_only));
    }

    #[test]
    fn fails_when_an_event_is_missed() {
        fails(&CHECK, &with_filter(TOO_NARROW));
        fails(&CHECK, &empty());
    }
}

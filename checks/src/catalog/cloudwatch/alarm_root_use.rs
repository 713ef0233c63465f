use super::{CHAIN, judge_chain};
use crate::{analysis::record, check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-root-use",
    severity: Severity::Low,
    sources: CHAIN,
    run: |cx| {
        let snapshot = cx.snapshot;
        let events = [record::call(snapshot, "iam", "CreateAccessKey"), record::sign_in(snapshot, true)];
        judge_chain(cx, &events.map(|event| record::by_root(snapshot, event)));
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_filter, CHECK};
    use crate::testing::{empty, fails, passes};

    const PATTERN: &str = r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#;
    const TOO_NARROW: &str = r#"{ $.userIdentity.type = "Root" && $.eventType = "AwsConsoleSignIn" }"#;

    #[test]
    fn passes_when_the_chain_is_complete() {
        passes(&CHECK, &with_filter(PATTERN));
        passes(&CHECK, &with_filter(r#"{ $.userIdentity.arn = "arn:aws:iam::111122223333:root" }"#));
    }

    #[test]
    fn fails_when_an_event_is_missed() {
        fails(&CHECK, &with_filter(TOO_NARROW));
        fails(&CHECK, &empty());
    }
}

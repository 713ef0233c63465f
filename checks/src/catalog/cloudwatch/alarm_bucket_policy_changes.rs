use super::{CHAIN, judge_calls};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "cloudwatch-alarm-bucket-policy-changes",
    severity: Severity::Low,
    sources: CHAIN,
    run: |cx| {
        judge_calls(cx, "s3", &EVENTS);
    },
};

/// The events that the control names.
const EVENTS: [&str; 9] = [
    "PutBucketAcl",
    "PutBucketPolicy",
    "PutBucketCors",
    "PutBucketLifecycle",
    "PutBucketReplication",
    "DeleteBucketPolicy",
    "DeleteBucketCors",
    "DeleteBucketLifecycle",
    "DeleteBucketReplication",
];

#[cfg(test)]
mod tests {
    use super::{super::testing::with_filter, CHECK};
    use crate::testing::{empty, fails, passes};

    const PATTERN: &str = r#"{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketAcl) || ($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }"#;
    const TOO_NARROW: &str = r#"{ ($.eventSource = s3.amazonaws.com) && (($.eventName = PutBucketPolicy) || ($.eventName = PutBucketCors) || ($.eventName = PutBucketLifecycle) || ($.eventName = PutBucketReplication) || ($.eventName = DeleteBucketPolicy) || ($.eventName = DeleteBucketCors) || ($.eventName = DeleteBucketLifecycle) || ($.eventName = DeleteBucketReplication)) }"#;

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

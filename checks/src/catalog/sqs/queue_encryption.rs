use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "sqs-queue-encryption",
    severity: Severity::Low,
    sources: &[Source::SqsQueues],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.sqs.queues, |_, queue| {
                let attributes = queue.attributes.get()?;
                Ok(Verdict::fail_if(attributes.kms_key.is_none() && !attributes.sqs_managed_encryption))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_queue, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_not() {
        fails(&CHECK, &with_queue(|q| q.sqs_managed_encryption = false));
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with_queue(|_| ()));
        passes(
            &CHECK,
            &with_queue(|q| {
                q.sqs_managed_encryption = false;
                q.kms_key = Some("k".into());
            }),
        );
    }
}

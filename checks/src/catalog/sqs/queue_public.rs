use crate::{
    analysis::policy::public::open_to_everyone,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// SQS.3.
pub(super) const CHECK: Check = Check {
    id: "sqs-queue-public",
    severity: Severity::High,
    sources: &[Source::SqsQueues],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.sqs.queues.get(), |cx, queue| {
                let Some(policy) = &queue.attributes.get()?.policy else { return Ok(Verdict::pass()) };
                let place = ("sqs:GetQueueAttributes", cx.place().region, queue.name.as_str());
                let grants = open_to_everyone(policy, &[], place)?;
                let Some(grant) = grants.first() else { return Ok(Verdict::pass()) };
                Ok(Verdict::fail()
                    .with("statement", &grant.statement)
                    .with("actions", &grant.actions)
                    .with("conditions", &grant.conditions))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_queue, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, region, unknown},
    };

    fn with_queue_policy(condition: &str) -> Snapshot {
        with_queue(|queue| {
            queue.policy = Some(format!(
                r#"{{"Statement": [{{"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"{condition}}}]}}"#
            ));
        })
    }

    #[test]
    fn fails_when_everyone_is_allowed() {
        fails(&CHECK, &with_queue_policy(""));
    }

    #[test]
    fn passes_when_not() {
        passes(
            &CHECK,
            &with_queue_policy(
                r#", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:orders"}}"#,
            ),
        );
        passes(&CHECK, &with_queue(|_| ()));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).sqs.queues = denied();
        unknown(&CHECK, &account);
    }
}

use crate::{
    catalog::judge_policy,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::sqs::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "sqs-queue-public",
    severity: Severity::High,
    sources: &[Source::SqsQueues, Source::ServiceControlPolicies],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.sqs.queues.get(), |cx, queue| {
                let Some(policy) = &queue.attributes.get()?.policy else { return Ok(Verdict::pass()) };
                let place = (op::GetQueueAttributes, queue.name.as_str());
                judge_policy(cx, policy, &[], place)
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_queue, CHECK};
    use crate::{
        analysis::resource_controls::tests::{perimeter, under},
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes},
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
        assert_eq!(fails(&CHECK, &with_queue_policy("")).severity, Severity::High);
    }

    #[test]
    fn fails_lower_when_a_condition_with_a_wildcard_names_the_account() {
        let of = |arn: &str| {
            let condition = format!(r#", "Condition": {{"ArnLike": {{"aws:SourceArn": "{arn}"}}}}"#);
            fails(&CHECK, &with_queue_policy(&condition))
        };
        let finding = of("arn:aws:s3:eu-west-1:111122223333:*");
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
        assert_eq!(of("arn:aws:s3:eu-west-1:*:orders").severity, Severity::High);
    }

    #[test]
    fn a_resource_control_policy_closes_it() {
        passes(&CHECK, &under(with_queue_policy(""), Some(&[&perimeter("sqs:*")])));
        fails(&CHECK, &under(with_queue_policy(""), Some(&[&perimeter("sqs:SendMessage")])));
        let finding = fails(&CHECK, &under(with_queue_policy(""), None));
        assert_eq!(finding.evidence["resource_control_policies_considered"], false);
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
}

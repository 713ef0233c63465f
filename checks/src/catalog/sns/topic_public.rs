use crate::{
    catalog::judge_policy,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::sns::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "sns-topic-public",
    severity: Severity::High,
    sources: &[Source::SnsTopics],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.sns.topics.get(), |cx, topic| {
                let Some(policy) = &topic.attributes.get()?.policy else { return Ok(Verdict::pass()) };
                let place = (op::GetTopicAttributes, topic.arn.as_str());
                judge_policy(cx, policy, &[], place)
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_topic, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes},
    };

    fn with_topic_policy(condition: &str) -> Snapshot {
        with_topic(|topic| {
            topic.policy = Some(format!(
                r#"{{"Statement": [{{"Sid": "s", "Effect": "Allow", "Principal": {{"AWS": "*"}}, "Action": "SNS:Publish", "Resource": "*"{condition}}}]}}"#
            ));
        })
    }

    #[test]
    fn fails_when_everyone_is_allowed() {
        assert_eq!(fails(&CHECK, &with_topic_policy("")).severity, Severity::High);
    }

    #[test]
    fn fails_lower_when_a_condition_with_a_wildcard_names_the_account() {
        let of = |arn: &str| {
            let condition = format!(r#", "Condition": {{"ArnLike": {{"aws:SourceArn": "{arn}"}}}}"#);
            fails(&CHECK, &with_topic_policy(&condition))
        };
        let finding = of("arn:aws:s3:eu-west-1:111122223333:*");
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
        assert_eq!(of("arn:aws:s3:eu-west-1:*:orders").severity, Severity::High);
    }

    #[test]
    fn passes_when_not() {
        passes(
            &CHECK,
            &with_topic_policy(r#", "Condition": {"StringEquals": {"AWS:SourceOwner": "111122223333"}}"#),
        );
        passes(&CHECK, &with_topic(|_| ()));
    }
}

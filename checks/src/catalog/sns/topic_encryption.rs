use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "sns-topic-encryption",
    severity: Severity::Info,
    sources: &[Source::SnsTopics],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.sns.topics, |_, topic| {
                Ok(Verdict::fail_if(topic.attributes.get()?.kms_key.is_none()))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_topic, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_topic(|_| ()));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_topic(|t| t.kms_key = Some("arn:key".into())));
    }
}

//! Simple Notification Service.

use std::collections::HashMap;

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    snapshot::sns::{Sns, Topic, TopicAttributes, op},
    source::Source,
};
use aws_sdk_sns::Client;

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Sns {
    let client = &ask.aws.sns();
    Sns { topics: ask.list(Source::SnsTopics, topics(ask, client)).await }
}

async fn topics(ask: &Ask, client: &Client) -> Result<Read<Vec<Topic>>, CallError> {
    let operation = op::ListTopics;
    let pages = ask
        .pages(
            operation,
            None,
            // The operation has no page size.
            |token| client.list_topics().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.topics());
    let arns = ask.items(operation, listed, |topic| text(topic.topic_arn(), "TopicArn"));
    let topics = arns.then(|topic| async move {
        let arn = topic.as_str();
        let send = || client.get_topic_attributes().topic_arn(arn).send();
        let answer = ask.call(op::GetTopicAttributes, Some(arn), send).await;
        let attributes = answer.and_then(|answer| match answer.attributes() {
            Some(all) => attributes(ask, arn, all),
            None => Err(ask.unreadable(op::GetTopicAttributes, Some(arn), "no attributes")),
        });
        Topic { attributes: ask.keep(attributes), arn: topic }
    });
    Ok(topics.await.sorted(|topic| topic.arn.clone()))
}

fn attributes(
    ask: &Ask,
    arn: &str,
    attributes: &HashMap<String, String>,
) -> Result<TopicAttributes, CallError> {
    let text = |name: &str| attributes.get(name).filter(|text| !text.is_empty()).cloned();
    let count = |name: &str| {
        let count = text(name).and_then(|count| count.parse().ok());
        count.ok_or_else(|| ask.unreadable(op::GetTopicAttributes, Some(arn), format!("no {name}")))
    };
    Ok(TopicAttributes {
        policy: text("Policy").as_deref().map(masked),
        kms_key: text("KmsMasterKeyId"),
        confirmed_subscriptions: count("SubscriptionsConfirmed")?,
        pending_subscriptions: count("SubscriptionsPending")?,
    })
}

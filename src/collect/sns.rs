//! Simple Notification Service.

use std::collections::HashMap;

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    snapshot::sns::{Sns, Topic, TopicAttributes},
    source::Source,
};
use aws_sdk_sns::Client;
use futures_util::future::join_all;

use super::{Ask, CallError, sorted};

pub(super) async fn collect(ask: &Ask) -> Sns {
    let client = &ask.aws.sns();
    Sns { topics: ask.source(Source::SnsTopics, topics(ask, client)).await }
}

async fn topics(ask: &Ask, client: &Client) -> Result<Vec<Topic>, CallError> {
    let pages = ask
        .pages(
            "sns:ListTopics",
            None,
            // The operation has no page size.
            |token| client.list_topics().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let arns = pages.iter().flat_map(|page| page.topics()).filter_map(|topic| topic.topic_arn());
    let topics = join_all(arns.map(|arn| async move {
        let send = || client.get_topic_attributes().topic_arn(arn).send();
        let answer = ask.call("sns:GetTopicAttributes", Some(arn), send).await;
        let attributes = answer.and_then(|answer| match answer.attributes() {
            Some(all) => attributes(ask, arn, all),
            None => Err(ask.unreadable("sns:GetTopicAttributes", Some(arn), "no attributes")),
        });
        Topic { arn: arn.to_owned(), attributes: ask.keep(attributes) }
    }))
    .await;
    Ok(sorted(topics, |topic| topic.arn.clone()))
}

fn attributes(
    ask: &Ask,
    arn: &str,
    attributes: &HashMap<String, String>,
) -> Result<TopicAttributes, CallError> {
    let text = |name: &str| attributes.get(name).filter(|text| !text.is_empty()).cloned();
    let count = |name: &str| {
        let count = text(name).and_then(|count| count.parse().ok());
        count.ok_or_else(|| ask.unreadable("sns:GetTopicAttributes", Some(arn), format!("no {name}")))
    };
    Ok(TopicAttributes {
        policy: text("Policy").as_deref().map(masked),
        kms_key: text("KmsMasterKeyId"),
        confirmed_subscriptions: count("SubscriptionsConfirmed")?,
        pending_subscriptions: count("SubscriptionsPending")?,
    })
}

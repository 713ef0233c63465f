//! Simple Notification Service.

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    snapshot::sns::{Sns, Topic, TopicAttributes, op},
    source::Source,
};

use crate::collect::{
    api::{Node, Request, SNS, Token},
    ask::Ask,
    call::CallError,
    items::{Read, filled},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Sns {
    Sns { topics: ask.list(Source::SnsTopics, topics(ask)).await }
}

async fn topics(ask: &Ask) -> Result<Read<Vec<Topic>>, CallError> {
    let operation = op::ListTopics;
    // The operation has no page size.
    let list = ("Topics", Token::named("NextToken"));
    let listed = SNS.list(ask, operation, None, Request::new(), list).await?;
    let arns = ask.items(operation, &listed, |topic| topic.required("TopicArn"));
    let topics = arns.then(|arn| async move {
        let request = Request::new().with("TopicArn", arn.as_str());
        let answer = SNS.one(ask, op::GetTopicAttributes, Some(&arn), request).await;
        let attributes = answer.and_then(|answer| attributes(ask, &arn, &answer));
        Topic { attributes: ask.keep(attributes), arn }
    });
    Ok(topics.await.sorted(|topic| topic.arn.clone()))
}

fn attributes(ask: &Ask, arn: &str, answer: &Node) -> Result<TopicAttributes, CallError> {
    let operation = op::GetTopicAttributes;
    let unreadable = |why: String| ask.unreadable(operation, Some(arn), why);
    if *answer.get("Attributes") == Node::Null {
        return Err(unreadable("no attributes".to_owned()));
    }
    let attributes = ask.item(operation, Some(arn), answer.tags("Attributes", "key", "value"))?;
    let text = |name: &str| filled(attributes.get(name));
    let count = |name: &str| {
        let count = text(name).and_then(|count| count.parse().ok());
        count.ok_or_else(|| unreadable(format!("no {name}")))
    };
    Ok(TopicAttributes {
        policy: text("Policy").as_deref().map(masked),
        kms_key: text("KmsMasterKeyId"),
        confirmed_subscriptions: count("SubscriptionsConfirmed")?,
        pending_subscriptions: count("SubscriptionsPending")?,
    })
}

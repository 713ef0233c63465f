//! Simple Notification Service.

mod topic_dead;
mod topic_encryption;
mod topic_public;

super::checks! {
    topic_dead
    topic_encryption
    topic_public
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            sns::{Topic, TopicAttributes},
        },
        testing::{empty, read, region},
    };

    /// An account with a topic with a confirmed subscription, changed.
    pub(super) fn with_topic(change: impl FnOnce(&mut TopicAttributes)) -> Snapshot {
        let mut attributes = TopicAttributes { confirmed_subscriptions: 1, ..TopicAttributes::default() };
        change(&mut attributes);
        let mut account = empty();
        region(&mut account).sns.topics = read(vec![Topic {
            arn: "arn:aws:sns:eu-west-1:111122223333:security".into(),
            attributes: read(attributes),
        }]);
        account
    }
}

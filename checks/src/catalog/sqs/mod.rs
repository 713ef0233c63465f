//! Simple Queue Service.

mod queue_encryption;
mod queue_public;

super::checks! {
    queue_encryption
    queue_public
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            sqs::{Queue, QueueAttributes},
        },
        testing::{empty, read, region},
    };

    /// An account with a queue as AWS makes it today, changed.
    pub(super) fn with_queue(change: impl FnOnce(&mut QueueAttributes)) -> Snapshot {
        let mut attributes = QueueAttributes { sqs_managed_encryption: true, ..QueueAttributes::default() };
        change(&mut attributes);
        let mut account = empty();
        region(&mut account).sqs.queues =
            read(vec![Queue { name: "orders".into(), attributes: read(attributes) }]);
        account
    }
}

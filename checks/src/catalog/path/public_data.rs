use super::path;
use crate::check::Check;

/// A secret, queue, topic, repository, snapshot or image that any AWS account reads.
pub(super) const CHECK: Check = path("path-public-data");

#[cfg(test)]
mod tests {
    use super::{super::testing::Account, CHECK};
    use crate::{
        finding::Severity,
        snapshot::sqs::{Queue, QueueAttributes},
        testing::{fails, passes, read, region},
    };

    fn queue(action: &str) -> Account {
        let policy = format!(
            r#"{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Action": "{action}", "Resource": "*"}}]}}"#
        );
        Account::new().change(|account| {
            let attributes =
                QueueAttributes { policy: Some(policy), kms_key: None, sqs_managed_encryption: true };
            region(account).sqs.queues =
                read(vec![Queue { name: "payments".into(), attributes: read(attributes) }]);
        })
    }

    #[test]
    fn fails_where_there_is_a_path() {
        assert_eq!(fails(&CHECK, &queue("sqs:*").0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        passes(&CHECK, &queue("sqs:SendMessage").0);
    }
}

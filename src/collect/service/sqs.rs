//! Simple Queue Service.

use aws_audit_checks::{
    analysis::policy::shared_secret::masked,
    snapshot::sqs::{Queue, QueueAttributes, Sqs, op},
    source::Source,
};
use aws_sdk_sqs::{Client, types::QueueAttributeName};

use crate::collect::{
    ask::{Ask, each_of, sorted},
    call::CallError,
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Sqs {
    let client = &ask.aws.sqs();
    Sqs { queues: ask.source(Source::SqsQueues, queues(ask, client)).await }
}

async fn queues(ask: &Ask, client: &Client) -> Result<Vec<Queue>, CallError> {
    let pages = ask
        .pages(
            op::ListQueues,
            None,
            |token| client.list_queues().max_results(1000).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let urls = pages.iter().flat_map(|page| page.queue_urls());
    let queues = each_of(urls.map(|url| async move {
        Queue {
            name: url.rsplit('/').next().unwrap_or_default().to_owned(),
            attributes: ask.keep(attributes(ask, client, url).await),
        }
    }))
    .await;
    Ok(sorted(queues, |queue| queue.name.clone()))
}

async fn attributes(ask: &Ask, client: &Client, url: &str) -> Result<QueueAttributes, CallError> {
    let send = || {
        let wanted = [
            QueueAttributeName::Policy,
            QueueAttributeName::KmsMasterKeyId,
            QueueAttributeName::SqsManagedSseEnabled,
        ];
        client.get_queue_attributes().queue_url(url).set_attribute_names(Some(wanted.to_vec())).send()
    };
    let answer = ask.call(op::GetQueueAttributes, Some(url), send).await?;
    let text = |name: &QueueAttributeName| {
        answer.attributes().and_then(|all| all.get(name)).filter(|text| !text.is_empty()).cloned()
    };
    Ok(QueueAttributes {
        policy: text(&QueueAttributeName::Policy).as_deref().map(masked),
        kms_key: text(&QueueAttributeName::KmsMasterKeyId),
        sqs_managed_encryption: text(&QueueAttributeName::SqsManagedSseEnabled)
            .is_some_and(|on| on == "true"),
    })
}

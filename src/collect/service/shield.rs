//! AWS Shield, which answers in us-east-1 for the whole account.

use aws_audit_checks::{
    gap::Collected,
    snapshot::shield::{Shield, op},
    source::Source,
};
use aws_sdk_shield::types::SubscriptionState;

use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    items::text,
};

/// Where there is no Shield.
pub(in crate::collect) fn not_offered() -> Shield {
    Shield { subscribed: Collected::NotOffered, protections: Collected::NotOffered }
}

pub(in crate::collect) async fn collect(ask: &Ask) -> Shield {
    let client = &ask.aws.shield();
    let subscribed = ask.source(Source::ShieldSubscription, async {
        let send = || client.get_subscription_state().send();
        let answer = ask.call(op::GetSubscriptionState, None, send).await?;
        Ok(*answer.subscription_state() == SubscriptionState::Active)
    });
    let subscribed = subscribed.await;
    let protections = ask.after(Source::ShieldProtections, &subscribed, |subscribed| async {
        if !*subscribed {
            return Ok(Vec::new());
        }
        let pages = ask.pages(
            op::ListProtections,
            None,
            |token| client.list_protections().max_results(10_000).set_next_token(token).send(),
            |page| page.next_token(),
        );
        // An account that never subscribed has no list at all.
        let Some(pages) = CallError::unless_absent(pages.await)? else {
            return Ok(Vec::new());
        };
        let protections = pages.iter().flat_map(|page| page.protections());
        let arns = ask.all_items(op::ListProtections, None, protections, |protection| {
            text(protection.resource_arn(), "ResourceArn")
        });
        Ok(sorted(arns?, Clone::clone))
    });
    let protections = protections.await;
    Shield { subscribed, protections }
}

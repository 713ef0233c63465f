//! Preparations for incidents: Incident Manager and Security Incident Response.

use aws_audit_checks::{
    gap::Collected,
    snapshot::incident::{Contact, Incident, ResponsePlan, ResponsePlanDetails},
    source::Source,
};
use aws_sdk_securityir::types::MembershipStatus;
use aws_sdk_ssmcontacts::types::{ActivationStatus, ContactType};
use futures_util::future::join_all;

use super::{Ask, CallError, sorted};

pub(super) async fn collect(ask: &Ask) -> Incident {
    let (response_plans, contacts, memberships) = tokio::join!(
        ask.source(Source::IncidentResponsePlans, response_plans(ask)),
        ask.source(Source::IncidentContacts, contacts(ask)),
        ask.source(Source::SecurityIrMemberships, memberships(ask)),
    );
    Incident { response_plans, contacts, memberships }
}

async fn response_plans(ask: &Ask) -> Result<Vec<ResponsePlan>, CallError> {
    let client = &ask.aws.ssm_incidents();
    let pages = ask.pages(
        "ssm-incidents:ListResponsePlans",
        None,
        |token| client.list_response_plans().max_results(100).set_next_token(token).send(),
        |page| page.next_token(),
    );
    let Some(pages) = CallError::unless_absent(pages.await)? else { return Ok(Vec::new()) };
    let plans = pages.iter().flat_map(|page| page.response_plan_summaries());
    let plans = join_all(plans.map(|plan| async move {
        let arn = plan.arn();
        let send = || client.get_response_plan().arn(arn).send();
        let answer = ask.call("ssm-incidents:GetResponsePlan", Some(arn), send).await;
        let details = answer.map(|answer| ResponsePlanDetails {
            engagements: answer.engagements().to_vec(),
            has_action: !answer.actions().is_empty(),
        });
        ResponsePlan { arn: arn.to_owned(), name: plan.name().to_owned(), details: ask.keep(details) }
    }))
    .await;
    Ok(sorted(plans, |plan| plan.arn.clone()))
}

async fn contacts(ask: &Ask) -> Result<Vec<Contact>, CallError> {
    let client = &ask.aws.ssm_contacts();
    let pages = ask.pages(
        "ssm-contacts:ListContacts",
        None,
        // Larger pages are refused.
        |token| client.list_contacts().max_results(50).set_next_token(token).send(),
        |page| page.next_token(),
    );
    let Some(pages) = CallError::unless_absent(pages.await)? else { return Ok(Vec::new()) };
    let contacts = join_all(pages.iter().flat_map(|page| page.contacts()).map(|contact| async move {
        let arn = contact.contact_arn();
        let active_channels = if *contact.r#type() == ContactType::Personal {
            let pages = ask.pages(
                "ssm-contacts:ListContactChannels",
                Some(arn),
                |token| {
                    client
                        .list_contact_channels()
                        .contact_id(arn)
                        .max_results(50)
                        .set_next_token(token)
                        .send()
                },
                |page| page.next_token(),
            );
            ask.keep(pages.await.map(|pages| {
                let channels = pages.iter().flat_map(|page| page.contact_channels());
                let active =
                    channels.filter(|channel| *channel.activation_status() == ActivationStatus::Activated);
                Some(active.count() as u64)
            }))
        } else {
            Collected::Value(None)
        };
        Contact { arn: arn.to_owned(), kind: contact.r#type().as_str().to_owned(), active_channels }
    }))
    .await;
    Ok(sorted(contacts, |contact| contact.arn.clone()))
}

async fn memberships(ask: &Ask) -> Result<Vec<String>, CallError> {
    let client = ask.aws.security_ir();
    let pages = ask.pages(
        "security-ir:ListMemberships",
        None,
        // Larger pages are refused.
        |token| client.list_memberships().max_results(25).set_next_token(token).send(),
        |page| page.next_token(),
    );
    let Some(pages) = CallError::unless_absent(pages.await)? else { return Ok(Vec::new()) };
    let memberships = pages.iter().flat_map(|page| page.items());
    let active = memberships.filter(|item| item.membership_status() == Some(&MembershipStatus::Active));
    Ok(sorted(active.map(|item| item.membership_id().to_owned()), Clone::clone))
}

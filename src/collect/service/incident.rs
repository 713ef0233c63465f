//! Preparations for incidents: Incident Manager and Security Incident Response.

use aws_audit_checks::{
    gap::Collected,
    snapshot::incident::{
        Contact, Incident, ResponsePlan, ResponsePlanDetails, contact_op, membership_op, op,
    },
    source::Source,
};
use aws_sdk_securityir::types::MembershipStatus;
use aws_sdk_ssmcontacts::types::{ActivationStatus, ContactType};

use crate::collect::{
    ask::Ask,
    call::CallError,
    items::{Read, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Incident {
    let (response_plans, contacts, memberships) = tokio::join!(
        ask.list(Source::IncidentResponsePlans, response_plans(ask)),
        ask.list(Source::IncidentContacts, contacts(ask)),
        ask.list(Source::SecurityIrMemberships, memberships(ask)),
    );
    Incident { response_plans, contacts, memberships }
}

async fn response_plans(ask: &Ask) -> Result<Read<Vec<ResponsePlan>>, CallError> {
    let client = &ask.aws.ssm_incidents();
    let operation = op::ListResponsePlans;
    let pages = ask.pages(
        operation,
        None,
        |token| client.list_response_plans().max_results(100).set_next_token(token).send(),
        |page| page.next_token(),
    );
    let Some(pages) = CallError::unless_absent(pages.await)? else { return Ok(Vec::new().into()) };
    let plans = pages.iter().flat_map(|page| page.response_plan_summaries());
    let plans = ask.items(operation, plans, |plan| Ok((text(plan.arn(), "arn")?, plan)));
    let plans = plans.then(|(own_arn, plan)| async move {
        let arn = own_arn.as_str();
        let send = || client.get_response_plan().arn(arn).send();
        let answer = ask.call(op::GetResponsePlan, Some(arn), send).await;
        let details = answer.map(|answer| ResponsePlanDetails {
            engagements: answer.engagements().to_vec(),
            has_action: !answer.actions().is_empty(),
        });
        ResponsePlan { name: plan.name().to_owned(), details: ask.keep(details), arn: own_arn }
    });
    Ok(plans.await.sorted(|plan| plan.arn.clone()))
}

async fn contacts(ask: &Ask) -> Result<Read<Vec<Contact>>, CallError> {
    let client = &ask.aws.ssm_contacts();
    let operation = contact_op::ListContacts;
    let pages = ask.pages(
        operation,
        None,
        // Larger pages are refused.
        |token| client.list_contacts().max_results(50).set_next_token(token).send(),
        |page| page.next_token(),
    );
    let Some(pages) = CallError::unless_absent(pages.await)? else { return Ok(Vec::new().into()) };
    let contacts = pages.iter().flat_map(|page| page.contacts());
    let contacts =
        ask.items(operation, contacts, |contact| Ok((text(contact.contact_arn(), "ContactArn")?, contact)));
    let contacts = contacts.then(|(own_arn, contact)| async move {
        let arn = own_arn.as_str();
        let active_channels = if *contact.r#type() == ContactType::Personal {
            let pages = ask.pages(
                contact_op::ListContactChannels,
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
        Contact { kind: contact.r#type().as_str().to_owned(), active_channels, arn: own_arn }
    });
    Ok(contacts.await.sorted(|contact| contact.arn.clone()))
}

async fn memberships(ask: &Ask) -> Result<Read<Vec<String>>, CallError> {
    let client = ask.aws.security_ir();
    let operation = membership_op::ListMemberships;
    let pages = ask.pages(
        operation,
        None,
        // Larger pages are refused.
        |token| client.list_memberships().max_results(25).set_next_token(token).send(),
        |page| page.next_token(),
    );
    let Some(pages) = CallError::unless_absent(pages.await)? else { return Ok(Vec::new().into()) };
    let memberships = pages.iter().flat_map(|page| page.items());
    let active = memberships.filter(|item| item.membership_status() == Some(&MembershipStatus::Active));
    let ids = ask.items(operation, active, |item| text(item.membership_id(), "membershipId"));
    Ok(ids.sorted(Clone::clone))
}

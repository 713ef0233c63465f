//! Preparations for incidents: Incident Manager and Security Incident Response.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

service! {
    /// Incident response in one region.
    Incident, Regional;

    op("SSM Incidents", "ssm-incidents", UNPUBLISHED) {
        IncidentResponsePlans [ListResponsePlans, GetResponsePlan] =>
            /// Response plans of Incident Manager.
            response_plans: Vec<ResponsePlan>;
    }

    contact_op("SSM Contacts", "ssm-contacts", UNPUBLISHED) {
        IncidentContacts [ListContacts, ListContactChannels] =>
            /// Contacts of Incident Manager.
            contacts: Vec<Contact>;
    }

    membership_op("Security IR", "security-ir", UNPUBLISHED) {
        SecurityIrMemberships [ListMemberships] =>
            /// Active memberships of AWS Security Incident Response.
            memberships: Vec<String>;
    }
}

/// A response plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResponsePlan {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// What `GetResponsePlan` says of it.
    pub details: Collected<ResponsePlanDetails>,
}

/// What a response plan does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ResponsePlanDetails {
    /// ARNs of the contacts and escalation plans that it engages.
    pub engagements: Vec<String>,
    /// It starts a runbook.
    pub has_action: bool,
}

/// A contact, an escalation plan or an on-call schedule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Its ARN.
    pub arn: String,
    /// `PERSONAL`, `ESCALATION` or `ONCALL_SCHEDULE`.
    pub kind: String,
    /// How many activated channels a personal contact has; none for the others.
    pub active_channels: Collected<Option<u64>>,
}

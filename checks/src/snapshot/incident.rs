//! Preparations for incidents: Incident Manager and Security Incident Response.

use serde::{Deserialize, Serialize};

use crate::gap::Collected;

/// Incident response in one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Response plans of Incident Manager.
    pub response_plans: Collected<Vec<ResponsePlan>>,
    /// Contacts of Incident Manager.
    pub contacts: Collected<Vec<Contact>>,
    /// Active memberships of AWS Security Incident Response.
    pub memberships: Collected<Vec<String>>,
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

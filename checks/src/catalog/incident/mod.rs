//! Incident Manager and Security Incident Response.

mod response_plan;

super::checks! {
    response_plan
}

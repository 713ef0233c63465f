//! CloudWatch alarms.

mod alarm_actions;
mod alarms;

super::checks! {
    alarm_actions
    ; alarms
}

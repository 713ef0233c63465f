//! GuardDuty.

mod enabled;

super::checks! {
    enabled
}

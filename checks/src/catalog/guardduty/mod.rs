//! GuardDuty.

mod enabled;
mod findings;
mod findings_notified;
mod plans;

super::checks! {
    enabled
    findings
    findings_notified
    ; plans
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, guardduty::Detector},
        testing::{empty, read, region},
    };

    /// An account with an enabled detector and this feature.
    pub(super) fn with_feature(name: &str, on: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).guardduty.detectors =
            read(vec![Detector { id: "d1".into(), enabled: true, features: [(name.to_owned(), on)].into() }]);
        account
    }
}

//! AWS Config.

mod delivery_channel;
mod noncompliant_rules;
mod recorder_all_resources;
mod recorder_enabled;
mod recorder_failing;
mod rules_present;

super::checks! {
    delivery_channel
    noncompliant_rules
    recorder_all_resources
    recorder_enabled
    recorder_failing
    rules_present
}

use crate::{
    gap::{Gap, NotJudged},
    snapshot::config::{Recorder, op},
};

/// The customer's own recorders; service-linked ones record for their service only.
fn own(recorders: &[Recorder]) -> impl Iterator<Item = &Recorder> {
    recorders.iter().filter(|recorder| recorder.service_principal.is_none())
}

/// Whether the region's recorder records now.
fn is_recording(recorder: &Recorder, region: &str) -> Result<bool, NotJudged> {
    recorder.recording.ok_or_else(|| {
        let operation = op::DescribeConfigurationRecorderStatus;
        Gap::unreadable(operation, Some(region), Some(&recorder.name), "no status of the recorder").into()
    })
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            config::{DeliveryChannel, Recorder},
        },
        testing::{empty, read, region},
    };

    /// An account with a recorder and a delivery channel that work.
    pub(super) fn with(change: impl FnOnce(&mut Recorder, &mut DeliveryChannel)) -> Snapshot {
        let mut recorder = Recorder {
            name: "default".into(),
            recording: Some(true),
            last_status: Some("SUCCESS".into()),
            last_error: None,
            service_principal: None,
            strategy: None,
            all_supported: true,
            include_global_resource_types: true,
            resource_types: vec![],
            excluded_types: vec![],
        };
        let mut channel = DeliveryChannel {
            name: "default".into(),
            bucket: Some("config-logs".into()),
            history_status: Some("SUCCESS".into()),
            history_error: None,
            snapshot_status: Some("NOT_APPLICABLE".into()),
            snapshot_error: None,
        };
        change(&mut recorder, &mut channel);
        let mut account = empty();
        region(&mut account).config.recorders = read(vec![recorder]);
        region(&mut account).config.delivery_channels = read(vec![channel]);
        account
    }
}

//! CloudTrail.

mod log_validation;
mod logging;
mod multi_region;

super::checks! {
    log_validation
    logging
    multi_region
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            cloudtrail::{EventSelector, EventSelectors, Trail, TrailStatus},
        },
        testing::{empty, read, region},
    };

    /// An account with one trail, set up well.
    pub(super) fn with_trail(change: impl FnOnce(&mut Trail)) -> Snapshot {
        let mut trail = Trail {
            name: "audit".into(),
            arn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit".into(),
            home_region: "eu-west-1".into(),
            is_multi_region: true,
            is_organization_trail: false,
            include_global_service_events: true,
            log_file_validation: true,
            bucket: Some("audit-logs".into()),
            kms_key: None,
            log_group_arn: None,
            status: read(TrailStatus { is_logging: true, ..TrailStatus::default() }),
            event_selectors: read(EventSelectors::Basic(vec![basic("All", true)])),
        };
        change(&mut trail);
        let mut account = empty();
        region(&mut account).cloudtrail.trails = read(vec![trail]);
        account
    }

    /// A basic event selector.
    pub(super) fn basic(read_write_type: &str, management_events: bool) -> EventSelector {
        EventSelector {
            management_events,
            read_write_type: read_write_type.into(),
            excluded_sources: vec![],
            data_resources: vec![],
        }
    }
}

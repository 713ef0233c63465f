//! CloudTrail.

mod bucket_access_logging;
mod bucket_missing;
mod bucket_public;
mod cloudwatch_logs;
mod excluded_events;
mod insights;
mod kms;
mod log_validation;
mod logging;
mod multi_region;
mod s3_object_reads;
mod s3_object_writes;

super::checks! {
    bucket_access_logging
    bucket_missing
    bucket_public
    cloudwatch_logs
    excluded_events
    insights
    kms
    log_validation
    logging
    multi_region
    s3_object_reads
    s3_object_writes
}

use crate::{
    check::Context,
    finding::{Judgement, Verdict},
    snapshot::cloudtrail::{AdvancedSelector, EventSelectors},
};

/// What is done to objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ObjectEvents {
    Reads,
    Writes,
}

/// Judges whether trails that log cover object events of all buckets in every region.
fn judge_object_events(cx: &mut Context<'_>, events: ObjectEvents) {
    let snapshot = cx.snapshot;
    cx.whole("AWS::::Account", |_| {
        let mut unread = None;
        for region in snapshot.regions.values() {
            for trail in region.cloudtrail.trails.get()?.iter().filter(|trail| trail.is_multi_region) {
                match (trail.status.get(), trail.event_selectors.get()) {
                    (Ok(status), Ok(selectors)) => {
                        if status.is_logging && logs_all_objects(selectors, events) {
                            return Ok(Verdict::pass());
                        }
                    }
                    (Err(why), _) | (_, Err(why)) => unread = Some(why),
                }
            }
        }
        unread.map_or_else(|| -> Judgement { Ok(Verdict::fail()) }, Err)
    });
}

fn logs_all_objects(selectors: &EventSelectors, events: ObjectEvents) -> bool {
    match selectors {
        EventSelectors::Basic(selectors) => selectors.iter().any(|selector| {
            let kind = match selector.read_write_type.as_str() {
                "ReadOnly" => events == ObjectEvents::Reads,
                "WriteOnly" => events == ObjectEvents::Writes,
                _ => true,
            };
            let mut resources = selector.data_resources.iter().filter(|of| of.kind == "AWS::S3::Object");
            // `arn:aws:s3` stands for all buckets; with colons for the same.
            kind && resources
                .any(|of| of.values.iter().any(|arn| arn.ends_with(":s3") || arn.ends_with(":s3:::")))
        }),
        EventSelectors::Advanced(selectors) => {
            selectors.iter().any(|selector| is_for_objects(selector, events))
        }
    }
}

/// Whether an advanced selector logs these events of every object: nothing but the kind of events limits it.
fn is_for_objects(selector: &AdvancedSelector, events: ObjectEvents) -> bool {
    let read_only = if events == ObjectEvents::Reads { "true" } else { "false" };
    let has = |name: &str, value: &str| {
        selector.fields.iter().any(|field| field.field == name && field.equals.iter().any(|v| v == value))
    };
    let unlimited = selector.fields.iter().all(|field| match field.field.as_str() {
        "eventCategory" | "resources.type" => true,
        "readOnly" => field.equals.iter().any(|value| value == read_only),
        _ => false,
    });
    has("eventCategory", "Data") && has("resources.type", "AWS::S3::Object") && unlimited
}

/// The services whose management events the selectors leave out.
fn excluded_sources(selectors: &EventSelectors) -> Vec<String> {
    match selectors {
        EventSelectors::Basic(selectors) => {
            selectors.iter().flat_map(|selector| &selector.excluded_sources).cloned().collect()
        }
        EventSelectors::Advanced(selectors) => selectors
            .iter()
            .flat_map(|selector| &selector.fields)
            .filter(|field| field.field == "eventSource")
            .flat_map(|field| &field.not_equals)
            .cloned()
            .collect(),
    }
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

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
    analysis::trail,
    check::Context,
    finding::{Judgement, Verdict},
    gap::{self, NotJudged},
    snapshot::{
        Region, Snapshot,
        cloudtrail::{AdvancedSelector, EventSelectors, FieldSelector, Trail},
    },
};

/// Judges each trail of the account. A member of an organization sees its trail too and cannot change it: that
/// one is judged in the account that owns it.
fn each_trail<'a>(
    cx: &mut Context<'a>,
    mut judge: impl FnMut(&Context<'a>, &'a Region, &'a Trail) -> Judgement,
) {
    cx.each_region(|cx, region| {
        cx.each(region.cloudtrail.trails.get(), |cx, trail| {
            if trail.account() != cx.snapshot.account.id {
                return Err(NotJudged::NotApplicable);
            }
            judge(cx, region, trail)
        });
    });
}

/// What is done to objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ObjectEvents {
    Reads,
    Writes,
}

/// Judges whether trails that log cover object events of all buckets in every region.
fn judge_object_events(cx: &mut Context<'_>, events: ObjectEvents) {
    cx.whole("AWS::::Account", |cx| {
        let (trails, unread) = trail::all(cx.snapshot);
        let trails = trails.into_iter().filter(|trail| trail.is_multi_region);
        let logs = |selectors: &_| logs_all_objects(cx.snapshot, selectors, events);
        let known = trails.map(|trail| trail::records(trail, logs));
        Ok(Verdict::fail_if(!gap::any(known.chain([unread.unless(false).map(|()| false)]))?))
    });
}

fn logs_all_objects(snapshot: &Snapshot, selectors: &EventSelectors, events: ObjectEvents) -> bool {
    let all = format!("arn:{}:s3:::", snapshot.account.partition);
    match selectors {
        EventSelectors::Basic(selectors) => selectors.iter().any(|selector| {
            let kind = match selector.read_write_type.as_str() {
                "ReadOnly" => events == ObjectEvents::Reads,
                "WriteOnly" => events == ObjectEvents::Writes,
                "All" => true,
                _ => false,
            };
            let mut resources = selector.data_resources.iter().filter(|of| of.kind == "AWS::S3::Object");
            // Values are prefixes; `arn:aws:s3` is AWS's own, for all buckets.
            kind && resources.any(|of| of.values.iter().any(|start| is_start(start, &all)))
        }),
        EventSelectors::Advanced(selectors) => {
            selectors.iter().any(|selector| is_for_objects(selector, events, &all))
        }
    }
}

/// Whether everything with an ARN of the partition's S3 begins so.
fn is_start(prefix: &str, all: &str) -> bool {
    prefix.starts_with("arn:") && all.starts_with(prefix)
}

/// Whether an advanced selector logs these events of every object: nothing but the kind of events limits it.
fn is_for_objects(selector: &AdvancedSelector, events: ObjectEvents, all: &str) -> bool {
    let read_only = if events == ObjectEvents::Reads { "true" } else { "false" };
    let has = |name: &str, value: &str| {
        selector.fields.iter().any(|field| field.field == name && field.equals.iter().any(|v| v == value))
    };
    let unlimited = selector.fields.iter().all(|field| match field.field.as_str() {
        "eventCategory" | "resources.type" => true,
        "readOnly" => field.equals.iter().any(|value| value.eq_ignore_ascii_case(read_only)),
        // A prefix that all of them have (CloudTrail User Guide, "Filtering data events by resources.ARN").
        "resources.ARN" => {
            let FieldSelector { starts_with, not_equals, not_starts_with, not_ends_with, .. } = field;
            starts_with.iter().any(|start| is_start(start, all))
                && [not_equals, not_starts_with, not_ends_with].iter().all(|left_out| left_out.is_empty())
        }
        _ => false,
    });
    has("eventCategory", "Data") && has("resources.type", "AWS::S3::Object") && unlimited
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            cloudtrail::{
                AdvancedSelector, DataResource, EventSelector, EventSelectors, FieldSelector, Trail,
                TrailStatus,
            },
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

    /// A trail that logs these objects, with a basic selector.
    pub(super) fn with_objects(values: &[&str], read_write_type: &str) -> Snapshot {
        with_trail(|trail| {
            let mut selector = basic(read_write_type, true);
            selector.data_resources = vec![DataResource {
                kind: "AWS::S3::Object".into(),
                values: values.iter().map(|value| (*value).to_owned()).collect(),
            }];
            trail.event_selectors = read(EventSelectors::Basic(vec![selector]));
        })
    }

    /// A trail with an advanced selector for objects, and more fields in it.
    pub(super) fn with_fields(more: &[(&str, &str)]) -> Snapshot {
        let fields = [("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")];
        let fields = fields.iter().chain(more).map(|(field, value)| FieldSelector {
            field: (*field).into(),
            equals: vec![(*value).into()],
            ..FieldSelector::default()
        });
        with_trail(|trail| {
            let selector = AdvancedSelector { fields: fields.collect() };
            trail.event_selectors = read(EventSelectors::Advanced(vec![selector]));
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::with_trail, *};
    use crate::{
        snapshot::s3::Bucket,
        testing::{denied, fails, passes, read, silent},
    };

    #[test]
    fn selectors_for_all_objects() {
        let arn = |change: fn(&mut FieldSelector)| {
            let mut field = FieldSelector { field: "resources.ARN".into(), ..FieldSelector::default() };
            change(&mut field);
            let equals = |field: &str, value: &str| FieldSelector {
                field: field.into(),
                equals: vec![value.into()],
                ..FieldSelector::default()
            };
            let fields =
                vec![equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"), field];
            with_trail(|trail| {
                trail.event_selectors = read(EventSelectors::Advanced(vec![AdvancedSelector { fields }]));
            })
        };
        let all = arn(|field| field.starts_with = vec!["arn:aws:s3:::".into()]);
        passes(&s3_object_writes::CHECK, &all);
        passes(&s3_object_reads::CHECK, &all);
        let mut china = all;
        china.account.partition = "aws-cn".into();
        fails(&s3_object_writes::CHECK, &china);
        passes(
            &s3_object_writes::CHECK,
            &arn(|f| f.starts_with = vec!["arn:aws:s3:::one/".into(), "arn:aws:s3".into()]),
        );
        for limited in [
            arn(|field| field.starts_with = vec!["arn:aws:s3:::one".into()]),
            arn(|field| field.equals = vec!["arn:aws:s3:::".into()]),
            arn(|field| field.ends_with = vec!["/".into()]),
            arn(|field| field.not_starts_with = vec!["arn:aws:s3:::one/".into()]),
            arn(|field| {
                field.starts_with = vec!["arn:aws:s3:::".into()];
                field.not_equals = vec!["arn:aws:s3:::one/a".into()];
            }),
        ] {
            fails(&s3_object_writes::CHECK, &limited);
        }
    }

    #[test]
    fn an_organizations_trail_is_judged_in_the_account_that_owns_it() {
        let mut account = with_trail(|trail| {
            trail.arn = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/audit".into();
            trail.log_file_validation = false;
            trail.status = denied();
            trail.event_selectors = denied();
        });
        account.s3.foreign_buckets = read([("audit-logs".to_owned(), read(false))].into());
        for check in [
            &bucket_missing::CHECK,
            &cloudwatch_logs::CHECK,
            &excluded_events::CHECK,
            &insights::CHECK,
            &kms::CHECK,
            &log_validation::CHECK,
            &logging::CHECK,
        ] {
            silent(check, &account);
        }
        // Its bucket is judged in the account that has it.
        silent(&bucket_access_logging::CHECK, &account);
        account.s3.buckets =
            read(vec![Bucket { name: "audit-logs".into(), logging_target: read(None), ..Bucket::default() }]);
        fails(&bucket_access_logging::CHECK, &account);
    }
}

//! CloudTrail.

use aws_audit_checks::{
    snapshot::cloudtrail::{
        AdvancedSelector, CloudTrail, DataResource, EventSelector, EventSelectors, FieldSelector, Trail,
        TrailStatus, op,
    },
    source::Source,
};
use aws_sdk_cloudtrail::types;

use crate::collect::{
    ask::{Ask, each_of, timestamp},
    call::CallError,
    items::{Lacks, filled, text},
};

/// The trails to tell in this region: those at home here, and in the first region those whose home is not
/// scanned. Shadow trails are listed too, since a member account sees its organization's trail only as one.
pub(in crate::collect) async fn collect(
    ask: &Ask,
    account: &str,
    regions: &[String],
    is_first: bool,
) -> CloudTrail {
    let client = &ask.aws.cloudtrail();
    let trails = ask.list(Source::CloudTrailTrails, async {
        let operation = op::DescribeTrails;
        let answer =
            ask.call(operation, None, || client.describe_trails().include_shadow_trails(true).send()).await?;
        let told_here = |trail: &&types::Trail| {
            let home = trail.home_region().unwrap_or(&ask.region);
            home == ask.region || is_first && !regions.iter().any(|region| region == home)
        };
        let listed = answer.trail_list().iter().filter(told_here);
        let trails = ask.items(operation, listed, |listed| {
            let arn = text(listed.trail_arn(), "TrailARN");
            Ok((arn.map_err(Lacks::of(listed.name().unwrap_or_default()))?, listed))
        });
        let trails = trails.then(|(arn, listed)| async move { trail(ask, account, &arn, listed).await });
        Ok(trails.await.sorted(|trail| trail.arn.clone()))
    });
    let trails = trails.await;
    let insights = ask.after(Source::CloudTrailInsights, &trails, |trails| async {
        // Another account's trail, an organization's, is judged in that account.
        let own = trails.iter().filter(|trail| trail.account() == account);
        let answers = own.map(|trail| async {
            let home = Ask::regional(&ask.run, &trail.home_region);
            (trail.arn.clone(), home.keep(insights(&home, &trail.arn).await))
        });
        Ok(each_of(answers).await.into_iter().collect())
    });
    let insights = insights.await;
    CloudTrail { trails, insights }
}

async fn trail(ask: &Ask, account: &str, arn: &str, listed: &types::Trail) -> Trail {
    let home_region = listed.home_region().unwrap_or(&ask.region);
    // No other region answers for all trails.
    let home = &Ask::regional(&ask.run, home_region);
    let (status, event_selectors) =
        tokio::join!(status(home, arn), event_selectors(home, account, arn, listed));
    Trail {
        name: listed.name().unwrap_or(arn).to_owned(),
        arn: arn.to_owned(),
        home_region: home_region.to_owned(),
        is_multi_region: listed.is_multi_region_trail().unwrap_or_default(),
        include_global_service_events: listed.include_global_service_events().unwrap_or_default(),
        log_file_validation: listed.log_file_validation_enabled().unwrap_or_default(),
        bucket: listed.s3_bucket_name().map(str::to_owned),
        kms_key: listed.kms_key_id().map(str::to_owned),
        log_group_arn: listed.cloud_watch_logs_log_group_arn().map(str::to_owned),
        status: home.keep(status),
        event_selectors: home.keep(event_selectors),
    }
}

async fn status(home: &Ask, arn: &str) -> Result<TrailStatus, CallError> {
    let client = &home.aws.cloudtrail();
    let send = || client.get_trail_status().name(arn).send();
    let answer = home.call(op::GetTrailStatus, Some(arn), send).await?;
    Ok(TrailStatus {
        is_logging: answer.is_logging().unwrap_or_default(),
        latest_delivery_error: filled(answer.latest_delivery_error()),
        latest_cloudwatch_logs_delivery: answer.latest_cloud_watch_logs_delivery_time().and_then(timestamp),
    })
}

async fn event_selectors(
    home: &Ask,
    account: &str,
    arn: &str,
    listed: &types::Trail,
) -> Result<EventSelectors, CallError> {
    // CloudTrail refuses to tell members the selectors of their organization's trail. But the list tells them
    // whether they are the default: all management events.
    if arn.split(':').nth(4) != Some(account) && listed.has_custom_event_selectors() == Some(false) {
        return Ok(EventSelectors::Basic(vec![basic(&types::EventSelector::builder().build())]));
    }
    let client = &home.aws.cloudtrail();
    let send = || client.get_event_selectors().trail_name(arn).send();
    let answer = home.call(op::GetEventSelectors, Some(arn), send).await?;
    if answer.advanced_event_selectors().is_empty() {
        Ok(EventSelectors::Basic(answer.event_selectors().iter().map(basic).collect()))
    } else {
        let advanced = answer.advanced_event_selectors().iter();
        Ok(EventSelectors::Advanced(
            advanced
                .map(|selector| AdvancedSelector {
                    fields: selector.field_selectors().iter().map(field).collect(),
                })
                .collect(),
        ))
    }
}

async fn insights(home: &Ask, arn: &str) -> Result<Vec<String>, CallError> {
    let client = &home.aws.cloudtrail();
    let send = || client.get_insight_selectors().trail_name(arn).send();
    let answer = home.call(op::GetInsightSelectors, Some(arn), send).await;
    let Some(answer) = CallError::unless_absent(answer)? else {
        return Ok(Vec::new());
    };
    let kinds = answer.insight_selectors().iter().filter_map(|selector| selector.insight_type());
    Ok(kinds.map(|kind| kind.as_str().to_owned()).collect())
}

fn basic(selector: &types::EventSelector) -> EventSelector {
    let resources = selector.data_resources().iter();
    EventSelector {
        // CloudTrail's defaults where it says nothing.
        management_events: selector.include_management_events().unwrap_or(true),
        read_write_type: selector.read_write_type().map_or("All", |kind| kind.as_str()).to_owned(),
        excluded_sources: selector.exclude_management_event_sources().to_vec(),
        data_resources: resources
            .map(|resource| DataResource {
                kind: resource.r#type().unwrap_or_default().to_owned(),
                values: resource.values().to_vec(),
            })
            .collect(),
    }
}

fn field(field: &types::AdvancedFieldSelector) -> FieldSelector {
    FieldSelector {
        field: field.field().to_owned(),
        equals: field.equals().to_vec(),
        not_equals: field.not_equals().to_vec(),
        starts_with: field.starts_with().to_vec(),
        not_starts_with: field.not_starts_with().to_vec(),
        ends_with: field.ends_with().to_vec(),
        not_ends_with: field.not_ends_with().to_vec(),
    }
}

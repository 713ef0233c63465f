//! AWS Config. A region without a recorder costs the call that tells so, and the one for the rules, which are
//! there without one too.

use std::collections::HashMap;

use aws_audit_checks::{
    snapshot::config::{Config, ConfigRule, DeliveryChannel, Recorder, op},
    source::Source,
};

use aws_sdk_config::types::{DeliveryStatus, RecorderStatus};

use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Config {
    let (recorders, rules) = tokio::join!(
        ask.list(Source::ConfigRecorders, recorders(ask)),
        ask.list(Source::ConfigRules, rules(ask)),
    );
    let delivery_channels = ask.after(Source::ConfigDeliveryChannels, &recorders, |recorders| async {
        if recorders.is_empty() { Ok(Vec::new()) } else { delivery_channels(ask).await }
    });
    let delivery_channels = delivery_channels.await;
    Config { recorders, delivery_channels, rules }
}

async fn recorders(ask: &Ask) -> Result<Read<Vec<Recorder>>, CallError> {
    let client = ask.aws.config();
    let operation = op::DescribeConfigurationRecorders;
    let recorders = ask.call(operation, None, || client.describe_configuration_recorders().send()).await?;
    if recorders.configuration_recorders().is_empty() {
        return Ok(Vec::new().into());
    }
    let statuses = ask
        .call(op::DescribeConfigurationRecorderStatus, None, || {
            client.describe_configuration_recorder_status().send()
        })
        .await?;
    let recorders = ask.items(operation, recorders.configuration_recorders(), |recorder| {
        let name = text(recorder.name(), "name")?;
        let mut statuses = statuses.configuration_recorders_status().iter();
        let status = statuses.find(|status| status.name() == Some(&name));
        let last = status.and_then(|status| status.last_status()).map(|last| last.as_str());
        let group = recorder.recording_group();
        let types = group.iter().flat_map(|group| group.resource_types());
        let excluded = group.and_then(|group| group.exclusion_by_resource_types());
        Ok(Recorder {
            recording: status.map(|status| status.recording()),
            last_status: known(last, RecorderStatus::values(), "lastStatus").map_err(Lacks::of(&name))?,
            last_error: status.and_then(|status| status.last_error_message()).map(str::to_owned),
            service_principal: recorder.service_principal().map(str::to_owned),
            strategy: group
                .and_then(|group| group.recording_strategy()?.use_only())
                .map(|strategy| strategy.as_str().to_owned()),
            all_supported: group.is_some_and(|group| group.all_supported()),
            include_global_resource_types: group.is_some_and(|group| group.include_global_resource_types()),
            resource_types: types.map(|kind| kind.as_str().to_owned()).collect(),
            excluded_types: excluded
                .iter()
                .flat_map(|excluded| excluded.resource_types())
                .map(|kind| kind.as_str().to_owned())
                .collect(),
            name,
        })
    });
    Ok(recorders.sorted(|recorder| recorder.name.clone()))
}

async fn delivery_channels(ask: &Ask) -> Result<Vec<DeliveryChannel>, CallError> {
    let client = ask.aws.config();
    let channels =
        ask.call(op::DescribeDeliveryChannels, None, || client.describe_delivery_channels().send()).await?;
    if channels.delivery_channels().is_empty() {
        return Ok(Vec::new());
    }
    let statuses = ask
        .call(op::DescribeDeliveryChannelStatus, None, || client.describe_delivery_channel_status().send())
        .await?;
    let channels = channels.delivery_channels().iter().map(|channel| {
        let name = channel.name().unwrap_or_default();
        let mut statuses = statuses.delivery_channels_status().iter();
        let status = statuses.find(|status| status.name() == Some(name)).ok_or_else(|| {
            let id = op::DescribeDeliveryChannelStatus;
            ask.unreadable(id, Some(name), "no status of the delivery channel")
        })?;
        let last = |last: Option<&DeliveryStatus>| {
            let last = known(last.map(|last| last.as_str()), DeliveryStatus::values(), "lastStatus");
            ask.item(op::DescribeDeliveryChannelStatus, Some(name), last)
        };
        let history = status.config_history_delivery_info();
        let snapshot = status.config_snapshot_delivery_info();
        Ok(DeliveryChannel {
            name: name.to_owned(),
            bucket: channel.s3_bucket_name().map(str::to_owned),
            history_status: last(history.and_then(|info| info.last_status()))?,
            history_error: history.and_then(|info| info.last_error_message()).map(str::to_owned),
            snapshot_status: last(snapshot.and_then(|info| info.last_status()))?,
            snapshot_error: snapshot.and_then(|info| info.last_error_message()).map(str::to_owned),
        })
    });
    let channels: Vec<_> = channels.collect::<Result<_, CallError>>()?;
    Ok(sorted(channels, |channel| channel.name.clone()))
}

/// Rules, with what they found: two lists.
async fn rules(ask: &Ask) -> Result<Read<Vec<ConfigRule>>, CallError> {
    let client = ask.aws.config();
    let operation = op::DescribeConfigRules;
    // Neither operation has a page size.
    let rules = ask
        .pages(
            operation,
            None,
            |token| client.describe_config_rules().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    if rules.iter().all(|page| page.config_rules().is_empty()) {
        return Ok(Vec::new().into());
    }
    let compliance = ask
        .pages(
            op::DescribeComplianceByConfigRule,
            None,
            |token| client.describe_compliance_by_config_rule().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let compliance = compliance.iter().flat_map(|page| page.compliance_by_config_rules());
    let compliance: HashMap<_, _> =
        compliance.filter_map(|rule| Some((rule.config_rule_name()?, rule.compliance()?))).collect();
    let rules = ask.items(operation, rules.iter().flat_map(|page| page.config_rules()), |rule| {
        let name = text(rule.config_rule_name(), "ConfigRuleName")?;
        let compliance = compliance.get(name.as_str());
        let count = compliance.and_then(|compliance| compliance.compliance_contributor_count());
        Ok(ConfigRule {
            arn: text(rule.config_rule_arn(), "ConfigRuleArn").map_err(Lacks::of(&name))?,
            name,
            compliance: compliance.and_then(|c| c.compliance_type()).map(|kind| kind.as_str().to_owned()),
            non_compliant: count.map_or(0, |count| count.capped_count()),
            more: count.is_some_and(|count| count.cap_exceeded()),
        })
    });
    Ok(rules.sorted(|rule| rule.name.clone()))
}

//! AWS Config.

use aws_audit_checks::{
    snapshot::config::{Config, DeliveryChannel, Recorder},
    source::Source,
};

use super::{Ask, CallError, sorted};

pub(super) async fn collect(ask: &Ask) -> Config {
    let (recorders, delivery_channels) = tokio::join!(
        ask.source(Source::ConfigRecorders, recorders(ask)),
        ask.source(Source::ConfigDeliveryChannels, delivery_channels(ask)),
    );
    Config { recorders, delivery_channels }
}

async fn recorders(ask: &Ask) -> Result<Vec<Recorder>, CallError> {
    let client = ask.aws.config();
    let (recorders, statuses) = tokio::try_join!(
        ask.call("config:DescribeConfigurationRecorders", None, || {
            client.describe_configuration_recorders().send()
        }),
        ask.call("config:DescribeConfigurationRecorderStatus", None, || {
            client.describe_configuration_recorder_status().send()
        }),
    )?;
    let recorders = recorders.configuration_recorders().iter().map(|recorder| {
        let name = recorder.name().unwrap_or_default();
        let mut statuses = statuses.configuration_recorders_status().iter();
        let status = statuses.find(|status| status.name() == Some(name));
        let group = recorder.recording_group();
        let types = group.iter().flat_map(|group| group.resource_types());
        let excluded = group.and_then(|group| group.exclusion_by_resource_types());
        Recorder {
            name: name.to_owned(),
            recording: status.map(|status| status.recording()),
            last_status: status.and_then(|status| status.last_status()).map(|last| last.as_str().to_owned()),
            last_error: status.and_then(|status| status.last_error_message()).map(str::to_owned),
            service_principal: recorder.service_principal().map(str::to_owned),
            all_supported: group.is_some_and(|group| group.all_supported()),
            include_global_resource_types: group.is_some_and(|group| group.include_global_resource_types()),
            resource_types: types.map(|kind| kind.as_str().to_owned()).collect(),
            excluded_types: excluded
                .iter()
                .flat_map(|excluded| excluded.resource_types())
                .map(|kind| kind.as_str().to_owned())
                .collect(),
        }
    });
    Ok(sorted(recorders, |recorder| recorder.name.clone()))
}

async fn delivery_channels(ask: &Ask) -> Result<Vec<DeliveryChannel>, CallError> {
    let client = ask.aws.config();
    let (channels, statuses) = tokio::try_join!(
        ask.call("config:DescribeDeliveryChannels", None, || client.describe_delivery_channels().send()),
        ask.call("config:DescribeDeliveryChannelStatus", None, || {
            client.describe_delivery_channel_status().send()
        }),
    )?;
    let channels = channels.delivery_channels().iter().map(|channel| {
        let name = channel.name().unwrap_or_default();
        let mut statuses = statuses.delivery_channels_status().iter();
        let status = statuses.find(|status| status.name() == Some(name)).ok_or_else(|| {
            let id = "config:DescribeDeliveryChannelStatus";
            ask.unreadable(id, Some(name), "no status of the delivery channel")
        })?;
        let history = status.config_history_delivery_info();
        let snapshot = status.config_snapshot_delivery_info();
        Ok(DeliveryChannel {
            name: name.to_owned(),
            bucket: channel.s3_bucket_name().map(str::to_owned),
            history_status: history.and_then(|info| info.last_status()).map(|last| last.as_str().to_owned()),
            history_error: history.and_then(|info| info.last_error_message()).map(str::to_owned),
            snapshot_status: snapshot
                .and_then(|info| info.last_status())
                .map(|last| last.as_str().to_owned()),
            snapshot_error: snapshot.and_then(|info| info.last_error_message()).map(str::to_owned),
        })
    });
    let channels: Vec<_> = channels.collect::<Result<_, CallError>>()?;
    Ok(sorted(channels, |channel| channel.name.clone()))
}

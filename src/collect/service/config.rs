//! AWS Config. A region without a recorder costs the call that tells so, and the one for the rules, which are
//! there without one too.

use std::collections::HashMap;

use aws_audit_checks::{
    snapshot::config::{Config, ConfigRule, DeliveryChannel, Recorder, op},
    source::Source,
};

use crate::collect::{
    api::{CONFIG, Node, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read},
};

const NEXT: Token = Token::named("NextToken");

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

/// What of these has that name; nothing where none has it.
fn named<'a>(name: &str, nodes: &[&'a Node]) -> &'a Node {
    let mut nodes = nodes.iter().copied();
    nodes.find(|node| matches!(node.text("name"), Ok(Some(of)) if of == name)).unwrap_or(&Node::Null)
}

async fn recorders(ask: &Ask) -> Result<Read<Vec<Recorder>>, CallError> {
    let operation = op::DescribeConfigurationRecorders;
    let recorders = CONFIG.one(ask, operation, None, Request::new()).await?;
    let recorders = ask.item(operation, None, recorders.list("ConfigurationRecorders"))?;
    if recorders.is_empty() {
        return Ok(Vec::new().into());
    }
    let of_statuses = op::DescribeConfigurationRecorderStatus;
    let statuses = CONFIG.one(ask, of_statuses, None, Request::new()).await?;
    let statuses = ask.item(of_statuses, None, statuses.list("ConfigurationRecordersStatus"))?;
    let recorders = ask.items(operation, recorders, |it| {
        let name = it.required("name")?;
        recorder(&name, it, named(&name, &statuses)).map_err(Lacks::of(&name))
    });
    Ok(recorders.sorted(|recorder| recorder.name.clone()))
}

fn recorder(name: &str, recorder: &Node, status: &Node) -> Result<Recorder, Lacks> {
    let recording = status.flag("recording")?.unwrap_or_default();
    let group = recorder.get("recordingGroup");
    Ok(Recorder {
        name: name.to_owned(),
        recording: (*status != Node::Null).then_some(recording),
        last_status: status.known("lastStatus", &["Pending", "Success", "Failure", "NotApplicable"])?,
        last_error: status.text("lastErrorMessage")?.map(str::to_owned),
        service_principal: recorder.text("servicePrincipal")?.map(str::to_owned),
        strategy: group.get("recordingStrategy").text("useOnly")?.map(str::to_owned),
        all_supported: group.flag("allSupported")?.unwrap_or_default(),
        include_global_resource_types: group.flag("includeGlobalResourceTypes")?.unwrap_or_default(),
        resource_types: group.texts("resourceTypes")?,
        excluded_types: group.get("exclusionByResourceTypes").texts("resourceTypes")?,
    })
}

async fn delivery_channels(ask: &Ask) -> Result<Vec<DeliveryChannel>, CallError> {
    let operation = op::DescribeDeliveryChannels;
    let channels = CONFIG.one(ask, operation, None, Request::new()).await?;
    let channels = ask.item(operation, None, channels.list("DeliveryChannels"))?;
    if channels.is_empty() {
        return Ok(Vec::new());
    }
    let of_statuses = op::DescribeDeliveryChannelStatus;
    let statuses = CONFIG.one(ask, of_statuses, None, Request::new()).await?;
    let statuses = ask.item(of_statuses, None, statuses.list("DeliveryChannelsStatus"))?;
    let channels = channels.into_iter().map(|channel| {
        let name = ask.item(operation, None, channel.text("name"))?.unwrap_or_default();
        let bucket = ask.item(operation, Some(name), channel.text("s3BucketName"))?;
        let status = named(name, &statuses);
        if *status == Node::Null {
            return Err(ask.unreadable(of_statuses, Some(name), "no status of the delivery channel"));
        }
        let (history, snapshot) =
            (status.get("configHistoryDeliveryInfo"), status.get("configSnapshotDeliveryInfo"));
        let last = |delivery: &Node| {
            let last = delivery.known("lastStatus", &["Success", "Failure", "Not_Applicable"]);
            ask.item(of_statuses, Some(name), last)
        };
        let error = |delivery: &Node| {
            let error = ask.item(of_statuses, Some(name), delivery.text("lastErrorMessage"))?;
            Ok::<_, CallError>(error.map(str::to_owned))
        };
        Ok(DeliveryChannel {
            name: name.to_owned(),
            bucket: bucket.map(str::to_owned),
            history_status: last(history)?,
            history_error: error(history)?,
            snapshot_status: last(snapshot)?,
            snapshot_error: error(snapshot)?,
        })
    });
    let channels: Vec<_> = channels.collect::<Result<_, CallError>>()?;
    Ok(sorted(channels, |channel| channel.name.clone()))
}

/// Rules, with what they found: two lists.
async fn rules(ask: &Ask) -> Result<Read<Vec<ConfigRule>>, CallError> {
    let (operation, of_compliance) = (op::DescribeConfigRules, op::DescribeComplianceByConfigRule);
    // Neither operation has a page size.
    let rules = CONFIG.list(ask, operation, None, Request::new(), ("ConfigRules", NEXT)).await?;
    if rules.is_empty() {
        return Ok(Vec::new().into());
    }
    let listed = ("ComplianceByConfigRules", NEXT);
    let compliance = CONFIG.list(ask, of_compliance, None, Request::new(), listed).await?;
    let compliance = ask.all_items(of_compliance, None, &compliance, |rule| {
        Ok((rule.text("ConfigRuleName")?, rule.get("Compliance")))
    })?;
    let told = compliance.into_iter().filter(|(_, compliance)| **compliance != Node::Null);
    let compliance: HashMap<_, _> = told.filter_map(|(name, compliance)| Some((name?, compliance))).collect();
    let rules = ask.items(operation, &rules, |it| {
        let name = it.required("ConfigRuleName")?;
        let compliance = compliance.get(name.as_str()).copied().unwrap_or(&Node::Null);
        rule(&name, it, compliance).map_err(Lacks::of(&name))
    });
    Ok(rules.sorted(|rule| rule.name.clone()))
}

fn rule(name: &str, rule: &Node, compliance: &Node) -> Result<ConfigRule, Lacks> {
    let count = compliance.get("ComplianceContributorCount");
    Ok(ConfigRule {
        name: name.to_owned(),
        arn: rule.required("ConfigRuleArn")?,
        compliance: compliance.text("ComplianceType")?.map(str::to_owned),
        non_compliant: count.integer("CappedCount")?.unwrap_or_default(),
        more: count.flag("CapExceeded")?.unwrap_or_default(),
    })
}

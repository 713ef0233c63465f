//! EC2 and VPC. Every list is asked for in pages, mostly of 1000: EC2's larger request bucket is only for
//! paginated or filtered calls.

mod network;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use aws_audit_checks::{
    gap::Collected,
    secrets,
    snapshot::{
        Tags,
        ec2::{
            Address, Ec2, FlowLog, Image, Instance, InternetGateway, LaunchImage, LaunchTemplate, NetworkAcl,
            NetworkInterface, PrefixList, RouteTable, SecurityGroup, Snapshot, Subnet, VersionUserData,
            Volume, Vpc, VpcBlockPublicAccess, VpcBlockPublicAccessExclusion, VpcEndpoint,
            VpcEndpointService, VpcPeering, op,
        },
        secret::Secret,
    },
    source::Source,
};
use jiff::Timestamp;

use self::network::{
    flow_log, internet_gateway, network_acl, network_interface, route_table, security_group, subnet, vpc,
    vpc_endpoint, vpc_peering,
};
use crate::collect::{
    api::{EC2, Node, Request, Token},
    ask::{Ask, each_of, is_empty, sorted, unless},
    call::CallError,
    items::{Lacks, Read, filled, known},
};

const NEXT: Token = Token { sent: "NextToken", told: "nextToken" };

/// A list that one paginated operation answers: name, operation, page size (the largest that EC2's API
/// Reference allows), the pages' list, how to read one.
macro_rules! lists {
    ($($name:ident: $thing:ident = $operation:expr, $size:literal, $list:expr, $read:ident;)+) => { $(
        async fn $name(ask: &Ask) -> Result<Read<Vec<$thing>>, CallError> {
            let request = Request::new().with("MaxResults", $size);
            let listed = EC2.list(ask, $operation, None, request, $list).await?;
            let things = ask.items($operation, &listed, $read);
            Ok(things.sorted(|thing| thing.id.clone()))
        }
    )+ };
}

lists! {
    vpcs: Vpc = op::DescribeVpcs, 1000, ("vpcSet", NEXT), vpc;
    subnets: Subnet = op::DescribeSubnets, 1000, ("subnetSet", NEXT), subnet;
    route_tables: RouteTable = op::DescribeRouteTables, 100, ("routeTableSet", NEXT), route_table;
    internet_gateways: InternetGateway = op::DescribeInternetGateways, 1000, ("internetGatewaySet", NEXT), internet_gateway;
    network_acls: NetworkAcl = op::DescribeNetworkAcls, 1000, ("networkAclSet", NEXT), network_acl;
    security_groups: SecurityGroup = op::DescribeSecurityGroups, 1000, ("securityGroupInfo", NEXT), security_group;
    network_interfaces: NetworkInterface = op::DescribeNetworkInterfaces, 1000, ("networkInterfaceSet", NEXT), network_interface;
    volumes: Volume = op::DescribeVolumes, 1000, ("volumeSet", NEXT), volume;
    vpc_endpoints: VpcEndpoint = op::DescribeVpcEndpoints, 1000, ("vpcEndpointSet", NEXT), vpc_endpoint;
    flow_logs: FlowLog = op::DescribeFlowLogs, 1000, ("flowLogSet", NEXT), flow_log;
    vpc_peerings: VpcPeering = op::DescribeVpcPeeringConnections, 1000, ("vpcPeeringConnectionSet", NEXT), vpc_peering;
}

pub(in crate::collect) async fn collect(ask: &Ask) -> Ec2 {
    let (
        (instances, user_data, launch_images),
        images,
        vpcs,
        subnets,
        route_tables,
        internet_gateways,
        network_acls,
        security_groups,
        network_interfaces,
        launch_templates,
        volumes,
        snapshots,
        vpc_endpoints,
        vpc_endpoint_services,
        flow_logs,
        vpc_peerings,
        addresses,
        prefix_lists,
        ebs_encryption_by_default,
        snapshot_block_public_access,
        image_block_public_access,
        instance_metadata_http_tokens,
        vpc_block_public_access,
    ) = tokio::join!(
        of_instances(ask),
        ask.list(Source::Ec2Images, images(ask)),
        ask.list(Source::Ec2Vpcs, vpcs(ask)),
        ask.list(Source::Ec2Subnets, subnets(ask)),
        ask.list(Source::Ec2RouteTables, route_tables(ask)),
        ask.list(Source::Ec2InternetGateways, internet_gateways(ask)),
        ask.list(Source::Ec2NetworkAcls, network_acls(ask)),
        ask.list(Source::Ec2SecurityGroups, security_groups(ask)),
        ask.list(Source::Ec2NetworkInterfaces, network_interfaces(ask)),
        ask.list(Source::Ec2LaunchTemplates, launch_templates(ask)),
        ask.list(Source::Ec2Volumes, volumes(ask)),
        ask.list(Source::Ec2Snapshots, snapshots(ask)),
        ask.list(Source::Ec2VpcEndpoints, vpc_endpoints(ask)),
        ask.list(Source::Ec2VpcEndpointServices, vpc_endpoint_services(ask)),
        ask.list(Source::Ec2FlowLogs, flow_logs(ask)),
        ask.list(Source::Ec2VpcPeerings, vpc_peerings(ask)),
        ask.list(Source::Ec2Addresses, addresses(ask)),
        ask.list(Source::Ec2PrefixLists, prefix_lists(ask)),
        ask.source(Source::Ec2EbsEncryptionByDefault, ebs_encryption_by_default(ask)),
        ask.source(Source::Ec2SnapshotBlockPublicAccess, snapshot_block_public_access(ask)),
        ask.source(Source::Ec2ImageBlockPublicAccess, image_block_public_access(ask)),
        ask.source(Source::Ec2InstanceMetadataDefaults, instance_metadata_http_tokens(ask)),
        ask.source(Source::Ec2VpcBlockPublicAccess, vpc_block_public_access(ask)),
    );
    let vpc_endpoint_policy_support = ask
        .after(Source::Ec2VpcEndpointPolicySupport, &vpc_endpoints, |endpoints| {
            endpoint_policy_support(ask, endpoints)
        })
        .await;
    Ec2 {
        vpcs,
        subnets,
        route_tables,
        internet_gateways,
        network_acls,
        security_groups,
        network_interfaces,
        instances,
        images,
        launch_images,
        user_data,
        launch_templates,
        volumes,
        snapshots,
        vpc_endpoints,
        vpc_endpoint_policy_support,
        vpc_endpoint_services,
        flow_logs,
        vpc_peerings,
        addresses,
        prefix_lists,
        ebs_encryption_by_default,
        snapshot_block_public_access,
        image_block_public_access,
        instance_metadata_http_tokens,
        vpc_block_public_access,
    }
}

fn tags(node: &Node) -> Result<Tags, Lacks> {
    node.tags("tagSet", "key", "value")
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn volume(volume: &Node) -> Result<Volume, Lacks> {
    let mut attached_to = Vec::new();
    for attachment in volume.list("attachmentSet")? {
        let to = attachment.text("instanceId")?.or(attachment.text("associatedResource")?);
        attached_to.extend(owned(to));
    }
    Ok(Volume {
        id: volume.required("volumeId")?,
        encrypted: volume.flag("encrypted")?.unwrap_or_default(),
        attached_to: sorted(attached_to, Clone::clone),
        tags: tags(volume)?,
    })
}

/// Credentials in user data, by instance.
type UserData = BTreeMap<String, Collected<Vec<Secret>>>;

/// Instances, then their user data and the images that they run.
async fn of_instances(
    ask: &Ask,
) -> (Collected<Vec<Instance>>, Collected<UserData>, Collected<Vec<LaunchImage>>) {
    let instances = ask.list(Source::Ec2Instances, instances(ask)).await;
    let (user_data, images) = tokio::join!(
        ask.each(Source::Ec2UserData, &instances, |instance| &instance.id, |id| user_data(ask, id)),
        unless(is_empty(&instances), ask.list(Source::Ec2LaunchImages, launch_images(ask))),
    );
    (instances, user_data, images)
}

async fn instances(ask: &Ask) -> Result<Read<Vec<Instance>>, CallError> {
    let operation = op::DescribeInstances;
    let request = Request::new().with("MaxResults", 1000);
    let reservations = EC2.list(ask, operation, None, request, ("reservationSet", NEXT)).await?;
    let listed = ask.items(operation, &reservations, |reservation| reservation.list("instancesSet"));
    let terminated =
        |instance: &&Node| matches!(instance.get("instanceState").text("name"), Ok(Some("terminated")));
    let there = listed.value.into_iter().flatten().filter(|it| !terminated(it));
    let instances = ask.items(operation, there, instance);
    let instances = Read { unread: listed.unread.or(instances.unread), ..instances };
    Ok(instances.sorted(|instance| instance.id.clone()))
}

fn instance(instance: &Node) -> Result<Instance, Lacks> {
    const STATES: &[&str] = &["pending", "running", "shutting-down", "stopped", "stopping", "terminated"];
    let state = instance.get("instanceState").text("name")?;
    let options = instance.get("metadataOptions");
    Ok(Instance {
        id: instance.required("instanceId")?,
        state: known(state, STATES, "instanceState")?.unwrap_or_default(),
        image: owned(instance.text("imageId")?),
        key_name: filled(instance.text("keyName")?),
        instance_profile: owned(instance.get("iamInstanceProfile").text("arn")?),
        metadata_http_tokens: owned(options.text("httpTokens")?),
        metadata_http_endpoint: owned(options.text("httpEndpoint")?),
        public_dns: filled(instance.text("dnsName")?),
        public_ip: filled(instance.text("ipAddress")?),
        vpc: owned(instance.text("vpcId")?),
        subnet: owned(instance.text("subnetId")?),
        security_groups: sorted(instance.each("groupSet", "groupId")?, Clone::clone),
        platform: owned(instance.text("platform")?),
        launched: instance.time("launchTime")?,
        tags: tags(instance)?,
    })
}

/// The credentials in an instance's user data. An instance that is gone by now has none.
async fn user_data(ask: &Ask, instance: &str) -> Result<Vec<Secret>, CallError> {
    let operation = op::DescribeInstanceAttribute;
    let request = Request::new().with("InstanceId", instance).with("Attribute", "userData");
    let answer = EC2.one(ask, operation, Some(instance), request).await;
    let answer = CallError::unless_gone(answer)?.unwrap_or_default();
    let encoded = ask.item(operation, Some(instance), answer.get("userData").text("value"))?;
    let found = credentials_in(encoded.unwrap_or_default()).await;
    found.map_err(|error| ask.unreadable(operation, Some(instance), error))
}

/// The credentials in user data in base 64. They may be long once inflated: other tasks shall not wait.
async fn credentials_in(user_data: &str) -> Result<Vec<Secret>, String> {
    let user_data = user_data.to_owned();
    let scan = tokio::task::spawn_blocking(move || secrets::in_base64_user_data(&user_data));
    scan.await.unwrap_or_else(|error| Err(error.to_string()))
}

async fn images(ask: &Ask) -> Result<Read<Vec<Image>>, CallError> {
    let operation = op::DescribeImages;
    let request = Request::new().with("Owner.1", "self").with("IncludeDeprecated", true);
    let request = request.with("MaxResults", 1000);
    let images = EC2.list(ask, operation, None, request, ("imagesSet", NEXT)).await?;
    let images = ask.items(operation, &images, |image| {
        Ok(Image {
            id: image.required("imageId")?,
            name: owned(image.text("name")?),
            owner: owned(image.text("imageOwnerId")?),
            public: image.flag("isPublic")?.ok_or(Lacks::field("isPublic"))?,
        })
    });
    Ok(images.sorted(|image| image.id.clone()))
}

/// Asked of the instances: DescribeImages says nothing of images that are gone or no longer shared.
async fn launch_images(ask: &Ask) -> Result<Read<Vec<LaunchImage>>, CallError> {
    let operation = op::DescribeInstanceImageMetadata;
    let request = Request::new()
        .with("Filter.1.Name", "instance-state-name")
        .with("Filter.1.Value.1", "running")
        .with("MaxResults", 1000);
    let instances = EC2.list(ask, operation, None, request, ("instanceImageMetadataSet", NEXT)).await?;
    let images = ask.items(operation, &instances, |instance| {
        let image = instance.get("imageMetadata");
        if *image == Node::Null {
            let of = Lacks::of(instance.text("instanceId")?.unwrap_or_default());
            return Err(of(Lacks::field("imageMetadata")));
        }
        Ok((image.required("imageId")?, (owned(image.text("name")?), image)))
    });
    // Many instances run one image.
    let images = images.map(BTreeMap::from_iter);
    let image = |(id, (name, image)): (String, (Option<String>, &Node))| {
        let about = Some(id.as_str());
        let time = |text: &str| -> Result<Timestamp, CallError> {
            text.parse().map_err(|_| ask.unreadable(operation, about, format!("no date: {text}")))
        };
        let created = ask.item(operation, about, image.text("creationDate"));
        let created =
            created.and_then(|date| date.ok_or_else(|| ask.unreadable(operation, about, "no date")));
        let deprecated = ask.item(operation, about, image.text("deprecationTime"));
        LaunchImage {
            created: ask.keep(created.and_then(time)),
            deprecated: ask.keep(deprecated.and_then(|date| date.map(time).transpose())),
            name,
            id,
        }
    };
    Ok(images.map(|images| images.into_iter().map(image).collect()))
}

async fn launch_templates(ask: &Ask) -> Result<Read<Vec<LaunchTemplate>>, CallError> {
    let operation = op::DescribeLaunchTemplates;
    let request = Request::new().with("MaxResults", 200);
    let templates = EC2.list(ask, operation, None, request, ("launchTemplates", NEXT)).await?;
    let templates = ask.items(operation, &templates, |template| {
        let name = template.text("launchTemplateName")?.unwrap_or_default();
        Ok(LaunchTemplate {
            id: template.required("launchTemplateId").map_err(Lacks::of(name))?,
            name: name.to_owned(),
            default_version: template.number("defaultVersionNumber")?.unwrap_or_default(),
            latest_version: template.number("latestVersionNumber")?.unwrap_or_default(),
            tags: tags(template)?,
            ..LaunchTemplate::default()
        })
    });
    let templates = templates.try_then(ask, |template| with_versions(ask, template));
    Ok(templates.await.sorted(|template| template.id.clone()))
}

/// A template with its versions; none when it is gone by now. All versions: groups may launch any of them, and
/// an old one shows its text as long as it is there.
async fn with_versions(ask: &Ask, template: LaunchTemplate) -> Result<Option<LaunchTemplate>, CallError> {
    let operation = op::DescribeLaunchTemplateVersions;
    let about = Some(template.id.as_str());
    let request = Request::new().with("LaunchTemplateId", template.id.as_str()).with("MaxResults", 200);
    let versions = EC2.list(ask, operation, about, request, ("launchTemplateVersionSet", NEXT)).await;
    let Some(versions) = CallError::unless_gone(versions)? else { return Ok(None) };
    let versions = ask.all_items(operation, about, &versions, |version| {
        let data = version.get("launchTemplateData");
        let options = data.get("metadataOptions");
        let mut security_groups = data.texts("securityGroupIdSet")?;
        for interface in data.list("networkInterfaceSet")? {
            security_groups.extend(interface.texts("groupSet")?);
        }
        Ok(Version {
            number: version.number("versionNumber")?,
            is_default: version.flag("defaultVersion")? == Some(true),
            http_tokens: owned(options.text("httpTokens")?),
            http_endpoint: owned(options.text("httpEndpoint")?),
            security_groups,
            security_group_names: data.texts("securityGroupSet")?,
            user_data: data.text("userData")?,
        })
    })?;
    let versions = sorted(versions, |version| version.number);
    let mut user_data = Vec::new();
    for version in &versions {
        let Some(encoded) = version.user_data else { continue };
        let secrets = credentials_in(encoded).await;
        let secrets = secrets.map_err(|error| ask.unreadable(operation, about, error));
        let version = version.number.unwrap_or_default();
        user_data.push(VersionUserData { version, secrets: ask.keep(secrets) });
    }
    let groups: BTreeSet<_> = versions.iter().flat_map(|version| &version.security_groups).collect();
    let group_names: BTreeSet<_> = versions.iter().flat_map(|it| &it.security_group_names).collect();
    let default = versions.iter().find(|version| version.is_default);
    Ok(Some(LaunchTemplate {
        metadata_http_tokens: default.and_then(|version| version.http_tokens.clone()),
        metadata_http_endpoint: default.and_then(|version| version.http_endpoint.clone()),
        security_groups: groups.into_iter().cloned().collect(),
        security_group_names: group_names.into_iter().cloned().collect(),
        user_data,
        ..template
    }))
}

/// What is read of a version of a launch template.
struct Version<'a> {
    number: Option<i64>,
    is_default: bool,
    http_tokens: Option<String>,
    http_endpoint: Option<String>,
    security_groups: Vec<String>,
    security_group_names: Vec<String>,
    user_data: Option<&'a str>,
}

/// All of the account's snapshots, and those of them that anyone may restore: two lists instead of one
/// question for each snapshot.
async fn snapshots(ask: &Ask) -> Result<Read<Vec<Snapshot>>, CallError> {
    let operation = op::DescribeSnapshots;
    let list = ("snapshotSet", NEXT);
    let own = Request::new().with("MaxResults", 1000).with("Owner.1", "self");
    let all = EC2.list(ask, operation, None, own.clone(), list).await?;
    let public = if all.is_empty() {
        Vec::new()
    } else {
        EC2.list(ask, operation, None, own.with("RestorableBy.1", "all"), list).await?
    };
    let public = ask.all_items(operation, None, &public, |snapshot| snapshot.required("snapshotId"))?;
    let public = HashSet::<_>::from_iter(public);
    let snapshots = ask.items(operation, &all, |snapshot| {
        let id = snapshot.required("snapshotId")?;
        Ok(Snapshot {
            encrypted: snapshot.flag("encrypted")?.unwrap_or_default(),
            public: public.contains(&id),
            tags: tags(snapshot)?,
            id,
        })
    });
    Ok(snapshots.sorted(|snapshot| snapshot.id.clone()))
}

/// Whether the services of these endpoints know endpoint policies. Asked of each by its name: the list without
/// names leaves some out, and one name that AWS does not find (a service of another region) fails the whole call.
async fn endpoint_policy_support(
    ask: &Ask,
    endpoints: &[VpcEndpoint],
) -> Result<BTreeMap<String, Collected<bool>>, CallError> {
    let is_asked = |endpoint: &&VpcEndpoint| {
        endpoint.policy.is_some()
            && !endpoint.service.contains(".vpce-svc-")
            && !endpoint.service.starts_with("arn:")
    };
    let services: BTreeSet<_> =
        endpoints.iter().filter(is_asked).map(|endpoint| endpoint.service.as_str()).collect();
    let support = each_of(services.into_iter().map(|service| async move {
        let operation = op::DescribeVpcEndpointServices;
        let request = Request::new().with("ServiceName.1", service);
        let answer = EC2.one(ask, operation, Some(service), request).await.and_then(|answer| {
            let details = ask.item(operation, Some(service), answer.list("serviceDetailSet"))?;
            let told = ask.all_items(operation, Some(service), details, |details| {
                details.flag("vpcEndpointPolicySupported")
            })?;
            // S3 has two services of one name, for gateways and for interfaces.
            let told = told.into_iter().flatten().reduce(|either, or| either || or);
            told.ok_or_else(|| ask.unreadable(operation, Some(service), "not in the answer"))
        });
        (service.to_owned(), ask.keep(answer))
    }));
    Ok(support.await.into_iter().collect())
}

async fn vpc_endpoint_services(ask: &Ask) -> Result<Read<Vec<VpcEndpointService>>, CallError> {
    let operation = op::DescribeVpcEndpointServiceConfigurations;
    let request = Request::new().with("MaxResults", 1000);
    let services = EC2.list(ask, operation, None, request, ("serviceConfigurationSet", NEXT)).await?;
    let services = ask.items(operation, &services, |service| {
        Ok(VpcEndpointService {
            id: service.required("serviceId")?,
            acceptance_required: service.flag("acceptanceRequired")?.unwrap_or_default(),
            allowed_principals: Collected::default(),
            tags: tags(service)?,
        })
    });
    let services = services.then(|service| async move {
        let allowed_principals = ask.keep(allowed_principals(ask, &service.id).await);
        VpcEndpointService { allowed_principals, ..service }
    });
    Ok(services.await.sorted(|service| service.id.clone()))
}

async fn allowed_principals(ask: &Ask, service: &str) -> Result<Vec<String>, CallError> {
    let operation = op::DescribeVpcEndpointServicePermissions;
    let request = Request::new().with("ServiceId", service).with("MaxResults", 1000);
    let allowed = EC2.list(ask, operation, Some(service), request, ("allowedPrincipals", NEXT)).await?;
    let principals = ask.all_items(operation, Some(service), &allowed, |it| it.required("principal"))?;
    Ok(sorted(principals, Clone::clone))
}

async fn addresses(ask: &Ask) -> Result<Read<Vec<Address>>, CallError> {
    // The one list here that has no pages.
    let operation = op::DescribeAddresses;
    let answer = EC2.one(ask, operation, None, Request::new()).await?;
    let addresses = ask.item(operation, None, answer.list("addressesSet"))?;
    let addresses = ask.items(operation, addresses, |address| {
        let id = address.text("allocationId")?;
        let public_ip = address.required("publicIp").map_err(Lacks::of(id.unwrap_or_default()))?;
        Ok(Address {
            id: id.unwrap_or(&public_ip).to_owned(),
            network_interface: owned(address.text("networkInterfaceId")?),
            instance: filled(address.text("instanceId")?),
            public_ip,
        })
    });
    Ok(addresses.sorted(|address| address.id.clone()))
}

async fn prefix_lists(ask: &Ask) -> Result<Read<Vec<PrefixList>>, CallError> {
    let operation = op::DescribeManagedPrefixLists;
    let request = Request::new().with("MaxResults", 100);
    let lists = EC2.list(ask, operation, None, request, ("prefixListSet", NEXT)).await?;
    let lists = ask.items(operation, &lists, |list| {
        Ok(PrefixList {
            id: list.required("prefixListId")?,
            name: list.text("prefixListName")?.unwrap_or_default().to_owned(),
            owner: list.text("ownerId")?.unwrap_or_default().to_owned(),
            cidrs: Collected::default(),
        })
    });
    let lists = lists.then(|list| async move {
        if list.is_aws_owned() {
            return list;
        }
        let cidrs = ask.keep(prefix_list_entries(ask, &list.id).await);
        PrefixList { cidrs, ..list }
    });
    Ok(lists.await.sorted(|list| list.id.clone()))
}

async fn prefix_list_entries(ask: &Ask, id: &str) -> Result<Vec<String>, CallError> {
    let operation = op::GetManagedPrefixListEntries;
    let request = Request::new().with("PrefixListId", id).with("MaxResults", 100);
    let entries = EC2.list(ask, operation, Some(id), request, ("entrySet", NEXT)).await?;
    let cidrs = ask.all_items(operation, Some(id), &entries, |entry| entry.required("cidr"))?;
    Ok(sorted(cidrs, Clone::clone))
}

async fn ebs_encryption_by_default(ask: &Ask) -> Result<bool, CallError> {
    let operation = op::GetEbsEncryptionByDefault;
    let answer = EC2.one(ask, operation, None, Request::new()).await?;
    let is_on = ask.item(operation, None, answer.flag("ebsEncryptionByDefault"))?;
    is_on.ok_or_else(|| ask.unreadable(operation, None, "the answer lacks the setting"))
}

async fn snapshot_block_public_access(ask: &Ask) -> Result<String, CallError> {
    let operation = op::GetSnapshotBlockPublicAccessState;
    let answer = EC2.one(ask, operation, None, Request::new()).await?;
    let state = ask.item(operation, None, answer.text("state"))?;
    owned(state).ok_or_else(|| ask.unreadable(operation, None, "the answer lacks the state"))
}

async fn image_block_public_access(ask: &Ask) -> Result<String, CallError> {
    let operation = op::GetImageBlockPublicAccessState;
    let answer = EC2.one(ask, operation, None, Request::new()).await?;
    let state = ask.item(operation, None, answer.text("imageBlockPublicAccessState"))?;
    owned(state).ok_or_else(|| ask.unreadable(operation, None, "the answer lacks the state"))
}

async fn instance_metadata_http_tokens(ask: &Ask) -> Result<Option<String>, CallError> {
    let operation = op::GetInstanceMetadataDefaults;
    let answer = EC2.one(ask, operation, None, Request::new()).await?;
    let tokens = ask.item(operation, None, answer.get("accountLevel").text("httpTokens"))?;
    Ok(owned(tokens))
}

async fn vpc_block_public_access(ask: &Ask) -> Result<VpcBlockPublicAccess, CallError> {
    const MODES: &[&str] = &["block-bidirectional", "block-ingress", "off"];
    let operation = op::DescribeVpcBlockPublicAccessOptions;
    let answer = EC2.one(ask, operation, None, Request::new()).await?;
    let options = answer.get("vpcBlockPublicAccessOptions");
    let mode = ask.item(operation, None, options.known("internetGatewayBlockMode", MODES))?;
    let mode = mode.unwrap_or_else(|| "off".to_owned());
    if mode == "off" {
        return Ok(VpcBlockPublicAccess { mode, exclusions: Vec::new() });
    }
    let operation = op::DescribeVpcBlockPublicAccessExclusions;
    let request = Request::new().with("MaxResults", 1000);
    let list = ("vpcBlockPublicAccessExclusionSet", NEXT);
    let exclusions = EC2.list(ask, operation, None, request, list).await?;
    let exclusions = ask.all_items(operation, None, &exclusions, |exclusion| {
        Ok(VpcBlockPublicAccessExclusion {
            resource_arn: exclusion.required("resourceArn")?,
            mode: exclusion.required("internetGatewayExclusionMode")?,
            state: exclusion.text("state")?.unwrap_or_default().to_owned(),
        })
    })?;
    Ok(VpcBlockPublicAccess {
        mode,
        exclusions: sorted(exclusions, |exclusion| exclusion.resource_arn.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(fields: &str) -> Node {
        Node::from_xml(format!("<item>{fields}</item>").as_bytes()).unwrap()
    }

    #[test]
    fn what_is_absent_is_nothing_and_what_is_wrong_is_an_error() {
        let read = |fields: &str| instance(&node(&format!("<instanceId>i-1</instanceId>{fields}")));
        for nothing in ["", "<metadataOptions/><groupSet/><tagSet/><keyName/>"] {
            let instance = read(nothing).unwrap();
            assert_eq!((instance.metadata_http_tokens, instance.key_name), (None, None));
            assert!(instance.security_groups.is_empty() && instance.tags.iter().next().is_none());
        }
        for (fields, told) in [
            ("<metadataOptions>on</metadataOptions>", "has a httpTokens that is not known: on"),
            ("<groupSet><item/></groupSet>", "lacks groupId"),
            (
                "<instanceState><name>limbo</name></instanceState>",
                "has a instanceState that is not known: limbo",
            ),
            ("<launchTime>yesterday</launchTime>", "has a launchTime that is not known: yesterday"),
        ] {
            assert_eq!(read(fields).unwrap_err().told(), told);
        }
    }

    #[test]
    fn ranges_that_were_taken_away_are_none() {
        let range = |cidr: &str, state: &str| {
            format!("<item><cidrBlock>{cidr}</cidrBlock><cidrBlockState>{state}</cidrBlockState></item>")
        };
        let ranges = [
            range("10.2.0.0/16", "<state>disassociated</state>"),
            range("10.1.0.0/16", "<state>associated</state>"),
            range("10.0.0.0/16", ""),
        ];
        let vpc = vpc(&node(&format!(
            "<vpcId>vpc-1</vpcId><isDefault>false</isDefault><cidrBlock>10.0.0.0/16</cidrBlock>
             <cidrBlockAssociationSet>{}</cidrBlockAssociationSet>",
            ranges.concat()
        )));
        assert_eq!(vpc.unwrap().cidrs, ["10.0.0.0/16", "10.1.0.0/16"]);
    }
}

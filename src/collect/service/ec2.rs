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
use aws_sdk_ec2::{Client, types};
use jiff::Timestamp;

use self::network::{
    flow_log, internet_gateway, network_acl, network_interface, route_table, security_group, subnet, vpc,
    vpc_endpoint, vpc_peering,
};
use crate::collect::{
    ask::{Ask, each_of, is_empty, sorted, tags, timestamp, unless},
    call::CallError,
    items::{Lacks, Read, known, text, texts},
};

/// A list that one paginated operation answers: name, operation, page size (the largest that EC2's API
/// Reference allows), the pages' list, how to read one.
macro_rules! lists {
    ($($name:ident: $thing:ident = $operation:ident $size:literal $send:ident($list:ident) $read:ident;)+) => { $(
        async fn $name(ask: &Ask, client: &Client) -> Result<Read<Vec<$thing>>, CallError> {
            let operation = op::$operation;
            let pages = ask
                .pages(
                    operation,
                    None,
                    |token| client.$send().max_results($size).set_next_token(token).send(),
                    |page| page.next_token(),
                )
                .await?;
            let things = ask.items(operation, pages.iter().flat_map(|page| page.$list()), $read);
            Ok(things.sorted(|thing| thing.id.clone()))
        }
    )+ };
}

lists! {
    vpcs: Vpc = DescribeVpcs 1000 describe_vpcs(vpcs) vpc;
    subnets: Subnet = DescribeSubnets 1000 describe_subnets(subnets) subnet;
    route_tables: RouteTable = DescribeRouteTables 100 describe_route_tables(route_tables) route_table;
    internet_gateways: InternetGateway = DescribeInternetGateways 1000 describe_internet_gateways(internet_gateways) internet_gateway;
    network_acls: NetworkAcl = DescribeNetworkAcls 1000 describe_network_acls(network_acls) network_acl;
    security_groups: SecurityGroup = DescribeSecurityGroups 1000 describe_security_groups(security_groups) security_group;
    network_interfaces: NetworkInterface = DescribeNetworkInterfaces 1000 describe_network_interfaces(network_interfaces) network_interface;
    volumes: Volume = DescribeVolumes 1000 describe_volumes(volumes) volume;
    vpc_endpoints: VpcEndpoint = DescribeVpcEndpoints 1000 describe_vpc_endpoints(vpc_endpoints) vpc_endpoint;
    flow_logs: FlowLog = DescribeFlowLogs 1000 describe_flow_logs(flow_logs) flow_log;
    vpc_peerings: VpcPeering = DescribeVpcPeeringConnections 1000 describe_vpc_peering_connections(vpc_peering_connections) vpc_peering;
}

pub(in crate::collect) async fn collect(ask: &Ask) -> Ec2 {
    let client = &ask.aws.ec2();
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
        of_instances(ask, client),
        ask.list(Source::Ec2Images, images(ask, client)),
        ask.list(Source::Ec2Vpcs, vpcs(ask, client)),
        ask.list(Source::Ec2Subnets, subnets(ask, client)),
        ask.list(Source::Ec2RouteTables, route_tables(ask, client)),
        ask.list(Source::Ec2InternetGateways, internet_gateways(ask, client)),
        ask.list(Source::Ec2NetworkAcls, network_acls(ask, client)),
        ask.list(Source::Ec2SecurityGroups, security_groups(ask, client)),
        ask.list(Source::Ec2NetworkInterfaces, network_interfaces(ask, client)),
        ask.list(Source::Ec2LaunchTemplates, launch_templates(ask, client)),
        ask.list(Source::Ec2Volumes, volumes(ask, client)),
        ask.list(Source::Ec2Snapshots, snapshots(ask, client)),
        ask.list(Source::Ec2VpcEndpoints, vpc_endpoints(ask, client)),
        ask.list(Source::Ec2VpcEndpointServices, vpc_endpoint_services(ask, client)),
        ask.list(Source::Ec2FlowLogs, flow_logs(ask, client)),
        ask.list(Source::Ec2VpcPeerings, vpc_peerings(ask, client)),
        ask.list(Source::Ec2Addresses, addresses(ask, client)),
        ask.list(Source::Ec2PrefixLists, prefix_lists(ask, client)),
        ask.source(Source::Ec2EbsEncryptionByDefault, ebs_encryption_by_default(ask, client)),
        ask.source(Source::Ec2SnapshotBlockPublicAccess, snapshot_block_public_access(ask, client)),
        ask.source(Source::Ec2ImageBlockPublicAccess, image_block_public_access(ask, client)),
        ask.source(Source::Ec2InstanceMetadataDefaults, instance_metadata_http_tokens(ask, client)),
        ask.source(Source::Ec2VpcBlockPublicAccess, vpc_block_public_access(ask, client)),
    );
    let vpc_endpoint_policy_support = ask
        .after(Source::Ec2VpcEndpointPolicySupport, &vpc_endpoints, |endpoints| {
            endpoint_policy_support(ask, client, endpoints)
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

fn ec2_tags(list: &[types::Tag]) -> Tags {
    tags(list.iter().map(|tag| (tag.key(), tag.value())))
}

fn volume(volume: &types::Volume) -> Result<Volume, Lacks> {
    let attachments = volume.attachments().iter();
    let attached_to = attachments.filter_map(|it| it.instance_id().or(it.associated_resource()));
    Ok(Volume {
        id: text(volume.volume_id(), "VolumeId")?,
        encrypted: volume.encrypted().unwrap_or_default(),
        attached_to: sorted(attached_to.map(str::to_owned), Clone::clone),
        tags: ec2_tags(volume.tags()),
    })
}

/// Credentials in user data, by instance.
type UserData = BTreeMap<String, Collected<Vec<Secret>>>;

/// Instances, then their user data and the images that they run.
async fn of_instances(
    ask: &Ask,
    client: &Client,
) -> (Collected<Vec<Instance>>, Collected<UserData>, Collected<Vec<LaunchImage>>) {
    let instances = ask.list(Source::Ec2Instances, instances(ask, client)).await;
    let (user_data, images) = tokio::join!(
        ask.each(Source::Ec2UserData, &instances, |instance| &instance.id, |id| user_data(ask, client, id)),
        unless(is_empty(&instances), ask.list(Source::Ec2LaunchImages, launch_images(ask, client))),
    );
    (instances, user_data, images)
}

async fn instances(ask: &Ask, client: &Client) -> Result<Read<Vec<Instance>>, CallError> {
    let operation = op::DescribeInstances;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_instances().max_results(1000).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let reservations = pages.iter().flat_map(|page| page.reservations());
    let terminated = |instance: &&types::Instance| {
        instance.state().and_then(|state| state.name()) == Some(&types::InstanceStateName::Terminated)
    };
    let listed = reservations.flat_map(|reservation| reservation.instances());
    let instances = ask.items(operation, listed.filter(|it| !terminated(it)), instance);
    Ok(instances.sorted(|instance| instance.id.clone()))
}

fn instance(instance: &types::Instance) -> Result<Instance, Lacks> {
    let groups = instance.security_groups().iter().map(|group| group.group_id());
    let state = instance.state().and_then(|state| state.name()).map(|state| state.as_str());
    let options = instance.metadata_options();
    let profile = instance.iam_instance_profile();
    Ok(Instance {
        id: text(instance.instance_id(), "InstanceId")?,
        state: known(state, types::InstanceStateName::values(), "State")?.unwrap_or_default(),
        image: instance.image_id().map(str::to_owned),
        key_name: instance.key_name().filter(|name| !name.is_empty()).map(str::to_owned),
        instance_profile: profile.and_then(|profile| profile.arn()).map(str::to_owned),
        metadata_http_tokens: options.and_then(|o| o.http_tokens()).map(|tokens| tokens.as_str().to_owned()),
        metadata_http_endpoint: options.and_then(|o| o.http_endpoint()).map(|on| on.as_str().to_owned()),
        public_dns: instance.public_dns_name().filter(|name| !name.is_empty()).map(str::to_owned),
        public_ip: instance.public_ip_address().filter(|ip| !ip.is_empty()).map(str::to_owned),
        vpc: instance.vpc_id().map(str::to_owned),
        subnet: instance.subnet_id().map(str::to_owned),
        security_groups: sorted(texts(groups, "GroupId")?, Clone::clone),
        platform: instance.platform().map(|platform| platform.as_str().to_owned()),
        launched: instance.launch_time().and_then(timestamp),
        tags: ec2_tags(instance.tags()),
    })
}

/// The credentials in an instance's user data. An instance that is gone by now has none.
async fn user_data(ask: &Ask, client: &Client, instance: &str) -> Result<Vec<Secret>, CallError> {
    let operation = op::DescribeInstanceAttribute;
    let send = || {
        let attribute = types::InstanceAttributeName::UserData;
        client.describe_instance_attribute().instance_id(instance).attribute(attribute).send()
    };
    let answer = ask.call(operation, Some(instance), send).await;
    let answer = CallError::unless_gone(answer)?;
    let encoded = answer.as_ref().and_then(|answer| answer.user_data()?.value()).unwrap_or_default();
    credentials_in(encoded).await.map_err(|error| ask.unreadable(operation, Some(instance), error))
}

/// The credentials in user data in base 64. They may be long once inflated: other tasks shall not wait.
async fn credentials_in(user_data: &str) -> Result<Vec<Secret>, String> {
    let user_data = user_data.to_owned();
    let scan = tokio::task::spawn_blocking(move || secrets::in_base64_user_data(&user_data));
    scan.await.unwrap_or_else(|error| Err(error.to_string()))
}

async fn images(ask: &Ask, client: &Client) -> Result<Read<Vec<Image>>, CallError> {
    let operation = op::DescribeImages;
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let describe = client.describe_images().owners("self").include_deprecated(true);
                describe.max_results(1000).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let images = ask.items(operation, pages.iter().flat_map(|page| page.images()), |image| {
        Ok(Image {
            id: text(image.image_id(), "ImageId")?,
            name: image.name().map(str::to_owned),
            owner: image.owner_id().map(str::to_owned),
            public: image.public().ok_or(Lacks::field("Public"))?,
        })
    });
    Ok(images.sorted(|image| image.id.clone()))
}

/// Asked of the instances: DescribeImages says nothing of images that are gone or no longer shared.
async fn launch_images(ask: &Ask, client: &Client) -> Result<Read<Vec<LaunchImage>>, CallError> {
    let operation = op::DescribeInstanceImageMetadata;
    let running = types::Filter::builder().name("instance-state-name").values("running").build();
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let describe = client.describe_instance_image_metadata().filters(running.clone());
                describe.max_results(1000).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let instances = pages.iter().flat_map(|page| page.instance_image_metadata());
    let images = ask.items(operation, instances, |instance| {
        let image = instance.image_metadata().ok_or(Lacks::field("ImageMetadata"));
        let image = image.map_err(Lacks::of(instance.instance_id().unwrap_or_default()))?;
        Ok((text(image.image_id(), "ImageId")?, image))
    });
    // Many instances run one image.
    let images = images.map(BTreeMap::from_iter);
    let image = |(id, image): (String, &types::ImageMetadata)| {
        let id = id.as_str();
        let time = |text: &str| -> Result<Timestamp, CallError> {
            text.parse().map_err(|_| ask.unreadable(operation, Some(id), format!("no date: {text}")))
        };
        let created = image.creation_date().ok_or_else(|| ask.unreadable(operation, Some(id), "no date"));
        LaunchImage {
            id: id.to_owned(),
            name: image.name().map(str::to_owned),
            created: ask.keep(created.and_then(time)),
            deprecated: ask.keep(image.deprecation_time().map(time).transpose()),
        }
    };
    Ok(images.map(|images| images.into_iter().map(image).collect()))
}

async fn launch_templates(ask: &Ask, client: &Client) -> Result<Read<Vec<LaunchTemplate>>, CallError> {
    let operation = op::DescribeLaunchTemplates;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_launch_templates().max_results(200).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let templates = pages.iter().flat_map(|page| page.launch_templates());
    let templates = ask.items(operation, templates, |template| {
        let id = text(template.launch_template_id(), "LaunchTemplateId");
        Ok((id.map_err(Lacks::of(template.launch_template_name().unwrap_or_default()))?, template))
    });
    let templates = templates
        .try_then(ask, |(id, template)| async move { launch_template(ask, client, &id, template).await });
    Ok(templates.await.sorted(|template| template.id.clone()))
}

/// A template with its versions; none when it is gone by now. All versions: groups may launch any of them, and
/// an old one shows its text as long as it is there.
async fn launch_template(
    ask: &Ask,
    client: &Client,
    id: &str,
    template: &types::LaunchTemplate,
) -> Result<Option<LaunchTemplate>, CallError> {
    let operation = op::DescribeLaunchTemplateVersions;
    let pages = ask
        .pages(
            operation,
            Some(id),
            |token| {
                let versions = client.describe_launch_template_versions().launch_template_id(id);
                versions.max_results(200).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await;
    let pages = CallError::unless_gone(pages)?;
    let Some(pages) = pages else { return Ok(None) };
    let versions = pages.iter().flat_map(|page| page.launch_template_versions());
    let versions = sorted(versions, |version| version.version_number());
    let default = versions.iter().find(|version| version.default_version() == Some(true));
    let options = default.and_then(|version| version.launch_template_data()?.metadata_options());
    let data = || versions.iter().filter_map(|version| version.launch_template_data());
    let of_interfaces = data().flat_map(|data| data.network_interfaces()).flat_map(|it| it.groups());
    let groups = data().flat_map(|data| data.security_group_ids()).chain(of_interfaces);
    let groups: BTreeSet<_> = groups.cloned().collect();
    let group_names: BTreeSet<_> = data().flat_map(|data| data.security_groups()).cloned().collect();
    let mut user_data = Vec::new();
    for version in &versions {
        let encoded = version.launch_template_data().and_then(|data| data.user_data());
        let Some(encoded) = encoded else { continue };
        let secrets = credentials_in(encoded).await;
        let secrets = secrets.map_err(|error| ask.unreadable(operation, Some(id), error));
        let version = version.version_number().unwrap_or_default();
        user_data.push(VersionUserData { version, secrets: ask.keep(secrets) });
    }
    Ok(Some(LaunchTemplate {
        id: id.to_owned(),
        name: template.launch_template_name().unwrap_or_default().to_owned(),
        default_version: template.default_version_number().unwrap_or_default(),
        latest_version: template.latest_version_number().unwrap_or_default(),
        metadata_http_tokens: options.and_then(|o| o.http_tokens()).map(|tokens| tokens.as_str().to_owned()),
        metadata_http_endpoint: options.and_then(|o| o.http_endpoint()).map(|on| on.as_str().to_owned()),
        security_groups: groups.into_iter().collect(),
        security_group_names: group_names.into_iter().collect(),
        user_data,
        tags: ec2_tags(template.tags()),
    }))
}

/// All of the account's snapshots, and those of them that anyone may restore: two lists instead of one
/// question for each snapshot.
async fn snapshots(ask: &Ask, client: &Client) -> Result<Read<Vec<Snapshot>>, CallError> {
    let id = op::DescribeSnapshots;
    let own = || client.describe_snapshots().owner_ids("self").max_results(1000);
    let all =
        ask.pages(id, None, |token| own().set_next_token(token).send(), |page| page.next_token()).await?;
    let public = if all.iter().all(|page| page.snapshots().is_empty()) {
        Vec::new()
    } else {
        let public = |token| own().restorable_by_user_ids("all").set_next_token(token).send();
        ask.pages(id, None, public, |page| page.next_token()).await?
    };
    let public = public.iter().flat_map(|page| page.snapshots());
    let public = ask.all_items(id, None, public, |snapshot| text(snapshot.snapshot_id(), "SnapshotId"))?;
    let public = HashSet::<_>::from_iter(public);
    let snapshots = ask.items(id, all.iter().flat_map(|page| page.snapshots()), |snapshot| {
        let id = text(snapshot.snapshot_id(), "SnapshotId")?;
        Ok(Snapshot {
            encrypted: snapshot.encrypted().unwrap_or_default(),
            public: public.contains(&id),
            tags: ec2_tags(snapshot.tags()),
            id,
        })
    });
    Ok(snapshots.sorted(|snapshot| snapshot.id.clone()))
}

/// Whether the services of these endpoints know endpoint policies. Asked of each by its name: the list without
/// names leaves some out, and one name that AWS does not find (a service of another region) fails the whole call.
async fn endpoint_policy_support(
    ask: &Ask,
    client: &Client,
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
        let send = || client.describe_vpc_endpoint_services().service_names(service).send();
        let answer = ask.call(operation, Some(service), send).await.and_then(|answer| {
            let mut told =
                answer.service_details().iter().filter_map(|it| it.vpc_endpoint_policy_supported());
            // S3 has two services of one name, for gateways and for interfaces.
            let first = told.next();
            let first = first.ok_or_else(|| ask.unreadable(operation, Some(service), "not in the answer"))?;
            Ok(first || told.any(|supported| supported))
        });
        (service.to_owned(), ask.keep(answer))
    }));
    Ok(support.await.into_iter().collect())
}

async fn vpc_endpoint_services(
    ask: &Ask,
    client: &Client,
) -> Result<Read<Vec<VpcEndpointService>>, CallError> {
    let operation = op::DescribeVpcEndpointServiceConfigurations;
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                client
                    .describe_vpc_endpoint_service_configurations()
                    .max_results(1000)
                    .set_next_token(token)
                    .send()
            },
            |page| page.next_token(),
        )
        .await?;
    let services = pages.iter().flat_map(|page| page.service_configurations());
    let services =
        ask.items(operation, services, |service| Ok((text(service.service_id(), "ServiceId")?, service)));
    let services = services.then(|(id, service)| async move {
        let id = id.as_str();
        let operation = op::DescribeVpcEndpointServicePermissions;
        let principals = ask
            .pages(
                operation,
                Some(id),
                |token| {
                    let permissions = client.describe_vpc_endpoint_service_permissions().service_id(id);
                    permissions.max_results(1000).set_next_token(token).send()
                },
                |page| page.next_token(),
            )
            .await;
        let principals = principals.and_then(|pages| {
            let allowed = pages.iter().flat_map(|page| page.allowed_principals());
            let principals =
                ask.all_items(operation, Some(id), allowed, |allowed| text(allowed.principal(), "Principal"));
            Ok(sorted(principals?, Clone::clone))
        });
        VpcEndpointService {
            id: id.to_owned(),
            acceptance_required: service.acceptance_required().unwrap_or_default(),
            allowed_principals: ask.keep(principals),
            tags: ec2_tags(service.tags()),
        }
    });
    Ok(services.await.sorted(|service| service.id.clone()))
}

async fn addresses(ask: &Ask, client: &Client) -> Result<Read<Vec<Address>>, CallError> {
    // The one list here that has no pages.
    let operation = op::DescribeAddresses;
    let answer = ask.call(operation, None, || client.describe_addresses().send()).await?;
    let addresses = ask.items(operation, answer.addresses(), |address| {
        let public_ip = text(address.public_ip(), "PublicIp");
        let public_ip = public_ip.map_err(Lacks::of(address.allocation_id().unwrap_or_default()))?;
        Ok(Address {
            id: address.allocation_id().unwrap_or(&public_ip).to_owned(),
            network_interface: address.network_interface_id().map(str::to_owned),
            instance: address.instance_id().filter(|id| !id.is_empty()).map(str::to_owned),
            public_ip,
        })
    });
    Ok(addresses.sorted(|address| address.id.clone()))
}

async fn prefix_lists(ask: &Ask, client: &Client) -> Result<Read<Vec<PrefixList>>, CallError> {
    let operation = op::DescribeManagedPrefixLists;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_managed_prefix_lists().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let lists = pages.iter().flat_map(|page| page.prefix_lists());
    let lists = ask.items(operation, lists, |list| Ok((text(list.prefix_list_id(), "PrefixListId")?, list)));
    let lists = lists.then(|(id, list)| async move {
        let id = id.as_str();
        let mut list = PrefixList {
            id: id.to_owned(),
            name: list.prefix_list_name().unwrap_or_default().to_owned(),
            owner: list.owner_id().unwrap_or_default().to_owned(),
            cidrs: Collected::default(),
        };
        if !list.is_aws_owned() {
            list.cidrs = ask.keep(prefix_list_entries(ask, client, id).await);
        }
        list
    });
    Ok(lists.await.sorted(|list| list.id.clone()))
}

async fn prefix_list_entries(ask: &Ask, client: &Client, id: &str) -> Result<Vec<String>, CallError> {
    let operation = op::GetManagedPrefixListEntries;
    let pages = ask
        .pages(
            operation,
            Some(id),
            |token| {
                let entries = client.get_managed_prefix_list_entries().prefix_list_id(id);
                entries.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let entries = pages.iter().flat_map(|page| page.entries());
    let cidrs = ask.all_items(operation, Some(id), entries, |entry| text(entry.cidr(), "Cidr"))?;
    Ok(sorted(cidrs, Clone::clone))
}

async fn ebs_encryption_by_default(ask: &Ask, client: &Client) -> Result<bool, CallError> {
    let id = op::GetEbsEncryptionByDefault;
    let answer = ask.call(id, None, || client.get_ebs_encryption_by_default().send()).await?;
    answer.ebs_encryption_by_default().ok_or_else(|| ask.unreadable(id, None, "the answer lacks the setting"))
}

async fn snapshot_block_public_access(ask: &Ask, client: &Client) -> Result<String, CallError> {
    let id = op::GetSnapshotBlockPublicAccessState;
    let answer = ask.call(id, None, || client.get_snapshot_block_public_access_state().send()).await?;
    let state = answer.state().map(|state| state.as_str().to_owned());
    state.ok_or_else(|| ask.unreadable(id, None, "the answer lacks the state"))
}

async fn image_block_public_access(ask: &Ask, client: &Client) -> Result<String, CallError> {
    let id = op::GetImageBlockPublicAccessState;
    let answer = ask.call(id, None, || client.get_image_block_public_access_state().send()).await?;
    let state = answer.image_block_public_access_state().map(str::to_owned);
    state.ok_or_else(|| ask.unreadable(id, None, "the answer lacks the state"))
}

async fn instance_metadata_http_tokens(ask: &Ask, client: &Client) -> Result<Option<String>, CallError> {
    let id = op::GetInstanceMetadataDefaults;
    let answer = ask.call(id, None, || client.get_instance_metadata_defaults().send()).await?;
    let tokens = answer.account_level().and_then(|defaults| defaults.http_tokens());
    Ok(tokens.map(|tokens| tokens.as_str().to_owned()))
}

async fn vpc_block_public_access(ask: &Ask, client: &Client) -> Result<VpcBlockPublicAccess, CallError> {
    let describe = || client.describe_vpc_block_public_access_options().send();
    let options = ask.call(op::DescribeVpcBlockPublicAccessOptions, None, describe).await?;
    let mode =
        options.vpc_block_public_access_options().and_then(|options| options.internet_gateway_block_mode());
    let mode = known(
        mode.map(|mode| mode.as_str()),
        types::InternetGatewayBlockMode::values(),
        "InternetGatewayBlockMode",
    );
    let mode = ask.item(op::DescribeVpcBlockPublicAccessOptions, None, mode)?;
    let mode = mode.unwrap_or_else(|| "off".to_owned());
    if mode == "off" {
        return Ok(VpcBlockPublicAccess { mode, exclusions: Vec::new() });
    }
    let exclusions = ask
        .pages(
            op::DescribeVpcBlockPublicAccessExclusions,
            None,
            |token| {
                let describe = client.describe_vpc_block_public_access_exclusions();
                describe.max_results(1000).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let exclusions = exclusions.iter().flat_map(|page| page.vpc_block_public_access_exclusions());
    let operation = op::DescribeVpcBlockPublicAccessExclusions;
    let exclusions = ask.all_items(operation, None, exclusions, |exclusion| {
        let mode = exclusion.internet_gateway_exclusion_mode();
        Ok(VpcBlockPublicAccessExclusion {
            resource_arn: text(exclusion.resource_arn(), "ResourceArn")?,
            mode: text(mode.map(|mode| mode.as_str()), "InternetGatewayExclusionMode")?,
            state: exclusion.state().map_or("", |state| state.as_str()).to_owned(),
        })
    })?;
    Ok(VpcBlockPublicAccess {
        mode,
        exclusions: sorted(exclusions, |exclusion| exclusion.resource_arn.clone()),
    })
}

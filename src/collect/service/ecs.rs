//! Elastic Container Service.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{
    secrets,
    snapshot::ecs::{Container, Ecs, Service, TaskDefinition, op},
    snapshot::secret::{Location, Secret},
    source::Source,
};
use aws_sdk_ecs::{
    Client,
    types::{
        Compatibility, ContainerDefinition, LaunchType, ServiceField, TaskDefinitionFamilyStatus,
        TaskDefinitionField,
    },
};
use futures_util::future::try_join_all;

use crate::collect::{
    ask::{Ask, sorted, tags},
    call::CallError,
    items::{Read, text},
};

/// Most services that one call describes.
const BATCH: usize = 10;
/// Most clusters that one call describes.
const CLUSTERS_BATCH: usize = 100;

pub(in crate::collect) async fn collect(ask: &Ask) -> Ecs {
    let client = &ask.aws.ecs();
    let clusters = ask.source(Source::EcsClusters, clusters(ask, client)).await;
    let (cluster_instances, services) = tokio::join!(
        ask.after(Source::EcsClusterInstances, &clusters, |clusters| cluster_instances(
            ask, client, clusters
        )),
        ask.list_after(Source::EcsServices, &clusters, |clusters| services(ask, client, clusters)),
    );
    let of_services = services.get().ok().into_iter().flatten();
    let used: BTreeSet<_> = of_services.filter_map(|service| service.task_definition.clone()).collect();
    let definitions = ask.list(Source::EcsTaskDefinitions, task_definitions(ask, client, used)).await;
    let task_roles = definitions.as_ref().map(|(_, roles)| roles.clone());
    let task_definitions = definitions.map(|(definitions, _)| definitions);
    Ecs { task_definitions, services, clusters, cluster_instances, task_roles }
}

async fn clusters(ask: &Ask, client: &Client) -> Result<Vec<String>, CallError> {
    let pages = ask
        .pages(
            op::ListClusters,
            None,
            |token| client.list_clusters().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    Ok(sorted(pages.iter().flat_map(|page| page.cluster_arns()).cloned(), Clone::clone))
}

async fn cluster_instances(
    ask: &Ask,
    client: &Client,
    clusters: &[String],
) -> Result<BTreeMap<String, i64>, CallError> {
    let answers = try_join_all(clusters.chunks(CLUSTERS_BATCH).map(|batch| async move {
        let send = || client.describe_clusters().set_clusters(Some(batch.to_vec())).send();
        ask.call(op::DescribeClusters, None, send).await
    }))
    .await?;
    let clusters = answers.iter().flat_map(|answer| answer.clusters());
    let counted = ask.all_items(op::DescribeClusters, None, clusters, |cluster| {
        let arn = text(cluster.cluster_arn(), "clusterArn")?;
        Ok((arn, i64::from(cluster.registered_container_instances_count())))
    })?;
    Ok(counted.into_iter().collect())
}

/// Task definitions, and the task role of each revision that a service runs, by ARN.
type Definitions = (Vec<TaskDefinition>, BTreeMap<String, Option<String>>);

/// The latest active revision of each family; and the task roles of the revisions that services run, which may be
/// older.
async fn task_definitions(
    ask: &Ask,
    client: &Client,
    used: BTreeSet<String>,
) -> Result<Read<Definitions>, CallError> {
    let pages = ask
        .pages(
            op::ListTaskDefinitionFamilies,
            None,
            |token| {
                let list = client.list_task_definition_families().status(TaskDefinitionFamilyStatus::Active);
                list.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let families = Read::from(pages.iter().flat_map(|page| page.families()).collect::<Vec<_>>());
    let latest = families.try_then(ask, |family| async move {
        let definition = task_definition(ask, client, family).await?;
        Ok(definition.map(|definition| TaskDefinition { family: family.clone(), ..definition }))
    });
    let latest = latest.await;
    let latest = latest.sorted(|definition| definition.family.clone());
    let mut roles: BTreeMap<_, _> = latest
        .value
        .iter()
        .filter(|definition| used.contains(&definition.arn))
        .map(|definition| (definition.arn.clone(), definition.task_role.clone()))
        .collect();
    let others: Vec<_> = used.iter().filter(|arn| !roles.contains_key(*arn)).collect();
    let others = Read::from(others).try_then(ask, |arn| task_definition(ask, client, arn)).await;
    roles.extend(others.value.into_iter().map(|definition| (definition.arn, definition.task_role)));
    let unread = latest.unread.or(others.unread);
    Ok(Read { value: (latest.value, roles), unread })
}

/// The revision of that ARN, or the latest active one of that family; none when there is none any more.
async fn task_definition(
    ask: &Ask,
    client: &Client,
    which: &str,
) -> Result<Option<TaskDefinition>, CallError> {
    let operation = op::DescribeTaskDefinition;
    let send = || {
        let describe = client.describe_task_definition().task_definition(which);
        describe.include(TaskDefinitionField::Tags).send()
    };
    // A family may lose its last active revision between the two calls.
    let answer = ask.call(operation, Some(which), send).await;
    let Some(answer) = CallError::unless_gone(answer)? else { return Ok(None) };
    let definition = answer.task_definition();
    let definition = definition.ok_or_else(|| ask.unreadable(operation, Some(which), "no definition"))?;
    let containers = definition.container_definitions().iter().map(|container| Container {
        name: container.name().unwrap_or_default().to_owned(),
        secrets: secrets_of(container),
        log_driver: container.log_configuration().map(|log| log.log_driver().as_str().to_owned()),
    });
    let mut compatible = definition.requires_compatibilities().iter().chain(definition.compatibilities());
    let arn = text(definition.task_definition_arn(), "taskDefinitionArn");
    Ok(Some(TaskDefinition {
        arn: ask.item(operation, Some(which), arn)?,
        family: definition.family().unwrap_or(which).to_owned(),
        revision: definition.revision(),
        containers: containers.collect(),
        task_role: definition.task_role_arn().map(str::to_owned),
        for_fargate: compatible.any(|compatibility| *compatibility == Compatibility::Fargate),
        tags: tags(answer.tags().iter().map(|tag| (tag.key(), tag.value()))),
    }))
}

/// The credentials in environment variables, options of the log driver, labels and the command.
fn secrets_of(container: &ContainerDefinition) -> Vec<Secret> {
    let environment = container.environment().iter().filter_map(|pair| Some((pair.name()?, pair.value()?)));
    let mut found: Vec<_> = environment.filter_map(|(name, value)| secrets::in_pair(name, value)).collect();
    let options = container.log_configuration().and_then(|log| log.options());
    let options = options.into_iter().flatten().map(|pair| ("log_option", pair));
    let labels = container.docker_labels().into_iter().flatten().map(|pair| ("label", pair));
    let others = options.chain(labels).filter_map(|(what, (name, value))| {
        let secret = secrets::in_pair(name, value)?;
        Some(Secret { place: Location { of: Some(what.to_owned()), ..secret.place }, ..secret })
    });
    found.extend(sorted(others, |secret| secret.place.clone()));
    let command = [container.entry_point(), container.command()].concat().join(" ");
    let of_command = secrets::in_text(&command).into_iter();
    let place = Location { of: Some("command".to_owned()), ..Location::default() };
    found.extend(of_command.map(|secret| Secret { place: place.clone(), ..secret }));
    found
}

async fn services(ask: &Ask, client: &Client, clusters: &[String]) -> Result<Read<Vec<Service>>, CallError> {
    let clusters = Read::from(clusters.iter().collect::<Vec<_>>());
    let services =
        clusters.try_then(ask, |cluster| async move { services_of(ask, client, cluster).await.map(Some) });
    Ok(services.await.map(|lists| sorted(lists.into_iter().flatten(), |service| service.arn.clone())))
}

async fn services_of(ask: &Ask, client: &Client, cluster: &str) -> Result<Vec<Service>, CallError> {
    let pages = ask
        .pages(
            op::ListServices,
            Some(cluster),
            |token| client.list_services().cluster(cluster).max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let arns: Vec<_> = pages.iter().flat_map(|page| page.service_arns()).cloned().collect();
    let operation = op::DescribeServices;
    let answers = try_join_all(arns.chunks(BATCH).map(|batch| async move {
        let send = || {
            let describe = client.describe_services().cluster(cluster).set_services(Some(batch.to_vec()));
            describe.include(ServiceField::Tags).send()
        };
        ask.call(operation, Some(cluster), send).await
    }))
    .await?;
    let described = answers.iter().flat_map(|answer| answer.services());
    let described = described.filter(|service| service.status() != Some("INACTIVE"));
    ask.all_items(operation, Some(cluster), described, |service| {
        // With another deployment controller, the task sets have what is said of tasks.
        let primary = service.task_sets().iter().find(|set| set.status() == Some("PRIMARY"));
        let launch_type = service.launch_type().or_else(|| primary?.launch_type());
        let of_set = primary.map(|set| set.capacity_provider_strategy()).unwrap_or_default();
        let strategies = service.capacity_provider_strategy().iter().chain(of_set);
        let mut providers = strategies.map(|item| item.capacity_provider());
        let version = service.platform_version().or_else(|| primary?.platform_version());
        let family = service.platform_family().or_else(|| primary?.platform_family());
        let definition = service.task_definition().or_else(|| primary?.task_definition());
        let of_tasks = [service.network_configuration(), primary.and_then(|set| set.network_configuration())];
        let of_tasks = of_tasks.into_iter().flatten().filter_map(|network| network.awsvpc_configuration());
        let groups: BTreeSet<_> = of_tasks.flat_map(|vpc| vpc.security_groups()).cloned().collect();
        Ok(Service {
            arn: text(service.service_arn(), "serviceArn")?,
            name: text(service.service_name(), "serviceName")?,
            cluster: cluster.rsplit('/').next().unwrap_or_default().to_owned(),
            task_definition: definition.map(str::to_owned),
            // A service with a task on each instance tells no number that it wants.
            desired_tasks: i64::from(service.desired_count().max(service.running_count())),
            execute_command: service.enable_execute_command(),
            on_fargate: launch_type == Some(&LaunchType::Fargate)
                || providers.any(|provider| provider.starts_with("FARGATE")),
            platform_version: version.map(str::to_owned),
            platform_family: family.map(str::to_owned),
            security_groups: groups.into_iter().collect(),
            tags: tags(service.tags().iter().map(|tag| (tag.key(), tag.value()))),
        })
    })
}

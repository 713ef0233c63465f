//! Elastic Container Service.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{
    secrets,
    snapshot::ecs::{Container, Ecs, Service, TaskDefinition, op},
    snapshot::secret::{Location, Secret},
    source::Source,
};
use futures_util::future::try_join_all;
use serde_json::json;

use crate::collect::{
    api::{ECS, Node, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, Read},
};

/// Most services that one call describes.
const BATCH: usize = 10;
/// Most clusters that one call describes.
const CLUSTERS_BATCH: usize = 100;
const NEXT: Token = Token::named("nextToken");

pub(in crate::collect) async fn collect(ask: &Ask) -> Ecs {
    let clusters = ask.source(Source::EcsClusters, clusters(ask)).await;
    let (cluster_instances, services) = tokio::join!(
        ask.after(Source::EcsClusterInstances, &clusters, |clusters| cluster_instances(ask, clusters)),
        ask.list_after(Source::EcsServices, &clusters, |clusters| services(ask, clusters)),
    );
    let of_services = services.get().ok().into_iter().flatten();
    let used: BTreeSet<_> = of_services.filter_map(|service| service.task_definition.clone()).collect();
    let definitions = ask.list(Source::EcsTaskDefinitions, task_definitions(ask, used)).await;
    let task_roles = definitions.as_ref().map(|(_, roles)| roles.clone());
    let task_definitions = definitions.map(|(definitions, _)| definitions);
    Ecs { task_definitions, services, clusters, cluster_instances, task_roles }
}

async fn clusters(ask: &Ask) -> Result<Vec<String>, CallError> {
    let request = Request::new().with("maxResults", 100);
    let clusters = ECS.texts(ask, op::ListClusters, None, request, ("clusterArns", NEXT)).await?;
    Ok(sorted(clusters, Clone::clone))
}

async fn cluster_instances(ask: &Ask, clusters: &[String]) -> Result<BTreeMap<String, i64>, CallError> {
    let operation = op::DescribeClusters;
    let answers = try_join_all(clusters.chunks(CLUSTERS_BATCH).map(|batch| async move {
        let answer = ECS.one(ask, operation, None, Request::new().with("clusters", batch)).await?;
        ask.item(operation, None, answer.into_list("clusters"))
    }))
    .await?;
    let counted = ask.all_items(operation, None, answers.iter().flatten(), |cluster| {
        let count = cluster.number("registeredContainerInstancesCount")?;
        Ok((cluster.required("clusterArn")?, count.unwrap_or_default()))
    })?;
    Ok(counted.into_iter().collect())
}

/// Task definitions, and the task role of each revision that a service runs, by ARN.
type Definitions = (Vec<TaskDefinition>, BTreeMap<String, Option<String>>);

/// The latest active revision of each family; and the task roles of the revisions that services run, which may be
/// older.
async fn task_definitions(ask: &Ask, used: BTreeSet<String>) -> Result<Read<Definitions>, CallError> {
    let operation = op::ListTaskDefinitionFamilies;
    let request = Request::new().with("status", "ACTIVE").with("maxResults", 100);
    let families = ECS.texts(ask, operation, None, request, ("families", NEXT)).await?;
    let latest = Read::from(families).try_then(ask, |family| async move {
        let definition = task_definition(ask, &family).await?;
        Ok(definition.map(|definition| TaskDefinition { family, ..definition }))
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
    let others = Read::from(others).try_then(ask, |arn| task_definition(ask, arn)).await;
    roles.extend(others.value.into_iter().map(|definition| (definition.arn, definition.task_role)));
    let unread = latest.unread.or(others.unread);
    Ok(Read { value: (latest.value, roles), unread })
}

/// The revision of that ARN, or the latest active one of that family; none when there is none any more.
async fn task_definition(ask: &Ask, which: &str) -> Result<Option<TaskDefinition>, CallError> {
    let operation = op::DescribeTaskDefinition;
    let request = Request::new().with("taskDefinition", which).with("include", json!(["TAGS"]));
    // A family may lose its last active revision between the two calls.
    let answer = ECS.one(ask, operation, Some(which), request).await;
    let Some(answer) = CallError::unless_gone(answer)? else { return Ok(None) };
    let definition = answer.get("taskDefinition");
    if *definition == Node::Null {
        return Err(ask.unreadable(operation, Some(which), "no definition"));
    }
    let read = || {
        let containers = definition.list("containerDefinitions")?.into_iter().map(container);
        let mut compatible = definition.texts("requiresCompatibilities")?;
        compatible.extend(definition.texts("compatibilities")?);
        Ok(TaskDefinition {
            arn: definition.required("taskDefinitionArn")?,
            family: definition.text("family")?.unwrap_or(which).to_owned(),
            revision: definition.integer("revision")?.unwrap_or_default(),
            containers: containers.collect::<Result<_, _>>()?,
            task_role: definition.text("taskRoleArn")?.map(str::to_owned),
            for_fargate: compatible.iter().any(|compatibility| compatibility == "FARGATE"),
            tags: answer.tags("tags", "key", "value")?,
        })
    };
    ask.item(operation, Some(which), read()).map(Some)
}

fn container(container: &Node) -> Result<Container, Lacks> {
    Ok(Container {
        name: container.text("name")?.unwrap_or_default().to_owned(),
        secrets: secrets_of(container)?,
        log_driver: container.get("logConfiguration").text("logDriver")?.map(str::to_owned),
    })
}

/// The credentials in environment variables, options of the log driver, labels and the command.
fn secrets_of(container: &Node) -> Result<Vec<Secret>, Lacks> {
    let mut found = Vec::new();
    for pair in container.list("environment")? {
        if let (Some(name), Some(value)) = (pair.text("name")?, pair.text("value")?) {
            found.extend(secrets::in_pair(name, value));
        }
    }
    let options = container.get("logConfiguration").map("options")?.into_iter();
    let options = options.map(|pair| ("log_option", pair));
    let labels = container.map("dockerLabels")?.into_iter().map(|pair| ("label", pair));
    let others = options.chain(labels).filter_map(|(what, (name, value))| {
        let secret = secrets::in_pair(name, value)?;
        Some(Secret { place: Location { of: Some(what.to_owned()), ..secret.place }, ..secret })
    });
    found.extend(sorted(others, |secret| secret.place.clone()));
    let command = [container.words("entryPoint")?, container.words("command")?].concat().join(" ");
    let of_command = secrets::in_text(&command).into_iter();
    let place = Location { of: Some("command".to_owned()), ..Location::default() };
    found.extend(of_command.map(|secret| Secret { place: place.clone(), ..secret }));
    Ok(found)
}

async fn services(ask: &Ask, clusters: &[String]) -> Result<Read<Vec<Service>>, CallError> {
    let clusters = Read::from(clusters.iter().collect::<Vec<_>>());
    let services = clusters.try_then(ask, |cluster| async move { services_of(ask, cluster).await.map(Some) });
    Ok(services.await.map(|lists| sorted(lists.into_iter().flatten(), |service| service.arn.clone())))
}

async fn services_of(ask: &Ask, cluster: &str) -> Result<Vec<Service>, CallError> {
    let request = Request::new().with("cluster", cluster).with("maxResults", 100);
    let arns = ECS.texts(ask, op::ListServices, Some(cluster), request, ("serviceArns", NEXT)).await?;
    let operation = op::DescribeServices;
    let answers = try_join_all(arns.chunks(BATCH).map(|batch| async move {
        let request = Request::new().with("cluster", cluster).with("services", batch);
        let request = request.with("include", json!(["TAGS"]));
        let answer = ECS.one(ask, operation, Some(cluster), request).await?;
        ask.item(operation, Some(cluster), answer.into_list("services"))
    }))
    .await?;
    let described = answers.iter().flatten();
    let described = described.filter(|service| !matches!(service.text("status"), Ok(Some("INACTIVE"))));
    ask.all_items(operation, Some(cluster), described, |it| service(cluster, it))
}

fn service(cluster: &str, service: &Node) -> Result<Service, Lacks> {
    service.text("status")?;
    // With another deployment controller, the task sets have what is said of tasks.
    let mut primary = &Node::Null;
    for set in service.list("taskSets")? {
        if set.text("status")? == Some("PRIMARY") && *primary == Node::Null {
            primary = set;
        }
    }
    let launch_type = service.text("launchType")?.or(primary.text("launchType")?);
    let mut on_fargate = launch_type == Some("FARGATE");
    let mut groups = BTreeSet::new();
    for of_tasks in [service, primary] {
        for item in of_tasks.list("capacityProviderStrategy")? {
            on_fargate |=
                item.text("capacityProvider")?.is_some_and(|provider| provider.starts_with("FARGATE"));
        }
        groups
            .extend(of_tasks.get("networkConfiguration").get("awsvpcConfiguration").texts("securityGroups")?);
    }
    let version = service.text("platformVersion")?.or(primary.text("platformVersion")?);
    let family = service.text("platformFamily")?.or(primary.text("platformFamily")?);
    let definition = service.text("taskDefinition")?.or(primary.text("taskDefinition")?);
    // A service with a task on each instance tells no number that it wants.
    let desired = service.number("desiredCount")?.max(service.number("runningCount")?);
    Ok(Service {
        arn: service.required("serviceArn")?,
        name: service.required("serviceName")?,
        cluster: cluster.rsplit('/').next().unwrap_or_default().to_owned(),
        task_definition: definition.map(str::to_owned),
        desired_tasks: desired.unwrap_or_default(),
        execute_command: service.flag("enableExecuteCommand")?.unwrap_or_default(),
        on_fargate,
        platform_version: version.map(str::to_owned),
        platform_family: family.map(str::to_owned),
        security_groups: groups.into_iter().collect(),
        tags: service.tags("tags", "key", "value")?,
    })
}

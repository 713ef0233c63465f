//! Elastic Container Service.

use aws_audit_checks::{
    analysis::secrets::{self, Secret},
    snapshot::ecs::{Container, Ecs, Service, TaskDefinition},
    source::Source,
};
use aws_sdk_ecs::{
    Client,
    types::{ContainerDefinition, LaunchType, ServiceField, TaskDefinitionFamilyStatus, TaskDefinitionField},
};
use futures_util::future::try_join_all;

use super::{Ask, CallError, Read, sorted, tags, text};

/// Most services that one call describes.
const BATCH: usize = 10;

pub(super) async fn collect(ask: &Ask) -> Ecs {
    let client = &ask.aws.ecs();
    let (task_definitions, services) = tokio::join!(
        ask.list(Source::EcsTaskDefinitions, task_definitions(ask, client)),
        ask.list(Source::EcsServices, services(ask, client)),
    );
    Ecs { task_definitions, services }
}

async fn task_definitions(ask: &Ask, client: &Client) -> Result<Read<Vec<TaskDefinition>>, CallError> {
    let pages = ask
        .pages(
            "ecs:ListTaskDefinitionFamilies",
            None,
            |token| {
                let list = client.list_task_definition_families().status(TaskDefinitionFamilyStatus::Active);
                list.max_results(100).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let families = Read::from(pages.iter().flat_map(|page| page.families()).collect::<Vec<_>>());
    let definitions = families.try_then(ask, |family| async move {
        let operation = "ecs:DescribeTaskDefinition";
        let send = || {
            let describe = client.describe_task_definition().task_definition(family);
            describe.include(TaskDefinitionField::Tags).send()
        };
        let answer = match ask.call(operation, Some(family), send).await {
            // A family may lose its last active revision between the two calls. Of this code are other errors
            // too, which do not mean that.
            Err(error)
                if error.code.as_deref() == Some("ClientException")
                    && error.gap.message.contains("Unable to describe task definition") =>
            {
                return Ok(None);
            }
            answer => answer?,
        };
        let definition = answer.task_definition();
        let definition =
            definition.ok_or_else(|| ask.unreadable(operation, Some(family), "no definition"))?;
        let containers = definition.container_definitions().iter().map(|container| Container {
            name: container.name().unwrap_or_default().to_owned(),
            secrets: secrets_of(container),
            log_driver: container.log_configuration().map(|log| log.log_driver().as_str().to_owned()),
        });
        let arn = text(definition.task_definition_arn(), "taskDefinitionArn");
        Ok(Some(TaskDefinition {
            arn: ask.item(operation, Some(family), arn)?,
            family: family.clone(),
            revision: definition.revision(),
            containers: containers.collect(),
            tags: tags(answer.tags().iter().map(|tag| (tag.key(), tag.value()))),
        }))
    });
    Ok(definitions.await.sorted(|definition| definition.family.clone()))
}

/// The credentials in environment variables, options of the log driver, labels and the command.
fn secrets_of(container: &ContainerDefinition) -> Vec<Secret> {
    let environment = container.environment().iter().filter_map(|pair| Some((pair.name()?, pair.value()?)));
    let mut found: Vec<_> = environment.filter_map(|(name, value)| secrets::in_pair(name, value)).collect();
    let options = container.log_configuration().and_then(|log| log.options());
    let options = options.into_iter().flatten().map(|pair| ("log option", pair));
    let labels = container.docker_labels().into_iter().flatten().map(|pair| ("label", pair));
    let others = options.chain(labels).filter_map(|(what, (name, value))| {
        let secret = secrets::in_pair(name, value)?;
        Some(Secret { place: format!("{what} {}", secret.place), ..secret })
    });
    found.extend(sorted(others, |secret| secret.place.clone()));
    let command = [container.entry_point(), container.command()].concat().join(" ");
    let of_command = secrets::in_text(&command).into_iter();
    found.extend(of_command.map(|secret| Secret { place: "command".to_owned(), ..secret }));
    found
}

async fn services(ask: &Ask, client: &Client) -> Result<Read<Vec<Service>>, CallError> {
    let pages = ask
        .pages(
            "ecs:ListClusters",
            None,
            |token| client.list_clusters().max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let clusters = pages.iter().flat_map(|page| page.cluster_arns());
    let clusters = Read::from(clusters.collect::<Vec<_>>());
    let services =
        clusters.try_then(ask, |cluster| async move { services_of(ask, client, cluster).await.map(Some) });
    Ok(services.await.map(|lists| sorted(lists.into_iter().flatten(), |service| service.arn.clone())))
}

async fn services_of(ask: &Ask, client: &Client, cluster: &str) -> Result<Vec<Service>, CallError> {
    let pages = ask
        .pages(
            "ecs:ListServices",
            Some(cluster),
            |token| client.list_services().cluster(cluster).max_results(100).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let arns: Vec<_> = pages.iter().flat_map(|page| page.service_arns()).cloned().collect();
    let operation = "ecs:DescribeServices";
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
        Ok(Service {
            arn: text(service.service_arn(), "serviceArn")?,
            name: text(service.service_name(), "serviceName")?,
            cluster: cluster.rsplit('/').next().unwrap_or_default().to_owned(),
            on_fargate: launch_type == Some(&LaunchType::Fargate)
                || providers.any(|provider| provider.starts_with("FARGATE")),
            platform_version: version.map(str::to_owned),
            platform_family: family.map(str::to_owned),
            tags: tags(service.tags().iter().map(|tag| (tag.key(), tag.value()))),
        })
    })
}

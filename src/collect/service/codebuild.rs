//! CodeBuild.

use aws_audit_checks::{
    secrets,
    snapshot::codebuild::{CodeBuild, Project, Webhook, WebhookFilter, op},
    snapshot::secret::{Location, Secret},
    source::Source,
};
use aws_sdk_codebuild::{
    Client,
    types::{self, EnvironmentVariableType},
};
use futures_util::future::try_join_all;

use crate::collect::{
    ask::{Ask, tags},
    call::CallError,
    items::{Lacks, Read, text},
};

/// Most projects that one call describes.
const BATCH: usize = 100;

pub(in crate::collect) async fn collect(ask: &Ask) -> CodeBuild {
    let client = &ask.aws.codebuild();
    CodeBuild { projects: ask.list(Source::CodeBuildProjects, projects(ask, client)).await }
}

async fn projects(ask: &Ask, client: &Client) -> Result<Read<Vec<Project>>, CallError> {
    let pages = ask
        .pages(
            op::ListProjects,
            None,
            // The operation has no page size.
            |token| client.list_projects().set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let names: Vec<_> = pages.iter().flat_map(|page| page.projects()).cloned().collect();
    let operation = op::BatchGetProjects;
    let batches = names.chunks(BATCH).map(|batch| async move {
        let send = || client.batch_get_projects().set_names(Some(batch.to_vec())).send();
        ask.call(operation, None, send).await
    });
    let answers = try_join_all(batches).await?;
    let projects = ask.items(operation, answers.iter().flat_map(|answer| answer.projects()), |project| {
        let name = text(project.name(), "name")?;
        Ok(Project {
            arn: text(project.arn(), "arn").map_err(Lacks::of(&name))?,
            name,
            service_role: project.service_role().map(str::to_owned),
            secrets: secrets_of(project),
            tags: tags(project.tags().iter().map(|tag| (tag.key(), tag.value()))),
            security_groups: project
                .vpc_config()
                .map(|vpc| vpc.security_group_ids().to_vec())
                .unwrap_or_default(),
            source_type: project.source().map(|source| source.r#type().as_str().to_owned()),
            webhook: project.webhook().map(webhook),
        })
    });
    Ok(projects.sorted(|project| project.name.clone()))
}

fn webhook(webhook: &types::Webhook) -> Webhook {
    let filter = |filter: &types::WebhookFilter| WebhookFilter {
        kind: filter.r#type().as_str().to_owned(),
        pattern: filter.pattern().to_owned(),
        excludes: filter.exclude_matched_pattern() == Some(true),
    };
    let policy = webhook.pull_request_build_policy();
    Webhook {
        filter_groups: webhook
            .filter_groups()
            .iter()
            .map(|group| group.iter().map(filter).collect())
            .collect(),
        comment_approval: policy.map(|policy| policy.requires_comment_approval().as_str().to_owned()),
        status: webhook.status().map(|status| status.as_str().to_owned()),
    }
}

/// The credentials in variables that are not references to Parameter Store or Secrets Manager, and in the
/// buildspec where the project has it itself and not the name of a file.
fn secrets_of(project: &types::Project) -> Vec<Secret> {
    let variables = project.environment().into_iter().flat_map(|it| it.environment_variables());
    let plain = variables
        .filter(|variable| variable.r#type().is_none_or(|kind| *kind == EnvironmentVariableType::Plaintext));
    let in_variables = plain.filter_map(|variable| secrets::in_pair(variable.name(), variable.value()));
    let buildspec = project.source().and_then(|source| source.buildspec()).unwrap_or_default();
    let in_buildspec = secrets::in_text(buildspec).into_iter();
    let place = |place: Location| Location { of: Some("buildspec".to_owned()), ..place };
    in_variables.chain(in_buildspec.map(|secret| Secret { place: place(secret.place), ..secret })).collect()
}

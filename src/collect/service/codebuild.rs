//! CodeBuild.

use aws_audit_checks::{
    secrets,
    snapshot::codebuild::{CodeBuild, Project, Webhook, WebhookFilter, op},
    snapshot::secret::{Location, Secret},
    source::Source,
};
use futures_util::future::try_join_all;

use crate::collect::{
    api::{CODEBUILD, Node, Request, Token},
    ask::Ask,
    call::CallError,
    items::{Lacks, Read},
};

/// Most projects that one call describes.
const BATCH: usize = 100;

pub(in crate::collect) async fn collect(ask: &Ask) -> CodeBuild {
    CodeBuild { projects: ask.list(Source::CodeBuildProjects, projects(ask)).await }
}

async fn projects(ask: &Ask) -> Result<Read<Vec<Project>>, CallError> {
    let operation = op::ListProjects;
    // The operation has no page size.
    let pages = CODEBUILD.pages(ask, operation, None, Request::new(), Token::named("nextToken")).await?;
    let names = ask.all_items(operation, None, &pages, |page| page.texts("projects"))?.concat();
    let operation = op::BatchGetProjects;
    let answers = try_join_all(
        names
            .chunks(BATCH)
            .map(|batch| CODEBUILD.one(ask, operation, None, Request::new().with("names", batch))),
    )
    .await?;
    let described = ask.all_items(operation, None, &answers, |answer| answer.list("projects"))?;
    let projects = ask.items(operation, described.into_iter().flatten(), |it| {
        let name = it.required("name")?;
        project(it, &name).map_err(Lacks::of(&name))
    });
    Ok(projects.sorted(|project| project.name.clone()))
}

fn project(project: &Node, name: &str) -> Result<Project, Lacks> {
    Ok(Project {
        arn: project.required("arn")?,
        name: name.to_owned(),
        service_role: project.text("serviceRole")?.map(str::to_owned),
        secrets: secrets_of(project)?,
        tags: project.tags("tags", "key", "value")?,
        security_groups: project.get("vpcConfig").texts("securityGroupIds")?,
        source_type: project.get("source").text("type")?.map(str::to_owned),
        webhook: project.present("webhook").map(webhook).transpose()?,
    })
}

fn webhook(webhook: &Node) -> Result<Webhook, Lacks> {
    let filter = |filter: &Node| {
        Ok(WebhookFilter {
            kind: filter.text("type")?.unwrap_or_default().to_owned(),
            pattern: filter.text("pattern")?.unwrap_or_default().to_owned(),
            excludes: filter.flag("excludeMatchedPattern")? == Some(true),
        })
    };
    let groups = webhook.list("filterGroups")?.into_iter().map(|group| {
        let filters = group.items("filterGroups")?;
        filters.into_iter().map(filter).collect()
    });
    let policy = webhook.present("pullRequestBuildPolicy");
    Ok(Webhook {
        filter_groups: groups.collect::<Result<_, _>>()?,
        comment_approval: policy.map(|policy| policy.required("requiresCommentApproval")).transpose()?,
        status: webhook.text("status")?.map(str::to_owned),
    })
}

/// The credentials in variables that are not references to Parameter Store or Secrets Manager, and in the
/// buildspec where the project has it itself and not the name of a file.
fn secrets_of(project: &Node) -> Result<Vec<Secret>, Lacks> {
    let mut found = Vec::new();
    for variable in project.get("environment").list("environmentVariables")? {
        if variable.text("type")?.is_none_or(|kind| kind == "PLAINTEXT") {
            let (name, value) = (variable.text("name")?, variable.text("value")?);
            found.extend(secrets::in_pair(name.unwrap_or_default(), value.unwrap_or_default()));
        }
    }
    let buildspec = project.get("source").text("buildspec")?.unwrap_or_default();
    let place = |place: Location| Location { of: Some("buildspec".to_owned()), ..place };
    let in_buildspec = secrets::in_text(buildspec).into_iter();
    found.extend(in_buildspec.map(|secret| Secret { place: place(secret.place), ..secret }));
    Ok(found)
}

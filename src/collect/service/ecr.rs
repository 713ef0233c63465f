//! Elastic Container Registry.

use aws_audit_checks::{
    analysis::container_images::{self, Entry},
    snapshot::ecr::{Ecr, Image, ImageScan, RegistryScanning, Repository, ScanningRule, op},
    source::Source,
};
use aws_sdk_ecr::{
    Client,
    types::{ImageIdentifier, ImageTagMutability, ScanFrequency},
};

use crate::collect::{
    ask::{Ask, each_of, is_empty, sorted, timestamp, unless},
    call::CallError,
    items::{Lacks, Read, known, text},
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Ecr {
    let client = &ask.aws.ecr();
    let repositories = ask.list(Source::EcrRepositories, repositories(ask, client)).await;
    let scanning = ask.source(Source::EcrRegistryScanning, scanning(ask, client));
    let (scanning, lifecycle_policies, policies, newest_images) = tokio::join!(
        unless(is_empty(&repositories), scanning),
        ask.each(
            Source::EcrLifecyclePolicies,
            &repositories,
            |repository| &repository.name,
            |name| { has_lifecycle_policy(ask, client, name) }
        ),
        ask.each(
            Source::EcrRepositoryPolicies,
            &repositories,
            |repository| &repository.name,
            |name| { policy(ask, client, name) }
        ),
        ask.each(
            Source::EcrNewestImages,
            &repositories,
            |repository| &repository.name,
            |name| { newest_image(ask, client, name) }
        ),
    );
    // A repository without an image has no scan to ask for.
    let platform_scans = ask
        .after(Source::EcrImageScans, &newest_images, |images| async move {
            let newest = images.iter().filter_map(|(name, image)| Some((name, image.known()?.as_ref()?)));
            let platforms =
                newest.flat_map(|(name, image)| image.platforms.iter().map(move |digest| (name, digest)));
            let scans = platforms.map(|(name, digest)| async move {
                (format!("{name}@{digest}"), ask.keep(image_scan(ask, client, name, digest).await))
            });
            Ok(each_of(scans).await.into_iter().collect())
        })
        .await;
    Ecr { repositories, scanning, lifecycle_policies, policies, newest_images, platform_scans }
}

async fn repositories(ask: &Ask, client: &Client) -> Result<Read<Vec<Repository>>, CallError> {
    let operation = op::DescribeRepositories;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.describe_repositories().max_results(1000).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.repositories());
    let repositories = ask.items(operation, listed, |repository| {
        let scanning = repository.image_scanning_configuration();
        let exclusions = repository.image_tag_mutability_exclusion_filters().iter();
        let mutability = repository.image_tag_mutability().map(|tags| tags.as_str());
        let mutability = known(mutability, ImageTagMutability::values(), "imageTagMutability");
        let name = text(repository.repository_name(), "repositoryName")?;
        Ok(Repository {
            arn: text(repository.repository_arn(), "repositoryArn").map_err(Lacks::of(&name))?,
            name,
            scan_on_push: scanning.is_some_and(|scanning| scanning.scan_on_push()),
            tag_mutability: mutability?.unwrap_or_else(|| "MUTABLE".to_owned()),
            tag_exclusions: exclusions.map(|exclusion| exclusion.filter().to_owned()).collect(),
        })
    });
    Ok(repositories.sorted(|repository| repository.name.clone()))
}

async fn scanning(ask: &Ask, client: &Client) -> Result<RegistryScanning, CallError> {
    let send = || client.get_registry_scanning_configuration().send();
    let operation = op::GetRegistryScanningConfiguration;
    let answer = ask.call(operation, None, send).await?;
    let configuration = answer.scanning_configuration();
    let rules = configuration.map(|configuration| configuration.rules()).unwrap_or_default();
    Ok(RegistryScanning {
        kind: configuration
            .and_then(|configuration| configuration.scan_type())
            .map_or("BASIC", |kind| kind.as_str())
            .to_owned(),
        rules: ask.all_items(operation, None, rules, |rule| {
            let frequency = known(rule.scan_frequency().as_str(), ScanFrequency::values(), "scanFrequency")?;
            Ok(ScanningRule {
                frequency: frequency.unwrap_or_default(),
                filters: rule.repository_filters().iter().map(|filter| filter.filter().to_owned()).collect(),
            })
        })?,
    })
}

async fn has_lifecycle_policy(ask: &Ask, client: &Client, repository: &str) -> Result<bool, CallError> {
    let send = || client.get_lifecycle_policy().repository_name(repository).send();
    let answer = ask.call(op::GetLifecyclePolicy, Some(repository), send).await;
    Ok(CallError::unless_absent(answer)?.is_some())
}

async fn policy(ask: &Ask, client: &Client, repository: &str) -> Result<Option<String>, CallError> {
    let send = || client.get_repository_policy().repository_name(repository).send();
    let answer = ask.call(op::GetRepositoryPolicy, Some(repository), send).await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.and_then(|answer| answer.policy_text().map(str::to_owned)))
}

/// AWS does not sort, so every page is read.
async fn newest_image(ask: &Ask, client: &Client, repository: &str) -> Result<Option<Image>, CallError> {
    let operation = op::DescribeImages;
    let pages = ask
        .pages(
            operation,
            Some(repository),
            |token| {
                let describe = client.describe_images().repository_name(repository);
                describe.max_results(1000).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.image_details());
    let entries = ask.all_items(operation, Some(repository), listed, |image| {
        Ok(Entry {
            digest: text(image.image_digest(), "imageDigest")?,
            tags: sorted(image.image_tags().to_vec(), Clone::clone),
            pushed: image.image_pushed_at().and_then(timestamp),
            manifest: image.image_manifest_media_type().map(str::to_owned),
            artifact: image.artifact_media_type().map(str::to_owned),
            is_referrer: image.subject_manifest_digest().is_some(),
        })
    });
    Ok(container_images::newest(&entries?))
}

async fn image_scan(
    ask: &Ask,
    client: &Client,
    repository: &str,
    digest: &str,
) -> Result<Option<ImageScan>, CallError> {
    let send = || {
        let image = ImageIdentifier::builder().image_digest(digest).build();
        // The counts come with every page; the findings themselves are not kept.
        client
            .describe_image_scan_findings()
            .repository_name(repository)
            .image_id(image)
            .max_results(1)
            .send()
    };
    let answer = ask.call(op::DescribeImageScanFindings, Some(repository), send).await;
    let Some(answer) = CallError::unless_absent(answer)? else { return Ok(None) };
    let findings = answer.image_scan_findings();
    let severities = findings.and_then(|findings| findings.finding_severity_counts()).into_iter().flatten();
    let status = answer.image_scan_status().and_then(|status| status.status());
    Ok(Some(ImageScan {
        status: status.map_or("", |status| status.as_str()).to_owned(),
        completed: findings.and_then(|findings| findings.image_scan_completed_at()).and_then(timestamp),
        severities: severities.map(|(severity, count)| (severity.as_str().to_owned(), *count)).collect(),
    }))
}

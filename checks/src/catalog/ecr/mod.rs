//! Elastic Container Registry.

mod enhanced_scanning;
mod image_unscanned;
mod image_vulnerabilities;
mod lifecycle_policy;
mod public;
mod scan_on_push;
mod tag_mutable;

super::checks! {
    enhanced_scanning
    image_unscanned
    image_vulnerabilities
    lifecycle_policy
    public
    scan_on_push
    tag_mutable
}

use crate::{
    check::Context,
    gap::{Gap, NotJudged},
    snapshot::{
        Region,
        ecr::{Image, ImageScan, Repository, op},
    },
};

/// The scans of a repository's newest image, by the digest that was scanned. An index has one for each of its
/// platforms, and for its attestations, which cannot be scanned and look like images otherwise.
fn scans<'a>(
    cx: &Context<'_>,
    region: &'a Region,
    repository: &Repository,
    image: &'a Image,
) -> Result<Vec<(&'a str, &'a ImageScan)>, NotJudged> {
    let name = &repository.name;
    if image.platforms.is_empty() {
        let why = "the images that the newest index lists cannot be told";
        return Err(Gap::unreadable(op::DescribeImages, Some(cx.place().region), Some(name), why).into());
    }
    let mut scans = Vec::new();
    for digest in &image.platforms {
        let scan = region.ecr.platform_scans.of(&format!("{name}@{digest}"))?;
        scans.extend(scan.as_ref().map(|scan| (digest.as_str(), scan)));
    }
    Ok(scans)
}

/// What a scan that is under way leaves unknown.
fn still_scanning(cx: &Context<'_>, repository: &Repository, status: &str) -> NotJudged {
    let operation = op::DescribeImageScanFindings;
    Gap::unreadable(operation, Some(cx.place().region), Some(&repository.name), status).into()
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            ecr::{Image, ImageScan, Repository},
        },
        testing::{ago, empty, read, region},
    };

    /// An account with a repository, changed.
    pub(super) fn with_repository(change: impl FnOnce(&mut Repository)) -> Snapshot {
        let mut repository = Repository {
            name: "team/app".into(),
            arn: "arn:aws:ecr:eu-west-1:111122223333:repository/team/app".into(),
            scan_on_push: true,
            tag_mutability: "IMMUTABLE".into(),
            tag_exclusions: vec![],
        };
        change(&mut repository);
        let mut account = empty();
        region(&mut account).ecr.repositories = read(vec![repository]);
        account
    }

    /// The same with an image, and its scan some days ago.
    pub(super) fn with_scan(days: i64, change: impl FnOnce(&mut ImageScan)) -> Snapshot {
        let mut scan =
            ImageScan { status: "COMPLETE".into(), completed: Some(ago(days)), ..ImageScan::default() };
        change(&mut scan);
        with_scans([Some(scan)])
    }

    /// The same with an image that was never scanned.
    pub(super) fn with_image() -> Snapshot {
        with_scans([None])
    }

    /// The same with an image of so many platforms, scanned or not.
    pub(super) fn with_scans(scans: impl IntoIterator<Item = Option<ImageScan>>) -> Snapshot {
        let digests = (1..).map(|number| format!("sha256:{number}"));
        let scans: Vec<_> = digests.zip(scans).collect();
        let image = Image {
            digest: "sha256:0".into(),
            tags: vec!["v1".into()],
            pushed: Some(ago(200)),
            platforms: scans.iter().map(|(digest, _)| digest.clone()).collect(),
        };
        let by_place = scans.into_iter().map(|(digest, scan)| (format!("team/app@{digest}"), read(scan)));
        let mut account = with_repository(|_| ());
        let ecr = &mut region(&mut account).ecr;
        ecr.newest_images = read([("team/app".to_owned(), read(Some(image)))].into());
        ecr.platform_scans = read(by_place.collect());
        account
    }
}

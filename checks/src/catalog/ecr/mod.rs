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
        let mut account = with_image();
        region(&mut account).ecr.image_scans = read([("team/app".to_owned(), read(Some(scan)))].into());
        account
    }

    /// The same with an image that was never scanned.
    pub(super) fn with_image() -> Snapshot {
        let mut account = with_repository(|_| ());
        let ecr = &mut region(&mut account).ecr;
        let image = Image { digest: "sha256:1".into(), tags: vec!["v1".into()], pushed: Some(ago(200)) };
        ecr.newest_images = read([("team/app".to_owned(), read(Some(image)))].into());
        ecr.image_scans = read([("team/app".to_owned(), read(None))].into());
        account
    }
}

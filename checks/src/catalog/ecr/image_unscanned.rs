use super::{scans, still_scanning};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-image-unscanned",
    severity: Severity::Low,
    sources: &[Source::EcrRepositories, Source::EcrNewestImages, Source::EcrImageScans],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ecr.repositories.get(), |cx, repository| {
                let Some(image) = region.ecr.newest_images.of(&repository.name)? else {
                    return Err(NotJudged::NotApplicable);
                };
                let tell = |verdict: Verdict| {
                    verdict
                        .with("image", image.tags.first().unwrap_or(&image.digest))
                        .with("digest", &image.digest)
                        .with("pushed", image.pushed)
                };
                let scans = scans(cx, region, repository, image)?;
                // Among the platforms of an index are attestations, whose scans fail: the best one counts.
                let best = scans.iter().map(|(_, scan)| scan);
                let best = best.max_by_key(|scan| {
                    (scan.is_continuous(), scan.is_good(), scan.is_unfinished(), scan.completed)
                });
                let Some(scan) = best else { return Ok(tell(Verdict::fail()).told_as("never")) };
                let verdict = |failed| tell(Verdict::fail_if(failed)).with("status", &scan.status);
                if scan.is_continuous() {
                    return Ok(verdict(false));
                }
                let completed = scan.completed.filter(|_| scan.is_good());
                match completed {
                    Some(then) => {
                        let old = cx.days_since(then) > cx.settings.image_scan_days;
                        Ok(verdict(old).with("scanned", then))
                    }
                    None if scan.is_good() || scan.is_unfinished() => {
                        Err(still_scanning(cx, repository, &scan.status))
                    }
                    None => Ok(verdict(true).told_as("failed")),
                }
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_image, with_repository, with_scan, with_scans},
        CHECK,
    };
    use crate::{
        snapshot::{Snapshot, ecr::ImageScan},
        testing::{ago, fails, passes, read, region, silent, unknown},
    };

    fn with_empty_repository() -> Snapshot {
        let mut account = with_repository(|_| ());
        region(&mut account).ecr.newest_images = read([("team/app".to_owned(), read(None))].into());
        account
    }

    #[test]
    fn fails_when_never_failed_or_old() {
        fails(&CHECK, &with_image());
        fails(&CHECK, &with_scan(1, |s| s.status = "FAILED".into()));
        fails(&CHECK, &with_scan(31, |_| ()));
    }

    #[test]
    fn passes_when_recent_or_continuous() {
        passes(&CHECK, &with_scan(30, |_| ()));
        passes(&CHECK, &with_scan(300, |s| s.status = "ACTIVE".into()));
    }

    #[test]
    fn says_nothing_without_an_image() {
        silent(&CHECK, &with_empty_repository());
    }

    #[test]
    fn a_scan_that_runs_or_has_no_date_is_not_fine() {
        unknown(&CHECK, &with_scan(1, |s| s.status = "PENDING".into()));
        unknown(&CHECK, &with_scan(1, |s| s.completed = None));
    }

    #[test]
    fn an_index_is_scanned_when_one_of_its_images_is() {
        let scan = |status: &str, days| {
            Some(ImageScan { status: status.into(), completed: Some(ago(days)), ..ImageScan::default() })
        };
        passes(&CHECK, &with_scans([scan("COMPLETE", 90), scan("COMPLETE", 3), scan("FAILED", 1), None]));
        fails(&CHECK, &with_scans([scan("FAILED", 1), None]));
        fails(&CHECK, &with_scans([None, None]));
        unknown(&CHECK, &with_scans([]));
    }
}

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
                let Some(scan) = region.ecr.image_scans.of(&repository.name)? else {
                    return Ok(tell(Verdict::fail()).told_as("never"));
                };
                let verdict = |failed| tell(Verdict::fail_if(failed)).with("status", &scan.status);
                // A continuous scan has no end.
                let good = ["COMPLETE", "ACTIVE"].contains(&scan.status.as_str());
                if !good {
                    return Ok(verdict(!["IN_PROGRESS", "PENDING"].contains(&scan.status.as_str()))
                        .told_as("failed"));
                }
                let old = scan.status == "COMPLETE"
                    && scan.completed.is_some_and(|then| cx.days_since(then) > cx.settings.image_scan_days);
                Ok(verdict(old).with("scanned", scan.completed))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_image, with_repository, with_scan},
        CHECK,
    };
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
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
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ecr.repositories = denied();
        unknown(&CHECK, &account);
    }
}

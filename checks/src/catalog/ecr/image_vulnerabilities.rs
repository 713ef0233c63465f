use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-image-vulnerabilities",
    severity: Severity::High,
    sources: &[Source::EcrRepositories, Source::EcrNewestImages, Source::EcrImageScans],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ecr.repositories.get(), |_, repository| {
                let Some(image) = region.ecr.newest_images.of(&repository.name)? else {
                    return Err(NotJudged::NotApplicable);
                };
                // One without a scan is told by ecr-image-unscanned.
                let scan =
                    region.ecr.image_scans.of(&repository.name)?.as_ref().ok_or(NotJudged::NotApplicable)?;
                let count = |severity: &str| scan.severities.get(severity).copied().unwrap_or_default();
                let (critical, high) = (count("CRITICAL"), count("HIGH"));
                let verdict = Verdict::fail_if(critical > 0 || high > 0)
                    .with("image", image.tags.first().unwrap_or(&image.digest))
                    .with("digest", &image.digest)
                    .with("critical", critical)
                    .with("high", high)
                    .with("severities", &scan.severities);
                Ok(if critical > 0 { verdict.at(Severity::Critical) } else { verdict })
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
        finding::Severity,
        testing::{denied, empty, fails, passes, region, silent, unknown},
    };

    #[test]
    fn says_nothing_without_image_or_scan() {
        silent(&CHECK, &with_repository(|_| ()));
        silent(&CHECK, &with_image());
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ecr.repositories = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn fails_with_critical_or_high_ones() {
        let severe = |severity: &'static str| {
            with_scan(1, move |scan| scan.severities = [(severity.to_owned(), 2)].into())
        };
        assert_eq!(fails(&CHECK, &severe("CRITICAL")).severity, Severity::Critical);
        assert_eq!(fails(&CHECK, &severe("HIGH")).severity, Severity::High);
        passes(&CHECK, &severe("MEDIUM"));
    }
}

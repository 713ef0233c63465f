use super::{scans, still_scanning};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::ecr::ImageScan,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-image-vulnerabilities",
    severity: Severity::High,
    sources: &[Source::EcrRepositories, Source::EcrNewestImages, Source::EcrImageScans],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ecr.repositories.get(), |cx, repository| {
                let Some(image) = region.ecr.newest_images.of(&repository.name)? else {
                    return Err(NotJudged::NotApplicable);
                };
                let scans = scans(cx, region, repository, image)?;
                let count = |scan: &ImageScan, of: &str| scan.severities.get(of).copied().unwrap_or_default();
                let counts = |scan: &ImageScan| (count(scan, "CRITICAL"), count(scan, "HIGH"));
                let worst = scans.iter().max_by_key(|(_, scan)| counts(scan));
                // One without a scan is reported by ecr-image-unscanned; so is one whose scan failed.
                let (digest, worst) = worst.ok_or(NotJudged::NotApplicable)?;
                let (critical, high) = counts(worst);
                if critical == 0 && high == 0 {
                    if let Some((_, scan)) = scans.iter().find(|(_, scan)| scan.is_unfinished()) {
                        return Err(still_scanning(cx, repository, &scan.status));
                    }
                    if !scans.iter().any(|(_, scan)| scan.is_good()) {
                        return Err(NotJudged::NotApplicable);
                    }
                }
                let verdict = Verdict::fail_if(critical > 0 || high > 0)
                    .with("image", image.tags.first().unwrap_or(&image.digest))
                    .with("digest", digest)
                    .with("critical", critical)
                    .with("high", high)
                    .with("severities", &worst.severities);
                Ok(if critical > 0 { verdict.at(Severity::Critical) } else { verdict })
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
        finding::Severity,
        snapshot::ecr::ImageScan,
        testing::{fails, passes, silent, unknown},
    };

    fn scan(status: &str, critical: i32) -> Option<ImageScan> {
        let severities = [("CRITICAL".to_owned(), critical)].into();
        Some(ImageScan { status: status.into(), severities, ..ImageScan::default() })
    }

    #[test]
    fn says_nothing_without_image_or_scan() {
        silent(&CHECK, &with_repository(|_| ()));
        silent(&CHECK, &with_image());
    }

    #[test]
    fn a_scan_that_did_not_end_well_does_not_pass() {
        for status in ["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", ""] {
            silent(&CHECK, &with_scan(1, |scan| scan.status = status.into()));
        }
        for status in ["PENDING", "IN_PROGRESS", "FINDINGS_UNAVAILABLE"] {
            unknown(&CHECK, &with_scan(1, |scan| scan.status = status.into()));
        }
    }

    #[test]
    fn the_worst_platform_counts() {
        let account = with_scans([scan("COMPLETE", 0), scan("COMPLETE", 3), scan("FAILED", 0), None]);
        assert_eq!(fails(&CHECK, &account).evidence["digest"], "sha256:2");
        passes(&CHECK, &with_scans([scan("COMPLETE", 0), scan("FAILED", 0)]));
        unknown(&CHECK, &with_scans([scan("COMPLETE", 0), scan("PENDING", 0)]));
        unknown(&CHECK, &with_scans([]));
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

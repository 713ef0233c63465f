use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-enhanced-scanning",
    severity: Severity::Info,
    sources: &[Source::EcrRepositories, Source::EcrRegistryScanning],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::ECR::RegistryScanningConfiguration", |_| {
                let repositories = region.ecr.repositories.get()?.len();
                if repositories == 0 {
                    return Err(NotJudged::NotApplicable);
                }
                let kind = &region.ecr.scanning.get()?.kind;
                Ok(Verdict::fail_if(kind != "ENHANCED")
                    .with("scan_type", kind)
                    .with("repositories", repositories))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_repository, CHECK};
    use crate::{
        snapshot::{Snapshot, ecr::RegistryScanning},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_type(kind: &str) -> Snapshot {
        let mut account = with_repository(|_| ());
        region(&mut account).ecr.scanning =
            read(RegistryScanning { kind: kind.into(), ..RegistryScanning::default() });
        account
    }

    #[test]
    fn fails_when_basic() {
        fails(&CHECK, &with_type("BASIC"));
    }

    #[test]
    fn passes_when_enhanced() {
        passes(&CHECK, &with_type("ENHANCED"));
    }

    #[test]
    fn says_nothing_without_repositories() {
        silent(&CHECK, &empty());
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    snapshot::ecs::{Service, op},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecs-fargate-platform",
    severity: Severity::Low,
    sources: &[Source::EcsServices],
    run: |cx| {
        cx.each_region(|cx, region| {
            let on_fargate = |service: &&Service| service.on_fargate;
            cx.each(region.ecs.services.get().map(|all| all.iter().filter(on_fargate)), |cx, service| {
                // AWS writes `WINDOWS_SERVER_2022_CORE` and `Windows Server 2022 Core`.
                let family = service.platform_family.as_deref().unwrap_or_default().to_ascii_lowercase();
                let latest = if family.starts_with("windows") { LATEST_WINDOWS } else { LATEST_LINUX };
                let version = service.platform_version.as_deref().ok_or_else(|| {
                    let (region, arn) = (Some(cx.place().region), Some(service.arn.as_str()));
                    Gap::unreadable(op::DescribeServices, region, arn, "no platform version")
                })?;
                Ok(Verdict::fail_if(version != "LATEST" && version != latest)
                    .with("platform_version", version)
                    .with("latest", latest))
            });
        });
    },
};

/// Latest platform versions, from the page on them (read on 2026-11-23).
const LATEST_LINUX: &str = "1.4.0";
const LATEST_WINDOWS: &str = "1.0.0";

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ecs::Service},
        testing::{empty, fails, passes, read, region, silent, unknown},
    };

    fn with_service(version: &str, family: &str, on_fargate: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ecs.services = read(vec![Service {
            name: "web".into(),
            cluster: "prod".into(),
            on_fargate,
            platform_version: Some(version.into()),
            platform_family: Some(family.into()),
            ..Service::default()
        }]);
        account
    }

    #[test]
    fn fails_when_old() {
        fails(&CHECK, &with_service("1.3.0", "Linux", true));
    }

    #[test]
    fn passes_when_latest() {
        passes(&CHECK, &with_service("1.4.0", "Linux", true));
        passes(&CHECK, &with_service("LATEST", "Linux", true));
        passes(&CHECK, &with_service("1.0.0", "Windows Server 2022 Core", true));
        passes(&CHECK, &with_service("1.0.0", "WINDOWS_SERVER_2022_CORE", true));
    }

    #[test]
    fn says_nothing_of_instances() {
        silent(&CHECK, &with_service("1.3.0", "Linux", false));
    }

    #[test]
    fn a_service_without_a_version_is_not_fine() {
        let mut account = empty();
        region(&mut account).ecs.services = read(vec![Service { on_fargate: true, ..Service::default() }]);
        unknown(&CHECK, &account);
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::route53::HostedZone,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "route53-query-logging",
    severity: Severity::Info,
    sources: &[Source::Route53HostedZones, Source::Route53QueryLogging],
    run: |cx| {
        let route53 = &cx.snapshot.route53;
        let public = |zone: &&HostedZone| !zone.is_private;
        cx.each(route53.hosted_zones.get().map(|zones| zones.iter().filter(public)), |_, zone| {
            Ok(Verdict::fail_if(!route53.query_logging.get()?.contains(&zone.id)))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, route53::HostedZone},
        testing::{empty, fails, passes, read, silent},
    };

    fn with_zone(is_private: bool, logged: &[&str]) -> Snapshot {
        let mut account = empty();
        account.route53.hosted_zones = read(vec![HostedZone {
            id: "Z1".into(),
            name: "example.com".into(),
            is_private,
            ..HostedZone::default()
        }]);
        account.route53.query_logging = read(logged.iter().map(|zone| (*zone).to_owned()).collect());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_zone(false, &["Z2"]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_zone(false, &["Z1"]));
    }

    #[test]
    fn says_nothing_of_private_zones() {
        silent(&CHECK, &with_zone(true, &[]));
    }
}

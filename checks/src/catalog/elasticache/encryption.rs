use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "elasticache-encryption",
    severity: Severity::Medium,
    sources: &[Source::ElastiCacheClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            for caches in [&region.elasticache.replication_groups, &region.elasticache.clusters] {
                cx.each(caches.get(), |_, cache| {
                    let mut missing = Vec::new();
                    // Memcached keeps nothing on disk.
                    if !cache.at_rest_encryption && cache.engine != "memcached" {
                        missing.push("AtRestEncryption");
                    }
                    if !cache.transit_encryption {
                        missing.push("TransitEncryption");
                    }
                    let preferred = cache.transit_encryption_mode.as_deref() == Some("preferred");
                    let verdict = Verdict::fail_if(!missing.is_empty() || preferred)
                        .with("engine", &cache.engine)
                        .with("transit_encryption_mode", &cache.transit_encryption_mode);
                    let only_preferred = missing.is_empty() && preferred;
                    let verdict = verdict.in_aspects(&missing).with("missing", missing);
                    Ok(if only_preferred { verdict.at(Severity::Low).told_as("preferred") } else { verdict })
                });
            }
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, elasticache::Cache},
        testing::{empty, fails, passes, read, region},
    };

    fn with_cache(engine: &str, at_rest: bool, transit: bool) -> Snapshot {
        with_mode(engine, at_rest, transit, None)
    }

    fn with_mode(engine: &str, at_rest: bool, transit: bool, mode: Option<&str>) -> Snapshot {
        let mut account = empty();
        region(&mut account).elasticache.replication_groups = read(vec![Cache {
            id: "sessions".into(),
            engine: engine.into(),
            is_replication_group: true,
            at_rest_encryption: at_rest,
            transit_encryption: transit,
            transit_encryption_mode: mode.map(str::to_owned),
            ..Cache::default()
        }]);
        account
    }

    #[test]
    fn fails_when_one_is_off() {
        fails(&CHECK, &with_cache("valkey", false, true));
        fails(&CHECK, &with_cache("redis", true, false));
        fails(&CHECK, &with_cache("memcached", false, false));
    }

    #[test]
    fn fails_lower_when_clients_may_still_do_without_tls() {
        let finding = fails(&CHECK, &with_mode("valkey", true, true, Some("preferred")));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("preferred")));
        let finding = fails(&CHECK, &with_mode("valkey", false, true, Some("preferred")));
        assert_eq!((finding.severity, finding.variant), (Severity::Medium, None));
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with_cache("valkey", true, true));
        passes(&CHECK, &with_mode("valkey", true, true, Some("required")));
        passes(&CHECK, &with_cache("memcached", false, true));
    }
}

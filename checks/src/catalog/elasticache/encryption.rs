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
                    let kinds =
                        [("at rest", cache.at_rest_encryption), ("in transit", cache.transit_encryption)];
                    // Memcached keeps nothing on disk.
                    let needed =
                        kinds.iter().filter(|(kind, _)| cache.engine != "memcached" || *kind != "at rest");
                    let missing: Vec<_> = needed.filter(|(_, on)| !on).map(|(kind, _)| *kind).collect();
                    Ok(Verdict::fail_if(!missing.is_empty())
                        .with("missing", missing)
                        .with("engine", &cache.engine))
                });
            }
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, elasticache::Cache},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_cache(engine: &str, at_rest: bool, transit: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).elasticache.replication_groups = read(vec![Cache {
            id: "sessions".into(),
            engine: engine.into(),
            is_replication_group: true,
            at_rest_encryption: at_rest,
            transit_encryption: transit,
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
    fn passes_when_encrypted() {
        passes(&CHECK, &with_cache("valkey", true, true));
        passes(&CHECK, &with_cache("memcached", false, true));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).elasticache.clusters = denied();
        unknown(&CHECK, &account);
    }
}

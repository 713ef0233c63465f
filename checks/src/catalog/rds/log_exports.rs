use super::{each_cluster, each_own_instance};
use crate::{
    check::Check,
    finding::{Judgement, Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-log-exports",
    severity: Severity::Low,
    sources: &[Source::RdsInstances, Source::RdsClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            // Members of Aurora clusters export with their cluster.
            each_own_instance(cx, region, |_, instance| judge(&instance.engine, &instance.log_exports));
            each_cluster(cx, region, |_, cluster| judge(&cluster.engine, &cluster.log_exports));
        });
    },
};

fn judge(engine: &str, exports: &[String]) -> Judgement {
    // RDS Custom exports nothing.
    if engine.starts_with("custom-") {
        return Err(NotJudged::NotApplicable);
    }
    let is_missing = |log: &&&str| !exports.iter().any(|export| export == **log);
    let missing: Vec<_> = asked_of(engine).iter().filter(is_missing).collect();
    let verdict = Verdict::fail_if(exports.is_empty() || !missing.is_empty())
        .with("engine", engine)
        .with("exports", exports)
        .with("missing", missing);
    Ok(if exports.is_empty() { verdict } else { verdict.at(Severity::Info).told_as("partly") })
}

/// The logs that RDS.9 asks an engine for; of others it asks none in particular.
fn asked_of(engine: &str) -> &'static [&'static str] {
    match engine {
        "mysql" | "mariadb" | "aurora" | "aurora-mysql" => &["audit", "error", "general", "slowquery"],
        "postgres" => &["postgresql", "upgrade"],
        "aurora-postgresql" => &["postgresql"],
        // The Express Edition has no SQL Server Agent.
        "sqlserver-ex" => &["error"],
        _ if engine.starts_with("sqlserver-") => &["agent", "error"],
        _ if engine.starts_with("oracle-") => &["alert", "audit", "listener", "trace"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_cluster, with_instance},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, silent},
    };

    fn logs(exports: &[&str]) -> Vec<String> {
        exports.iter().map(|log| (*log).to_owned()).collect()
    }

    fn instance(engine: &str, exports: &[&str]) -> Snapshot {
        with_instance(|instance| {
            instance.engine = engine.into();
            instance.log_exports = logs(exports);
        })
    }

    fn cluster(engine: &str, exports: &[&str]) -> Snapshot {
        with_cluster(|cluster| {
            cluster.engine = engine.into();
            cluster.log_exports = logs(exports);
        })
    }

    #[test]
    fn fails_without() {
        for account in [instance("mysql", &[]), instance("db2-se", &[]), cluster("aurora-postgresql", &[])] {
            let finding = fails(&CHECK, &account);
            assert_eq!((finding.severity, finding.variant), (Severity::Low, None));
        }
    }

    #[test]
    fn fails_lower_with_some_of_the_engines_logs() {
        let finding = fails(&CHECK, &instance("mysql", &["slowquery", "error"]));
        assert_eq!((finding.severity, finding.variant), (Severity::Info, Some("partly")));
        assert_eq!(finding.evidence["missing"], serde_json::json!(["audit", "general"]));
        fails(&CHECK, &instance("postgres", &["upgrade"]));
        fails(&CHECK, &instance("oracle-ee", &["alert"]));
        fails(&CHECK, &instance("sqlserver-se", &["error"]));
        fails(&CHECK, &cluster("aurora-mysql", &["iam-db-auth-error"]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &instance("mysql", &["audit", "error", "general", "slowquery"]));
        passes(&CHECK, &instance("postgres", &["postgresql", "upgrade"]));
        passes(&CHECK, &instance("sqlserver-ex", &["error"]));
        passes(&CHECK, &instance("db2-se", &["diag.log"]));
        passes(&CHECK, &cluster("aurora-postgresql", &["postgresql"]));
    }

    #[test]
    fn says_nothing_of_what_cannot_export_or_is_judged_elsewhere() {
        silent(&CHECK, &instance("custom-oracle-ee", &[]));
        silent(&CHECK, &cluster("docdb", &[]));
        silent(&CHECK, &with_instance(|instance| instance.cluster = Some("orders".into())));
    }
}

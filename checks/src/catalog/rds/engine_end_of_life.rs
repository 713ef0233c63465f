use super::{each_own_instance, is_rds};
use crate::{
    analysis::lifecycle,
    check::{Check, Context},
    finding::{Judgement, Severity, Verdict},
    gap::NotJudged,
    snapshot::rds::{DbCluster, MajorVersion},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-engine-end-of-life",
    severity: Severity::High,
    sources: &[Source::RdsInstances, Source::RdsClusters, Source::RdsMajorVersions],
    run: |cx| {
        cx.each_region(|cx, region| {
            let told = region.rds.major_versions.get().map(Vec::as_slice).unwrap_or_default();
            each_own_instance(cx, region, |cx, instance| {
                judged(cx, told, &instance.engine, &instance.engine_version)
            });
            let clusters = region.rds.clusters.get();
            let own = |cluster: &&DbCluster| is_rds(&cluster.engine);
            cx.each(clusters.map(|clusters| clusters.iter().filter(own)), |cx, cluster| {
                judged(cx, told, &cluster.engine, &cluster.engine_version)
            });
        });
    },
};

fn judged(cx: &Context<'_>, told: &[MajorVersion], engine: &str, version: &str) -> Judgement {
    let Some((major, end)) = lifecycle::rds(engine, version, told) else {
        return Err(NotJudged::NotApplicable);
    };
    Ok(Verdict::fail_if(cx.days_since(end) >= 0)
        .with("engine", engine)
        .with("engine_version", version)
        .with("major_version", major)
        .with("end_of_standard_support", end))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            rds::{DbInstance, MajorVersion},
        },
        testing::{ago, denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_engine(engine: &str, version: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).rds.instances = read(vec![DbInstance {
            id: "db".into(),
            engine: engine.into(),
            engine_version: version.into(),
            ..DbInstance::default()
        }]);
        account
    }

    #[test]
    fn fails_past_support() {
        fails(&CHECK, &with_engine("mysql", "5.7.44"));
        fails(&CHECK, &with_engine("postgres", "12.19"));
    }

    #[test]
    fn passes_within() {
        passes(&CHECK, &with_engine("mysql", "8.4.3"));
        passes(&CHECK, &with_engine("postgres", "16.4"));
    }

    #[test]
    fn says_nothing_of_commercial_engines() {
        silent(&CHECK, &with_engine("oracle-ee", "19.0.0.0"));
    }

    #[test]
    fn what_aws_says_goes_first() {
        let mut account = with_engine("postgres", "16.4");
        region(&mut account).rds.major_versions = read(vec![MajorVersion {
            engine: "postgres".into(),
            version: "16".into(),
            end_of_standard_support: Some(ago(1)),
        }]);
        fails(&CHECK, &account);
    }

    #[test]
    fn the_table_answers_where_aws_does_not() {
        let mut account = with_engine("mysql", "5.7.44");
        region(&mut account).rds.major_versions = denied();
        fails(&CHECK, &account);
        region(&mut account).rds.instances = denied();
        unknown(&CHECK, &account);
    }
}

use super::{each_cluster, each_own_instance};
use crate::{
    analysis::lifecycle,
    check::{Check, Context},
    finding::{Judgement, Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::{Region, rds::op},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-engine-end-of-life",
    severity: Severity::High,
    sources: &[Source::RdsInstances, Source::RdsClusters, Source::RdsMajorVersions],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_instance(cx, region, |cx, instance| {
                judged(cx, region, &instance.engine, &instance.engine_version)
            });
            each_cluster(cx, region, |cx, cluster| {
                judged(cx, region, &cluster.engine, &cluster.engine_version)
            });
        });
    },
};

fn judged(cx: &Context<'_>, region: &Region, engine: &str, version: &str) -> Judgement {
    let listed = region.rds.major_versions.get();
    let known = listed.clone().map(Vec::as_slice).unwrap_or_default();
    let Some((major, end)) = lifecycle::rds(engine, version, known) else {
        if !lifecycle::OPEN_SOURCE_ENGINES.contains(&engine) {
            return Err(NotJudged::NotApplicable);
        }
        listed?;
        let why = format!("no end of support for {engine} {version}");
        let operation = op::DescribeDBMajorEngineVersions;
        return Err(Gap::unreadable(operation, Some(cx.place().region), None, why).into());
    };
    let is_past = lifecycle::days_past(end, cx.snapshot.started_at) > 0;
    // Dates move: our own table may say that support has ended, but not that it goes on, where AWS's could not be read.
    if let (false, Err(gap @ NotJudged::Unread(_))) = (is_past, listed) {
        return Err(gap);
    }
    Ok(Verdict::fail_if(is_past)
        .with("engine", engine)
        .with("engine_version", version)
        .with("major_version", major)
        .with("end_of_standard_support", end))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
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
        passes(&CHECK, &with_engine("postgres", "16.11"));
        passes(&CHECK, &with_engine("aurora-mysql", "8.0.mysql_aurora.3.10.0"));
    }

    #[test]
    fn says_nothing_of_commercial_engines() {
        silent(&CHECK, &with_engine("oracle-ee", "19.0.0.0"));
    }

    #[test]
    fn a_version_that_nobody_tells_of_is_not_fine() {
        unknown(&CHECK, &with_engine("postgres", "99.1"));
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
        let mut account = with_engine("mysql", "8.4.3");
        region(&mut account).rds.major_versions = Collected::NotOffered;
        passes(&CHECK, &account);
    }
}

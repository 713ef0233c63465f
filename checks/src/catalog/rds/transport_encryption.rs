use super::each_own_or_member;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::rds::{DbInstance, ParameterGroup, op},
    source::Source,
};

/// Security Hub asks it of PostgreSQL, MySQL, SQL Server and MariaDB, but not of Aurora.
pub(super) const CHECK: Check = Check {
    id: "rds-transport-encryption",
    severity: Severity::Medium,
    sources: &[
        Source::RdsInstances,
        Source::RdsClusters,
        Source::RdsParameterGroups,
        Source::RdsClusterParameterGroups,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_or_member(cx, region, |cx, instance| {
                let Some(parameter) = parameter_of(&instance.engine) else {
                    return Err(NotJudged::NotApplicable);
                };
                let rds = &region.rds;
                // Aurora keeps the parameter in the cluster's group, for all members.
                let (names, groups) = match &instance.cluster {
                    Some(id) => {
                        let cluster = rds.clusters.get()?.iter().find(|cluster| cluster.id == *id);
                        let name = cluster.and_then(|cluster| cluster.parameter_group.clone());
                        (name.into_iter().collect(), &rds.cluster_parameter_groups)
                    }
                    None => (instance.parameter_groups.clone(), &rds.parameter_groups),
                };
                let mut value = None;
                for name in &names {
                    let Some(group) = groups.get()?.iter().find(|group| group.name == *name) else {
                        let message = "the parameter group was not read";
                        let region = Some(cx.place().region);
                        return Err(
                            Gap::unreadable(op::DescribeDBParameters, region, Some(name), message).into()
                        );
                    };
                    value = value.or(value_of(group, parameter)?);
                }
                let on = match &value {
                    Some(value) => value == "1" || value.eq_ignore_ascii_case("on"),
                    None => on_by_default(instance),
                };
                Ok(Verdict::fail_if(!on)
                    .in_aspects(&[control_of(&instance.engine)])
                    .with("engine", &instance.engine)
                    .with("parameter", parameter)
                    .with("value", value)
                    .with("parameter_group", names.first()))
            });
        });
    },
};

fn value_of(group: &ParameterGroup, parameter: &str) -> Result<Option<String>, NotJudged> {
    Ok(group.parameters.get()?.get(parameter).cloned())
}

/// The parameter with which an engine refuses unencrypted connections. Oracle and Db2 have none: they listen on
/// a port of its own for TLS.
fn parameter_of(engine: &str) -> Option<&'static str> {
    match engine {
        "postgres" | "aurora-postgresql" => Some("rds.force_ssl"),
        "mysql" | "mariadb" | "aurora-mysql" => Some("require_secure_transport"),
        engine if engine.starts_with("sqlserver-") => Some("rds.force_ssl"),
        _ => None,
    }
}

/// The engine as the controls divide it.
fn control_of(engine: &str) -> &'static str {
    match engine {
        "postgres" => "postgres",
        "mysql" => "mysql",
        "mariadb" => "mariadb",
        engine if engine.starts_with("sqlserver-") => "sqlserver",
        _ => "aurora",
    }
}

/// What holds where the group says nothing (RDS and Aurora User Guides, "Requiring SSL/TLS"): PostgreSQL from
/// 15 on (Aurora from 17), MariaDB from 11.8, MySQL from 9.7.
fn on_by_default(instance: &DbInstance) -> bool {
    let mut parts = instance.engine_version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    let version = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match instance.engine.as_str() {
        "postgres" => version >= (15, 0),
        "aurora-postgresql" => version >= (17, 0),
        "mariadb" => version >= (11, 8),
        "mysql" => version >= (9, 7),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_cluster, with_instance},
        CHECK,
    };
    use crate::{
        snapshot::{Snapshot, rds::ParameterGroup},
        testing::{fails, passes, read, region, silent},
    };

    fn group(name: &str, parameter: &str, value: Option<&str>) -> ParameterGroup {
        let values = value.map(|value| (parameter.to_owned(), value.to_owned()));
        ParameterGroup { name: name.into(), parameters: read(values.into_iter().collect()) }
    }

    fn of(engine: &str, version: &str, parameter: &str, value: Option<&str>) -> Snapshot {
        let mut account = with_instance(|instance| {
            (instance.engine, instance.engine_version) = (engine.into(), version.into());
            instance.parameter_groups = vec!["own".into()];
        });
        region(&mut account).rds.parameter_groups = read(vec![group("own", parameter, value)]);
        account
    }

    #[test]
    fn fails_when_unencrypted_connections_are_taken() {
        let finding = fails(&CHECK, &of("postgres", "17.2", "rds.force_ssl", Some("0")));
        assert_eq!(
            (&finding.evidence["parameter"], &finding.evidence["value"]),
            (&"rds.force_ssl".into(), &"0".into())
        );
        assert_eq!(finding.aspects, ["postgres"]);
        fails(&CHECK, &of("mysql", "8.4.3", "require_secure_transport", Some("OFF")));
        let finding = fails(&CHECK, &of("sqlserver-se", "16.00", "rds.force_ssl", Some("0")));
        assert_eq!(finding.aspects, ["sqlserver"]);
    }

    #[test]
    fn passes_when_they_are_refused() {
        passes(&CHECK, &of("postgres", "14.9", "rds.force_ssl", Some("1")));
        passes(&CHECK, &of("mariadb", "10.11", "require_secure_transport", Some("ON")));
        passes(&CHECK, &of("mysql", "8.4.3", "require_secure_transport", Some("1")));
    }

    #[test]
    fn the_engines_default_holds_where_the_group_says_nothing() {
        fails(&CHECK, &of("postgres", "14.9", "rds.force_ssl", None));
        passes(&CHECK, &of("postgres", "15.2", "rds.force_ssl", None));
        fails(&CHECK, &of("mariadb", "11.4.3", "require_secure_transport", None));
        passes(&CHECK, &of("mariadb", "11.8.1", "require_secure_transport", None));
        fails(&CHECK, &of("mysql", "8.4.3", "require_secure_transport", None));
        passes(&CHECK, &of("mysql", "9.7.0", "require_secure_transport", None));
        fails(&CHECK, &of("sqlserver-se", "16.00", "rds.force_ssl", None));
    }

    #[test]
    fn the_clusters_group_decides_for_its_members() {
        let with_value = |value: &str| {
            let mut account = of("aurora-mysql", "8.0", "require_secure_transport", Some("ON"));
            let clusters = with_cluster(|cluster| {
                (cluster.id, cluster.engine) = ("events".into(), "aurora-mysql".into());
                cluster.parameter_group = Some("shared".into());
            });
            let rds = &mut region(&mut account).rds;
            rds.clusters = clusters.regions["eu-west-1"].rds.clusters.clone();
            rds.cluster_parameter_groups =
                read(vec![group("shared", "require_secure_transport", Some(value))]);
            if let crate::gap::Collected::Value(instances) = &mut rds.instances {
                instances[0].cluster = Some("events".into());
            }
            account
        };
        fails(&CHECK, &with_value("OFF"));
        passes(&CHECK, &with_value("ON"));
    }

    #[test]
    fn says_nothing_of_engines_without_such_a_parameter() {
        silent(&CHECK, &of("oracle-ee", "19.0", "rds.force_ssl", Some("0")));
    }
}

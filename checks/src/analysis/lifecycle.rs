//! Until when AWS supports versions of what it runs: from AWS's answers where it gives them, else from tables
//! with their source and date in `data/`.

use std::{collections::BTreeMap, sync::LazyLock};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Deserialize;

use crate::snapshot::{eks::ClusterVersion, rds::MajorVersion};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Runtimes {
    #[allow(dead_code, reason = "told to whoever keeps the table")]
    source: String,
    date: Date,
    deprecated: BTreeMap<String, Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Versions {
    #[allow(dead_code, reason = "told to whoever keeps the table")]
    source: String,
    date: Date,
    end_of_standard_support: BTreeMap<String, Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Engines {
    #[allow(dead_code, reason = "told to whoever keeps the table")]
    source: String,
    #[allow(dead_code, reason = "told to whoever keeps the table")]
    date: Date,
    end_of_standard_support: BTreeMap<String, BTreeMap<String, Date>>,
}

fn table<T: for<'a> Deserialize<'a>>(text: &str) -> T {
    toml::from_str(text).expect("the built-in tables are well-formed")
}

static RUNTIMES: LazyLock<Runtimes> =
    LazyLock::new(|| table(include_str!("../../data/lambda-runtimes.toml")));
static KUBERNETES: LazyLock<Versions> =
    LazyLock::new(|| table(include_str!("../../data/kubernetes-versions.toml")));
static ENGINES: LazyLock<Engines> = LazyLock::new(|| table(include_str!("../../data/rds-engines.toml")));

/// The first moment of the day after.
fn end_of(day: Date) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()
}

/// When a Lambda runtime is deprecated: from then on AWS patches it no more.
///
/// # Errors
/// The date of the table, where the runtime is not in it.
pub fn lambda_runtime(runtime: &str) -> Result<Option<Timestamp>, Date> {
    RUNTIMES.deprecated.get(runtime).map(|day| end_of(*day)).ok_or(RUNTIMES.date)
}

/// When EKS ends standard support of a Kubernetes version.
///
/// # Errors
/// The date of the table, where neither AWS nor the table tells.
pub fn kubernetes(version: &str, told: &[ClusterVersion]) -> Result<Option<Timestamp>, Date> {
    let by_aws = told.iter().find(|known| known.version == version);
    match by_aws.and_then(|known| known.end_of_standard_support) {
        Some(end) => Ok(Some(end)),
        None => {
            let day = KUBERNETES.end_of_standard_support.get(version).ok_or(KUBERNETES.date)?;
            Ok(end_of(*day))
        }
    }
}

/// The major version of an engine's version, and when RDS ends its standard support. None for engines whose
/// support follows a vendor's calendar, and for versions that nothing is known of.
#[must_use]
pub fn rds(engine: &str, version: &str, told: &[MajorVersion]) -> Option<(String, Timestamp)> {
    // `8.0` is the major version of `8.0.35`, `13` that of `13.4`, `5.7` that of `5.7.mysql_aurora.2.11.1`.
    let is_of = |major: &str| {
        version.strip_prefix(major).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let by_aws = told.iter().find(|known| known.engine == engine && is_of(&known.version));
    if let Some((known, end)) = by_aws.and_then(|known| Some((known, known.end_of_standard_support?))) {
        return Some((known.version.clone(), end));
    }
    // Aurora follows PostgreSQL's major versions.
    let engine = if engine == "aurora-postgresql" { "postgres" } else { engine };
    let majors = ENGINES.end_of_standard_support.get(engine)?;
    let (major, day) = majors.iter().find(|(major, _)| is_of(major))?;
    Some((major.clone(), end_of(*day)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_can_be_read() {
        assert!(RUNTIMES.deprecated.len() > 40 && KUBERNETES.end_of_standard_support.len() > 15);
        assert!(ENGINES.end_of_standard_support.contains_key("mysql"));
    }

    #[test]
    fn a_version_that_ends_on_a_day_lives_through_it() {
        let end = lambda_runtime("python3.9").unwrap().unwrap();
        assert_eq!(end.to_string(), "2025-12-16T00:00:00Z");
        assert!(lambda_runtime("python9.9").is_err());
    }

    #[test]
    fn what_aws_says_goes_before_the_table() {
        let end: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let told = [ClusterVersion { version: "1.30".into(), end_of_standard_support: Some(end) }];
        assert_eq!(kubernetes("1.30", &told), Ok(Some(end)));
        assert!(kubernetes("1.29", &told).unwrap().unwrap() < end);
        assert!(kubernetes("9.99", &told).is_err());
    }

    #[test]
    fn major_versions_are_found_in_versions() {
        let major = |engine, version| rds(engine, version, &[]).map(|(major, _)| major);
        assert_eq!(major("mysql", "5.7.44").as_deref(), Some("5.7"));
        assert_eq!(major("mysql", "8.0.35").as_deref(), Some("8.0"));
        assert_eq!(major("postgres", "13").as_deref(), Some("13"));
        assert_eq!(major("aurora-postgresql", "12.9").as_deref(), Some("12"));
        assert_eq!(major("aurora-mysql", "5.7.mysql_aurora.2.11.1").as_deref(), Some("5.7"));
        assert_eq!(major("postgres", "130.1"), None);
        assert_eq!(major("oracle-ee", "19.0.0.0"), None);
    }
}

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

/// The day, in UTC, of a moment.
fn day_of(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}

/// Whole days from a day to the day of a moment: zero on that day itself, positive after it.
#[must_use]
pub fn days_past(day: Date, moment: Timestamp) -> i64 {
    (day_of(moment) - day).get_days().into()
}

/// The day on which a Lambda runtime is deprecated: after it AWS patches it no more.
///
/// # Errors
/// The date of the table, where the runtime is not in it.
pub fn lambda_runtime(runtime: &str) -> Result<Date, Date> {
    RUNTIMES.deprecated.get(runtime).copied().ok_or(RUNTIMES.date)
}

/// The day with whose beginning EKS ends standard support of a Kubernetes version.
///
/// # Errors
/// The date of the table, where neither AWS nor the table says.
pub fn kubernetes(version: &str, told: &[ClusterVersion]) -> Result<Date, Date> {
    let by_aws = told.iter().find(|known| known.version == version);
    let by_aws = by_aws.and_then(|known| known.end_of_standard_support).map(day_of);
    by_aws.or_else(|| KUBERNETES.end_of_standard_support.get(version).copied()).ok_or(KUBERNETES.date)
}

/// Engines for which AWS says how long it supports each major version. The others' support follows their
/// vendors' calendars.
pub const OPEN_SOURCE_ENGINES: [&str; 5] =
    ["mysql", "mariadb", "postgres", "aurora-mysql", "aurora-postgresql"];

/// The major version of an engine's version, and the last day of its standard support by RDS. None where
/// neither AWS nor the table says.
#[must_use]
pub fn rds(engine: &str, version: &str, told: &[MajorVersion]) -> Option<(String, Date)> {
    // `8.0` is the major version of `8.0.35`, `13` that of `13.4`, `5.7` that of `5.7.mysql_aurora.2.11.1`.
    let is_of = |major: &str| {
        version.strip_prefix(major).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let by_aws = told.iter().find(|known| known.engine == engine && is_of(&known.version));
    if let Some((known, end)) = by_aws.and_then(|known| Some((known, known.end_of_standard_support?))) {
        return Some((known.version.clone(), day_of(end)));
    }
    // Aurora follows PostgreSQL's dates, at least from 11 on.
    let engine = if engine == "aurora-postgresql" { "postgres" } else { engine };
    let majors = ENGINES.end_of_standard_support.get(engine)?;
    let (major, day) = majors.iter().find(|(major, _)| is_of(major))?;
    Some((major.clone(), *day))
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
    fn days_are_those_that_aws_publishes() {
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let end = lambda_runtime("python3.9").unwrap();
        assert_eq!(end.to_string(), "2025-12-15");
        assert_eq!(days_past(end, moment("2025-12-15T23:59:59Z")), 0);
        assert_eq!(days_past(end, moment("2025-12-16T00:00:00Z")), 1);
        assert_eq!(days_past(end, moment("2025-09-16T12:00:00Z")), -90);
        assert!(lambda_runtime("python9.9").is_err());
    }

    #[test]
    fn what_aws_says_goes_before_the_table() {
        let end: Timestamp = "2030-01-01T00:00:00Z".parse().unwrap();
        let told = [ClusterVersion { version: "1.30".into(), end_of_standard_support: Some(end) }];
        assert_eq!(kubernetes("1.30", &told), Ok(day_of(end)));
        assert_eq!(kubernetes("1.29", &told).unwrap().to_string(), "2025-03-23");
        assert!(kubernetes("9.99", &told).is_err());
        let told = [MajorVersion {
            engine: "mysql".into(),
            version: "5.7".into(),
            end_of_standard_support: Some("2024-02-29T23:59:59.999Z".parse().unwrap()),
        }];
        assert_eq!(rds("mysql", "5.7.44", &told), rds("mysql", "5.7.44", &[]));
    }

    #[test]
    fn major_versions_are_found_in_versions() {
        let major = |engine, version| rds(engine, version, &[]).map(|(major, _)| major);
        assert_eq!(major("mysql", "5.7.44").as_deref(), Some("5.7"));
        assert_eq!(major("mysql", "8.0.35").as_deref(), Some("8.0"));
        assert_eq!(major("postgres", "13").as_deref(), Some("13"));
        assert_eq!(major("aurora-postgresql", "12.9").as_deref(), Some("12"));
        assert_eq!(major("aurora-mysql", "5.7.mysql_aurora.2.11.1").as_deref(), Some("5.7"));
        assert_eq!(major("aurora-mysql", "8.0.mysql_aurora.3.08.0").as_deref(), Some("8.0"));
        assert_eq!(major("postgres", "130.1"), None);
        assert_eq!(major("oracle-ee", "19.0.0.0"), None);
    }
}

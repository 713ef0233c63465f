//! `aws-audit.toml`: what a team decides once, for every run. Arguments win over it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_audit_checks::{finding::Severity, settings::Settings};
use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{
    cli::{self, FailOn},
    error::{Error, Said, did_you_mean, said},
};

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "aws-audit.toml";

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// As `--profile`.
    pub profile: Option<String>,
    /// As `--regions`.
    pub regions: Vec<String>,
    /// As `--checks`.
    pub checks: Vec<String>,
    /// As `--skip-checks`.
    pub skip_checks: Vec<String>,
    /// As `--framework`.
    pub framework: Option<String>,
    /// As `--min-severity`.
    pub min_severity: Option<Severity>,
    /// As `--fail-on`.
    #[serde(deserialize_with = "fail_on")]
    pub fail_on: Option<FailOn>,
    /// As `--timeout`.
    #[serde(deserialize_with = "timeout")]
    pub timeout: Option<Duration>,
    /// As `--api-budget`.
    #[serde(deserialize_with = "api_budget")]
    pub api_budget: Option<f64>,
    /// The numbers that checks compare with.
    pub settings: Settings,
}

fn fail_on<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<FailOn>, D::Error> {
    cli::fail_on(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

fn timeout<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    cli::duration(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

fn api_budget<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    cli::share(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

impl Config {
    /// Reads the file named, else `aws-audit.toml` where there is one.
    ///
    /// # Errors
    /// When the file cannot be read, or has a key or value that means nothing.
    pub fn load(named: Option<&PathBuf>) -> Result<Self, Error> {
        let path = named.map_or(Path::new(DEFAULT_FILE), PathBuf::as_path);
        if named.is_none() && !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
        toml::from_str(&text).map_err(|error| Error::file(path, with_suggestion(&error)))
    }
}

/// The error; one about an unknown key also names the known key that is most like it.
fn with_suggestion(error: &toml::de::Error) -> Said {
    let text = error.to_string();
    let text = text.trim_end();
    let told = said(text, format!("設定に誤りがあります\n{}", in_japanese(text, error.message())));
    // "unknown field `a`, expected one of `b`, `c`"
    let mut quoted = error.message().split('`').skip(1).step_by(2);
    let Some(unknown) = quoted.next().filter(|_| error.message().starts_with("unknown field")) else {
        return told;
    };
    let nearest = quoted.max_by(|a, b| likeness(unknown, a).total_cmp(&likeness(unknown, b)));
    match nearest.filter(|known| likeness(unknown, known) > 0.7) {
        Some(known) => told.with_help(did_you_mean(known)),
        None => told,
    }
}

/// The error's text with its message in Japanese, where that is one of this program's own or about a name; the
/// parser says the others in its words.
fn in_japanese(text: &str, message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let named = |what: &str, known: &str| {
        let unknown = quoted.next().unwrap_or_default();
        let names: Vec<_> = quoted.map(|name| format!("`{name}`")).collect();
        format!("`{unknown}` という{what}はありません。{known}：{}", names.join("、"))
    };
    let japanese = if message.starts_with("unknown field `") {
        named("キー", "使えるキー")
    } else if message.starts_with("unknown variant `") {
        named("値", "使える値")
    } else if let Some(names) = message.strip_prefix("expected one of ") {
        format!("次のいずれかを指定してください：{}", names.replace(", or ", "、").replace(", ", "、"))
    } else if message == cli::NO_TIME {
        "90s、10m、1h のような時間を指定してください".to_owned()
    } else if message == cli::NO_SHARE {
        "1% から 100% までの割合を指定してください".to_owned()
    } else {
        return text.to_owned();
    };
    match text.strip_suffix(message) {
        Some(place) => format!("{place}{japanese}"),
        None => text.to_owned(),
    }
}

fn likeness(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_key() {
        let text = "
            profile = 'prod'
            regions = ['eu-west-1']
            checks = ['iam-*']
            skip-checks = ['iam-root-mfa']
            framework = 'cis-6.0'
            min-severity = 'low'
            fail-on = 'never'
            timeout = '10m'
            api-budget = '20%'
            [settings]
            max_key_age_days = 30
        ";
        let config: Config = toml::from_str(text).unwrap();
        assert_eq!(config.fail_on, Some(FailOn::Never));
        assert_eq!((config.timeout, config.api_budget), (Some(Duration::from_secs(600)), Some(0.2)));
        assert_eq!(config.settings.max_key_age_days, 30);
        assert_eq!(config.settings.root_use_days, 30, "what is not named keeps its default");
    }

    #[test]
    fn names_the_unknown_key_and_the_nearest_known_one() {
        let error = |text: &str| with_suggestion(&toml::from_str::<Config>(text).unwrap_err()).en;
        let settings = error("[settings]\nmax_key_days = 30\n");
        assert!(settings.contains("unknown field `max_key_days`"), "{settings}");
        assert!(settings.ends_with("help: did you mean `max_key_age_days`?"), "{settings}");
        assert!(error("skip_checks = []").ends_with("help: did you mean `skip-checks`?"));
        assert!(!error("zzz = 1").contains("did you mean"));
    }

    #[test]
    fn the_message_is_in_japanese_and_its_place_stays() {
        for (text, told) in [
            ("zzz = 1", "`zzz` というキーはありません。使えるキー：`profile`、"),
            ("min-severity = 'x'", "`x` という値はありません。使える値："),
            ("fail-on = 'x'", "次のいずれかを指定してください：critical、high、medium、low、info、never"),
            ("timeout = 'x'", "90s、10m、1h のような時間を指定してください"),
            ("api-budget = 'x'", "1% から 100% までの割合を指定してください"),
        ] {
            let error = with_suggestion(&toml::from_str::<Config>(text).unwrap_err()).ja;
            assert!(error.starts_with("設定に誤りがあります\nTOML") && error.contains("line 1"), "{error}");
            assert!(error.contains(told) && error.contains(text), "{error}");
        }
    }

    #[test]
    fn a_setting_of_the_wrong_kind_is_told_with_its_place() {
        let error = |text: &str| toml::from_str::<Config>(text).unwrap_err().to_string();
        assert!(error("[settings]\npublic_ports = [80, 70000]").contains("70000"));
        let range = error("[settings]\nmax_public_range = '24'");
        assert!(range.contains("`24` is not a prefix length from /0 to /32"), "{range}");
    }
}

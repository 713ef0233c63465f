//! `aws-audit.toml`: what a team decides once, for every run. Arguments win over it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_audit_checks::{
    finding::Severity,
    likeness::nearest,
    settings::Settings,
    triage::{MESSAGES, Move, Override, Placed, Rules, Suppress, Suppressions},
};
use aws_audit_custom::read::files_of as toml_files_of;
use serde::{Deserialize, Deserializer, de::Error as _};
use toml::Spanned;

use crate::{
    cli::{self, FailOn},
    error::{Error, Said, did_you_mean, said},
};

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "aws-audit.toml";

/// The directory beside the file whose files hold further suppressions.
const SUPPRESSIONS: &str = "suppressions";

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
    /// As `--checks-dir`.
    pub checks_dir: Option<PathBuf>,
    /// As `--framework-file`.
    pub framework_files: Vec<PathBuf>,
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
    /// What `tickets plan` goes by.
    pub tickets: aws_audit_tickets::Settings,
    /// The numbers that checks compare with.
    pub settings: Settings,
    /// Findings that are accepted.
    suppress: Vec<Spanned<Suppress>>,
    /// Severities that are seen otherwise.
    severity: Vec<Spanned<Move>>,
    /// Settings that hold for some resources.
    #[serde(rename = "override")]
    overriding: Vec<Spanned<Override>>,
    /// The file's suppressions, those of `suppressions/`, and the severities, with where they stand.
    #[serde(skip)]
    pub rules: Rules,
    /// The overrides, with where they stand.
    #[serde(skip)]
    pub overrides: Vec<Placed<Override>>,
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
    /// Reads the file named, else `aws-audit.toml` where there is one, and the files of suppressions beside it.
    ///
    /// # Errors
    /// When a file cannot be read, or has a key or value that means nothing.
    pub fn load(named: Option<&PathBuf>) -> Result<Self, Error> {
        let path = named.map_or(Path::new(DEFAULT_FILE), PathBuf::as_path);
        let mut config = Self::default();
        if named.is_some() || path.exists() {
            let text;
            (config, text) = read::<Self>(path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            config.rules.suppress = placed(std::mem::take(&mut config.suppress), &text, &name);
            config.rules.severity = placed(std::mem::take(&mut config.severity), &text, &name);
            config.overrides = placed(std::mem::take(&mut config.overriding), &text, &name);
        }
        for path in files_of(&path.with_file_name(SUPPRESSIONS))? {
            let (file, text) = read::<Suppressions>(&path)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{SUPPRESSIONS}/{name}");
            config.rules.suppress.extend(placed(file.suppress, &text, &name));
        }
        Ok(config)
    }
}

/// What a file says, and its text.
fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<(T, String), Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
    let value = toml::from_str(&text).map_err(|error| Error::file(path, with_suggestion(&error)))?;
    Ok((value, text))
}

/// The TOML files in a directory; none where there is no such directory.
fn files_of(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    match toml_files_of(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        files => files.map_err(|error| Error::io(directory, error)),
    }
}

/// The entries of a file, each with the line at which it begins.
fn placed<T>(entries: Vec<Spanned<T>>, text: &str, name: &str) -> Vec<Placed<T>> {
    let lines =
        |from: usize, to: usize| text.as_bytes()[from..to].iter().filter(|byte| **byte == b'\n').count();
    // Entries are in the order of the file: each line is counted once.
    let (mut line, mut counted) = (1, 0);
    let place = |entry: Spanned<T>| {
        let at = entry.span().start.max(counted);
        line += lines(counted, at);
        counted = at;
        Placed { entry: entry.into_inner(), source: format!("{name}:{line}") }
    };
    entries.into_iter().map(place).collect()
}

/// The error; one about an unknown key also names the known key that is most like it.
fn with_suggestion(error: &toml::de::Error) -> Said {
    let text = error.to_string();
    let text = text.trim_end();
    let told = said(text, format!("設定に誤りがあります\n{}", in_japanese(text, error.message())));
    if error.message() == "missing field `reason`" {
        return told.with_help(said(
            "write why, for those who read it in a year: reason = \"…\"",
            "後で読む人のために理由を書いてください：reason = \"…\"",
        ));
    }
    // "unknown field `a`, expected one of `b`, `c`"
    let mut quoted = error.message().split('`').skip(1).step_by(2);
    let Some(unknown) = quoted.next().filter(|_| error.message().starts_with("unknown field")) else {
        return told;
    };
    match nearest([unknown], quoted) {
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
    let own = MESSAGES.iter().find(|(english, _)| *english == message);
    let japanese = if let Some((_, japanese)) = own {
        (*japanese).to_owned()
    } else if let Some(field) = message.strip_prefix("missing field ") {
        format!("{field} がありません")
    } else if message.starts_with("unknown field `") {
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
    fn entries_are_read_with_their_places() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        fs::create_dir(directory.path().join(SUPPRESSIONS)).unwrap();
        let entry = "[[suppress]]\nchecks = ['iam-*']\nreason = 'r'\n";
        write(
            "audit.toml",
            &format!(
                "regions = ['eu-west-1']\n\n{entry}\n{entry}[[severity]]\nchecks = ['a']\nto = 'low'\nreason = 'r'\n[[override]]\nreason = 'r'\nsettings.root_use_days = 3\n"
            ),
        );
        write("suppressions/b.toml", &format!("# b\n{entry}"));
        write("suppressions/a.toml", entry);
        write("suppressions/.a.toml.swp.toml", "not toml");
        write("suppressions/README.md", "not toml");
        let config = Config::load(Some(&directory.path().join("audit.toml"))).unwrap();
        let sources: Vec<_> = config.rules.suppress.iter().map(|it| it.source.as_str()).collect();
        assert_eq!(
            sources,
            ["audit.toml:3", "audit.toml:7", "suppressions/a.toml:1", "suppressions/b.toml:2"]
        );
        assert_eq!((config.rules.severity.len(), config.overrides[0].source.as_str()), (1, "audit.toml:14"));
        // A file of suppressions says nothing else.
        write("suppressions/c.toml", "regions = []");
        let error = Config::load(Some(&directory.path().join("audit.toml"))).unwrap_err().to_string();
        assert!(error.contains("c.toml: ") && error.contains("unknown field `regions`"), "{error}");
    }

    #[test]
    fn wrong_entries_are_told_in_both_languages_with_their_place() {
        let error = |text: &str| with_suggestion(&toml::from_str::<Config>(text).unwrap_err());
        let told = error("[[suppress]]\nchecks = ['a']\n");
        assert!(
            told.en.contains("line 1") && told.en.contains("missing field `reason`\nhelp: write why"),
            "{}",
            told.en
        );
        assert!(told.ja.contains("`reason` がありません") && told.ja.contains("ヒント："), "{}", told.ja);
        for (english, japanese) in MESSAGES {
            assert!(!japanese.is_ascii() && english.is_ascii());
        }
        let told = error("[[suppress]]\nchecks = ['a']\nreason = 'r'\nexpires = 'soon'\n");
        assert!(told.en.contains("line 4") && told.en.contains("such as 2026-12-31"), "{}", told.en);
        assert!(
            told.ja.contains("expires = 'soon'") && told.ja.contains("日付を指定してください"),
            "{}",
            told.ja
        );
        let told = error("[[suppress]]\nchecks = ['a']\nreason = 'r'\nexpire = 2026-12-31\n");
        assert!(told.en.ends_with("did you mean `expires`?"), "{}", told.en);
        let told = error("[[override]]\nreason = 'r'\nsettings = { max_key_days = 1 }\n");
        assert!(told.en.ends_with("did you mean `max_key_age_days`?"), "{}", told.en);
        assert!(told.ja.contains("`max_key_days` というキーはありません"), "{}", told.ja);
    }

    #[test]
    fn a_setting_of_the_wrong_kind_is_told_with_its_place() {
        let error = |text: &str| toml::from_str::<Config>(text).unwrap_err().to_string();
        assert!(error("[settings]\npublic_ports = [80, 70000]").contains("70000"));
        let range = error("[settings]\nmax_public_range = '24'");
        assert!(range.contains("`24` is not a prefix length from /0 to /32"), "{range}");
    }
}

//! The entries as they are written in TOML.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de::Error as _};
use toml::Spanned;

use super::Suppressed;
use crate::{
    analysis::policy::pattern,
    finding::{Finding, Resource, Severity},
    settings::Settings,
};

/// What stands for a resource without a region among `regions`.
pub(super) const GLOBAL: &str = "global";

const NO_REASON: &str = "say why: the reason is empty";
const NO_CHECK: &str = "name a check; [\"*\"] is all of them";
const NO_PATTERN: &str = "an empty text matches nothing: leave it out, or name something";
const NO_ACCOUNT: &str = "expected an account id: twelve digits in quotes";
const NO_TAG: &str = "expected the key of a tag, or key=value";
const NO_DATE: &str = "expected a date such as 2026-12-31";
const NO_LINK: &str = "expected an address that begins with https://";
const NO_SETTING: &str = "name a setting, as under [settings]";

/// What is wrong with an entry, in English and Japanese: parsers tell it with the place.
pub const MESSAGES: [(&str, &str); 8] = [
    (NO_REASON, "理由が空です。なぜ受け入れるのかを書いてください"),
    (NO_CHECK, "チェックを指定してください。すべてのチェックは [\"*\"] です"),
    (NO_PATTERN, "空の文字列は何にも一致しません。削除するか、対象を指定してください"),
    (NO_ACCOUNT, "アカウントIDは12桁の数字を引用符で囲んで指定してください"),
    (NO_TAG, "タグのキーか、キー=値を指定してください"),
    (NO_DATE, "2026-12-31 のような日付を指定してください"),
    (NO_LINK, "https:// で始まるアドレスを指定してください"),
    (NO_SETTING, "[settings] と同じ設定を指定してください"),
];

/// What an entry is about. Where a list is empty it names everything; of the others, each must name the finding.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Where {
    /// Ids or globs of checks.
    pub checks: Vec<String>,
    /// Ids or ARNs of resources, whole or as globs.
    pub resources: Vec<String>,
    /// Account ids.
    pub accounts: Vec<String>,
    /// Names or globs of regions; `global` for what is in none.
    pub regions: Vec<String>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// What it is not about, although all of the above names it.
    pub not: Not,
}

/// What an entry is not about: whatever one of the lists names.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Not {
    /// As [`Where::checks`].
    #[serde(deserialize_with = "patterns")]
    pub checks: Vec<String>,
    /// As [`Where::resources`].
    #[serde(deserialize_with = "patterns")]
    pub resources: Vec<String>,
    /// As [`Where::accounts`].
    #[serde(deserialize_with = "accounts")]
    pub accounts: Vec<String>,
    /// As [`Where::regions`].
    #[serde(deserialize_with = "patterns")]
    pub regions: Vec<String>,
    /// As [`Where::tags`].
    #[serde(deserialize_with = "tags")]
    pub tags: Vec<Tag>,
}

/// A tag: its key and, where that matters, its value, both exact or as globs. Written `key` or `key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value; none where any will do.
    pub value: Option<String>,
}

impl Tag {
    fn is_on(&self, resource: &Resource) -> bool {
        resource.tags.iter().any(|(key, value)| {
            pattern::matches(&self.key, key)
                && self.value.as_ref().is_none_or(|wanted| pattern::matches(wanted, value))
        })
    }
}

impl Where {
    /// Whether the entry is about that check of that resource. An entry that names tags is about no resource whose tags
    /// are not known: it could be one that was meant to be left out.
    #[must_use]
    pub fn is_about_resource(&self, check: &str, resource: &Resource, tags_known: bool) -> bool {
        let names = |patterns: &[String]| {
            let matches = |name| patterns.iter().any(|it| pattern::matches(it, name));
            matches(&resource.id) || matches(&resource.arn)
        };
        let tagged = |tags: &[Tag]| tags.iter().any(|tag| tag.is_on(resource));
        self.names_check(check)
            && self.names_account(&resource.account)
            && self.names_region(resource.region.as_deref())
            && (self.resources.is_empty() || names(&self.resources))
            && !names(&self.not.resources)
            && (tags_known || (self.tags.is_empty() && self.not.tags.is_empty()))
            && (self.tags.is_empty() || tagged(&self.tags))
            && !tagged(&self.not.tags)
    }

    /// Whether the entry is about the finding.
    #[must_use]
    pub fn is_about(&self, finding: &Finding) -> bool {
        self.is_about_resource(finding.check, &finding.resource, finding.tags_known)
    }

    /// Whether it is about everything that a check says of an account.
    pub(super) fn is_all_of(&self, check: &str, account: &str) -> bool {
        let Self { resources, regions, tags, not, .. } = self;
        let patterns = [resources, regions, &not.resources, &not.regions];
        let narrowed = patterns.iter().any(|list| !list.is_empty())
            || [tags, &not.tags].iter().any(|list| !list.is_empty());
        !narrowed && self.names_check(check) && self.names_account(account)
    }

    pub(super) fn names_check(&self, check: &str) -> bool {
        named(check, &self.checks, &self.not.checks)
    }

    pub(super) fn names_account(&self, account: &str) -> bool {
        named(account, &self.accounts, &self.not.accounts)
    }

    pub(super) fn names_region(&self, region: Option<&str>) -> bool {
        named(region.unwrap_or(GLOBAL), &self.regions, &self.not.regions)
    }
}

fn named(name: &str, these: &[String], not: &[String]) -> bool {
    let one_of = |patterns: &[String]| patterns.iter().any(|it| pattern::matches(it, name));
    (these.is_empty() || one_of(these)) && !one_of(not)
}

/// A finding that is accepted, `[[suppress]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppress {
    /// Which findings.
    pub about: Where,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day on which it is accepted (UTC).
    pub expires: Option<Date>,
    /// Where it was discussed: an `https` address.
    pub ticket: Option<String>,
}

impl Suppress {
    /// Whether it holds no longer on that day.
    #[must_use]
    pub fn has_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|expires| expires < today)
    }

    pub(super) fn told(&self, source: &str) -> Suppressed {
        let Self { reason, owner, expires, ticket, .. } = self.clone();
        Suppressed { reason, owner, expires, ticket, source: source.to_owned() }
    }
}

/// A severity that is seen otherwise, `[[severity]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// Of which findings.
    pub about: Where,
    /// The severity that they have instead.
    pub to: Severity,
    /// Why.
    pub reason: String,
}

/// Settings that hold for some resources, `[[override]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// For which checks and resources.
    pub about: Where,
    /// The settings that are other than elsewhere: keys of `[settings]`.
    pub settings: toml::Table,
    /// Why.
    pub reason: String,
}

/// A file of suppressions.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Suppressions {
    /// Its entries.
    pub suppress: Vec<Spanned<Suppress>>,
}

/// An entry: what it is about beside what it says, all on one level. `flatten` would let unknown keys pass.
macro_rules! written {
    ($name:ident, $checks:literal, { $($(#[$attribute:meta])* $field:ident: $kind:ty,)* }) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(deny_unknown_fields)]
                struct Written {
                    #[serde(default = $checks, deserialize_with = "checks")]
                    checks: Vec<String>,
                    #[serde(default, deserialize_with = "patterns")]
                    resources: Vec<String>,
                    #[serde(default, deserialize_with = "accounts")]
                    accounts: Vec<String>,
                    #[serde(default, deserialize_with = "patterns")]
                    regions: Vec<String>,
                    #[serde(default, deserialize_with = "tags")]
                    tags: Vec<Tag>,
                    #[serde(default)]
                    not: Not,
                    #[serde(deserialize_with = "reason")]
                    reason: String,
                    $($(#[$attribute])* $field: $kind,)*
                }
                let Written { checks, resources, accounts, regions, tags, not, reason, $($field),* } =
                    Written::deserialize(deserializer)?;
                // A suppression of everything everywhere would be one slip away.
                if checks.is_empty() && $checks == "none" {
                    return Err(D::Error::custom(NO_CHECK));
                }
                let about = Where { checks, resources, accounts, regions, tags, not };
                Ok(Self { about, reason, $($field),* })
            }
        }
    };
}

written!(Suppress, "none", {
    #[serde(default)]
    owner: Option<String>,
    #[serde(default, deserialize_with = "date")]
    expires: Option<Date>,
    #[serde(default, deserialize_with = "link")]
    ticket: Option<String>,
});
written!(Move, "none", { to: Severity, });
written!(Override, "Vec::new", {
    #[serde(deserialize_with = "settings")]
    settings: toml::Table,
});

/// For entries that must name checks.
fn none() -> Vec<String> {
    Vec::new()
}

fn list<'de, D: Deserializer<'de>>(
    deserializer: D,
    is_good: impl Fn(&str) -> bool,
    otherwise: &'static str,
) -> Result<Vec<String>, D::Error> {
    let list = Vec::<String>::deserialize(deserializer)?;
    if list.iter().all(|text| is_good(text)) { Ok(list) } else { Err(D::Error::custom(otherwise)) }
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    list(deserializer, |pattern| !pattern.is_empty(), NO_PATTERN)
}

fn checks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let checks = patterns(deserializer)?;
    if checks.is_empty() { Err(D::Error::custom(NO_CHECK)) } else { Ok(checks) }
}

fn accounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let is_account = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    list(deserializer, is_account, NO_ACCOUNT)
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Tag>, D::Error> {
    let tag = |text: &String| match text.split_once('=') {
        Some((key, value)) => Tag { key: key.to_owned(), value: Some(value.to_owned()) },
        None => Tag { key: text.clone(), value: None },
    };
    let written = list(deserializer, |text| !text.is_empty() && !text.starts_with('='), NO_TAG)?;
    Ok(written.iter().map(tag).collect())
}

fn reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let reason = String::deserialize(deserializer)?;
    if reason.trim().is_empty() { Err(D::Error::custom(NO_REASON)) } else { Ok(reason) }
}

/// A date of TOML's own, or one in quotes.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = match toml::Value::deserialize(deserializer)? {
        toml::Value::Datetime(date) => date.to_string(),
        toml::Value::String(text) => text,
        _ => String::new(),
    };
    // Not a time: when in a day it ends is not for a file to say.
    let date = Some(text.as_str()).filter(|text| text.len() == "2026-12-31".len());
    date.and_then(|text| text.parse().ok()).map(Some).ok_or_else(|| D::Error::custom(NO_DATE))
}

fn link<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let link = String::deserialize(deserializer)?;
    let rest = link.strip_prefix("https://").unwrap_or_default();
    let is_link = !rest.is_empty() && !link.contains(|c: char| c.is_whitespace() || c.is_control());
    if is_link { Ok(Some(link)) } else { Err(D::Error::custom(NO_LINK)) }
}

fn settings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<toml::Table, D::Error> {
    let table = toml::Table::deserialize(deserializer)?;
    if table.is_empty() {
        return Err(D::Error::custom(NO_SETTING));
    }
    table.clone().try_into::<Settings>().map_err(|error| D::Error::custom(error.message()))?;
    Ok(table)
}

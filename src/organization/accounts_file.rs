//! `--accounts-file`: the accounts, where Organizations may not be asked. JSON (also what `aws organizations
//! list-accounts` prints), CSV with a header, or an id a line.

use std::{collections::BTreeMap, fs, path::Path};

use aws_audit_checks::organization::{Unit, is_account_id};
use serde::Deserialize;

use crate::error::{Error, Said, said};

/// An account as a file names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Twelve digits.
    #[serde(alias = "Id", alias = "id", alias = "account")]
    pub account_id: String,
    /// Its name.
    #[serde(alias = "Name")]
    pub name: Option<String>,
    /// Its state or status, as Organizations tells it.
    #[serde(alias = "State")]
    state: Option<String>,
    #[serde(alias = "Status")]
    status: Option<String>,
    /// The path of its organizational unit.
    #[serde(alias = "ou_path")]
    ou: Option<String>,
    /// The name or ARN of the role, where it is not that of the others.
    #[serde(alias = "role_arn")]
    pub role: Option<String>,
    /// What the role's trust policy wants to hear.
    pub external_id: Option<String>,
    /// Its regions.
    regions: Regions,
}

/// A list, or its items in one text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Regions {
    List(Vec<String>),
    Text(String),
    None(()),
}

impl Default for Regions {
    fn default() -> Self {
        Self::None(())
    }
}

/// A list, or an object that has it: the form of the AWS CLI, and that of Cloud Custodian's `c7n-org`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Json {
    List(Vec<Entry>),
    Object {
        #[serde(alias = "Accounts")]
        accounts: Vec<Entry>,
    },
}

impl Entry {
    /// Where in the tree it is.
    #[must_use]
    pub fn units(&self) -> Vec<Unit> {
        let path = self.ou.as_deref().unwrap_or_default();
        let mut id = String::new();
        path.split('/')
            .filter(|name| !name.is_empty())
            .map(|name| {
                if !id.is_empty() {
                    id.push('/');
                }
                id.push_str(name);
                Unit { id: id.clone(), name: name.to_owned() }
            })
            .collect()
    }

    /// Its state where it is not active.
    #[must_use]
    pub fn not_active(&self) -> Option<String> {
        self.state.as_ref().or(self.status.as_ref()).filter(|state| *state != "ACTIVE").cloned()
    }

    /// The regions that it names.
    #[must_use]
    pub fn regions(&self) -> Vec<String> {
        match &self.regions {
            Regions::List(regions) => regions.clone(),
            Regions::Text(text) => {
                let words = text.split([' ', ',', ';']).filter(|word| !word.is_empty() && *word != "all");
                words.map(str::to_owned).collect()
            }
            Regions::None(()) => Vec::new(),
        }
    }
}

/// Reads the file.
///
/// # Errors
/// When it cannot be read or understood, names no account, or one twice.
pub fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let entries = parse(&text, &ending).map_err(|what| Error::file(path, what))?;
    check(&entries).map_err(|what| Error::file(path, what))?;
    Ok(entries)
}

fn parse(text: &str, ending: &str) -> Result<Vec<Entry>, Said> {
    match ending {
        "json" => match serde_json::from_str(text) {
            Ok(Json::List(entries) | Json::Object { accounts: entries }) => Ok(entries),
            Err(error) => {
                let what = said(
                    format!("no list of accounts: {error}"),
                    format!("アカウントのリストではありません：{error}"),
                );
                Err(what.with_help(said(
                    "`aws organizations list-accounts` prints one",
                    "`aws organizations list-accounts` の出力をそのまま使えます",
                )))
            }
        },
        "csv" => {
            let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
            let rows: Result<Vec<BTreeMap<String, String>>, _> = reader.deserialize().collect();
            let rows = rows.map_err(Said::words)?;
            let known =
                ["account_id", "id", "account", "name", "ou", "role", "external_id", "regions", "state"];
            let unknown = |row: &BTreeMap<String, String>| {
                row.keys().find(|key| !known.contains(&key.to_ascii_lowercase().as_str())).cloned()
            };
            if let Some(unknown) = rows.first().and_then(unknown) {
                let what = said(
                    format!("there is no column `{unknown}`"),
                    format!("`{unknown}` という列はありません"),
                );
                let names = known.join(", ");
                return Err(
                    what.with_help(said(format!("there are {names}"), format!("使えるのは {names} です")))
                );
            }
            Ok(rows.into_iter().map(of_row).collect())
        }
        "yml" | "yaml" => {
            let what = said("YAML is not read", "YAMLは読めません");
            let help = "yq -o json accounts.yml > accounts.json";
            Err(what.with_help(said(
                format!("make JSON of it: {help}"),
                format!("JSONに変換してください：{help}"),
            )))
        }
        _ => {
            let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
            let ids = lines.filter(|line| !line.is_empty());
            Ok(ids.map(|id| Entry { account_id: id.to_owned(), ..Entry::default() }).collect())
        }
    }
}

fn of_row(row: BTreeMap<String, String>) -> Entry {
    let mut entry = Entry::default();
    for (key, value) in row {
        let value = Some(value).filter(|value| !value.is_empty());
        match key.to_ascii_lowercase().as_str() {
            "name" => entry.name = value,
            "ou" => entry.ou = value,
            "role" => entry.role = value,
            "external_id" => entry.external_id = value,
            "state" => entry.state = value,
            "regions" => entry.regions = value.map_or(Regions::None(()), Regions::Text),
            _ => entry.account_id = value.unwrap_or_default(),
        }
    }
    entry
}

fn check(entries: &[Entry]) -> Result<(), Said> {
    if entries.is_empty() {
        return Err(said("it names no account", "アカウントが1つもありません"));
    }
    let mut seen = std::collections::BTreeSet::new();
    for (at, Entry { account_id: id, .. }) in entries.iter().enumerate() {
        let shown = id.escape_default();
        if !is_account_id(id) {
            // Programs that write tables take the zeros that an id begins with for nothing.
            let digits = id.len() < 12 && !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
            let what = said(
                format!("`{shown}` is no account id (entry {})", at + 1),
                format!("`{shown}` はアカウントIDではありません（{}番目）", at + 1),
            );
            return Err(if digits {
                what.with_help(said(
                    "an id has twelve digits: a spreadsheet may have taken zeros at its beginning",
                    "IDは12桁です。表計算ソフトが先頭の0を削った可能性があります",
                ))
            } else {
                what
            });
        }
        if !seen.insert(id) {
            return Err(said(
                format!("account {shown} is there twice"),
                format!("アカウント {shown} が重複しています"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str, ending: &str) -> Vec<String> {
        parse(text, ending).unwrap().into_iter().map(|entry| entry.account_id).collect()
    }

    #[test]
    fn every_form_names_accounts() {
        let both = ["111111111111", "222222222222"];
        assert_eq!(ids("# ours\n111111111111\n\n 222222222222 # theirs\n", ""), both);
        assert_eq!(ids("account_id,name\n111111111111,a\n222222222222,b\n", "csv"), both);
        assert_eq!(ids(r#"[{"account_id": "111111111111"}, {"id": "222222222222"}]"#, "json"), both);
        let cli = r#"{"Accounts": [{"Id": "111111111111", "Arn": "a", "Email": "e", "Name": "x", "Status": "ACTIVE"},
            {"Id": "222222222222", "Name": "y", "State": "SUSPENDED", "Status": "SUSPENDED"}]}"#;
        assert_eq!(ids(cli, "json"), both);
        let entries = parse(cli, "json").unwrap();
        assert_eq!([entries[0].not_active(), entries[1].not_active()], [None, Some("SUSPENDED".into())]);
        let c7n = r#"{"accounts": [{"account_id": "111111111111", "name": "x", "role": "arn:aws:iam::111111111111:role/a",
            "regions": ["eu-west-1"], "tags": ["a"]}]}"#;
        assert_eq!(parse(c7n, "json").unwrap()[0].regions(), ["eu-west-1"]);
    }

    #[test]
    fn a_row_says_everything() {
        let text = "account_id,name,ou,role,external_id,regions\n111111111111,shop,Work/Prod,audit,x1,eu-west-1 us-east-1\n";
        let entry = &parse(text, "csv").unwrap()[0];
        assert_eq!((entry.role.as_deref(), entry.external_id.as_deref()), (Some("audit"), Some("x1")));
        assert_eq!(entry.regions(), ["eu-west-1", "us-east-1"]);
        let units: Vec<_> = entry.units().into_iter().map(|unit| (unit.id, unit.name)).collect();
        assert_eq!(units, [("Work".into(), "Work".into()), ("Work/Prod".into(), "Prod".into())]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let error = |text: &str, ending: &str| {
            let told = parse(text, ending).and_then(|entries| check(&entries).map(|()| entries));
            told.unwrap_err().get(aws_audit_checks::page::Lang::En).to_owned()
        };
        assert!(error("", "").contains("no account"));
        assert!(error("12345678901", "").contains("twelve digits"));
        assert!(error("prod", "").contains("`prod` is no account id"));
        assert!(error("111111111111\n111111111111", "").contains("twice"));
        assert!(error("account_id,colour\n111111111111,red\n", "csv").contains("`colour`"));
        assert!(error("{}", "json").contains("list-accounts"));
        assert!(error("accounts: []", "yml").contains("yq"));
    }
}

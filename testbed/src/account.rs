//! The accounts of `testbed/accounts/`: one script of AWS CLI commands each.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde::Deserialize;

use crate::source;

/// Temporary credentials, as AWS STS hands them out.
#[derive(Clone, Deserialize)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`
    pub session_token: String,
}

/// A seeded account.
#[derive(Clone)]
pub struct Account {
    /// The name of its script.
    pub name: String,
    /// Its twelve digits.
    pub id: String,
    /// What to sign with to be in it.
    pub credentials: Credentials,
}

impl Account {
    /// The environment in which the program, or the AWS CLI, works in this account at this endpoint, and in
    /// which nothing from the developer's own AWS configuration is seen.
    pub fn environment(&self, endpoint: &str) -> Vec<(&'static str, String)> {
        let nowhere = || "/dev/null".to_owned();
        vec![
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", self.credentials.access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.credentials.secret_access_key.clone()),
            ("AWS_SESSION_TOKEN", self.credentials.session_token.clone()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_CONFIG_FILE", nowhere()),
            ("AWS_SHARED_CREDENTIALS_FILE", nowhere()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }
}

/// The names of the accounts there are, by account id.
pub fn names() -> io::Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for entry in std::fs::read_dir(source("accounts"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "sh") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let id = id(&name)?;
        if let Some(other) = names.insert(id.clone(), name.clone()) {
            return Err(io::Error::other(format!("accounts {other} and {name} have the same id {id}")));
        }
    }
    Ok(names)
}

/// The script of an account.
pub(crate) fn script(name: &str) -> PathBuf {
    source("accounts").join(format!("{name}.sh"))
}

/// The id of an account, from the line `# Account: 111122223333` of its script.
pub(crate) fn id(name: &str) -> io::Result<String> {
    let path = script(name);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
    text.lines()
        .find_map(|line| line.strip_prefix("# Account: "))
        .map(str::trim)
        .filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other(format!("{}: no line “# Account: ID”", path.display())))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_account_has_an_id_of_its_own() {
        let names = super::names().unwrap();
        assert_eq!(names["111122223333"], "good");
        assert_eq!(names["444455556666"], "bad");
        assert_eq!(names["777788889999"], "empty");
    }
}

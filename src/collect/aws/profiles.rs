//! The AWS configuration files, as the AWS CLI reads them: what works there must work here, and the SDK's own
//! reader takes neither names in quotes nor indented settings (aws-sdk-rust#1097).
//!
//! The format is described in the SDKs and Tools Reference Guide, "Using shared config and credentials files to
//! globally configure AWS SDKs and tools"; names of sections are split like the words of a shell.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use crate::error::{Error, Said, said};

/// The settings of a section, by their names in lower case.
type Section = BTreeMap<String, String>;

/// Both files.
#[derive(Default)]
pub(super) struct Profiles {
    /// `[default]` and `[profile NAME]` of the configuration file.
    config: BTreeMap<String, Section>,
    /// `[NAME]` of the credentials file.
    credentials: BTreeMap<String, Section>,
    /// `[sso-session NAME]`
    sso_sessions: BTreeMap<String, Section>,
    /// `[services NAME]`
    services: BTreeMap<String, Section>,
}

/// The access keys of a profile.
pub(super) struct Keys<'a> {
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
    pub(super) token: Option<&'a str>,
}

/// Only the names: there are secrets in it.
impl fmt::Debug for Profiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Profiles").field(&self.names()).finish()
    }
}

impl Profiles {
    /// Reads the files that the environment names, else those in the home directory. A file that is not there
    /// is as an empty one.
    ///
    /// # Errors
    /// When a file cannot be read, or is no configuration file.
    pub(super) fn load() -> Result<Self, Error> {
        let mut profiles = Self::default();
        if let Some((path, text)) = read("AWS_CONFIG_FILE", ".aws/config")? {
            profiles.add_config(sections(&text).map_err(|what| Error::file(&path, what))?);
        }
        if let Some((path, text)) = read("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")? {
            let sections = sections(&text).map_err(|what| Error::file(&path, what))?;
            profiles.credentials = sections.into_iter().collect();
        }
        Ok(profiles)
    }

    fn add_config(&mut self, sections: Vec<(String, Section)>) {
        for (header, section) in sections {
            let Some(words) = words(&header) else { continue };
            let (map, name) = match words.as_slice() {
                [kind, name] if kind == "profile" => (&mut self.config, name),
                [kind, name] if kind == "sso-session" => (&mut self.sso_sessions, name),
                [kind, name] if kind == "services" => (&mut self.services, name),
                // `[profile default]` takes the place of `[default]`, wherever it stands.
                [name] if name == "default" => {
                    self.config.entry(name.clone()).or_insert(section);
                    continue;
                }
                _ => continue,
            };
            map.insert(name.clone(), section);
        }
    }

    pub(super) fn has(&self, profile: &str) -> bool {
        self.config.contains_key(profile) || self.credentials.contains_key(profile)
    }

    /// The names of all profiles, sorted.
    pub(super) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> =
            self.config.keys().chain(self.credentials.keys()).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// A setting of a profile. The credentials file wins; an empty value is as none.
    pub(super) fn get(&self, profile: &str, key: &str) -> Option<&str> {
        [&self.credentials, &self.config]
            .into_iter()
            .find_map(|file| file.get(profile)?.get(key))
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A setting of a block in a profile, such as `addressing_style` of `s3`.
    pub(super) fn nested(&self, profile: &str, block: &str, key: &str) -> Option<&str> {
        nested(self.get(profile, block)?, key)
    }

    /// A setting of a service in the `services` section that the profile names.
    pub(super) fn of_service(&self, profile: &str, service: &str, key: &str) -> Option<&str> {
        let section = self.services.get(self.get(profile, "services")?)?;
        nested(section.get(service)?, key)
    }

    /// A setting of an `sso-session` section.
    pub(super) fn sso_session(&self, name: &str, key: &str) -> Option<&str> {
        self.sso_sessions.get(name)?.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn has_sso_session(&self, name: &str) -> bool {
        self.sso_sessions.contains_key(name)
    }

    /// The access keys of a profile in the credentials file.
    ///
    /// # Errors
    /// When one half of the pair is missing.
    pub(super) fn keys_in_credentials(&self, profile: &str) -> Result<Option<Keys<'_>>, Error> {
        keys(self.credentials.get(profile), profile, &said("credentials file", "認証情報ファイル"))
    }

    /// The access keys of a profile in the configuration file.
    ///
    /// # Errors
    /// When one half of the pair is missing.
    pub(super) fn keys_in_config(&self, profile: &str) -> Result<Option<Keys<'_>>, Error> {
        keys(self.config.get(profile), profile, &said("configuration file", "設定ファイル"))
    }
}

fn keys<'a>(section: Option<&'a Section>, profile: &str, file: &Said) -> Result<Option<Keys<'a>>, Error> {
    let get = |key: &str| {
        section.and_then(|section| section.get(key)).map(String::as_str).filter(|value| !value.is_empty())
    };
    match (get("aws_access_key_id"), get("aws_secret_access_key")) {
        (Some(id), Some(secret)) => {
            let token = get("aws_session_token").or_else(|| get("aws_security_token"));
            Ok(Some(Keys { id, secret, token }))
        }
        (None, None) => Ok(None),
        (id, _) => {
            let (has, lacks) = ("aws_access_key_id", "aws_secret_access_key");
            let (has, lacks) = if id.is_some() { (has, lacks) } else { (lacks, has) };
            Err(Error::usage(file.within(
                |file| format!("profile `{profile}` has {has} without {lacks} in the AWS {file}"),
                |file| {
                    format!(
                        "AWSの{file}で、プロファイル `{profile}` に {has} はありますが {lacks} がありません"
                    )
                },
            )))
        }
    }
}

fn nested<'a>(block: &'a str, key: &str) -> Option<&'a str> {
    let mut pairs = block.lines().filter_map(|line| line.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == key)?;
    Some(value.trim()).filter(|value| !value.is_empty())
}

fn read(variable: &str, default: &str) -> Result<Option<(PathBuf, String)>, Error> {
    let home = std::env::home_dir();
    let named = std::env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    let path = match (named, home) {
        (Some(path), Some(home)) => path.strip_prefix("~").map(|rest| home.join(rest)).unwrap_or(path),
        (Some(path), None) => path,
        (None, Some(home)) => home.join(default),
        (None, None) => return Ok(None),
    };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(unreadable(&path, &error)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let what = said(
        format!("the AWS configuration file could not be read: {error}"),
        format!("AWSの設定ファイルを読めません：{error}"),
    );
    Error::file(path, what)
}

/// The sections of a file with their headers, in order. Errors tell the line's number and not what it says,
/// which may be a secret.
fn sections(text: &str) -> Result<Vec<(String, Section)>, Said> {
    let mut sections: Vec<(String, Section)> = Vec::new();
    // The setting that a line which is indented more continues.
    let mut open: Option<(String, usize)> = None;
    for (number, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        let number = number + 1;
        let wrong = |what: Said| {
            what.within(|what| format!("line {number}: {what}"), |what| format!("{number}行目：{what}"))
        };
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if let (Some((key, outer)), Some((_, section))) = (&open, sections.last_mut())
            && indent > *outer
        {
            let value = section.entry(key.clone()).or_default();
            value.push('\n');
            value.push_str(trimmed);
            continue;
        }
        if let Some((header, _)) = trimmed.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
            let header = header.trim();
            if sections.iter().any(|(known, _)| known == header) {
                return Err(wrong(said(
                    format!("section [{header}] is there twice"),
                    format!("セクション [{header}] が重複しています"),
                )));
            }
            sections.push((header.to_owned(), Section::new()));
            open = None;
            continue;
        }
        let Some((header, section)) = sections.last_mut() else {
            return Err(wrong(said(
                "expected a section such as [default]",
                "[default] などのセクションより前に行があります",
            )));
        };
        let (key, value) = trimmed
            .split_once(['=', ':'])
            .map(|(key, value)| (key.trim().to_lowercase(), value.trim()))
            .filter(|(key, _)| !key.is_empty())
            .ok_or_else(|| wrong(said("expected NAME = VALUE", "「名前 = 値」の形ではありません")))?;
        if section.insert(key.clone(), value.to_owned()).is_some() {
            return Err(wrong(said(
                format!("{key} is there twice in [{header}]"),
                format!("[{header}] の中で {key} が重複しています"),
            )));
        }
        open = Some((key, indent));
    }
    Ok(sections)
}

/// The words of a line as a POSIX shell splits them, without expanding anything; none when a quote stays open.
pub(super) fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => match chars.next()? {
                            c @ ('"' | '\\') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c if c.is_whitespace() => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Profiles {
        let mut profiles = Profiles::default();
        profiles.add_config(sections(text).unwrap());
        profiles
    }

    #[test]
    fn names_of_profiles_are_split_like_words_of_a_shell() {
        let profiles = config(
            "[default]\nregion=a\n[profile \"q_r\"]\nregion=b\n[profile 'q r']\nregion=c\n\
             [profile q/r@x.y+z:w]\nregion=d\n[profile  spaced ]\nregion=e\n[profile a\\ b]\nregion=f\n\
             [profile two words]\nregion=g\n[profile \"open]\nregion=h\n[preview]\nregion=i\n",
        );
        let named = ["default", "q_r", "q r", "q/r@x.y+z:w", "spaced", "a b"];
        let regions: Vec<_> = named.iter().map(|name| profiles.get(name, "region")).collect();
        assert_eq!(regions, ["a", "b", "c", "d", "e", "f"].map(Some));
        assert_eq!(profiles.names().len(), named.len(), "what is no profile is none");
    }

    #[test]
    fn the_default_profile_may_be_written_either_way() {
        for text in [
            "[profile default]\nregion=b\n[default]\nregion=a\n",
            "[default]\nregion=a\n[profile default]\nregion=b\n",
        ] {
            assert_eq!(config(text).get("default", "region"), Some("b"), "{text}");
        }
    }

    #[test]
    fn values_are_read_as_the_aws_cli_reads_them() {
        let profiles = config(
            "# a comment\r\n[default]\r\n  region = eu-west-1\r\n  OUTPUT: json\n; another\n\
             empty =\ncredential_process = /bin/x --key a=b # c\n[profile b]\ns3 =\n    addressing_style = path\n\
             \n    max_queue_size = 3\nregion = x\n",
        );
        let get = |key| profiles.get("default", key);
        assert_eq!(get("region"), Some("eu-west-1"));
        assert_eq!(get("output"), Some("json"));
        assert_eq!(get("empty"), None);
        assert_eq!(get("credential_process"), Some("/bin/x --key a=b # c"));
        assert_eq!(profiles.nested("b", "s3", "addressing_style"), Some("path"));
        assert_eq!(profiles.nested("b", "s3", "max_queue_size"), Some("3"));
        assert_eq!(profiles.get("b", "region"), Some("x"));
    }

    #[test]
    fn services_and_sessions_have_sections_of_their_own() {
        let profiles = config(
            "[profile a]\nservices = local\nsso_session = my sso\n[services local]\nsts =\n  endpoint_url = http://x\n\
             [sso-session \"my sso\"]\nsso_region = us-east-1\n",
        );
        assert_eq!(profiles.of_service("a", "sts", "endpoint_url"), Some("http://x"));
        assert_eq!(profiles.of_service("a", "s3", "endpoint_url"), None);
        assert_eq!(profiles.sso_session("my sso", "sso_region"), Some("us-east-1"));
    }

    #[test]
    fn half_a_pair_of_keys_is_an_error() {
        let profiles = config("[default]\naws_access_key_id = AKIAEXAMPLE\n");
        let error = profiles.keys_in_config("default").err().unwrap().to_string();
        assert!(error.contains("`default`") && error.contains("without aws_secret_access_key"), "{error}");
    }

    #[test]
    fn errors_name_the_line_and_keep_what_it_says() {
        let error = |text: &str| sections(text).unwrap_err().en;
        assert_eq!(error("aws_secret_access_key = s3cr3t"), "line 1: expected a section such as [default]");
        assert_eq!(error("[a]\ns3cr3t"), "line 2: expected NAME = VALUE");
        assert_eq!(error("[a]\n[b]\n[a]"), "line 3: section [a] is there twice");
        assert_eq!(error("[a]\nk = s3cr3t\nk = s3cr3t"), "line 3: k is there twice in [a]");
    }

    #[test]
    fn words_of_commands() {
        let words = |line| words(line).unwrap_or_default();
        assert_eq!(
            words(r#""/a b/c" --x "a b" 'd "e"' f\ g """#),
            ["/a b/c", "--x", "a b", "d \"e\"", "f g", ""]
        );
        assert_eq!(words(r#""a\"b\c""#), ["a\"b\\c"]);
        assert!(words("'open").is_empty());
    }
}

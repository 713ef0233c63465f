//! Answers from files, for what the emulator lacks or gets wrong.
//!
//! `testbed/overlay/ACCOUNT/SERVICE.OPERATION[+PARAMETER=VALUE][@REGION].EXTENSION`, where ACCOUNT is the name
//! of an account, or `default`. The account's own files go before the default ones; then a file for the very
//! parameter value, then a file for the region. The extension says how the file becomes an answer:
//!
//! - `xml`, `json`: the body as AWS documents it
//! - `error.json`: `{"status": 404, "code": "NoSuch…", "message": "…"}`, written as the protocol wants it
//! - `csv`: IAM's credential report, which AWS wraps in XML and base 64
//! - `cbor`: the body in base 64
//!
//! In all of them `{{account}}` and `{{region}}` are what they say, `{{now}}`, `{{now-400d}}`, `{{now+2h}}` are
//! times in RFC 3339, and `{{epoch-400d}}` are times in seconds, which the JSON protocols use.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::answers::{self, Answer};
use super::identify::{Protocol, Request, base64};
use crate::{account, source};

/// Where answers come from that are not the emulator's.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// `testbed/overlay/`
    Standard,
    /// A directory like it.
    Directory(PathBuf),
    /// Nowhere.
    None,
}

/// An overlay, read.
#[derive(Debug, Default)]
pub(super) struct Answers {
    accounts: BTreeMap<String, String>,
    /// By account and `service.Operation`.
    files: BTreeMap<(String, String), Vec<File>>,
}

#[derive(Debug)]
struct File {
    parameter: Option<(String, String)>,
    region: Option<String>,
    extension: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Error {
    status: u16,
    code: String,
    message: String,
}

impl Answers {
    pub(super) fn read(overlay: &Overlay) -> io::Result<Self> {
        let directory = match overlay {
            Overlay::Standard => source("overlay"),
            Overlay::Directory(directory) => directory.clone(),
            Overlay::None => return Ok(Self::default()),
        };
        let mut answers = Self { accounts: account::names()?, files: BTreeMap::new() };
        for account in std::fs::read_dir(directory)? {
            let account = account?;
            for file in std::fs::read_dir(account.path())? {
                answers.add(&account.file_name().to_string_lossy(), &file?.path())?;
            }
        }
        Ok(answers)
    }

    fn add(&mut self, account: &str, path: &Path) -> io::Result<()> {
        let invalid = |problem: &str| io::Error::other(format!("{}: {problem}", path.display()));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (name, extension) = [".error.json", ".json", ".xml", ".csv", ".cbor"]
            .into_iter()
            .find_map(|extension| Some((name.strip_suffix(extension)?, &extension[1..])))
            .ok_or_else(|| invalid("neither json, xml, csv, cbor nor error.json"))?;
        let (name, region) = match name.rsplit_once('@') {
            Some((name, region)) => (name, Some(region.to_owned())),
            None => (name, None),
        };
        let (name, parameter) = match name.split_once('+') {
            Some((name, parameter)) => {
                let (key, value) = parameter.split_once('=').ok_or_else(|| invalid("no = after +"))?;
                (name, Some((key.to_owned(), value.to_owned())))
            }
            None => (name, None),
        };
        if name.split('.').count() != 2 {
            return Err(invalid("not named service.Operation"));
        }
        let text = std::fs::read_to_string(path)?;
        let file = File { parameter, region, extension: extension.to_owned(), text };
        self.files.entry((account.to_owned(), name.to_owned())).or_default().push(file);
        Ok(())
    }

    /// The answer of the file that is most about this request.
    pub(super) fn find(&self, request: &Request) -> io::Result<Option<Answer>> {
        let call = &request.call;
        let operation = format!("{}.{}", call.service, call.operation);
        let account = call.account.as_ref().and_then(|id| self.accounts.get(id)).map_or("", String::as_str);
        let file = [account, "default"].into_iter().find_map(|account| {
            self.files
                .get(&(account.to_owned(), operation.clone()))?
                .iter()
                .filter(|file| file.matches(request))
                .max_by_key(|file| (file.parameter.is_some(), file.region.is_some()))
        });
        file.map(|file| file.answer(request)).transpose()
    }
}

impl File {
    fn matches(&self, request: &Request) -> bool {
        let parameter = |(key, value): &(String, String)| request.parameters.get(key) == Some(value);
        self.parameter.as_ref().is_none_or(parameter)
            && self.region.as_ref().is_none_or(|region| *region == request.call.region)
    }

    fn answer(&self, request: &Request) -> io::Result<Answer> {
        // The same all along, so that two scans see the same account.
        static NOW: LazyLock<Timestamp> = LazyLock::new(Timestamp::now);
        let now = *NOW;
        let text = render(&self.text, request, now)?;
        Ok(match self.extension.as_str() {
            "error.json" => {
                let error: Error = serde_json::from_str(&text)?;
                answers::error(request, error.status, &error.code, &error.message)
            }
            "csv" => Answer::new(200, "text/xml", credential_report(&text, now)),
            "cbor" => {
                let body = STANDARD.decode(text.trim()).map_err(io::Error::other)?;
                let mut answer = Answer::new(200, "application/cbor", body);
                answer.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
                answer
            }
            "json" if request.protocol == Protocol::Json => {
                Answer::new(200, "application/x-amz-json-1.1", text)
            }
            "json" => Answer::new(200, "application/json", text),
            _ => Answer::new(200, "text/xml;charset=UTF-8", text),
        })
    }
}

fn credential_report(csv: &str, now: Timestamp) -> String {
    format!(
        "<GetCredentialReportResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetCredentialReportResult>\
         <Content>{}</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>{}</GeneratedTime>\
         </GetCredentialReportResult><ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000000</RequestId>\
         </ResponseMetadata></GetCredentialReportResponse>",
        base64(csv.trim_end().as_bytes()),
        seconds(now)
    )
}

/// Fills the placeholders of a file.
fn render(text: &str, request: &Request, now: Timestamp) -> io::Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) =
            after.split_once("}}").ok_or_else(|| io::Error::other("a placeholder without its }}"))?;
        out.push_str(before);
        out.push_str(&placeholder(name.trim(), request, now)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn placeholder(name: &str, request: &Request, now: Timestamp) -> io::Result<String> {
    let unknown = || io::Error::other(format!("unknown placeholder {{{{{name}}}}}"));
    match name {
        "account" => return Ok(request.call.account.clone().unwrap_or_else(|| "000000000000".to_owned())),
        "region" => return Ok(request.call.region.clone()),
        _ => {}
    }
    if let Some(distance) = name.strip_prefix("now") {
        return Ok(seconds(now + distance_of(distance).ok_or_else(unknown)?));
    }
    let distance = name.strip_prefix("epoch").and_then(distance_of).ok_or_else(unknown)?;
    Ok((now + distance).as_second().to_string())
}

/// `-400d`, `+2h`, `-5m`, `-30s`, or nothing.
fn distance_of(text: &str) -> Option<SignedDuration> {
    if text.is_empty() {
        return Some(SignedDuration::ZERO);
    }
    let unit = match text.chars().last()? {
        'd' => 86_400,
        'h' => 3_600,
        'm' => 60,
        's' => 1,
        _ => return None,
    };
    let number: i64 = text[..text.len() - 1].parse().ok()?;
    text.starts_with(['+', '-']).then(|| SignedDuration::from_secs(number * unit))
}

/// A time as IAM writes it.
fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::identify::Call;

    fn request(account: &str, region: &str, parameters: &[(&str, &str)]) -> Request {
        let call = Call {
            service: "iam".to_owned(),
            operation: "ListAccessKeys".to_owned(),
            region: region.to_owned(),
            account: Some(account.to_owned()),
        };
        let parameters = parameters.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        Request { call, protocol: Protocol::Query, parameters }
    }

    #[test]
    fn placeholders_are_filled_when_the_answer_is_given() {
        let now = "2026-05-01T12:00:00.5Z".parse().unwrap();
        let request = request("444455556666", "eu-west-1", &[]);
        let render = |text| render(text, &request, now);
        assert_eq!(render("{{now}}").unwrap(), "2026-05-01T12:00:00+00:00");
        assert_eq!(render("<{{now-400d}}>").unwrap(), "<2025-03-27T12:00:00+00:00>");
        assert_eq!(
            render("{{ now+90m }} {{now-1h}}").unwrap(),
            "2026-05-01T13:30:00+00:00 2026-05-01T11:00:00+00:00"
        );
        assert_eq!(render("{{epoch-30s}}").unwrap(), (1_777_636_800 - 30).to_string());
        assert_eq!(render("{{account}} {{region}} {x}").unwrap(), "444455556666 eu-west-1 {x}");
        for wrong in ["{{tomorrow}}", "{{now-4w}}", "{{now4d}}", "{{now"] {
            assert!(render(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_most_specific_file_wins() {
        let mut answers = Answers { accounts: account::names().unwrap(), files: BTreeMap::new() };
        for (account, parameter, region) in [
            ("default", None, None),
            ("default", Some("alice"), Some("eu-west-1")),
            ("bad", None, None),
            ("bad", None, Some("eu-west-1")),
            ("bad", Some("alice"), None),
        ] {
            let text = format!("{account} {parameter:?} {region:?}");
            let file = File {
                parameter: parameter.map(|value| ("UserName".to_owned(), value.to_owned())),
                region: region.map(str::to_owned),
                extension: "xml".to_owned(),
                text,
            };
            answers
                .files
                .entry((account.to_owned(), "iam.ListAccessKeys".to_owned()))
                .or_default()
                .push(file);
        }
        let find = |account, region, parameters: &[(&str, &str)]| {
            let answer = answers.find(&request(account, region, parameters)).unwrap().unwrap();
            String::from_utf8(answer.body.to_vec()).unwrap()
        };
        let (good, bad, alice) = ("111122223333", "444455556666", [("UserName", "alice")]);
        assert_eq!(find(good, "us-east-1", &[]), "default None None");
        assert_eq!(find(good, "us-east-1", &alice), "default None None");
        assert_eq!(find(good, "eu-west-1", &alice), "default Some(\"alice\") Some(\"eu-west-1\")");
        assert_eq!(find(bad, "us-east-1", &[]), "bad None None");
        assert_eq!(find(bad, "eu-west-1", &[]), "bad None Some(\"eu-west-1\")");
        assert_eq!(find(bad, "eu-west-1", &alice), "bad Some(\"alice\") None");
    }

    #[test]
    fn every_file_of_the_overlay_can_be_answered() {
        let answers = Answers::read(&Overlay::Standard).unwrap();
        assert!(!answers.files.is_empty());
        let request = request("444455556666", "us-east-1", &[]);
        for (name, file) in
            answers.files.iter().flat_map(|(name, files)| files.iter().map(move |file| (name, file)))
        {
            let answer = file.answer(&request).unwrap_or_else(|error| panic!("{name:?}: {error}"));
            let body = String::from_utf8(answer.body.to_vec()).unwrap();
            if file.extension == "json" {
                serde_json::from_str::<serde_json::Value>(&body)
                    .unwrap_or_else(|error| panic!("{name:?}: {error}"));
            } else {
                let root = body.rsplit("</").next().unwrap().trim_end().trim_end_matches('>');
                assert!(body.contains(&format!("<{root}")), "{name:?}: {body}");
            }
        }
    }
}

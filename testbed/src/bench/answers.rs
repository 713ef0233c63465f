//! The table of answers, and filling them in.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::account::{ACCOUNT, Account, Shape};
use crate::proxy::answers::{self, Answer};
use crate::proxy::identify::{Request, base64, decode};

const TABLE: &str = include_str!("../../bench/answers.jsonl");
/// What ids begin with: AWS's have as many digits, and letters among them.
const ID: &str = "0be9c";
const UUID: &str = "be9c0000-0000-4000-8000-";
/// How the tokens of pages begin.
const PAGE: &str = "page";

#[derive(Deserialize)]
struct Line {
    operation: String,
    sdk: String,
    name: String,
    #[serde(rename = "type")]
    content_type: String,
    throttle: (u16, String),
    answers: Vec<Said>,
}

/// An answer as the table has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// Parameters that the request must have: of this value, of any (`*`), or not.
    #[serde(default)]
    when: BTreeMap<String, Option<String>>,
    /// The kind of what the request is about, how its number is written (as its end), and the parameter that names it.
    about: Option<(String, String, String)>,
    /// The parameter that lists what the request is about.
    each: Option<String>,
    #[serde(default)]
    lists: Vec<ListSaid>,
    body: Option<String>,
    bodies: Option<Vec<BodySaid>>,
    cbor: Option<String>,
    token: Option<String>,
    next: Option<String>,
    size: Option<String>,
    #[serde(default)]
    most: u64,
}

#[derive(Deserialize)]
struct ListSaid {
    of: Option<String>,
    items: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum BodySaid {
    Error(u16, String, String),
    Body((String,)),
}

/// What the endpoint knows of an operation.
#[derive(Debug)]
pub(super) struct Operation {
    /// `service:Operation`, as requests tell it.
    pub(super) name: String,
    pub(super) sdk: String,
    pub(super) own_name: String,
    content_type: String,
    throttle: (u16, String),
    answers: Vec<Template>,
}

#[derive(Debug)]
struct Template {
    when: Vec<(String, Option<String>)>,
    about: Option<(String, String)>,
    each: Option<String>,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// One of these, by the number of what the request is about.
    Bodies(Vec<Body>),
    Cbor(Vec<u8>),
    Lists {
        lists: Vec<List>,
        body: Text,
        paging: Option<Paging>,
    },
}

#[derive(Debug)]
enum Body {
    Good(Text),
    Error(u16, String, Text),
}

#[derive(Debug)]
struct List {
    of: Option<String>,
    items: Vec<Text>,
}

#[derive(Debug)]
struct Paging {
    token: String,
    next: Text,
    size: Option<String>,
    most: u64,
}

/// A text with places to fill in.
#[derive(Debug)]
struct Text(Vec<Piece>);

#[derive(Debug)]
enum Piece {
    Plain(String),
    Account,
    Region,
    Where,
    Number(Option<String>),
    Id(Option<String>),
    Uuid(Option<String>),
    Argument(String),
    List(usize),
    Token,
    Next,
    More,
    Report,
}

/// What a text is about.
#[derive(Clone, Copy)]
struct About<'a> {
    region: &'a str,
    kind: &'a str,
    number: u64,
    request: &'a Asked<'a>,
}

/// A request, and the segments of its path.
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    pub(super) segments: Vec<String>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a Request, path: &str) -> Self {
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        Self { request, segments }
    }

    fn argument(&self, name: &str) -> Option<&str> {
        match name.strip_prefix('#') {
            Some(at) => self.segments.get(at.parse::<usize>().ok()?).map(String::as_str),
            None => self.request.parameters.get(name).map(String::as_str),
        }
    }
}

/// The operations that the endpoint can answer: the SDK's name of the service, and the operation's.
pub fn known() -> io::Result<Vec<(String, String)>> {
    let (_, operations) = read(Timestamp::now())?;
    Ok(operations.into_iter().map(|operation| (operation.sdk, operation.own_name)).collect())
}

/// The table of answers for an account.
#[derive(Debug)]
pub struct Table {
    pub(super) account: Account,
    pub(super) operations: Vec<Operation>,
    by_name: HashMap<String, u16>,
    pub(super) now: Timestamp,
}

fn read(now: Timestamp) -> io::Result<(Shape, Vec<Operation>)> {
    let (shape, lines) = TABLE.split_once('\n').unwrap_or((TABLE, ""));
    let operations = lines.lines().map(|line| {
        let line: Line = serde_json::from_str(line)?;
        let answers = line.answers.into_iter().map(|said| said.template(now)).collect::<Result<_, _>>()?;
        Ok(Operation {
            name: line.operation,
            sdk: line.sdk,
            own_name: line.name,
            content_type: line.content_type,
            throttle: line.throttle,
            answers,
        })
    });
    Ok((serde_json::from_str(shape)?, operations.collect::<io::Result<_>>()?))
}

impl Said {
    fn template(self, now: Timestamp) -> io::Result<Template> {
        let text = |text: &str| Text::parse(text, now);
        let form = match (self.bodies, self.cbor, self.body) {
            (Some(bodies), ..) => Form::Bodies(
                bodies
                    .into_iter()
                    .map(|body| match body {
                        BodySaid::Body((body,)) => Ok(Body::Good(text(&body)?)),
                        BodySaid::Error(status, code, message) => {
                            Ok(Body::Error(status, code, text(&message)?))
                        }
                    })
                    .collect::<io::Result<_>>()?,
            ),
            (None, Some(cbor), _) => Form::Cbor(STANDARD.decode(cbor).map_err(io::Error::other)?),
            (None, None, body) => {
                let lists = self.lists.into_iter().map(|list| {
                    let items = list.items.iter().map(|item| text(item)).collect::<io::Result<_>>()?;
                    Ok(List { of: list.of, items })
                });
                let paging = match (self.token, self.next) {
                    (Some(token), Some(next)) => {
                        Some(Paging { token, next: text(&next)?, size: self.size, most: self.most })
                    }
                    _ => None,
                };
                let body = text(&body.unwrap_or_default())?;
                Form::Lists { lists: lists.collect::<io::Result<_>>()?, body, paging }
            }
        };
        let about = self.about.map(|(kind, _, argument)| (kind, argument));
        Ok(Template { when: self.when.into_iter().collect(), about, each: self.each, form })
    }
}

impl Text {
    fn parse(text: &str, now: Timestamp) -> io::Result<Self> {
        let mut pieces = Vec::new();
        for (at, part) in text.split(['«', '»']).enumerate() {
            if at % 2 == 0 {
                if !part.is_empty() {
                    pieces.push(Piece::Plain(part.to_owned()));
                }
                continue;
            }
            let (name, of) =
                part.split_once(':').map_or((part, None), |(name, of)| (name, Some(of.to_owned())));
            pieces.push(match (name, of) {
                ("account", None) => Piece::Account,
                ("region", None) => Piece::Region,
                ("where", None) => Piece::Where,
                ("token", None) => Piece::Token,
                ("next", None) => Piece::Next,
                ("more", None) => Piece::More,
                ("report", None) => Piece::Report,
                ("arg", Some(name)) => Piece::Argument(name),
                ("n", of) => Piece::Number(of),
                ("hex", of) => Piece::Id(of),
                ("uuid", of) => Piece::Uuid(of),
                (name, None) if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Piece::List(name.parse().map_err(io::Error::other)?)
                }
                _ => Piece::Plain(
                    time(part, now).ok_or_else(|| io::Error::other(format!("what is «{part}»?")))?,
                ),
            });
        }
        Ok(Self(pieces))
    }
}

/// `now-10d`, `epoch+3d`: whole days from that time.
fn time(said: &str, now: Timestamp) -> Option<String> {
    let (is_epoch, days) = match said.strip_prefix("epoch") {
        Some(days) => (true, days),
        None => (false, said.strip_prefix("now")?),
    };
    let days: i64 = days.strip_suffix('d')?.parse().ok()?;
    let time = now.checked_add(SignedDuration::from_hours(24 * days)).ok()?;
    Some(if is_epoch { time.as_second().to_string() } else { time.to_string() })
}

/// The number at the end of what a request is about: that of a name has five digits and more, that of an id is the
/// last twelve digits of sixteen.
fn number(argument: &str) -> Option<u64> {
    let is_id = |part: &&str| part.len() >= 12 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if argument.contains(ID) || argument.contains(UUID) {
        let id = argument.split(|c: char| !c.is_ascii_alphanumeric()).rfind(is_id)?;
        return u64::from_str_radix(&id[id.len() - 12..], 16).ok();
    }
    let digits = argument.split(|c: char| !c.is_ascii_digit()).rfind(|part| part.len() >= 5)?;
    digits.parse().ok()
}

impl Table {
    /// The table for an account of this scale.
    pub(super) fn new(scale: u64, now: SystemTime) -> io::Result<Self> {
        let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_err(io::Error::other)?.as_secs();
        let seconds = i64::try_from(seconds).map_err(io::Error::other)?;
        let now = Timestamp::from_second(seconds).map_err(io::Error::other)?;
        let (shape, operations) = read(now)?;
        let by_name =
            operations.iter().zip(0..).map(|(operation, at)| (operation.name.clone(), at)).collect();
        Ok(Self { account: Account::new(shape, scale), operations, by_name, now })
    }

    pub(super) fn find(&self, request: &Request) -> Option<u16> {
        self.by_name.get(&format!("{}:{}", request.call.service, request.call.operation)).copied()
    }

    /// The service's answer to one request too many.
    pub(super) fn throttled(&self, operation: u16, request: &Request) -> Answer {
        let (status, code) = &self.operations[usize::from(operation)].throttle;
        answers::error(request, *status, code, "Rate exceeded")
    }

    /// The answer to a request.
    pub(super) fn answer(&self, operation: u16, asked: &Asked<'_>) -> Answer {
        let operation = &self.operations[usize::from(operation)];
        let holds = |(name, value): &(String, Option<String>)| match (asked.argument(name), value.as_deref())
        {
            (Some(_), Some("*")) | (None, None) => true,
            (is, want) => is == want,
        };
        let Some(template) = operation.answers.iter().find(|template| template.when.iter().all(holds)) else {
            return answers::error(
                asked.request,
                400,
                "ValidationException",
                "The endpoint knows no such request.",
            );
        };
        let (kind, number) = match &template.about {
            Some((kind, argument)) => {
                (kind.as_str(), asked.argument(argument).and_then(number).unwrap_or_default())
            }
            None => ("", 0),
        };
        let about = About { region: &asked.request.call.region, kind, number, request: asked };
        let body = match &template.form {
            Form::Cbor(body) => {
                let mut answer = Answer::new(200, &operation.content_type, body.clone());
                answer.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
                return answer;
            }
            Form::Bodies(bodies) => match &bodies[number as usize % bodies.len()] {
                Body::Good(text) => self.filled(text, about, &Page::default()),
                Body::Error(status, code, message) => {
                    let message = self.filled(message, about, &Page::default());
                    return answers::error(asked.request, *status, code, &message);
                }
            },
            Form::Lists { lists, body, paging } => {
                let is_json = operation.content_type.contains("json");
                let page = self.page(template, lists, paging.as_ref(), about, is_json);
                self.filled(body, about, &page)
            }
        };
        Answer::new(200, &operation.content_type, body)
    }

    /// The page that the request asks for.
    fn page(
        &self,
        template: &Template,
        lists: &[List],
        paging: Option<&Paging>,
        about: About<'_>,
        is_json: bool,
    ) -> Page {
        let named = template.each.as_ref().map(|each| {
            let names: Vec<String> = about
                .request
                .argument(each)
                .and_then(|json| serde_json::from_str(json).ok())
                .unwrap_or_default();
            names.iter().filter_map(|name| number(name)).collect::<Vec<_>>()
        });
        let range = |list: &List| match &list.of {
            Some(kind) => self.account.range(kind, about.region),
            None => (about.number, about.number + 1),
        };
        let total: u64 = match &named {
            Some(named) => named.len() as u64,
            None => lists.iter().map(range).map(|(first, end)| end - first).sum(),
        };
        let start: u64 = paging
            .and_then(|paging| about.request.argument(&paging.token))
            .and_then(|token| token.rsplit_once('-')?.1.parse().ok())
            .unwrap_or_default();
        let size = paging.map_or(u64::MAX, |paging| {
            let wished = paging.size.as_ref().and_then(|size| about.request.argument(size)?.parse().ok());
            wished.unwrap_or(paging.most).min(paging.most).max(1)
        });
        let end = start.saturating_add(size).min(total);
        // List after list: which, its kind, and the numbers of what is on this page.
        let there: Vec<(usize, &str, Vec<u64>)> = match &named {
            Some(named) => vec![(0, lists[0].of.as_deref().unwrap_or_default(), named.clone())],
            None => {
                let mut before = 0;
                let parts = lists.iter().enumerate().map(|(at, list)| {
                    let (first, after) = range(list);
                    let count = after - first;
                    let (from, to) = (start.clamp(before, before + count), end.clamp(before, before + count));
                    let numbers = (first + from - before..first + to - before).collect();
                    before += count;
                    (at, list.of.as_deref().unwrap_or(about.kind), numbers)
                });
                parts.collect()
            }
        };
        let mut page = Page { lists: vec![String::new(); lists.len()], ..Page::default() };
        for (at, kind, numbers) in there {
            let out = &mut page.lists[at];
            let first = self.account.range(kind, about.region).0;
            for number in numbers {
                if is_json && !out.is_empty() {
                    out.push(',');
                }
                let items = &lists[at].items;
                // Counted within the region, so that each has of all; what is of one thing goes by its number.
                let which = if lists[at].of.is_some() { number.saturating_sub(first) } else { number };
                let about = About { kind, number, ..about };
                self.fill(&items[which as usize % items.len()], about, &Page::default(), out);
            }
        }
        if let (Some(paging), true) = (paging, end < total) {
            let mut hasher = DefaultHasher::new();
            (about.region, about.request.request.call.operation.as_str(), about.number, start)
                .hash(&mut hasher);
            page.token = format!("{PAGE}{:016x}-{end}", hasher.finish());
            page.next = self.filled(&paging.next, about, &page);
        }
        page
    }

    fn filled(&self, text: &Text, about: About<'_>, page: &Page) -> String {
        let mut out = String::new();
        self.fill(text, about, page, &mut out);
        out
    }

    fn fill(&self, text: &Text, about: About<'_>, page: &Page, out: &mut String) {
        for piece in &text.0 {
            match piece {
                Piece::Plain(text) => out.push_str(text),
                Piece::Account => out.push_str(ACCOUNT),
                Piece::Region => out.push_str(about.region),
                Piece::Where => out.push_str(self.account.region_of(about.kind, about.number)),
                Piece::Number(of) => *out += &format!("{:05}", self.other(of.as_deref(), about)),
                Piece::Id(of) => *out += &format!("{ID}{:012x}", self.other(of.as_deref(), about)),
                Piece::Uuid(of) => *out += &format!("{UUID}{:012x}", self.other(of.as_deref(), about)),
                Piece::Argument(name) => {
                    out.push_str(&answers::escape(about.request.argument(name).unwrap_or_default()));
                }
                Piece::List(at) => out.push_str(page.lists.get(*at).map_or("", String::as_str)),
                Piece::Token => out.push_str(&page.token),
                Piece::Next => out.push_str(&page.next),
                Piece::More => out.push_str(if page.token.is_empty() { "false" } else { "true" }),
                Piece::Report => out.push_str(&self.credential_report()),
            }
        }
    }

    /// The number of the item itself, or of one of another kind that belongs to it.
    fn other(&self, of: Option<&str>, about: About<'_>) -> u64 {
        let Some(kind) = of else { return about.number };
        let (first, end) = self.account.range(kind, about.region);
        let own = about.number.saturating_sub(self.account.range(about.kind, about.region).0);
        first + own % (end - first).max(1)
    }

    /// IAM's report on the credentials of all users, in base 64: everybody has a password and a second factor, and a
    /// few have keys.
    fn credential_report(&self) -> String {
        let day = |days: i64| {
            let text = time(&format!("now-{days}d"), self.now).unwrap_or_default();
            text.replace('Z', "+00:00")
        };
        let (old, recent) = (day(700), day(2));
        let mut report = String::from(
            "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
             password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,\
             access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
             access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,\
             access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,\
             cert_2_active,cert_2_last_rotated\n",
        );
        let no_second = "false,N/A,N/A,N/A,N/A,false,N/A,false,N/A";
        report += &format!(
            "<root_account>,arn:aws:iam::{ACCOUNT}:root,{old},not_supported,{old},not_supported,not_supported,true,\
             false,N/A,N/A,N/A,N/A,{no_second}\n"
        );
        for number in 0..self.account.count("user") {
            let key = match number % 5 {
                0 => format!("true,{},{recent},us-east-1,s3", day(200)),
                _ => "false,N/A,N/A,N/A,N/A".to_owned(),
            };
            report += &format!(
                "user-{number:05},arn:aws:iam::{ACCOUNT}:user/user-{number:05},{old},true,{recent},{old},N/A,true,\
                 {key},{no_second}\n"
            );
        }
        base64(report.as_bytes())
    }
}

/// What the lists of an answer hold.
#[derive(Default)]
struct Page {
    lists: Vec<String>,
    token: String,
    next: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{Call, Protocol};

    fn ask(
        table: &Table,
        protocol: Protocol,
        service: &str,
        operation: &str,
        parameters: &[(&str, &str)],
    ) -> String {
        let call = Call {
            service: service.into(),
            operation: operation.into(),
            region: "us-east-1".into(),
            account: None,
        };
        let parameters = parameters.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let request = Request { call, protocol, parameters };
        let at = table.find(&request).expect("known");
        let answer = table.answer(at, &Asked::new(&request, "/"));
        String::from_utf8(answer.body.to_vec()).unwrap()
    }

    #[test]
    fn pages_follow_each_other_and_hold_everything_once() {
        let table = Table::new(100, SystemTime::now()).unwrap();
        let (first, end) = table.account.range("sg", "us-east-1");
        let (mut token, mut seen, mut pages) = (String::new(), Vec::new(), 0);
        loop {
            let mut parameters = vec![("MaxResults", "1000")];
            if !token.is_empty() {
                parameters.push(("NextToken", &token));
            }
            let body = ask(&table, Protocol::Ec2, "ec2", "DescribeSecurityGroups", &parameters);
            seen.extend(
                body.match_indices("<groupName>")
                    .map(|(at, _)| body[at..].chars().take(30).collect::<String>()),
            );
            pages += 1;
            match body.split_once("<nextToken>") {
                Some((_, rest)) => token = rest.split('<').next().unwrap().to_owned(),
                None => break,
            }
        }
        assert_eq!((seen.len() as u64, pages), (end - first, (end - first).div_ceil(1000)));
        seen.dedup();
        assert_eq!(seen.len() as u64, end - first);
    }

    #[test]
    fn what_is_asked_of_one_is_about_that_one() {
        let table = Table::new(1, SystemTime::now()).unwrap();
        let body = ask(
            &table,
            Protocol::Json,
            "kms",
            "DescribeKey",
            &[("KeyId", "be9c0000-0000-4000-8000-00000000001f")],
        );
        assert!(body.contains(
            "\"Arn\":\"arn:aws:kms:us-east-1:444455556666:key/be9c0000-0000-4000-8000-00000000001f\""
        ));
        let body = ask(
            &table,
            Protocol::Json,
            "codebuild",
            "BatchGetProjects",
            &[("names", r#"["project-00004","project-00007"]"#)],
        );
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        let names: Vec<_> =
            body["projects"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["project-00004", "project-00007"]);
    }

    #[test]
    fn json_is_json_and_xml_is_filled_in() {
        let table = Table::new(1, SystemTime::now()).unwrap();
        for (operation, at) in table.operations.iter().zip(0..) {
            let (service, name) = operation.name.split_once(':').unwrap();
            let call = Call {
                service: service.into(),
                operation: name.into(),
                region: "eu-west-1".into(),
                account: None,
            };
            let protocol =
                if operation.content_type.contains("json") { Protocol::Json } else { Protocol::Query };
            let request = Request { call, protocol, parameters: BTreeMap::new() };
            let answer = table.answer(at, &Asked::new(&request, "/"));
            let body = String::from_utf8_lossy(&answer.body);
            assert!(!body.contains(['«', '»']), "{}: {body}", operation.name);
            if protocol == Protocol::Json && !body.is_empty() {
                serde_json::from_str::<serde_json::Value>(&body)
                    .unwrap_or_else(|error| panic!("{}: {error}: {body}", operation.name));
            }
        }
    }
}

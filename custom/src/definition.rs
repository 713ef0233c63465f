//! A check as a file defines it: `checks.d/NAME.toml`.

use std::{collections::BTreeSet, ops::Range};

use aws_audit_checks::{finding::Severity, registry, source::Source};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    cel::Expression,
    facts::{Fact, Facts, Reach},
    node::Node,
    problem::{Problem, Said, instead, said},
    shape::Misfit,
    view::{self, Noun, Wanted},
};

/// A check that a file defines.
#[derive(Debug)]
pub struct Definition {
    /// The file, as it was named.
    pub file: String,
    /// Its id.
    pub id: String,
    /// Severity of its failures.
    pub severity: Severity,
    /// What it is about.
    pub noun: &'static Noun,
    /// The controls that it judges, by framework.
    pub controls: Vec<(String, Vec<String>)>,
    pub(crate) title: Words,
    pub(crate) message: Words,
    pub(crate) why: Words,
    pub(crate) fix: Words,
    pub(crate) command: String,
    pub(crate) url: String,
    pub(crate) when: Option<Expression>,
    pub(crate) fail: Expression,
    /// As the file has them, for `explain`.
    pub(crate) source: [String; 2],
    /// What a failure tells, by name: what the file names, and what templates ask for.
    pub(crate) evidence: Vec<(String, Expression)>,
    /// Its inline tests.
    pub tests: Vec<Test>,
    pub(crate) wanted: Wanted,
}

/// A text in English and Japanese.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) en: String,
    pub(crate) ja: String,
}

impl Definition {
    /// What it reads.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        self.noun.sources(&self.wanted)
    }
}

/// A test that stands in the file.
#[derive(Debug)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// The line at which it begins.
    pub line: usize,
    /// What the check should say.
    pub expect: Expect,
    pub(crate) resource: Node,
    pub(crate) facts: Facts,
    pub(crate) now: Option<Timestamp>,
    pub(crate) account: String,
    pub(crate) region: Option<String>,
}

/// What a check says of one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It is not fine.
    Fail,
    /// It is fine.
    Pass,
    /// It could not be judged.
    Unknown,
    /// The check is not about it.
    NotApplicable,
}

impl Expect {
    const ALL: [Self; 4] = [Self::Fail, Self::Pass, Self::Unknown, Self::NotApplicable];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Pass => "pass",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// The keys of a file.
const KEYS: [&str; 15] = [
    "command", "controls", "evidence", "fail", "fix", "id", "message", "resource", "severity", "test",
    "title", "url", "view", "when", "why",
];

/// The keys of a test.
const TEST_KEYS: [&str; 8] = ["account", "expect", "given", "name", "now", "public", "reachable", "region"];

/// The account of tests that name none.
const ACCOUNT: &str = "111122223333";

/// Reads a definition, or all that is wrong with it.
pub(crate) fn parse(file: &str, text: &str) -> Result<Definition, Vec<Problem>> {
    let mut reading = Reading { file, text, problems: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let message = error.message().trim().to_owned();
        let help = said("see https://toml.io", "https://toml.io を参照してください");
        reading.problem(
            error.span(),
            "",
            said(message.clone(), format!("TOMLの誤り：{message}")),
            Some(help),
        );
    }
    // What a broken file lacks besides would only confuse.
    if !reading.problems.is_empty() {
        return Err(reading.problems);
    }
    let definition = reading.definition(table.get_ref());
    match definition {
        Some(definition) if reading.problems.is_empty() => Ok(definition),
        _ => Err(reading.problems),
    }
}

struct Reading<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

type Value<'a> = Spanned<DeValue<'a>>;

impl Reading<'_> {
    fn problem(&mut self, at: Option<Range<usize>>, key: &str, what: Said, help: Option<Said>) {
        let line = at.map(|at| self.line(at.start));
        let problem = Problem { file: self.file.to_owned(), line, key: key.to_owned(), what, help };
        // A text that stands for two languages is wrong in both.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn line(&self, at: usize) -> usize {
        self.text.as_bytes()[..at.min(self.text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn known_keys(&mut self, table: &DeTable<'_>, known: &[&str], within: &str) {
        for key in table.keys() {
            let name = key.get_ref();
            if !known.contains(&name.as_ref()) {
                let what =
                    said(format!("there is no key `{name}`"), format!("`{name}` というキーはありません"));
                self.problem(Some(key.span()), within, what, Some(instead(name, known.iter().copied())));
            }
        }
    }

    fn lacks(&mut self, at: Option<Range<usize>>, key: &str, help: Said) {
        let what = said(format!("`{key}` is missing"), format!("`{key}` がありません"));
        self.problem(at, "", what, Some(help));
    }

    fn wrong_type(&mut self, value: &Value<'_>, key: &str, en: &str, ja: &str) {
        let what = said(format!("should be {en}"), format!("{ja}を指定してください"));
        self.problem(Some(value.span()), key, what, None);
    }

    /// A text that is not empty.
    fn text_of(&mut self, value: &Value<'_>, key: &str) -> Option<String> {
        match value.get_ref().as_str().map(str::trim) {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => {
                self.wrong_type(value, key, "a text", "空でない文字列");
                None
            }
        }
    }

    fn text_at(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        table.get(key).and_then(|value| self.text_of(value, key))
    }

    /// A text in one or two languages: `"text"`, or `{ en = "text", ja = "テキスト" }`.
    fn words_at(&mut self, table: &DeTable<'_>, key: &str) -> Option<Words> {
        let value = table.get(key)?;
        let Some(languages) = value.get_ref().as_table() else {
            let en = self.text_of(value, key)?;
            return Some(Words { ja: en.clone(), en });
        };
        self.known_keys(languages, &["en", "ja"], key);
        let of = |reading: &mut Self, lang: &str| {
            languages.get(lang).and_then(|value| reading.text_of(value, &format!("{key}.{lang}")))
        };
        let (en, ja) = (of(self, "en"), of(self, "ja"));
        match (en, ja) {
            (Some(en), ja) => Some(Words { ja: ja.unwrap_or_else(|| en.clone()), en }),
            (None, _) => {
                if !languages.contains_key("en") {
                    let help = said(
                        "English stands for languages that are not there",
                        "ない言語の代わりに英語が使われます",
                    );
                    self.lacks(Some(value.span()), &format!("{key}.en"), help);
                }
                None
            }
        }
    }

    fn expression(
        &mut self,
        value: &Value<'_>,
        key: &str,
        noun: Option<&'static Noun>,
    ) -> Option<Expression> {
        let source = self.text_of(value, key)?;
        match Expression::parse(&source, noun?) {
            Ok(expression) => Some(expression),
            Err(faults) => {
                for fault in faults {
                    let (line, column) = (fault.line, fault.column);
                    let place = if line == 1 {
                        said(format!("at character {column}"), format!("{column}文字目"))
                    } else {
                        said(format!("at line {line}, character {column}"), format!("{line}行{column}文字目"))
                    };
                    let [en, ja] = [aws_audit_checks::page::Lang::En, aws_audit_checks::page::Lang::Ja]
                        .map(|lang| (place.get(lang).to_owned(), fault.what.get(lang).to_owned()));
                    let what = said(format!("{}: {}", en.0, en.1), format!("{}：{}", ja.0, ja.1));
                    self.problem(Some(value.span()), key, what, fault.help);
                }
                None
            }
        }
    }

    fn definition(&mut self, table: &DeTable<'_>) -> Option<Definition> {
        self.known_keys(table, &KEYS, "");
        self.view(table);
        let id = self.id(table);
        let severity = self.severity(table);
        let noun = self.noun(table);
        let message = self.words_at(table, "message");
        if message.is_none() && !table.contains_key("message") {
            let help = said("message.en = \"Bucket {r.name} …\"", "message.ja = \"バケット {r.name} …\"");
            self.lacks(None, "message", help);
        }
        let fix = self.words_at(table, "fix");
        if fix.is_none() && !table.contains_key("fix") {
            self.lacks(None, "fix", said("say what to do about it", "対処方法を書いてください"));
        }
        let (title, why) = (self.words_at(table, "title"), self.words_at(table, "why"));
        let command = self.text_at(table, "command").unwrap_or_default();
        let url = self.url(table);
        let controls = self.controls(table);
        let when = table.get("when").map(|value| self.expression(value, "when", noun));
        let fail = table.get("fail").and_then(|value| self.expression(value, "fail", noun));
        if !table.contains_key("fail") {
            let help = said(
                "fail = \"!r.encrypted\": what is true of what is not fine",
                "fail = \"!r.encrypted\" のように、問題のあるときに真になる式を書いてください",
            );
            self.lacks(None, "fail", help);
        }
        let mut evidence = self.evidence(table, noun);
        let (message, fix) = (message.unwrap_or_default(), fix.unwrap_or_default());
        let (message, fix, command) = self.templates(table, [message, fix], &command, &mut evidence, noun);
        let title = title.unwrap_or_else(|| title_of(&message));
        let source = ["when", "fail"].map(|key| {
            table.get(key).and_then(|it| it.get_ref().as_str()).unwrap_or_default().trim().to_owned()
        });
        let expressions = || when.iter().flatten().chain(&fail).chain(evidence.iter().map(|(_, it)| it));
        let mut wanted = Wanted::default();
        for expression in expressions() {
            wanted.fields.extend(&expression.fields);
            wanted.public |= expression.functions.contains("public");
            wanted.reach |= expression.functions.contains("reachable");
            wanted.settings |= expression.variables.contains("settings");
            if expression.variables.contains("region") {
                wanted.fields.insert("region");
            }
        }
        let uses_now = expressions().any(Expression::uses_now);
        let tests = self.tests(table, noun, uses_now);
        let when = match when {
            Some(when) => Some(when?),
            None => None,
        };
        Some(Definition {
            file: self.file.to_owned(),
            id: id?,
            severity: severity?,
            noun: noun?,
            controls,
            title,
            message,
            why: why.unwrap_or_default(),
            fix,
            command,
            url,
            when,
            fail: fail?,
            source,
            evidence,
            tests,
            wanted,
        })
    }

    fn view(&mut self, table: &DeTable<'_>) {
        if let Some(value) = table.get("view")
            && value.get_ref().as_str() != Some(view::VERSION)
        {
            let what =
                said("this program knows one view of resources", "このバージョンで使えるビューは1つです");
            let version = view::VERSION;
            let help =
                said(format!("view = \"{version}\""), format!("view = \"{version}\" と書いてください"));
            self.problem(Some(value.span()), "view", what, Some(help));
        }
    }

    fn id(&mut self, table: &DeTable<'_>) -> Option<String> {
        let Some(value) = table.get("id") else {
            let help =
                said("id = \"acme-s3-owner-tag\"", "id = \"acme-s3-owner-tag\" のように書いてください");
            self.lacks(None, "id", help);
            return None;
        };
        let id = self.text_of(value, "id")?;
        let is_word = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        };
        let words: Vec<_> = id.split('-').collect();
        let example = said("e.g. acme-s3-owner-tag", "例：acme-s3-owner-tag");
        if words.len() < 2 || !words.iter().all(|word| is_word(word)) || id.len() > 100 {
            let what = said(
                format!("`{id}` is not two or more words of a to z and 0 to 9, joined by hyphens"),
                format!("`{id}` は、英小文字と数字の語を2つ以上ハイフンでつないだ形ではありません"),
            );
            self.problem(Some(value.span()), "id", what, Some(example));
            return None;
        }
        let prefixes: BTreeSet<_> =
            registry::built_in().iter().filter_map(|entry| entry.check.id.split('-').next()).collect();
        if prefixes.contains(words[0]) {
            let what = said(
                format!("ids that begin with `{}-` are those of the program", words[0]),
                format!("`{}-` で始まるIDはプログラム自身のチェックのものです", words[0]),
            );
            let help = said(
                format!("begin with a word of your own: `acme-{id}`"),
                format!("`acme-{id}` のように独自の語で始めてください"),
            );
            self.problem(Some(value.span()), "id", what, Some(help));
            return None;
        }
        Some(id)
    }

    fn severity(&mut self, table: &DeTable<'_>) -> Option<Severity> {
        let names = Severity::WORST_FIRST.map(Severity::name);
        let Some(value) = table.get("severity") else {
            let help =
                said(format!("one of {}", names.join(", ")), format!("{} のいずれかです", names.join("、")));
            self.lacks(None, "severity", help);
            return None;
        };
        let name = self.text_of(value, "severity")?;
        let found = Severity::WORST_FIRST.into_iter().find(|it| it.name() == name);
        if found.is_none() {
            let what =
                said(format!("there is no severity `{name}`"), format!("`{name}` という重大度はありません"));
            self.problem(Some(value.span()), "severity", what, Some(instead(&name, names)));
        }
        found
    }

    fn noun(&mut self, table: &DeTable<'_>) -> Option<&'static Noun> {
        let names = || view::NOUNS.iter().map(|noun| noun.name);
        let Some(value) = table.get("resource") else {
            let names: Vec<_> = names().collect();
            let help =
                said(format!("one of {}", names.join(", ")), format!("{} のいずれかです", names.join("、")));
            self.lacks(None, "resource", help);
            return None;
        };
        let name = self.text_of(value, "resource")?;
        let found = view::find(&name);
        if found.is_none() {
            let what = said(
                format!("there is no kind of resource `{name}`"),
                format!("`{name}` という種類のリソースはありません"),
            );
            self.problem(Some(value.span()), "resource", what, Some(instead(&name, names())));
        }
        found
    }

    fn url(&mut self, table: &DeTable<'_>) -> String {
        let Some(value) = table.get("url") else { return String::new() };
        let url = self.text_of(value, "url").unwrap_or_default();
        let harmless = |c: char| c.is_ascii_graphic() && !"\"'<>()[]\\`".contains(c);
        let is_address = url.starts_with("https://") && url.chars().all(harmless);
        if !url.is_empty() && !is_address {
            let what = said(
                format!("`{url}` is no https:// address"),
                format!("`{url}` は https:// のURLではありません"),
            );
            self.problem(Some(value.span()), "url", what, None);
        }
        url
    }

    fn controls(&mut self, table: &DeTable<'_>) -> Vec<(String, Vec<String>)> {
        let Some(value) = table.get("controls") else { return Vec::new() };
        let Some(frameworks) = value.get_ref().as_table() else {
            self.wrong_type(
                value,
                "controls",
                "a table: { acme = [\"7.3\"] }",
                "{ acme = [\"7.3\"] } のような表",
            );
            return Vec::new();
        };
        let mut controls = Vec::new();
        for (framework, value) in frameworks {
            let key = format!("controls.{}", framework.get_ref());
            let ids: Option<Vec<String>> = value.get_ref().as_array().and_then(|ids| {
                ids.iter()
                    .map(|id| id.get_ref().as_str().filter(|id| !id.is_empty()).map(str::to_owned))
                    .collect()
            });
            match ids {
                Some(ids) => controls.push((framework.get_ref().to_string(), ids)),
                None => {
                    self.wrong_type(value, &key, "a list of ids: [\"7.3\"]", "[\"7.3\"] のようなIDのリスト")
                }
            }
        }
        controls
    }

    fn evidence(&mut self, table: &DeTable<'_>, noun: Option<&'static Noun>) -> Vec<(String, Expression)> {
        let Some(value) = table.get("evidence") else { return Vec::new() };
        let Some(named) = value.get_ref().as_table() else {
            let example = "{ owner = \"r.tags['owner']\" }";
            self.wrong_type(
                value,
                "evidence",
                &format!("a table: {example}"),
                &format!("{example} のような表"),
            );
            return Vec::new();
        };
        let mut evidence = Vec::new();
        for (name, value) in named {
            let (at, name) = (name.span(), name.get_ref().to_string());
            let key = format!("evidence.{name}");
            let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            if !is_name || name == "resource" {
                let what = said(
                    "a name is of a to z, 0 to 9 and _, and not `resource`",
                    "名前に使えるのは英小文字、数字、_ で、`resource` は使えません",
                );
                self.problem(Some(at), &key, what, None);
            }
            if let Some(expression) = self.expression(value, &key, noun) {
                evidence.push((name, expression));
            }
        }
        evidence
    }

    /// The templates as pages have them, with the evidence that they ask for.
    fn templates(
        &mut self,
        table: &DeTable<'_>,
        [message, fix]: [Words; 2],
        command: &str,
        evidence: &mut Vec<(String, Expression)>,
        noun: Option<&'static Noun>,
    ) -> (Words, Words, String) {
        let named: BTreeSet<String> = evidence.iter().map(|(name, _)| name.clone()).collect();
        let mut asked = BTreeSet::new();
        let mut one = |reading: &mut Self, key: &str, template: &str| {
            let at = table.get(key).map(Spanned::span);
            reading.template(at, key, template, &named, noun, &mut asked)
        };
        let mut words = |reading: &mut Self, key: &str, words: Words| Words {
            en: one(reading, key, &words.en),
            ja: one(reading, key, &words.ja),
        };
        let (message, fix) = (words(self, "message", message), words(self, "fix", fix));
        let command = one(self, "command", command);
        for path in asked {
            // Its fields were checked with the template.
            if let Some(Ok(expression)) = noun.map(|noun| Expression::parse(&path, noun)) {
                evidence.push((name_of(&path), expression));
            }
        }
        (message, fix, command)
    }

    fn template(
        &mut self,
        at: Option<Range<usize>>,
        key: &str,
        template: &str,
        named: &BTreeSet<String>,
        noun: Option<&'static Noun>,
        asked: &mut BTreeSet<String>,
    ) -> String {
        let (mut out, mut rest) = (String::new(), template);
        while let Some(brace) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(brace);
            out.push_str(before);
            if from.starts_with("{{") || from.starts_with("}}") {
                out.push_str(&from[..2]);
                rest = &from[2..];
                continue;
            }
            let Some((name, after)) = from.strip_prefix('{').and_then(|inside| inside.split_once('}')) else {
                let what = said("a brace has no partner", "対応する波括弧がありません");
                let help = said("write {{ or }} for a brace itself", "波括弧そのものは {{ や }} と書きます");
                self.problem(at, key, what, Some(help));
                return out;
            };
            rest = after;
            let of_resource = name.strip_prefix("resource.");
            if let Some(of_resource) = of_resource {
                const KNOWN: [&str; 5] = ["account", "arn", "id", "name", "region"];
                if !KNOWN.contains(&of_resource) {
                    let what = said(
                        format!("nothing is called `{{{name}}}`"),
                        format!("`{{{name}}}` というものはありません"),
                    );
                    self.problem(at.clone(), key, what, Some(instead(of_resource, KNOWN)));
                }
                out.push_str(&format!("{{{name}}}"));
            } else if named.contains(name) {
                out.push_str(&format!("{{{name}}}"));
            } else if name.starts_with("r.") {
                let is_path = name.split('.').all(|part| {
                    !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                });
                let faults = match noun {
                    Some(noun) if is_path => Expression::parse(name, noun).err(),
                    _ => None,
                };
                if !is_path {
                    let what = said(
                        format!("`{{{name}}}` is no path of fields"),
                        format!("`{{{name}}}` はフィールドの並びではありません"),
                    );
                    let help = said(
                        "name what needs an expression in `evidence`, and write that name",
                        "式が必要なものは `evidence` で名前を付け、その名前を書いてください",
                    );
                    self.problem(at.clone(), key, what, Some(help));
                }
                for fault in faults.into_iter().flatten() {
                    self.problem(at.clone(), key, fault.what, fault.help);
                }
                if named.contains(&name_of(name)) {
                    let name = name_of(name);
                    let what = said(
                        format!("evidence `{name}` has the name of a field that a text tells"),
                        format!("証跡 `{name}` の名前が、文中のフィールドと重なっています"),
                    );
                    self.problem(
                        at.clone(),
                        key,
                        what,
                        Some(said("give it another name", "別の名前にしてください")),
                    );
                }
                asked.insert(name.to_owned());
                out.push_str(&format!("{{{}}}", name_of(name)));
            } else {
                let what = said(
                    format!("nothing is called `{{{name}}}`"),
                    format!("`{{{name}}}` というものはありません"),
                );
                let help = said(
                    "write {r.FIELD}, {resource.id}, or a name of `evidence`",
                    "{r.フィールド}、{resource.id}、または `evidence` の名前を書いてください",
                );
                self.problem(at.clone(), key, what, Some(help));
            }
        }
        out.push_str(rest);
        out
    }

    fn tests(&mut self, table: &DeTable<'_>, noun: Option<&'static Noun>, uses_now: bool) -> Vec<Test> {
        let Some(value) = table.get("test") else { return Vec::new() };
        let Some(tests) = value.get_ref().as_array() else {
            self.wrong_type(value, "test", "a list of tables: [[test]]", "[[test]] の並び");
            return Vec::new();
        };
        tests.iter().filter_map(|test| self.test(test, noun, uses_now)).collect()
    }

    /// The resource of a test: a table, or JSON as text where something is `null`, which TOML does not have.
    fn given(&mut self, value: &Value<'_>) -> Json {
        let Some(text) = value.get_ref().as_str() else { return json(value.get_ref()) };
        serde_json::from_str(text).unwrap_or_else(|error| {
            let what = said(format!("no JSON: {error}"), format!("JSONの誤り：{error}"));
            self.problem(Some(value.span()), "test.given", what, None);
            Json::Object(Map::new())
        })
    }

    fn test(&mut self, value: &Value<'_>, noun: Option<&'static Noun>, uses_now: bool) -> Option<Test> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "test", "a table: [[test]]", "[[test]] の表");
            return None;
        };
        self.known_keys(table, &TEST_KEYS, "test");
        let at = Some(value.span());
        let name = self.text_at(table, "name");
        if name.is_none() && !table.contains_key("name") {
            self.lacks(at.clone(), "test.name", said("say what it shows", "何を確かめるかを書いてください"));
        }
        let names = Expect::ALL.map(Expect::name);
        let expect = table.get("expect").and_then(|value| {
            let name = self.text_of(value, "test.expect")?;
            let found = Expect::ALL.into_iter().find(|it| it.name() == name);
            if found.is_none() {
                let what =
                    said(format!("a check never says `{name}`"), format!("`{name}` という判定はありません"));
                self.problem(Some(value.span()), "test.expect", what, Some(instead(&name, names)));
            }
            found
        });
        if !table.contains_key("expect") {
            let help =
                said(format!("one of {}", names.join(", ")), format!("{} のいずれかです", names.join("、")));
            self.lacks(at.clone(), "test.expect", help);
        }
        let given = table.get("given").map_or(Json::Object(Map::new()), |given| self.given(given));
        let resource = noun.and_then(|noun| match noun.shape().read(&given, "") {
            Ok(node) => Some(node),
            Err(misfits) => {
                for (path, misfit) in misfits {
                    let (what, help) = match misfit {
                        Misfit::Type(wanted) => (
                            said(format!("should be {wanted}"), format!("{wanted} を指定してください")),
                            None,
                        ),
                        Misfit::NoField(no_field) => {
                            let (what, help) = no_field.told(noun.name);
                            (what, Some(help))
                        }
                    };
                    let at = table.get("given").map(Spanned::span);
                    self.problem(at, &format!("test.given.{path}"), what, help);
                }
                None
            }
        });
        let now = table.get("now").and_then(|value| {
            let time = match value.get_ref() {
                DeValue::Datetime(time) => time.to_string().parse::<Timestamp>().ok(),
                other => other.as_str().and_then(|text| text.parse().ok()),
            };
            if time.is_none() {
                self.wrong_type(
                    value,
                    "test.now",
                    "a time: 2026-01-31T00:00:00Z",
                    "2026-01-31T00:00:00Z のような日時",
                );
            }
            time
        });
        if uses_now && !table.contains_key("now") {
            let help =
                said("now = 2026-01-31T00:00:00Z", "now = 2026-01-31T00:00:00Z のように書いてください");
            self.lacks(at.clone(), "test.now", help);
        }
        let mut facts = Facts::unknown("public");
        if let Some(value) = table.get("public") {
            match value.get_ref().as_bool() {
                Some(yes) => facts.public = Fact::Known(yes),
                None => self.wrong_type(value, "test.public", "true or false", "true か false"),
            }
        }
        if let Some(value) = table.get("reachable") {
            let ports: Option<Vec<(u16, u16)>> = value.get_ref().as_array().and_then(|ports| {
                let port = |port: &Value<'_>| port.get_ref().as_integer()?.as_str().parse::<u16>().ok();
                ports.iter().map(|it| port(it).map(|port| (port, port))).collect()
            });
            match ports {
                Some(ports) => facts.reach = Reach { ports, rest: Fact::Known(()) },
                None => self.wrong_type(
                    value,
                    "test.reachable",
                    "a list of ports: [22]",
                    "[22] のようなポートのリスト",
                ),
            }
        }
        let account = self.text_at(table, "account").unwrap_or_else(|| ACCOUNT.to_owned());
        let region = self.text_at(table, "region");
        let line = self.line(value.span().start);
        Some(Test { name: name?, line, expect: expect?, resource: resource?, facts, now, account, region })
    }
}

/// The name of the evidence that a path of fields is: `{r.versioning.enabled}` tells `versioning_enabled`.
fn name_of(path: &str) -> String {
    path.trim_start_matches("r.").replace('.', "_")
}

/// The headline of a check that names none: its message, without what differs between resources.
fn title_of(message: &Words) -> Words {
    let plain = |template: &str| {
        let (mut out, mut rest) = (String::new(), template);
        while let Some((before, from)) = rest.split_once('{') {
            out.push_str(before);
            match from.split_once('}') {
                Some((_, after)) => {
                    out.push('…');
                    rest = after;
                }
                None => rest = "",
            }
        }
        out.push_str(rest);
        out.trim_end_matches(['.', '。']).to_owned()
    };
    Words { en: plain(&message.en), ja: plain(&message.ja) }
}

/// The same as JSON; a date is its text.
fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::from(text.as_ref()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(Json::Null, Json::from)
        }
        DeValue::Float(number) => number.as_str().parse::<f64>().map_or(Json::Null, Json::from),
        DeValue::Boolean(yes) => Json::from(*yes),
        DeValue::Datetime(time) => Json::from(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => Json::Object(
            table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect(),
        ),
    }
}

#[cfg(test)]
mod tests;

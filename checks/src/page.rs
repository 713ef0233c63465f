//! The page of a check: `CHECK.md` and `CHECK.ja.md` beside its code.
//!
//! A page begins with TOML between two lines of `+++`: the title and the templates of what a finding says.
//! Prose follows: why it matters, how to fix it, references. The fix command and the address of AWS's page
//! are the same in every language, so only the English page has them.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{finding::Finding, words};

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

/// A check's page in one language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// What is wrong when the check fails, as a headline.
    pub title: String,
    /// What a failing finding says.
    message: String,
    /// Other ways to say it, by the name that [`crate::finding::Verdict::told_as`] uses.
    #[serde(default)]
    variants: BTreeMap<String, Variant>,
    /// How to fix it, in a sentence.
    fix: String,
    /// The command that fixes it, where one does. One that names a field of the items of a list (`{groups.id}`)
    /// is there once for each item, joined by `&&`.
    #[serde(default)]
    command: String,
    /// AWS's page on it.
    #[serde(default)]
    pub url: String,
    /// The prose, as Markdown.
    #[serde(skip)]
    pub body: String,
}

/// Another way to word a finding: another message, or also another way to fix it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Variant {
    /// The message; it is fixed as the page says.
    Message(String),
    /// What the page's own fix is not for.
    OwnFix(OwnFix),
}

/// A variant with a fix of its own, and a command only where it names one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnFix {
    message: String,
    fix: String,
    #[serde(default)]
    command: String,
}

/// A page or template that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageError(String);

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PageError {}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// When the front matter is missing or not as described above.
    pub fn parse(text: &str) -> Result<Self, PageError> {
        Self::of_row(text, "", &[])
    }

    /// Reads the page of one of a family's checks: in the family's page, `{row.NAME}` stands for what the table
    /// `[rows.ID]` of its front matter has for the check, or for a fact, which is the same in every language.
    ///
    /// # Errors
    /// As [`Page::parse`], and when the page names a text that the row does not have.
    pub(crate) fn of_row(text: &str, id: &str, facts: &[(&str, String)]) -> Result<Self, PageError> {
        let (front, body) = text
            .strip_prefix("+++\n")
            .and_then(|rest| rest.split_once("\n+++\n"))
            .ok_or_else(|| PageError("no front matter between +++ lines".into()))?;
        let wrong = |error: toml::de::Error| PageError(error.to_string());
        let mut front: toml::Table = toml::from_str(front).map_err(wrong)?;
        let row = front.remove("rows").and_then(|mut rows| rows.as_table_mut()?.remove(id));
        let texts: BTreeMap<String, String> =
            row.map(toml::Value::try_into).transpose().map_err(wrong)?.unwrap_or_default();
        let texts = texts.iter().map(|(name, text)| (name.as_str(), text));
        let texts = Vec::from_iter(texts.chain(facts.iter().map(|(name, text)| (*name, text))));
        front.iter_mut().try_for_each(|(_, value)| fill_in(value, &texts))?;
        let mut page: Self = front.try_into().map_err(wrong)?;
        page.body = body_of_row(body.trim(), &texts)?;
        Ok(page)
    }

    /// What the failing finding says.
    ///
    /// # Errors
    /// When a template uses a name that neither evidence nor resource has.
    pub fn message(&self, finding: &Finding, lang: Lang) -> Result<String, PageError> {
        let template = match self.variant(finding)? {
            None => &self.message,
            Some(Variant::Message(message) | Variant::OwnFix(OwnFix { message, .. })) => message,
        };
        Self::text(template, finding, lang)
    }

    /// The title and all templates.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> impl Iterator<Item = &String> {
        let of_variants = self.variants.values().flat_map(|variant| match variant {
            Variant::Message(message) => [Some(message), None],
            Variant::OwnFix(own) => [Some(&own.message), Some(&own.fix)],
        });
        [&self.title, &self.message, &self.fix].into_iter().chain(of_variants.flatten())
    }

    /// What the message and the sentence on the fix name and the finding has no word for: nothing, an empty text or
    /// list, or yes and no. A message that may lack something needs a variant for that.
    #[cfg(test)]
    pub(crate) fn without_words(&self, finding: &Finding) -> Vec<String> {
        fn has_none(value: &Value) -> bool {
            match value {
                Value::Null | Value::Bool(_) => true,
                Value::String(text) => text.trim().is_empty(),
                Value::Array(items) => items.is_empty() || items.iter().any(has_none),
                Value::Object(fields) => fields.is_empty() || fields.values().any(has_none),
                Value::Number(_) => false,
            }
        }
        let (message, fix) = match finding.variant.and_then(|name| self.variants.get(name)) {
            Some(Variant::OwnFix(own)) => (&own.message, &own.fix),
            Some(Variant::Message(message)) => (message, &self.fix),
            None => (&self.message, &self.fix),
        };
        let templates = [message, fix].into_iter();
        let names = templates.flat_map(|template| template.split('{').skip(1));
        let names = names.filter_map(|from| from.split_once('}').map(|(name, _)| name));
        let lacking = names.filter(|name| lookup(name, finding).is_some_and(|value| has_none(&value)));
        lacking.map(str::to_owned).collect()
    }

    /// How to fix it, in a sentence.
    ///
    /// # Errors
    /// As [`Page::message`].
    pub fn fix(&self, finding: &Finding, lang: Lang) -> Result<String, PageError> {
        let template = match self.variant(finding)? {
            Some(Variant::OwnFix(own)) => &own.fix,
            _ => &self.fix,
        };
        Self::text(template, finding, lang)
    }

    /// The command that fixes it, with values quoted for the shell; empty when there is none.
    ///
    /// # Errors
    /// As [`Page::message`].
    pub fn command(&self, finding: &Finding) -> Result<String, PageError> {
        let template = match self.variant(finding)? {
            Some(Variant::OwnFix(own)) => &own.command,
            _ => &self.command,
        };
        let Some(list) = repeated(template)? else {
            return render(template, |name| lookup(name, finding), add_to_command);
        };
        let items = finding.evidence.get(list).and_then(Value::as_array);
        let items = items.ok_or_else(|| PageError(format!("{}: no list {list}", finding.check)))?;
        let mut commands: Vec<String> = Vec::new();
        for item in items {
            let of_item = |name: &str| {
                let field = name.strip_prefix(list).and_then(|rest| rest.strip_prefix('.'));
                field.map_or_else(|| lookup(name, finding), |field| item.get(field).map(Cow::Borrowed))
            };
            let command = render(template, of_item, add_to_command)?;
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
        Ok(commands.join(" && "))
    }

    /// Whether some finding of the check can have a command.
    #[must_use]
    pub fn has_command(&self) -> bool {
        let of_variant =
            |variant: &Variant| matches!(variant, Variant::OwnFix(own) if !own.command.is_empty());
        !self.command.is_empty() || self.variants.values().any(of_variant)
    }

    /// The names of the variants, and which have a fix of their own: the same in every language.
    pub fn variants(&self) -> impl Iterator<Item = (&str, bool)> {
        self.variants.iter().map(|(name, variant)| (name.as_str(), matches!(variant, Variant::OwnFix(_))))
    }

    /// The variant that words the finding, unless the page's own message does.
    fn variant(&self, finding: &Finding) -> Result<Option<&Variant>, PageError> {
        let Some(name) = finding.variant else { return Ok(None) };
        self.variants.get(name).map(Some).ok_or_else(|| PageError(format!("no message variant {name}")))
    }

    fn text(template: &str, finding: &Finding, lang: Lang) -> Result<String, PageError> {
        text(template, |name| lookup(name, finding), lang)
    }
}

/// Puts the texts of a row into a template.
fn with_texts(template: &str, texts: &[(&str, &String)]) -> Result<String, PageError> {
    let mut filled = template.to_owned();
    for (name, text) in texts {
        filled = filled.replace(&format!("{{row.{name}}}"), text);
    }
    if filled.contains("{row.") { Err(PageError(format!("no text for {filled}"))) } else { Ok(filled) }
}

/// The same in every text of the front matter.
fn fill_in(value: &mut toml::Value, texts: &[(&str, &String)]) -> Result<(), PageError> {
    match value {
        toml::Value::String(text) => *text = with_texts(text, texts)?,
        toml::Value::Table(table) => table.iter_mut().try_for_each(|(_, value)| fill_in(value, texts))?,
        _ => {}
    }
    Ok(())
}

/// The same in the prose, whose lines then are no longer than those of other pages. A text with a line to itself keeps
/// its own lines, and references are one line each.
fn body_of_row(body: &str, texts: &[(&str, &String)]) -> Result<String, PageError> {
    const WIDTH: usize = 118;
    let mut filled = String::with_capacity(body.len());
    for line in body.lines() {
        let text = with_texts(line, texts)?;
        let is_alone = line.starts_with("{row.") && line.find('}') == Some(line.len() - 1);
        if text == line || is_alone || line.starts_with("- ") {
            filled.push_str(&text);
        } else {
            let mut width = 0;
            for word in text.split(' ') {
                let length = word.chars().count();
                let (separator, before) = match width {
                    0 => ("", 0),
                    _ if width + 1 + length > WIDTH => ("\n", 0),
                    _ => (" ", width + 1),
                };
                filled.push_str(separator);
                filled.push_str(word);
                width = before + length;
            }
        }
        filled.push('\n');
    }
    filled.truncate(filled.trim_end().len());
    Ok(filled)
}

/// Adds a value to a command: a list as several arguments.
fn add_to_command(out: &mut String, _: &str, value: &Value) {
    // An id stays what it is.
    let text = |value: &Value| plain("", value, Lang::En).into_owned();
    if let Value::Array(items) = value {
        let words: Vec<_> = items.iter().map(|item| shell_word(&text(item))).collect();
        out.push_str(&words.join(" "));
        return;
    }
    let value = text(value);
    // IAM and others let names begin with a hyphen, which would make an option of it.
    if value.starts_with('-') && out.ends_with(' ') {
        out.pop();
        out.push('=');
    }
    out.push_str(&shell_word(&value));
}

/// The parts of a template: text as it is, and names between braces. `{{` and `}}` are braces.
fn parts(template: &str) -> Result<Vec<Part<'_>>, PageError> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        parts.push(Part::Text(before));
        if from.starts_with("{{") || from.starts_with("}}") {
            parts.push(Part::Text(&from[..1]));
            rest = &from[2..];
        } else {
            let name = from
                .strip_prefix('{')
                .and_then(|inside| inside.split_once('}'))
                .map(|(name, _)| name)
                .ok_or_else(|| PageError(format!("unbalanced brace in template: {template}")))?;
            parts.push(Part::Name(name));
            rest = &from[name.len() + 2..];
        }
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Fills in what the names stand for.
fn render<'a>(
    template: &str,
    value: impl Fn(&str) -> Option<Cow<'a, Value>>,
    add: impl Fn(&mut String, &str, &Value),
) -> Result<String, PageError> {
    let mut out = String::with_capacity(template.len() + 32);
    for part in parts(template)? {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Name(name) => {
                let value = value(name)
                    .ok_or_else(|| PageError(format!("no value for {{{name}}} in: {template}")))?;
                add(&mut out, name, &value);
            }
        }
    }
    Ok(out)
}

/// Fills in a text for readers.
fn text<'a>(
    template: &str,
    value: impl Fn(&str) -> Option<Cow<'a, Value>>,
    lang: Lang,
) -> Result<String, PageError> {
    render(template, value, |out, name, value| out.push_str(&plain(name, value, lang)))
}

/// The list whose items' fields a command names: it is there once for each.
fn repeated(template: &str) -> Result<Option<&str>, PageError> {
    let lists = parts(template)?.into_iter().filter_map(|part| match part {
        Part::Name(name) => name.split_once('.').map(|(list, _)| list).filter(|list| *list != "resource"),
        Part::Text(_) => None,
    });
    let mut lists: Vec<_> = lists.collect();
    lists.dedup();
    match lists[..] {
        [] => Ok(None),
        [list] => Ok(Some(list)),
        _ => Err(PageError(format!("more than one list in template: {template}"))),
    }
}

fn lookup<'a>(name: &str, finding: &'a Finding) -> Option<Cow<'a, Value>> {
    let resource = &finding.resource;
    let text = match name.strip_prefix("resource.") {
        None => return finding.evidence.get(name).map(Cow::Borrowed),
        Some("id") => &resource.id,
        Some("arn") => &resource.arn,
        Some("account") => &resource.account,
        // A command for something global needs no particular region of the partition; this one answers for all.
        Some("region") => resource.region.as_deref().unwrap_or_else(|| main_region(&resource.arn)),
        Some("name") => resource.name.as_deref().unwrap_or(&resource.id),
        Some(_) => return None,
    };
    Some(Cow::Owned(Value::String(text.to_owned())))
}

/// The region from which the global services of an ARN's partition are served.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html> names the partitions.
fn main_region(arn: &str) -> &'static str {
    match arn.split(':').nth(1) {
        Some("aws-cn") => "cn-north-1",
        Some("aws-us-gov") => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// The value of the evidence of that name as a reader wants it.
fn plain<'a>(name: &str, value: &'a Value, lang: Lang) -> Cow<'a, str> {
    match (value, lang) {
        (Value::String(text), _) => Cow::Borrowed(words::of_id(name, text, lang).unwrap_or(text)),
        (Value::Bool(true), Lang::En) => Cow::Borrowed("yes"),
        (Value::Bool(false), Lang::En) => Cow::Borrowed("no"),
        (Value::Bool(true), Lang::Ja) => Cow::Borrowed("はい"),
        (Value::Bool(false), Lang::Ja) => Cow::Borrowed("いいえ"),
        (Value::Null, Lang::En) => Cow::Borrowed("none"),
        (Value::Null, Lang::Ja) => Cow::Borrowed("なし"),
        (Value::Array(items), _) => {
            let items: Vec<_> = items.iter().map(|item| plain(name, item, lang)).collect();
            Cow::Owned(items.join(if lang == Lang::Ja { "、" } else { ", " }))
        }
        (Value::Object(fields), _) => {
            let template = words::of_item(fields, lang);
            let of_item = |template| text(template, |name| fields.get(name).map(Cow::Borrowed), lang).ok();
            Cow::Owned(template.and_then(of_item).unwrap_or_else(|| {
                let fields =
                    fields.iter().map(|(name, value)| format!("{name}: {}", plain(name, value, lang)));
                fields.collect::<Vec<_>>().join(", ")
            }))
        }
        (other, _) => Cow::Owned(other.to_string()),
    }
}

/// A word that a POSIX shell takes as it stands: names in an account are hostile input.
fn shell_word(text: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    // zsh looks for a program where a word begins with an equals sign.
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(harmless) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        finding::{Resource, Severity, Verdict},
        snapshot::Place,
    };

    fn finding() -> Finding {
        let place = Place { partition: "aws", account: "111122223333", region: "" };
        let verdict =
            Verdict::fail().with("name", "a'; rm -rf /").with("ports", [22, 3389]).with("open", true);
        Finding::new("a-check", Severity::High, Ok(verdict), &["AWS::Account"], || {
            Resource::whole("AWS::Account", &place)
        })
        .unwrap()
    }

    fn page(front: &str) -> Page {
        Page::parse(&format!("+++\n{front}\n+++\n\n## Why\n")).unwrap()
    }

    #[test]
    fn fills_templates_in_both_languages() {
        let page = page("title = 't'\nmessage = 'Ports {ports} of {resource.id}: {open} {{}}'\nfix = 'f'");
        assert_eq!(page.message(&finding(), Lang::En).unwrap(), "Ports 22, 3389 of 111122223333: yes {}");
        assert_eq!(page.message(&finding(), Lang::Ja).unwrap(), "Ports 22、3389 of 111122223333: はい {}");
    }

    #[test]
    fn tells_ids_and_items_of_the_evidence_in_words() {
        let page =
            page("title = 't'\nmessage = '{name}: {missing} {trails}'\nfix = 'f'\ncommand = 'x {missing}'");
        let mut finding = finding();
        let trail = |lacks: &[&str]| serde_json::json!({"name": "logging", "lacks": lacks});
        let other = serde_json::json!({"name": "b", "ports": [1, 2]});
        finding.evidence.insert("name", "symbols".into());
        finding.evidence.insert("missing", ["RequireSymbols", "x"].as_slice().into());
        finding.evidence.insert("trails", [trail(&["logging", "multi_region"]), other].as_slice().into());
        assert_eq!(
            page.message(&finding, Lang::En).unwrap(),
            "symbols: symbols, x logging: not logging, not multi-region, name: b, ports: 1, 2"
        );
        assert_eq!(
            page.message(&finding, Lang::Ja).unwrap(),
            "symbols: 記号、x logging：停止中、マルチリージョンではない、name: b, ports: 1、2"
        );
        assert_eq!(page.command(&finding).unwrap(), "x RequireSymbols x", "commands take ids as they are");
    }

    #[test]
    fn quotes_hostile_names_in_commands() {
        let page =
            page("title = 't'\nmessage = 'm'\nfix = 'f'\ncommand = 'aws x --name {name} --ports {ports}'");
        assert_eq!(page.command(&finding()).unwrap(), r"aws x --name 'a'\''; rm -rf /' --ports 22 3389");
    }

    #[test]
    fn a_name_that_looks_like_an_option_is_joined_to_its_own() {
        let page =
            page("title = 't'\nmessage = 'm'\nfix = 'f'\ncommand = 'aws x --name {name} --ports {ports}'");
        let told = |name: &str, ports: &[&str]| {
            let mut finding = finding();
            finding.evidence.insert("name", name.into());
            finding.evidence.insert("ports", ports.into());
            page.command(&finding).unwrap()
        };
        assert_eq!(told("-rf", &["--all", "-1"]), "aws x --name=-rf --ports --all -1");
        assert_eq!(told("-r f", &[]), "aws x --name='-r f' --ports ");
        assert_eq!(told("=ls", &["a=b"]), "aws x --name '=ls' --ports a=b");
    }

    #[test]
    fn a_command_is_there_for_each_item_of_a_list() {
        let page = page(
            "title = 't'\nmessage = 'm'\nfix = 'f'\ncommand = 'aws x --group {groups.id} --rules {groups.rules} --user {user}'",
        );
        let mut finding = finding();
        let item = |id: &str, rules: &[&str]| serde_json::json!({"id": id, "rules": rules});
        let groups = [item("sg-1", &["a b", "c"]), item("-2", &["d"]), item("sg-1", &["a b", "c"])];
        finding.evidence.insert("groups", groups.as_slice().into());
        finding.evidence.insert("user", "u".into());
        assert_eq!(
            page.command(&finding).unwrap(),
            "aws x --group sg-1 --rules 'a b' c --user u && aws x --group=-2 --rules d --user u",
        );
        finding.evidence.insert("groups", Value::Array(vec![]));
        assert_eq!(page.command(&finding).unwrap(), "");
        finding.evidence.insert("groups", serde_json::json!([{"id": "sg-1"}]));
        assert!(page.command(&finding).unwrap_err().to_string().contains("{groups.rules}"));
        finding.evidence.remove("groups");
        assert!(page.command(&finding).unwrap_err().to_string().contains("no list groups"));
    }

    #[test]
    fn a_variant_may_have_a_fix_of_its_own() {
        let page = page(
            "title = 't'\nmessage = 'm'\nfix = 'f'\ncommand = 'aws x'\n[variants]\nsame = 's'\n\
             words = { message = 'w', fix = 'ask {name}' }\nother = { message = 'o', fix = 'g', command = 'aws y' }",
        );
        let told = |variant| {
            let finding = Finding { variant, ..finding() };
            [page.message(&finding, Lang::En), page.fix(&finding, Lang::En), page.command(&finding)]
                .map(Result::unwrap)
        };
        assert_eq!(told(None), ["m", "f", "aws x"]);
        assert_eq!(told(Some("same")), ["s", "f", "aws x"]);
        assert_eq!(told(Some("words")), ["w", "ask a'; rm -rf /", ""]);
        assert_eq!(told(Some("other")), ["o", "g", "aws y"]);
        assert!(page.has_command());
        assert_eq!(Vec::from_iter(page.variants()), [("other", true), ("same", false), ("words", true)]);
    }

    #[test]
    fn what_is_global_has_the_main_region_of_its_partition() {
        let page = page("title = 't'\nmessage = 'm'\nfix = 'f'\ncommand = '{resource.region}'");
        for (partition, region) in
            [("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1")]
        {
            let mut finding = finding();
            finding.resource.arn = format!("arn:{partition}:iam::111122223333:root");
            assert_eq!(page.command(&finding).unwrap(), region);
        }
    }

    #[test]
    fn the_page_of_a_row_has_its_texts() {
        let text = "+++\ntitle = '{row.what}'\nmessage = '{row.what}: {name}'\nfix = 'f'\n[variants]\nv = '{row.what}'\n\
                    [rows]\na = { what = 'A', why = \"one\\ntwo\" }\nb = { what = 'B', why = 'W' }\n+++\n\n\
                    {row.why}\n\nLong: {row.fact}\n\n- {row.fact}\n";
        let fact = "word ".repeat(30);
        let facts = [("fact", fact.trim_end().to_owned())];
        let page = Page::of_row(text, "a", &facts).unwrap();
        assert_eq!((page.title.as_str(), page.message.as_str()), ("A", "A: {name}"));
        assert_eq!(page.variants["v"], Variant::Message("A".into()));
        let lines: Vec<_> = page.body.lines().map(str::len).collect();
        assert_eq!(lines, [3, 3, 0, 115, 39, 0, 151], "{}", page.body);
        assert_eq!(Page::of_row(text, "b", &facts).unwrap().title, "B");
        assert!(Page::of_row(text, "c", &facts).is_err());
        assert!(Page::of_row(text, "a", &[]).is_err());
    }

    #[test]
    fn refuses_names_that_nothing_has() {
        let page = page("title = 't'\nmessage = '{absent}'\nfix = 'f {'");
        assert!(page.message(&finding(), Lang::En).unwrap_err().to_string().contains("{absent}"));
        assert!(page.fix(&finding(), Lang::En).unwrap_err().to_string().contains("unbalanced"));
    }

    #[test]
    fn refuses_pages_without_front_matter() {
        assert!(Page::parse("# Title\n").is_err());
        assert!(Page::parse("+++\ntitle = 't'\n+++\n").is_err());
    }
}

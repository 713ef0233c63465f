//! What a ticket says, written once and rendered three times: as Markdown (GitHub, Backlog), as an Atlassian document
//! (Jira) and as plain text (everything else). Names come from an account and are whatever somebody made them: what is not
//! [`Span::Own`] is made harmless in each of the three.

use std::fmt::Write as _;

use aws_audit_report::{
    markdown::inline::{block, code, link, prose},
    shown,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Columns of a name and of a message, after which the rest is cut off with a mark. The report has them whole.
const LONGEST_NAME: usize = 120;
const LONGEST_TEXT: usize = 240;

/// Bytes of a command. Cut off it would be another command.
const LONGEST_COMMAND: usize = 2048;

/// A text in the forms that trackers read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// GitHub's Markdown.
    pub markdown: String,
    /// The Atlassian Document Format, of which Jira's descriptions and comments are.
    pub adf: Value,
    /// Lines without markup.
    pub text: String,
}

/// A stretch of a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Span {
    /// Our own words: without anything that Markdown acts on.
    Own(String),
    /// Our own words, stressed.
    Strong(String),
    /// Words of others, or with names of others in them. Not first in a line, where `1.` would begin a list.
    Prose(String),
    /// A name.
    Code(String),
    /// A page, if the address is nothing but one.
    Link(String, String),
}

/// A paragraph, a list, a command.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Block {
    /// A heading in our own words.
    Heading(String),
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A list.
    List(Vec<Vec<Span>>),
    /// A command; left out where it cannot be shown as it is.
    Command(String),
}

/// What stands around the part of a Markdown body that is ours; see [`crate::github`].
pub(crate) const BEGIN: &str = "<!-- aws-audit:";
pub(crate) const END: &str = "<!-- aws-audit:end -->";

impl Text {
    /// Renders blocks. With a marker, each form has it where it can be found again: Markdown in a comment on its first
    /// line, the others on their last.
    pub(crate) fn of(blocks: &[Block], marker: Option<&str>) -> Self {
        let mut told = Self { markdown: markdown(blocks), adf: adf(blocks), text: plain(blocks) };
        if let Some(marker) = marker {
            told.markdown = format!("{}\n{}\n{END}\n", comment(marker), told.markdown.trim_end());
            if let Some(content) = told.adf["content"].as_array_mut() {
                content.push(paragraph(vec![marked(marker, json!([{ "type": "code" }]))]));
            }
            told.text = format!("{}\n\n{marker}\n", told.text.trim_end());
        }
        told
    }

    /// The same text with another marker.
    pub(crate) fn remarked(mut self, marker: &str) -> Self {
        if let Some((_, rest)) = self.markdown.split_once('\n') {
            self.markdown = format!("{}\n{rest}", comment(marker));
        }
        if let Some(Value::Object(last)) = self.adf["content"].as_array_mut().and_then(|it| it.last_mut()) {
            last.insert("content".into(), json!([marked(marker, json!([{ "type": "code" }]))]));
        }
        let lines = self.text.trim_end().rsplit_once('\n').map_or("", |(lines, _)| lines);
        self.text = format!("{lines}\n{marker}\n");
        self
    }
}

fn comment(marker: &str) -> String {
    format!("<!-- {marker} -->")
}

fn markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Heading(text) => _ = writeln!(out, "### {text}\n"),
            Block::Paragraph(spans) => _ = writeln!(out, "{}\n", markdown_line(spans)),
            Block::List(items) => {
                for spans in items {
                    _ = writeln!(out, "- {}", markdown_line(spans));
                }
                out.push('\n');
            }
            Block::Command(text) => {
                if let Some(text) = self::block(text, LONGEST_COMMAND) {
                    _ = writeln!(out, "{text}");
                }
            }
        }
    }
    out
}

fn markdown_line(spans: &[Span]) -> String {
    let spans = spans.iter().map(|span| match span {
        Span::Own(text) => text.clone(),
        Span::Strong(text) => format!("**{text}**"),
        Span::Prose(text) => prose(text, LONGEST_TEXT),
        Span::Code(text) => code(text, LONGEST_NAME),
        Span::Link(label, address) => link(label, address).unwrap_or_default(),
    });
    spans.collect()
}

/// The document. (Atlassian Developer, "Atlassian Document Format": text of no characters is no node, a `code` mark stands
/// alone, a code block has text without marks.)
fn adf(blocks: &[Block]) -> Value {
    let nodes = blocks.iter().filter_map(|block| match block {
        Block::Heading(text) => Some(json!({
            "type": "heading",
            "attrs": { "level": 3 },
            "content": [plain_node(text)],
        })),
        Block::Paragraph(spans) => Some(paragraph(adf_line(spans))),
        Block::List(items) => {
            let items = items
                .iter()
                .map(|spans| json!({ "type": "listItem", "content": [paragraph(adf_line(spans))] }));
            let items: Vec<_> = items.collect();
            (!items.is_empty()).then(|| json!({ "type": "bulletList", "content": items }))
        }
        // As in Markdown: whole, or not at all.
        Block::Command(text) => self::block(text, LONGEST_COMMAND).map(|_| {
            json!({
                "type": "codeBlock",
                "attrs": { "language": "shell" },
                "content": [plain_node(text)],
            })
        }),
    });
    json!({ "type": "doc", "version": 1, "content": nodes.collect::<Vec<_>>() })
}

fn paragraph(content: Vec<Value>) -> Value {
    json!({ "type": "paragraph", "content": content })
}

fn plain_node(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

fn marked(text: &str, marks: Value) -> Value {
    json!({ "type": "text", "text": text, "marks": marks })
}

fn adf_line(spans: &[Span]) -> Vec<Value> {
    let spans = spans.iter().map(|span| match span {
        Span::Own(text) => plain_node(text),
        Span::Strong(text) => marked(text, json!([{ "type": "strong" }])),
        Span::Prose(text) => plain_node(&shown(text, LONGEST_TEXT)),
        Span::Code(text) => marked(&shown(text, LONGEST_NAME), json!([{ "type": "code" }])),
        Span::Link(label, address) => match link(label, address) {
            Some(_) => marked(label, json!([{ "type": "link", "attrs": { "href": address } }])),
            None => plain_node(""),
        },
    });
    spans.filter(|node| node["text"].as_str().is_some_and(|text| !text.is_empty())).collect()
}

fn plain(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        match block {
            Block::Heading(text) => _ = writeln!(out, "{text}\n"),
            Block::Paragraph(spans) => _ = writeln!(out, "{}\n", plain_line(spans)),
            Block::List(items) => {
                for spans in items {
                    _ = writeln!(out, "- {}", plain_line(spans));
                }
                out.push('\n');
            }
            Block::Command(text) => {
                if self::block(text, LONGEST_COMMAND).is_some() {
                    _ = writeln!(out, "    {text}\n");
                }
            }
        }
    }
    out
}

fn plain_line(spans: &[Span]) -> String {
    let spans = spans.iter().map(|span| match span {
        Span::Own(text) | Span::Strong(text) => text.clone(),
        Span::Prose(text) => shown(text, LONGEST_TEXT).into_owned(),
        Span::Code(text) => shown(text, LONGEST_NAME).into_owned(),
        Span::Link(label, address) => match link(label, address) {
            Some(_) => format!("{label} {address}"),
            None => String::new(),
        },
    });
    spans.collect()
}

/// A headline: one line, without what acts on its reader, of no more than that many UTF-16 code units.
pub(crate) fn headline(text: &str, most: usize) -> String {
    let text = shown(text, most);
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= most
    };
    let text: String = text.chars().take_while(fits).collect();
    text.trim().to_owned()
}

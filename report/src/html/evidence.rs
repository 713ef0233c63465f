//! The facts that decided a finding, as names and texts.

use std::{borrow::Cow, fmt::Write as _};

use aws_audit_checks::report::ReportFinding;
use serde_json::Value;

use super::sheet::{LONGEST_TEXT, shown};
use crate::text::escape;

/// Where the resource is and what decided it, each with its name in the JSON report. The texts are harmless, but for
/// markup; what belongs to a list stands on lines of its own.
pub(super) fn facts(finding: &ReportFinding) -> Vec<(Cow<'_, str>, String)> {
    let resource = &finding.resource;
    let mut facts: Vec<(Cow<'_, str>, String)> = vec![];
    if !resource.arn.is_empty() && resource.arn != resource.id {
        facts.push(("arn".into(), shown(&resource.arn, LONGEST_TEXT).into_owned()));
    }
    if !resource.tags.is_empty() {
        let tags = resource.tags.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        facts.push(("tags".into(), cut(tags.collect::<Vec<_>>().join(", "))));
    }
    if let Some(first_seen) = finding.first_seen {
        facts.push(("first_seen".into(), first_seen.strftime("%Y-%m-%d").to_string()));
    }
    facts.extend(finding.evidence.iter().map(|(name, value)| (shown(name, 100), cut(text(value)))));
    facts
}

/// The text, cut off where it is longer than any reader wants.
fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// A value; a list of objects with a line for each.
fn text(value: &Value) -> String {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let mut out = String::new();
            for item in items {
                if out.len() > LONGEST_TEXT * 4 {
                    break;
                }
                if !out.is_empty() {
                    out.push('\n');
                }
                add(&mut out, item, 0);
            }
            out
        }
        value => {
            let mut out = String::new();
            add(&mut out, value, 0);
            out
        }
    }
}

/// Adds a value in a line.
fn add(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(text) => out.push_str(&shown(text, LONGEST_TEXT)),
        Value::Array(items) => {
            let [open, close] = if depth > 0 { ["[", "]"] } else { ["", ""] };
            out.push_str(open);
            for (at, item) in items.iter().enumerate() {
                if out.len() > LONGEST_TEXT * 4 {
                    break;
                }
                out.push_str(if at > 0 { ", " } else { "" });
                add(out, item, depth + 1);
            }
            out.push_str(close);
        }
        Value::Object(fields) => {
            let [open, close] = if depth > 0 { ["{", "}"] } else { ["", ""] };
            out.push_str(open);
            for (at, (name, value)) in fields.iter().enumerate() {
                let _ = write!(out, "{}{}: ", if at > 0 { ", " } else { "" }, shown(name, 100));
                add(out, value, depth + 1);
            }
            out.push_str(close);
        }
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

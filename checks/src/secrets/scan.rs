//! All rules over one text, and over what the text holds in base 64.

use base64::Engine as _;

use super::{SecretKind, assignment, command, connection, decode, hits::Hits, token};

/// A secret in a text. It has the mask, not the value.
pub(super) struct Hit {
    pub kind: SecretKind,
    /// Where in the text.
    pub at: usize,
    pub hint: String,
    /// The id of a long-term access key, which is no secret.
    pub key_id: Option<String>,
}

/// Base 64 in base 64 in base 64 is as deep as anyone goes.
const DEEPEST: usize = 3;

/// Shorter runs of base 64 hold nothing worth the look: `A=12345678` is 10 bytes, 16 characters.
const SHORTEST: usize = 20;

/// More in one text prove no more, and every one of them is kept.
pub(super) const MOST_HITS: usize = 50;

/// What is still allowed to come out of compressed data, and what kept some of them from being read.
pub(super) struct Budget {
    left: usize,
    pub trouble: Option<String>,
}

impl Budget {
    pub fn new(most: usize) -> Self {
        Self { left: most, trouble: None }
    }

    /// What was compressed, as far as it may come out.
    pub fn inflate(&mut self, bytes: &[u8]) -> Vec<u8> {
        let (inflated, trouble) = decode::inflate(bytes, self.left);
        self.left -= inflated.len();
        self.trouble = self.trouble.take().or(trouble);
        inflated
    }
}

/// Secrets in the text, in its order.
pub(super) fn scan(text: &str, budget: &mut Budget) -> Vec<Hit> {
    deep(text, 0, budget)
}

fn deep(text: &str, depth: usize, budget: &mut Budget) -> Vec<Hit> {
    let mut hits = Hits::default();
    token::find(text, &mut hits);
    connection::find(text, &mut hits);
    assignment::find(text, &mut hits);
    command::find(text, &mut hits);
    let mut found: Vec<Hit> =
        hits.secrets().map(|(kind, range)| hit(kind, range.start, &text[range])).collect();
    if depth < DEEPEST {
        for (at, encoded) in encoded(text) {
            if !hits.is_settled(&(at..at + 1)) {
                let inner = decoded(&encoded, budget).map(|inner| deep(&inner, depth + 1, budget));
                found.extend(inner.into_iter().flatten().map(|hit| Hit { at, ..hit }));
            }
        }
    }
    found.sort_by_key(|hit| hit.at);
    found.truncate(MOST_HITS);
    found
}

fn hit(kind: SecretKind, at: usize, value: &str) -> Hit {
    let is_key_id = kind == SecretKind::AwsAccessKey && value.starts_with("AKIA");
    Hit { kind, at, hint: hint(value), key_id: is_key_id.then(|| value.to_owned()) }
}

/// Runs of base 64: words in a line, and blocks of lines that consist of nothing else.
fn encoded(text: &str) -> Vec<(usize, String)> {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let mut runs: Vec<(usize, String)> = Vec::new();
    let mut begin = 0;
    let mut in_block = false;
    for line in text.split('\n') {
        let trimmed = line.trim();
        if !trimmed.is_empty() && trimmed.chars().all(is_base64) {
            match runs.last_mut().filter(|_| in_block) {
                Some((_, block)) => block.push_str(trimmed),
                None => runs.push((begin + line.len() - line.trim_start().len(), trimmed.to_owned())),
            }
            in_block = true;
        } else {
            let mut at = begin;
            for word in line.split_inclusive(|c: char| !is_base64(c)) {
                let run = word.trim_end_matches(|c: char| !is_base64(c));
                // NAME=base64: the name is not part of it.
                let start = run.trim_end_matches('=').rfind('=').map_or(0, |equals| equals + 1);
                if run.len() - start >= SHORTEST {
                    runs.push((at + start, run[start..].to_owned()));
                }
                at += word.len();
            }
            in_block = false;
        }
        begin += line.len() + 1;
    }
    runs.retain(|(_, run)| run.len() >= SHORTEST);
    runs
}

/// What base 64 holds, if that is text, compressed or not.
fn decoded(encoded: &str, budget: &mut Budget) -> Option<String> {
    let bytes = decode::STANDARD.decode(encoded).ok()?;
    if decode::is_gzip(&bytes) {
        return decode::text(&budget.inflate(&bytes));
    }
    // Most runs of base 64 are keys and hashes: nobody wrote what they decode to.
    let text = decode::text(&bytes)?;
    let printable = text.chars().all(|c| !c.is_control() || c.is_whitespace());
    printable.then_some(text)
}

/// The first two characters at most, fewer of short values: a fourth of a password would be too much of it.
#[must_use]
pub fn hint(value: &str) -> String {
    let shown = (value.chars().count() / 8).min(2);
    let shown = value.chars().take(shown).take_while(char::is_ascii_graphic);
    shown.chain(['…']).collect()
}

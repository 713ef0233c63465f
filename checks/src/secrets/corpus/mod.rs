//! Cases of our own making, true and false, and how well the rules do on them.
//!
//! Nothing in here was ever valid. What looks random is made when the test runs, `«alnum:24»`, from a seed
//! that is the case itself, with checksums where the format has one.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde::Deserialize;

use super::{Secret, SecretKind, checksum, in_pair, in_text};

/// Cases that hold secrets.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct True {
    /// Name, value, kind.
    pairs: Vec<(String, String, SecretKind)>,
    /// Text, kinds in the order of the text.
    texts: Vec<(String, Vec<SecretKind>)>,
}

/// Cases that hold none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct False {
    pairs: Vec<(String, String)>,
    texts: Vec<String>,
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers are what this test is for: --nocapture")]
fn precision_and_recall() {
    let with: True = toml::from_str(include_str!("true.toml")).unwrap();
    let without: False = toml::from_str(include_str!("false.toml")).unwrap();
    let mut tally = Tally::default();
    for (name, value, kind) in &with.pairs {
        tally.count(&format!("{name}={value}"), &[*kind], in_pair(name, &expand(value)));
    }
    for (text, kinds) in &with.texts {
        tally.count(text, kinds, in_text(&expand(text)));
    }
    for (name, value) in &without.pairs {
        tally.count(&format!("{name}={value}"), &[], in_pair(name, &expand(value)));
    }
    for text in &without.texts {
        tally.count(text, &[], in_text(&expand(text)));
    }
    let (precision, recall) = (tally.precision(), tally.recall());
    println!("{}", tally.wrong.join("\n"));
    println!(
        "{} cases with secrets ({} secrets), {} without",
        tally.with,
        tally.found + tally.missed,
        tally.without
    );
    println!("found {}, missed {}, false positives {}", tally.found, tally.missed, tally.false_positives);
    println!("precision {precision:.4}, recall {recall:.4}");
    assert!(tally.with >= 150 && tally.without >= 250);
    assert!(precision >= 0.98, "precision {precision}");
    assert!(recall >= 0.97, "recall {recall}");
}

#[derive(Default)]
struct Tally {
    with: usize,
    without: usize,
    found: usize,
    missed: usize,
    false_positives: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn count(&mut self, case: &str, expected: &[SecretKind], found: impl IntoIterator<Item = Secret>) {
        if expected.is_empty() {
            self.without += 1;
        } else {
            self.with += 1;
        }
        let mut open: BTreeMap<SecretKind, i32> = BTreeMap::new();
        for kind in expected {
            *open.entry(*kind).or_default() += 1;
        }
        for secret in found {
            *open.entry(secret.kind).or_default() -= 1;
        }
        let missed: usize = open.values().filter(|n| **n > 0).map(|n| n.unsigned_abs() as usize).sum();
        let false_positives: usize =
            open.values().filter(|n| **n < 0).map(|n| n.unsigned_abs() as usize).sum();
        self.found += expected.len() - missed;
        self.missed += missed;
        self.false_positives += false_positives;
        if missed + false_positives > 0 {
            self.wrong.push(format!("{case:?}: missed or found too often {open:?}"));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "hundreds of cases")]
    fn precision(&self) -> f64 {
        self.found as f64 / (self.found + self.false_positives) as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "hundreds of cases")]
    fn recall(&self) -> f64 {
        self.found as f64 / (self.found + self.missed) as f64
    }
}

/// Fills the places `«…»` of a template.
pub(super) fn expand(template: &str) -> String {
    let mut seed = Seed(crc32fast::hash(template.as_bytes()).into());
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('«') {
        // Templates may be in templates: «base64:…«alnum:20»…».
        let mut open = 1;
        let end = after
            .char_indices()
            .find(|(_, c)| {
                open += match c {
                    '«' => 1,
                    '»' => -1,
                    _ => 0,
                };
                open == 0
            })
            .unwrap_or_else(|| panic!("no end: {template}"))
            .0;
        text.push_str(before);
        text.push_str(&fill(&after[..end], &mut seed));
        rest = &after[end + '»'.len_utf8()..];
    }
    text + rest
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";

fn fill(place: &str, seed: &mut Seed) -> String {
    let (what, rest) = place.split_once(':').unwrap_or((place, ""));
    let number = || rest.parse().unwrap_or_else(|_| panic!("{place}"));
    let alnum = [LOWER, UPPER, DIGITS].concat();
    let with_checksum = |prefix: &str, seed: &mut Seed| {
        let random = seed.draw(&alnum, 30);
        let sum = checksum::of(random.as_bytes());
        format!("{prefix}_{random}{}", String::from_utf8_lossy(&sum))
    };
    let url = |json: &str| super::decode::URL.encode(json).trim_end_matches('=').to_owned();
    match what {
        "alnum" => seed.draw(&alnum, number()),
        "lower" => seed.draw(LOWER, number()),
        "loweralnum" => seed.draw(&[LOWER, DIGITS].concat(), number()),
        "hex" => seed.draw("0123456789abcdef", number()),
        "digits" => seed.draw(DIGITS, number()),
        "base32" => seed.draw(&[UPPER, "234567"].concat(), number()),
        "b64" => seed.draw(&[&alnum, "+/"].concat(), number()),
        "b64url" => seed.draw(&[&alnum, "-_"].concat(), number()),
        "ghp" | "gho" | "ghu" | "ghs" | "npm" => with_checksum(what, seed),
        "uuid" => [8, 4, 4, 4, 12].map(|n| seed.draw("0123456789abcdef", n)).join("-"),
        "jwt" => {
            let claims = if rest.is_empty() { r#"{"sub":"app","role":"service_role"}"# } else { rest };
            let signature = seed.draw(&alnum, 43);
            format!("{}.{}.{signature}", url(r#"{"alg":"HS256","typ":"JWT"}"#), url(claims))
        }
        // A PEM block of that label; `pem1` with its line feeds written \n.
        "pem" | "pem1" => {
            let feed = if what == "pem" { "\n" } else { "\\n" };
            let lines: Vec<String> = (0..4).map(|_| seed.draw(&[&alnum, "+/"].concat(), 64)).collect();
            format!("-----BEGIN {rest}-----{feed}{}{feed}-----END {rest}-----{feed}", lines.join(feed))
        }
        "base64" => super::decode::STANDARD.encode(expand(rest)),
        other => panic!("no such place: {other}"),
    }
}

/// A small generator (splitmix64): the cases are the same in every run.
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn draw(&mut self, from: &str, length: usize) -> String {
        let from = from.as_bytes();
        (0..length).map(|_| char::from(from[(self.next() % from.len() as u64) as usize])).collect()
    }
}

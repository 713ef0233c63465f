//! What reads hostile input (`fuzz/src/lib.rs`), without libFuzzer: on the corpus, and on mutations of it with a fixed
//! seed.

use std::{
    fs,
    path::{Path, PathBuf},
};

mod size;
#[path = "../../../fuzz/src/lib.rs"]
mod targets;

/// How many mutations of each file are tried: `AWS_AUDIT_MUTATIONS` says otherwise.
const MUTATIONS: u64 = 5;

/// Where the mutations begin: `AWS_AUDIT_MUTATION_SEED` says otherwise.
const SEED: u64 = 20_261_128;

/// What readers of JSON, TOML, ARNs, patterns and scripts look for.
const TOKENS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "*",
    "?",
    ":",
    ",",
    "=",
    "\n",
    "\0",
    "(",
    ")",
    "$",
    ".",
    "/",
    "%",
    "-",
    "'",
    "#",
    "&&",
    "||",
    "null",
    "true",
    "-1",
    "1e999",
    "18446744073709551616",
    "\\ud800",
    "\\u0000",
    "${",
    "arn:aws:",
    "é",
    "\u{202e}",
    "AT_LEAST(",
    "2026-11-28T00:00:00Z",
    "0.0.0.0/0",
    "::/0",
    "password=",
];

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Numbers that look like chance, the same on every machine (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (limit.max(1) as u64)).unwrap_or_default()
    }

    /// A piece of what is so long.
    fn piece(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        from..from + self.below((length - from).min(64) + 1)
    }

    /// The data with a few things changed.
    fn mutated(&mut self, data: &[u8]) -> Vec<u8> {
        let mut data = data.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(data.len() + 1);
            match self.below(6) {
                0 if at < data.len() => data[at] = u8::try_from(self.below(256)).unwrap_or_default(),
                1 => drop(data.drain(self.piece(data.len()))),
                2 => {
                    let piece = data[self.piece(data.len())].repeat(1 + self.below(50));
                    data.splice(at..at, piece);
                }
                3 => data.truncate(at),
                _ => {
                    let token = TOKENS[self.below(TOKENS.len())];
                    data.splice(at..at, token.bytes());
                }
            }
        }
        data
    }
}

fn corpus(target: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", directory.display());
    files
}

/// Runs a target on each file and its mutations. What makes it panic is told by file and number, and kept for the
/// corpus.
#[expect(clippy::print_stderr, reason = "which input it was, where a test fails")]
fn run(target: &str) {
    let (_, function) = targets::TARGETS.into_iter().find(|(name, _)| *name == target).expect("a target");
    let mut chance = Chance(number("AWS_AUDIT_MUTATION_SEED", SEED));
    for file in corpus(target) {
        let whole = fs::read(&file).unwrap();
        for count in 0..=number("AWS_AUDIT_MUTATIONS", MUTATIONS) {
            let data = if count == 0 { whole.clone() } else { chance.mutated(&whole) };
            if let Err(panic) = std::panic::catch_unwind(|| function(&data)) {
                let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-crash"));
                fs::write(&kept, &data).unwrap();
                eprintln!("{target}: mutation {count} of {}: see {}", file.display(), kept.display());
                std::panic::resume_unwind(panic);
            }
        }
    }
}

/// Documents and patterns of the corpus, wherever an account has one.
#[test]
fn texts_of_an_account() {
    let text = |file: &PathBuf| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    corpus("policy").iter().for_each(|file| targets::policy_of_everything(&text(file)));
    for file in [corpus("filter_pattern"), corpus("event_pattern")].concat() {
        targets::judge(&targets::account_with(|key, _| key == "pattern", &text(&file)));
    }
}

macro_rules! each {
    ($($target:ident,)*) => {
        $(#[test] fn $target() { run(stringify!($target)); })*

        #[test]
        fn every_target_is_run_and_has_a_binary() {
            let names: Vec<_> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($target)),*]);
            let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
            let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
            for name in names {
                let source = fs::read_to_string(fuzz.join(format!("fuzz_targets/{name}.rs"))).unwrap();
                assert!(source.contains(&format!("aws_audit_fuzz::{name}(data)")), "{name}");
                assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name}");
            }
        }
    };
}

each! {
    account, arn, configuration, credential_report, event_pattern, filter_pattern, policy, report, user_data,
}

//! Text from an account within Markdown. GitHub's dialect acts on much more than CommonMark does: `@name` sends mail to a
//! person, `#1`, `GH-1` and a commit's hash become links that leave a trace where they point, `www.` and `https://` become
//! links, `:name:` a picture, `$…$` mathematics. A backslash takes none of that away (GitHub looks at the text that comes
//! out), a code span all of it. (GitHub Docs, "Basic writing and formatting syntax", "Autolinked references and URLs".)

use crate::{
    table::shown,
    text::{escape, is_harmful},
};

/// Punctuation that does nothing before a word.
const BEFORE: [char; 3] = ['(', '"', '\''];

/// Punctuation that does nothing after a word.
const AFTER: [char; 9] = ['.', ',', ';', ':', '!', '?', ')', '"', '\''];

/// Hexadecimal digits from which on GitHub looks for a commit.
const SHORTEST_HASH: usize = 7;

/// The text in a code span, cut off after so many columns.
pub fn code(text: &str, columns: usize) -> String {
    span(&shown(text, columns))
}

/// The text as prose: words as they are, everything else in code spans. It must not begin a line, where `1.` is a list.
pub fn prose(text: &str, columns: usize) -> String {
    let text = shown(text, columns);
    let words = text.split(' ').filter(|word| !word.is_empty()).map(|word| {
        let mut out = String::new();
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            // Japanese has no spaces: what is ASCII is a word of its own there.
            let end = rest.find(|c: char| c.is_ascii() != first.is_ascii()).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            out.push_str(&if first.is_ascii() { ascii(run) } else { run.to_owned() });
            rest = after;
        }
        out
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A word of ASCII characters.
fn ascii(word: &str) -> String {
    let core = word.trim_start_matches(BEFORE);
    let (before, _) = word.split_at(word.len() - core.len());
    let core = core.trim_end_matches(AFTER);
    let after = &word[before.len() + core.len()..];
    if core.is_empty() || is_plain(core) { word.to_owned() } else { format!("{before}{}{after}", span(core)) }
}

/// Whether a word means nothing to GitHub: letters and digits, or letters joined by what joins words.
fn is_plain(word: &str) -> bool {
    let is_hash =
        |part: &str| part.len() >= SHORTEST_HASH && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_host = word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("www"));
    if is_host || is_hash(word) {
        return false;
    }
    word.bytes().all(|byte| byte.is_ascii_alphanumeric())
        || word.split(['-', '\'', '/']).all(|part| {
            !part.is_empty() && !is_hash(part) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        })
}

/// A code span around a text without control characters: in a run of backticks longer than each within it.
fn span(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    // One space is taken off at both ends again; without it a backtick at an end would join the fence.
    let touches = |c: char| c == '`' || c == ' ';
    let space = if text.starts_with(touches) || text.ends_with(touches) { " " } else { "" };
    match text.trim_matches(' ').is_empty() {
        // Nothing is taken off a span of spaces, and an empty one is none.
        true => format!("{fence}{}{fence}", if text.is_empty() { " " } else { text }),
        false => format!("{fence}{space}{text}{space}{fence}"),
    }
}

/// A block of code that can be copied. None where the text would not be the same.
pub fn block(text: &str, most_bytes: usize) -> Option<String> {
    if text.len() > most_bytes || text.chars().any(is_harmful) || escape(text) != text {
        return None;
    }
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    Some(format!("{fence}sh\n{text}\n{fence}\n"))
}

/// A link to a page, where the address is nothing but one.
pub fn link(label: &str, address: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/?#=&%+:".contains(c);
    let is_address =
        address.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_plain));
    is_address.then(|| format!("[{label}](<{address}>)"))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_the_rest_is_code() {
        for (text, shown) in [
            ("Port 22 is open to 0.0.0.0/0 and ::/0.", "Port 22 is open to `0.0.0.0/0` and `::/0`."),
            (
                "ポート22が 0.0.0.0/0、::/0 に開放されています。",
                "ポート22が `0.0.0.0/0`、`::/0` に開放されています。",
            ),
            ("Multi-factor (and/or) don't, 90 days!", "Multi-factor (and/or) don't, 90 days!"),
            ("ask @octocat, see #1 or GH-26", "ask `@octocat`, see `#1` or `GH-26`"),
            ("deadbeef facade fixed a1b2c3d", "`deadbeef` facade fixed `a1b2c3d`"),
            ("snap-fde763f913 x-defaced web-1 EC2", "`snap-fde763f913` `x-defaced` `web-1` EC2"),
            (
                "www.example.com https://x.example (http://x)",
                "`www.example.com` `https://x.example` (`http://x`)",
            ),
            ("www.例え :tada: $x$ a|b", "`www`.例え `:tada`: `$x$` `a|b`"),
            ("![x](y) <b> *b* _i_ ~~s~~ \\", "`![x](y`) `<b>` `*b*` `_i_` `~~s~~` `\\`"),
        ] {
            assert_eq!(prose(text, 500), shown, "{text}");
        }
    }

    #[test]
    fn spans_hold_any_text() {
        assert_eq!(code("a", 99), "`a`");
        assert_eq!(code("a``b", 99), "```a``b```");
        assert_eq!(code("`a", 99), "`` `a ``");
        assert_eq!(code(" a ", 99), "`  a  `");
        assert_eq!(code("", 99), "` `");
        assert_eq!(code("a\nb\u{202e}", 99), "`a\\nb\\u{202e}`");
        assert_eq!(block("echo '```'", 99).as_deref(), Some("````sh\necho '```'\n````\n"));
        assert_eq!(block("a\nb", 99), None);
        assert_eq!(block("aaaa", 3), None);
    }

    #[test]
    fn only_an_address_is_a_link() {
        assert_eq!(
            link("x", "https://docs.aws.amazon.com/a-b.html#c").unwrap(),
            "[x](<https://docs.aws.amazon.com/a-b.html#c>)"
        );
        for no in ["javascript:alert(1)", "https://a>b", "https://a b", "https://", "http://a", "https://a\n"]
        {
            assert_eq!(link("x", no), None);
        }
    }
}

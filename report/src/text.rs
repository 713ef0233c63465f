//! Text on a terminal: what comes from an account made harmless, widths in columns, lines broken to fit.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Marks that may stack on one letter: Vietnamese and decomposed Japanese need them, but a tower of them
/// would run over the lines above.
const MOST_MARKS: usize = 2;

/// The text with everything that could act on the terminal, hide, or reorder what is shown written out
/// (`\n`, `\u{1b}`): names, tags and error texts are whatever somebody else made them.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    // As if too many marks came before: one at the start would land on what is printed before the text.
    let mut marks = MOST_MARKS;
    for c in text.chars() {
        let mark = c.width() == Some(0);
        marks = if mark { marks + 1 } else { 0 };
        if is_harmful(c) || marks > MOST_MARKS {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Whether a character acts on the terminal, is invisible, or reorders its neighbours.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{70f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

/// How many columns a text takes; Chinese, Japanese and Korean characters take two.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, with spaces after it up to that many columns.
#[must_use]
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text broken into lines of at most that many columns: at spaces, between Japanese characters where
/// Japanese typesetting allows it, and anywhere in a word that is too long for a line of its own.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    wrap_by(text, columns, &width)
}

/// As [`wrap`], by widths of another measure.
pub(crate) fn wrap_by(text: &str, room: usize, width: &dyn Fn(&str) -> usize) -> Vec<String> {
    let mut lines = vec![];
    let mut line = String::new();
    for Piece { spaced, text } in pieces(text) {
        let gap = if spaced && !line.is_empty() { " " } else { "" };
        if width(&line) + width(gap) + width(&text) <= room {
            line.push_str(gap);
            line.push_str(&text);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for c in text.chars() {
            if !line.is_empty() && width(&line) + width(c.encode_utf8(&mut [0; 4])) > room {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The text cut to that many columns, with `…` in place of what is missing.
#[must_use]
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    for c in text.chars() {
        if width(&out) + c.width().unwrap_or(0) >= columns {
            break;
        }
        out.push(c);
    }
    out.push('…');
    Cow::Owned(out)
}

/// What no line may be broken in.
struct Piece {
    /// Whether a space comes before it.
    spaced: bool,
    text: String,
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = vec![];
    let mut spaced = false;
    let mut previous = None;
    for c in text.chars() {
        if c == ' ' {
            spaced = true;
            continue;
        }
        let joined = !spaced && previous.is_none_or(|previous| stay_together(previous, c));
        match pieces.last_mut() {
            Some(piece) if joined => piece.text.push(c),
            _ => pieces.push(Piece { spaced, text: c.into() }),
        }
        previous = Some(c);
        spaced = false;
    }
    pieces
}

fn stay_together(left: char, right: char) -> bool {
    let wide = |c: char| c.width() == Some(2);
    right.width() == Some(0)
        || !(wide(left) || wide(right))
        || "。、，．・：；）」』】〕〉》！？ー～…ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々ゝヽ,.:;)]}!?%"
            .contains(right)
        || "（「『【〔〈《([{".contains(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_acts_on_the_terminal() {
        assert_eq!(escape("plain name"), "plain name");
        assert_eq!(escape("red\u{1b}[31m\r\n\t\u{7}\u{9b}2J"), r"red\u{1b}[31m\r\n\t\u{7}\u{9b}2J");
        assert_eq!(escape("a\u{202e}b\u{2066}c\u{200f}d"), r"a\u{202e}b\u{2066}c\u{200f}d");
        assert_eq!(escape("a\u{200b}b\u{feff}c\u{ad}d\u{200d}e"), r"a\u{200b}b\u{feff}c\u{ad}d\u{200d}e");
        assert_eq!(escape("a\u{2028}b\u{e0041}c\u{3164}d"), r"a\u{2028}b\u{e0041}c\u{3164}d");
    }

    #[test]
    fn keeps_what_people_write() {
        for name in ["本番サーバー", "Zürich", "か\u{3099}いぶ", "e\u{302}\u{301}", "🚀", "שלום", "C:\\dir"]
        {
            assert_eq!(escape(name), name);
        }
    }

    #[test]
    fn escapes_marks_that_stack_or_lead() {
        assert_eq!(escape("a\u{301}\u{301}\u{301}b"), "a\u{301}\u{301}\\u{301}b");
        assert_eq!(escape("\u{301}a"), "\\u{301}a");
    }

    #[test]
    fn breaks_at_spaces_and_within_words_that_are_too_long() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("an arn:aws:iam::1 there", 8), ["an", "arn:aws:", "iam::1", "there"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn breaks_japanese_as_typesetters_do() {
        assert_eq!(wrap("設定を有効にします。", 18), ["設定を有効にしま", "す。"]);
        assert_eq!(wrap("既定（EBS）です", 8), ["既定", "（EBS）", "です"]);
        assert_eq!(wrap("サーバー", 6), ["サー", "バー"]);
    }

    #[test]
    fn cuts_by_columns() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(padded("日本", 6), "日本  ");
    }
}

//! Texts within what a format takes.

use std::borrow::Cow;

/// The text in at most that many characters, the last of them `…` where something is missing: then, and only then,
/// it is owned. Characters are counted as UTF-16 has them, since no format says how it counts, and no count is larger.
pub fn within(text: &str, most: usize) -> Cow<'_, str> {
    // As many bytes cannot be more characters.
    if text.len() <= most || text.chars().map(char::len_utf16).sum::<usize>() <= most {
        return Cow::Borrowed(text);
    }
    let mut cut = String::new();
    let mut room = most.saturating_sub(1);
    for c in text.chars() {
        match room.checked_sub(c.len_utf16()) {
            Some(rest) => room = rest,
            None => break,
        }
        cut.push(c);
    }
    cut.push('…');
    Cow::Owned(cut)
}

/// The first of the texts that says anything.
pub fn filled<'a>(texts: &[&'a str]) -> &'a str {
    texts.iter().copied().find(|text| !text.trim().is_empty()).unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_whole() {
        for text in ["", "abc", "日本語", "👍"] {
            assert!(matches!(within(text, 3), Cow::Borrowed(it) if it == text), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_ends_in_a_mark() {
        assert_eq!(within("abcd", 3), "ab…");
        assert_eq!(within("日本語です", 3), "日本…");
        // Two characters of UTF-16 each.
        assert_eq!(within("👍👍👍", 4), "👍…");
        assert_eq!(within("abc", 0), "…");
    }

    #[test]
    fn a_blank_text_says_nothing() {
        assert_eq!(filled(&["", " \n", "a", "b"]), "a");
        assert_eq!(filled(&[""]), "-");
    }
}

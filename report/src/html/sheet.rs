//! Where the page is written. All text passes through here: escaped, and with the other language's text kept for
//! the switch.

use std::{borrow::Cow, fmt::Write as _, io};

use aws_audit_checks::page::Lang;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    packed::Packed,
    paths::Drawn,
    words::{Words, fill},
};
use crate::text::escape;

/// Characters of a name, and of a text, after which the rest is cut off with a mark: one name of 100,000 characters
/// must not bury everything else. The JSON has them whole.
pub(super) const LONGEST_LABEL: usize = 300;
pub(super) const LONGEST_TEXT: usize = 1500;

/// One of the page's own words.
pub(super) type Pick = fn(&'static Words) -> &'static String;

/// A text in the page's first language, and in its second where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Both {
    pub first: String,
    pub second: Option<String>,
}

impl Both {
    /// A text that is known in the first language only.
    pub fn one(first: String) -> Self {
        Self { first, second: None }
    }
}

/// The page in the making.
pub(super) struct Sheet<'a> {
    out: &'a mut dyn io::Write,
    langs: [Lang; 2],
    /// Texts in the second language, in the order of the elements marked `data-t`.
    texts: Vec<String>,
    packed: Packed,
    /// How many findings have been written.
    pub rows: usize,
}

impl<'a> Sheet<'a> {
    pub fn new(first: Lang, out: &'a mut dyn io::Write) -> Self {
        let second = if first == Lang::En { Lang::Ja } else { Lang::En };
        Self { out, langs: [first, second], texts: vec![], packed: Packed::new(), rows: 0 }
    }

    /// The languages, first and second.
    pub const fn langs(&self) -> [Lang; 2] {
        self.langs
    }

    /// The first language as HTML names it.
    pub const fn lang(&self) -> &'static str {
        code(self.langs[0])
    }

    /// A text made for each language.
    pub fn both(&self, text: impl Fn(Lang) -> String) -> Both {
        let [first, second] = self.langs;
        Both { first: text(first), second: Some(text(second)) }
    }

    /// One of the page's own words, with values filled in.
    pub fn filled(&self, word: Pick, values: &[(&str, &str)]) -> Both {
        self.both(|lang| fill(word(Words::of(lang)), values))
    }

    /// Markup, written as it is: nothing that comes from a report may be in it unless through [`attribute`].
    pub fn raw(&mut self, markup: &str) -> io::Result<()> {
        self.out.write_all(markup.as_bytes())
    }

    /// A text of the report.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        let shown = shown(text, LONGEST_TEXT);
        self.shown(&shown)
    }

    /// A text that [`shown`] or the like has made harmless already.
    pub fn shown(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(markup(text).as_bytes())
    }

    /// An element with a text in both languages; `tag` is its name with its attributes.
    pub fn told(&mut self, tag: &str, text: &Both) -> io::Result<()> {
        let mark = match &text.second {
            // Said in the first language even when the page is switched, and pronounced so.
            None => format!(" lang={}", self.lang()),
            Some(second) if *second == text.first => String::new(),
            Some(second) => {
                self.texts.push(shown(second, LONGEST_TEXT).into_owned());
                " data-t".into()
            }
        };
        self.raw(&format!("<{tag}{mark}>"))?;
        self.text(&text.first)?;
        let name = tag.split(' ').next().unwrap_or(tag);
        self.raw(&format!("</{name}>"))
    }

    /// An element with one of the page's own words.
    pub fn word(&mut self, tag: &str, word: Pick) -> io::Result<()> {
        let text = self.both(|lang| word(Words::of(lang)).clone());
        self.told(tag, &text)
    }

    /// A picture of a path.
    pub fn drawn(&mut self, drawn: Drawn) -> io::Result<()> {
        self.texts.extend(drawn.texts);
        self.raw(&drawn.markup)
    }

    /// A heading, and what it is about below it.
    pub fn heading(&mut self, tag: &str, word: Pick, lead: Pick) -> io::Result<()> {
        self.word(tag, word)?;
        self.word("p class=lead", lead)
    }

    /// Packs what the script adds to the finding that was written last.
    pub fn pack(&mut self, row: &impl Serialize) -> io::Result<()> {
        self.packed.row(row)
    }

    /// The end of the page: what is packed, the script's words, the script.
    pub fn finish(self, script: &str) -> io::Result<()> {
        let Self { out, texts, packed, .. } = self;
        writeln!(out, "<script type=application/octet-stream id=packed>{}</script>", packed.finish(&texts)?)?;
        let words = serde_json::json!({
            "en": Words::of(Lang::En).script,
            "ja": Words::of(Lang::Ja).script,
        });
        let words = words.to_string().replace('<', "\\u003c");
        writeln!(out, "<script type=application/json id=words>{words}</script>")?;
        writeln!(out, "<script>{script}</script>\n</body>\n</html>")
    }
}

/// The language's code (BCP 47).
pub(super) const fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Ja => "ja",
    }
}

/// The text without what could hide, or reorder what is shown, cut off where it is longer than any reader wants.
pub(super) fn shown(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        None => escape(text),
        Some((end, _)) => Cow::Owned(format!("{}…", escape(&text[..end]))),
    }
}

/// The text with nothing in it that HTML takes for markup, in content and in quoted attributes.
pub(super) fn markup(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The id as an element's: itself, or, where it is none that the program gives, the digest of it.
pub(super) fn anchor(id: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if (1..=100).contains(&id.len()) && id.bytes().all(is_plain) {
        return id.to_owned();
    }
    Sha256::digest(id).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The text as the value of an attribute: quoted, unless it needs no quotes.
pub(super) fn attribute(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    let _ = write!(out, "{}\"", markup(&escape(text)));
    out
}

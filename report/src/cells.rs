//! What CSV and XLSX have in common: texts that fit into a cell of Excel, and that show what they are.

use std::borrow::Cow;

use aws_audit_checks::{page::Lang, report::ReportFinding};

use crate::{text::escape, words::say};

/// Characters that a cell holds; Excel counts UTF-16 code units. (Microsoft, "Excel specifications and limits".)
pub(crate) const LONGEST: usize = 32_767;

/// The text with everything written out that acts, hides or reorders (line breaks too: a row is a line), cut off
/// with a note where a cell cannot hold it.
pub(crate) fn text(text: &str, lang: Lang) -> Cow<'_, str> {
    let shown = escape(text);
    // Each UTF-16 code unit takes at least one byte in UTF-8.
    if shown.len() <= LONGEST || units(&shown) <= LONGEST {
        return shown;
    }
    let all = text.chars().count();
    let note = match lang {
        Lang::En => format!("… (cut off: {all} characters; the JSON has them all)"),
        Lang::Ja => format!("…（{all}文字のため省略。全文はJSONにあります）"),
    };
    let mut left = LONGEST - units(&note);
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    Cow::Owned(shown.chars().take_while(fits).chain(note.chars()).collect())
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The command that fixes the finding, where it is the same in a cell: one that is cut off or rewritten would be
/// another command, so that a note stands in its place.
pub(crate) fn command(finding: &ReportFinding, lang: Lang) -> Cow<'_, str> {
    let Some(command) = finding.fix.as_ref().and_then(|fix| fix.command.as_deref()) else {
        return Cow::Borrowed("");
    };
    if text(command, lang) == command { Cow::Borrowed(command) } else { Cow::Borrowed(see_json(lang)) }
}

/// In place of a command that cannot stand there.
pub(crate) const fn see_json(lang: Lang) -> &'static str {
    say(
        lang,
        "(see the JSON: it cannot be shown here unchanged)",
        "（ここには原文のまま表示できません。JSON出力を参照）",
    )
}

/// The controls that it is about, by framework: `cis-6.0 1.4, 1.5; fsbp IAM.6`.
pub(crate) fn controls(finding: &ReportFinding) -> String {
    let frameworks = finding.controls.iter().filter(|(_, controls)| !controls.is_empty());
    let frameworks = frameworks.map(|(framework, controls)| format!("{framework} {}", controls.join(", ")));
    frameworks.collect::<Vec<_>>().join("; ")
}

/// The numbers of the anti-patterns that it belongs to: `1, 6`.
pub(crate) fn antipatterns(finding: &ReportFinding) -> String {
    finding.antipatterns.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cell_cannot_hold_is_cut_off_and_said() {
        let fits = "a".repeat(LONGEST);
        assert_eq!(text(&fits, Lang::En), fits);
        for long in ["a".repeat(LONGEST + 1), "🚀".repeat(LONGEST), "日".repeat(100_000)] {
            for lang in [Lang::En, Lang::Ja] {
                let cut = text(&long, lang);
                assert!((LONGEST - 1..=LONGEST).contains(&units(&cut)), "{}", units(&cut));
                assert!(cut.contains(&long.chars().count().to_string()), "{}", &cut[cut.len() - 100..]);
            }
        }
    }
}

//! What no text for a reader may look like: what is left where a template had nothing to put.

/// What is wrong with the text; nothing with one that reads well.
#[must_use]
pub fn faults(text: &str) -> Vec<&'static str> {
    let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    let words: Vec<_> = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').collect();
    let word = |wanted: &str| words.contains(&wanted);
    let none = words.windows(2).any(|pair| pair[0] == "none" && pair[1] != "of") || text.ends_with("none");
    let faults = [
        (text.trim().is_empty(), "it is empty"),
        (text != text.trim(), "it begins or ends with a space"),
        (has(&["  ", "\u{3000}\u{3000}"]), "two spaces in a row"),
        (has(&[" .", " ,", " ;", "( ", " )", " 。", " 、"]) && !has(&[" ..."]), "a space at a mark"),
        (has(&["()", "[]", "{}", "（）", "「」", "\"\"", "''", "``"]), "nothing in brackets or quotes"),
        (has(&[", ,", ",,", "、、", "。。", ".. ", "、。"]) || text.ends_with(".."), "a mark after a mark"),
        (none || word("null") || word("undefined"), "it names nothing"),
        (has(&["（なし）", "「なし」", "はなし", "がなし", "なしまで", "なしから"]), "it names nothing"),
    ];
    faults.into_iter().filter_map(|(is, fault)| is.then_some(fault)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{page::Lang, registry};

    #[test]
    fn titles_and_templates() {
        for entry in registry::all() {
            for lang in [Lang::En, Lang::Ja] {
                let page = entry.page(lang);
                for text in page.texts() {
                    assert_eq!(faults(text), [""; 0], "{}: {text}", entry.check.id);
                }
                // Whether there is an organization, a title does not know.
                let title = &page.title;
                assert!(!title.contains("outside the organization") && !title.contains("組織外"), "{title}");
            }
        }
    }

    #[test]
    fn what_templates_leave() {
        for text in [
            "Group sg-1 is reached at none.",
            "Key  is old.",
            "Key k is old .",
            "Role r () is old.",
            "Roles a, , b are old.",
            "グループ sg-1 の最終使用日はなしです。",
            "ロール（）は古いです。",
            "The limit is null.",
            "",
            " Key k is old.",
        ] {
            assert!(!faults(text).is_empty(), "{text}");
        }
        for text in [
            "None of the rules blocks.",
            "It has none of them.",
            "Key k (none-such) is old.",
            "MFAなしで使えます。",
        ] {
            assert_eq!(faults(text), [""; 0], "{text}");
        }
    }
}

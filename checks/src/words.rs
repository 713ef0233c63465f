//! The words for what evidence has as ids and fields, in every language: `words.toml`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{framework::Text, page::Lang};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    ids: BTreeMap<String, BTreeMap<String, Text>>,
    items: Vec<Text>,
}

static WORDS: LazyLock<Words> =
    LazyLock::new(|| toml::from_str(include_str!("words.toml")).expect("a test reads them"));

/// The words for a value of the evidence of that name, where it is an id.
pub(crate) fn of_id(name: &str, value: &str, lang: Lang) -> Option<&'static str> {
    Some(WORDS.ids.get(name)?.get(value)?.get(lang))
}

/// The template for objects with just these fields, if there is one.
pub(crate) fn of_item(fields: &Map<String, Value>, lang: Lang) -> Option<&'static str> {
    let is_for = |template: &&Text| {
        let mut names = names(template.get(lang));
        names.clone().count() == fields.len() && names.all(|name| fields.contains_key(name))
    };
    WORDS.items.iter().find(is_for).map(|template| template.get(lang))
}

/// What a template names.
fn names(template: &str) -> impl Iterator<Item = &str> + Clone {
    template.split('{').skip(1).filter_map(|from| from.split_once('}').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn templates_name_the_same_in_every_language_and_no_two_are_for_the_same() {
        let mut seen = BTreeSet::new();
        for template in &WORDS.items {
            let [en, ja] = [Lang::En, Lang::Ja].map(|lang| BTreeSet::from_iter(names(template.get(lang))));
            assert_eq!(en, ja);
            assert!(seen.insert(en), "two templates like {template:?}");
        }
    }

    #[test]
    fn every_id_has_words_in_every_language() {
        assert!(WORDS.ids.values().flat_map(BTreeMap::values).chain(&WORDS.items).all(Text::is_written));
    }
}

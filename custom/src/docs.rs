//! The tables of the documentation: nouns with their fields, and functions.

use aws_audit_checks::page::Lang;

use crate::{functions, shape::Shape, view};

/// The functions, as a Markdown table.
#[must_use]
pub fn functions(lang: Lang) -> String {
    let mut table = String::from(match lang {
        Lang::En => "| Function | Answers |\n| --- | --- |\n",
        Lang::Ja => "| 関数 | 答え |\n| --- | --- |\n",
    });
    for function in &functions::ALL {
        let about = function.about();
        table.push_str(&format!("| `{}` | {} |\n", function.signature(), about.get(lang)));
    }
    table
}

/// The nouns, as a Markdown table.
#[must_use]
pub fn nouns(lang: Lang) -> String {
    let mut table = String::from(match lang {
        Lang::En => {
            "| Resource | What it is | Fields | `public(r)` asks | `reachable` |\n| --- | --- | --- | --- | --- |\n"
        }
        Lang::Ja => {
            "| リソース | 説明 | フィールド | `public(r)` が使うチェック | `reachable` |\n| --- | --- | --- | --- | --- |\n"
        }
    });
    let common: Vec<_> = view::common().into_iter().map(|it| it.name()).collect();
    for noun in view::NOUNS {
        let fields: Vec<_> = noun
            .fields()
            .iter()
            .filter(|field| !common.contains(&field.name))
            .map(|field| format!("`{}`", field.name))
            .collect();
        let public: Vec<_> = noun.public_by().iter().map(|id| format!("`{id}`")).collect();
        let reachable = match (noun.has_fact("reachable"), lang) {
            (false, _) => "",
            (true, Lang::En) => "yes",
            (true, Lang::Ja) => "可",
        };
        table.push_str(&format!(
            "| `{}` | {} | {} | {} | {reachable} |\n",
            noun.name,
            noun.title[lang as usize],
            fields.join(", "),
            public.join(", ")
        ));
    }
    table
}

/// Every field of the view, a line each: `s3.bucket.policy: string or null`. What stands in `view-v1.txt` stays as it is.
#[must_use]
pub fn lines() -> Vec<String> {
    fn add(lines: &mut Vec<String>, path: &str, shape: &Shape) {
        match shape {
            Shape::Object(fields) => {
                fields.iter().for_each(|field| add(lines, &format!("{path}.{}", field.name), &field.shape));
            }
            Shape::List(items) if has_fields(items) => add(lines, &format!("{path}[]"), items),
            Shape::Map(values) if has_fields(values) => add(lines, &format!("{path}{{}}"), values),
            Shape::Maybe(inner) if has_fields(inner) => add(lines, &format!("{path}?"), inner),
            other => lines.push(format!("{path}: {}", other.words())),
        }
    }
    fn has_fields(shape: &Shape) -> bool {
        match shape {
            Shape::Object(_) => true,
            Shape::List(inner) | Shape::Map(inner) | Shape::Maybe(inner) => has_fields(inner),
            _ => false,
        }
    }
    let mut lines = Vec::new();
    for noun in view::NOUNS {
        add(&mut lines, noun.name, &noun.shape());
    }
    add(&mut lines, "settings", &view::settings_shape());
    lines
}

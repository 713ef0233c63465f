//! Values of conditions that callers are meant to keep secret: they are masked before a policy goes into the
//! snapshot, and in evidence.

use serde_json::Value;

use crate::secrets;

/// AWS's own recipe for a website behind CloudFront has a secret in the referer or user agent, and the token of
/// an event source is nothing else.
const KEYS: [&str; 3] = ["aws:referer", "aws:useragent", "lambda:eventsourcetoken"];

/// Whether the values of this condition key are such.
pub(super) fn is_key(key: &str) -> bool {
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// The policy document with such values masked: no verdict depends on them. A text that is no document stays.
#[must_use]
pub fn masked(policy: &str) -> String {
    let lower = policy.to_ascii_lowercase();
    match serde_json::from_str(policy) {
        Ok(mut document) if KEYS.iter().any(|key| lower.contains(key)) => {
            mask(&mut document);
            document.to_string()
        }
        _ => policy.to_owned(),
    }
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| {
            if is_key(key) {
                hide(value);
            } else {
                mask(value);
            }
        }),
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::String(text) => *text = secrets::hint(text),
        Value::Array(items) => items.iter_mut().for_each(hide),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_what_callers_keep_secret() {
        let policy = r#"{"Statement": [{"Sid": "s", "Condition": {
            "StringLike": {"AWS:Referer": ["correct-horse-battery", "x"], "aws:PrincipalTag/a": "correct"},
            "StringEquals": {"lambda:EventSourceToken": "correct-horse-battery"}}}]}"#;
        let masked: Value = serde_json::from_str(&masked(policy)).unwrap();
        let conditions = &masked["Statement"][0]["Condition"];
        assert_eq!(conditions["StringLike"]["AWS:Referer"], serde_json::json!(["co…", "…"]));
        assert_eq!(conditions["StringLike"]["aws:PrincipalTag/a"], "correct");
        assert_eq!(conditions["StringEquals"]["lambda:EventSourceToken"], "co…");
    }

    #[test]
    fn leaves_other_documents_as_they_are() {
        for text in [r#"{"Statement":  []}"#, "no aws:Referer document", ""] {
            assert_eq!(masked(text), text);
        }
    }
}

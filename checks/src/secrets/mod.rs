//! Credentials in environment variables, user data, outputs and the like: where they are and of what kind,
//! never what they are.
//!
//! Rules run from the surest to the least sure. Forms that providers publish, with their checksums, are found
//! anywhere in a text (`token`); then passwords in addresses (`connection`); then values whose name says
//! that they are secret (`assignment`, `name`) and that are neither placeholders nor references nor
//! identifiers (`value`); then the arguments of commands (`command`). Base 64 is decoded and searched too
//! (`scan`).
//!
//! Everything is written by hand rather than as regular expressions: half of the rules are questions about
//! words, checksums and decoded JSON. Every look ahead is bounded and what is asked of a whole line or text is
//! asked once, so that the time is linear in the length of the text; and that is bounded too (`decode::MOST`).
//!
//! `corpus/` has the cases that precision and recall are measured by.

mod assignment;
mod checksum;
mod command;
mod connection;
mod decode;
mod hits;
mod mime;
mod name;
mod scan;
mod token;
mod user_data;
mod value;

#[cfg(test)]
mod corpus;

use self::{
    hits::Hits,
    scan::{Budget, Hit, scan},
};
pub use self::{
    name::named_as_secret,
    scan::hint,
    user_data::{in_base64_user_data, in_user_data},
};
use crate::snapshot::secret::{Location, Secret, SecretKind};

/// The secret in a variable, parameter or output, if its value is or holds one.
#[must_use]
pub fn in_pair(name: &str, value: &str) -> Option<Secret> {
    let value = unquoted(value.trim());
    let secret = |hit: Hit| Secret {
        kind: hit.kind,
        place: Location { name: Some(name.to_owned()), ..Location::default() },
        hint: hit.hint,
        key_id: hit.key_id,
    };
    let mut hits = Hits::default();
    token::find(value, &mut hits);
    let told_by_form = hits.is_settled(&(0..value.len()));
    if !told_by_form
        && value::is_reference(value)
        && !value.contains("://")
        && !value.contains(char::is_whitespace)
    {
        return None;
    }
    if let Some(hit) = scan(value, &mut Budget::new(decode::MOST)).into_iter().next() {
        return Some(secret(hit));
    }
    let words = name::words(name);
    let of_http = words.last().is_some_and(|word| word == "authorization")
        || words.ends_with(&["basic".to_owned(), "auth".to_owned()])
        || words.ends_with(&["http".to_owned(), "auth".to_owned()]);
    if of_http && (assignment::authorization(value).is_some() || assignment::is_user_and_password(value)) {
        return Some(secret(Hit {
            kind: SecretKind::HttpCredentials,
            at: 0,
            hint: hint(value),
            key_id: None,
        }));
    }
    // A form that is certainly no secret settles it.
    let kind = (!told_by_form).then(|| assignment::judge(name, value)).flatten()?;
    Some(secret(Hit { kind, at: 0, hint: hint(value), key_id: None }))
}

/// The secrets in a text: script, configuration, template. The place is the line, counted from 1.
#[must_use]
pub fn in_text(text: &str) -> Vec<Secret> {
    by_line(text, scan(text, &mut Budget::new(decode::MOST))).collect()
}

/// The hits, which are in the order of the text, with the lines they are in.
fn by_line(text: &str, hits: Vec<Hit>) -> impl Iterator<Item = Secret> {
    let (mut line, mut counted) = (1, 0);
    hits.into_iter().map(move |hit| {
        line += text.as_bytes()[counted..hit.at].iter().filter(|c| **c == b'\n').count();
        counted = hit.at;
        let place = Location { line: Some(line), ..Location::default() };
        Secret { kind: hit.kind, place, hint: hit.hint, key_id: hit.key_id }
    })
}

/// The value without the quotation marks that somebody put around all of it.
fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .filter(|inner| !inner.contains(['"', '\'']))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_of_long_term_access_keys_are_kept() {
        let id = |value: &str| in_pair("KEY", value).and_then(|secret| secret.key_id);
        assert_eq!(id("AKIAQ3EGRT7YVNBWLK5M").as_deref(), Some("AKIAQ3EGRT7YVNBWLK5M"));
        assert_eq!(id("ASIAQ3EGRT7YVNBWLK5M"), None, "that of a session belongs to no user");
        assert_eq!(id("Tr0ub4dor&3xyz"), None);
        let found = in_text("aws configure set aws_access_key_id AKIAQ3EGRT7YVNBWLK5M");
        assert_eq!(found[0].key_id.as_deref(), Some("AKIAQ3EGRT7YVNBWLK5M"));
    }

    #[test]
    fn hints_show_two_characters_at_most() {
        for (value, expected) in [
            ("", "…"),
            ("hunter2", "…"),
            ("hunter22", "h…"),
            ("correct-horse-battery", "co…"),
            ("秘密の言葉秘密の言葉秘密の言葉", "…"),
            ("a\u{1b}[31mxxxxxxxxxxxxxxx", "a…"),
        ] {
            assert_eq!(hint(value), expected);
        }
    }

    #[test]
    fn kinds_are_written_in_snake_case() {
        let secret = in_pair("DB_PASSWORD", "Tr0ub4dor&3").expect("a password");
        let json = serde_json::to_value(&secret).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"kind": "password", "place": {"name": "DB_PASSWORD"}, "hint": "T…"})
        );
        assert_eq!(serde_json::from_value::<Secret>(json).unwrap(), secret);
        assert_eq!(serde_json::to_value(SecretKind::AwsSecretAccessKey).unwrap(), "aws_secret_access_key");
    }

    #[test]
    fn places_are_lines() {
        let found =
            in_text("#!/bin/sh\n\nexport A=b\nexport DB_PASSWORD=hunter2\r\nmysql -u root -pS3cret99 app\n");
        let places: Vec<_> = found.iter().map(|secret| secret.place.line).collect();
        assert_eq!(places, [Some(4), Some(5)]);
    }

    #[test]
    fn one_secret_is_told_once() {
        let token = corpus::expand("«ghp»");
        for text in [
            format!("export GITHUB_TOKEN={token}"),
            format!("git clone https://x-access-token:{token}@github.com/a/b.git"),
            format!("{{\"github_token\": \"{token}\"}}"),
            format!("curl -H 'Authorization: Bearer {token}' https://api.github.com/user"),
        ] {
            let found = in_text(&text);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].kind, SecretKind::GithubToken);
        }
    }

    /// Pieces that make a rule look at the rest of the line or text, again and again.
    #[test]
    fn long_hostile_texts_end() {
        let key = corpus::expand("-----BEGIN PRIVATE KEY-----«alnum:64»-----END PRIVATE KEY-----");
        for piece in [
            key.as_str(),
            "password=",
            "a=",
            "-----BEGIN RSA PRIVATE KEY-----",
            "eyJ",
            "eyJhbGciOiJIUzI1NiJ9.",
            "IQoJb3JpZ2lu/",
            "xoxb-",
            "https://a:b",
            "://",
            "AKIA",
            "$6$",
            "mysql -p",
            "chpasswd ",
            "docker ",
            "pass:a ",
            "password ",
            "(((",
            "A",
            " ",
            "\"",
            "a:1:b:c:",
            "AccountKey=",
            "--password ",
            "sk-",
            "\\n",
            "\n",
            "=",
            ": ",
            "パ",
        ] {
            let text = piece.repeat((64 << 10) / piece.len());
            let _ = in_text(&text);
            let _ = in_pair("PASSWORD", &text);
        }
        let _ = in_text(&(" ".repeat(64 << 10) + &"ENV a ".repeat(1 << 13)));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_read(data in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = in_user_data(&data);
            let text = String::from_utf8_lossy(&data);
            let _ = (in_text(&text), in_pair("PASSWORD", &text), in_pair(&text, "hunter2hunter2"));
            let _ = in_base64_user_data(&text);
        }

        /// Texts from the pieces that the rules look for.
        #[test]
        fn texts_like_scripts_are_read(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "password", "=", ":", " ", "\"", "'", "\\", "\n", "--", "-p", "mysql", "$", "{", "}", "(",
            ")", "<", ">", "://", "@", "/", "eyJ", ".", "-----BEGIN PRIVATE KEY-----", "-----END",
            "AKIA", "ABCDEFGHIJKLMNOP", "é", "パス", "chpasswd", "curl", "-u", "Authorization", "Basic ",
            "Content-Type: multipart/mixed; boundary=X\n\n", "--X", "\u{1f}", "#", ",", ";", "name",
            "value", "jdbc:oracle:thin:", "identified by", "$6$", "sig=", ":-", "=>", "@\"", "xoxb-",
            "1:AA", "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", "r3Al", "T",
        ]), 0..60)) {
            let text = pieces.concat();
            let _ = (in_text(&text), in_user_data(text.as_bytes()));
            let _ = (in_pair("TOKEN", &text), in_pair(&text, &text));
        }

        #[test]
        fn hints_never_show_more(value in "\\PC{0,80}") {
            let hint = hint(&value);
            let shown = hint.strip_suffix('…').unwrap();
            prop_assert!(shown.chars().count() <= 2 && value.starts_with(shown));
        }

        /// What is found never holds the value: a password of random letters is nowhere in what is written.
        #[test]
        fn values_are_not_written(value in "[a-z]{4}[A-Z]{4}[0-9]{4}[!%+]{2}") {
            for secret in [
                in_pair("DB_PASSWORD", &value).into_iter().collect(),
                in_text(&format!("export DB_PASSWORD='{value}'\nmysql -p'{value}'\n")),
                in_user_data(format!("chpasswd:\n  list: |\n    root:{value}\n").as_bytes()).unwrap(),
            ] as [Vec<Secret>; 3] {
                prop_assert!(!secret.is_empty());
                let written = format!("{secret:?} {}", serde_json::to_string(&secret).unwrap());
                // From its third character on nothing of it, where chance makes no such run of letters.
                prop_assert!(!written.contains(&value[2..7]) && !written.contains(&value[4..10]));
            }
        }
    }
}

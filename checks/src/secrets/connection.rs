//! Passwords in URLs and connection strings: `scheme://user:password@host`, and Oracle's
//! `user/password@host`. `password=…` in JDBC and ADO.NET strings is an assignment like any other.

use super::{
    SecretKind::ConnectionString,
    hits::Hits,
    value::{is_placeholder, is_reference},
};

/// The longest address that is looked at: keeps the time linear.
const LONGEST: usize = 512;

/// Finds the passwords.
pub(super) fn find(text: &str, hits: &mut Hits) {
    for (at, _) in text.match_indices("://") {
        let has_scheme = at > 0 && text.as_bytes()[at - 1].is_ascii_alphanumeric();
        let begin = at + 3;
        if let Some((from, to)) = has_scheme.then(|| password(address(text, begin))).flatten() {
            hits.push(ConnectionString, begin + from..begin + to);
        }
    }
    // user:password@tcp(host:port)/database, of Go's driver for MySQL.
    for (at, _) in text.match_indices("@tcp(") {
        let begins = |c: char| c.is_whitespace() || "\"'`=/".contains(c);
        let mut low = at.saturating_sub(LONGEST);
        while !text.is_char_boundary(low) {
            low += 1;
        }
        let begin = text[low..at].rfind(begins).map_or(low, |found| low + found + 1);
        if let Some((user, password)) = text[begin..at].split_once(':')
            && !user.is_empty()
            && counts(password)
        {
            hits.push(ConnectionString, at - password.len()..at);
        }
    }
    for (at, thin) in text.match_indices("jdbc:oracle:thin:") {
        let begin = at + thin.len();
        let address = address(text, begin);
        let Some((user, rest)) = address.split_once('/') else { continue };
        let Some((password, _)) = rest.split_once('@') else { continue };
        if !user.is_empty() && !user.contains('@') && counts(password) {
            let from = begin + user.len() + 1;
            hits.push(ConnectionString, from..from + password.len());
        }
    }
}

fn address(text: &str, begin: usize) -> &str {
    let rest = &text[begin..];
    let mut end =
        rest.bytes().take(LONGEST).take_while(|c| !c.is_ascii_whitespace() && !b"\"'`".contains(c)).count();
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    &rest[..end]
}

/// Where in the address (what follows `://`) the password is.
fn password(address: &str) -> Option<(usize, usize)> {
    let authority = &address[..address.find(['/', '?', '#']).unwrap_or(address.len())];
    let (at, colon) = match (authority.rfind('@'), authority.find(':')) {
        (Some(at), Some(colon)) if colon < at => (at, colon),
        (Some(_), _) => return None,
        // Passwords with a slash in them that nobody encoded. Otherwise what is behind the colon is a port.
        (None, Some(colon)) => {
            let at = address.find('@')?;
            let port = authority[colon + 1..].bytes().all(|c| c.is_ascii_digit() || b"${}".contains(&c));
            if port {
                return None;
            }
            (at, colon)
        }
        (None, None) => return None,
    };
    let host = address[at + 1..].bytes().next()?;
    let has_host = host.is_ascii_alphanumeric() || b"[$%{<".contains(&host);
    (has_host && counts(&address[colon + 1..at])).then_some((colon + 1, at))
}

fn counts(password: &str) -> bool {
    password.len() >= 3
        && !is_placeholder(password)
        && !is_reference(password)
        // A variable in the middle: the rest is not all of it, but `${` begins what is looked up.
        && !password.contains("${")
        && !password.contains("$(")
        && !password.contains("{{")
        && !password.contains("%(")
        && !password.starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut hits = Hits::default();
        find(text, &mut hits);
        hits.secrets().map(|(_, range)| &text[range]).collect()
    }

    #[test]
    fn passwords_of_addresses() {
        assert_eq!(found("postgres://app:hunter2@db:5432/app?x=y@z"), ["hunter2"]);
        assert_eq!(found("redis://:s3cr3tpw@cache:6379/0"), ["s3cr3tpw"]);
        assert_eq!(found("mongodb+srv://u:p%40ss!@c.mongodb.net"), ["p%40ss!"]);
        assert_eq!(found("amqp://u:pa/ss9@mq/vhost"), ["pa/ss9"]);
        assert_eq!(found("app:t1ger@tcp(db:3306)/app"), ["t1ger"]);
        assert_eq!(found("jdbc:oracle:thin:scott/t1ger@db:1521:X"), ["t1ger"]);
    }

    #[test]
    fn addresses_without() {
        for text in [
            "https://example.com:8080/a@b",
            "https://host/a:b@c",
            "git@github.com:a/b.git",
            "ssh://git@github.com:22/a",
            "postgres://app:${PASS}@db",
            "postgres://app:password@db",
            "postgres://app:<pass>@db",
            "postgres://app@db:5432",
            "://a:bcdef@c",
            "https://host:${PORT}/x@y",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}

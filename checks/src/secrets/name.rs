//! What the name of a variable says about its value.

use super::SecretKind;

/// What a name says that its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Says {
    pub kind: SecretKind,
    /// People choose passwords, machines make the rest: any word may be a password, but a token that looks
    /// like a word is something else.
    pub random: bool,
    /// Shorter values are something else.
    pub min_length: usize,
}

/// A word before `key` that makes it one to keep secret.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "access", "account", "admin", "aes", "api", "app", "application", "auth", "cert", "certificate", "cipher",
    "client", "cookie", "crypto", "deploy", "developer", "encrypt", "encryption", "fernet", "function",
    "functions", "gpg", "hash", "hmac", "ingest", "ingestion", "integration", "jwt", "license", "licence",
    "master", "pgp", "private", "registration", "root", "rsa", "sdk", "secret", "security", "server",
    "service", "session", "shared", "sign", "signing", "ssl", "storage", "subscription", "tls", "token",
    "webhook", "write",
];

/// A word after the secret one that makes it a word about a secret: `PASSWORD_FILE`, `SECRET_ARN`, `KEY_ID`.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "address", "age", "alg", "algo", "algorithm", "alias", "arn", "arns", "attempts", "audience",
    "authentication", "authorizer", "backend", "bucket", "bytes", "cache", "callback", "chars", "check",
    "class", "cluster", "column", "complexity", "count", "created", "date", "days", "dir", "directory",
    "disabled", "domain", "duration", "email", "enabled", "encoder", "encrypt", "encrypted", "encryption",
    "endpoint", "engine", "env", "environment", "exp", "expiration", "expire", "expired", "expires", "expiry",
    "field", "file", "filename", "format", "function", "functions", "generator", "group", "handler", "hash",
    "hasher", "hashing", "header", "headers", "hint", "history", "hook", "host", "hostname", "hours", "id",
    "identifier", "ids", "image", "index", "interval", "introspection", "issuer", "job", "label", "lambda",
    "layer", "len", "length", "lifetime", "limit", "link", "location", "lookup", "machine", "manager", "max",
    "message", "messages", "method", "min", "minutes", "mode", "name", "names", "owner", "page", "param",
    "parameter", "path", "pattern", "policy", "port", "prefix", "prompt", "property", "provider", "queue",
    "ref", "reference", "regex", "region", "repository", "required", "requirements", "reset", "retries",
    "revocation", "role", "rotation", "rule", "rules", "scope", "seconds", "selector", "sender", "sha",
    "sha256", "size", "source", "status", "stdin", "store", "strategy", "stream", "subject", "suffix",
    "symbol", "table", "template", "timeout", "topic", "ttl", "type", "uri", "url", "urls", "usage", "user",
    "userdata", "username", "users", "validation", "validity", "version", "versions",
];

/// A first word that makes it a question or an order: `USE_TOKEN`, `REQUIRE_PASSWORD`.
const ORDERS: &[&str] = &[
    "allow", "disable", "disabled", "enable", "enabled", "forgot", "has", "is", "max", "min", "need",
    "needs", "no", "num", "number", "require", "required", "requires", "reset", "rotate", "skip", "use",
    "uses", "validate", "verify", "with", "without",
];

/// A word before `token` that makes it a mark of a place, not a credential.
#[rustfmt::skip]
const MARKS: &[&str] = &[
    "bos", "cancellation", "client", "continuation", "eos", "idempotency", "mask", "max", "min", "next",
    "pad", "page", "pagination", "request", "stop", "sync", "unk",
];

/// The kind of secret that the name announces.
pub(super) fn says(name: &str) -> Option<Says> {
    // Nobody names a variable so; texts without spaces do come.
    if name.is_empty() || name.len() > 256 {
        return None;
    }
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (at, says) = (0..words.len()).rev().find_map(|at| Some((at, word_says(words[at], &words[..at])?)))?;
    // pass_by_value: a short word counts at the end only.
    let about = words[at + 1..].iter().any(|word| ABOUT.contains(word))
        || matches!(words[at], "pass" | "pw" | "auth") && at + 1 < words.len();
    let public = words[..at].iter().any(|word| matches!(*word, "public" | "publishable" | "site"));
    let order = at > 0 && ORDERS.contains(&words[0]);
    let says = match says.kind {
        SecretKind::SecretKey if words[..at].contains(&"private") => {
            Says { kind: SecretKind::PrivateKey, ..says }
        }
        SecretKind::SecretKey if words[..at].contains(&"api") => Says { kind: SecretKind::ApiKey, ..says },
        SecretKind::Token if words.contains(&"twilio") => Says { kind: SecretKind::TwilioKey, ..says },
        _ => says,
    };
    (!about && !public && !order).then_some(says)
}

/// Whether the name (`DbPassword`, `password1`) alone says that the value, which nobody looks at, is a
/// credential. `auth` and `salt` are as often an address, a version or public.
#[must_use]
pub fn named_as_secret(name: &str) -> bool {
    let words = words(name);
    says(name).is_some() && !words.last().is_some_and(|last| matches!(last.as_str(), "auth" | "salt"))
}

fn word_says(word: &str, before: &[&str]) -> Option<Says> {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let previous = before.last().copied().unwrap_or_default();
    let chosen = |min_length| Says { kind: SecretKind::Password, random: false, min_length };
    let made = |kind, min_length| Says { kind, random: true, min_length };
    let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
    match word {
        // NOPASSWD of sudoers, and the working directory that the shell left.
        "nopasswd" | "nopassword" | "oldpwd" => None,
        "pass" | "pw" if before.is_empty() => Some(made(SecretKind::Password, 8)),
        "pass" | "pw" | "psw" | "pswd" => Some(chosen(4)),
        _ if ends(&["password", "passwd", "passphrase", "passwort", "passcode", "pwd"]) => Some(chosen(4)),
        _ if ends(&["passwords"]) => Some(chosen(4)),
        "dbpass" | "userpass" | "adminpass" | "rootpass" | "mysqlpass" | "ftppass" | "requirepass"
        | "masterauth" | "storepass" | "keypass" => Some(chosen(4)),
        "token" if MARKS.contains(&previous) => None,
        _ if ends(&["token"]) => Some(made(SecretKind::Token, 12)),
        "tokens" if matches!(previous, "access" | "api" | "auth") => Some(made(SecretKind::Token, 12)),
        _ if ends(&["secret", "secrets"]) => Some(made(SecretKind::Secret, 8)),
        _ if ends(&["apikey"]) => Some(made(SecretKind::ApiKey, 12)),
        _ if ends(&["privatekey"]) => Some(made(SecretKind::PrivateKey, 12)),
        _ if ends(&["secretkey", "accesskey", "accountkey", "authkey", "signingkey", "encryptionkey"])
            || ends(&["masterkey", "licensekey"]) =>
        {
            Some(made(SecretKind::SecretKey, 12))
        }
        "key" | "keys" if KEYS.contains(&previous) => Some(made(SecretKind::SecretKey, 12)),
        "credential" | "credentials" | "creds" | "cred" => Some(made(SecretKind::Credential, 8)),
        "auth" | "salt" => Some(made(SecretKind::Credential, 12)),
        _ => None,
    }
}

/// The words of a name in lower case: `DB_PASSWORD`, `dbPassword`, `DBPassword`, `db.password`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut new = true;
    let chars: Vec<char> = name.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            new = true;
            continue;
        }
        let previous = at.checked_sub(1).map(|before| chars[before]);
        let next_is_lower = chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        // `dbPassword` parts before the P, `DBPassword` too.
        let hump = c.is_uppercase()
            && previous.is_some_and(|previous| {
                previous.is_lowercase() || previous.is_numeric() || previous.is_uppercase() && next_is_lower
            });
        if new || hump {
            words.push(String::new());
        }
        new = false;
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names_into_words() {
        for (name, expected) in [
            ("DB_PASSWORD", "db password"),
            ("DBPassword", "db password"),
            ("dbPassword2", "db password2"),
            ("spring.datasource.password", "spring datasource password"),
            ("/prod/db/Secret", "prod db secret"),
            ("OAuthToken", "o auth token"),
            ("", ""),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn names_of_secrets() {
        for name in [
            "PASSWORD",
            "MasterUserPassword",
            "PGPASSWORD",
            "db.passwd",
            "SMTP_PASS",
            "API_KEY",
            "apikey",
            "GITHUB_TOKEN",
            "authToken",
            "CLIENT_SECRET",
            "SecretAccessKey",
            "aws_secret_access_key",
            "SECRET_KEY_BASE",
            "PRIVATE_KEY",
            "DD_API_KEY",
            "/prod/db/password",
            "REDIS_AUTH",
            "PASSWORD_PROD",
            "TOKEN_SIGNING_KEY",
            "requirepass",
            "ADMIN_CREDENTIALS",
            "NEW_RELIC_LICENSE_KEY",
            "PASSWORD1",
        ] {
            assert!(says(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_that_need_a_look_at_the_value() {
        for (name, alone) in [
            ("password", true),
            ("passwords", true),
            ("CLIENT_SECRETS", true),
            ("auth", false),
            ("user-auth", false),
            ("salt", false),
            ("authToken", true),
        ] {
            assert_eq!((named_as_secret(name), says(name).is_some()), (alone, true), "{name}");
        }
    }

    #[test]
    fn names_about_secrets() {
        for name in [
            "SECRET_ARN",
            "DB_SECRET_NAME",
            "TOKEN_URL",
            "PASSWORD_FILE",
            "PASSWORD_MIN_LENGTH",
            "KEY_ID",
            "KMS_KEY_ID",
            "PUBLIC_KEY",
            "STRIPE_PUBLISHABLE_KEY",
            "USE_PASSWORD",
            "NEXT_TOKEN",
            "MAX_TOKENS",
            "CACHE_KEY",
            "SORT_KEY",
            "AUTHOR",
            "COMPASS",
            "BYPASS",
            "TOKENIZER",
            "MONKEY",
            "SECRETARY",
            "AccessKeyId",
            "passwordPolicy",
            "NOPASSWD",
            "KEYBOARD",
            "PASSENGER_ENV",
            "TOKEN_TTL",
            "AUTH_TOKEN_FUNCTION",
            "TOKEN_QUEUE",
            "PASSWORD_STREAM",
            "RESET_PASSWORD_LINK",
            "COMPLETION_TOKENS",
            "",
        ] {
            assert!(says(name).is_none(), "{name}");
        }
    }
}

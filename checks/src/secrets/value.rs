//! What a value says about itself: a placeholder, a reference to where the secret really is, an identifier, a
//! word, or something that only a machine would make up.

use super::{
    SecretKind,
    name::{Says, words},
};

/// Whether the value of a variable with that name is the secret itself.
pub(super) fn is_secret(says: Says, value: &str) -> bool {
    let value = value.trim();
    // What is in an object has been looked at by itself.
    let object = value.starts_with('{') && value.ends_with('}');
    if value.chars().count() < says.min_length || object || is_placeholder(value) || is_reference(value) {
        return false;
    }
    if is_uuid(value) {
        // Of keys and passwords it is the id of a KMS key or the name of a secret; services issue tokens so.
        return matches!(says.kind, SecretKind::Token | SecretKind::ApiKey) && is_drawn(value);
    }
    if says.random {
        is_random(value)
    } else {
        !(is_short_number(value) || is_digest(value) || names_a_secret(value) || is_prose(value))
    }
}

/// Words that fill a place until somebody puts the secret there. `admin`, `postgres`, `root` are not among
/// them: they are bad passwords, but passwords in use.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "a", "access", "actual", "add", "an", "and", "any", "api", "apikey", "app", "argument", "at", "auth",
    "auto", "aws", "bar", "baz", "be", "bearer", "blank", "bool", "boolean", "by", "cert", "change",
    "changed", "changeit", "changeme", "client", "compat", "cookie", "credential", "credentials", "creds",
    "database", "db", "default", "define", "defined", "demo", "dev", "disabled", "dummy", "empty",
    "enabled", "encryption", "enter", "env", "example", "fake", "false", "files", "fill", "fixme", "flag",
    "foo", "foobar", "for", "from", "fuga", "generate", "generated", "goes", "here", "hidden", "hoge", "hogehoge", "ignore", "ignored",
    "in", "insert", "int", "integer", "invalid", "is", "it", "jwt", "key", "keys", "list", "local", "long",
    "masked", "me", "mock", "must", "my", "n", "na", "never", "new", "nil", "no", "none", "not", "null",
    "number", "object", "of", "off", "omitted", "on", "option", "optional", "options", "or", "out",
    "parameter", "pass", "passphrase", "passwd", "password", "passwords", "piyo", "placeholder", "please",
    "private", "prompt", "provided", "put", "pwd", "qux", "r", "random", "real", "redacted", "removed",
    "replace", "replaced", "required", "retrieved", "runtime", "safe", "same", "sample", "secret",
    "secretkey", "secrets", "secure", "see", "session", "set", "should", "signing", "some", "something",
    "ssm", "str", "string", "strong", "super", "tbd", "test", "testing", "text", "the", "this", "to",
    "todo", "token", "tokens", "true", "undefined", "unknown", "unset", "unused", "us", "use", "used",
    "user", "username", "value", "values", "vault", "very", "via", "with", "x", "xx", "xxx", "yes", "you",
    "your", "yours", "ここにパスワード", "サンプル", "ダミー", "テスト", "パスワード", "パスワードを入力",
    "パスワードを入力してください", "変更してください", "未設定",
];

/// Parts that no real secret has but by rare accident.
#[rustfmt::skip]
const FILLER_PARTS: &[&str] = &[
    "example", "placeholder", "changeme", "change_me", "change-me", "change_this", "change-this",
    "changeit", "replaceme", "replace_me", "replace-me", "replace_with", "replace-with", "replace_this",
    "redacted", "fixme", "your_", "your-", "dummy", "not_a_real", "not-a-real", "notreal", "not-real",
    "insert_", "insert-", "to_be_", "to-be-", "xxxx", "****", "....", "____", "----", "••••", "●●●●",
    "####", "todo",
];

/// Whether the value only holds the place of a secret: `changeme`, `<your-token>`, `xxx`, `TODO`, `****`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let mut chars = value.chars();
    let Some(first) = chars.next() else { return true };
    if chars.all(|c| c == first) {
        return true;
    }
    let bracketed = [('<', '>'), ('[', ']'), ('(', ')')]
        .iter()
        .any(|(open, close)| first == *open && value.ends_with(*close));
    let lower = value.to_lowercase();
    bracketed
        || first == '<' && value.contains('>')
        // Certificates and the like are not judged by a part of them.
        || value.len() <= 256 && FILLER_PARTS.iter().any(|part| lower.contains(part))
        || is_filler(&lower)
        || words(value).iter().all(|word| FILLERS.contains(&word.as_str()))
        || is_sequence(&lower)
}

/// Whether letters without a gap are fillers one after another: `mysupersecretkey`.
fn is_filler(lower: &str) -> bool {
    if lower.len() > 64 || !lower.bytes().all(|c| c.is_ascii_lowercase()) {
        return false;
    }
    let mut reached = vec![false; lower.len() + 1];
    reached[0] = true;
    for end in 2..=lower.len() {
        // `placeholder` is the longest of the fillers, and those of one letter are none here.
        reached[end] = (end.saturating_sub(11)..end - 1)
            .any(|start| reached[start] && FILLERS.contains(&&lower[start..end]));
    }
    reached[lower.len()]
}

/// Whether at least half of it is counting up or down by one: `0123456789abcdef`, `abcdef123456`.
fn is_sequence(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    let (mut in_runs, mut start) = (0, 0);
    for at in 1..=bytes.len() {
        let goes_on = at < bytes.len()
            && (bytes[at] == bytes[at - 1].wrapping_add(1) || (bytes[at - 1], bytes[at]) == (b'9', b'0'));
        if !goes_on {
            // abc is nothing, abcd is.
            in_runs += if at - start >= 4 { at - start } else { 0 };
            start = at;
        }
    }
    // A password such as abcd is nobody's sequence to judge; keys are long.
    bytes.len() >= 8 && in_runs * 2 > bytes.len()
}

/// Schemes and prefixes under which a secret is looked up, or encrypted.
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "arn:", "rds!", "appflow!", "databrew!", "events!", "ssm:", "ssm-secure:", "resolve:",
    "secretsmanager:", "secretsmanager/", "aws-sm:", "awssm:", "awsssm:", "aws:", "vault:", "op:", "op://",
    "sm:", "sm://", "gcpsm:", "berglas:", "ref+", "file:", "env:", "env.", "keyring:", "kms:", "keyvault:",
    "@microsoft.keyvault", "akv:", "chamber:", "parameterstore:", "doppler:", "bws:", "lpass:", "secret:",
    "secrets.", "secretref:", "secretkeyref", "valuefrom", "!ref", "!sub", "!getatt", "!importvalue",
    "!join", "fn::", "ref:", "process.env", "os.environ", "os.getenv", "getenv", "system.getenv",
    "environ[", "env[", "env(", "var.", "local.", "data.", "module.", "random_password.", "self.", "this.",
    "config.", "settings.", "params.", "args.", "options.", "opts.", "context.", "event.",
    // Encrypted: SOPS, eyaml and Jasypt, Ansible Vault, Terraform's, PGP, age, Vault's transit engine.
    "enc[", "enc(", "$ansible_vault", "{cipher}", "-----begin pgp message", "-----begin age encrypted",
    "-----begin certificate", "-----begin public", "-----begin rsa public", "-----begin ssh2 public",
    // Public halves of keys.
    "ssh-rsa ", "ssh-ed25519 ", "ssh-dss ", "ecdsa-sha2-", "sha1:", "sha256:", "sha384:", "sha512:",
    "sha256-", "sha384-", "sha512-", "md5:",
];

/// Whether the value says where the secret is, or is an encrypted form of it, and not the secret itself.
pub(super) fn is_reference(value: &str) -> bool {
    let value = value.trim().trim_start_matches(['"', '\'']);
    let bytes = value.as_bytes();
    // What AWS KMS encrypts begins with the version of its format; 0x01 0x02 0x02 0x00 in base 64.
    if value.starts_with("AQICAH") || value.starts_with("AQECAH") {
        return true;
    }
    let start: String = value.chars().take(32).collect::<String>().to_lowercase();
    if REFERENCES.iter().any(|prefix| start.starts_with(prefix)) {
        return true;
    }
    match bytes {
        // $VAR, ${VAR}, $(command), $1; but a password may begin with $, and a hash of one does.
        [b'$', b'{' | b'(' | b'@' | b'*' | b'#', ..] => true,
        [b'$', rest @ ..] if is_directory(rest) => true,
        [b'$', rest @ ..] => {
            !rest.is_empty() && rest.iter().all(|c| c.is_ascii_alphanumeric() || b"_.:[]'\">-".contains(c))
        }
        [b'{', b'{' | b'%', ..] | [b'#', b'{', ..] | [b'<', b'%', ..] | [b'@', b'{', ..] => true,
        [b'{', .., b'}'] => !value.contains(['"', '\'', ':', '=']),
        [b'%', .., b'%'] => bytes.len() > 2,
        [b'%', b's' | b'd' | b'v' | b'r' | b'q'] | [b'%', b'(', ..] => true,
        [b'_', b'_', .., b'_', b'_'] => true,
        [b'`', ..] => true,
        // Google's names of secrets.
        _ if value.contains("/secrets/") => true,
        _ => is_path(value) || is_url(value) || is_code(value),
    }
}

/// `dir/file`, after a `$`.
fn is_directory(rest: &[u8]) -> bool {
    let name = rest.iter().take_while(|c| c.is_ascii_alphabetic() || **c == b'_').count();
    name >= 2 && rest.get(name) == Some(&b'/')
}

fn is_path(value: &str) -> bool {
    let windows = value.len() > 2
        && value.as_bytes()[0].is_ascii_alphabetic()
        && value.as_bytes()[1] == b':'
        && matches!(value.as_bytes()[2], b'\\' | b'/');
    let rooted = ["./", "../", "~/", "\\\\"].iter().any(|root| value.starts_with(root));
    // The alphabet of base 64 has a slash too: only words make a path.
    let absolute = value.starts_with('/')
        && value.len() > 1
        && value
            .split('/')
            .skip(1)
            .all(|part| part.is_empty() || part.split(['.', '-', '_', '@', '+', ':']).all(is_name_part));
    windows || rooted || absolute
}

/// A URL without a password; those with one are found before.
fn is_url(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| {
        !scheme.is_empty()
            && !rest.is_empty()
            && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+.-".contains(&c))
    })
}

/// Something that a programming language evaluates: `get_password(…)`, `ENV['TOKEN']`.
fn is_code(value: &str) -> bool {
    let head =
        value.split(|c: char| !(c.is_ascii_alphanumeric() || "_.:>-".contains(c))).next().unwrap_or_default();
    let call = value[head.len()..].starts_with(['(', '[']);
    call && head.len() >= 2
        && (value.ends_with([')', ']', ';', ',']) || head.contains(['.', '_', ':']))
        && head.split(['_', '.', ':', '>', '-']).all(is_name_part)
}

fn is_number(value: &str) -> bool {
    value.bytes().all(|c| c.is_ascii_digit() || b".,_-+%".contains(&c))
}

/// A number of seconds, attempts or the like, or a date; six digits and more are a bad password.
fn is_short_number(value: &str) -> bool {
    is_number(value) && (value.len() < 6 || !value.bytes().all(|c| c.is_ascii_digit()))
}

fn is_uuid(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.bytes().all(|c| c.is_ascii_hexdigit()))
}

fn is_digest(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    ["sha1", "sha256", "sha384", "sha512", "md5"]
        .iter()
        .any(|algorithm| lower.strip_prefix(algorithm).is_some_and(|rest| rest.starts_with([':', '-', '='])))
}

/// A sentence rather than a pass phrase: many words, or some and nothing else.
fn is_prose(value: &str) -> bool {
    let parts: Vec<&str> = value.split_whitespace().collect();
    let is_word =
        |part: &&&str| part.trim_matches(['.', ',', '(', ')', '\'']).chars().all(char::is_alphabetic);
    let words = parts.iter().filter(is_word).count();
    // getent passwd, cat /etc/passwd
    let command = parts.len() == 2
        && parts
            .iter()
            .any(|part| part.starts_with('/') || SECRET_WORDS.contains(&part.to_lowercase().as_str()));
    command || parts.len() >= 3 && words == parts.len() || parts.len() >= 5 && words * 3 >= parts.len() * 2
}

/// Segments that make a value the name of a secret rather than a secret.
#[rustfmt::skip]
const SECRET_WORDS: &[&str] = &[
    "accesskey", "apikey", "auth", "cred", "credential", "credentials", "creds", "key", "keys", "login",
    "pass", "passwd", "password", "passwords", "pwd", "secret", "secrets", "token", "tokens",
];

/// Whether the value is the name of a secret: `prod/db/password`, `my-db-password`, `DbPassword`.
fn names_a_secret(value: &str) -> bool {
    if !value.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-./:".contains(&c)) {
        return false;
    }
    // DbSecret8F2D1A7B-x9Kq2LmZ1aBc and AppDbCredentials8F2D1A7B-…, as CloudFormation and CDK name secrets.
    let generated = value.split_once('-').is_some_and(|(first, last)| {
        let (logical, hash) = first.split_at(first.len().saturating_sub(8));
        last.len() <= 12
            && logical.ends_with(|c: char| c.is_ascii_lowercase())
            && words(logical).iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
            && hash.bytes().all(|c| c.is_ascii_digit() || (b'A'..=b'F').contains(&c))
    });
    if generated {
        return true;
    }
    let segments: Vec<&str> =
        value.split(['_', '-', '.', '/', ':']).filter(|part| !part.is_empty()).collect();
    if !segments.iter().all(|segment| is_name_part(segment)) {
        return false;
    }
    let words = words(value);
    let lower = value.to_ascii_lowercase();
    words.len() >= 2 && words.iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
        || segments.len() >= 3 && value.contains('/')
        // dbpassword, as in the name of a Kubernetes secret.
        || words.len() == 1 && SECRET_WORDS.iter().any(|word| word.len() > 5 && lower.ends_with(word))
}

/// A word, some words in camel case, or a small number, as names are made of: not `passw0rd`, not `x7Gq`.
fn is_name_part(part: &str) -> bool {
    if part.len() <= 4 && part.bytes().all(|c| c.is_ascii_digit()) {
        return true;
    }
    let digits = part.bytes().rev().take_while(u8::is_ascii_digit).count();
    let letters = &part[..part.len() - digits];
    // db2, east1, v12; but Password1 is a password.
    let numbered = digits == 0 || digits <= 2 && letters.len() <= 5 && is_one_case(letters);
    numbered && !letters.is_empty() && letters.bytes().all(|c| c.is_ascii_alphabetic()) && are_words(letters)
}

fn is_one_case(letters: &str) -> bool {
    letters.bytes().all(|c| c.is_ascii_lowercase()) || letters.bytes().all(|c| c.is_ascii_uppercase())
}

/// Whether letters are words in camel case, each of which could be spoken.
fn are_words(letters: &str) -> bool {
    let words = words(letters);
    letters.len() >= words.len() * 3 - 1 && words.iter().all(|word| is_spoken(word))
        || letters.len() <= 3 && is_one_case(letters)
}

/// Whether lower-case letters could be a word: vowels here and there, few rare letters.
fn is_spoken(word: &str) -> bool {
    if word.len() <= 4 {
        return true;
    }
    let vowel = |c: u8| b"aeiouy".contains(&c);
    let longest = |wanted: bool| {
        let (mut longest, mut run) = (0, 0);
        for c in word.bytes() {
            run = if vowel(c) == wanted { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        longest
    };
    let vowels = word.bytes().filter(|c| vowel(*c)).count();
    let rare = word.bytes().filter(|c| b"jqxz".contains(c)).count();
    longest(false) <= 4
        && longest(true) <= 3
        && vowels * 7 >= word.len()
        && vowels * 3 <= word.len() * 2
        && rare * 6 <= word.len()
        && word.bytes().all(|c| c.is_ascii_lowercase())
        && word.len() <= 24
}

/// Whether only a machine would make it up, and it is not the identifier of something.
pub(super) fn is_random(value: &str) -> bool {
    let value = ["Bearer ", "bearer ", "Basic ", "Token ", "token ", "base64:", "hex:"]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or(value)
        .trim();
    if value.len() < 8
        || value.chars().any(|c| c.is_whitespace() || c.is_control())
        || is_number(value)
        || is_uuid(value)
        || is_digest(value)
        || is_identifier(value)
        || is_name(value)
    {
        return false;
    }
    let has = |class: fn(&u8) -> bool| value.bytes().any(|c| class(&c));
    let classes = [
        has(u8::is_ascii_lowercase),
        has(u8::is_ascii_uppercase),
        has(u8::is_ascii_digit),
        has(u8::is_ascii_punctuation),
    ];
    let classes = classes.into_iter().filter(|has| *has).count();
    // A word that no one can speak, of one kind of letters, must be long to count.
    let long_enough = classes >= 2 || value.len() >= 16;
    // Short values cannot have much: eight different characters have 3 bits.
    let enough = if value.len() < 12 { 2.5 } else { 2.8 };
    long_enough && entropy(value) >= enough
}

/// Whether it is made of words, as names are: `partner-portal`, `MyServiceClient`, `eu-west-1`.
fn is_name(value: &str) -> bool {
    value.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-./:,@".contains(&c))
        && value.split(['_', '-', '.', '/', ':', ',', '@']).all(|part| part.is_empty() || is_name_part(part))
        || names_a_secret(value)
}

/// Identifiers that look random: resources of AWS, dates, addresses.
fn is_identifier(value: &str) -> bool {
    let hex_id = value.split_once('-').is_some_and(|(prefix, id)| {
        prefix.len() <= 12
            && prefix.bytes().all(|c| c.is_ascii_lowercase())
            && matches!(id.len(), 8 | 17)
            && id.bytes().all(|c| c.is_ascii_hexdigit())
    });
    let region = |part: &str| {
        let parts: Vec<&str> = part.split('-').collect();
        matches!(parts.as_slice(), [a, .., n]
            if (3..=4).contains(&parts.len()) && a.len() == 2 && n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    // eu-west-1_AbCdEf, eu-west-1:UUID, eu-west-1
    let of_region = region(value) || value.split_once(['_', ':']).is_some_and(|(first, _)| region(first));
    let date = value.len() >= 10
        && value
            .bytes()
            .take(10)
            .enumerate()
            .all(|(at, c)| if at == 4 || at == 7 { c == b'-' || c == b'/' } else { c.is_ascii_digit() });
    let host = {
        let host = value.split([':', '/']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let labels: Vec<&str> = host.split('.').collect();
        labels.len() >= 2
            && labels.iter().all(|label| {
                !label.is_empty()
                    && label.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
            })
            && labels.last().is_some_and(|top| {
                (2..=12).contains(&top.len()) && top.bytes().all(|c| c.is_ascii_lowercase())
            })
    };
    let address = value.parse::<std::net::IpAddr>().is_ok() || value.parse::<std::net::SocketAddr>().is_ok();
    let resource = ["AIDA", "AROA", "AGPA", "ANPA", "ANVA", "APKA", "ASCA", "AIPA"].iter().any(|prefix| {
        value.strip_prefix(prefix).is_some_and(|rest| {
            rest.len() >= 16 && rest.bytes().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        })
    });
    hex_id
        || of_region
        || date
        || host
        || address
        || resource
        || value.starts_with("alias/")
        || value.starts_with("mrk-")
}

/// Bits per character, by how often each occurs (Shannon).
pub(super) fn entropy(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|p| -p * p.log2())
        .sum()
}

/// Whether the body of a token could have been drawn at random: not masked, not counted up, not an example.
pub(super) fn is_drawn(body: &str) -> bool {
    let lower = body.to_ascii_lowercase();
    let different = {
        let mut seen = [false; 256];
        body.bytes().for_each(|c| seen[usize::from(c)] = true);
        seen.iter().filter(|seen| **seen).count()
    };
    let masked = ["xxxx", "****", "....", "example", "0000000", "your_", "your-", "redacted", "placeholder"]
        .iter()
        .any(|part| lower.contains(part));
    different >= 6.min(body.len() / 2) && !masked && !is_sequence(&lower)
}

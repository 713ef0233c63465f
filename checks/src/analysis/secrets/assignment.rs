//! Names and values as shells, YAML, JSON, INI files, XML, Terraform, PowerShell and SQL write them, line by
//! line.

use std::ops::Range;

use super::{
    SecretKind,
    hits::Hits,
    name::{self, words},
    token::is_aws_secret,
    value,
};

/// Longer values are files, not secrets, and names as long as that are none; keeps the time linear.
const LONGEST: usize = 512;

/// A value in a line.
struct Value {
    range: Range<usize>,
    quoted: bool,
}

/// A name that a line gave as data, `name: DB_PASSWORD`, and in which line: its value comes next.
type Pending = Option<(String, usize)>;

/// Finds values whose name says that they are secret.
pub(super) fn find(text: &str, hits: &mut Hits) {
    let mut pending: Pending = None;
    let mut begin = 0;
    for (number, line) in text.split('\n').enumerate() {
        in_line(line, begin, number, &mut pending, hits);
        begin += line.len() + 1;
    }
}

/// The kind of secret that a variable of that name holds, if its value is one.
pub(super) fn judge(name: &str, value: &str) -> Option<SecretKind> {
    let says = name::says(name)?;
    if !value::is_secret(says, value) {
        return None;
    }
    let of_aws = {
        let words = words(name);
        words.iter().any(|word| word == "aws") || words.iter().any(|word| word.starts_with("access"))
    };
    Some(match says.kind {
        SecretKind::SecretKey | SecretKind::Secret if of_aws && is_aws_secret(value) => {
            SecretKind::AwsSecretAccessKey
        }
        kind => kind,
    })
}

fn in_line(line: &str, begin: usize, number: usize, pending: &mut Pending, hits: &mut Hits) {
    let bytes = line.as_bytes();
    let start = line.trim_start();
    let comment = start.starts_with(['#', ';']) && !start.starts_with("#!") || start.starts_with("//");
    let mut at = 0;
    while at < bytes.len() {
        let next = match bytes[at] {
            b'=' | b':' | b'>' | b' ' | b'\t' => separated(line, at),
            _ => None,
        };
        // Names first: most values need no look at all.
        let found = next.filter(|next| is_interesting(next.name)).and_then(|next| {
            Some((next.name, value_from(line, next.from, &next.until)?))
        });
        let Some((name, value)) = found else {
            at += 1;
            continue;
        };
        // What was looked at is not looked at again, but for a value that may hold more names.
        at = value.range.start.max(at + 1);
        let content = &line[value.range.clone()];
        let place = begin + value.range.start..begin + value.range.end;
        let secret_name = name::says(name).is_some();
        if secret_name && !is_talk(line, &value, comment) {
            // Cut where a quotation mark or a blank ends it, `Bearer x` keeps its blank.
            if let Some(kind) = judge(name, content).filter(|_| !hits.is_settled(&place)) {
                at = value.range.end;
                let connection = matches!(kind, SecretKind::Password) && in_connection_string(&line[..at]);
                hits.push(if connection { SecretKind::ConnectionString } else { kind }, place);
            }
            continue;
        }
        match name.trim_start_matches('-').to_ascii_lowercase().as_str() {
            "name" | "key" | "parameterkey" | "parameter_key" | "n" | "option_name" | "optionname" | "variable" => {
                let content = first_of_list(content);
                *pending = (content.len() <= 128).then(|| (content.to_owned(), number));
            }
            "value" | "parametervalue" | "parameter_value" | "v" | "default" | "content" => {
                if let Some((name, line)) = pending.take()
                    && number - line <= 2
                    && let content = first_of_list(content)
                    && let Some(kind) = judge(&name, content)
                    && hits.push(kind, place.start..place.start + content.len())
                {
                    at = value.range.end;
                }
            }
            "authorization" => {
                if let Some(begin) = authorization(content) {
                    hits.push(SecretKind::HttpCredentials, place.start + begin..place.end);
                }
            }
            _ => {}
        }
    }
}

/// Where in an `Authorization` header the credentials begin, if they are literal.
pub(super) fn authorization(header: &str) -> Option<usize> {
    let (scheme, credentials) = header.split_once(' ')?;
    let literal = if scheme.eq_ignore_ascii_case("basic") {
        is_basic(credentials)
    } else {
        !value::is_reference(credentials)
            && !value::is_placeholder(credentials)
            && value::is_random(credentials)
    };
    literal.then_some(scheme.len() + 1)
}

/// `user:password` in base 64.
fn is_basic(value: &str) -> bool {
    use base64::Engine as _;
    super::decode::STANDARD
        .decode(value.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .is_some_and(|pair| is_user_and_password(&pair))
}

/// `user:password`, and the password is none of the placeholders.
pub(super) fn is_user_and_password(pair: &str) -> bool {
    pair.split_once(':').is_some_and(|(user, password)| {
        !user.is_empty()
            && !password.is_empty()
            && !user.chars().any(|c| c.is_whitespace() || c.is_control() || c == '$' || c == '/')
            && !password.chars().any(|c| c.is_control())
            && password.chars().count() >= 3
            && !value::is_placeholder(password)
            && !value::is_reference(password)
    })
}

/// A name, and where its value begins and how it ends.
struct Named<'a> {
    name: &'a str,
    from: usize,
    until: Until,
}

/// Names that say that a secret follows, and those that say that a name or a value of something does.
fn is_interesting(name: &str) -> bool {
    name::says(name).is_some() || ROLES.contains(&name.trim_start_matches('-').to_ascii_lowercase().as_str())
}

const ROLES: &[&str] = &[
    "authorization", "content", "default", "key", "n", "name", "option_name", "optionname", "parameter_key",
    "parameter_value", "parameterkey", "parametervalue", "v", "value", "variable",
];

/// `ParameterKey=a,ParameterValue=b`
fn first_of_list(value: &str) -> &str {
    value.split(',').next().unwrap_or_default()
}

/// A name before the separator at `at`.
fn separated(line: &str, at: usize) -> Option<Named<'_>> {
    let bytes = line.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
    let (name, from, until) = match bytes[at] {
        b'=' => {
            let before = if at == 0 { b'=' } else { bytes[at - 1] };
            if matches!(before, b'=' | b'!' | b'<' | b'>' | b'~') || matches!(byte(at + 1), b'=' | b'~') {
                return None;
            }
            let name_end = if matches!(before, b':' | b'+' | b'?') { at - 1 } else { at };
            let from = if byte(at + 1) == b'>' { at + 2 } else { at + 1 };
            (name_before(line, name_end)?.0, from, Until::Word)
        }
        b':' => {
            let (name, quoted) = name_before(line, at)?;
            match byte(at + 1) {
                // ${PASSWORD:-default}
                b'-' => (name, at + 2, Until::Brace),
                b' ' | b'\t' | b'"' | b'\'' => (name, at + 1, Until::Line),
                b'{' | b'[' => return None,
                _ if quoted => (name, at + 1, Until::Line),
                _ => return None,
            }
        }
        // <password>…</password>
        b'>' => {
            let (name, quoted) = name_before(line, at)?;
            let open = line[..at].len() - name.len();
            if quoted || open == 0 || bytes[open - 1] != b'<' {
                return None;
            }
            (name, at + 1, Until::Tag)
        }
        // --password x, -Password x, PASSWORD 'x', requirepass x
        _ => {
            if at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'=' | b':') {
                return None;
            }
            let (name, quoted) = name_before(line, at)?;
            let first = at - name.len();
            // Dashes belong to the name as it was read.
            let flag = name.starts_with('-') && name.len() > 3 && (first == 0 || !bytes[first - 1].is_ascii_alphanumeric());
            let lower = name.to_ascii_lowercase();
            let keyword = matches!(
                lower.as_str(),
                "requirepass" | "masterauth" | "aws_secret_access_key" | "aws_session_token" | "default_pass"
            ) || lower.ends_with("_authtoken")
                || lower == "password" && tail(&line[..first]).contains("login ");
            let rest = line[at..].trim_start();
            let literal = lower.ends_with("password") && rest.starts_with(['\'', '"'])
                || lower == "by" && tail(&line[..first]).to_ascii_lowercase().trim_end().ends_with("identified");
            let assigned = rest.starts_with(['=', ':', '-', '|', '>', '<', '&', ';']);
            if quoted || assigned || !(flag || keyword || literal) {
                return None;
            }
            let name = if lower == "by" { "password" } else { name };
            (name, at + 1, Until::Word)
        }
    };
    Some(Named { name, from, until })
}

enum Until {
    /// A blank, or what ends a word in a shell, a URL or a connection string.
    Word,
    /// The end of the line, as in YAML.
    Line,
    /// `}`
    Brace,
    /// `<`
    Tag,
}

/// The name that ends at `end`, blanks, quotation mark and bracket left out, and whether it is quoted.
fn name_before(line: &str, end: usize) -> Option<(&str, bool)> {
    let bytes = line.as_bytes();
    let mut end = end;
    let low = end.saturating_sub(256);
    while end > low && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    let close = end;
    while end > low && matches!(bytes[end - 1], b'"' | b'\'' | b']' | b'\\' | b'}') {
        end -= 1;
    }
    let quoted = bytes[end..close].iter().any(|c| matches!(c, b'"' | b'\''));
    let mut start = end;
    while start > low && (bytes[start - 1].is_ascii_alphanumeric() || b"_-.".contains(&bytes[start - 1])) {
        start -= 1;
    }
    (start < end).then(|| (&line[start..end], quoted))
}

fn value_from(line: &str, from: usize, until: &Until) -> Option<Value> {
    let bytes = line.as_bytes();
    let mut start = from;
    if !matches!(until, Until::Tag) {
        while start < bytes.len() && matches!(bytes[start], b' ' | b'\t') {
            start += 1;
        }
    }
    // A string of Python, C# or TOML has a letter or sign before its quotation mark; JSON in JSON a backslash.
    if matches!(bytes.get(start), Some(b'\\' | b'@' | b'b' | b'f' | b'r' | b'u' | b'N' | b'$'))
        && matches!(bytes.get(start + 1), Some(b'"' | b'\''))
    {
        start += 1;
    }
    let limit = bytes.len().min(start + LONGEST);
    let quote = bytes.get(start).copied().filter(|c| matches!(c, b'"' | b'\'' | b'`'));
    if let Some(quote) = quote {
        let inside = start + 1;
        let mut end = inside;
        while end < limit && bytes[end] != quote {
            // \" does not end it; but where the first was \" itself, it does.
            end += if bytes[end] == b'\\' && start > 0 && bytes[start - 1] != b'\\' { 2 } else { 1 };
        }
        let mut end = end.min(limit);
        if end > inside && bytes[start.saturating_sub(1)] == b'\\' && bytes[end - 1] == b'\\' {
            end -= 1;
        }
        // Between backticks is a command, where it is not a string of JavaScript.
        return cut(line, inside, end, quote != b'`');
    }
    let ends = |at: usize| match until {
        Until::Tag => bytes[at] == b'<',
        Until::Brace => matches!(bytes[at], b'}' | b'"' | b'\''),
        Until::Line => matches!(bytes[at], b'"' | b'\'' | b'`' | b'\r') || bytes[at..].starts_with(b" #"),
        Until::Word => {
            matches!(bytes[at], b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'|')
                || bytes[at] == b';'
                || bytes[at] == b'&'
                || bytes[at] == b')' && !line[start..at].contains('(')
                || bytes[at] == b',' && matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b'\r'))
                || matches!(bytes[at], b'<' | b'>') && at > start && bytes[start] != b'<'
        }
    };
    let mut end = start;
    // $(command with blanks)
    let command = bytes[start..].starts_with(b"$(") || bytes[start..].starts_with(b"<");
    while end < limit && (!ends(end) || command && matches!(bytes[end], b' ' | b'-')) {
        end += 1;
    }
    if matches!(until, Until::Line) {
        while end > start && matches!(bytes[end - 1], b',' | b' ' | b'\t' | b'}') {
            end -= 1;
        }
    }
    cut(line, start, end, false)
}

/// The value, unless it is empty or goes on beyond what is looked at.
fn cut(line: &str, start: usize, end: usize, quoted: bool) -> Option<Value> {
    let whole = end > start && end - start < LONGEST && line.is_char_boundary(start) && line.is_char_boundary(end);
    whole.then_some(Value { range: start..end, quoted })
}

/// Types and states that stand where a value would: `password: String`.
fn is_type(value: &str) -> bool {
    let head = value.split(['<', '(', '[', '{', '|', ',', ';', '?', '!']).next().unwrap_or_default().trim();
    matches!(
        head.to_ascii_lowercase().as_str(),
        "string" | "str" | "optional" | "option" | "any" | "bytes" | "text" | "varchar" | "char" | "securestring"
            | "boolean" | "int" | "integer" | "number" | "object" | "&str" | "undefined" | "aws"
    ) || value.starts_with("AWS::") || value.starts_with("Secret<")
}

/// Whether the line talks about a secret, or computes it, rather than having it.
fn is_talk(line: &str, value: &Value, comment: bool) -> bool {
    if value.quoted {
        return false;
    }
    let content = &line[value.range.clone()];
    let scheme = ["Bearer ", "Basic ", "Token ", "token "].iter().any(|scheme| content.starts_with(scheme));
    // Words after an unquoted value in a comment make it prose.
    let word_after = line[value.range.end..].trim_start().starts_with(char::is_alphabetic);
    content.contains([' ', '\t']) && !scheme || comment && word_after || is_type(content) || is_variable(content)
}

/// An unquoted `config.db_password` or `password` in a program.
fn is_variable(value: &str) -> bool {
    let parts: Vec<&str> = value.trim_end_matches([';', ',']).split(['.', '_']).collect();
    parts.len() >= 2
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphabetic()))
        && value::is_reference(&format!("{value}("))
        && words(value).iter().any(|word| {
            matches!(word.as_str(), "password" | "passwd" | "secret" | "token" | "key" | "config" | "settings" | "get")
        })
}

/// The end of a text that may be long.
fn tail(text: &str) -> &str {
    let mut begin = text.len().saturating_sub(LONGEST);
    while !text.is_char_boundary(begin) {
        begin += 1;
    }
    &text[begin..]
}

/// Whether what comes before is the beginning of a connection string.
fn in_connection_string(before: &str) -> bool {
    let before = tail(before).to_ascii_lowercase();
    ["jdbc:", "server=", "data source=", "host=", "://"].iter().any(|sign| before.contains(sign))
        && before.contains(['?', ';', '&', ' '])
        && !before.contains("--host")
}

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
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let comment = text.starts_with(['#', ';']) && !text.starts_with("#!") || text.starts_with("//");
    let mut at = 0;
    while at < bytes.len() {
        let next = match bytes[at] {
            b'=' | b':' | b'>' | b' ' | b'\t' | b',' | b'(' => separated(line, indent, at),
            _ => None,
        };
        // Names first: most values need no look at all.
        let found = next.filter(|next| is_interesting(next.name)).and_then(|next| {
            let value = value_from(line, next.from, &next.until)?;
            Some((next.name, value, next.sign))
        });
        // /^password=/ is an expression to look for.
        let Some((name, value, sign)) = found.filter(|(.., sign)| *sign != b'^') else {
            at += 1;
            continue;
        };
        // What was looked at is not looked at again, but for a value that may hold more names.
        at = value.range.start.max(at + 1);
        let content = &line[value.range.clone()];
        let place = begin + value.range.start..begin + value.range.end;
        let of_variable = sign == b'$';
        let secret_name = name::says(name).is_some();
        if secret_name && !is_talk(line, &value, comment, of_variable) {
            if let Some(kind) = judge(name, content).filter(|_| !hits.is_settled(&place)) {
                at = value.range.end;
                let connection = matches!(kind, SecretKind::Password) && in_connection_string(&line[..at]);
                hits.push(if connection { SecretKind::ConnectionString } else { kind }, place);
            }
            continue;
        }
        match name.trim_start_matches('-').to_ascii_lowercase().as_str() {
            "name" | "key" | "parameterkey" | "parameter_key" | "n" | "option_name" | "optionname"
            | "variable" => {
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
    let of_token = |c: u8| c.is_ascii_alphanumeric() || b"-._~+/=:".contains(&c);
    if !scheme.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-') || !credentials.bytes().all(of_token) {
        return None;
    }
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
    /// The byte before the name; `$` for `$env:NAME` too.
    sign: u8,
    from: usize,
    until: Until,
}

/// Names that say that a secret follows, and those that say that a name or a value of something does.
fn is_interesting(name: &str) -> bool {
    name::says(name).is_some() || ROLES.contains(&name.trim_start_matches('-').to_ascii_lowercase().as_str())
}

const ROLES: &[&str] = &[
    "authorization",
    "content",
    "default",
    "key",
    "n",
    "name",
    "option_name",
    "optionname",
    "parameter_key",
    "parameter_value",
    "parameterkey",
    "parametervalue",
    "v",
    "value",
    "variable",
];

/// `ParameterKey=a,ParameterValue=b`
fn first_of_list(value: &str) -> &str {
    value.split(',').next().unwrap_or_default()
}

/// A name before the separator at `at`, in a line with so many leading blanks.
fn separated(line: &str, indent: usize, at: usize) -> Option<Named<'_>> {
    let bytes = line.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(b'\n');
    // := and += are one sign.
    let two = bytes[at] == b'=' && at > 0 && matches!(bytes[at - 1], b':' | b'+' | b'?');
    let before = name_before(line, if two { at - 1 } else { at })?;
    let (name, sign, quoted) = (before.name, before.sign, before.quoted);
    let opens_string = || line[at + 1..].trim_start().starts_with(['\'', '"']);
    let named = |from, until| Some(Named { name, sign, from, until });
    match bytes[at] {
        // Comparisons.
        b'=' if matches!(bytes[at - 1], b'=' | b'!' | b'<' | b'>' | b'~')
            || matches!(byte(at + 1), b'=' | b'~') =>
        {
            None
        }
        b'=' if byte(at + 1) == b'>' => named(at + 2, Until::Word),
        b'=' => named(at + 1, Until::Word),
        // prompt='Password: '
        b':' if !quoted
            && matches!(sign, b'"' | b'\'')
            && line[at + 1..].trim_start().starts_with(char::from(sign)) =>
        {
            None
        }
        // ${PASSWORD:-default}
        b':' if byte(at + 1) == b'-' => named(at + 2, Until::Brace),
        b':' if matches!(byte(at + 1), b' ' | b'\t' | b'"' | b'\'') => named(at + 1, Until::Line),
        b':' if matches!(byte(at + 1), b'{' | b'[') => None,
        b':' if quoted => named(at + 1, Until::Line),
        // cmdkey /pass:x, Connect-Server -Password:x
        b':' if sign == b'/' || name.starts_with('-') => named(at + 1, Until::Word),
        // <password>…</password>
        b'>' if sign == b'<' && !quoted => named(at + 1, Until::Tag),
        // define('DB_PASSWORD', 'x')
        b',' if quoted && opens_string() && is_setter(line, before.start) => named(at + 1, Until::Word),
        // SetPassword('x')
        b'(' if !quoted && opens_string() && is_set(name) => named(at + 1, Until::Word),
        b' ' | b'\t' if !quoted => {
            let name = spaced(line, indent, at, &before)?;
            Some(Named { name, sign, from: at + 1, until: Until::Word })
        }
        _ => None,
    }
}

/// A name and a blank: `--password x`, `-Password x`, `PASSWORD 'x'`, `requirepass x`.
fn spaced<'a>(line: &'a str, indent: usize, at: usize, before: &Before<'a>) -> Option<&'a str> {
    let (name, start) = (before.name, before.start);
    if start + name.len() != at {
        return None;
    }
    let rest = line[at..].trim_start();
    if rest.starts_with(['=', ':', '-', '|', '>', '<', '&', ';']) {
        return None;
    }
    let flag = name.starts_with('-') && name.len() > 3;
    let lower = name.to_ascii_lowercase();
    let keyword = match lower.as_str() {
        "requirepass" | "masterauth" | "default_pass" => true,
        "aws_secret_access_key" | "aws_session_token" | "secret_access_key" => true,
        // .netrc
        "password" => {
            let begins = ["machine ", "login ", "default login "];
            before.sign != b'$' && begins.iter().any(|begin| line[indent..].starts_with(begin))
        }
        _ => lower.ends_with("_authtoken"),
    };
    let literal = lower.ends_with("password") && rest.starts_with(['\'', '"']);
    let identified = lower == "by"
        && rest.starts_with(['\'', '"'])
        && tail(&line[..start]).to_ascii_lowercase().trim_end().ends_with("identified");
    if identified {
        return Some("password");
    }
    // ENV NAME value, of a Dockerfile.
    let env = line[..start].trim_end().ends_with("ENV") && line[indent..].starts_with("ENV");
    (flag || keyword || literal || env).then_some(name)
}

/// Whether the string that begins there is the first argument of a function that sets something.
fn is_setter(line: &str, start: usize) -> bool {
    let before = tail(&line[..start]).trim_end_matches(['"', '\'', ' ']);
    let function = before.strip_suffix('(').unwrap_or_default().to_ascii_lowercase();
    let setters = ["define", "setenv", "putenv", "set", "put", "setproperty", "setenvironmentvariable"];
    setters.iter().any(|setter| function.ends_with(setter))
}

fn is_set(name: &str) -> bool {
    let method = words(name.rsplit('.').next().unwrap_or_default());
    matches!(method.first().map(String::as_str), Some("set" | "with"))
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

/// A name as it stands in a line.
struct Before<'a> {
    name: &'a str,
    start: usize,
    quoted: bool,
    /// The byte before it; `$` for `$env:NAME` too.
    sign: u8,
}

/// The name that ends at `end`, blanks, quotation mark and bracket left out.
fn name_before(line: &str, end: usize) -> Option<Before<'_>> {
    let bytes = line.as_bytes();
    let low = end.saturating_sub(256);
    let back = |from: usize, over: fn(u8) -> bool| {
        from - bytes[low..from].iter().rev().take_while(|c| over(**c)).count()
    };
    let close = back(end, |c| matches!(c, b' ' | b'\t'));
    let end = back(close, |c| matches!(c, b'"' | b'\'' | b']' | b'\\' | b'}'));
    let quoted = bytes[end..close].iter().any(|c| matches!(c, b'"' | b'\''));
    let start = back(end, |c| c.is_ascii_alphanumeric() || b"_-.".contains(&c));
    let before = &bytes[..start];
    let sign = before.strip_suffix(b"env:").unwrap_or(before).last().copied().unwrap_or_default();
    (start < end).then(|| Before { name: &line[start..end], start, quoted, sign })
}

fn value_from(line: &str, from: usize, until: &Until) -> Option<Value> {
    let bytes = line.as_bytes();
    let mut start = from;
    if !matches!(until, Until::Tag) {
        while start < bytes.len() && matches!(bytes[start], b' ' | b'\t') {
            start += 1;
        }
    }
    // A string of Python, C# or TOML has a letter or sign before its quotation mark; JSON in JSON a
    // backslash.
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
    // a=b,c=d
    let next_name = |at: usize| {
        let name = bytes[at..]
            .iter()
            .take(64)
            .take_while(|c| c.is_ascii_alphanumeric() || b"_.-".contains(c))
            .count();
        name > 0 && bytes.get(at + name) == Some(&b'=')
    };
    let ends = |at: usize| match until {
        Until::Tag => bytes[at] == b'<',
        Until::Brace => matches!(bytes[at], b'}' | b'"' | b'\''),
        Until::Line => matches!(bytes[at], b'"' | b'\'' | b'`' | b'\r') || bytes[at..].starts_with(b" #"),
        Until::Word => {
            matches!(bytes[at], b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'|')
                || bytes[at] == b';'
                || bytes[at] == b'&'
                || bytes[at] == b')' && !line[start..at].contains('(')
                || bytes[at] == b','
                    && (matches!(bytes.get(at + 1), None | Some(b' ' | b'\t' | b'\r')) || next_name(at + 1))
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
    if matches!(until, Until::Tag) && bytes.get(end) != Some(&b'<') {
        return None;
    }
    cut(line, start, end, false)
}

/// The value, unless it is empty or goes on beyond what is looked at.
fn cut(line: &str, start: usize, end: usize, quoted: bool) -> Option<Value> {
    let whole =
        end > start && end - start < LONGEST && line.is_char_boundary(start) && line.is_char_boundary(end);
    whole.then_some(Value { range: start..end, quoted })
}

/// Types and states that stand where a value would: `password: String`.
fn is_type(value: &str) -> bool {
    let head = value
        .split(['<', '(', '[', '{', '|', ',', ';', '?', '!', ')', ':'])
        .next()
        .unwrap_or_default()
        .trim();
    matches!(
        head.to_ascii_lowercase().as_str(),
        "string"
            | "str"
            | "optional"
            | "option"
            | "any"
            | "bytes"
            | "text"
            | "varchar"
            | "char"
            | "securestring"
            | "boolean"
            | "int"
            | "integer"
            | "number"
            | "object"
            | "&str"
            | "undefined"
            | "aws"
    ) || value.starts_with("AWS::")
        || value.starts_with("Secret<")
}

/// Whether the line talks about a secret, or computes it, rather than having it.
fn is_talk(line: &str, value: &Value, comment: bool, of_variable: bool) -> bool {
    if value.quoted {
        return false;
    }
    let content = &line[value.range.clone()];
    let scheme = ["Bearer ", "Basic ", "Token ", "token "].iter().any(|scheme| content.starts_with(scheme));
    // Without quotation marks, PowerShell, PHP and Perl compute it, and so does whoever calls a function.
    let word = content.bytes().take_while(|c| c.is_ascii_alphanumeric() || b"_.:->".contains(c)).count();
    let rest = line[value.range.end..].trim_start();
    let computed = of_variable
        || content.starts_with(['(', '[', '{', '&', '*'])
        || word > 0 && content[word..].starts_with(['(', '['])
        // a = b = c
        || rest.starts_with('=') && !rest.starts_with("==");
    // Words after an unquoted value in a comment make it prose.
    let word_after = rest.starts_with(char::is_alphabetic);
    computed
        || content.contains([' ', '\t']) && !scheme
        || comment && word_after
        || is_type(content)
        || is_variable(content)
}

/// An unquoted `config.db_password` or `password` in a program.
fn is_variable(value: &str) -> bool {
    let parts: Vec<&str> = value.trim_end_matches([';', ',']).split(['.', '_']).collect();
    parts.len() >= 2
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_alphabetic()))
        && value::is_reference(&format!("{value}("))
        && words(value).iter().any(|word| {
            matches!(
                word.as_str(),
                "password" | "passwd" | "secret" | "token" | "key" | "config" | "settings" | "get"
            )
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
    let begins = ["jdbc:", "server=", "data source=", "host=", "dbname=", "://"];
    begins.iter().any(|sign| before.contains(sign))
        && before.contains(['?', ';', '&', ' '])
        && !["--host", "host='", "host=\""].iter().any(|other| before.contains(other))
}

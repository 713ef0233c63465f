//! MIME multi-part as cloud-init reads it: boundary, headers of the parts, transfer encodings.

use base64::Engine as _;

use super::decode;

/// Parts in parts in parts is as deep as anyone goes.
const DEEPEST: usize = 4;

/// The parts of a message, decoded; `None` when it is not a multi-part message.
pub(super) fn parts(message: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (headers, body) = split_headers(message)?;
    let boundary = boundary(&headers)?;
    let mut parts = Vec::new();
    collect(body, &boundary, 1, &mut parts);
    Some(parts)
}

fn collect(body: &[u8], boundary: &str, depth: usize, parts: &mut Vec<Vec<u8>>) {
    for part in split(body, boundary) {
        // A part without headers is text.
        let (headers, content) = split_headers(part).unwrap_or_default();
        let content = if headers.is_empty() { part } else { content };
        match self::boundary(&headers) {
            Some(inner) if depth < DEEPEST && inner != boundary => collect(content, &inner, depth + 1, parts),
            _ => parts
                .push(decoded(content, header(&headers, "content-transfer-encoding").unwrap_or_default())),
        }
    }
}

type Headers = Vec<(String, String)>;

fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Headers up to the first empty line, folded lines joined; `None` where the text does not begin with one.
fn split_headers(message: &[u8]) -> Option<(Headers, &[u8])> {
    let mut headers = Headers::new();
    let mut rest = message;
    while let Some(end) = rest.iter().position(|c| *c == b'\n') {
        let line = String::from_utf8_lossy(&rest[..end]);
        let line = line.trim_end();
        rest = &rest[end + 1..];
        if line.is_empty() {
            // Empty lines before the first header are let pass, as some editors leave them.
            if headers.is_empty() {
                continue;
            }
            return Some((headers, rest));
        }
        if line.starts_with([' ', '\t']) {
            headers.last_mut()?.1.push_str(line);
            continue;
        }
        // mboxes begin with a line `From …`.
        if headers.is_empty() && line.starts_with("From ") {
            continue;
        }
        let (name, value) = line.split_once(':')?;
        let is_name =
            !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_".contains(&c));
        if !is_name || headers.len() > 100 {
            return None;
        }
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    None
}

fn boundary(headers: &Headers) -> Option<String> {
    let kind = header(headers, "content-type")?;
    if !kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    kind.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("boundary") && !value.is_empty()).then(|| value.to_owned())
    })
}

/// What is between the lines `--boundary`; a missing last line is forgiven.
fn split<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut part_begins = None;
    let mut at = 0;
    while at < body.len() {
        let end = body[at..].iter().position(|c| *c == b'\n').map_or(body.len(), |found| at + found + 1);
        if let Some(after) = body[at..end].strip_prefix(delimiter.as_bytes())
            && after.iter().all(|c| c.is_ascii_whitespace() || *c == b'-')
        {
            if let Some(begin) = part_begins.take() {
                parts.push(&body[begin..at]);
            }
            if !after.starts_with(b"--") {
                part_begins = Some(end);
            }
        }
        at = end;
    }
    parts.extend(part_begins.map(|begin| &body[begin..]));
    parts
}

fn decoded(content: &[u8], encoding: &str) -> Vec<u8> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => {
            let compact: Vec<u8> = content.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect();
            // What is not base 64 after all is looked at as it is.
            decode::STANDARD.decode(&compact).unwrap_or_else(|_| content.to_vec())
        }
        "quoted-printable" => quoted_printable(content),
        _ => content.to_vec(),
    }
}

fn quoted_printable(content: &[u8]) -> Vec<u8> {
    let digit = |c: Option<&u8>| c.and_then(|c| char::from(*c).to_digit(16));
    let mut decoded = Vec::with_capacity(content.len());
    let mut at = 0;
    while at < content.len() {
        match (&content[at..], digit(content.get(at + 1)), digit(content.get(at + 2))) {
            ([b'=', b'\r', b'\n', ..], ..) => at += 3,
            ([b'=', b'\n', ..], ..) => at += 2,
            ([b'=', ..], Some(high), Some(low)) => {
                decoded.extend(u8::try_from(high * 16 + low));
                at += 3;
            }
            (rest, ..) => {
                decoded.push(rest[0]);
                at += 1;
            }
        }
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(message: &str) -> Vec<String> {
        let parts = parts(message.as_bytes()).expect("a multi-part message");
        parts.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    }

    #[test]
    fn reads_parts_and_their_encodings() {
        let message = "Content-Type: multipart/mixed;\r\n boundary=\"==B==\"\r\nMIME-Version: 1.0\r\n\r\npreamble\r\n\
                       --==B==\r\nContent-Type: text/x-shellscript\r\n\r\n#!/bin/sh\r\n\
                       --==B==\r\nContent-Transfer-Encoding: base64\r\n\r\nI2Nsb3Vk\r\nLWNvbmZpZw==\r\n\
                       --==B==\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\na=3Db=\r\nc=zz\r\n\
                       --==B==--\r\nepilogue";
        assert_eq!(texts(message), ["#!/bin/sh\r\n", "#cloud-config", "a=bc=zz\r\n"]);
    }

    #[test]
    fn reads_what_is_nested_or_not_closed() {
        let message = "Content-Type: multipart/mixed; boundary=A\n\n--A\nContent-Type: multipart/alternative; boundary=B\n\n\
                       --B\n\nfirst\n--B--\n--A\nX: y\n\nlast";
        assert_eq!(texts(message), ["\nfirst\n", "last"]);
    }

    #[test]
    fn other_texts_are_not_messages() {
        for text in ["", "#!/bin/sh\necho: x\n\n", "Content-Type: text/plain\n\nx", "a: b\nc"] {
            assert!(parts(text.as_bytes()).is_none(), "{text}");
        }
    }
}

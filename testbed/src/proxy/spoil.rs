//! Answers that something on the way spoils.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::answers::Answer;
use super::behaviour::Spoiled;

/// What tokens for pages that do not exist begin with.
pub(super) const TOKEN: &str = "testbed-page-";

/// What services call the token for the next page in an answer.
const TOKENS: [&str; 9] = [
    "NextToken",
    "nextToken",
    "NextMarker",
    "Marker",
    "position",
    "LastEvaluatedTableName",
    "ContinuationToken",
    "nextPageToken",
    "NextContinuationToken",
];
/// What says beside it that there is one.
const TRUNCATED: [&str; 3] = ["IsTruncated", "isTruncated", "Truncated"];

/// Spoils a good answer; tells whether it did. Refusals stay what they are, and what cannot be spoiled so stays whole.
pub(super) fn spoil(how: Spoiled, answer: &mut Answer) -> bool {
    static PAGES: AtomicU64 = AtomicU64::new(1);
    if !(200..300).contains(&answer.status) {
        return false;
    }
    let text = String::from_utf8(answer.body.to_vec()).ok();
    let xml = text.as_deref().filter(|text| text.trim_start().starts_with('<'));
    let body = match how {
        Spoiled::Empty => Some(String::new()),
        Spoiled::Html => {
            *answer = Answer::new(200, "text/html", "");
            Some("<!DOCTYPE html><html><head><title>Sign in</title></head><body>Proxy</body></html>".into())
        }
        Spoiled::Cut => match &text {
            Some(text) => Some(cut(text)),
            None => {
                answer.body = answer.body.slice(..answer.body.len() / 2);
                return true;
            }
        },
        Spoiled::Half => xml.and_then(half),
        Spoiled::EndlessPages => {
            let token = format!("{TOKEN}{}", PAGES.fetch_add(1, Ordering::Relaxed));
            text.as_deref().and_then(|text| with_token(text, &token))
        }
        Spoiled::RepeatedPage => text.as_deref().and_then(|text| with_token(text, TOKEN)),
    };
    let Some(body) = body else { return false };
    answer.body = body.into();
    true
}

/// The first half, cut within a tag, a name or a value.
fn cut(text: &str) -> String {
    let mut at = text.len() / 2;
    while !text.is_char_boundary(at) || text[..at].ends_with('>') {
        at -= 1;
    }
    text[..at].to_owned()
}

/// The beginning of an XML answer, up to the end of a list's first item: who does not look for the end of the answer
/// reads a shorter list. Where there is no list of several items, up to what the first one would be in.
fn half(text: &str) -> Option<String> {
    let root = root(text)?;
    let (mut open, mut at) = (Vec::new(), root);
    // The first place between two items of one name that is the least deep within others.
    let mut best: Option<(usize, usize)> = None;
    let mut closed: Option<&str> = None;
    while let Some(from) = text[at..].find('<').map(|from| at + from) {
        let end = from + text[from..].find('>')? + 1;
        let tag = &text[from + 1..end - 1];
        let name = tag.split([' ', '/']).find(|part| !part.is_empty())?;
        if tag.starts_with('/') {
            open.pop();
            closed = Some(name);
        } else {
            if closed == Some(name) && best.is_none_or(|(depth, _)| open.len() < depth) {
                best = Some((open.len(), from));
            }
            closed = tag.ends_with('/').then_some(name);
            if closed.is_none() {
                open.push(name);
            }
        }
        at = end;
    }
    let inner = &text[root..];
    let result = inner.trim_start().split('>').next().filter(|tag| tag.ends_with("Result"));
    let first = result.map_or(root, |tag| text.len() - inner.trim_start().len() + tag.len() + 1);
    Some(text[..best.map_or(first, |(_, at)| at)].to_owned())
}

/// Where the contents of the outermost element begin; none where it has none.
fn root(text: &str) -> Option<usize> {
    let begin = text.find("?>").map_or(0, |at| at + 2);
    let end = begin + text[begin..].find('>')? + 1;
    (!text[..end].ends_with("/>")).then_some(end)
}

/// The answer with a token for the next page, under every name that a token has anywhere: others are not read.
fn with_token(text: &str, token: &str) -> Option<String> {
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        let Value::Object(mut members) = json else { return None };
        members.extend(TOKENS.iter().map(|name| ((*name).to_owned(), token.into())));
        members.extend(TRUNCATED.iter().map(|name| ((*name).to_owned(), true.into())));
        return Some(Value::Object(members).to_string());
    }
    let mut text = text.to_owned();
    for name in TOKENS.iter().chain(&TRUNCATED) {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        text = text.replace(&format!("<{name}/>"), "");
        while let (Some(from), Some(to)) = (text.find(&open), text.find(&close)) {
            text.replace_range(from..to + close.len(), "");
        }
    }
    let tokens: String = TOKENS.iter().map(|name| format!("<{name}>{token}</{name}>")).collect();
    let truncated: String = TRUNCATED.iter().map(|name| format!("<{name}>true</{name}>")).collect();
    let pages = tokens + &truncated;
    let root = root(&text)?;
    // The query protocol has it within what is called the result.
    let inner = text[root..].trim_start();
    let result = inner.strip_prefix('<').and_then(|rest| rest.split(['>', ' ', '/']).next());
    let at = match result.filter(|name| name.ends_with("Result")) {
        Some(name) if inner.starts_with(&format!("<{name}/>")) => {
            text = text.replacen(&format!("<{name}/>"), &format!("<{name}>{pages}</{name}>"), 1);
            return Some(text);
        }
        Some(_) => text.len() - inner.len() + inner.find('>')? + 1,
        None => root,
    };
    text.insert_str(at, &pages);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str =
        "<?xml version=\"1.0\"?><R xmlns=\"x\"><ListResult><Marker/><A>1</A><A>2</A></ListResult></R>";

    #[test]
    fn answers_are_spoiled_as_told() {
        let spoiled = |how, body: &'static str| {
            let mut answer = Answer::new(200, "text/xml", body);
            spoil(how, &mut answer).then(|| String::from_utf8(answer.body.to_vec()).unwrap())
        };
        assert_eq!(spoiled(Spoiled::Empty, XML).as_deref(), Some(""));
        let half = spoiled(Spoiled::Half, XML).unwrap();
        assert!(half.ends_with("<ListResult><Marker/><A>1</A>"), "{half}");
        let one = spoiled(Spoiled::Half, "<R><ListResult><A>1</A></ListResult></R>");
        assert_eq!(one.as_deref(), Some("<R><ListResult>"));
        let deep = spoiled(Spoiled::Half, "<R><S><a><x/><x/></a><a/></S></R>");
        assert_eq!(deep.as_deref(), Some("<R><S><a><x/><x/></a>"));
        assert!(!spoiled(Spoiled::Cut, XML).unwrap().ends_with('>'));
        assert_eq!(spoiled(Spoiled::Half, "{}"), None);
        let paged = spoiled(Spoiled::RepeatedPage, XML).unwrap();
        assert!(paged.contains("<ListResult><NextToken>testbed-page-</NextToken>"), "{paged}");
        assert!(!paged.contains("<Marker/>") && paged.contains("<IsTruncated>true</IsTruncated>"), "{paged}");
        let first = spoiled(Spoiled::EndlessPages, "{\"a\":[]}").unwrap();
        assert_ne!(Some(first), spoiled(Spoiled::EndlessPages, "{\"a\":[]}"));
        let mut refusal = Answer::new(404, "text/xml", XML);
        assert!(!spoil(Spoiled::Empty, &mut refusal));
    }
}

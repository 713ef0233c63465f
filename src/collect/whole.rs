//! Answers of which something is missing, refused: the SDK reads them as shorter ones.
//!
//! What is left of a body that a proxy or a broken connection has cut, under a length that fits, still parses: the
//! SDK's reader of XML takes the end of the text for the end of every element that is open, and nothing at all is `{}`
//! to its readers of JSON. Either is a list without the rest of its items.

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::AfterDeserializationInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Refuses good answers that are empty, or XML without its end. They count as unreadable, and are asked for again.
#[derive(Debug)]
pub(super) struct Whole;

#[dyn_dispatch_hint]
impl Intercept for Whole {
    fn name(&self) -> &'static str {
        "Whole"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        match response.body().bytes() {
            Some(body) if response.status().is_success() => whole(body).map_err(Into::into),
            _ => Ok(()),
        }
    }
}

/// No read operation answers nothing (each has an output in its service's model), and all XML ends with what it began
/// with.
fn whole(body: &[u8]) -> Result<(), &'static str> {
    const CUT: &str = "the answer is cut off: its XML has no end";
    let mut rest = body.trim_ascii();
    if rest.is_empty() {
        return Err("the answer is empty");
    }
    // What stands before the outermost element.
    for (begin, end) in [(&b"<?"[..], &b"?>"[..]), (&b"<!--"[..], &b"-->"[..])] {
        while rest.starts_with(begin) {
            let at = rest.windows(end.len()).position(|window| window == end).ok_or(CUT)?;
            rest = rest[at + end.len()..].trim_ascii_start();
        }
    }
    if rest.is_empty() {
        return Err(CUT);
    }
    let Some(inner) = rest.strip_prefix(b"<") else { return Ok(()) };
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    let name = &inner[..inner.iter().position(is_end).ok_or(CUT)?];
    let tag = inner.iter().position(|byte| *byte == b'>').ok_or(CUT)?;
    let ends = rest.strip_suffix(b">").map(<[u8]>::trim_ascii_end).and_then(|rest| rest.strip_suffix(name));
    let is_whole = match inner[..tag].ends_with(b"/") {
        true => tag + 1 == inner.len(),
        false => ends.is_some_and(|rest| rest.ends_with(b"</")),
    };
    if is_whole { Ok(()) } else { Err(CUT) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_answers_are_whole() {
        for body in [
            "{}",
            "{\"a\": [",
            "<R/>",
            "<R xmlns=\"x\" />",
            "<?xml version=\"1.0\"?>\n<!-- <x> -->\n<R xmlns=\"x\"><A/></R>\n",
            "<R><R/></R >",
            "plain",
        ] {
            assert_eq!(whole(body.as_bytes()), Ok(()), "{body}");
        }
    }

    #[test]
    fn what_is_cut_is_not_whole_wherever_it_is_cut() {
        let body =
            "<?xml version=\"1.0\"?><Response xmlns=\"x\"><set><item>a</item><item>b</item></set></Response>";
        for at in 0..body.len() {
            assert!(whole(&body.as_bytes()[..at]).is_err(), "{}", &body[..at]);
        }
        assert_eq!(whole(body.as_bytes()), Ok(()));
        assert!(whole(b"<R/><x>").is_err() && whole(b" \n").is_err());
    }
}

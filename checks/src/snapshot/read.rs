//! Reading a snapshot that an earlier version of the program may have written.
//!
//! What the earlier version did not read must never read as fine. Serde alone cannot promise that: a missing
//! `Option` reads as "none". So a snapshot of another [`SHAPE`] is read as JSON first, and everything that today's
//! types want and the file lacks makes the [`Collected`](crate::gap::Collected) around it a gap.

use std::{fmt, io};

use serde::Deserialize;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

use super::{SHAPE, SNAPSHOT_VERSION, Snapshot};

/// Why text is not a snapshot that this program can read.
#[derive(Debug)]
pub enum ReadError {
    /// It is no snapshot: what is wrong with it.
    Malformed(String),
    /// A later version of the program wrote it.
    TooNew {
        /// The version of its format.
        version: u32,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "not a snapshot: {what}"),
            Self::TooNew { version } => write!(
                f,
                "the snapshot is of version {version}, this program reads up to version {SNAPSHOT_VERSION}"
            ),
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads a snapshot that this very program wrote, as it comes, so that its text is never in memory. `None` for all else,
/// which [`read`] makes sense of.
pub fn read_own(text: impl io::Read) -> Option<Snapshot> {
    let snapshot: Snapshot = serde_json::from_reader(text).ok()?;
    (snapshot.snapshot_version == SNAPSHOT_VERSION && snapshot.shape == SHAPE).then_some(snapshot)
}

/// Reads a snapshot as JSON. What an earlier version of the program did not collect is a gap.
///
/// # Errors
/// When the text is no snapshot, one of a later version, or lacks something outside everything collected.
pub fn read(text: &[u8]) -> Result<Snapshot, ReadError> {
    #[derive(Deserialize)]
    struct Written {
        snapshot_version: u32,
        #[serde(default)]
        shape: String,
    }
    let malformed = |error: serde_json::Error| ReadError::Malformed(error.to_string());
    let written: Written = serde_json::from_slice(text).map_err(malformed)?;
    if written.snapshot_version > SNAPSHOT_VERSION {
        return Err(ReadError::TooNew { version: written.snapshot_version });
    }
    if written.shape == SHAPE {
        return serde_json::from_slice(text).map_err(malformed);
    }
    let mut json: Value = serde_json::from_slice(text).map_err(malformed)?;
    if let Value::Object(fields) = &mut json {
        fields.entry("shape").or_insert_with(|| written.shape.into());
    }
    let gap = json!({ "gap": {
        "operation": "",
        "kind": "not_selected",
        "message": "the version of aws-audit that took this snapshot did not read all of it",
    }});
    let snapshot = parse(&mut json, &gap)?;
    let whole = serde_json::to_value(&snapshot).map_err(malformed)?;
    let mut filled = false;
    if let Some(path) = lacks(&mut json, &whole, &gap, &mut filled) {
        return Err(ReadError::Malformed(format!("missing field `{path}`")));
    }
    if filled { parse(&mut json, &gap) } else { Ok(snapshot) }
}

/// Things that do not fit and are put right one by one: each costs reading all of it again.
const ONE_BY_ONE: usize = 50;

/// Today's types of the JSON. Where it does not fit them, the collected thing around the place becomes the gap; where it
/// does not in many places, so does what is collected in the same place of other things.
fn parse(json: &mut Value, gap: &Value) -> Result<Snapshot, ReadError> {
    for count in 0.. {
        let error = match serde_path_to_error::deserialize::<_, Snapshot>(&*json) {
            Ok(snapshot) => return Ok(snapshot),
            Err(error) => error,
        };
        let path: Vec<_> = error.path().iter().collect();
        // The last segments lead into the innermost value; the one around it is replaced.
        let is_value = |segment: &&Segment| matches!(segment, Segment::Enum { variant } if variant == "value" || variant == "part");
        let at = path.iter().rposition(is_value).ok_or_else(|| ReadError::Malformed(error.to_string()))?;
        let place = path[..at].iter().try_fold(&mut *json, |json, segment| match segment {
            Segment::Map { key } => json.get_mut(key),
            Segment::Seq { index } => json.get_mut(index),
            Segment::Enum { variant } => json.get_mut(variant),
            Segment::Unknown => None,
        });
        match place {
            Some(place) if place != gap => *place = gap.clone(),
            _ => return Err(ReadError::Malformed(error.to_string())),
        }
        if count >= ONE_BY_ONE {
            put(json, &path[..at], false, gap);
        }
    }
    unreachable!("every round ends it or makes another place a gap")
}

/// Whether it is a collected thing, in part or whole.
fn is_collected(json: &Value) -> bool {
    matches!(json, Value::Object(json) if json.len() == 1 && (json.contains_key("value") || json.contains_key("part")))
}

/// Makes a gap of whatever is collected at the path, in each element of its lists and of its maps by id.
fn put(json: &mut Value, path: &[&Segment], is_by_id: bool, gap: &Value) {
    let Some((segment, rest)) = path.split_first() else {
        if is_collected(json) {
            *json = gap.clone();
        }
        return;
    };
    match (segment, json) {
        (Segment::Seq { .. }, Value::Array(items)) => {
            items.iter_mut().for_each(|item| put(item, rest, false, gap));
        }
        (Segment::Map { .. }, Value::Object(fields)) if is_by_id => {
            fields.values_mut().for_each(|field| put(field, rest, false, gap));
        }
        (Segment::Map { key } | Segment::Enum { variant: key }, Value::Object(fields)) => {
            if let Some(field) = fields.get_mut(key) {
                // What is directly in a collected value may be a map by id.
                let is_by_id = matches!(segment, Segment::Enum { .. }) || key == "regions";
                put(field, rest, is_by_id, gap);
            }
        }
        _ => {}
    }
}

/// Finds what `whole` (the JSON as read and written again) has and the JSON lacks, and puts the gap in the place of
/// the collected thing around it; where there is none, the path of what is lacking.
fn lacks(json: &mut Value, whole: &Value, gap: &Value, filled: &mut bool) -> Option<String> {
    let is_collected = is_collected(json);
    let lacking = match (&mut *json, whole) {
        (Value::Object(json), Value::Object(whole)) => {
            let mut lacking = None;
            for (key, whole) in whole {
                let below = match json.get_mut(key) {
                    Some(json) => lacks(json, whole, gap, filled).map(|path| format!("{key}.{path}")),
                    // "Not collected" cannot be taken for an answer.
                    None => (!is_not_collected(whole)).then(|| key.clone()),
                };
                lacking = lacking.or(below);
            }
            lacking
        }
        (Value::Array(json), Value::Array(whole)) => {
            let mut lacking = None;
            for (at, (json, whole)) in json.iter_mut().zip(whole).enumerate() {
                let below = lacks(json, whole, gap, filled).map(|path| format!("{at}.{path}"));
                lacking = lacking.or(below);
            }
            lacking
        }
        _ => None,
    };
    if lacking.is_some() && is_collected {
        *json = gap.clone();
        *filled = true;
        return None;
    }
    lacking
}

/// Whether nothing in it was collected: a gap of that kind, or a section of nothing else.
fn is_not_collected(value: &Value) -> bool {
    match value {
        Value::Object(fields) if fields.len() == 1 && fields.contains_key("gap") => {
            value.pointer("/gap/kind").is_some_and(|kind| kind == "not_selected")
        }
        Value::Object(fields) => !fields.is_empty() && fields.values().all(is_not_collected),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::empty;

    #[test]
    fn only_what_this_version_wrote_is_read_as_it_comes() {
        let text = serde_json::to_string(&empty()).unwrap();
        assert_eq!(read_own(text.as_bytes()), Some(empty()));
        assert_eq!(read_own(&text.as_bytes()[..text.len() - 1]), None, "cut off");
        let other = text.replacen(SHAPE, "another", 1);
        assert!(other != text && read_own(other.as_bytes()).is_none(), "of another shape");
        let later = format!("\"snapshot_version\":{SNAPSHOT_VERSION}");
        let later = text.replacen(&later, "\"snapshot_version\":999", 1);
        assert!(later != text && read_own(later.as_bytes()).is_none(), "of a later version");
    }
}

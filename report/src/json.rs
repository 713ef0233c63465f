//! JSON for machines: arrays with an item on each line, so that the parts can be compared, and none is held in
//! memory for longer than it takes to write it.

use std::io;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Writes an array, an item a line.
///
/// # Errors
/// When it cannot be written.
pub fn array(items: impl IntoIterator<Item = Value>, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(b"[")?;
    for (at, item) in items.into_iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &item)?;
    }
    out.write_all(b"\n]\n")
}

/// A time in RFC 3339 with milliseconds, UTC: what all of the formats read.
pub fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The word that the JSON report has for a value of an enumeration.
pub fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The object without the members that are null.
pub fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value {
        members.retain(|_, member| !member.is_null());
    }
    value
}

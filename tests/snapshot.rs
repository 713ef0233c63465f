//! Snapshots that earlier versions of the program wrote: what they did not read is unknown, never fine.

mod support;

use std::collections::BTreeSet;

use aws_audit_checks::{
    finding::Status,
    registry,
    settings::Settings,
    snapshot::{self, Snapshot},
};
use serde_json::Value;

/// The demo's account as each earlier version of the format kept it.
const EARLIER: [(u32, &[u8]); 1] = [(1, include_bytes!("snapshots/version-1.json.zst"))];

fn json(compressed: &[u8]) -> Value {
    serde_json::from_slice(&zstd::decode_all(compressed).unwrap()).unwrap()
}

fn read(json: &Value) -> Result<Snapshot, snapshot::ReadError> {
    snapshot::read(&serde_json::to_vec(json).unwrap())
}

#[test]
fn every_earlier_version_is_read() {
    for (version, compressed) in EARLIER {
        let json = json(compressed);
        assert_eq!(json["snapshot_version"], version);
        let snapshot = read(&json).unwrap_or_else(|error| panic!("version {version}: {error}"));
        let checks: Vec<_> = registry::all().collect();
        let findings = registry::evaluate(&checks, &snapshot, &Settings::default(), true).findings;
        let count = |status| findings.iter().filter(|finding| finding.status == status).count();
        assert!(count(Status::Fail) > 100 && count(Status::Pass) > 100, "version {version}: mostly unknown");
    }
}

#[test]
fn a_snapshot_without_regions_is_incomplete() {
    let mut json = json(EARLIER[0].1);
    json["regions"] = serde_json::json!({});
    json["gaps"] = serde_json::json!([]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("snapshot.json");
    std::fs::write(&file, json.to_string()).unwrap();
    let evaluate = |format: &str| {
        let arguments = ["evaluate", file.to_str().unwrap(), "--fail-on", "never", "--format", format];
        support::run(support::program(&arguments))
    };
    let run = evaluate("json");
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report = run.report();
    assert!(report["score"]["overall"].is_null() && report["score"]["judged"].is_null());
    assert!(evaluate("table").stdout.contains("no region was scanned"));
}

#[test]
fn a_later_version_is_refused() {
    let mut json = json(EARLIER[0].1);
    json["snapshot_version"] = 999.into();
    assert!(read(&json).unwrap_err().to_string().contains("999"));
}

/// Lists and maps with one element each: every kind of place once.
fn thin(json: &mut Value) {
    match json {
        Value::Array(items) => {
            items.truncate(1);
            items.iter_mut().for_each(thin);
        }
        Value::Object(fields) => {
            // By the name of a resource or region, not of a field.
            let is_map = fields.len() > 1 && fields.keys().any(|key| !key.bytes().all(is_of_a_field));
            if is_map {
                let first = fields.keys().next().cloned();
                fields.retain(|key, _| Some(key) == first.as_ref());
            }
            fields.values_mut().for_each(thin);
        }
        _ => {}
    }
}

fn is_of_a_field(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// Every place of the JSON that has a name, as a JSON pointer.
fn places(json: &Value, at: &str, found: &mut BTreeSet<String>) {
    match json {
        Value::Object(fields) => {
            for (key, value) in fields {
                let place = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
                places(value, &place, found);
                found.insert(place);
            }
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), found))
        }
        _ => {}
    }
}

fn remove(json: &mut Value, place: &str) {
    let (around, key) = place.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    json.pointer_mut(around).unwrap().as_object_mut().unwrap().remove(&key);
}

/// Whether the place, something around it, or everything in it is a gap.
fn is_gap(json: &Value, place: &str) -> bool {
    fn is(json: &Value) -> bool {
        json.get("gap").is_some_and(|gap| gap["kind"] == "not_selected")
    }
    fn is_all(json: &Value) -> bool {
        is(json) || json.as_object().is_some_and(|fields| !fields.is_empty() && fields.values().all(is_all))
    }
    let around = place.match_indices('/').map(|(at, _)| &place[..at]);
    around.filter_map(|place| json.pointer(place)).any(is) || json.pointer(place).is_some_and(is_all)
}

#[test]
fn what_a_snapshot_lacks_is_never_taken_for_an_answer() {
    let mut whole = json(EARLIER[0].1);
    thin(&mut whole);
    // Where the types of today have gaps already, they are filled in: it is about what is missing next.
    let whole = serde_json::to_value(read(&whole).unwrap()).unwrap();
    let mut shapeless = whole.clone();
    shapeless["shape"] = "another".into();
    let mut all = BTreeSet::new();
    places(&shapeless, "", &mut all);
    let mut gaps = 0;
    all.remove("/shape");
    for place in all {
        let mut json = shapeless.clone();
        remove(&mut json, &place);
        let Ok(snapshot) = read(&json) else { continue };
        let read = serde_json::to_value(&snapshot).unwrap();
        if is_gap(&read, &place) {
            gaps += 1;
            continue;
        }
        // An element of a map is one resource less, and no field that reads as something else.
        assert_eq!(read.pointer(&place), None, "{place} is read though it is not there");
    }
    assert!(gaps > 300, "{gaps}");
}

//! A large account in memory: copies of the demo's account, which has something of every service and much that is wrong, and
//! beside them many resources of the kinds that large accounts have many of, nearly all of them sound.

use std::{
    collections::BTreeSet,
    io::{self, BufReader, BufWriter, Write},
    thread,
};

use aws_audit_checks::snapshot::{self, Snapshot};
use serde_json::{Map, Value, json};

use crate::others;

/// The demo's account; what an older shape of it lacks is read as a gap.
const DEMO: &[u8] = include_bytes!("../../../custom/tests/account.json");

/// Lists of AWS's own, of which no account has more, and what there is one of in a region.
const ONCE: [&str; 13] = [
    "/cloudtrail/trails",
    "/organizations/accounts",
    "/organizations/service_control_policies",
    "/ec2/prefix_lists",
    "/ec2/launch_images",
    "/eks/versions",
    "/rds/major_versions",
    "/rds/certificate_authorities",
    "/rds/parameter_groups",
    "/rds/cluster_parameter_groups",
    "/guardduty/detectors",
    "/config/recorders",
    "/backup/plans",
];

/// How large an account is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Copies of the demo's account: some 250 resources and 280 failures each.
    pub demos: usize,
    /// The other resources.
    pub others: usize,
}

impl Size {
    /// So many resources, of which one in ten is of a copy of the demo's account.
    pub fn of(resources: usize) -> Self {
        let demos = resources / 2_500;
        Self { demos, others: resources - demos * 250 }
    }
}

/// The account, read as a snapshot in a file is, without all of its JSON being in memory.
pub fn account(size: Size) -> io::Result<Snapshot> {
    let demo = serde_json::to_value(snapshot::read(DEMO).map_err(io::Error::other)?)?;
    let mut names = BTreeSet::new();
    each_list(&demo, "", &mut |path, list| names.extend(named(path, list)));
    let (reader, writer) = io::pipe()?;
    let writing = thread::spawn(move || {
        let mut to = BufWriter::with_capacity(1 << 20, writer);
        Writer { names, size }.json(&demo, "", &mut to)?;
        to.flush()
    });
    let read = serde_json::from_reader(BufReader::with_capacity(1 << 20, reader));
    let written = writing.join();
    // What could not be read breaks the pipe, too.
    let account = read?;
    written.map_err(|_| io::Error::other("the account was not written"))??;
    Ok(account)
}

/// What was read there, where something was: a `Collected`.
fn collected(json: &Value) -> Option<&Value> {
    json.as_object().filter(|fields| fields.len() == 1)?.get("value")
}

/// Users, groups, roles and policies are read at once, and so are the users of the credential report.
fn has_several(json: &Value) -> bool {
    json.get("users").is_some()
}

/// Everything that was read, with its place.
fn each_list(json: &Value, path: &str, seen: &mut impl FnMut(&str, &Value)) {
    match (json, collected(json)) {
        (_, Some(value)) if has_several(value) => each_list(value, path, seen),
        (_, Some(value)) => seen(path, value),
        (Value::Object(fields), None) => {
            fields.iter().for_each(|(key, json)| each_list(json, &format!("{path}/{key}"), seen));
        }
        (list, None) => seen(path, list),
    }
}

fn is_copied(path: &str) -> bool {
    !ONCE.iter().any(|once| path.ends_with(once))
}

/// What the things of a list are called, each in the last part of its name: each copy has its own of them.
fn named(path: &str, list: &Value) -> BTreeSet<String> {
    let is_own = |item: &&Value| !item["arn"].as_str().is_some_and(|arn| arn.contains("::aws:"));
    let texts: Vec<&str> = match list {
        _ if !is_copied(path) => vec![],
        Value::Array(items) => {
            let own = items.iter().filter(is_own);
            let texts = own.flat_map(|it| [Some(it), it.get("id"), it.get("name"), it.get("arn")]);
            texts.flatten().filter_map(Value::as_str).collect()
        }
        Value::Object(by_id) if by_id.values().any(|it| collected(it).is_some()) => {
            by_id.keys().map(String::as_str).collect()
        }
        _ => vec![],
    };
    let last = texts.into_iter().filter_map(|text| text.rsplit(['/', ':']).next());
    last.filter(|last| last.len() > 2 && !last.starts_with("default")).map(str::to_owned).collect()
}

struct Writer {
    names: BTreeSet<String>,
    size: Size,
}

impl Writer {
    /// The demo's JSON with more in each of its lists.
    fn json(&self, json: &Value, path: &str, to: &mut dyn Write) -> io::Result<()> {
        match (json, collected(json)) {
            (_, Some(value)) => {
                to.write_all(b"{\"value\":")?;
                if has_several(value) {
                    self.json(value, path, to)?
                } else {
                    self.list(value, path, to)?
                }
                to.write_all(b"}")
            }
            (_, None) if path.ends_with("/credential_report/users") => self.list(json, path, to),
            (Value::Object(fields), None) => {
                let mut separator = "{";
                for (key, json) in fields {
                    write!(to, "{separator}{}:", json!(key))?;
                    self.json(json, &format!("{path}/{key}"), to)?;
                    separator = ",";
                }
                to.write_all(if fields.is_empty() { b"{}" } else { b"}" })
            }
            (list, None) => self.list(list, path, to),
        }
    }

    /// What there is, the copies of it, and the others.
    fn list(&self, list: &Value, path: &str, to: &mut dyn Write) -> io::Result<()> {
        let copies = if is_copied(path) { 1..self.size.demos } else { 0..0 };
        let others = others::of(path, self.size.others);
        match list {
            Value::Array(items) => {
                to.write_all(b"[")?;
                let mut separator = "";
                let mut put = |item: &str| {
                    write!(to, "{separator}{item}")?;
                    separator = ",";
                    io::Result::Ok(())
                };
                for item in items.iter().map(Value::to_string) {
                    put(&item)?;
                    // What has no name of the account is AWS's.
                    for copy in
                        copies.clone().map(|copy| self.renamed(&item, copy)).take_while(|it| *it != item)
                    {
                        put(&copy)?;
                    }
                }
                others.map(|item| item.to_string()).try_for_each(|item| put(&item))?;
                to.write_all(b"]")
            }
            Value::Object(by_id) => self.by_id(by_id, copies, others, to),
            other => Ok(serde_json::to_writer(to, other)?),
        }
    }

    /// The same of what is read of each thing, by its id.
    fn by_id(
        &self,
        by_id: &Map<String, Value>,
        copies: std::ops::Range<usize>,
        others: impl Iterator<Item = Value>,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        to.write_all(b"{")?;
        let mut separator = "";
        let mut put = |id: &str, item: &str| {
            write!(to, "{separator}{}:{item}", json!(id))?;
            separator = ",";
            io::Result::Ok(())
        };
        for (id, item) in by_id.iter().map(|(id, item)| (id, item.to_string())) {
            put(id, &item)?;
            let copies =
                copies.clone().map(|copy| (self.renamed(id, copy), copy)).take_while(|it| it.0 != *id);
            for (id, copy) in copies {
                put(&id, &self.renamed(&item, copy))?;
            }
        }
        for pair in others {
            put(pair[0].as_str().unwrap_or_default(), &pair[1].to_string())?;
        }
        to.write_all(b"}")
    }

    /// The same text with the names of that copy.
    fn renamed(&self, text: &str, copy: usize) -> String {
        let is_part = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
        let mut renamed = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            let end = rest[start..].find(|it| !is_part(it)).map_or(rest.len(), |length| start + length);
            renamed.push_str(&rest[..end]);
            // What fields are called stays.
            if self.names.contains(&rest[start..end]) && !rest[end..].starts_with("\":") {
                renamed.push_str(&format!("-{copy}"));
            }
            rest = &rest[end..];
        }
        renamed + rest
    }
}

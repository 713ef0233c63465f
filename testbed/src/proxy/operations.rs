//! The operations of services whose requests name them only by method and path.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::identify::decode;

struct Pattern {
    method: &'static str,
    segments: Vec<&'static str>,
    query: Vec<(&'static str, Option<&'static str>)>,
    operation: &'static str,
}

/// The table, made from AWS's own descriptions by `testbed/python/operations.py`.
static TABLE: LazyLock<HashMap<&str, Vec<Pattern>>> = LazyLock::new(|| {
    let mut table: HashMap<&str, Vec<Pattern>> = HashMap::new();
    for line in include_str!("operations.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut columns = line.split(' ');
        let (Some(service), Some(method), Some(uri), Some(operation)) =
            (columns.next(), columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        table.entry(service).or_default().push(Pattern {
            method,
            segments: segments(path).collect(),
            query: query
                .split('&')
                .filter(|field| !field.is_empty())
                .map(|field| field.split_once('=').map_or((field, None), |(key, value)| (key, Some(value))))
                .collect(),
            operation,
        });
    }
    table
});

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// The operation that a request means, by the pattern that says most about it.
pub(super) fn find(
    service: &str,
    method: &str,
    path: &str,
    parameters: &BTreeMap<String, String>,
) -> Option<&'static str> {
    let path: Vec<String> = segments(path).map(decode).collect();
    TABLE
        .get(service)?
        .iter()
        .filter(|pattern| pattern.method == method && pattern.matches(&path, parameters))
        .max_by_key(|pattern| (pattern.literals(), pattern.query.len(), !pattern.greedy()))
        .map(|pattern| pattern.operation)
}

impl Pattern {
    fn greedy(&self) -> bool {
        self.segments.last().is_some_and(|segment| segment.ends_with("+}"))
    }

    fn literals(&self) -> usize {
        self.segments.iter().filter(|segment| !segment.starts_with('{')).count()
    }

    fn matches(&self, path: &[String], parameters: &BTreeMap<String, String>) -> bool {
        let long_enough =
            if self.greedy() { path.len() >= self.segments.len() } else { path.len() == self.segments.len() };
        long_enough
            && self.segments.iter().zip(path).all(|(want, is)| want.starts_with('{') || want == is)
            && self.query.iter().all(|(key, value)| {
                parameters.get(*key).is_some_and(|is| value.is_none_or(|value| value == is))
            })
    }
}

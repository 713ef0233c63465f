//! A sample of `aws-audit-testbed faults`; `.ci/run` tries it all. And `docs/faults.md` has what there is to try.

use std::{collections::BTreeSet, path::PathBuf};

use aws_audit_testbed::faults::{self, MEETINGS, Options, Outcome};

/// Every so many of the pairs of operation and fault: a prime, so that each fault and many operations are among them.
const EVERY: usize = 149;

#[test]
fn a_sample_of_faults_is_told() {
    let options = Options {
        program: PathBuf::from(env!("CARGO_BIN_EXE_aws-audit")),
        operation: None,
        fault: None,
        jobs: 4,
        every: EVERY,
        quick: true,
    };
    let results = faults::run(&options, &|_, _, _| ()).expect("the demo's recording");
    let wrong: Vec<_> = results
        .iter()
        .filter_map(|((row, column), outcome)| match outcome {
            Outcome::Wrong(what) => Some(format!("{row} {column}: {what}")),
            _ => None,
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let columns: BTreeSet<_> = results.keys().map(|(_, column)| *column).collect();
    assert!(columns.len() > MEETINGS.len() / 2, "{columns:?}");
}

#[test]
fn the_table_has_every_operation_and_every_fault() {
    let table = include_str!("../docs/faults.md");
    let empty = faults::table(&faults::Results::new(), "");
    let first = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.starts_with('|'));
        rows.map(|line| line.split('|').nth(1).unwrap_or_default().trim().to_owned()).collect()
    };
    assert_eq!(
        first(table),
        first(&empty),
        "cargo run -p aws-audit-testbed -- faults --bin … --table docs/faults.md"
    );
    let head = |text: &str| text.lines().find(|line| line.starts_with("| Operation |")).map(str::to_owned);
    assert_eq!(head(table), head(&empty));
    assert!(!table.contains("**wrong**"));
    // All of it was tried, but for what takes an hour.
    let is_tried = |row: &str| {
        MEETINGS
            .iter()
            .zip(row.split('|').skip(2))
            .all(|(meeting, cell)| !cell.trim().is_empty() || meeting.name == "endless-pages")
    };
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let untried: Vec<_> = rows.filter(|row| !is_tried(row)).collect();
    assert!(untried.is_empty(), "{}", untried.join("\n"));
    assert_eq!(faults::table(&faults::Results::new(), table), table, "what is not tried again stays");
}

//! What a release fixes: the ids of the checks that it has.

use std::{error::Error, fs, path::Path};

use aws_audit_checks::life_cycle;

const TABLE: &str = "checks/data/life-cycle.toml";

/// Names all checks that no release names yet as those of the version that is made.
pub(crate) fn checks(root: &Path) -> Result<(), Box<dyn Error>> {
    let path = root.join(TABLE);
    let ids = life_cycle::unreleased();
    let text = with_release(&fs::read_to_string(&path)?, life_cycle::VERSION, &ids)?;
    fs::write(path, text)?;
    Ok(())
}

/// The table with these ids under the version, above those of earlier releases.
fn with_release(table: &str, version: &str, ids: &[&str]) -> Result<String, Box<dyn Error>> {
    if ids.is_empty() {
        return Err("every check is of a release already".into());
    }
    let (before, after) =
        table.split_once("[released]\n").ok_or_else(|| format!("{TABLE} has no [released]"))?;
    if after.contains(&format!("\n\"{version}\" = [")) || after.starts_with(&format!("\"{version}\" = [")) {
        return Err(format!(
            "{version} is released already\nhelp: raise `version` in Cargo.toml first; new since then: {}",
            ids.join(", ")
        )
        .into());
    }
    let ids: String = ids.iter().map(|id| format!("    \"{id}\",\n")).collect();
    Ok(format!("{before}[released]\n\"{version}\" = [\n{ids}]\n{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_once() {
        let table = "# life\n[released]\n\n[removed]\n";
        let first = with_release(table, "0.1.0", &["a", "b"]).unwrap();
        assert_eq!(first, "# life\n[released]\n\"0.1.0\" = [\n    \"a\",\n    \"b\",\n]\n\n[removed]\n");
        let again = with_release(&first, "0.1.0", &["c"]).unwrap_err().to_string();
        assert!(again.contains("released already") && again.ends_with("c"), "{again}");
        let second = with_release(&first, "0.2.0", &["c"]).unwrap();
        assert!(with_release(&second, "0.1.0", &["d"]).is_err());
        assert!(with_release(&second, "0.3.0", &[]).is_err());
    }
}

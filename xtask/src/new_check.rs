//! Makes the files of a check from a template, and registers it with its service and its anti-pattern's
//! framework file.

use std::{error::Error, fs, path::Path};

use crate::lines::Edit;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const CODE: &str = r#"use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "@ID@",
    severity: Severity::Medium,
    sources: &[Source::Ec2Vpcs],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.vpcs.get(), |_, vpc| Ok(Verdict::fail_if(vpc.is_default)));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::testing::{empty, fails, passes, region};

    // The account in which it fails is tried without each of its sources, too: `testing.rs`.
}
"#;

const PAGE: &str = r#"+++
title = "What is wrong, as a headline"
message = "What is wrong with {resource.id}."
fix = "What to do, in a sentence."
command = "aws …"
url = "https://docs.aws.amazon.com/"
+++

## Why it matters

## How to fix

## References
"#;

const PAGE_JA: &str = r#"+++
title = "何が問題か（見出し）"
message = "{resource.id} の何が問題か。"
fix = "何をすればよいか。"
+++

## なぜ危険か

## 直し方

## 参考
"#;

/// Makes the check of that id.
#[expect(clippy::print_stdout, reason = "this is what a contributor reads")]
pub(crate) fn make(root: &Path, id: &str) -> Result<()> {
    let catalog = root.join("checks/src/catalog");
    let (service, file) = place(&catalog, id)?;
    let directory = catalog.join(&service);
    let module = directory.join("mod.rs");
    let registered = register(Edit::of(&module)?, &file)?;
    for (ending, text) in [("rs", CODE), ("md", PAGE), ("ja.md", PAGE_JA)] {
        let path = directory.join(format!("{file}.{ending}"));
        if path.exists() {
            return Err(format!("{} exists", path.display()).into());
        }
        fs::write(&path, text.replace("@ID@", id))?;
        println!("made {}", path.display());
    }
    fs::write(&module, registered)?;
    println!("next: name `{id}` in checks/frameworks/antipatterns.toml (and others), write the three files,");
    println!("      run `cargo test -p aws-audit-checks`, then `cargo xtask docs`");
    Ok(())
}

/// The service's directory and the file's stem: `rds-multi-az` is `rds` and `multi_az`.
fn place(catalog: &Path, id: &str) -> Result<(String, String)> {
    let name = id.replace('-', "_");
    let mut services = Vec::new();
    for entry in fs::read_dir(catalog)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            services.extend(entry.file_name().into_string());
        }
    }
    // The longest name wins: `access_analyzer_enabled` is not about a service `access`.
    services.sort_by_key(|service| std::cmp::Reverse(service.len()));
    for service in &services {
        if let Some(file) = name.strip_prefix(service.as_str()).and_then(|rest| rest.strip_prefix('_')) {
            return Ok((service.clone(), file.to_owned()));
        }
    }
    services.sort();
    let help = "help: a new service is a directory with a mod.rs, named in checks/src/catalog/mod.rs";
    Err(format!("`{id}` begins with none of the services {}\n{help}", services.join(", ")).into())
}

/// The service's `mod.rs` with the check in both of its lists, each kept sorted.
fn register(module: Edit, file: &str) -> Result<String> {
    let edited = module.insert(("", "super::checks! {"), "mod ", &format!("mod {file};"))?.insert(
        ("super::checks! {", "}"),
        "    ",
        &format!("    {file}"),
    )?;
    Ok(edited.text().replace(";\nsuper::checks! {", ";\n\nsuper::checks! {"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_in_order() {
        let registered = |module: &str| register(Edit::new(module), "b").unwrap();
        let module = "//! S.\n\nmod a;\nmod c;\n\nsuper::checks! {\n    a\n    c\n}\n";
        let expected = "//! S.\n\nmod a;\nmod b;\nmod c;\n\nsuper::checks! {\n    a\n    b\n    c\n}\n";
        assert_eq!(registered(module), expected);
        let family = "//! S.\n\nmod a;\n\nsuper::checks! {\n    a\n    ; ab\n}\n";
        let expected = "//! S.\n\nmod a;\nmod b;\n\nsuper::checks! {\n    a\n    b\n    ; ab\n}\n";
        assert_eq!(registered(family), expected);
        let empty = "//! S.\n\nsuper::checks! {\n}\n";
        assert_eq!(registered(empty), "//! S.\n\nmod b;\n\nsuper::checks! {\n    b\n}\n");
    }

    #[test]
    fn finds_the_service_in_the_id() {
        let catalog = Path::new(env!("CARGO_MANIFEST_DIR")).join("../checks/src/catalog");
        let found = |id| place(&catalog, id).unwrap();
        assert_eq!(found("access-analyzer-enabled"), ("access_analyzer".into(), "enabled".into()));
        assert_eq!(found("iam-role-unused"), ("iam".into(), "role_unused".into()));
        assert!(place(&catalog, "nosuch-check").is_err());
    }
}

//! Makes the files of a service that speaks JSON and has one list, and registers it everywhere.

use std::{error::Error, fs, path::Path};

use crate::lines::Edit;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const SNAPSHOT: &str = r#"//! @SDK@.

use serde::{Deserialize, Serialize};

use super::{Judged, Place};

service! {
    /// What @SDK@ has in one region.
    @SERVICE@, Regional;

    op("@SDK@", "@PREFIX@", UNPUBLISHED) {
        @SERVICE@@THINGS@ [@OPERATION@] =>
            /// @THINGS@.
            @FIELD@: Vec<@THING@>;
    }
}

/// A @THING@.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct @THING@ {
    /// Its ARN.
    pub arn: String,
}

impl Judged for @THING@ {
    const TYPE: &'static str = "AWS::@SERVICE@::@THING@";
    fn id(&self) -> String {
        self.arn.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
}
"#;

const COLLECT: &str = r#"//! @SDK@.

use aws_audit_checks::{
    snapshot::@NAME@::{@THING@, @SERVICE@, op},
    source::Source,
};

use crate::collect::{
    api::{@API@, Request, Token},
    ask::Ask,
};

pub(in crate::collect) async fn collect(ask: &Ask) -> @SERVICE@ {
    let @FIELD@ = ask.list(Source::@SERVICE@@THINGS@, async {
        let operation = op::@OPERATION@;
        let list = ("@THINGS@", Token::named("NextToken"));
        let listed = @API@.list(ask, operation, None, Request::new(), list).await?;
        let @FIELD@ =
            ask.items(operation, &listed, |item| Ok(@THING@ { arn: item.required("@THING@Arn")? }));
        Ok(@FIELD@.sorted(|item| item.arn.clone()))
    });
    @SERVICE@ { @FIELD@: @FIELD@.await }
}
"#;

const CATALOG: &str = "//! @SDK@.\n\nsuper::checks! {\n}\n";

/// Makes the service of that name, e.g. `dms`, with the SDK's name of it, the prefix of its `X-Amz-Target`, and the
/// operation that lists its things.
#[expect(clippy::print_stdout, reason = "this is what a contributor reads")]
pub(crate) fn make(root: &Path, [name, sdk, target, operation]: [&str; 4]) -> Result<()> {
    let things = ["List", "Describe"].iter().find_map(|verb| operation.strip_prefix(verb));
    let things = things.ok_or("the operation must begin with List or Describe")?;
    let thing = things.strip_suffix('s').unwrap_or(things);
    let fill = |text: &str| {
        text.replace("@NAME@", name)
            .replace("@PREFIX@", &name.replace('_', "-"))
            .replace("@SDK@", sdk)
            .replace("@TARGET@", target)
            .replace("@API@", &name.to_uppercase())
            .replace("@SERVICE@", &pascal(name))
            .replace("@OPERATION@", operation)
            .replace("@THINGS@", things)
            .replace("@THING@", thing)
            .replace("@FIELD@", &snake(things))
    };
    let module = fill("mod @NAME@;");
    let (snapshot, collect) = (root.join("checks/src/snapshot"), root.join("src/collect/service"));
    let catalog = root.join("checks/src/catalog");
    let api = root.join("src/collect/api.rs");
    let edited = [
        (
            api.clone(),
            Edit::of(&api)?.insert(
                ("apis! {", "}"),
                "    ",
                &fill("    @API@ = Api::json(\"@PREFIX@\", \"@TARGET@\");"),
            )?,
        ),
        (
            snapshot.join("mod.rs"),
            Edit::of(&snapshot.join("mod.rs"))?
                .insert(("mod service;", "mod read;"), "pub mod ", &fill("pub mod @NAME@;"))?
                .insert(
                    ("    regional {", "    }"),
                    "        ",
                    &fill("        /// @SDK@.\n        @NAME@: @NAME@::@SERVICE@,"),
                )?,
        ),
        (
            collect.join("mod.rs"),
            Edit::of(&collect.join("mod.rs"))?
                .insert(
                    (
                        "//! The services: how each is collected, one file each. Nothing here judges.",
                        "use aws_audit_checks::snapshot::{Place, Region, account::Account};",
                    ),
                    "mod ",
                    &module,
                )?
                .insert(
                    ("    regional! {", "    }"),
                    "        ",
                    &fill("        @NAME@ = @NAME@::collect(ask),"),
                )?,
        ),
        (
            catalog.join("mod.rs"),
            Edit::of(&catalog.join("mod.rs"))?.insert(("", "use crate::{"), "mod ", &module)?.insert(
                ("pub(crate) static SERVICES: &[fn() -> Vec<Entry>] = &[", "];"),
                "    ",
                &fill("    @NAME@::checks,"),
            )?,
        ),
    ];
    let files = [
        (snapshot.join(fill("@NAME@.rs")), SNAPSHOT),
        (collect.join(fill("@NAME@.rs")), COLLECT),
        (catalog.join(name).join("mod.rs"), CATALOG),
    ];
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(format!("{} exists", path.display()).into());
    }
    fs::create_dir_all(catalog.join(name))?;
    for (path, text) in files {
        fs::write(&path, fill(text))?;
        println!("made {}", path.display());
    }
    for (path, edit) in edited {
        fs::write(&path, edit.text())?;
        println!("registered in {}", path.display());
    }
    println!(
        "next: what is read of each in the first two, then `cargo xtask new-check {}-…`",
        name.replace('_', "-")
    );
    Ok(())
}

/// `replication_instances` of `ReplicationInstances`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut follows_small = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && follows_small {
            snake.push('_');
        }
        follows_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// `StepFunctions` of `step_functions`.
fn pascal(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            [first.to_ascii_uppercase(), rest.to_owned()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_made_and_registered() {
        let (root, copy) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), tempfile::tempdir().unwrap());
        let edited = [
            "checks/src/snapshot/mod.rs",
            "checks/src/catalog/mod.rs",
            "src/collect/service/mod.rs",
            "src/collect/api.rs",
        ];
        for file in edited {
            let to = copy.path().join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(root.join(file), to).unwrap();
        }
        let service =
            ["drs", "Elastic Disaster Recovery", "ElasticDisasterRecovery", "DescribeSourceServers"];
        make(copy.path(), service).unwrap();
        for file in edited {
            let (before, after) =
                [root.as_path(), copy.path()].map(|of| fs::read_to_string(of.join(file)).unwrap()).into();
            let new = after.lines().filter(|line| !before.contains(line)).collect::<Vec<_>>();
            assert!(
                !new.is_empty() && new.iter().all(|line| line.contains("drs") || line.contains("Disaster"))
            );
        }
        let collector = fs::read_to_string(copy.path().join("src/collect/service/drs.rs")).unwrap();
        assert!(
            collector.contains("DRS.list(ask, operation, None") && !collector.contains('@'),
            "{collector}"
        );
    }

    #[test]
    fn names_follow_rust() {
        assert_eq!(snake("ReplicationInstances"), "replication_instances");
        assert_eq!(snake("DBClusters"), "dbclusters");
        assert_eq!(pascal("step_functions"), "StepFunctions");
    }
}

//! Custom checks from their files to the report. One test: what is registered is there for the whole process.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use aws_audit_checks::{
    finding::Status,
    framework,
    page::Lang,
    registry,
    report::{Options, Report, ReportFinding},
    settings::Settings,
    snapshot::{self, Snapshot},
    source::Source,
};
use aws_audit_custom::{
    Answer, Expect, Problems, docs, read, register, schema, test_directory, try_expression,
};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn account() -> Snapshot {
    snapshot::read(&fs::read(here("tests/account.json")).unwrap()).unwrap()
}

fn told(problems: &Problems) -> String {
    problems.text(Lang::En)
}

/// Keeps a generated text up to date: `UPDATE_EXPECT=1 cargo test -p aws-audit-custom` writes it.
fn kept(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(path, text).unwrap();
    }
    let there = fs::read_to_string(path).unwrap_or_default();
    assert!(there == text, "{} is out of date: run the test with UPDATE_EXPECT=1", path.display());
}

#[test]
fn examples_pass_their_tests_and_show_every_answer() {
    let results = test_directory(&here("examples/checks.d")).unwrap_or_else(|problems| panic!("{problems}"));
    for result in &results {
        assert!(result.is_passed(), "{}", result.text(Lang::En));
        assert_eq!(result.text(Lang::Ja), format!("成功    {}：{}", result.check, result.name));
    }
    let checks: BTreeSet<_> = results.iter().map(|result| &result.check).collect();
    assert_eq!(checks.len(), fs::read_dir(here("examples/checks.d")).unwrap().count(), "each is tested");
    for check in checks {
        for wanted in [Expect::Fail, Expect::Pass, Expect::Unknown] {
            let shown = results.iter().any(|it| &it.check == check && it.expected == wanted);
            assert!(shown, "{check} does not show {}", wanted.name());
        }
    }
}

#[test]
fn a_test_that_fails_says_what_came() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.toml");
    let text = "id = 'acme-x'\nseverity = 'low'\nresource = 's3.bucket'\nfail = 'r.policy == null'\nmessage = 'm'\nfix = 'f'\n\
                [[test]]\nname = 'wrong'\nexpect = 'fail'\ngiven = { policy = '{}' }\n[[test]]\nname = 'gap'\nexpect = 'pass'\n";
    fs::write(&file, text).unwrap();
    fs::write(directory.path().join(".#x.toml"), "an editor's").unwrap();
    fs::write(directory.path().join("README.md"), "no check").unwrap();
    let results = test_directory(directory.path()).unwrap();
    let texts: Vec<_> = results.iter().map(|result| result.text(Lang::En)).collect();
    let file = file.display();
    let expected = [
        format!("FAILED  acme-x: wrong: pass, not fail, at {file}:7"),
        format!("FAILED  acme-x: gap: unknown (`policy` is not given), not pass, at {file}:11"),
    ];
    assert_eq!(texts, expected);
}

#[test]
fn all_that_is_wrong_with_all_files_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let good =
        "id = 'acme-x'\nseverity = 'low'\nresource = 's3.bucket'\nfail = 'true'\nmessage = 'm'\nfix = 'f'\n";
    let files = [
        ("a.toml", good.to_owned()),
        ("b.toml", good.to_owned()),
        ("c.toml", good.replace("low", "lowest").replace("true", "r.x")),
        ("d.toml", "x =".to_owned()),
        ("e.toml", format!("# {}", "x".repeat(1 << 20))),
    ];
    for (name, text) in &files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let told = told(&read::directory(directory.path()).unwrap_err());
    for wanted in [
        "b.toml: id: ",
        "a.toml has a check of that id too",
        "c.toml:2: severity: there is no severity `lowest`",
        "c.toml:4: fail: at character 2: there is no field `x`",
        "d.toml:1: ",
        "e.toml: cannot be read: larger than",
    ] {
        assert!(told.contains(wanted), "{wanted}\n{told}");
    }
    let absent = directory.path().join("absent");
    assert!(read::directory(&absent).unwrap_err().text(Lang::Ja).contains("読み取れません"));
}

#[test]
fn a_framework_of_the_users_names_checks_that_there_are() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("own.toml");
    let wrong = |text: &str| {
        fs::write(&path, text).unwrap();
        told(&read::framework(&path, &[]).unwrap_err())
    };
    let head = "id = 'own'\ntitle.en = 'Own'\n[[control]]\nid = '1'\ntitle.en = 't'\n";
    let problem = wrong(&format!("{head}checks = ['iam-root-mf', 'zzz-zzz']\n"));
    assert!(
        problem.contains(
            "own.toml:6: control 1: no check is called `iam-root-mf`\n  help: did you mean `iam-root-mfa`?"
        ),
        "{problem}"
    );
    assert!(problem.contains("`zzz-zzz`"), "{problem}");
    let problem = wrong(&format!("{head}cheks = []\n"));
    assert!(problem.contains("own.toml:") && problem.contains("did you mean `checks`?"), "{problem}");
    assert!(wrong(head).contains("must have one of checks, manual and not_covered"));
}

#[test]
fn an_expression_is_tried_on_a_snapshot() {
    let account = account();
    let settings = Settings::default();
    let trial = try_expression("r.name + ':' + string(public(r))", "s3.bucket", &account, &settings).unwrap();
    assert!(trial.tried.len() > 1 && trial.unlisted.is_empty());
    for it in &trial.tried {
        let Answer::Known(value) = &it.answer else { panic!("{it:?}") };
        let (name, public) = value.as_str().unwrap().rsplit_once(':').unwrap();
        assert!(it.arn.ends_with(name) && ["true", "false"].contains(&public), "{it:?}");
    }
    let wrong = try_expression("r.nam == ''", "s3.bucket", &account, &settings).unwrap_err();
    assert!(told(&wrong).contains("did you mean `name`?"));
    let wrong = try_expression("true", "s3.bukket", &account, &settings).unwrap_err();
    assert!(told(&wrong).contains("did you mean `s3.bucket`?"));
    assert_eq!(schema("s3.bukket").unwrap_err().get(Lang::En), "did you mean `s3.bucket`?");
    assert_eq!(schema("s3.bucket").unwrap()["title"], "s3.bucket");
}

#[test]
fn the_view_only_grows() {
    let path = here("view-v1.txt");
    let lines = docs::lines();
    let before = fs::read_to_string(&path).unwrap_or_default();
    for line in before.lines() {
        assert!(lines.iter().any(|it| it == line), "`{line}` is of v1, which is only added to");
    }
    kept(&path, &(lines.join("\n") + "\n"));
}

#[test]
fn the_documentation_has_the_tables() {
    for (file, lang) in [("custom-checks.md", Lang::En), ("custom-checks.ja.md", Lang::Ja)] {
        let path = here("../docs").join(file);
        let mut text = fs::read_to_string(&path).unwrap();
        for (name, table) in [("functions", docs::functions(lang)), ("nouns", docs::nouns(lang))] {
            let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
            let from = text.find(&begin).unwrap() + begin.len();
            let to = text.find(&end).unwrap();
            text.replace_range(from..to, &table);
        }
        kept(&path, &text);
    }
}

#[test]
fn custom_checks_join_the_others() {
    let definitions = read::directory(&here("examples/checks.d")).unwrap();
    let ids: Vec<_> = definitions.iter().map(|definition| definition.id.clone()).collect();
    let acme = read::framework(&here("examples/acme.toml"), &definitions).unwrap_or_else(|it| panic!("{it}"));
    register(definitions, vec![acme]).unwrap_or_else(|problems| panic!("{problems}"));

    // Again they are taken, and nothing changes.
    let again = read::directory(&here("examples/checks.d")).unwrap();
    let problems = told(&register(again, Vec::new()).unwrap_err());
    assert!(problems.contains("there is a check `acme-ec2-owner-tag` already"), "{problems}");
    let count = registry::all().count();
    assert_eq!(count, registry::built_in().len() + ids.len());

    // Labels that no framework has make one; a control that its framework lacks is a mistake.
    let labelled = |controls: &str| {
        let directory = tempfile::tempdir().unwrap();
        let id = if controls.contains("9.9") { "acme-y" } else { "acme-z" };
        let text = format!(
            "id = '{id}'\nseverity = 'low'\nresource = 'account'\nfail = 'r.has_contact_information'\nmessage = 'm'\n\
             fix = 'f'\ncontrols = {controls}\n"
        );
        fs::write(directory.path().join("z.toml"), text).unwrap();
        register(read::directory(directory.path()).unwrap(), Vec::new())
    };
    assert!(
        told(&labelled("{ acme = ['9.9'] }").unwrap_err()).contains("framework `acme` has no control `9.9`")
    );
    assert!(registry::find("acme-y").is_none());
    labelled("{ label = ['7.3'], antipatterns = ['3'] }").unwrap();
    assert_eq!(framework::controls_of("acme-z")["label"], ["7.3"]);

    // Evaluated and reported like the others.
    let entries: Vec<_> = registry::all().filter(|entry| entry.is_custom()).collect();
    assert_eq!(entries.len(), ids.len() + 1);
    let account = account();
    let evaluation = registry::evaluate(&entries, &account, &Settings::default(), true);
    let report = |lang| {
        let framework = framework::find("acme").unwrap();
        Report::new(&account, &evaluation, &Options { framework, lang })
    };
    let (english, japanese) = (report(Lang::En), report(Lang::Ja));
    let of = |report: &Report, check: &str, status| -> Vec<ReportFinding> {
        let wanted = |it: &&ReportFinding| it.check == check && it.status == status;
        report.findings.iter().filter(wanted).cloned().collect()
    };
    let fails = of(&english, "acme-ec2-owner-tag", Status::Fail);
    let instance = &fails[0];
    let id = &instance.resource.id;
    assert_eq!(instance.message, format!("Instance {id} has no tag `owner`."));
    let command = instance.fix.as_ref().unwrap().command.as_ref().unwrap();
    assert!(command.contains(&format!("--region ap-northeast-1 --resources {id} ")), "{command}");
    assert_eq!(instance.controls["acme"], ["1.1"]);
    assert_eq!(instance.title, "Instance … has no tag `owner`");
    let same = &of(&japanese, "acme-ec2-owner-tag", Status::Fail)[0];
    assert_eq!(
        (&same.id, same.message.clone()),
        (&instance.id, format!("インスタンス {id} にタグ `owner` がありません。"))
    );
    assert!(!of(&english, "acme-s3-public", Status::Fail).is_empty());
    assert!(!of(&english, "acme-s3-public", Status::Pass).is_empty());
    assert!(!of(&english, "acme-ec2-ssh", Status::Fail).is_empty());
    let account_finding = &of(&english, "acme-z", Status::Fail)[0];
    assert_eq!(
        (account_finding.resource.kind.as_str(), account_finding.antipatterns.as_slice()),
        ("AWS::::Account", &[3][..])
    );
    let control = english.score.controls.iter().find(|control| control.id == "1.1").unwrap();
    assert!(control.fail > 0 && control.checks == ["acme-ec2-owner-tag"]);
    assert!(english.score.controls.iter().any(|control| control.manual.is_some()));
    // Not one is unknown: the account was read as a whole.
    let unknown: Vec<_> = english.findings.iter().filter(|it| it.status == Status::Unknown).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");

    // What was not read is unknown, with the gap.
    let mut text = serde_json::to_value(&account).unwrap();
    let gap = serde_json::json!({"gap": {"operation": "s3:GetBucketPolicy", "resource": "x", "kind": "access_denied", "message": "no"}});
    for bucket in text["s3"]["buckets"]["value"].as_array_mut().unwrap() {
        bucket["policy"] = gap.clone();
    }
    let instances = serde_json::json!({"gap": {"operation": "ec2:DescribeInstances", "kind": "access_denied", "message": "no"}});
    text["regions"]["ap-northeast-1"]["ec2"]["instances"] = instances;
    let denied: Snapshot = serde_json::from_value(text).unwrap();
    let evaluation = registry::evaluate(&entries, &denied, &Settings::default(), true);
    let framework = framework::find("acme").unwrap();
    let report = Report::new(&denied, &evaluation, &Options { framework, lang: Lang::En });
    assert!(of(&report, "acme-s3-delete", Status::Pass).is_empty());
    let unknown = of(&report, "acme-s3-delete", Status::Unknown);
    assert_eq!(unknown[0].message, "Could not be judged: s3:GetBucketPolicy: access denied.");
    assert!(report.gaps.iter().any(|gap| gap.checks.contains(&"acme-s3-delete".to_owned())));
    for check in ["acme-ec2-owner-tag", "acme-ec2-ssh"] {
        let unknown = of(&report, check, Status::Unknown);
        assert_eq!(unknown[0].message, "Could not be judged: ec2:DescribeInstances: access denied.");
    }

    // The sources are those of the resource, the fields and the analyses.
    let sources = |id: &str| registry::sources([registry::find(id).unwrap()]);
    assert_eq!(sources("acme-ec2-owner-tag"), [Source::Ec2Instances].into());
    assert_eq!(sources("acme-s3-delete"), [Source::S3Buckets, Source::S3BucketPolicy].into());
    assert!(sources("acme-ec2-ssh").contains(&Source::Ec2RouteTables));
    assert!(sources("acme-s3-public").is_superset(&sources("s3-bucket-public-read")));

    // Pages tell what the file says.
    let entry = registry::find("acme-ec2-ssh").unwrap();
    let body = &entry.page(Lang::En).body;
    assert!(
        body.contains("## Why it matters\n\nOur hosts are reached through Session Manager.")
            && body.contains("    reachable(r, 22)"),
        "{body}"
    );
    assert!(entry.page(Lang::Ja).body.contains("## なぜ危険か"));
}

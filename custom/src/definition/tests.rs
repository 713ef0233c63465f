use aws_audit_checks::page::Lang;

use super::*;

const GOOD: &str = "\
id = 'acme-x'
severity = 'low'
resource = 's3.bucket'
fail = 'r.policy == null'
message = 'Bucket {r.name} of {r.region}: {n}.'
fix = 'Fix {resource.id}.'
command = 'aws x {r.versioning.enabled} {{'
evidence = { n = 'size(r.acl)' }
";

fn problems(text: &str) -> Vec<String> {
    let problems = parse("x.toml", text).expect_err(text);
    problems.iter().map(|problem| problem.text(Lang::En).replace("\n  help: ", "; ")).collect()
}

#[test]
fn a_definition_is_read() {
    let it = parse("x.toml", GOOD).unwrap();
    assert_eq!((it.id.as_str(), it.severity, it.noun.name), ("acme-x", Severity::Low, "s3.bucket"));
    assert_eq!(it.message.en, "Bucket {name} of {region}: {n}.");
    assert_eq!(it.message.ja, it.message.en, "without Japanese, English");
    assert_eq!(it.title.en, "Bucket … of …: …", "the headline is the message, without what differs");
    assert_eq!(it.command, "aws x {versioning_enabled} {{");
    let names: Vec<_> = it.evidence.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["n", "name", "region", "versioning_enabled"]);
    let sources: Vec<_> = it.sources().into_iter().map(Source::name).collect();
    assert_eq!(sources, ["S3BucketAcl", "S3BucketPolicy", "S3BucketVersioning", "S3Buckets"]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_line_and_help() {
    let text = "\
id = 's3-x'
severty = 'low'
severity = 'lowe'
resource = 's3.buckt'
fix = ''
url = 'http://x'
message = { ja = 'バケット' }
controls = { acme = '1' }
evidence = { 'N' = 'true' }

[[test]]
name = 'a'
expect = 'passes'
[[test]]
given = 3
nam = 'b'
";
    let told = problems(text);
    for wanted in [
        "x.toml:2: there is no key `severty`; did you mean `severity`?",
        "x.toml:1: id: ids that begin with `s3-` are those of the program; begin with a word of your own: `acme-s3-x`",
        "x.toml:3: severity: there is no severity `lowe`; did you mean `low`?",
        "x.toml:4: resource: there is no kind of resource `s3.buckt`; did you mean `s3.bucket`?",
        "x.toml:5: fix: should be a text",
        "x.toml:6: url: `http://x` is no https:// address",
        "x.toml:7: `message.en` is missing; English stands for languages that are not there",
        "x.toml:8: controls.acme: should be a list of ids: [\"7.3\"]",
        "x.toml:9: evidence.N: a name is of a to z, 0 to 9 and _, and not `resource`",
        "x.toml: `fail` is missing; fail = \"!r.encrypted\": what is true of what is not fine",
        "x.toml:13: test.expect: a check never says `passes`; did you mean `pass`?",
        "x.toml:16: test: there is no key `nam`; did you mean `name`?",
        "x.toml:14: `test.name` is missing; say what it shows",
        "x.toml:14: `test.expect` is missing; one of fail, pass, unknown, not-applicable",
    ] {
        assert!(told.iter().any(|it| it == wanted), "{wanted}\n{told:#?}");
    }
    assert_eq!(told.len(), 14, "{told:#?}");
    let japanese: Vec<_> = parse("x.toml", text).unwrap_err().iter().map(|it| it.text(Lang::Ja)).collect();
    assert!(japanese[0].contains("というキーはありません\n  ヒント: `severity` の間違い"), "{}", japanese[0]);
}

#[test]
fn expressions_and_templates_are_checked_with_their_places() {
    let with = |from: &str, to: &str| problems(&GOOD.replace(from, to));
    for (from, to, wanted) in [
        (
            "r.policy == null",
            "r.polcy == null",
            "x.toml:4: fail: at character 2: there is no field `polcy`; did you mean `policy`?",
        ),
        ("{r.name}", "{r.nam}", "x.toml:5: message: there is no field `nam`; did you mean `name`?"),
        ("{r.name}", "{nam}", "x.toml:5: message: nothing is called `{nam}`"),
        ("{r.name}", "{r.acl[0]}", "x.toml:5: message: `{r.acl[0]}` is no path of fields"),
        ("{r.name}", "{r.name", "x.toml:5: message: `{r.name of {r.region}` is no path of fields"),
        (
            "{resource.id}",
            "{resource.ids}",
            "x.toml:6: fix: nothing is called `{resource.ids}`; did you mean `id`?",
        ),
        ("{ n =", "{ name =", "x.toml:5: message: evidence `name` has the name of a field that a text tells"),
        (
            "size(r.acl)",
            "sise(r.acl)",
            "x.toml:8: evidence.n: at character 5: there is no function `sise`; did you mean `size`?",
        ),
    ] {
        let told = with(from, to);
        assert!(told.iter().any(|it| it.starts_with(wanted)), "{wanted}\n{told:#?}");
    }
    assert!(problems("id = ")[0].starts_with("x.toml:1: "));
    assert_eq!(
        problems(&format!("view = 'v2'\n{GOOD}")),
        ["x.toml:1: view: this program knows one view of resources; view = \"v1\""]
    );
}

#[test]
fn hand_written_resources_fit_the_schema() {
    let with =
        |given: &str| problems(&format!("{GOOD}[[test]]\nname = 'a'\nexpect = 'fail'\ngiven = {given}\n"));
    let told = with("{ nam = 'x', versioning = { enabled = 'yes' }, acl = [{ grante = 'x' }], tags = {} }");
    assert_eq!(told.len(), 4, "{told:#?}");
    for wanted in [
        "x.toml:12: test.given.nam: there is no field `nam`; did you mean `name`?",
        "x.toml:12: test.given.versioning.enabled: should be bool",
        "x.toml:12: test.given.acl[0].grante: there is no field `grante`; did you mean `grantee`?",
        // Buckets' tags are not read.
        "x.toml:12: test.given.tags: there is no field `tags`",
    ] {
        assert!(told.iter().any(|it| it.starts_with(wanted)), "{wanted}\n{told:#?}");
    }
    assert!(with("'{\"policy\": nul}'")[0].starts_with("x.toml:12: test.given: no JSON"));
}

#[test]
fn ids_are_words_with_an_own_prefix() {
    for id in ["acme", "Acme-x", "acme-", "acme_x-y", "iam-x", "", "acme--x"] {
        assert!(!problems(&GOOD.replace("'acme-x'", &format!("'{id}'"))).is_empty(), "{id}");
    }
}

#[test]
fn a_test_of_ages_says_what_time_it_is() {
    let text = GOOD.replace("r.policy == null", "allows(r.policy, \"s3:GetObject\", \"*\")");
    let told = problems(&format!("{text}[[test]]\nname = 'a'\nexpect = 'unknown'\n"));
    assert_eq!(told, ["x.toml:9: `test.now` is missing; now = 2026-01-31T00:00:00Z"]);
}

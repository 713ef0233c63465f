//! Checks and expressions tried: inline tests, and an expression over a snapshot.

use std::path::Path;

use aws_audit_checks::{
    check::Context,
    finding::{Resource, Status},
    gap::{Gap, NotJudged},
    page::Lang,
    settings::Settings,
    snapshot::Snapshot,
};
use serde_json::Value as Json;

use crate::{
    cel::{Answer, Expression, Given, Machine},
    definition::Expect,
    node::Node,
    problem::{Problem, Problems, instead, said},
    read,
    view::{self, Wanted},
};

/// How an inline test went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestResult {
    /// The file.
    pub file: String,
    /// The line at which the test begins.
    pub line: usize,
    /// The check's id.
    pub check: String,
    /// The test's name.
    pub name: String,
    /// What it expects.
    pub expected: Expect,
    /// What the check says.
    pub got: Expect,
    /// Why that is unknown, where it is.
    pub why: Option<String>,
}

impl TestResult {
    /// Whether the check says what is expected.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        self.expected == self.got
    }

    /// The result in a line.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let Self { file, line, check, name, expected, got, why } = self;
        let (expected, got) = (expected.name(), got.name());
        let why = why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        match (self.is_passed(), lang) {
            (true, Lang::En) => format!("ok      {check}: {name}"),
            (true, Lang::Ja) => format!("成功    {check}：{name}"),
            (false, Lang::En) => {
                format!("FAILED  {check}: {name}: {got}{why}, not {expected}, at {file}:{line}")
            }
            (false, Lang::Ja) => {
                format!("失敗    {check}：{name}：期待は {expected}、結果は {got}{why}（{file}:{line}）")
            }
        }
    }
}

/// Runs the inline tests of a directory's checks. A check without tests has no results.
///
/// # Errors
/// All that is wrong with the files.
pub fn test_directory(directory: &Path) -> Result<Vec<TestResult>, Problems> {
    let definitions = read::directory(directory)?;
    let results = definitions.iter().flat_map(|definition| {
        definition.tests.iter().map(|test| {
            let (got, why) = definition.answer(test);
            TestResult {
                file: definition.file.clone(),
                line: test.line,
                check: definition.id.clone(),
                name: test.name.clone(),
                expected: test.expect,
                got,
                why,
            }
        })
    });
    Ok(results.collect())
}

/// What an expression comes to for one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The resource's ARN.
    pub arn: String,
    /// What it comes to.
    pub answer: Answer<Json>,
}

/// Resources that could not be listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Unlisted {
    /// The region's share of the service, or the account.
    pub resource: Resource,
    /// Why not.
    pub gaps: Vec<Gap>,
}

/// What an expression comes to in an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// For each resource.
    pub tried: Vec<Tried>,
    /// What could not be listed.
    pub unlisted: Vec<Unlisted>,
}

/// What an expression comes to for each resource of a kind, and what of them could not be listed.
///
/// # Errors
/// When there is no such kind, or the expression is wrong.
pub fn try_expression(
    source: &str,
    resource: &str,
    snapshot: &Snapshot,
    settings: &Settings,
) -> Result<Trial, Problems> {
    let problem = |line, what, help| Problem { file: "-".into(), line, key: String::new(), what, help };
    let noun = view::find(resource).ok_or_else(|| {
        let what = said(
            format!("there is no kind of resource `{resource}`"),
            format!("`{resource}` という種類のリソースはありません"),
        );
        Problems(vec![problem(None, what, Some(instead(resource, view::NOUNS.iter().map(|it| it.name))))])
    })?;
    let expression = Expression::parse(source, noun).map_err(|faults| {
        let of = |fault: crate::cel::Fault| problem(Some(fault.line), fault.what, fault.help);
        Problems(faults.into_iter().map(of).collect())
    })?;
    let mut fields = expression.fields.clone();
    fields.extend(["arn", "region"]);
    let wanted = Wanted {
        fields,
        public: expression.functions.contains("public"),
        reach: expression.functions.contains("reachable"),
        settings: true,
    };
    let mut tried = Vec::new();
    let mut machine = Machine::new();
    let findings = Context::visit(snapshot, settings, |cx| {
        noun.each(cx, &wanted, &mut |cx, resource, facts| {
            let Node::Object(fields) = &resource else { return Err(NotJudged::NotApplicable) };
            let field = |name: &str| fields.get(name).cloned().unwrap_or(Node::Null);
            let arn = match field("arn") {
                Node::Text(arn) => arn,
                _ => String::new(),
            };
            let variables = vec![
                ("account", Node::Text(cx.snapshot.account.id.clone())),
                ("now", Node::Text(cx.snapshot.started_at.to_string())),
                ("region", field("region")),
                ("settings", view::settings(settings)),
            ];
            let answer = machine.tell(&expression, &Given { resource, facts, variables });
            tried.push(Tried { arn, answer });
            Err(NotJudged::NotApplicable)
        });
    });
    let unlisted = findings.into_iter().filter(|it| it.status == Status::Unknown);
    let unlisted = unlisted.map(|it| Unlisted { resource: it.resource, gaps: it.gaps }).collect();
    Ok(Trial { tried, unlisted })
}

//! Definitions as checks: what they say of an account, and how they join the program's own.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use aws_audit_checks::{
    check::{Check, Context, Entry},
    finding::{Judgement, Verdict},
    framework::{self, AddError, Claim, Framework},
    gap::{Gap, GapKind, Gaps, NotJudged},
    registry,
};

use crate::{
    cel::{Answer, Given, Machine},
    definition::{Definition, Expect, Test, Words},
    node::{Node, gap},
    problem::{Problem, Problems, said},
    view,
};

/// The definitions whose checks run, by id.
static DEFINED: RwLock<BTreeMap<&'static str, &'static Definition>> = RwLock::new(BTreeMap::new());

impl Definition {
    /// What it says of what is given.
    fn judge(&self, machine: &mut Machine, given: &Given) -> Judgement {
        let when = self.when.as_ref().map_or(Answer::Known(true), |when| machine.decide(when, given));
        // What the check is not about, it does not look at.
        if matches!(when, Answer::Known(false) | Answer::NotOffered) {
            return Err(NotJudged::NotApplicable);
        }
        match (when, machine.decide(&self.fail, given)) {
            // Fine, whether the check is about it or not.
            (_, Answer::Known(false)) => Ok(Verdict::pass()),
            (_, Answer::NotOffered) => Err(NotJudged::NotApplicable),
            (Answer::Known(_), Answer::Known(true)) => Ok(self.failure(machine, given)),
            (Answer::Unread(gaps), _) | (Answer::Known(_), Answer::Unread(gaps)) => Err(unread(gaps)),
            (Answer::Failed(why), _) => Err(self.not_evaluated("when", &why)),
            (_, Answer::Failed(why)) => Err(self.not_evaluated("fail", &why)),
            (Answer::NotOffered, _) => Err(NotJudged::NotApplicable),
        }
    }

    fn failure(&self, machine: &mut Machine, given: &Given) -> Verdict {
        let mut verdict = Verdict::fail();
        for (name, expression) in &self.evidence {
            // A failure stands, whatever else is known of the resource.
            match machine.tell(expression, given) {
                Answer::Known(value) => verdict = verdict.with(name.clone(), value),
                Answer::Unread(_) | Answer::NotOffered | Answer::Failed(_) => {
                    verdict = verdict.with(name.clone(), "?")
                }
            }
        }
        verdict
    }

    fn not_evaluated(&self, key: &str, why: &str) -> NotJudged {
        gap(GapKind::NotEvaluated, format!("{} ({key}): {why}", self.id)).into()
    }

    /// Judges every resource of an account that it is about.
    fn run(&self, cx: &mut Context<'_>) {
        let mut machine = Machine::new();
        self.noun.each(cx, &self.wanted, &mut |cx, resource, facts| {
            let region = match &resource {
                Node::Object(fields) => fields.get("region").cloned().unwrap_or(Node::Null),
                _ => Node::Null,
            };
            let mut variables = vec![
                ("account", Node::Text(cx.snapshot.account.id.clone())),
                ("now", Node::Text(cx.snapshot.started_at.to_string())),
                ("region", region),
            ];
            if self.wanted.settings {
                variables.push(("settings", view::settings(&cx.settings)));
            }
            self.judge(&mut machine, &Given { resource, facts, variables })
        });
    }

    /// What it says of a hand-written resource, and why where that is not plain.
    pub(crate) fn answer(&self, test: &Test) -> (Expect, Option<String>) {
        let variables = vec![
            ("account", Node::Text(test.account.clone())),
            ("now", test.now.map_or(Node::Null, |now| Node::Text(now.to_string()))),
            ("region", test.region.clone().map_or(Node::Null, Node::Text)),
            ("settings", view::settings(&aws_audit_checks::settings::Settings::default())),
        ];
        let given = Given { resource: test.resource.clone(), facts: test.facts.clone(), variables };
        match self.judge(&mut Machine::new(), &given) {
            Ok(verdict) if verdict.passes() => (Expect::Pass, None),
            Ok(_) => (Expect::Fail, None),
            Err(NotJudged::NotApplicable) => (Expect::NotApplicable, None),
            Err(NotJudged::Unread(gaps)) => {
                let why: Vec<_> = gaps.iter().map(|gap| gap.message.clone()).collect();
                (Expect::Unknown, Some(why.join("; ")))
            }
        }
    }

    /// Its page in both languages, as `page.rs` of the checks reads it.
    fn pages(&self) -> [String; 2] {
        let quoted = |text: &str| serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f");
        let page = |of: fn(&Words) -> &String, headings: [&str; 2]| {
            let mut page = String::from("+++\n");
            for (key, text) in [
                ("title", of(&self.title)),
                ("message", of(&self.message)),
                ("fix", of(&self.fix)),
                ("command", &self.command),
                ("url", &self.url),
            ] {
                page.push_str(&format!("{key} = {}\n", quoted(text)));
            }
            page.push_str("+++\n");
            if !of(&self.why).is_empty() {
                page.push_str(&format!("\n## {}\n\n{}\n", headings[0], of(&self.why)));
            }
            page.push_str(&format!("\n## {}\n\n`{}`, {}:\n", headings[1], self.file, self.noun.name));
            for (key, source) in ["when", "fail"].iter().zip(&self.source).filter(|(_, it)| !it.is_empty()) {
                let indented: Vec<_> = source.lines().map(|line| format!("    {line}")).collect();
                page.push_str(&format!("\n{key}:\n\n{}\n", indented.join("\n")));
            }
            page
        };
        [page(|it| &it.en, ["Why it matters", "Definition"]), page(|it| &it.ja, ["なぜ危険か", "定義"])]
    }

    /// The check that it is. It is never freed: checks are named by many for as long as the process runs, and files are
    /// read once.
    fn entry(&'static self) -> Result<Entry, String> {
        let check: &'static Check = Box::leak(Box::new(Check {
            id: &self.id,
            severity: self.severity,
            sources: Vec::leak(self.sources()),
            run: |cx| {
                let id = cx.check().id;
                let defined = DEFINED.read().unwrap_or_else(PoisonError::into_inner).get(id).copied();
                if let Some(definition) = defined {
                    definition.run(cx);
                }
            },
        }));
        let [en, ja] = self.pages().map(|page| &*String::leak(page));
        Entry::custom(check, en, ja).map_err(|why| why.to_string())
    }

    fn problem(&self, why: &str) -> Problem {
        let (file, key, help) = (self.file.clone(), String::new(), None);
        Problem { file, line: None, key, what: said(why, why), help }
    }
}

/// Why an answer is unknown.
fn unread(gaps: Vec<Gap>) -> NotJudged {
    let mut all = Gaps::default();
    all.extend(gaps);
    NotJudged::Unread(all)
}

/// Adds checks and frameworks to those of the program, for as long as the process runs: selection, evaluation, triage,
/// reports and formats know them as they know the program's own. To be called once, before anything is selected.
///
/// # Errors
/// When an id is taken, or a control that a check names is not in its framework.
pub fn register(definitions: Vec<Definition>, frameworks: Vec<Framework>) -> Result<(), Problems> {
    let definitions: &'static [Definition] = Vec::leak(definitions);
    let mut claims = Vec::new();
    for definition in definitions {
        for (framework, controls) in &definition.controls {
            claims.extend(controls.iter().map(|control| Claim {
                framework: framework.clone(),
                control: control.clone(),
                check: definition.id.clone(),
            }));
        }
    }
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for definition in definitions {
        match definition.entry() {
            Ok(entry) => entries.push(entry),
            Err(why) => problems.push(definition.problem(&why)),
        }
    }
    let of = |id: &str| definitions.iter().find(|it| it.id == id);
    for definition in definitions {
        if registry::find(&definition.id).is_some() {
            problems.push(definition.problem(&format!("there is a check `{}` already", definition.id)));
        }
    }
    if problems.is_empty()
        && let Err(error) = framework::add(frameworks, &claims)
    {
        let definition = match &error {
            AddError::NoControl(claim) => of(&claim.check),
            AddError::Taken(_) => None,
        };
        let why = error.to_string();
        problems.push(definition.map_or_else(
            || Problem {
                file: "--framework-file".into(),
                line: None,
                key: String::new(),
                what: said(&why, &why),
                help: None,
            },
            |definition| definition.problem(&why),
        ));
    }
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let mut defined = DEFINED.write().unwrap_or_else(PoisonError::into_inner);
    defined.extend(definitions.iter().map(|definition| (definition.id.as_str(), definition)));
    drop(defined);
    // Their ids were just found to be free.
    let _ = registry::add(entries);
    Ok(())
}

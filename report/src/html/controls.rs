//! The framework's controls: a score each, as a bar and a number, and the checks that fail in it.

use std::{collections::BTreeSet, io};

use aws_audit_checks::{
    framework,
    report::{ControlReport, Report},
};

use super::{
    Parts, findings,
    picture::{self, class},
    sheet::{Both, Pick, Sheet, shown},
    words::Words,
};
use crate::table;

/// Of a framework with more controls than that, those without failures are folded away.
const MANY: usize = 30;

/// Characters of a control's id that the first column has room for.
const LONGEST_ID: usize = 24;

/// What a control says instead of a score, if it says that.
type Reason = fn(&ControlReport) -> Option<&String>;

pub(super) fn write(report: &Report, parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let controls = &report.score.controls;
    sheet.raw("<section aria-labelledby=controls>")?;
    sheet.heading("h2 id=controls", |words| &words.controls, |words| &words.controls_lead)?;
    let judged = controls.iter().filter(|control| !control.checks.is_empty());
    let (shown, folded): (Vec<_>, Vec<_>) =
        judged.partition(|control| controls.len() <= MANY || control.fail + control.unknown > 0);
    let failing = Failing::of(report, parts);
    if !shown.is_empty() {
        table(&shown, &failing, report, sheet)?;
    }
    let fold = |count: usize, word: Pick, sheet: &mut Sheet<'_>| {
        let text = sheet.filled(word, &[("n", &count.to_string())]);
        sheet.raw("<details class=fold>")?;
        sheet.told("summary", &text)
    };
    if !folded.is_empty() {
        fold(folded.len(), |words| &words.no_failures, sheet)?;
        table(&folded, &failing, report, sheet)?;
        sheet.raw("</details>")?;
    }
    let told: [(Pick, Reason); 2] = [
        (|words| &words.manual, |control| control.manual.as_ref()),
        (|words| &words.not_covered, |control| control.not_covered.as_ref()),
    ];
    for (word, why) in told {
        let listed: Vec<_> = controls.iter().filter_map(|control| Some((control, why(control)?))).collect();
        if listed.is_empty() {
            continue;
        }
        fold(listed.len(), word, sheet)?;
        sheet.raw("<dl class=plain>")?;
        for (control, why) in listed {
            sheet.raw("<dt>")?;
            sheet.text(&control.id)?;
            sheet.raw(" ")?;
            let title = title(control, report, sheet);
            sheet.told("span", &title)?;
            sheet.raw("</dt>")?;
            let why = reason(control, why, report, sheet);
            sheet.told("dd", &why)?;
        }
        sheet.raw("</dl></details>")?;
    }
    sheet.raw("</section>\n")
}

/// The checks that fail, by control.
struct Failing<'a> {
    groups: Vec<findings::Group<'a>>,
    /// Control and check, for frameworks whose controls may take a part of what a check says.
    pairs: BTreeSet<(&'a str, &'a str)>,
    is_default: bool,
}

impl<'a> Failing<'a> {
    fn of(report: &'a Report, parts: &Parts<'a>) -> Self {
        let framework = &report.score.framework;
        let pairs = parts.failing.iter().flat_map(|finding| {
            let controls = finding.controls.get(framework).into_iter().flatten();
            controls.map(|control| (control.as_str(), finding.check.as_str()))
        });
        Self {
            pairs: pairs.collect(),
            groups: findings::groups(&parts.failing),
            is_default: framework == framework::DEFAULT,
        }
    }

    /// The groups of findings that fail in a control, each check once.
    fn in_control(&self, control: &ControlReport) -> Vec<&findings::Group<'a>> {
        let mut checks = BTreeSet::new();
        let fails = |group: &&findings::Group<'a>| {
            control.checks.iter().any(|check| check == group.check)
                && (self.is_default || self.pairs.contains(&(control.id.as_str(), group.check)))
                && checks.insert(group.check)
        };
        self.groups.iter().filter(fails).collect()
    }
}

fn table(
    controls: &[&ControlReport],
    failing: &Failing<'_>,
    report: &Report,
    sheet: &mut Sheet<'_>,
) -> io::Result<()> {
    sheet.raw("<table class=\"data controls\">")?;
    sheet.word("caption class=vh", |words| &words.controls)?;
    sheet.raw("<thead><tr>")?;
    let columns: [(&str, Pick); 7] = [
        ("class=num", |words| &words.number),
        ("class=name", |words| &words.control),
        ("class=pic", |words| &words.score),
        ("class=num", |words| &words.fails),
        ("class=\"num more\"", |words| &words.passes),
        ("class=\"num more\"", |words| &words.unknowns),
        ("class=sev", |words| &words.worst),
    ];
    for (class, word) in columns {
        sheet.word(&format!("th scope=col {class}"), word)?;
    }
    sheet.raw("</tr></thead><tbody>\n")?;
    for (at, control) in controls.iter().enumerate() {
        row(at, control, failing, report, sheet)?;
    }
    sheet.raw("</tbody></table>")
}

fn row(
    at: usize,
    control: &ControlReport,
    failing: &Failing<'_>,
    report: &Report,
    sheet: &mut Sheet<'_>,
) -> io::Result<()> {
    // Ids without a digit are for machines; their titles say the same better.
    let id = if control.id.contains(|c: char| c.is_ascii_digit()) { control.id.as_str() } else { "+" };
    sheet.raw(&format!("<tr><td class=num data-v={at}>"))?;
    sheet.shown(&shown(id, LONGEST_ID))?;
    sheet.raw("<th scope=row class=name>")?;
    let title = title(control, report, sheet);
    let checks = failing.in_control(control);
    if checks.is_empty() {
        sheet.told("span", &title)?;
    } else {
        sheet.raw("<details>")?;
        sheet.told("summary", &title)?;
        sheet.raw("<ul>")?;
        for group in checks {
            sheet.raw(&format!("<li class={}>", group.severity.name()))?;
            let title = group.title(sheet);
            sheet.told(&format!("a href=#{}", group.id), &title)?;
        }
        sheet.raw("</ul></details>")?;
    }
    match control.score {
        Some(score) => {
            let number = table::whole(score);
            sheet.raw(&format!("<td class=pic data-v={score}><b>{number}</b>"))?;
            picture::bar(&[(class(score), score)], 100.0, None, sheet)?;
        }
        None => sheet.raw("<td class=pic data-v=101><b>–</b>")?,
    }
    for (class, count) in
        [("num", control.fail), ("\"num more\"", control.pass), ("\"num more\"", control.unknown)]
    {
        sheet.raw(&format!("<td class={class}>{count}"))?;
    }
    match control.worst {
        Some(severity) => {
            let word = sheet.both(|lang| Words::of(lang).severity(severity).clone());
            sheet.raw(&format!("<td class=sev data-v={}>", 4 - severity as u8))?;
            sheet.told(&format!("span class=\"w {}\"", severity.name()), &word)?;
        }
        None => {
            sheet.raw("<td class=sev data-v=9>")?;
            sheet.word("span class=vh", |words| &words.none)?;
        }
    }
    sheet.raw("\n")
}

/// The control's title; in both languages where the framework is built in.
pub(super) fn title(control: &ControlReport, report: &Report, sheet: &Sheet<'_>) -> Both {
    let known = framework::find(&report.score.framework)
        .and_then(|framework| framework.controls.iter().find(|known| known.id == control.id));
    match known {
        Some(known) if known.title.get(sheet.langs()[0]) == control.title => {
            sheet.both(|lang| known.title.get(lang).to_owned())
        }
        _ => Both::one(control.title.clone()),
    }
}

/// Why no check judges the control.
fn reason(control: &ControlReport, told: &str, report: &Report, sheet: &Sheet<'_>) -> Both {
    use framework::Coverage::{Manual, NotCovered};
    let known = framework::find(&report.score.framework)
        .and_then(|framework| framework.controls.iter().find(|known| known.id == control.id));
    match known.map(|known| &known.coverage) {
        Some(Manual(why) | NotCovered(why)) if why.get(sheet.langs()[0]) == told => {
            sheet.both(|lang| why.get(lang).to_owned())
        }
        _ => Both::one(told.to_owned()),
    }
}

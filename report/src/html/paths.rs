//! How somebody gets in, and what to change first: the worst paths as pictures, each beside the list of its steps, which
//! tells the same in full and links to the findings.

mod drawing;
mod retold;

use std::{collections::HashMap, io};

use aws_audit_checks::{
    page::Lang,
    registry,
    report::{Report, ReportFinding},
    report_paths::{FixFirst, NodeKind, PathCertainty, PathNode, PathStep, ReportPath},
};

pub(super) use self::drawing::Drawn;
use self::drawing::{Arrow, Place, Way};
use super::{
    sheet::{Both, LONGEST_LABEL, Pick, Sheet, anchor, shown},
    told::{self, Translator},
    words::{Words, fill},
};
use crate::{
    paths::name,
    text::{escape, width},
};

/// So many paths are drawn, of which the first are open; the next are listed, and the others counted.
const DRAWN: usize = 10;
const OPEN: usize = 2;
const LISTED: usize = 40;

/// Most steps of a path that are drawn, and how many of them are its last.
const MOST_STEPS: usize = 8;
const LAST_STEPS: usize = 3;

/// Most findings of a step that are named.
const MOST_FINDINGS: usize = 4;

/// Columns of a command beside the paths: a longer one stands at its finding only.
const LONGEST_COMMAND: usize = 400;

/// The failing findings by id: what is not among them has no place in the page.
type Known<'a> = HashMap<&'a str, &'a ReportFinding>;

pub(super) fn write(report: &Report, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if report.paths.is_empty() {
        return Ok(());
    }
    let known: Known<'_> = report.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    sheet.raw("<section aria-labelledby=paths>")?;
    sheet.heading("h2 id=paths", |words| &words.paths, |words| &words.paths_lead)?;
    if let Some(why) = &report.paths_incomplete {
        let [from, to] = sheet.langs();
        let why = Both { first: why.clone(), second: retold::incomplete(why, from, to) };
        sheet.told("p class=lead", &why)?;
    }
    let fixes: Vec<_> =
        report.fix_first.iter().filter_map(|fix| Some((fix, *known.get(fix.finding.as_str())?))).collect();
    sheet.raw(if fixes.is_empty() { "<div>" } else { "<div class=ways><div>" })?;
    let (drawn, rest) = report.paths.split_at(report.paths.len().min(DRAWN));
    for (at, path) in drawn.iter().enumerate() {
        draw(at, path, &known, sheet)?;
    }
    others(rest, &known, sheet)?;
    sheet.raw("</div>")?;
    if !fixes.is_empty() {
        fix_first(&fixes, sheet)?;
        sheet.raw("</div>")?;
    }
    sheet.raw("</section>\n")
}

/// A path that opens to its picture and its steps.
fn draw(at: usize, path: &ReportPath, known: &Known<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let open = if at < OPEN { " open" } else { "" };
    sheet.raw(&format!("<details class=\"path {}\"{open}><summary><h3>", path.severity.name()))?;
    let heading = title(path, known, sheet);
    sheet.told("span", &heading)?;
    sheet.raw("</h3><span class=meta>")?;
    let severity = sheet.both(|lang| Words::of(lang).severity(path.severity).clone());
    sheet.told("span class=w", &severity)?;
    let ends = ends(path, sheet);
    sheet.told("span", &ends)?;
    let certainty: Pick = match path.certainty {
        PathCertainty::Certain => |words| &words.path_certain,
        PathCertainty::Conditional => |words| &words.path_conditional,
        PathCertainty::Unknown => |words| &words.path_unknown,
    };
    sheet.word("span", certainty)?;
    sheet.raw("</span></summary><div class=way>")?;
    let told = steps(path, known, sheet);
    let way = way(at, path, &told, sheet);
    let drawn = drawing::draw(&way);
    sheet.drawn(drawn)?;
    list(&way, &told, known, sheet)?;
    sheet.raw("</div>")?;
    if let Some(finding) = known.get(path.id.as_str()) {
        sheet.raw("<p class=small>")?;
        sheet.word(&format!("a href=#{}", anchor(&finding.id)), |words| &words.path_finding)?;
        sheet.raw("</p>")?;
    }
    sheet.raw("</details>\n")
}

/// A step, or those that are left out.
enum Told<'p> {
    Step { number: usize, step: &'p PathStep, because: Both, condition: Option<Both>, to: Both },
    LeftOut(Both),
}

/// The steps of a path, told in both languages.
fn steps<'p>(path: &'p ReportPath, known: &Known<'_>, sheet: &Sheet<'_>) -> Vec<Told<'p>> {
    let count = path.steps.len();
    let left_out = if count > MOST_STEPS { count - (MOST_STEPS - 1) } else { 0 };
    let from = if left_out > 0 { count - LAST_STEPS - left_out } else { count };
    let mut told = vec![];
    for (at, step) in path.steps.iter().enumerate() {
        if at == from {
            let text = sheet.filled(|words| &words.steps_more, &[("n", &left_out.to_string())]);
            told.push(Told::LeftOut(text));
        }
        if (from..from + left_out).contains(&at) {
            continue;
        }
        let more = if at + 1 == count { path.resources.saturating_sub(1) } else { 0 };
        told.push(Told::Step {
            number: at + 1,
            step,
            because: because(step, known, sheet),
            condition: step.condition.as_ref().map(|text| {
                let [first, second] = sheet.langs();
                Both { first: text.clone(), second: retold::condition(text, first, second) }
            }),
            to: with_more(named(&step.to, sheet), more, sheet),
        });
    }
    told
}

/// What proves a step: what a finding says, why something could not be read, or words of the path's own.
fn because(step: &PathStep, known: &Known<'_>, sheet: &Sheet<'_>) -> Both {
    let langs = sheet.langs();
    let text = &step.because;
    let said = step.findings.iter().filter_map(|id| known.get(id.as_str()));
    let said = said.copied().find(|finding| finding.message == *text);
    let second = match said {
        Some(finding) => Translator::new(registry::find(&finding.check), langs).translate(finding).message,
        None => told::unread_reason(text, langs).or_else(|| retold::reason(text, langs[0], langs[1])),
    };
    Both { first: text.clone(), second }
}

/// The node in both languages, by the name that a reader knows it by.
fn named(node: &PathNode, sheet: &Sheet<'_>) -> Both {
    let [first, second] = sheet.langs();
    let other = retold::node(node, first, second);
    Both { first: name(node, first), second: Some(name(&other, second)) }
}

/// A name, and how many others are reached in the same way.
fn with_more(name: Both, more: u64, sheet: &Sheet<'_>) -> Both {
    if more == 0 {
        return name;
    }
    let [first, second] = sheet.langs();
    let more = more.to_string();
    let with = |name: &str, lang: Lang| {
        let name = shown(name, LONGEST_LABEL);
        fill(&Words::of(lang).path_more, &[("name", &name), ("n", &more)])
    };
    Both { first: with(&name.first, first), second: name.second.map(|name| with(&name, second)) }
}

/// Where the path begins and where it ends.
fn ends(path: &ReportPath, sheet: &Sheet<'_>) -> Both {
    let begin = path.steps.first().map_or(&path.entry, |step| &step.from);
    let begin = named(begin, sheet);
    let end = with_more(named(&path.target, sheet), path.resources.saturating_sub(1), sheet);
    let joined =
        |from: &str, to: &str| format!("{} → {}", shown(from, LONGEST_LABEL), shown(to, LONGEST_LABEL));
    let second = begin.second.zip(end.second).map(|(from, to)| joined(&from, &to));
    Both { first: joined(&begin.first, &end.first), second }
}

/// The title of the path's check.
fn title(path: &ReportPath, known: &Known<'_>, sheet: &Sheet<'_>) -> Both {
    let told = known.get(path.id.as_str()).map(|finding| finding.title.as_str());
    match registry::find(&path.check) {
        Some(entry) if told.is_none_or(|told| told == entry.page(sheet.langs()[0]).title) => {
            sheet.both(|lang| entry.page(lang).title.clone())
        }
        _ => Both::one(told.unwrap_or(&path.check).to_owned()),
    }
}

/// What there is to draw.
fn way(at: usize, path: &ReportPath, told: &[Told<'_>], sheet: &Sheet<'_>) -> Way {
    let place = |node: &PathNode, name: Both| Place { kind: node.kind, sort: sort(node, sheet), name };
    let begin = path.steps.first().map_or(&path.entry, |step| &step.from);
    let mut places = vec![place(begin, named(begin, sheet))];
    let mut arrows = vec![];
    for (at, told_step) in told.iter().enumerate() {
        match told_step {
            Told::Step { number, step, because, condition, to } => {
                arrows.push(Arrow {
                    number: Some(*number),
                    because: because.clone(),
                    condition: condition.clone(),
                    certainty: step.certainty,
                });
                places.push(place(&step.to, to.clone()));
            }
            Told::LeftOut(text) => {
                arrows.push(Arrow {
                    number: None,
                    because: text.clone(),
                    condition: None,
                    certainty: path.certainty,
                });
                // What is left out ends where the next begins.
                if let Some(Told::Step { step, .. }) = told.get(at + 1) {
                    places.push(place(&step.from, named(&step.from, sheet)));
                }
            }
        }
    }
    let ends = ends(path, sheet);
    let count = path.steps.len().to_string();
    let title = |ends: &str, lang: Lang| fill(&Words::of(lang).path_alt, &[("ends", ends), ("n", &count)]);
    let [first, second] = sheet.langs();
    Way {
        title: Both {
            first: title(&ends.first, first),
            second: ends.second.map(|ends| title(&ends, second)),
        },
        id: format!("way-{}", at + 1),
        lang: sheet.lang(),
        places,
        arrows,
    }
}

/// What the node is, in words, and for what runs or holds data also as ARNs call it: `lambda function`.
fn sort(node: &PathNode, sheet: &Sheet<'_>) -> Both {
    let is_told = matches!(node.kind, NodeKind::Compute | NodeKind::DataStore);
    let parts = node.arn.as_deref().filter(|_| is_told).map(|arn| arn.splitn(6, ':').collect::<Vec<_>>());
    let service = match parts.as_deref() {
        Some(["arn", _, service, _, _, resource]) => {
            let kind = resource.split_once(['/', ':']).map_or("", |(kind, _)| kind);
            // Objects of a bucket and names with a slash are no kinds.
            let is_kind =
                *service != "s3" && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            if is_kind { format!(" · {service} {kind}") } else { format!(" · {service}") }
        }
        _ => String::new(),
    };
    sheet.both(|lang| {
        let kind = Words::of(lang).kinds.get(&node.kind).map_or_else(|| node.kind.name(), String::as_str);
        format!("{kind}{}", service.trim_end())
    })
}

/// The steps as a list: what the picture shows, in full.
fn list(way: &Way, told: &[Told<'_>], known: &Known<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw(&format!("<ol class=steps id={}-steps>", way.id))?;
    for (at, told_step) in told.iter().enumerate() {
        let Told::Step { number, step, because, condition, .. } = told_step else {
            if let Told::LeftOut(text) = told_step {
                sheet.told("li class=left", text)?;
            }
            continue;
        };
        sheet.raw(&format!("<li value={number}>"))?;
        let [from, to] = [&way.places[at].name, &way.places[at + 1].name];
        let joined =
            |from: &str, to: &str| format!("{} → {}", shown(from, LONGEST_LABEL), shown(to, LONGEST_LABEL));
        let second = from.second.as_deref().zip(to.second.as_deref()).map(|(from, to)| joined(from, to));
        sheet.told("b", &Both { first: joined(&from.first, &to.first), second })?;
        sheet.told("p", because)?;
        if let Some(condition) = condition {
            let class = if step.certainty == PathCertainty::Unknown { "unread" } else { "conditional" };
            sheet.told(&format!("p class={class}"), condition)?;
        }
        links(step, known, sheet)?;
    }
    sheet.raw("</ol>")
}

/// The findings that tell of a step.
fn links(step: &PathStep, known: &Known<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let mut findings: Vec<_> =
        step.findings.iter().filter_map(|id| known.get(id.as_str()).copied()).collect();
    if findings.is_empty() {
        return Ok(());
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    sheet.raw("<ul class=name>")?;
    for finding in findings.iter().take(MOST_FINDINGS) {
        sheet.raw(&format!("<li class={}>", finding.severity.name()))?;
        link(finding, sheet)?;
        sheet.raw("<i>")?;
        sheet.shown(&shown(resource(finding), LONGEST_LABEL))?;
        sheet.raw("</i>")?;
    }
    let more = findings.len().saturating_sub(MOST_FINDINGS);
    if more > 0 {
        let text = sheet.filled(|words| &words.findings_more, &[("n", &more.to_string())]);
        sheet.told("li class=left", &text)?;
    }
    sheet.raw("</ul>")
}

/// A finding by its title, as a link to its place.
fn link(finding: &ReportFinding, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let title = match registry::find(&finding.check) {
        Some(entry) if entry.page(sheet.langs()[0]).title == finding.title => {
            sheet.both(|lang| entry.page(lang).title.clone())
        }
        _ => Both::one(finding.title.clone()),
    };
    sheet.told(&format!("a href=#{}", anchor(&finding.id)), &title)
}

/// What people call the resource of a finding.
fn resource(finding: &ReportFinding) -> &str {
    let name = finding.resource.name.as_deref().filter(|name| !name.is_empty());
    name.unwrap_or(&finding.resource.id)
}

/// The paths that are not drawn: where they begin and end, and what each is among the findings.
fn others(paths: &[ReportPath], known: &Known<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    if paths.is_empty() {
        return Ok(());
    }
    sheet.raw("<details class=fold><summary>")?;
    let text = sheet.filled(|words| &words.paths_other, &[("n", &paths.len().to_string())]);
    sheet.told("span", &text)?;
    sheet.raw("</summary><ul class=others>")?;
    for path in paths.iter().take(LISTED) {
        sheet.raw(&format!("<li class={}>", path.severity.name()))?;
        let severity = sheet.both(|lang| Words::of(lang).severity(path.severity).clone());
        sheet.told("span class=w", &severity)?;
        sheet.raw(" ")?;
        let heading = title(path, known, sheet);
        match known.get(path.id.as_str()) {
            Some(finding) => sheet.told(&format!("a href=#{}", anchor(&finding.id)), &heading)?,
            None => sheet.told("span", &heading)?,
        }
        sheet.raw("<p>")?;
        // Every node that it passes, so that the text alone tells the way.
        let nodes = path.steps.first().map(|step| &step.from);
        let nodes: Vec<_> = nodes.into_iter().chain(path.steps.iter().map(|step| &step.to)).collect();
        let [first, second] = sheet.langs();
        let chain = |lang: Lang| {
            let named = nodes.iter().take(MOST_STEPS + 1).map(|node| match lang == first {
                true => name(node, first),
                false => name(&retold::node(node, first, second), second),
            });
            let named = named.map(|name| shown(&name, LONGEST_LABEL).into_owned());
            let rest = if nodes.len() > MOST_STEPS + 1 { " → …" } else { "" };
            format!("{}{rest}", named.collect::<Vec<_>>().join(" → "))
        };
        let chain = sheet.both(chain);
        sheet.told("span", &chain)?;
        sheet.raw("</p>")?;
    }
    sheet.raw("</ul>")?;
    let more = paths.len().saturating_sub(LISTED);
    if more > 0 {
        let text = sheet.filled(|words| &words.paths_more, &[("n", &more.to_string())]);
        sheet.told("p class=small", &text)?;
    }
    sheet.raw("</details>\n")
}

/// The changes that cut most paths.
fn fix_first(fixes: &[(&FixFirst, &ReportFinding)], sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<div class=\"card fixes\">")?;
    sheet.heading("h3 id=fix-first", |words| &words.fix_first, |words| &words.fix_first_lead)?;
    sheet.raw("<ol>")?;
    for (fix, finding) in fixes {
        sheet.raw(&format!("<li class={}>", finding.severity.name()))?;
        link(finding, sheet)?;
        sheet.raw("<p class=id>")?;
        sheet.shown(&shown(resource(finding), LONGEST_LABEL))?;
        sheet.raw("</p>")?;
        let word: Pick = if fix.of == 1 { |words| &words.cuts_only } else { |words| &words.cuts };
        let cuts = sheet.filled(word, &[("cuts", &fix.cuts.to_string()), ("of", &fix.of.to_string())]);
        sheet.told("p class=cuts", &cuts)?;
        let command = finding.fix.as_ref().and_then(|fix| fix.command.as_deref());
        if let Some(command) = command.filter(|command| width(command) <= LONGEST_COMMAND) {
            sheet.raw("<pre>")?;
            sheet.shown(&escape(command))?;
            sheet.raw("</pre>")?;
        }
    }
    sheet.raw("</ol></div>")
}

#[cfg(test)]
mod tests;

//! The findings: by severity and check, each with its resources; evidence and command on demand.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    io,
};

use aws_audit_checks::{
    check::Entry,
    finding::{Severity, Status},
    registry,
    report::{ReportFinding, State},
};

use super::{
    Parts, evidence,
    sheet::{Both, LONGEST_LABEL, LONGEST_TEXT, Pick, Sheet, anchor, attribute, markup, shown},
    told::Translator,
    words::Words,
};
use crate::{text::escape, triaged};

/// So many findings, and the first of each check, carry command and evidence as HTML; of the others they are packed,
/// or the file would be twice as large.
const FULL: usize = 1000;

/// Bytes of a command that is shown. Cut off it would be another command.
const LONGEST_COMMAND: usize = 4096;

/// Findings of one check and severity.
pub(super) struct Group<'a> {
    /// Its place in the page, as [`anchor`] gives it.
    pub id: String,
    pub check: &'a str,
    pub severity: Severity,
    pub entry: Option<&'static Entry>,
    pub findings: Vec<&'a ReportFinding>,
}

impl Group<'_> {
    /// The title of the check.
    pub fn title(&self, sheet: &Sheet<'_>) -> Both {
        let told = &self.findings[0].title;
        match self.entry {
            Some(entry) if entry.page(sheet.langs()[0]).title == *told => {
                sheet.both(|lang| entry.page(lang).title.clone())
            }
            _ => Both::one(told.clone()),
        }
    }

    /// The service that its resources belong to.
    pub fn service(&self) -> &str {
        service(self.findings[0])
    }
}

/// The service that the finding's resource belongs to, as CloudFormation names it.
pub(super) fn service(finding: &ReportFinding) -> &str {
    // The account is of no service: `AWS::::Account`.
    finding.resource.kind.split("::").skip(1).find(|part| !part.is_empty()).unwrap_or(&finding.resource.kind)
}

/// The findings by check and severity: worst first, then those with more findings.
pub(super) fn groups<'a>(findings: &[&'a ReportFinding]) -> Vec<Group<'a>> {
    groups_in("", findings)
}

/// As [`groups`], for another part of the page.
pub(super) fn groups_in<'a>(part: &str, findings: &[&'a ReportFinding]) -> Vec<Group<'a>> {
    let mut by_check: BTreeMap<(Reverse<Severity>, &str), Vec<&ReportFinding>> = BTreeMap::new();
    for finding in findings {
        by_check.entry((Reverse(finding.severity), &finding.check)).or_default().push(finding);
    }
    let mut seen = BTreeSet::new();
    let mut groups: Vec<_> = by_check
        .into_iter()
        .map(|((Reverse(severity), check), findings)| Group {
            id: match seen.insert(check) {
                true => anchor(&format!("{part}{check}")),
                false => anchor(&format!("{part}{check}.{}", severity.name())),
            },
            check,
            severity,
            entry: registry::find(check),
            findings,
        })
        .collect();
    groups.sort_by_key(|group| (Reverse(group.severity), Reverse(group.findings.len())));
    groups
}

/// What fails, below what filters it.
pub(super) fn write(parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<section aria-labelledby=findings data-status=fail>")?;
    sheet.heading("h2 id=findings", |words| &words.findings, |words| &words.findings_lead)?;
    if parts.failing.is_empty() {
        let nothing: Pick =
            if parts.gaps { |words| &words.no_findings_unknown } else { |words| &words.no_findings };
        sheet.word("p", nothing)?;
    }
    filter(parts, sheet)?;
    sheet.raw("<div id=flat hidden></div>\n")?;
    let groups = groups(&parts.failing);
    for severity in Severity::WORST_FIRST {
        let count = parts.count(severity);
        if count == 0 {
            continue;
        }
        let name = severity.name();
        let open = if severity >= Severity::High { " open" } else { "" };
        sheet.raw(&format!("<details class=\"s {name}\" id={name}{open}><summary><h3>"))?;
        let word = sheet.both(|lang| Words::of(lang).severity(severity).clone());
        sheet.told("span class=w", &word)?;
        sheet.raw("</h3>")?;
        let count = sheet.filled(|words| &words.n_findings, &[("n", &count.to_string())]);
        sheet.told("span class=c", &count)?;
        let meaning = sheet.both(|lang| Words::of(lang).meaning(severity).clone());
        sheet.told("span class=means", &meaning)?;
        sheet.raw("</summary>\n")?;
        for of_severity in groups.iter().filter(|group| group.severity == severity) {
            group(of_severity, "h4", sheet)?;
        }
        sheet.raw("</details>\n")?;
    }
    sheet.word("p id=nothing hidden", |words| &words.nothing_left)?;
    sheet.raw("</section>\n")
}

/// What does not fail, each part for itself.
pub(super) fn others(parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let others: [(&str, &[&ReportFinding], Pick, Pick); 3] = [
        ("suppressed", &parts.suppressed, |words| &words.suppressed, |words| &words.suppressed_lead),
        ("resolved", &parts.resolved, |words| &words.resolved, |words| &words.resolved_lead),
        ("passed", &parts.passing, |words| &words.passed, |words| &words.passed_lead),
    ];
    for (id, findings, title, lead) in others {
        if findings.is_empty() {
            continue;
        }
        sheet.raw(&format!("<section aria-labelledby={id} data-status={id}>"))?;
        sheet.heading(&format!("h2 id={id}"), title, lead)?;
        for of_check in groups_in(&format!("{id}."), findings) {
            group(&of_check, "h3", sheet)?;
        }
        sheet.raw("</section>\n")?;
    }
    Ok(())
}

/// The controls for the script, which shows them.
fn filter(parts: &Parts<'_>, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let count = sheet_count(parts);
    if count == 0 {
        return Ok(());
    }
    sheet.raw("<form id=filter role=search aria-labelledby=filter-title hidden>")?;
    sheet.word("h3 id=filter-title class=vh", |words| &words.filter)?;
    sheet.raw("<label class=q>")?;
    sheet.word("span", |words| &words.search)?;
    sheet.raw("<input id=q type=search autocomplete=off spellcheck=false></label>")?;
    let everything =
        [parts.failing.as_slice(), &parts.unknown, &parts.suppressed, &parts.resolved, &parts.passing];
    let all = everything.into_iter().flatten();

    select("severity", |words| &words.severity, sheet)?;
    for severity in Severity::WORST_FIRST {
        let word = sheet.both(|lang| Words::of(lang).severity(severity).clone());
        sheet.told(&format!("option value={}", severity.name()), &word)?;
    }
    sheet.raw("</select></label>")?;

    select("service", |words| &words.service, sheet)?;
    for service in all.map(|finding| service(finding)).collect::<BTreeSet<_>>() {
        let service = shown(service, LONGEST_LABEL);
        sheet.raw(&format!("<option>{}</option>", markup(&service)))?;
    }
    sheet.raw("</select></label>")?;

    select("status", |words| &words.status, sheet)?;
    let statuses: [(&str, &[&ReportFinding], Pick); 5] = [
        ("fail", &parts.failing, |words| &words.fails),
        ("unknown", &parts.unknown, |words| &words.unknowns),
        ("suppressed", &parts.suppressed, |words| &words.suppressed),
        ("resolved", &parts.resolved, |words| &words.state_resolved),
        ("passed", &parts.passing, |words| &words.passes),
    ];
    for (value, findings, word) in statuses {
        if !findings.is_empty() {
            sheet.word(&format!("option value={value}"), word)?;
        }
    }
    sheet.raw("</select></label>")?;

    if parts.failing.iter().any(|finding| finding.state.is_some()) {
        select("state", |words| &words.state, sheet)?;
        sheet.word("option value=new", |words| &words.state_new)?;
        sheet.word("option value=old", |words| &words.state_persisting)?;
        sheet.raw("</select></label>")?;
    }

    sheet.raw("<label>")?;
    sheet.word("span", |words| &words.order)?;
    sheet.raw("<select id=order>")?;
    let orders: [(&str, Pick); 4] = [
        ("worst", |words| &words.by_worst),
        ("count", |words| &words.by_count),
        ("service", |words| &words.by_service),
        ("check", |words| &words.by_check),
    ];
    for (value, word) in orders {
        sheet.word(&format!("option value={value}"), word)?;
    }
    sheet.raw("</select></label><div class=act>")?;
    sheet.word("button type=button id=clear", |words| &words.reset)?;
    sheet.word("button type=button id=expand", |words| &words.expand)?;
    sheet.raw("</div><p id=shown role=status></p></form>\n")
}

fn sheet_count(parts: &Parts<'_>) -> usize {
    let Parts { failing, unknown, suppressed, resolved, passing, .. } = parts;
    [failing, unknown, suppressed, resolved, passing].iter().map(|findings| findings.len()).sum()
}

fn select(id: &str, word: Pick, sheet: &mut Sheet<'_>) -> io::Result<()> {
    sheet.raw("<label>")?;
    sheet.word("span", word)?;
    sheet.raw(&format!("<select id={id}>"))?;
    sheet.word("option value=\"\"", |words| &words.all)
}

/// The findings of one check, below a heading of that level.
pub(super) fn group(group: &Group<'_>, heading: &str, sheet: &mut Sheet<'_>) -> io::Result<()> {
    let first = group.findings[0];
    let service = markup(&shown(group.service(), LONGEST_LABEL)).into_owned();
    sheet.raw(&format!(
        "<details class=\"g {}\" id={} data-v={}><summary><{heading}>",
        group.severity.name(),
        group.id,
        attribute(&shown(group.service(), LONGEST_LABEL)),
    ))?;
    let title = group.title(sheet);
    sheet.told("span", &title)?;
    sheet.raw(&format!("</{heading}>"))?;
    let severity = sheet.both(|lang| Words::of(lang).severity(group.severity).clone());
    sheet.told("span class=w", &severity)?;
    sheet.raw(&format!("<span class=v>{service}</span>"))?;
    let count = sheet.filled(|words| &words.n_findings, &[("n", &group.findings.len().to_string())]);
    sheet.told("span class=c", &count)?;
    sheet.raw("</summary><div class=do>")?;

    let fix = usual_fix(&group.findings);
    let alone = group.findings.len() == 1;
    let mut translator = Translator::new(group.entry, sheet.langs());
    if let Some(finding) = fix
        && let Some(fix) = &finding.fix
    {
        let second = translator.translate(finding).fix;
        sheet.told("p class=fix", &Both { first: fix.summary.clone(), second })?;
    }
    sheet.raw("<p class=meta><code>")?;
    sheet.text(group.check)?;
    sheet.raw("</code> <code>")?;
    sheet.text(&first.resource.kind)?;
    sheet.raw("</code>")?;
    controls(&group.findings, sheet)?;
    // Anything else would be another's address for this page to open.
    if first.url.starts_with("https://") {
        sheet.word(&format!("a rel=\"noopener noreferrer\" href={}", attribute(&first.url)), |words| {
            &words.docs
        })?;
    }
    sheet.raw("</p>")?;
    if !alone && sheet.rows + group.findings.len() > FULL {
        sheet.word("p class=small", |words| &words.packed)?;
    }
    sheet.raw("</div><div class=rows>\n")?;
    let usual = fix.and_then(|finding| finding.fix.as_ref()).map(|fix| fix.summary.as_str());
    for (at, finding) in group.findings.iter().enumerate() {
        let full = at == 0 || sheet.rows < FULL;
        row(finding, usual, alone, full, &mut translator, sheet)?;
    }
    sheet.raw("</div></details>\n")
}

/// The finding with the sentence on the fix that most of them have.
fn usual_fix<'a>(findings: &[&'a ReportFinding]) -> Option<&'a ReportFinding> {
    let mut counts: BTreeMap<&str, (usize, &ReportFinding)> = BTreeMap::new();
    for finding in findings {
        if let Some(fix) = &finding.fix {
            counts.entry(&fix.summary).or_insert((0, finding)).0 += 1;
        }
    }
    counts.into_values().max_by_key(|(count, _)| *count).map(|(_, finding)| finding)
}

/// The controls that the findings are about.
fn controls(findings: &[&ReportFinding], sheet: &mut Sheet<'_>) -> io::Result<()> {
    let antipatterns: BTreeSet<_> = findings.iter().flat_map(|finding| &finding.antipatterns).collect();
    if !antipatterns.is_empty() {
        let numbers = antipatterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let text = sheet.filled(|words| &words.antipattern, &[("n", &numbers)]);
        sheet.told("span", &text)?;
    }
    let mut controls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (framework, ids) in findings.iter().flat_map(|finding| &finding.controls) {
        controls.entry(framework).or_default().extend(ids.iter().map(String::as_str));
    }
    for (framework, ids) in controls {
        sheet.raw("<span>")?;
        sheet.text(&format!("{framework}: {}", Vec::from_iter(ids).join(", ")))?;
        sheet.raw("</span>")?;
    }
    Ok(())
}

/// One finding.
fn row(
    finding: &ReportFinding,
    usual_fix: Option<&str>,
    open: bool,
    full: bool,
    translator: &mut Translator,
    sheet: &mut Sheet<'_>,
) -> io::Result<()> {
    let resource = &finding.resource;
    let open = if open { " open" } else { "" };
    sheet.raw(&format!("<details id={}{open}><summary><b>", anchor(&finding.id)))?;
    // Below the name, on lines of their own: id and region.
    let mut place = vec![];
    if resource.id == resource.account {
        sheet.word("span", |words| &words.whole_account)?;
    } else {
        match resource.name.as_deref() {
            Some(name) if !name.is_empty() && name != resource.id => {
                sheet.shown(&shown(name, LONGEST_LABEL))?;
                place.push(shown(&resource.id, LONGEST_LABEL));
            }
            _ => sheet.shown(&shown(&resource.id, LONGEST_LABEL))?,
        }
    }
    if finding.state == Some(State::New) {
        sheet.word("em", |words| &words.new)?;
    }
    place.extend(
        resource
            .region
            .as_deref()
            .filter(|region| *region != resource.id)
            .map(|region| shown(region, LONGEST_LABEL)),
    );
    for line in place {
        sheet.raw("<i>")?;
        sheet.shown(&line)?;
        sheet.raw("</i>")?;
    }
    sheet.raw("</b>")?;
    // "Nothing wrong found" says no more than the headline.
    let has_message = finding.status != Status::Pass || finding.state == Some(State::Resolved);
    if has_message {
        sheet.text(&finding.message)?;
    }
    sheet.raw("</summary>")?;

    let told = translator.translate(finding);
    if let Some(fix) = &finding.fix
        && usual_fix != Some(fix.summary.as_str())
    {
        sheet.told("p", &Both { first: fix.summary.clone(), second: told.fix })?;
    }
    for line in [triaged::accepted, triaged::moved] {
        if let (Some(first), second) = (line(finding, sheet.langs()[0]), line(finding, sheet.langs()[1])) {
            sheet.told("p", &Both { first, second })?;
        }
    }
    // None where the text stays as it is.
    let second = told.message.filter(|_| has_message);
    let mut packed = vec![second.map(|text| shown(&text, LONGEST_TEXT).into_owned()).unwrap_or_default()];
    let command = finding.fix.as_ref().and_then(|fix| fix.command.as_deref());
    if command.is_some_and(|command| command.len() > LONGEST_COMMAND) {
        sheet.word("p", |words| &words.long_command)?;
    }
    let command = command.filter(|command| command.len() <= LONGEST_COMMAND).map(escape);
    let facts = evidence::facts(finding);
    if full {
        if let Some(command) = command {
            sheet.raw("<pre>")?;
            sheet.shown(&command)?;
            sheet.raw("</pre>")?;
        }
        if !facts.is_empty() {
            sheet.raw("<dl>")?;
            for (name, text) in &facts {
                sheet.raw("<dt>")?;
                sheet.shown(name)?;
                sheet.raw("<dd>")?;
                sheet.shown(text)?;
            }
            sheet.raw("</dl>")?;
        }
    } else {
        packed.push(command.unwrap_or_default().into_owned());
        packed.extend(facts.into_iter().flat_map(|(name, text)| [name.into_owned(), text]));
    }
    sheet.raw("</details>\n")?;
    sheet.rows += 1;
    sheet.pack(&packed)
}

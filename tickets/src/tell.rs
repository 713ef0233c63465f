//! What tickets and comments say, in both languages.

use std::collections::{BTreeMap, BTreeSet};

use aws_audit_checks::{
    finding::{Resource, Severity, Status},
    group::Group,
    page::Lang,
    report::{Report, ReportFinding},
};
use aws_audit_report::words::{self, say};
use jiff::Timestamp;

use crate::{
    marker::Marker,
    plan::{Header, Item, KEEP, Owner, Why},
    text::{Block, Span, Text, headline},
};

/// UTF-16 code units of a title. Jira's summary has 255 characters, a GitHub title 256.
const LONGEST_TITLE: usize = 250;

/// Findings, checks and names that a text lists. What is more is counted: with them, the longest names and messages, and all
/// of it in code spans, a body keeps within the 32,767 characters of Jira and the 65,536 of GitHub.
const MOST_FINDINGS: usize = 40;
const MOST_FIXES: usize = 5;
const MOST_OTHERS: usize = 50;
const MOST_NAMES: usize = 10;
const MOST_OWNERS: usize = 10;

/// How a group that failed before has changed.
pub(crate) struct Change {
    /// The severity then and now, where it is another.
    pub(crate) severity: Option<(Severity, Severity)>,
    /// Resources of findings that it did not have.
    pub(crate) added: Vec<Resource>,
    /// Resources of findings that are mended or accepted.
    pub(crate) gone: Vec<Resource>,
}

impl Change {
    /// A severity that fell is seen in the text; it is no reason to notify anybody.
    pub(crate) fn is_worth_a_comment(&self) -> bool {
        self.severity.is_some_and(|(then, now)| now > then) || !self.added.is_empty() || !self.gone.is_empty()
    }
}

fn own(text: impl Into<String>) -> Span {
    Span::Own(text.into())
}

fn code(text: &str) -> Span {
    Span::Code(text.to_owned())
}

fn when(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The first so many, the others counted.
fn names<'a>(names: impl IntoIterator<Item = &'a str>, most: usize, lang: Lang) -> Vec<Span> {
    let names: Vec<_> = names.into_iter().collect();
    let mut spans = Vec::new();
    for name in names.iter().take(most) {
        if !spans.is_empty() {
            spans.push(own(say(lang, ", ", "、")));
        }
        spans.push(code(name));
    }
    match names.len().saturating_sub(most) {
        0 => {}
        more => spans.push(own(match lang {
            Lang::En => format!(" and {more} more"),
            Lang::Ja => format!(" 他{more}件"),
        })),
    }
    spans
}

/// The headline of a ticket. A tracker has tickets of many accounts, and most titles name no resource.
pub(crate) fn title(group: &Group, account: &str) -> String {
    let account = format!(" (AWS {account})");
    headline(&group.title, LONGEST_TITLE - account.len()) + &account
}

/// What a ticket says.
pub(crate) fn body(
    group: &Group,
    findings: &[&ReportFinding],
    unseen: &[&ReportFinding],
    owners: &BTreeMap<Owner, usize>,
    report: &Report,
    marker: &Marker,
    lang: Lang,
) -> Text {
    let mut head = vec![Span::Strong(words::severity(group.severity, lang).to_owned())];
    head.push(own(say(lang, " · account ", " · アカウント ")));
    head.push(code(&report.account.id));
    if let Some(alias) = report.account.alias.as_deref().filter(|alias| !alias.is_empty()) {
        head.extend([own(" "), code(alias)]);
    }
    head.push(own(match (group.resources, lang) {
        (1, Lang::En) => " · 1 resource".to_owned(),
        (count, Lang::En) => format!(" · {count} resources"),
        (count, Lang::Ja) => format!(" · リソース {count}件"),
    }));
    let mut blocks = vec![Block::Paragraph(head)];
    if owners.len() > 1 || owners.values().any(|count| *count < findings.len()) {
        let mut spans = vec![own(say(lang, "Owners: ", "担当："))];
        for (at, (owner, count)) in owners.iter().take(MOST_OWNERS).enumerate() {
            spans.extend((at > 0).then(|| own(say(lang, ", ", "、"))));
            spans.extend([code(&owner.name), own(format!(" ({count})"))]);
        }
        blocks.push(Block::Paragraph(spans));
    }
    blocks.push(Block::Heading(say(lang, "What was found", "検出内容").to_owned()));
    blocks.push(Block::List(findings.iter().take(MOST_FINDINGS).map(|it| told(it, group, lang)).collect()));
    if let Some(more) = findings.len().checked_sub(MOST_FINDINGS).filter(|more| *more > 0) {
        blocks.push(Block::Paragraph(vec![own(match lang {
            Lang::En => format!("And {more} more: the report has them all."),
            Lang::Ja => format!("他{more}件（すべてはレポートにあります）。"),
        })]));
    }
    blocks.extend(unjudged(group, findings, unseen, report, lang));
    blocks.push(Block::Heading(say(lang, "What to do", "対処").to_owned()));
    blocks.extend(fixes(findings, lang));
    blocks.push(footer(lang));
    Text::of(&blocks, Some(&marker.to_string()))
}

fn told(finding: &ReportFinding, group: &Group, lang: Lang) -> Vec<Span> {
    let resource = &finding.resource;
    let mut spans = vec![code(&words::resource(resource, lang))];
    if let Some(region) = resource.region.as_deref().filter(|region| *region != resource.id) {
        spans.extend([own(" · "), code(region)]);
    }
    if finding.severity != group.severity {
        spans.push(own(format!(" · {}", words::severity(finding.severity, lang))));
    }
    if group.checks.len() > 1 {
        spans.extend([own(" · "), code(&finding.check)]);
    }
    if !finding.message.is_empty() {
        spans.extend([own(say(lang, ": ", "：")), Span::Prose(finding.message.clone())]);
    }
    spans
}

/// What could not be judged: neither fine nor failing.
fn unjudged(
    group: &Group,
    findings: &[&ReportFinding],
    unseen: &[&ReportFinding],
    report: &Report,
    lang: Lang,
) -> Option<Block> {
    // Of a group that is about one thing, what is unknown elsewhere tells nothing.
    let is_near = |it: &ReportFinding| {
        group.cause == "check" || findings.iter().any(|finding| finding.resource.id == it.resource.id)
    };
    let is_unknown =
        |it: &&ReportFinding| it.status == Status::Unknown && group.checks.contains(&it.check) && is_near(it);
    let mut unknown: BTreeSet<String> = unseen.iter().map(|it| words::resource(&it.resource, lang)).collect();
    unknown.extend(report.findings.iter().filter(is_unknown).map(|it| words::resource(&it.resource, lang)));
    if unknown.is_empty() {
        return None;
    }
    let mut spans = vec![own(say(
        lang,
        "Not judged in this scan, and not to be taken for fine: ",
        "今回のスキャンで判定できなかったもの（問題なしではありません）：",
    ))];
    spans.extend(names(unknown.iter().map(String::as_str), MOST_NAMES, lang));
    Some(Block::Paragraph(spans))
}

/// What to do, for each check once.
fn fixes(findings: &[&ReportFinding], lang: Lang) -> Vec<Block> {
    let mut seen = BTreeSet::new();
    let of_checks: Vec<_> =
        findings.iter().filter(|it| it.fix.is_some() && seen.insert(it.check.as_str())).collect();
    let mut blocks = Vec::new();
    let mut commands = BTreeSet::new();
    for finding in of_checks.iter().take(MOST_FIXES) {
        let Some(fix) = &finding.fix else { continue };
        let mut spans =
            vec![code(&finding.check), own(say(lang, ": ", "：")), Span::Prose(fix.summary.clone())];
        if !finding.url.is_empty() {
            let label = say(lang, "AWS documentation", "AWSドキュメント").to_owned();
            spans.extend([own(" "), Span::Link(label, finding.url.clone())]);
        }
        blocks.push(Block::Paragraph(spans));
        // Two checks may be mended by one command.
        if let Some(command) = fix.command.as_ref().filter(|command| commands.insert(command.as_str())) {
            let others = findings.iter().filter(|it| it.check == finding.check).count() > 1;
            if others {
                let name = code(&words::resource(&finding.resource, lang));
                blocks.push(Block::Paragraph(match lang {
                    Lang::En => vec![own("For example, "), name, own(":")],
                    Lang::Ja => vec![own("例："), name],
                }));
            }
            blocks.push(Block::Command(command.clone()));
        }
    }
    if let Some(more) = of_checks.len().checked_sub(MOST_FIXES).filter(|more| *more > 0) {
        blocks.push(Block::Paragraph(vec![own(match lang {
            Lang::En => format!("{more} more checks tell of it: the report has what to do."),
            Lang::Ja => format!("他{more}件のチェックの対処はレポートにあります。"),
        })]));
    }
    blocks
}

fn footer(lang: Lang) -> Block {
    let spans = match lang {
        Lang::En => vec![
            own(
                "This text is kept up to date by aws-audit, which closes the ticket when a scan sees that it is mended. \
                 To accept it instead, write a suppression; to keep the ticket as it is, label it ",
            ),
            code(KEEP),
            own("."),
        ],
        Lang::Ja => vec![
            own(
                "この本文はaws-auditが更新し、スキャンで解消を確認するとチケットを閉じます。受け入れる場合は抑制（suppress）を\
                 設定してください。チケットを現状のまま残すには、次のラベルを付けてください：",
            ),
            code(KEEP),
        ],
    };
    Block::Paragraph(spans)
}

/// A comment on what has changed.
pub(crate) fn change(change: &Change, report: &Report, lang: Lang) -> Text {
    let at = when(report.started_at);
    let mut blocks = vec![Block::Paragraph(vec![own(match lang {
        Lang::En => format!("Changed in the scan of {at}."),
        Lang::Ja => format!("{at} のスキャンで変化がありました。"),
    })])];
    let mut items = Vec::new();
    if let Some((then, now)) = change.severity {
        let (then, now) = (words::severity(then, lang), words::severity(now, lang));
        items.push(vec![own(match lang {
            Lang::En => format!("Severity: {then}, now {now}"),
            Lang::Ja => format!("重要度：{then} から {now}"),
        })]);
    }
    for (resources, label) in [
        (&change.added, say(lang, "New: ", "新規：")),
        (&change.gone, say(lang, "Mended or accepted: ", "解消または抑制：")),
    ] {
        let told: BTreeSet<_> = resources.iter().map(|resource| words::resource(resource, lang)).collect();
        if !told.is_empty() {
            let mut spans = vec![own(label)];
            spans.extend(names(told.iter().map(String::as_str), MOST_NAMES, lang));
            items.push(spans);
        }
    }
    blocks.push(Block::List(items));
    Text::of(&blocks, None)
}

/// A comment on a ticket that is opened again.
pub(crate) fn again(at: Timestamp, lang: Lang) -> Text {
    let at = when(at);
    let told = match lang {
        Lang::En => format!("Seen again in the scan of {at}."),
        Lang::Ja => format!("{at} のスキャンで再び検出しました。"),
    };
    Text::of(&[Block::Paragraph(vec![own(told)])], None)
}

/// A comment on a ticket that is closed.
pub(crate) fn closed(why: Why, titles: &[&str], at: Timestamp, lang: Lang) -> Text {
    let at = when(at);
    let told = match (why, lang) {
        (Why::Accepted, Lang::En) => format!("Accepted: the scan of {at} has it as suppressed."),
        (Why::Accepted, Lang::Ja) => format!("受け入れ済み：{at} のスキャンでは抑制されています。"),
        (Why::Moved, Lang::En) => format!("Since the scan of {at}, this is told of in: "),
        (Why::Moved, Lang::Ja) => format!("{at} のスキャンから、次のチケットに移りました："),
        (Why::Duplicate, Lang::En) => "Another open ticket has the same key.".to_owned(),
        (Why::Duplicate, Lang::Ja) => "同じキーの未完了チケットが別にあります。".to_owned(),
        (Why::Others, Lang::En) => format!("Since the scan of {at}, nothing is without a ticket of its own."),
        (Why::Others, Lang::Ja) => format!("{at} のスキャンから、個別のチケットのないものはありません。"),
        (_, Lang::En) => {
            format!("The scan of {at} has looked at everything that this is about, and it fails no longer.")
        }
        (_, Lang::Ja) => {
            format!("{at} のスキャンで対象をすべて確認し、問題がなくなっていました。")
        }
    };
    let mut spans = vec![own(told)];
    if why == Why::Moved {
        spans.extend(names(titles.iter().copied(), MOST_NAMES, lang));
    }
    Text::of(&[Block::Paragraph(spans)], None)
}

/// The title of the ticket that lists the groups without one.
pub(crate) fn others_title(account: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("AWS account {account}: what has no ticket of its own yet"),
        Lang::Ja => format!("AWSアカウント {account}：個別のチケットがまだないもの"),
    }
}

/// What the ticket says that lists the groups without one.
pub(crate) fn others(header: &Header, deferred: &[Item], marker: &Marker) -> Text {
    let (max, count, lang) = (header.max, deferred.len(), header.lang);
    let mut blocks = vec![Block::Paragraph(vec![own(match lang {
        Lang::En => format!(
            "At most {max} tickets are opened in one run. These {count} groups of findings come next, worst first:"
        ),
        Lang::Ja => format!(
            "1回の実行で開くチケットは{max}件までです。残りの{count}グループは次のとおりです（重要度の高い順）："
        ),
    })])];
    let line = |item: &Item| {
        let severity = words::severity(item.severity, lang);
        let resources = item.resources;
        let count = match lang {
            Lang::En if resources == 1 => " · 1 resource".to_owned(),
            Lang::En => format!(" · {resources} resources"),
            Lang::Ja => format!(" · リソース {resources}件"),
        };
        vec![Span::Strong(severity.to_owned()), own(" "), Span::Prose(item.title.clone()), own(count)]
    };
    blocks.push(Block::List(deferred.iter().take(MOST_OTHERS).map(line).collect()));
    if let Some(more) = count.checked_sub(MOST_OTHERS).filter(|more| *more > 0) {
        blocks.push(Block::Paragraph(vec![own(match lang {
            Lang::En => format!("And {more} more: the report has them all."),
            Lang::Ja => format!("他{more}件（すべてはレポートにあります）。"),
        })]));
    }
    Text::of(&blocks, Some(&marker.to_string()))
}

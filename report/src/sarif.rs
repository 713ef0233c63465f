//! SARIF 2.1.0, for GitHub code scanning first. (OASIS, "Static Analysis Results Interchange Format (SARIF) Version
//! 2.1.0"; GitHub Docs, "SARIF support for code scanning": what is required, what is used, and the limits.)
//!
//! Code scanning makes an alert of every result, closes it when an upload lacks it, and looks at neither `kind` nor
//! `suppressions` ("Note that the rest of the supported fields are ignored"; microsoft/PSRule#955,
//! github/codeql-action#1230). Hence:
//!
//! - What fails is a result, and what is suppressed, with `suppressions` for those who read them.
//! - What could not be judged is a result too (`kind` "open": "insufficient information to decide whether a problem
//!   exists"): left out, the alert of a resource that could not be read today would be closed as fixed.
//! - What passes is no result, and only counted.
//!
//! A result needs a file, and a resource has none: the location is a path below `aws/` that names the resource and is
//! the same each time. Results that have logical locations only are refused (github/codeql-action#1738), and so are
//! addresses of other schemes when the source root is known.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
};

use aws_audit_checks::{
    finding::{Severity, Status},
    framework,
    page::Lang,
    registry,
    report::{self, Report, ReportFinding, ReportGap},
};
use flate2::{Compression, write::GzEncoder};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{
    json::{time, without_nulls},
    limit::{filled, within},
    triaged::{self, Groups},
};

/// Where the schema is, as GitHub's examples name it.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// "If any of these objects exceeds its maximum value the SARIF file is rejected."
const MOST_RESULTS: usize = 25_000;
const MOST_TAGS: usize = 20;
/// "For each gzip-compressed SARIF file, SARIF upload supports a maximum size of 10 MB." The last of what goes into a
/// compressor comes out of it later: a twentieth is kept for it.
const LARGEST: u64 = 9_500_000;
/// Of `shortDescription.text` and `fullDescription.text`.
const LONGEST_DESCRIPTION: usize = 1024;
/// No limit of GitHub's: what a person reads of an alert. The JSON has it whole.
const LONGEST_MESSAGE: usize = 2048;
const LONGEST_COMMAND: usize = 4096;
/// A file name has at most 255 bytes; so long a path is no use to anybody.
const LONGEST_SEGMENT: usize = 200;
/// Notifications are for reading.
const MOST_GAPS: usize = 1000;

/// All but what RFC 3986 calls unreserved: a slash in a name begins no directory.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes the report, with words of the format's own in that language.
///
/// # Errors
/// When it cannot be written.
pub fn write(report: &Report, lang: Lang, out: &mut dyn io::Write) -> io::Result<()> {
    write_within(report, lang, MOST_RESULTS, LARGEST, out)
}

fn write_within(
    report: &Report,
    lang: Lang,
    most: usize,
    largest: u64,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut listed: Vec<_> =
        report.findings.iter().filter(|finding| finding.status != Status::Pass).collect();
    // The least of them come last, where there may be no room. (Statuses are in this order already.)
    listed.sort_by_key(|finding| (finding.status, std::cmp::Reverse(finding.severity)));
    let rules = rules(report, lang);
    let groups = Groups::of(report);
    let suppresses = listed.iter().any(|finding| finding.status == Status::Suppressed);
    let results: Vec<String> = listed
        .iter()
        .map(|finding| serde_json::to_string(&result(report, finding, &rules, &groups, suppresses, lang)))
        .collect::<Result<_, _>>()?;

    // What is written before the results, if all of them fit.
    let all = head(report, lang, &rules, &[]);
    let fitting = fitting(&all, &results, most, largest)?;
    let head = match fitting {
        all_of_them if all_of_them == results.len() => all,
        some => head(report, lang, &rules, &listed[some..]),
    };
    out.write_all(head.as_bytes())?;
    for (at, result) in results[..fitting].iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        out.write_all(result.as_bytes())?;
    }
    out.write_all(b"\n]}]}\n")
}

/// How many of the results fit within the limits.
fn fitting(head: &str, results: &[String], most: usize, largest: u64) -> io::Result<usize> {
    let most = results.len().min(most);
    let size = head.len() + results[..most].iter().map(String::len).sum::<usize>();
    // What is small enough as it is need not be compressed to know.
    if u64::try_from(size).is_ok_and(|size| size <= largest) {
        return Ok(most);
    }
    // Compressed with less effort than GitHub's action takes, so that its file is not larger than this.
    let mut compressed = GzEncoder::new(Count(0), Compression::fast());
    compressed.write_all(head.as_bytes())?;
    for (at, result) in results[..most].iter().enumerate() {
        compressed.write_all(result.as_bytes())?;
        if compressed.get_ref().0 > largest {
            return Ok(at);
        }
    }
    Ok(most)
}

/// Counts what is written to it.
struct Count(u64);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything up to the results' opening bracket.
fn head(report: &Report, lang: Lang, rules: &Rules, left_out: &[&ReportFinding]) -> String {
    let tool = &report.tool;
    // All that GitHub's rules ask of a rule, they ask of these too (GH2012).
    let described = |id: &str, text: &str| {
        let text = json!({ "text": text });
        json!({ "id": id, "name": pascal_case(id), "shortDescription": text, "fullDescription": text, "help": text })
    };
    let driver = json!({
        "name": tool.name,
        "version": tool.version,
        "semanticVersion": tool.version,
        "rules": rules.descriptors,
        "notifications": [
            described("not-read", word(lang, "Something could not be read.", "読み取れなかったものがあります。")),
            described("not-listed", word(lang, "Not everything is listed.", "すべてを記載してはいません。")),
        ],
    });
    let run = json!({
        "tool": { "driver": driver },
        // Uploads of several accounts do not close each other's alerts: up to the last slash it is the category.
        "automationDetails": { "id": format!("{}/{}/{}", tool.name, report.account.id, time(report.started_at)) },
        "language": word(lang, "en", "ja"),
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": word(
            lang,
            "No directory holds these files: their paths name resources of the account.",
            "実在するファイルではなく、アカウントのリソースを表すパスです。",
        ) } } },
        "invocations": [{
            "executionSuccessful": !report.regions.is_empty(),
            "startTimeUtc": time(report.started_at),
            "endTimeUtc": time(report.finished_at),
            "toolExecutionNotifications": notifications(report, lang, left_out),
        }],
    });
    // Open at its end, for the results, which follow one by one.
    let run = run.to_string();
    let open = run.strip_suffix('}').unwrap_or(&run);
    format!("{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{open},\"results\":[")
}

const fn word<'a>(lang: Lang, english: &'a str, japanese: &'a str) -> &'a str {
    match lang {
        Lang::En => english,
        Lang::Ja => japanese,
    }
}

/// What a reader of the results must know: what could not be read, what is not among them.
fn notifications(report: &Report, lang: Lang, left_out: &[&ReportFinding]) -> Vec<Value> {
    let notification = |id: &str, level: &str, text: &str| json!({ "descriptor": { "id": id }, "level": level, "message": { "text": plain(text) } });
    let mut told = vec![];
    if report.regions.is_empty() {
        let text = word(lang, "No region was scanned.", "どのリージョンもスキャンしていません。");
        told.push(notification("not-read", "error", text));
    }
    for gap in report.gaps.iter().take(MOST_GAPS) {
        told.push(notification("not-read", "warning", &within(&not_read(gap, lang), LONGEST_MESSAGE)));
    }
    let more = report.gaps.len().saturating_sub(MOST_GAPS);
    if more > 0 {
        let text = match lang {
            Lang::En => format!("{more} more operations gave no usable answer."),
            Lang::Ja => format!("ほかにも{more}件の操作から有効な応答が得られませんでした。"),
        };
        told.push(notification("not-read", "warning", &text));
    }
    if !left_out.is_empty() {
        let by_severity: Vec<_> = Severity::WORST_FIRST
            .into_iter()
            .map(|severity| (severity, left_out.iter().filter(|it| it.severity == severity).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {}", severity.name()))
            .collect();
        let (count, by_severity) = (left_out.len(), by_severity.join(", "));
        let text = match lang {
            Lang::En => format!(
                "{count} results are left out, since code scanning takes at most {MOST_RESULTS} of a run and 10 MB \
                 compressed: {by_severity}. The JSON report has them all."
            ),
            Lang::Ja => format!(
                "code scanningの上限（1回の実行につき{MOST_RESULTS}件、圧縮後10MB）を超えるため、{count}件を省きました（{by_severity}）。JSONのレポートにはすべて記載されます。"
            ),
        };
        told.push(notification("not-listed", "warning", &text));
    }
    let passed = report.findings.iter().filter(|finding| finding.status == Status::Pass).count();
    if passed > 0 {
        let text = match lang {
            Lang::En => format!(
                "{passed} findings that pass are not listed: code scanning would open an alert for each."
            ),
            Lang::Ja => {
                format!(
                    "合格した{passed}件は記載していません。code scanningではすべてアラートになるためです。"
                )
            }
        };
        told.push(notification("not-listed", "note", &text));
    }
    if let Some(scope) = report.scope.as_ref().filter(|scope| scope.unlisted > 0) {
        let (count, severity) = (scope.unlisted, scope.min_severity.name());
        let text = match lang {
            Lang::En => format!("{count} failing findings below {severity} are not listed."),
            Lang::Ja => format!("{severity} 未満の不合格{count}件は記載していません。"),
        };
        told.push(notification("not-listed", "note", &text));
    }
    told
}

fn not_read(gap: &ReportGap, lang: Lang) -> String {
    let cause = match gap.gap.refused_by {
        Some(refusal) => report::refused(refusal, lang),
        None => report::cause(gap.gap.kind, lang),
    };
    let operation = filled(&[&gap.gap.operation, "-"]);
    let place =
        [&gap.gap.region, &gap.gap.resource].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let checks = gap.checks.join(", ");
    match lang {
        Lang::En if checks.is_empty() => format!("{operation} {place}: {cause}."),
        Lang::En => format!("{operation} {place}: {cause}. Not judged because of it: {checks}."),
        Lang::Ja if checks.is_empty() => format!("{operation} {place}：{cause}。"),
        Lang::Ja => format!("{operation} {place}：{cause}。このため判定できなかったチェック：{checks}。"),
    }
}

/// The checks, as SARIF calls them.
struct Rules {
    descriptors: Vec<Value>,
    index: BTreeMap<String, usize>,
}

/// A rule for each check that ran, and for each that a finding names.
fn rules(report: &Report, lang: Lang) -> Rules {
    let mut worst: BTreeMap<&str, &ReportFinding> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.status != Status::Pass) {
        let known = worst.entry(&finding.check).or_insert(finding);
        if finding.severity > known.severity {
            *known = finding;
        }
    }
    let ran = report.scope.iter().flat_map(|scope| &scope.checks).map(String::as_str);
    let checks: BTreeSet<&str> = ran.chain(worst.keys().copied()).collect();
    let descriptors = checks.iter().map(|check| rule(check, worst.get(check).copied(), lang)).collect();
    let index = checks.into_iter().map(str::to_owned).zip(0..).collect();
    Rules { descriptors, index }
}

fn rule(check: &str, worst: Option<&ReportFinding>, lang: Lang) -> Value {
    let entry = registry::find(check);
    let page = entry.map(|entry| entry.page(lang));
    let own = entry.map(|entry| entry.check.severity);
    // GitHub reads a severity of rules only. That of the worst result understates none.
    let severity = own.max(worst.map(|finding| finding.severity)).unwrap_or(Severity::Info);
    let title = page.map(|page| page.title.as_str()).or(worst.map(|finding| finding.title.as_str()));
    let title = filled(&[title.unwrap_or_default(), check]);
    let body = page.map(|page| page.body.trim()).unwrap_or_default();
    let why = filled(&[first_paragraph(body), title]);
    let help = filled(&[body, title]);
    let url = page.map(|page| page.url.as_str()).or(worst.map(|finding| finding.url.as_str()));
    let controls = framework::controls_of(check)
        .into_iter()
        .flat_map(|(framework, ids)| ids.into_iter().map(move |id| format!("{framework}/{id}")));
    let tags: Vec<_> =
        ["security", "aws"].map(str::to_owned).into_iter().chain(controls).take(MOST_TAGS).collect();
    without_nulls(json!({
        "id": check,
        "name": pascal_case(check),
        "shortDescription": { "text": plain(&within(title, LONGEST_DESCRIPTION)) },
        "fullDescription": { "text": plain(&within(why, LONGEST_DESCRIPTION)) },
        "help": { "text": plain(help), "markdown": plain(help) },
        "helpUri": url.filter(|url| !url.is_empty()),
        "defaultConfiguration": { "level": level(own.unwrap_or(severity)) },
        "properties": { "tags": tags, "precision": "high", "security-severity": score(severity) },
    }))
}

/// The first paragraph of a page that is no headline, on one line.
fn first_paragraph(markdown: &str) -> &str {
    markdown
        .split("\n\n")
        .map(str::trim)
        .find(|it| !it.is_empty() && !it.starts_with('#'))
        .unwrap_or_default()
}

/// A name that differs from the id, as SARIF asks for. (3.49.7: "a string that is understandable to an end user".)
fn pascal_case(id: &str) -> String {
    let upper = |word: &str| {
        let mut chars = word.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    };
    id.split('-').map(upper).collect()
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// `security-severity`: "over 9.0 is critical, from 7.0 to 8.9 is high, from 4.0 to 6.9 is medium and from 0.1 to 3.9 is
/// low".
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.1",
    }
}

fn result(
    report: &Report,
    finding: &ReportFinding,
    rules: &Rules,
    groups: &Groups<'_>,
    suppresses: bool,
    lang: Lang,
) -> Value {
    let resource = &finding.resource;
    // 3.27.10: a level of other kinds than "fail" is "none".
    let (kind, level) = match finding.status {
        Status::Unknown => ("open", "none"),
        _ => ("fail", level(finding.severity)),
    };
    let (message, mut truncated) = message(finding);
    let mut cut = |text: &str| {
        let text = within(text, LONGEST_MESSAGE);
        truncated |= matches!(text, Cow::Owned(_));
        text.into_owned()
    };
    let accepted = triaged::accepted(finding, lang).map(|line| cut(&line));
    let moved = finding.severity_reason.as_deref().map(&mut cut);
    // Of an unknown finding too, which nobody can accept and which has no suppression.
    let suppressed = finding.suppressed.as_ref().map(|it| {
        without_nulls(json!({
            "reason": cut(&it.reason),
            "owner": it.owner.as_deref().map(&mut cut),
            "expires": it.expires,
            "ticket": it.ticket.as_deref().map(&mut cut),
            "source": cut(&it.source),
        }))
    });
    let suppressions = match finding.status {
        // It stands in a file of the configuration, not beside what it is about: "external" (3.35, "suppression object").
        Status::Suppressed => Some(json!([without_nulls(json!({
            "kind": "external",
            "status": "accepted",
            "justification": accepted,
        }))])),
        // 3.27.23: where one result has it, all have.
        _ => suppresses.then(|| json!([])),
    };
    without_nulls(json!({
        "ruleId": finding.check,
        "ruleIndex": rules.index.get(&finding.check),
        "kind": kind,
        "level": level,
        "message": { "text": message },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": path(report, finding), "uriBaseId": "%SRCROOT%" },
                "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 },
            },
            "logicalLocations": [{
                "fullyQualifiedName": filled(&[&resource.arn, &resource.id]),
                "name": filled(&[resource.name.as_deref().unwrap_or_default(), &resource.id, &resource.arn]),
                "kind": "resource",
            }],
        }],
        // "Code scanning only uses the primaryLocationLineHash": a hash, a colon, and which of those with it.
        "partialFingerprints": { "primaryLocationLineHash": format!("{}:1", finding.id) },
        "suppressions": suppressions,
        "provenance": finding.first_seen.map(|since| json!({ "firstDetectionTimeUtc": time(since) })),
        "properties": without_nulls(json!({
            "id": finding.id,
            "severity": finding.severity.name(),
            "severityReason": moved,
            "suppressed": suppressed,
            "group": finding.group,
            "groupTitle": groups.title(finding),
            "state": finding.state,
            "account": resource.account,
            "region": resource.region,
            "resourceType": resource.kind,
            "antipatterns": finding.antipatterns,
            "controls": finding.controls,
            "truncated": truncated.then_some(true),
        })),
    }))
}

/// What is wrong, in a sentence that GitHub shows as the alert's title, and what to do about it. Whether there was more.
fn message(finding: &ReportFinding) -> (String, bool) {
    let message = within(filled(&[&finding.message, &finding.title, &finding.check]), LONGEST_MESSAGE);
    let mut truncated = matches!(message, Cow::Owned(_));
    let mut parts = vec![message];
    if let Some(fix) = &finding.fix {
        let summary = within(&fix.summary, LONGEST_MESSAGE);
        truncated |= matches!(summary, Cow::Owned(_));
        parts.push(summary);
        if let Some(command) = &fix.command {
            // Cut off it would be another command.
            match within(command, LONGEST_COMMAND) {
                Cow::Owned(_) => truncated = true,
                whole => parts.push(whole),
            }
        }
    }
    (plain(&parts.join("\n\n")), truncated)
}

/// Text that is read as nothing but text. (3.11.5: `{0}` is a placeholder, and `{{` a brace; 3.11.6: `[text](target)`
/// is a link unless its bracket has a backslash before it.) Other braces are left alone: GitHub shows what it gets.
fn plain(text: &str) -> String {
    let text = text.replace("](", "\\](");
    let mut parts = text.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let placeholder = part
            .split_once('}')
            .filter(|(index, _)| !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()));
        match placeholder {
            Some((index, rest)) => out.extend(["{{", index, "}}", rest]),
            None => out.extend(["{", part]),
        }
    }
    out
}

/// Where the resource would be, were it a file: `aws/ACCOUNT/REGION/AWS-S3-Bucket/NAME`.
fn path(report: &Report, finding: &ReportFinding) -> String {
    let resource = &finding.resource;
    let kind = resource.kind.split("::").filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let segments = [
        report.account.partition.as_str(),
        &report.account.id,
        resource.region.as_deref().unwrap_or("global"),
        &kind,
        &resource.id,
    ];
    segments.map(|text| segment(text, &finding.id)).join("/")
}

/// A text as a part of a path. What would be no part, or too long a one, is told by the id of the finding.
fn segment(text: &str, id: &str) -> String {
    let encoded = utf8_percent_encode(text, SEGMENT).to_string();
    if encoded.len() > LONGEST_SEGMENT || encoded.bytes().all(|byte| byte == b'.') {
        return utf8_percent_encode(id, SEGMENT).to_string();
    }
    encoded
}

#[cfg(test)]
mod tests;

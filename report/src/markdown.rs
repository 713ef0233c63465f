//! Markdown for a comment on a pull request or an issue: how the account stands, and what fails, worst first, as far as
//! a comment holds it. What does not fit is counted at the end.

pub mod inline;
pub(crate) mod organization;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, io};

use aws_audit_checks::{
    finding::{Severity, Status},
    framework,
    page::Lang,
    report::{Report, ReportFinding, ReportGap, State, cause},
};

use self::inline::{block, code, link, prose};
use crate::{
    Style,
    table::{self, Group},
    triaged,
    words::{self, say},
};

/// Characters of a comment, an issue or a pull request on GitHub, which says "Body is too long (maximum is 65536
/// characters)" to more. Counted in UTF-16 code units here, so that whatever GitHub counts is no more.
const LONGEST: usize = 65_536;

/// Columns of a name and of a message, after which the rest is cut off with a mark.
const LONGEST_NAME: usize = 120;
const LONGEST_TEXT: usize = 600;

/// Bytes of a command. Cut off it would be another command.
const LONGEST_COMMAND: usize = 2048;

/// Characters for the table of controls, and for each list after the findings.
const SCORES: usize = 12_000;
const LIST: usize = 7_000;

/// Characters kept for what is said of what does not fit, and for the ends of what was opened.
const CLOSING: usize = 1_000;

/// Names in a line of a list.
const NAMES: usize = 3;

pub(crate) fn write(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(comment(report, style).as_bytes())
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn comment(report: &Report, style: &Style) -> String {
    let page = Page { report, lang: style.lang, listed: style.listed.max(1) };
    let mut head = page.head();
    head.push_str(&page.scores());
    let tail = [page.suppressed(), page.unknown(), page.gaps()].concat();
    let left = LONGEST - CLOSING;
    let findings = page.findings(left.saturating_sub(units(&head) + units(&tail)));
    head + &findings + &tail
}

struct Page<'a> {
    report: &'a Report,
    lang: Lang,
    /// How many resources of a check to list at most.
    listed: usize,
}

impl Page<'_> {
    fn say(&self, english: String, japanese: String) -> String {
        match self.lang {
            Lang::En => english,
            Lang::Ja => japanese,
        }
    }

    fn with_status(&self, status: Status) -> impl Iterator<Item = &ReportFinding> {
        self.report.findings.iter().filter(move |finding| finding.status == status)
    }

    fn head(&self) -> String {
        let Self { report, lang, .. } = self;
        // By which a bot finds its comment again; nothing but digits gets into it.
        let account: String = report.account.id.chars().filter(char::is_ascii_digit).collect();
        let mut head =
            format!("<!-- aws-audit:{account} -->\n## aws-audit: {}", code(&report.account.id, LONGEST_NAME));
        if let Some(alias) = &report.account.alias {
            head += &format!(" {}", code(alias, LONGEST_NAME));
        }
        head += "\n\n";
        let mut totals = vec![match report.score.overall {
            Some(score) => {
                let score = table::whole(score);
                self.say(format!("**Score {score} / 100**"), format!("**スコア {score} / 100**"))
            }
            None => say(*lang, "**No score**", "**スコアなし**").to_owned(),
        }];
        let by_severity = Severity::WORST_FIRST.into_iter().filter_map(|severity| {
            let count = self.with_status(Status::Fail).filter(|finding| finding.severity == severity).count();
            let word = words::severity(severity, *lang);
            (count > 0).then(|| self.say(format!("{count} {word}"), format!("{word} {count}")))
        });
        let by_severity = by_severity.collect::<Vec<_>>().join(say(*lang, ", ", "、"));
        totals.push(match self.with_status(Status::Fail).count() {
            0 => say(*lang, "no failing findings", "NGはありません").to_owned(),
            1 => self.say(format!("1 failing finding: {by_severity}"), format!("NG 1件：{by_severity}")),
            count => self.say(
                format!("{count} failing findings: {by_severity}"),
                format!("NG {count}件：{by_severity}"),
            ),
        });
        for state in [State::New, State::Resolved] {
            let count = report.findings.iter().filter(|finding| finding.state == Some(state)).count();
            let word = words::state(state, *lang);
            if count > 0 {
                totals.push(self.say(format!("{count} {word}"), format!("{word} {count}件")));
            }
        }
        for status in [Status::Unknown, Status::Suppressed] {
            let count = self.with_status(status).count();
            let word = words::status(status, *lang);
            if count > 0 {
                totals.push(self.say(format!("{count} {word}"), format!("{word} {count}件")));
            }
        }
        if let Some(scope) = report.scope.as_ref().filter(|scope| scope.unlisted > 0) {
            let (count, word) = (scope.unlisted, words::severity(scope.min_severity, *lang));
            totals.push(self.say(
                format!("{count} below {word} not listed"),
                format!("重要度が「{word}」未満の{count}件は省略"),
            ));
        }
        head += &format!("{}\n\n", totals.join(" · "));
        let regions = self.names(report.regions.iter().map(String::as_str), 40);
        let (at, count) = (report.started_at.strftime("%Y-%m-%d %H:%M:%S UTC"), report.regions.len());
        head += &self.say(format!("Scanned {at} · Regions: "), format!("実行日時 {at} · リージョン："));
        head += &if count == 0 { say(*lang, "none", "なし").to_owned() } else { regions };
        head += "\n\n";
        if report.is_incomplete() || self.with_status(Status::Unknown).next().is_some() {
            head += "> [!WARNING]\n> ";
            head += say(
                *lang,
                "The scan is incomplete: do not take what is unknown for fine.\n\n",
                "一部の情報を取得できていません。「判定不能」は「問題なし」ではありません。\n\n",
            );
        }
        head
    }

    /// The controls that something judges.
    fn scores(&self) -> String {
        let Self { report, lang, .. } = self;
        let rows =
            report.score.controls.iter().filter(|control| control.fail + control.pass + control.unknown > 0);
        let rows = rows.map(|control| {
            let cell = |text: &str| prose(&text.replace('|', "\\u{7c}"), LONGEST_NAME);
            format!(
                "| {} | {} | {} | {} | {} | {} | {} |\n",
                cell(&control.id),
                cell(&control.title),
                control.score.map_or_else(|| "–".to_owned(), |score| table::whole(score).to_string()),
                control.fail,
                control.pass,
                control.unknown,
                control.worst.map_or("", |severity| words::severity(severity, *lang)),
            )
        });
        let (rows, more) = fitting(rows, SCORES);
        if rows.is_empty() {
            return String::new();
        }
        let title = framework::find(&report.score.framework)
            .map_or(report.score.framework.as_str(), |framework| framework.title.get(*lang));
        let header = say(
            *lang,
            "| # | Control | Score | Fail | Pass | Unknown | Worst |\n|---|---|--:|--:|--:|--:|---|\n",
            "| # | 項目 | スコア | NG | OK | 判定不能 | 重要度 |\n|---|---|--:|--:|--:|--:|---|\n",
        );
        let more = match more {
            0 => String::new(),
            _ => self.say(
                format!("\n… and {more} more controls: see the JSON.\n"),
                format!("\n… 他{more}項目（JSON出力を参照）\n"),
            ),
        };
        format!("### {}\n\n{header}{rows}{more}\n", prose(title, LONGEST_NAME))
    }

    /// What fails, as far as it fits into so many characters; the rest counted.
    fn findings(&self, room: usize) -> String {
        let groups = table::groups(self.report);
        if groups.is_empty() {
            return String::new();
        }
        let mut out = format!("### {}\n\n", say(self.lang, "Findings", "検出結果"));
        let mut left = room.saturating_sub(units(&out));
        let mut opened = None;
        let mut told = 0;
        for group in &groups {
            // What is urgent is open, the rest a click away.
            let folded = group.worst < Severity::High;
            let mut text = String::new();
            if opened.is_some() && opened != Some(group.worst) {
                text += "</details>\n\n";
            }
            if folded && opened != Some(group.worst) {
                let word = words::severity(group.worst, self.lang);
                let count = groups.iter().filter(|other| other.worst == group.worst).count();
                let plural = if count == 1 { "" } else { "s" };
                let count = self.say(format!("{count} group{plural}"), format!("{count}グループ"));
                text += &format!("<details><summary>{word} · {count}</summary>\n\n");
            }
            let whole = text.clone() + &self.group(group, self.listed);
            let text = if units(&whole) <= left { whole } else { text + &self.group(group, 1) };
            let Some(rest) = left.checked_sub(units(&text)) else { break };
            left = rest;
            opened = folded.then_some(group.worst);
            out += &text;
            told += 1;
        }
        if opened.is_some() {
            out += "</details>\n\n";
        }
        let untold = &groups[told..];
        if !untold.is_empty() {
            let (checks, findings) =
                (untold.len(), untold.iter().map(|group| group.findings.len()).sum::<usize>());
            let plural = if checks == 1 { "" } else { "s" };
            out += &self.say(
                format!(
                    "**{checks} more group{plural} with {findings} findings did not fit**: a comment holds {LONGEST} \
                     characters. The JSON, CSV and XLSX reports have them all.\n\n"
                ),
                format!(
                    "**他に{checks}グループ、{findings}件の検出結果があります**（コメントの上限 {LONGEST} 文字のため省略）。\
                     すべてはJSON、CSV、XLSXの出力にあります。\n\n"
                ),
            );
        }
        out
    }

    /// The findings of a check, the first so many listed.
    fn group(&self, group: &Group<'_>, listed: usize) -> String {
        let first = group.to_fix();
        let severity = words::severity(group.worst, self.lang);
        let colon = say(self.lang, ": ", "：");
        let count = group.findings.len();
        let (resources, plural) = (group.resources(), if group.resources() == 1 { "" } else { "s" });
        let checks: Vec<_> = group.checks().into_iter().map(|check| code(check, LONGEST_NAME)).collect();
        let mut out = format!(
            "#### {severity}{colon}{}\n\n{} · {}\n\n",
            prose(group.title(), LONGEST_TEXT),
            checks.join(say(self.lang, ", ", "、")),
            self.say(format!("{resources} resource{plural}"), format!("{resources}件")),
        );
        for finding in group.findings.iter().take(listed) {
            let resource = &finding.resource;
            out += &format!("- {}", code(&words::resource(resource, self.lang), LONGEST_NAME));
            if let Some(region) = resource.region.as_deref().filter(|region| *region != resource.id) {
                out += &format!(" · {}", code(region, LONGEST_NAME));
            }
            if finding.severity != group.worst {
                out += &format!(" · {}", words::severity(finding.severity, self.lang));
            }
            if let Some(state) = finding.state {
                out += &format!(" · {}", words::state(state, self.lang));
            }
            if !finding.message.is_empty() {
                out += colon;
                out += &prose(&finding.message, LONGEST_TEXT);
            }
            if let Some(moved) = triaged::moved(finding, self.lang) {
                out += &format!(" · {}", prose(&moved, LONGEST_TEXT));
            }
            out += "\n";
        }
        let more = count.saturating_sub(listed);
        if more > 0 {
            out += &self.say(
                format!("- … and {more} more (all are in the JSON)\n"),
                format!("- … 他{more}件（すべてはJSON出力にあります）\n"),
            );
        }
        out += "\n";
        if let Some(fix) = &first.fix {
            out += &format!("{}{}\n\n", say(self.lang, "Fix: ", "対処："), prose(&fix.summary, LONGEST_TEXT));
        }
        let with_command = group
            .findings
            .iter()
            .find_map(|finding| Some((finding, finding.fix.as_ref()?.command.as_deref()?)));
        if let Some((finding, command)) = with_command {
            if count > 1 {
                let name = code(&words::resource(&finding.resource, self.lang), LONGEST_NAME);
                out += &self.say(format!("For example, {name}:\n\n"), format!("例：{name} の場合\n\n"));
            }
            out += &block(command, LONGEST_COMMAND).unwrap_or_else(|| {
                say(
                    self.lang,
                    "(the command cannot be shown here; it is in the JSON)\n",
                    "（コマンドはここに表示できません。JSON出力にあります）\n",
                )
                .to_owned()
            });
            out += "\n";
        }
        if let Some(link) = link(say(self.lang, "AWS's documentation", "AWSドキュメント"), &first.url) {
            out += &format!("{link}\n\n");
        }
        out
    }

    /// Findings that were accepted: apart, and not among the failures.
    fn suppressed(&self) -> String {
        let checks = self.by_check(Status::Suppressed);
        let lines = checks.iter().map(|((check, why), findings)| self.line(check, why.as_deref(), findings));
        self.list(say(self.lang, "Suppressed", "抑制したもの"), lines)
    }

    fn unknown(&self) -> String {
        let checks = self.by_check(Status::Unknown);
        let lines = checks.iter().map(|((check, why), findings)| self.line(check, why.as_deref(), findings));
        self.list(
            say(self.lang, "Unknown: what could not be judged", "判定できなかったもの（判定不能）"),
            lines,
        )
    }

    /// The findings by check, and by who accepts them and why.
    fn by_check(&self, status: Status) -> BTreeMap<(&str, Option<String>), Vec<&ReportFinding>> {
        let mut checks: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for finding in self.with_status(status) {
            let why = triaged::accepted(finding, self.lang);
            checks.entry((finding.check.as_str(), why)).or_default().push(finding);
        }
        checks
    }

    /// A check with its resources, and who accepts them.
    fn line(&self, check: &str, why: Option<&str>, findings: &[&ReportFinding]) -> String {
        let names: Vec<_> =
            findings.iter().map(|finding| words::resource(&finding.resource, self.lang)).collect();
        let names = self.names(names.iter().map(String::as_str), NAMES);
        let why = why.map(|why| format!(" · {}", prose(why, LONGEST_TEXT))).unwrap_or_default();
        format!("- {} ({}): {names}{why}\n", code(check, LONGEST_NAME), findings.len())
    }

    fn gaps(&self) -> String {
        let mut operations: BTreeMap<_, Vec<&ReportGap>> = BTreeMap::new();
        for gap in &self.report.gaps {
            operations.entry((gap.gap.kind, gap.gap.operation.as_str())).or_default().push(gap);
        }
        let lines = operations.iter().map(|((kind, operation), gaps)| {
            let cause = cause(*kind, self.lang);
            let mut places: Vec<_> = gaps
                .iter()
                .filter_map(|gap| gap.gap.resource.as_deref().or(gap.gap.region.as_deref()))
                .collect();
            places.dedup();
            let colon = if places.is_empty() { "" } else { say(self.lang, ": ", "：") };
            let places = self.names(places.into_iter(), NAMES);
            let operation =
                if operation.is_empty() { String::new() } else { code(operation, LONGEST_NAME) + " " };
            self.say(
                format!("- {operation}({cause}){colon}{places}\n"),
                format!("- {operation}（{cause}）{colon}{places}\n"),
            )
        });
        self.list(say(self.lang, "Gaps: what could not be read", "取得できなかった情報"), lines)
    }

    /// A list below a title, folded, as long as it fits.
    fn list(&self, title: &str, lines: impl ExactSizeIterator<Item = String>) -> String {
        let (lines, more) = fitting(lines, LIST);
        if lines.is_empty() {
            return String::new();
        }
        let more = match more {
            0 => String::new(),
            _ => self.say(
                format!("- … and {more} more (all are in the JSON)\n"),
                format!("- … 他{more}件（すべてはJSON出力にあります）\n"),
            ),
        };
        format!("<details><summary>{title}</summary>\n\n{lines}{more}\n</details>\n\n")
    }

    /// The first so many names, the others counted.
    fn names<'n>(&self, names: impl ExactSizeIterator<Item = &'n str>, most: usize) -> String {
        let more = names.len().saturating_sub(most);
        let names: Vec<_> = names.take(most).map(|name| code(name, LONGEST_NAME)).collect();
        let names = names.join(say(self.lang, ", ", "、"));
        match more {
            0 => names,
            _ => self.say(format!("{names} and {more} more"), format!("{names} 他{more}件")),
        }
    }
}

/// As many lines as fit into so many characters, and how many do not.
fn fitting(lines: impl Iterator<Item = String>, room: usize) -> (String, usize) {
    let (mut text, mut left, mut more) = (String::new(), room, 0);
    for line in lines {
        match left.checked_sub(units(&line)) {
            Some(rest) if more == 0 => (text, left) = (text + &line, rest),
            _ => more += 1,
        }
    }
    (text, more)
}

//! What the table says in its own words, in both languages.

use std::fmt::Display;

use aws_audit_checks::{
    finding::Severity,
    gap::{GapKind, Refusal},
    page::Lang,
    report::{Report, ReportFinding, cause, refused},
    score::LEAST_JUDGED,
};
use jiff::SignedDuration;

use crate::{
    text::{cut, escape, width},
    words,
};

/// The words of one language.
pub(super) struct Words {
    lang: Lang,
    pub account: &'static str,
    pub regions: &'static str,
    pub scanned: &'static str,
    pub calls: &'static str,
    pub control: &'static str,
    pub score: &'static str,
    pub fail: &'static str,
    pub pass: &'static str,
    pub worst: &'static str,
    pub failing_checks: &'static str,
    pub overall: &'static str,
    pub trend: &'static str,
    /// Header of the column that counts unknowns, where room is scarce and where it is not; so below.
    pub unknown: [&'static str; 2],
    pub manual: &'static str,
    pub not_covered: &'static str,
    pub nothing_judged: [&'static str; 2],
    pub findings: &'static str,
    pub paths: &'static str,
    pub fix_first: &'static str,
    pub not_judged: &'static str,
    pub not_read: &'static str,
    pub fix: &'static str,
    pub see: &'static str,
    pub other_cause: &'static str,
    pub add_actions: &'static str,
    pub no_findings: &'static str,
    pub scan_incomplete: &'static str,
    /// Between the items of a list.
    pub comma: &'static str,
    /// Between a label and what it labels.
    pub colon: &'static str,
}

const ENGLISH: Words = Words {
    lang: Lang::En,
    account: "Account",
    regions: "Regions",
    scanned: "Scanned",
    calls: "Calls",
    control: "Control",
    score: "Score",
    fail: "Fail",
    pass: "Pass",
    worst: "Worst",
    failing_checks: "Failing checks",
    overall: "Overall",
    trend: "Last runs",
    unknown: ["Unkn", "Unknown"],
    manual: "manual",
    not_covered: "not covered",
    nothing_judged: ["none judged", "nothing to judge"],
    findings: "Findings",
    paths: "Attack paths",
    fix_first: "Fix first",
    not_judged: "Unknown: what could not be judged",
    not_read: "Gaps: what could not be read",
    fix: "fix",
    see: "see",
    other_cause: "could not be judged",
    add_actions: "Add these actions to the IAM policy of the scan (`aws-audit policy` prints a complete one):",
    no_findings: "No failing findings",
    scan_incomplete: "The scan is incomplete: do not take what is unknown for fine.",
    comma: ", ",
    colon: ": ",
};

const JAPANESE: Words = Words {
    lang: Lang::Ja,
    account: "アカウント",
    regions: "リージョン",
    scanned: "実行日時",
    calls: "API呼び出し",
    control: "項目",
    score: "スコア",
    fail: "NG",
    pass: "OK",
    worst: "重要度",
    failing_checks: "NGのチェック",
    overall: "総合",
    trend: "推移",
    unknown: ["不能", "判定不能"],
    manual: "手動確認",
    not_covered: "対象外",
    nothing_judged: ["該当なし", "判定対象なし"],
    findings: "検出結果",
    paths: "攻撃経路",
    fix_first: "最初に直すもの",
    not_judged: "判定できなかったもの（判定不能）",
    not_read: "取得できなかった情報",
    fix: "対処",
    see: "参照",
    other_cause: "判定できません",
    add_actions: "スキャンに使うIAMポリシーに次のアクションを追加してください（全体は `aws-audit policy` で出力できます）：",
    no_findings: "NGはありません",
    scan_incomplete: "一部の情報を取得できていません。「判定不能」は「問題なし」ではありません。",
    comma: "、",
    colon: "：",
};

impl Words {
    pub fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &ENGLISH,
            Lang::Ja => &JAPANESE,
        }
    }

    fn say(&self, english: String, japanese: String) -> String {
        match self.lang {
            Lang::En => english,
            Lang::Ja => japanese,
        }
    }

    pub fn severity(&self, severity: Severity) -> &'static str {
        words::severity(severity, self.lang)
    }

    pub fn cause(&self, kind: Option<GapKind>) -> &'static str {
        kind.map_or(self.other_cause, |kind| cause(kind, self.lang))
    }

    /// What helps against a gap, where something does that the reader could do.
    pub fn hint(&self, kind: GapKind) -> Option<&'static str> {
        Some(match (kind, self.lang) {
            (GapKind::RegionDisabled, Lang::En) => {
                "Leave the region out with `--regions`, or enable it (`aws account enable-region`). Where it is \
                 enabled: a session from the global STS endpoint is not valid in opt-in regions; sign in with \
                 AWS_STS_REGIONAL_ENDPOINTS=regional."
            }
            (GapKind::RegionDisabled, Lang::Ja) => {
                "`--regions` で対象から外すか、リージョンを有効化してください（`aws account enable-region`）。\
                 有効化済みの場合：STSのグローバルエンドポイントで発行されたセッションはオプトインリージョンでは無効です。\
                 AWS_STS_REGIONAL_ENDPOINTS=regional を設定して認証し直してください。"
            }
            (GapKind::WrongClock, Lang::En) => "Set this machine's clock, then scan again.",
            (GapKind::WrongClock, Lang::Ja) => {
                "このマシンの時計を合わせてから、もう一度スキャンしてください。"
            }
            (GapKind::InvalidCredentials, Lang::En) => "Sign in again, then scan again.",
            (GapKind::InvalidCredentials, Lang::Ja) => {
                "認証情報を更新してから、もう一度スキャンしてください。"
            }
            (GapKind::Interrupted, Lang::En) => "Let the scan finish, or give it longer with `--timeout`.",
            (GapKind::Interrupted, Lang::Ja) => {
                "最後まで実行するか、`--timeout` で制限時間を延ばしてください。"
            }
            (GapKind::Throttled | GapKind::TimedOut | GapKind::ServerError, Lang::En) => "Scan again later.",
            (GapKind::Throttled | GapKind::TimedOut | GapKind::ServerError, Lang::Ja) => {
                "時間をおいて、もう一度スキャンしてください。"
            }
            _ => return None,
        })
    }

    /// What refused calls although no permission is missing, and what helps.
    pub fn refused(&self, refusal: Refusal) -> String {
        let cause = refused(refusal, self.lang);
        let mut letters = cause.chars();
        let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
        let english = capital.unwrap_or_default();
        match refusal {
            Refusal::Account => self.say(
                format!("{english}. See the account's status in the Billing console, or ask AWS Support:"),
                format!("{cause}。請求コンソールでアカウントの状態を確認するか、AWSサポートに問い合わせてください："),
            ),
            _ => self.say(
                format!("{english}; more IAM permissions do not help:"),
                format!("{cause}。IAMの許可を追加しても解消しません："),
            ),
        }
    }

    pub fn seconds(&self, duration: SignedDuration) -> String {
        let seconds = duration.as_secs().max(0);
        if seconds < 10 {
            let tenths = duration.subsec_millis().max(0) / 100;
            self.say(format!("{seconds}.{tenths} s"), format!("{seconds}.{tenths}秒"))
        } else if seconds < 60 {
            self.say(format!("{seconds} s"), format!("{seconds}秒"))
        } else {
            let (minutes, seconds) = (seconds / 60, seconds % 60);
            self.say(format!("{minutes} min {seconds} s"), format!("{minutes}分{seconds}秒"))
        }
    }

    /// Something with more about it in brackets.
    pub fn with_aside(&self, text: impl Display, aside: &str) -> String {
        self.say(format!("{text} ({aside})"), format!("{text}（{aside}）"))
    }

    /// What went wrong with calls, where something did.
    pub fn calls_refused(&self, throttled: u64, denied: u64) -> Vec<String> {
        let mut parts = vec![];
        if throttled > 0 {
            parts.push(self.say(format!("{throttled} throttled"), format!("スロットリング {throttled}")));
        }
        if denied > 0 {
            parts.push(self.say(format!("{denied} denied"), format!("アクセス拒否 {denied}")));
        }
        parts
    }

    pub fn judged(&self, percent: u32) -> String {
        self.say(format!("{percent} % judged"), format!("判定率 {percent}%"))
    }

    /// Why there is no overall score.
    pub fn no_score(&self, report: &Report) -> String {
        if report.regions.is_empty() {
            self.say(
                "no score: no region was scanned".into(),
                "スコアなし：スキャンしたリージョンがありません".into(),
            )
        } else if report.score.judged.is_some_and(|share| share < LEAST_JUDGED) {
            self.say(
                "no score: too little could be judged".into(),
                "スコアなし：判定できたものが少なすぎます".into(),
            )
        } else {
            self.say("nothing could be scored".into(), "採点できるものがありません".into())
        }
    }

    /// How many failing findings `--min-severity` leaves out.
    pub fn unlisted(&self, count: u64, min_severity: Severity) -> String {
        let severity = self.severity(min_severity);
        self.say(
            format!("{count} below {severity} not listed"),
            format!("重要度が「{severity}」未満の{count}件は表示していません"),
        )
    }

    /// In place of a command that is too long to be read, let alone checked, before it is run.
    pub fn long_command(&self) -> String {
        self.say(
            "(the command is too long to show here; it is in the JSON)".into(),
            "（コマンドが長すぎるため省略しました。JSON出力にあります）".into(),
        )
    }

    /// How many controls no check judges, and where to read why.
    pub fn not_judged_by_checks(&self, manual: usize, not_covered: usize, framework: &str) -> String {
        let parts = [(manual, self.manual), (not_covered, self.not_covered)].into_iter();
        let parts = parts.filter(|(count, _)| *count > 0);
        let parts: Vec<_> = parts
            .map(|(count, word)| self.say(format!("{count} {word}"), format!("{word} {count}")))
            .collect();
        let parts = parts.join(self.comma);
        self.say(
            format!("{parts}: see `aws-audit checks --framework {framework}`"),
            format!("{parts}：`aws-audit checks --framework {framework}` を参照"),
        )
    }

    pub fn resources(&self, count: usize) -> String {
        let plural = if count == 1 { "" } else { "s" };
        self.say(format!("{count} resource{plural}"), format!("{count}件"))
    }

    pub fn more(&self, count: usize) -> String {
        self.say(
            format!("… and {count} more (--all lists them)"),
            format!("… 他{count}件（--all ですべて表示）"),
        )
    }

    pub fn more_in_json(&self, count: usize) -> String {
        self.say(
            format!("… and {count} more (all are in the JSON)"),
            format!("… 他{count}件（すべてはJSON出力にあります）"),
        )
    }

    pub fn more_groups(&self, count: usize, by_severity: &str) -> String {
        let plural = if count == 1 { "" } else { "s" };
        self.say(
            format!("… and {count} more group{plural} of findings: {by_severity} (--all lists them)"),
            format!("… 他{count}グループの検出結果：{by_severity}（--all ですべて表示）"),
        )
    }

    /// Findings of several checks about so many resources.
    pub fn of_resources(&self, findings: usize, resources: usize) -> String {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (findings_s, resources_s) = (plural(findings), plural(resources));
        self.say(
            format!("{findings} finding{findings_s} about {resources} resource{resources_s}"),
            format!("検出結果{findings}件（{resources}リソース）"),
        )
    }

    /// What to do with the report, and with which command.
    pub fn next(&self, check: &str) -> [(String, String); 3] {
        let each = [
            (["Understand", "詳しく知る"], format!("aws-audit explain {check}")),
            (["Hand on", "人に渡す"], "aws-audit scan --output report.html --output report.json".to_owned()),
            (
                ["Accept, compare, track", "許容・比較・起票"],
                self.say(
                    "[[suppress]] in aws-audit.toml, aws-audit diff, aws-audit tickets".to_owned(),
                    "aws-audit.toml の [[suppress]]、aws-audit diff、aws-audit tickets".to_owned(),
                ),
            ),
        ];
        each.map(|([en, ja], how)| (self.say(en.to_owned(), ja.to_owned()), how))
    }

    pub fn and_more(&self, count: usize) -> String {
        self.say(format!(" and {count} more"), format!(" 他{count}件"))
    }

    pub fn for_example(&self, name: &str) -> String {
        self.say(format!("for example, {name}:"), format!("例：{name} の場合"))
    }

    /// Where an operation failed.
    pub fn in_regions(&self, regions: &str) -> String {
        self.say(format!("in {regions}"), regions.to_owned())
    }

    pub fn in_all_regions(&self, count: usize) -> String {
        self.say(format!("in all {count} regions"), format!("全{count}リージョン"))
    }

    pub fn on_resources(&self, resources: &str) -> String {
        self.say(format!("on {resources}"), format!("対象：{resources}"))
    }

    pub fn details(&self, message: &str) -> String {
        self.say(format!("details: {message}"), format!("詳細：{message}"))
    }

    pub fn fail_total(&self, count: usize) -> String {
        let plural = if count == 1 { "" } else { "s" };
        self.say(format!("{count} failing finding{plural}"), format!("NG {count}件"))
    }

    pub fn severity_total(&self, count: usize, severity: Severity) -> String {
        let severity = self.severity(severity);
        self.say(format!("{count} {severity}"), format!("{severity} {count}"))
    }

    pub fn unknown_total(&self, count: usize) -> String {
        self.say(format!("{count} unknown"), format!("判定不能 {count}件"))
    }

    pub fn suppressed_total(&self, count: usize) -> String {
        self.say(format!("{count} suppressed"), format!("抑制 {count}件"))
    }

    /// As many items as fit into so many columns, at least one, and the number of the others.
    pub fn fitted<T: AsRef<str>>(&self, items: &[T], columns: usize) -> String {
        let count = items.len();
        // No more than that can fit; there may be thousands.
        let items: Vec<_> = items.iter().take(columns).map(|item| escape(item.as_ref())).collect();
        for shown in (1..=items.len()).rev() {
            let rest = if shown < count { self.and_more(count - shown) } else { String::new() };
            let list = items[..shown].join(self.comma) + &rest;
            if width(&list) <= columns {
                return list;
            }
            if shown == 1 {
                return cut(&items[0], columns.saturating_sub(width(&rest))).into_owned() + &rest;
            }
        }
        String::new()
    }

    pub fn resource(&self, finding: &ReportFinding) -> String {
        words::resource(&finding.resource, self.lang)
    }
}

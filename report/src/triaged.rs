//! What the configuration said of a finding (who accepts it and why, why its severity is another), and the group that it
//! is in, as several formats tell them.

use std::collections::HashMap;

use aws_audit_checks::{
    finding::Status,
    group::Group,
    page::Lang,
    report::{Report, ReportFinding},
};

/// Who accepts the finding, until when, why, and where it was discussed, on one line; none where nobody does. The texts
/// are as the configuration has them: what prints the line makes it harmless.
pub fn accepted(finding: &ReportFinding, lang: Lang) -> Option<String> {
    let it = finding.suppressed.as_ref()?;
    let owner = it.owner.as_deref().filter(|owner| !owner.trim().is_empty());
    let ticket = it.ticket.as_deref().filter(|ticket| !ticket.trim().is_empty());
    // Nobody can accept what nobody has seen: what could not be judged stays unknown.
    let unseen = finding.status == Status::Unknown;
    Some(match lang {
        Lang::En => {
            let mut line = if unseen { "Accepted if it fails" } else { "Accepted" }.to_owned();
            if let Some(owner) = owner {
                line += if unseen { ", by " } else { " by " };
                line += owner;
            }
            if let Some(last_day) = it.expires {
                line += &format!(" until {last_day}");
            }
            line += &format!(": {}", it.reason);
            ticket.map_or_else(|| line.clone(), |ticket| format!("{line} ({ticket})"))
        }
        Lang::Ja => {
            let owner = owner.map(|owner| format!("責任者：{owner}"));
            let until = it.expires.map(|last_day| format!("期限：{last_day}"));
            let about: Vec<_> = owner.into_iter().chain(until).collect();
            let about = if about.is_empty() { String::new() } else { format!("（{}）", about.join("、")) };
            let ticket = ticket.map(|ticket| format!("（{ticket}）")).unwrap_or_default();
            let word = if unseen { "NGの場合は受容" } else { "受容" };
            format!("{word}{about}：{}{ticket}", it.reason)
        }
    })
}

/// Why the severity is not the check's, on one line; none where the configuration did not move it.
pub fn moved(finding: &ReportFinding, lang: Lang) -> Option<String> {
    finding.severity_reason.as_ref().map(|reason| match lang {
        Lang::En => format!("Severity set by the configuration: {reason}"),
        Lang::Ja => format!("設定による重要度の変更：{reason}"),
    })
}

/// The groups of a report by their ids.
pub struct Groups<'a>(HashMap<&'a str, &'a Group>);

impl<'a> Groups<'a> {
    pub fn of(report: &'a Report) -> Self {
        Self(report.groups.iter().map(|group| (group.id.as_str(), group)).collect())
    }

    /// The cause in words of the group that the finding is in.
    pub fn title(&self, finding: &ReportFinding) -> Option<&'a str> {
        self.0.get(finding.group.as_deref()?).map(|group| group.title.as_str())
    }
}

#[cfg(test)]
mod tests {
    use aws_audit_checks::{finding::Severity, triage::Suppressed};

    use super::*;
    use crate::samples;

    fn told(change: impl Fn(&mut Suppressed), status: Status) -> [String; 2] {
        let mut finding = samples::finding(status, Severity::Low, "bucket");
        let mut suppressed = samples::suppressed();
        change(&mut suppressed);
        finding.suppressed = Some(suppressed);
        [Lang::En, Lang::Ja].map(|lang| accepted(&finding, lang).unwrap())
    }

    #[test]
    fn who_until_when_why_and_where() {
        assert_eq!(
            told(|_| {}, Status::Suppressed),
            [
                "Accepted by web@example.com until 2027-03-31: public on purpose \
                 (https://tickets.example.com/SEC-142)",
                "受容（責任者：web@example.com、期限：2027-03-31）：public on purpose\
                 （https://tickets.example.com/SEC-142）",
            ]
        );
        let bare = |it: &mut Suppressed| (it.owner, it.expires, it.ticket) = (None, None, Some(" ".into()));
        assert_eq!(
            told(bare, Status::Suppressed),
            ["Accepted: public on purpose", "受容：public on purpose"]
        );
        let unowned = |it: &mut Suppressed| (it.owner, it.ticket) = (None, None);
        assert_eq!(
            told(unowned, Status::Suppressed),
            ["Accepted until 2027-03-31: public on purpose", "受容（期限：2027-03-31）：public on purpose"]
        );
    }

    #[test]
    fn what_nobody_has_seen_is_not_said_to_be_accepted() {
        let [english, japanese] = told(|_| {}, Status::Unknown);
        assert!(english.starts_with("Accepted if it fails, by web@example.com until"), "{english}");
        assert!(japanese.starts_with("NGの場合は受容（"), "{japanese}");
    }

    #[test]
    fn a_group_that_the_report_does_not_have_has_no_title() {
        let mut finding = samples::finding(Status::Fail, Severity::Low, "bucket");
        assert_eq!(Groups::of(&samples::report(&[])).title(&finding), None);
        let mut report = samples::report(&[]);
        report.groups.push(samples::group("g", "One policy for all"));
        finding.group = Some("g".into());
        assert_eq!(Groups::of(&report).title(&finding), Some("One policy for all"));
        finding.group = Some("h".into());
        assert_eq!(Groups::of(&report).title(&finding), None);
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::guardduty::Detector,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-findings",
    severity: Severity::High,
    sources: &[Source::GuardDutyDetectors, Source::GuardDutyFindings],
    run: |cx| {
        cx.each_region(|cx, region| {
            let enabled = |detector: &&Detector| detector.enabled;
            let detectors = region.guardduty.detectors.get();
            cx.each(detectors.map(|all| all.iter().filter(enabled)), |_, detector| {
                let findings = region.guardduty.findings.of(&detector.id)?;
                let worst = findings.worst.iter().max_by(|a, b| a.severity.total_cmp(&b.severity));
                // Of more than the worst, nobody knows which are the oldest and the latest.
                let all = findings.worst.iter().filter(|_| findings.worst.len() == findings.count);
                let verdict = Verdict::fail_if(findings.count > 0)
                    .with("count", findings.count)
                    .with("worst", worst.map(|finding| &finding.kind))
                    .with("severity", worst.map(|finding| finding.severity))
                    .with("oldest", all.clone().filter_map(|finding| finding.created).min())
                    .with("latest", all.filter_map(|finding| finding.updated).max());
                let critical = worst.is_some_and(|finding| finding.severity >= CRITICAL);
                let verdict = if critical { verdict.at(Severity::Critical) } else { verdict };
                // Those that went away while they were looked at.
                let named = worst.is_some_and(|finding| !finding.kind.is_empty());
                Ok(if named { verdict } else { verdict.told_as("unnamed") })
            });
        });
    },
};

/// From here on GuardDuty calls a finding critical.
const CRITICAL: f64 = 9.0;

#[cfg(test)]
mod tests {
    use super::{super::testing::with_feature, CHECK};
    use crate::{
        finding::Severity,
        snapshot::{
            Snapshot,
            guardduty::{HighFinding, HighFindings},
        },
        testing::{ago, fails, passes, read, region},
    };

    fn with_findings(severities: &[f64]) -> Snapshot {
        let mut account = with_feature("S3_DATA_EVENTS", true);
        let worst = severities.iter().map(|severity| HighFinding {
            kind: "Backdoor:EC2/C&CActivity.B".into(),
            severity: *severity,
            resource: None,
            created: Some(ago(3)),
            updated: Some(ago(1)),
        });
        let findings = HighFindings { count: severities.len(), worst: worst.collect() };
        region(&mut account).guardduty.findings = read([("d1".to_owned(), read(findings))].into());
        account
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_findings(&[]));
    }

    #[test]
    fn the_oldest_is_told_only_when_all_are_known() {
        let mut account = with_findings(&[7.0]);
        assert_eq!(fails(&CHECK, &account).evidence["oldest"], ago(3).to_string());
        let findings = HighFindings { count: 51, worst: vec![HighFinding::default(); 50] };
        region(&mut account).guardduty.findings = read([("d1".to_owned(), read(findings))].into());
        assert!(fails(&CHECK, &account).evidence["oldest"].is_null());
    }

    #[test]
    fn fails_with_findings() {
        assert_eq!(fails(&CHECK, &with_findings(&[7.0, 8.0])).severity, Severity::High);
        assert_eq!(fails(&CHECK, &with_findings(&[8.0, 9.0])).severity, Severity::Critical);
    }
}

use std::collections::BTreeMap;

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::inspector::{MOST_FINDINGS, Vulnerability, op},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "inspector-critical-findings",
    severity: Severity::High,
    sources: &[Source::InspectorStatus, Source::InspectorFindings],
    run: |cx| {
        cx.each_region(|cx, region| {
            let findings = region.inspector.critical_findings.get();
            // There reading ends: what comes after it is not known.
            let more = findings.as_ref().is_ok_and(|findings| findings.len() >= MOST_FINDINGS);
            let by_resource = findings.map(|findings| {
                let mut groups: BTreeMap<&str, Vec<&Vulnerability>> = BTreeMap::new();
                for finding in findings {
                    groups.entry(&finding.resource).or_default().push(finding);
                }
                groups
            });
            match by_resource {
                Err(not_judged) => cx.whole("AWS::InspectorV2::Filter", |_| Err(not_judged)),
                Ok(groups) if groups.is_empty() => cx.whole("AWS::InspectorV2::Filter", |_| {
                    let on = region.inspector.status.get()?.values().any(|status| status == "ENABLED");
                    if on { Ok(Verdict::pass()) } else { Err(NotJudged::NotApplicable) }
                }),
                Ok(groups) => {
                    for findings in groups.into_values() {
                        cx.one(findings[0], |_| {
                            let oldest = findings.iter().filter_map(|finding| finding.first_observed).min();
                            let ids: Vec<_> =
                                findings.iter().map(|finding| finding.id.as_str()).take(10).collect();
                            let verdict = Verdict::fail()
                                .with("count", findings.len())
                                .with("vulnerabilities", ids)
                                .with("oldest", oldest);
                            Ok(if more { verdict.told_as("at_least") } else { verdict })
                        });
                    }
                    if more {
                        cx.whole("AWS::InspectorV2::Filter", |cx| {
                            let (operation, region) = (op::ListFindings, Some(cx.place().region));
                            let message = "there are more findings than are read";
                            Err(Gap::unreadable(operation, region, None, message).into())
                        });
                    }
                }
            }
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Status,
        snapshot::{
            Snapshot,
            inspector::{MOST_FINDINGS, Vulnerability},
        },
        testing::{ago, empty, fails, findings, passes, read, region, silent},
    };

    fn with_status(status: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).inspector.status = read([("ec2".to_owned(), status.to_owned())].into());
        account
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_status("ENABLED"));
    }

    #[test]
    fn says_nothing_where_it_is_off() {
        silent(&CHECK, &with_status("DISABLED"));
    }

    #[test]
    fn fails_once_for_each_resource() {
        let finding = fails(&CHECK, &with_vulnerabilities(2));
        assert_eq!((finding.variant, &finding.evidence["count"]), (None, &2.into()));
    }

    fn with_vulnerabilities(count: usize) -> Snapshot {
        let mut account = with_status("ENABLED");
        let vulnerabilities = (0..count).map(|number| Vulnerability {
            id: format!("CVE-2026-{number}"),
            resource: "i-1".into(),
            resource_type: "AWS_EC2_INSTANCE".into(),
            first_observed: Some(ago(5)),
        });
        region(&mut account).inspector.critical_findings = read(vulnerabilities.collect());
        account
    }

    #[test]
    fn what_was_not_read_is_unknown() {
        let findings = findings(&CHECK, &with_vulnerabilities(MOST_FINDINGS));
        let told: Vec<_> = findings.iter().map(|finding| (finding.status, finding.variant)).collect();
        assert_eq!(told, [(Status::Fail, Some("at_least")), (Status::Unknown, None)]);
    }
}

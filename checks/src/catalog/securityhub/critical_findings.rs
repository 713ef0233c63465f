use super::where_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::securityhub::{HubFinding, MOST_FINDINGS},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "securityhub-critical-findings",
    severity: Severity::High,
    sources: &[Source::SecurityHub, Source::SecurityHubFindings],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::SecurityHub::Hub", |cx| {
                where_enabled(region)?;
                let findings = region.securityhub.critical_findings.get()?;
                let age = |finding: &HubFinding| finding.created.map(|created| cx.days_since(created));
                let old: Vec<_> = findings
                    .iter()
                    .filter(|f| age(f).is_some_and(|age| age > cx.settings.finding_age_days))
                    .collect();
                let verdict = Verdict::fail_if(!old.is_empty()).with("count", old.len());
                // There reading ends.
                let verdict = if old.len() >= MOST_FINDINGS { verdict.told_as("at_least") } else { verdict };
                // They come oldest first.
                Ok(match old.first() {
                    Some(oldest) => verdict
                        .with("oldest", oldest.created)
                        .with("title", &oldest.title)
                        .with("product", &oldest.product)
                        .with("resource", &oldest.resource),
                    None => verdict,
                })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            securityhub::{HubFinding, MOST_FINDINGS, SecurityHub},
        },
        testing::{ago, empty, fails, passes, read, region, silent},
    };

    fn with_hub(change: impl FnOnce(&mut SecurityHub)) -> Snapshot {
        let mut account = empty();
        let hub = &mut region(&mut account).securityhub;
        hub.enabled = read(true);
        change(hub);
        account
    }

    fn with_finding(days: i64) -> Snapshot {
        with_hub(|hub| {
            let finding =
                HubFinding { title: "open".into(), created: Some(ago(days)), ..HubFinding::default() };
            hub.critical_findings = read(vec![finding]);
        })
    }

    #[test]
    fn fails_when_old() {
        fails(&CHECK, &with_finding(8));
    }

    #[test]
    fn passes_when_none_or_fresh() {
        passes(&CHECK, &with_finding(7));
        passes(&CHECK, &with_hub(|_| ()));
    }

    #[test]
    fn tells_when_there_may_be_more() {
        let with_findings = |count| {
            let finding = HubFinding { title: "open".into(), created: Some(ago(8)), ..HubFinding::default() };
            with_hub(|hub| hub.critical_findings = read(vec![finding; count]))
        };
        assert_eq!(fails(&CHECK, &with_findings(MOST_FINDINGS - 1)).variant, None);
        assert_eq!(fails(&CHECK, &with_findings(MOST_FINDINGS)).variant, Some("at_least"));
    }

    #[test]
    fn says_nothing_where_it_is_off() {
        silent(&CHECK, &empty());
    }
}

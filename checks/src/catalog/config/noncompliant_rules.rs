use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::config::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-noncompliant-rules",
    severity: Severity::Info,
    sources: &[Source::ConfigRules],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.config.rules.get(), |cx, rule| match rule.compliance.as_deref() {
                Some("COMPLIANT") => Ok(Verdict::pass()),
                Some("NON_COMPLIANT") => {
                    let verdict =
                        Verdict::fail().with("non_compliant", rule.non_compliant).with("more", rule.more);
                    Ok(if rule.more { verdict.told_as("more") } else { verdict })
                }
                // It has found nothing so far: no evaluation, or nothing to evaluate.
                Some(_) => Err(NotJudged::NotApplicable),
                None => {
                    let operation = op::DescribeComplianceByConfigRule;
                    let (region, rule) = (Some(cx.place().region), Some(rule.name.as_str()));
                    Err(Gap::unreadable(operation, region, rule, "no compliance of the rule").into())
                }
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, config::ConfigRule},
        testing::{empty, fails, passes, read, region, silent, unknown},
    };

    fn with_rule(change: impl FnOnce(&mut ConfigRule)) -> Snapshot {
        let mut rule =
            ConfigRule { name: "encrypted-volumes".into(), non_compliant: 3, ..ConfigRule::default() };
        change(&mut rule);
        let mut account = empty();
        region(&mut account).config.rules = read(vec![rule]);
        account
    }

    fn with_compliance(compliance: &str) -> Snapshot {
        with_rule(|rule| rule.compliance = Some(compliance.into()))
    }

    #[test]
    fn fails_when_not_compliant() {
        assert_eq!(fails(&CHECK, &with_compliance("NON_COMPLIANT")).variant, None);
        let many = with_rule(|rule| {
            rule.compliance = Some("NON_COMPLIANT".into());
            rule.more = true;
        });
        assert_eq!(fails(&CHECK, &many).variant, Some("more"));
    }

    #[test]
    fn passes_when_compliant() {
        passes(&CHECK, &with_compliance("COMPLIANT"));
    }

    #[test]
    fn says_nothing_without_results() {
        silent(&CHECK, &with_compliance("INSUFFICIENT_DATA"));
        silent(&CHECK, &with_compliance("NOT_APPLICABLE"));
    }

    #[test]
    fn a_rule_whose_compliance_is_not_told_is_not_fine() {
        unknown(&CHECK, &with_rule(|_| ()));
    }
}

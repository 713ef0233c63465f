use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-noncompliant-rules",
    severity: Severity::Info,
    sources: &[Source::ConfigRules],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.config.rules.get(), |_, rule| {
                Ok(Verdict::fail_if(rule.compliance.as_deref() == Some("NON_COMPLIANT"))
                    .with("non_compliant", rule.non_compliant)
                    .with("more", rule.more))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, config::ConfigRule},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_compliance(compliance: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).config.rules = read(vec![ConfigRule {
            name: "encrypted-volumes".into(),
            compliance: Some(compliance.into()),
            non_compliant: 3,
            ..ConfigRule::default()
        }]);
        account
    }

    #[test]
    fn fails_when_not_compliant() {
        fails(&CHECK, &with_compliance("NON_COMPLIANT"));
    }

    #[test]
    fn passes_otherwise() {
        passes(&CHECK, &with_compliance("COMPLIANT"));
        passes(&CHECK, &with_compliance("INSUFFICIENT_DATA"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).config.rules = denied();
        unknown(&CHECK, &account);
    }
}

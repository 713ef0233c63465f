use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ssm-association-noncompliant",
    severity: Severity::Low,
    sources: &[Source::SsmAssociationCompliance],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ssm.association_compliance, |_, compliance| {
                Ok(Verdict::fail_if(!compliance.compliant).with("non_compliant", compliance.non_compliant))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ssm::AssociationCompliance},
        testing::{empty, fails, passes, read, region},
    };

    fn with_compliance(compliant: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ssm.association_compliance =
            read(vec![AssociationCompliance { node: "i-1".into(), compliant, non_compliant: 1 }]);
        account
    }

    #[test]
    fn fails_when_not_compliant() {
        fails(&CHECK, &with_compliance(false));
    }

    #[test]
    fn passes_when_compliant() {
        passes(&CHECK, &with_compliance(true));
    }
}

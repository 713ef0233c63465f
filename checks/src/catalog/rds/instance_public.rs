use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS 3.2.3, RDS.2.
pub(super) const CHECK: Check = Check {
    id: "rds-instance-public",
    severity: Severity::High,
    sources: &[Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.rds.instances.get(), |_, instance| {
                Ok(Verdict::fail_if(instance.publicly_accessible)
                    .with("engine", &instance.engine)
                    .with("port", instance.port)
                    .with("security_groups", &instance.security_groups))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_instance, CHECK};
    use crate::testing::{denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_when_publicly_accessible() {
        let finding = fails(&CHECK, &with_instance(|instance| instance.publicly_accessible = true));
        assert_eq!((finding.resource.id.as_str(), &finding.evidence["port"]), ("orders", &5432.into()));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_instance(|_| ()));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).rds.instances = denied();
        unknown(&CHECK, &account);
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-instance-encryption",
    severity: Severity::Medium,
    sources: &[Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.rds.instances, |_, instance| {
                Ok(Verdict::fail_if(!instance.storage_encrypted).with("engine", &instance.engine))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_instance, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_storage_is_not_encrypted() {
        fails(&CHECK, &with_instance(|instance| instance.storage_encrypted = false));
    }

    #[test]
    fn passes_when_it_is() {
        passes(&CHECK, &with_instance(|_| ()));
    }
}

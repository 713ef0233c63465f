use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "efs-encryption",
    severity: Severity::Medium,
    sources: &[Source::EfsFileSystems],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.efs.file_systems, |_, system| Ok(Verdict::fail_if(!system.encrypted)));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_file_system, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_not() {
        fails(&CHECK, &with_file_system(|s| s.encrypted = false));
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with_file_system(|_| ()));
    }
}

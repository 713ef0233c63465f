use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "securityhub-enabled",
    severity: Severity::Medium,
    sources: &[Source::SecurityHub],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::SecurityHub::Hub", |_| Ok(Verdict::fail_if(!*region.securityhub.enabled.get()?)));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::testing::{empty, fails, passes, read, region};

    #[test]
    fn fails_when_off() {
        let mut account = empty();
        fails(&CHECK, &account);
        region(&mut account).securityhub.enabled = read(true);
        passes(&CHECK, &account);
    }
}

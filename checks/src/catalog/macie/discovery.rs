use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "macie-discovery",
    severity: Severity::Info,
    sources: &[Source::MacieSession, Source::MacieAutomatedDiscovery],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Macie::Session", |_| {
                if region.macie.status.get()?.as_deref() != Some("ENABLED") {
                    return Err(NotJudged::NotApplicable);
                }
                let on = region.macie.automated_discovery.get()?.ok_or(NotJudged::NotApplicable)?;
                Ok(Verdict::fail_if(!on))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_discovery(on: Option<bool>) -> Snapshot {
        let mut account = empty();
        region(&mut account).macie.status = read(Some("ENABLED".into()));
        region(&mut account).macie.automated_discovery = read(on);
        account
    }

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_discovery(Some(false)));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_discovery(Some(true)));
    }

    #[test]
    fn says_nothing_where_macie_is_off() {
        silent(&CHECK, &empty());
    }

    #[test]
    fn says_nothing_where_an_administrator_decides() {
        silent(&CHECK, &with_discovery(None));
    }
}

use super::where_enabled;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "securityhub-standards",
    severity: Severity::Low,
    sources: &[Source::SecurityHub, Source::SecurityHubStandards],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::SecurityHub::Standard", |_| {
                where_enabled(region)?;
                Ok(Verdict::fail_if(region.securityhub.standards.get()?.is_empty()))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, securityhub::SecurityHub},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_hub(change: impl FnOnce(&mut SecurityHub)) -> Snapshot {
        let mut account = empty();
        let hub = &mut region(&mut account).securityhub;
        hub.enabled = read(true);
        change(hub);
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_hub(|_| ()));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_hub(|hub| hub.standards = read(vec!["arn:standard".into()])));
    }

    #[test]
    fn says_nothing_where_it_is_off() {
        silent(&CHECK, &empty());
    }
}

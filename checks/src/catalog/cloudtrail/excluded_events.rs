use super::each_trail;
use crate::{
    analysis::trail::excluded_sources,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cloudtrail-excluded-events",
    severity: Severity::Low,
    sources: &[Source::CloudTrailTrails],
    run: |cx| {
        each_trail(cx, |_, _, trail| {
            let excluded = excluded_sources(trail.event_selectors.get()?);
            Ok(Verdict::fail_if(!excluded.is_empty()).with("excluded", excluded))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trail, CHECK};
    use crate::{
        catalog::cloudtrail::testing::basic,
        snapshot::cloudtrail::EventSelectors,
        testing::{fails, passes, read},
    };

    #[test]
    fn fails_when_some_are_left_out() {
        fails(
            &CHECK,
            &with_trail(|t| {
                let mut s = basic("All", true);
                s.excluded_sources = vec!["kms.amazonaws.com".into()];
                t.event_selectors = read(EventSelectors::Basic(vec![s]));
            }),
        );
    }

    #[test]
    fn passes_when_none_are() {
        passes(&CHECK, &with_trail(|_| ()));
    }
}

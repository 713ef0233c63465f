use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "guardduty-enabled",
    severity: Severity::High,
    sources: &[Source::GuardDutyDetectors],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::GuardDuty::Detector", |_| {
                let detectors = region.guardduty.detectors.get()?;
                let enabled = detectors.iter().any(|detector| detector.enabled);
                let ids: Vec<_> = detectors.iter().map(|detector| &detector.id).collect();
                let verdict = Verdict::fail_if(!enabled).with("detector_ids", &ids);
                Ok(if ids.is_empty() { verdict } else { verdict.told_as("suspended") })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, guardduty::Detector},
        testing::{empty, fails, passes, read, region},
    };

    fn with(enabled: bool) -> Snapshot {
        let mut account = empty();
        let detector =
            Detector { id: "12abc34d567e8fa901bc2d34e56789f0".into(), enabled, features: [].into() };
        region(&mut account).guardduty.detectors = read(vec![detector]);
        account
    }

    #[test]
    fn fails_without_a_detector() {
        assert_eq!(fails(&CHECK, &empty()).variant, None);
    }

    #[test]
    fn fails_when_suspended() {
        assert_eq!(fails(&CHECK, &with(false)).variant, Some("suspended"));
    }

    #[test]
    fn passes_when_enabled() {
        passes(&CHECK, &with(true));
    }
}

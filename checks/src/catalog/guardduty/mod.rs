//! GuardDuty.

mod eks_protection;
mod enabled;
mod findings;
mod findings_notified;
mod lambda_protection;
mod malware_protection;
mod rds_protection;
mod runtime_monitoring;
mod s3_protection;

super::checks! {
    eks_protection
    enabled
    findings
    findings_notified
    lambda_protection
    malware_protection
    rds_protection
    runtime_monitoring
    s3_protection
}

use crate::{
    check::Context,
    finding::{Judgement, Verdict},
    gap::NotJudged,
    snapshot::{Region, guardduty::Detector},
};

/// Judges a protection plan of each enabled detector, where the region has what it protects. A suspended
/// detector is told by guardduty-enabled.
fn judge_plan(
    cx: &mut Context<'_>,
    feature: &str,
    is_on: fn(&Detector, &Region) -> Result<bool, NotJudged>,
    has: fn(&Context<'_>, &Region) -> Result<bool, NotJudged>,
) {
    cx.each_region(|cx, region| {
        let detectors = region.guardduty.detectors.get();
        let enabled = |detector: &&Detector| detector.enabled;
        cx.each(detectors.map(|all| all.iter().filter(enabled)), |cx, detector| -> Judgement {
            if is_on(detector, region)? {
                return Ok(Verdict::pass());
            }
            if !has(cx, region)? {
                return Err(NotJudged::NotApplicable);
            }
            Ok(Verdict::fail().with("feature", feature))
        });
    });
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, guardduty::Detector},
        testing::{empty, read, region},
    };

    /// An account with an enabled detector and this feature.
    pub(super) fn with_feature(name: &str, on: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).guardduty.detectors =
            read(vec![Detector { id: "d1".into(), enabled: true, features: [(name.to_owned(), on)].into() }]);
        account
    }
}

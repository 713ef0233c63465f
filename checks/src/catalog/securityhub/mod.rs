//! Security Hub.

mod critical_findings;
mod enabled;
mod findings_notified;
mod standards;

super::checks! {
    critical_findings
    enabled
    findings_notified
    standards
}

use crate::{gap::NotJudged, snapshot::Region};

/// Goes on only where Security Hub is enabled: where it is not, securityhub-enabled reports that.
fn where_enabled(region: &Region) -> Result<(), NotJudged> {
    if *region.securityhub.enabled.get()? { Ok(()) } else { Err(NotJudged::NotApplicable) }
}

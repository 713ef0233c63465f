//! GuardDuty.

use aws_audit_checks::{
    snapshot::guardduty::{Detector, GuardDuty},
    source::Source,
};
use aws_sdk_guardduty::types::{DetectorStatus, FeatureStatus};
use futures_util::future::try_join_all;

use super::{Ask, sorted};

pub(super) async fn collect(ask: &Ask) -> GuardDuty {
    let client = &ask.aws.guardduty();
    let detectors = ask.source(Source::GuardDutyDetectors, async {
        let pages = ask
            .pages(
                "guardduty:ListDetectors",
                None,
                |token| client.list_detectors().max_results(50).set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let ids = pages.iter().flat_map(|page| page.detector_ids());
        let detectors = try_join_all(ids.map(|id| async move {
            let send = || client.get_detector().detector_id(id).send();
            let answer = ask.call("guardduty:GetDetector", Some(id), send).await?;
            let features = answer.features().iter();
            Ok::<_, super::CallError>(Detector {
                id: id.clone(),
                enabled: answer.status() == Some(&DetectorStatus::Enabled),
                features: features
                    .filter_map(|feature| {
                        let on = feature.status() == Some(&FeatureStatus::Enabled);
                        Some((feature.name()?.as_str().to_owned(), on))
                    })
                    .collect(),
            })
        }))
        .await?;
        Ok(sorted(detectors, |detector| detector.id.clone()))
    });
    GuardDuty { detectors: detectors.await }
}

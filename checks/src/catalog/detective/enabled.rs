use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "detective-enabled",
    severity: Severity::Info,
    sources: &[Source::DetectiveGraphs, Source::GuardDutyDetectors],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Detective::Graph", |_| {
                if !region.guardduty.detectors.get()?.iter().any(|detector| detector.enabled) {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail_if(region.detective.graphs.get()?.is_empty()))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, guardduty::Detector},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_graphs(graphs: &[&str]) -> Snapshot {
        let mut account = empty();
        region(&mut account).guardduty.detectors =
            read(vec![Detector { id: "d1".into(), enabled: true, features: [].into() }]);
        region(&mut account).detective.graphs =
            read(graphs.iter().map(|graph| (*graph).to_owned()).collect());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_graphs(&[]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_graphs(&["arn:graph"]));
    }

    #[test]
    fn says_nothing_without_guardduty() {
        silent(&CHECK, &empty());
    }
}

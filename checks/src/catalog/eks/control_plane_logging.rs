use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "eks-control-plane-logging",
    severity: Severity::Low,
    sources: &[Source::EksClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.eks.clusters, |_, cluster| {
                let logs = &cluster.details.get()?.logs;
                let off =
                    ["audit", "authenticator"].into_iter().filter(|log| !logs.iter().any(|on| on == log));
                let off: Vec<_> = off.collect();
                Ok(Verdict::fail_if(!off.is_empty()).in_aspects(&off).with("off", off).with("on", logs))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_one_is_off() {
        fails(&CHECK, &with_cluster(|c| c.logs = vec!["audit".into()]));
        fails(&CHECK, &with_cluster(|c| c.logs = vec![]));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_cluster(|_| ()));
    }
}

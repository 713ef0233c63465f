use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "redshift-encryption",
    severity: Severity::Medium,
    sources: &[Source::RedshiftClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.redshift.clusters, |_, cluster| Ok(Verdict::fail_if(!cluster.encrypted)));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_not() {
        fails(&CHECK, &with_cluster(|c| c.encrypted = false));
    }

    #[test]
    fn passes_when_encrypted() {
        passes(&CHECK, &with_cluster(|_| ()));
    }
}

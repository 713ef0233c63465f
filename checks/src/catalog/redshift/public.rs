use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "redshift-public",
    severity: Severity::High,
    sources: &[Source::RedshiftClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.redshift.clusters, |_, cluster| {
                Ok(Verdict::fail_if(cluster.publicly_accessible)
                    .with("port", cluster.port)
                    .with("security_groups", &cluster.security_groups))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_public() {
        fails(&CHECK, &with_cluster(|c| c.publicly_accessible = true));
    }

    #[test]
    fn passes_when_private() {
        passes(&CHECK, &with_cluster(|_| ()));
    }
}

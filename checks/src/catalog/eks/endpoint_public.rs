use crate::{
    analysis::network::prefixes::is_internet,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// EKS.1.
pub(super) const CHECK: Check = Check {
    id: "eks-endpoint-public",
    severity: Severity::Medium,
    sources: &[Source::EksClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.eks.clusters.get(), |_, cluster| {
                let details = cluster.details.get()?;
                let internet = |cidr: &&String| cidr.parse().is_ok_and(is_internet);
                let open: Vec<_> = details.public_access_cidrs.iter().filter(internet).collect();
                Ok(Verdict::fail_if(details.endpoint_public_access && !open.is_empty()).with("cidrs", open))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, region, unknown},
    };

    fn with_endpoint(public: bool, cidr: &str) -> Snapshot {
        with_cluster(|cluster| {
            cluster.endpoint_public_access = public;
            cluster.public_access_cidrs = vec![cidr.into()];
        })
    }

    #[test]
    fn fails_when_open() {
        fails(&CHECK, &with_endpoint(true, "0.0.0.0/0"));
    }

    #[test]
    fn passes_when_limited_or_private() {
        passes(&CHECK, &with_endpoint(true, "203.0.113.0/24"));
        passes(&CHECK, &with_endpoint(false, "0.0.0.0/0"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).eks.clusters = denied();
        unknown(&CHECK, &account);
    }
}

use crate::{
    analysis::lifecycle,
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    source::Source,
};

/// EKS.2.
pub(super) const CHECK: Check = Check {
    id: "eks-version-supported",
    severity: Severity::High,
    sources: &[Source::EksClusters, Source::EksVersions],
    run: |cx| {
        cx.each_region(|cx, region| {
            let told = region.eks.versions.get().map(Vec::as_slice).unwrap_or_default();
            cx.each(region.eks.clusters.get(), |cx, cluster| {
                let version = &cluster.details.get()?.version;
                let end = lifecycle::kubernetes(version, told).map_err(|date| {
                    let why = format!("Kubernetes {version} is not in the table of {date}");
                    Gap::unreadable(
                        "eks:DescribeClusterVersions",
                        Some(cx.place().region),
                        Some(&cluster.name),
                        why,
                    )
                })?;
                Ok(Verdict::fail_if(end.is_some_and(|end| cx.days_since(end) >= 0))
                    .with("version", version)
                    .with("end_of_standard_support", end))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::testing::{denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_past_support() {
        fails(&CHECK, &with_cluster(|c| c.version = "1.27".into()));
    }

    #[test]
    fn passes_within() {
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn unknown_where_nobody_tells() {
        unknown(&CHECK, &with_cluster(|c| c.version = "1.99".into()));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).eks.clusters = denied();
        unknown(&CHECK, &account);
    }
}

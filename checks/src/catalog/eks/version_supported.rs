use crate::{
    analysis::lifecycle,
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::eks::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "eks-version-supported",
    severity: Severity::High,
    sources: &[Source::EksClusters, Source::EksVersions],
    run: |cx| {
        cx.each_region(|cx, region| {
            let listed = region.eks.versions.get().map(Vec::as_slice).unwrap_or_default();
            cx.each(region.eks.clusters.get(), |cx, cluster| {
                let version = &cluster.details.get()?.version;
                let end = lifecycle::kubernetes(version, listed).map_err(|date| {
                    // What could not be read goes before what the table lacks.
                    if let Err(why @ NotJudged::Unread(_)) = region.eks.versions.get() {
                        return why;
                    }
                    let why = format!("Kubernetes {version} is not in the table of {date}");
                    Gap::unreadable(
                        op::DescribeClusterVersions,
                        Some(cx.place().region),
                        Some(&cluster.name),
                        why,
                    )
                    .into()
                })?;
                Ok(Verdict::fail_if(lifecycle::days_past(end, cx.snapshot.started_at) >= 0)
                    .with("version", version)
                    .with("end_of_standard_support", end))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::{
        gap::GapKind,
        snapshot::eks::ClusterVersion,
        testing::{ago, fails, now, passes, read, region, unknown},
    };

    #[test]
    fn fails_past_support() {
        fails(&CHECK, &with_cluster(|c| c.version = "1.27".into()));
    }

    #[test]
    fn passes_within() {
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn a_version_that_nobody_tells_of_is_not_fine() {
        let account = with_cluster(|c| c.version = "1.99".into());
        assert_eq!(unknown(&CHECK, &account).gaps[0].kind, GapKind::UnreadableAnswer);
    }

    #[test]
    fn support_ends_with_the_beginning_of_the_day() {
        let ending = |end| {
            let mut account = with_cluster(|c| c.version = "1.40".into());
            region(&mut account).eks.versions =
                read(vec![ClusterVersion { version: "1.40".into(), end_of_standard_support: Some(end) }]);
            account
        };
        fails(&CHECK, &ending(now()));
        passes(&CHECK, &ending(ago(-1)));
    }
}

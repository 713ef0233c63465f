use crate::{
    analysis::network::prefixes::is_internet,
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    snapshot::eks::op,
    source::Source,
};

/// Security Hub asks for a private endpoint, whatever ranges limit a public one.
pub(super) const CHECK: Check = Check {
    id: "eks-endpoint-public",
    severity: Severity::Medium,
    sources: &[Source::EksClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.eks.clusters.get(), |cx, cluster| {
                let details = cluster.details.get()?;
                if !details.endpoint_public_access {
                    return Ok(Verdict::pass());
                }
                let cidrs = &details.public_access_cidrs;
                // AWS's default where nobody set ranges.
                if cidrs.is_empty() {
                    return Ok(Verdict::fail().with("cidrs", ["0.0.0.0/0"]));
                }
                let mut open = Vec::new();
                for cidr in cidrs {
                    let range = cidr.parse().map_err(|_| {
                        let why = format!("{cidr} is no address range");
                        Gap::unreadable(
                            op::DescribeCluster,
                            Some(cx.place().region),
                            Some(&cluster.name),
                            why,
                        )
                    })?;
                    if is_internet(range) {
                        open.push(cidr);
                    }
                }
                Ok(if open.is_empty() {
                    Verdict::fail().at(Severity::Low).told_as("limited").with("cidrs", cidrs)
                } else {
                    Verdict::fail().with("cidrs", open)
                })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, unknown},
    };

    fn with_endpoint(public: bool, cidrs: &[&str]) -> Snapshot {
        with_cluster(|cluster| {
            cluster.endpoint_public_access = public;
            cluster.public_access_cidrs = cidrs.iter().map(|cidr| (*cidr).to_owned()).collect();
        })
    }

    #[test]
    fn fails_when_open() {
        for cidrs in [&["203.0.113.0/24", "0.0.0.0/0"][..], &[]] {
            let finding = fails(&CHECK, &with_endpoint(true, cidrs));
            assert_eq!((finding.severity, finding.variant), (Severity::Medium, None));
            assert_eq!(finding.evidence["cidrs"], serde_json::json!(["0.0.0.0/0"]));
        }
    }

    #[test]
    fn fails_lower_when_limited_to_ranges() {
        let finding = fails(&CHECK, &with_endpoint(true, &["203.0.113.0/24"]));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
    }

    #[test]
    fn passes_when_private() {
        passes(&CHECK, &with_endpoint(false, &["0.0.0.0/0"]));
    }

    #[test]
    fn a_range_that_is_none_is_not_fine() {
        unknown(&CHECK, &with_endpoint(true, &["the office"]));
    }
}

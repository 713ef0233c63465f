use std::collections::BTreeSet;

use ipnet::IpNet;

use crate::{
    analysis::network::{
        prefixes::{is_internet, is_public},
        ranges::{Lists, Written},
    },
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::Gaps,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-wide-public-range",
    severity: Severity::Low,
    sources: &[Source::Ec2SecurityGroups, Source::Ec2PrefixLists],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.security_groups.get(), |cx, group| {
                let lists = Lists::new(&region.ec2.prefix_lists, cx.place().region);
                let (mut wide, mut in_lists, mut gaps) = (BTreeSet::new(), BTreeSet::new(), Gaps::default());
                for (written, ranges) in group.ingress.iter().flat_map(|rule| lists.of_rule(rule, group)) {
                    let ranges = gaps.known(ranges).into_iter().flatten();
                    let ranges: Vec<_> = ranges.filter(|range| is_wide(cx, *range)).collect();
                    if let (Written::List(id), false) = (written, ranges.is_empty()) {
                        in_lists.insert(id);
                    }
                    wide.extend(ranges);
                }
                gaps.unless(!wide.is_empty())?;
                Ok(Verdict::fail_if(!wide.is_empty())
                    .with("ranges", wide)
                    .with("prefix_lists", in_lists)
                    .with("limit", cx.settings.max_public_range))
            });
        });
    },
};

/// Public, as wide as the setting or wider, and not yet "the internet", which other checks report.
fn is_wide(cx: &Context<'_>, range: IpNet) -> bool {
    let limit = match range {
        IpNet::V4(_) => cx.settings.max_public_range.v4(),
        IpNet::V6(_) => cx.settings.max_public_range.v6(),
    };
    range.prefix_len() <= limit && is_public(range) && !is_internet(range)
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{tcp, tcp_from_list, with_ingress, with_list},
        CHECK,
    };
    use crate::{
        gap::Collected,
        testing::{denied, fails, passes, region, unknown},
    };

    #[test]
    fn fails_with_a_wide_public_range() {
        let finding =
            fails(&CHECK, &with_ingress(vec![tcp(443, 443, "8.8.8.0/24"), tcp(443, 443, "52.0.0.0/8")]));
        assert_eq!(finding.evidence["ranges"], serde_json::json!(["8.8.8.0/24", "52.0.0.0/8"]));
        fails(&CHECK, &with_ingress(vec![tcp(443, 443, "2600:1f00::/40")]));
    }

    #[test]
    fn passes_with_narrow_private_or_unlimited_ones() {
        passes(&CHECK, &with_ingress(vec![tcp(443, 443, "8.8.8.0/25"), tcp(443, 443, "8.8.8.8/32")]));
        passes(&CHECK, &with_ingress(vec![tcp(443, 443, "10.0.0.0/8"), tcp(443, 443, "fd00::/8")]));
        passes(&CHECK, &with_ingress(vec![tcp(443, 443, "2600:1f00::/56")]));
        passes(&CHECK, &with_ingress(vec![tcp(443, 443, "0.0.0.0/0")]));
    }

    #[test]
    fn looks_into_prefix_lists() {
        let finding = fails(&CHECK, &with_list(vec![tcp_from_list(22, 22)], "52.0.0.0/8"));
        assert_eq!(finding.evidence["ranges"], serde_json::json!(["52.0.0.0/8"]));
        assert_eq!(finding.evidence["prefix_lists"], serde_json::json!(["pl-1"]));
        passes(&CHECK, &with_list(vec![tcp_from_list(22, 22)], "52.0.0.0/28"));
        // AWS keeps its own lists: of the edge locations of CloudFront, say.
        let mut account = with_list(vec![tcp_from_list(443, 443)], "52.0.0.0/8");
        if let Collected::Value(lists) = &mut region(&mut account).ec2.prefix_lists {
            lists[0].owner = "AWS".into();
        }
        passes(&CHECK, &account);
        let mut account = with_ingress(vec![tcp_from_list(22, 22)]);
        region(&mut account).ec2.prefix_lists = denied();
        unknown(&CHECK, &account);
        // What is readable decides.
        let mut account = with_ingress(vec![tcp_from_list(22, 22), tcp(443, 443, "52.0.0.0/8")]);
        region(&mut account).ec2.prefix_lists = denied();
        fails(&CHECK, &account);
    }
}

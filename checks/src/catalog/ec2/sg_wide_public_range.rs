use ipnet::IpNet;

use crate::{
    analysis::network::prefixes::{is_internet, is_public},
    check::{Check, Context},
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-wide-public-range",
    severity: Severity::Low,
    sources: &[Source::Ec2SecurityGroups],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.security_groups.get(), |cx, group| {
                let cidrs = group.ingress.iter().flat_map(|rule| &rule.cidrs);
                let mut wide: Vec<_> =
                    cidrs.filter(|cidr| cidr.parse().is_ok_and(|it| is_wide(cx, it))).collect();
                wide.sort();
                wide.dedup();
                Ok(Verdict::fail_if(!wide.is_empty())
                    .with("ranges", wide)
                    .with("limit", cx.settings.max_public_range))
            });
        });
    },
};

/// Public, as wide as the setting or wider, and not yet "the internet", which other checks tell of.
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
        super::testing::{tcp, with_ingress},
        CHECK,
    };
    use crate::testing::{denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_with_a_wide_public_range() {
        let finding =
            fails(&CHECK, &with_ingress(vec![tcp(443, 443, "8.8.8.0/24"), tcp(443, 443, "52.0.0.0/8")]));
        assert_eq!(finding.evidence["ranges"], serde_json::json!(["52.0.0.0/8", "8.8.8.0/24"]));
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
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.security_groups = denied();
        unknown(&CHECK, &account);
    }
}

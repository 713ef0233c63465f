use serde::Serialize;

use crate::{
    analysis::network::network_acl::shadowed_denies,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-nacl-shadowed-deny",
    severity: Severity::Medium,
    sources: &[Source::Ec2NetworkAcls],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.network_acls.get(), |cx, acl| {
                let shadowed: Vec<_> = shadowed_denies(acl, cx.place().region)?
                    .into_iter()
                    .map(|(deny, allow)| Shadowed {
                        rule_number: deny.number,
                        egress: deny.egress,
                        cidr_block: &deny.cidr,
                        ports: deny.ports,
                        allowed_by: allow.number,
                    })
                    .collect();
                let first = shadowed.first();
                Ok(Verdict::fail_if(first.is_some())
                    .with("rule_number", first.map(|it| it.rule_number))
                    .with("allowed_by", first.map(|it| it.allowed_by))
                    .with("direction", first.map(|it| if it.egress { "outbound" } else { "inbound" }))
                    .with("rules", shadowed)
                    .with("subnets", &acl.subnets))
            });
        });
    },
};

/// A deny that comes too late.
#[derive(Serialize)]
struct Shadowed<'a> {
    rule_number: i32,
    egress: bool,
    cidr_block: &'a str,
    ports: Option<(u16, u16)>,
    /// The first of the rules that let its packets through.
    allowed_by: i32,
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{allow, deny, with_acl},
        CHECK,
    };
    use crate::{
        snapshot::ec2::NetworkAclEntry,
        testing::{fails, passes},
    };

    #[test]
    fn fails_when_an_earlier_rule_lets_everything_through() {
        let finding = fails(
            &CHECK,
            &with_acl(vec![
                allow(100, "-1", None, "0.0.0.0/0"),
                deny(200, "6", Some((22, 22)), "198.51.100.0/24"),
            ]),
        );
        assert_eq!(
            (&finding.evidence["rule_number"], &finding.evidence["allowed_by"]),
            (&200.into(), &100.into())
        );
    }

    #[test]
    fn fails_when_several_rules_do_it_together() {
        fails(
            &CHECK,
            &with_acl(vec![
                allow(100, "6", Some((0, 1000)), "0.0.0.0/0"),
                allow(110, "6", Some((1001, 65535)), "0.0.0.0/1"),
                allow(120, "6", Some((900, 65535)), "128.0.0.0/1"),
                deny(200, "6", Some((500, 2000)), "0.0.0.0/0"),
            ]),
        );
    }

    #[test]
    fn fails_outbound_and_for_ipv6() {
        let out = |entry: NetworkAclEntry| NetworkAclEntry { egress: true, ..entry };
        fails(
            &CHECK,
            &with_acl(vec![
                out(allow(100, "-1", None, "::/0")),
                out(deny(200, "17", Some((53, 53)), "2001:db8::/32")),
            ]),
        );
        passes(
            &CHECK,
            &with_acl(vec![
                out(allow(100, "-1", None, "0.0.0.0/0")),
                deny(200, "17", Some((53, 53)), "0.0.0.0/0"),
            ]),
        );
    }

    #[test]
    fn passes_when_the_deny_still_stops_something() {
        passes(
            &CHECK,
            &with_acl(vec![deny(100, "6", Some((22, 22)), "0.0.0.0/0"), allow(200, "-1", None, "0.0.0.0/0")]),
        );
        passes(
            &CHECK,
            &with_acl(vec![
                allow(100, "6", Some((22, 22)), "0.0.0.0/0"),
                deny(200, "6", Some((22, 23)), "0.0.0.0/0"),
            ]),
        );
        passes(
            &CHECK,
            &with_acl(vec![
                allow(100, "6", Some((0, 65535)), "10.0.0.0/8"),
                deny(200, "6", Some((22, 22)), "0.0.0.0/0"),
            ]),
        );
        // TCP let through says nothing of UDP, nor of every protocol.
        passes(
            &CHECK,
            &with_acl(vec![
                allow(100, "6", Some((0, 65535)), "0.0.0.0/0"),
                deny(200, "17", Some((53, 53)), "0.0.0.0/0"),
                deny(300, "-1", None, "198.51.100.0/24"),
            ]),
        );
    }

    #[test]
    fn types_of_icmp_count() {
        let icmp = |entry: NetworkAclEntry, kind, code| NetworkAclEntry { icmp: Some((kind, code)), ..entry };
        let (ping, all) = (allow(100, "1", None, "0.0.0.0/0"), deny(200, "1", None, "0.0.0.0/0"));
        passes(&CHECK, &with_acl(vec![icmp(ping.clone(), 8, -1), icmp(all.clone(), -1, -1)]));
        passes(&CHECK, &with_acl(vec![icmp(ping.clone(), 8, 0), icmp(all.clone(), 8, -1)]));
        fails(&CHECK, &with_acl(vec![icmp(ping.clone(), -1, -1), icmp(all.clone(), 8, -1)]));
        fails(&CHECK, &with_acl(vec![icmp(ping, 8, -1), icmp(all, 8, 0)]));
        // The same protocol by name and by number.
        fails(
            &CHECK,
            &with_acl(vec![allow(100, "tcp", None, "::/0"), deny(200, "6", Some((22, 22)), "::/0")]),
        );
    }

    #[test]
    fn what_an_earlier_deny_stops_is_not_let_through() {
        let stopped = || deny(50, "6", Some((22, 22)), "198.51.100.0/24");
        let all = || allow(100, "-1", None, "0.0.0.0/0");
        passes(&CHECK, &with_acl(vec![stopped(), all(), deny(200, "6", Some((22, 22)), "198.51.100.7/32")]));
        // But of the rest of the ports it is.
        let finding =
            fails(&CHECK, &with_acl(vec![stopped(), all(), deny(200, "6", None, "198.51.100.0/24")]));
        assert_eq!(finding.evidence["allowed_by"], 100);
    }

    #[test]
    fn a_deny_behind_a_deny_is_only_needless() {
        passes(
            &CHECK,
            &with_acl(vec![deny(100, "-1", None, "0.0.0.0/0"), deny(200, "6", Some((22, 22)), "0.0.0.0/0")]),
        );
    }
}

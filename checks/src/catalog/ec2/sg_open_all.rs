use super::{GROUP_SOURCES, each_group, open_through};
use crate::{
    analysis::network::{Protocol, ports::EVERY_PORT},
    check::Check,
    finding::Severity,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-all",
    severity: Severity::Critical,
    sources: GROUP_SOURCES,
    // Every TCP port, by one rule or by several. UDP alone is not everything: what is managed over the
    // network listens on TCP, and media and games rightly open wide ranges of UDP ports.
    run: |cx| {
        each_group(cx, |ingress| {
            Ok((open_through(&ingress.on_every_port()?), vec![(Protocol::Tcp, EVERY_PORT)]))
        })
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{group, rule, tcp, tcp_from_list, with_groups, with_ingress, with_list},
        CHECK,
    };
    use crate::testing::{denied, empty, failing, fails, passes, region, silent, unknown};

    #[test]
    fn fails_when_every_protocol_is_open() {
        let finding = fails(&CHECK, &with_ingress(vec![rule("-1", None, "0.0.0.0/0")]));
        assert_eq!(finding.resource.id, "sg-web");
        assert_eq!(
            serde_json::to_value(finding.evidence).unwrap(),
            serde_json::json!({
                "sources": ["0.0.0.0/0"],
                "rules": [{"ip_protocol": "-1", "source": "0.0.0.0/0"}],
                "attached_interfaces": 0,
                "ip_permissions": ["IpProtocol=-1,IpRanges=[{CidrIp=0.0.0.0/0}]"],
            })
        );
    }

    #[test]
    fn fails_when_every_tcp_port_is_open() {
        fails(&CHECK, &with_ingress(vec![tcp(0, 65535, "0.0.0.0/0")]));
        fails(&CHECK, &with_ingress(vec![tcp(1, 65535, "::/0")]));
    }

    #[test]
    fn fails_when_rules_together_open_every_port() {
        let finding = fails(&CHECK, &with_ingress(vec![tcp(0, 1023, "::/0"), tcp(1024, 65535, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["rules"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn passes_when_one_port_is_missing() {
        passes(&CHECK, &with_ingress(vec![tcp(0, 1023, "0.0.0.0/0"), tcp(1025, 65535, "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(2, 65535, "0.0.0.0/0")]));
    }

    #[test]
    fn passes_when_only_udp_is_open() {
        passes(&CHECK, &with_ingress(vec![rule("udp", Some((0, 65535)), "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![rule("icmp", Some((-1, -1)), "0.0.0.0/0")]));
    }

    #[test]
    fn only_the_internet_counts() {
        for (cidr, open) in [("10.0.0.0/8", false), ("52.0.0.0/8", false), ("52.0.0.0/7", true)] {
            let account = with_ingress(vec![rule("-1", None, cidr)]);
            assert_eq!(!failing(&CHECK, &account).is_empty(), open, "{cidr}");
        }
    }

    #[test]
    fn judges_each_group() {
        let everything = || vec![rule("-1", None, "0.0.0.0/0")];
        let account =
            with_groups(vec![group("a", everything()), group("b", vec![]), group("c", everything())]);
        assert_eq!(failing(&CHECK, &account), ["sg-a", "sg-c"]);
        silent(&CHECK, &empty());
    }

    #[test]
    fn looks_into_prefix_lists() {
        let finding = fails(&CHECK, &with_list(vec![tcp_from_list(0, 65535)], "0.0.0.0/0"));
        assert_eq!(finding.evidence["rules"][0]["prefix_list_id"], "pl-1");
        passes(&CHECK, &with_list(vec![tcp_from_list(0, 65535)], "10.0.0.0/8"));
    }

    #[test]
    fn unknown_when_a_deciding_prefix_list_is_not_readable() {
        let mut account = with_ingress(vec![tcp_from_list(0, 65535)]);
        region(&mut account).ec2.prefix_lists = denied();
        unknown(&CHECK, &account);
        // Where a rule that could be read is enough, the list matters no more.
        let mut account = with_ingress(vec![tcp_from_list(0, 65535), rule("-1", None, "::/0")]);
        region(&mut account).ec2.prefix_lists = denied();
        fails(&CHECK, &account);
    }
}

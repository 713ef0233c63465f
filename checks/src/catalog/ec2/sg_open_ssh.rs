use super::{GROUP_SOURCES, each_group_on};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-ssh",
    severity: Severity::High,
    sources: GROUP_SOURCES,
    run: |cx| each_group_on(cx, 22),
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{reachable, rule, tcp, tcp_from_list, with_ingress, with_list},
        CHECK,
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    #[test]
    fn fails_when_open_to_the_internet() {
        let finding = fails(&CHECK, &with_ingress(vec![tcp(22, 22, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["port"], 22);
        assert_eq!(
            finding.evidence["rules"],
            serde_json::json!([
                {"ip_protocol": "tcp", "from_port": 22, "to_port": 22, "source": "0.0.0.0/0"}
            ])
        );
        assert_eq!(finding.aspects, ["ipv4"]);
        assert_eq!(fails(&CHECK, &with_ingress(vec![tcp(22, 22, "::/0")])).aspects, ["ipv6"]);
        let both = with_ingress(vec![tcp(22, 22, "0.0.0.0/0"), rule("-1", None, "::/0")]);
        assert_eq!(fails(&CHECK, &both).aspects, ["ipv4", "ipv6"]);
    }

    #[test]
    fn fails_when_a_range_includes_the_port() {
        fails(&CHECK, &with_ingress(vec![tcp(0, 22, "0.0.0.0/0")]));
        fails(&CHECK, &with_ingress(vec![tcp(22, 65535, "0.0.0.0/0")]));
        fails(&CHECK, &with_ingress(vec![rule("-1", None, "::/0")]));
    }

    #[test]
    fn passes_when_a_range_just_excludes_the_port() {
        passes(&CHECK, &with_ingress(vec![tcp(0, 21, "0.0.0.0/0"), tcp(23, 65535, "0.0.0.0/0")]));
    }

    #[test]
    fn passes_when_open_to_others_only() {
        passes(&CHECK, &with_ingress(vec![tcp(22, 22, "10.0.0.0/8"), tcp(22, 22, "203.0.113.7/32")]));
        passes(&CHECK, &with_ingress(vec![tcp(22, 22, "fc00::/7")]));
    }

    #[test]
    fn passes_when_only_udp_is_open() {
        passes(&CHECK, &with_ingress(vec![rule("udp", Some((22, 22)), "0.0.0.0/0")]));
    }

    #[test]
    fn looks_into_prefix_lists() {
        fails(&CHECK, &with_list(vec![tcp_from_list(22, 22)], "0.0.0.0/0"));
        passes(&CHECK, &with_list(vec![tcp_from_list(22, 22)], "192.168.0.0/16"));
    }

    #[test]
    fn unknown_when_a_deciding_prefix_list_is_not_readable() {
        let mut account = with_ingress(vec![tcp_from_list(22, 22)]);
        region(&mut account).ec2.prefix_lists = denied();
        unknown(&CHECK, &account);
        let mut account = with_ingress(vec![tcp_from_list(443, 443)]);
        region(&mut account).ec2.prefix_lists = denied();
        passes(&CHECK, &account);
    }

    #[test]
    fn a_group_that_nothing_has_is_a_step_less() {
        let finding = fails(&CHECK, &with_ingress(vec![tcp(22, 22, "0.0.0.0/0")]));
        assert_eq!(
            (finding.severity, &finding.evidence["attached_interfaces"]),
            (Severity::Medium, &0.into())
        );
        let mut account = with_ingress(vec![tcp(22, 22, "0.0.0.0/0")]);
        region(&mut account).ec2.network_interfaces = denied();
        assert_eq!(fails(&CHECK, &account).severity, Severity::High);
    }

    #[test]
    fn a_group_through_which_an_instance_is_reached_is_a_step_more() {
        let mut account = reachable(22);
        let finding = fails(&CHECK, &account);
        assert_eq!(
            (finding.severity, &finding.evidence["reachable_instance"]),
            (Severity::Critical, &"i-1".into())
        );
        region(&mut account).ec2.internet_gateways = read(vec![]);
        assert_eq!(fails(&CHECK, &account).severity, Severity::High);
        let mut stopped = reachable(22);
        if let Collected::Value(instances) = &mut region(&mut stopped).ec2.instances {
            instances[0].state = "stopped".into();
        }
        assert_eq!(fails(&CHECK, &stopped).severity, Severity::High);
    }

    #[test]
    fn says_nothing_where_there_is_no_group() {
        silent(&CHECK, &empty());
    }
}

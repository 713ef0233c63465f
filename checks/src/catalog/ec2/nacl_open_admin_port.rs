use super::{each_acl, let_through};
use crate::{check::Check, finding::Severity, source::Source};

/// SSH and RDP, over TCP as in EC2.21: neither can be used over UDP alone.
const PORTS: [u16; 2] = [22, 3389];

pub(super) const CHECK: Check = Check {
    id: "ec2-nacl-open-admin-port",
    severity: Severity::Medium,
    sources: &[Source::Ec2NetworkAcls],
    run: |cx| {
        each_acl(cx, |acl, inbound| {
            let (mut ports, mut reaches) = (Vec::new(), Vec::new());
            for port in PORTS {
                if let Some(reach) = inbound.internet_reach(&(port..=port)) {
                    ports.push(port);
                    reaches.push(reach);
                }
            }
            // EC2.21 leaves default network ACLs out, the benchmarks of CIS do not.
            let aspect = if acl.is_default { "default" } else { "custom" };
            let_through(&reaches).in_aspects(&[aspect]).with("ports", ports)
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{allow, deny, with_acl, with_changed_acl},
        CHECK,
    };
    use crate::{
        framework::controls_of_finding,
        snapshot::ec2::NetworkAclEntry,
        testing::{failing, fails, passes, silent},
    };

    #[test]
    fn fails_when_everything_is_allowed() {
        let finding = fails(&CHECK, &with_acl(vec![allow(100, "-1", None, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([22, 3389]));
        assert_eq!(finding.evidence["rule_numbers"], serde_json::json!([100]));
        assert_eq!(finding.evidence["rules"][0]["cidr_block"], "0.0.0.0/0");
        assert_eq!(finding.evidence["is_default"], false);
    }

    #[test]
    fn fails_when_one_port_is_allowed() {
        let finding = fails(&CHECK, &with_acl(vec![allow(100, "6", Some((22, 22)), "::/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([22]));
        assert_eq!(finding.evidence["sources"], serde_json::json!(["::/0"]));
        // The usual rule for answers on ephemeral ports.
        let finding = fails(&CHECK, &with_acl(vec![allow(100, "6", Some((1024, 65535)), "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([3389]));
    }

    #[test]
    fn passes_next_to_the_ports() {
        let around = vec![
            allow(1, "6", Some((0, 21)), "0.0.0.0/0"),
            allow(2, "6", Some((23, 3388)), "0.0.0.0/0"),
            allow(3, "6", Some((3390, 65535)), "0.0.0.0/0"),
        ];
        passes(&CHECK, &with_acl(around));
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let everything = || allow(100, "-1", None, "0.0.0.0/0");
        let admin = |number, port| deny(number, "6", Some((port, port)), "0.0.0.0/0");
        passes(&CHECK, &with_acl(vec![everything(), admin(90, 22), admin(91, 3389)]));
        let late = fails(&CHECK, &with_acl(vec![everything(), admin(110, 22), admin(91, 3389)]));
        assert_eq!(late.evidence["ports"], serde_json::json!([22]));
        // A deny for one family does nothing for the other.
        let v6 = allow(101, "-1", None, "::/0");
        let finding = fails(&CHECK, &with_acl(vec![everything(), v6, admin(90, 22), admin(91, 3389)]));
        assert_eq!(finding.evidence["rule_numbers"], serde_json::json!([101]));
    }

    #[test]
    fn only_tcp_inbound_from_the_internet_counts() {
        passes(&CHECK, &with_acl(vec![allow(100, "17", Some((22, 22)), "0.0.0.0/0")]));
        passes(&CHECK, &with_acl(vec![allow(100, "6", Some((22, 22)), "10.0.0.0/8")]));
        let outbound = NetworkAclEntry { egress: true, ..allow(100, "-1", None, "0.0.0.0/0") };
        passes(&CHECK, &with_acl(vec![outbound]));
    }

    #[test]
    fn judges_default_acls_and_only_those_with_subnets() {
        let everything = || vec![allow(100, "-1", None, "0.0.0.0/0")];
        let default = with_changed_acl(everything(), |acl| acl.is_default = true);
        assert_eq!(failing(&CHECK, &default), ["acl-1"]);
        let fails_ec2_21 = |account| {
            let finding = fails(&CHECK, account);
            controls_of_finding(&finding).get("fsbp").is_some_and(|ids| ids.contains(&"EC2.21"))
        };
        assert!(!fails_ec2_21(&default) && fails_ec2_21(&with_acl(everything())));
        silent(&CHECK, &with_changed_acl(everything(), |acl| acl.subnets.clear()));
    }
}

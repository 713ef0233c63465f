use super::{each_acl, let_through};
use crate::{analysis::network::ports::EVERY_PORT, check::Check, finding::Severity, source::Source};

pub(super) const CHECK: Check = Check {
    id: "ec2-nacl-open-all",
    severity: Severity::Low,
    sources: &[Source::Ec2NetworkAcls],
    run: |cx| each_acl(cx, |_, inbound| let_through(inbound.internet_reach(&EVERY_PORT).as_slice())),
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{allow, deny, with_acl, with_changed_acl},
        CHECK,
    };
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_as_aws_makes_the_default_acl() {
        let everything = vec![allow(100, "-1", None, "0.0.0.0/0"), allow(101, "-1", None, "::/0")];
        let finding = fails(&CHECK, &with_changed_acl(everything, |acl| acl.is_default = true));
        assert_eq!(finding.evidence["is_default"], true);
        assert_eq!(finding.evidence["rule_numbers"], serde_json::json!([100, 101]));
        assert_eq!(finding.evidence["subnets"], serde_json::json!(["subnet-1"]));
    }

    #[test]
    fn fails_when_every_tcp_port_is_allowed() {
        let finding = fails(&CHECK, &with_acl(vec![allow(1, "6", Some((0, 65535)), "0.0.0.0/0")]));
        assert_eq!(finding.evidence["is_default"], false);
        let rule = &finding.evidence["rules"][0];
        assert_eq!((&rule["rule_number"], &rule["protocol"]), (&1.into(), &"6".into()));
        assert_eq!((&rule["from_port"], &rule["to_port"]), (&0.into(), &65535.into()));
    }

    #[test]
    fn fails_when_rules_together_allow_every_port() {
        let halves = vec![
            allow(1, "6", Some((0, 1023)), "0.0.0.0/0"),
            allow(2, "6", Some((1024, 65535)), "0.0.0.0/0"),
        ];
        fails(&CHECK, &with_acl(halves));
    }

    #[test]
    fn passes_when_one_port_is_denied_first() {
        let everything = || allow(100, "-1", None, "0.0.0.0/0");
        passes(&CHECK, &with_acl(vec![everything(), deny(90, "6", Some((3389, 3389)), "0.0.0.0/0")]));
        fails(&CHECK, &with_acl(vec![everything(), deny(110, "6", Some((3389, 3389)), "0.0.0.0/0")]));
        // Denied to one network, it is still open to the internet.
        fails(&CHECK, &with_acl(vec![everything(), deny(90, "6", Some((3389, 3389)), "52.0.0.0/8")]));
    }

    #[test]
    fn passes_when_only_some_may_enter() {
        passes(&CHECK, &with_acl(vec![allow(100, "-1", None, "10.0.0.0/8")]));
        passes(&CHECK, &with_acl(vec![allow(100, "6", Some((443, 443)), "0.0.0.0/0")]));
        passes(&CHECK, &with_acl(vec![allow(100, "17", None, "0.0.0.0/0")]));
    }

    #[test]
    fn says_nothing_of_acls_without_subnets() {
        let everything = vec![allow(100, "-1", None, "0.0.0.0/0")];
        silent(&CHECK, &with_changed_acl(everything, |acl| acl.subnets.clear()));
    }
}

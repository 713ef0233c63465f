use super::{GROUP_SOURCES, RISKY_PORTS, each_group, open_services};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-risky-port",
    severity: Severity::High,
    sources: GROUP_SOURCES,
    run: |cx| each_group(cx, |ingress| open_services(ingress, RISKY_PORTS)),
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{rule, tcp, with_ingress},
        CHECK,
    };
    use crate::testing::{fails, passes};

    #[test]
    fn fails_with_the_names_of_the_services() {
        let finding = fails(&CHECK, &with_ingress(vec![tcp(2375, 2380, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([2375, 2376, 2379, 2380]));
        assert_eq!(finding.evidence["services"], serde_json::json!(["Docker", "etcd"]));
        fails(&CHECK, &with_ingress(vec![tcp(23, 23, "::/0")]));
        fails(&CHECK, &with_ingress(vec![rule("udp", Some((161, 161)), "0.0.0.0/0")]));
        fails(&CHECK, &with_ingress(vec![rule("-1", None, "0.0.0.0/0")]));
    }

    #[test]
    fn passes_when_ranges_just_exclude_them() {
        passes(&CHECK, &with_ingress(vec![tcp(22, 22, "0.0.0.0/0"), tcp(80, 109, "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(8089, 8887, "0.0.0.0/0"), tcp(8443, 8443, "::/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(1, 65535, "10.0.0.0/8")]));
        // SNMP answers on UDP only.
        passes(&CHECK, &with_ingress(vec![tcp(161, 161, "0.0.0.0/0")]));
    }
}

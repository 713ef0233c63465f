use super::{DATABASE_PORTS, GROUP_SOURCES, each_group, open_services};
use crate::{check::Check, finding::Severity};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-database",
    severity: Severity::High,
    sources: GROUP_SOURCES,
    run: |cx| each_group(cx, |ingress| open_services(ingress, DATABASE_PORTS)),
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{rule, tcp, tcp_from_list, with_ingress, with_list},
        CHECK,
    };
    use crate::testing::{denied, empty, failing, fails, passes, region, silent};

    #[test]
    fn fails_when_open_to_the_internet() {
        let finding = fails(&CHECK, &with_ingress(vec![tcp(5432, 5432, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([5432]));
        assert_eq!(finding.evidence["services"], serde_json::json!(["PostgreSQL"]));
        assert_eq!(finding.evidence["rules"][0]["from_port"], 5432);
    }

    #[test]
    fn knows_every_port() {
        for port in [
            1433, 1434, 1521, 2483, 2484, 3306, 5432, 5439, 5984, 6379, 7000, 7001, 7199, 8086, 9042, 9160,
            9200, 9300, 11211, 27017, 27018, 27019, 50000,
        ] {
            let finding = fails(&CHECK, &with_ingress(vec![tcp(port, port, "::/0")]));
            assert_eq!(finding.evidence["ports"], serde_json::json!([port]));
        }
    }

    #[test]
    fn names_each_port_service_and_rule_once() {
        let finding =
            fails(&CHECK, &with_ingress(vec![tcp(27016, 27019, "0.0.0.0/0"), tcp(1, 1000, "::/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([27017, 27018, 27019]));
        assert_eq!(finding.evidence["services"], serde_json::json!(["MongoDB"]));
        assert_eq!(finding.evidence["rules"].as_array().unwrap().len(), 1);
        let finding = fails(&CHECK, &with_ingress(vec![rule("-1", None, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"].as_array().unwrap().len(), 23);
    }

    #[test]
    fn passes_next_to_the_ports() {
        passes(&CHECK, &with_ingress(vec![tcp(3307, 5431, "0.0.0.0/0"), tcp(443, 443, "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(3306, 3306, "10.0.0.0/8")]));
    }

    #[test]
    fn udp_counts_only_where_the_service_speaks_it() {
        for (port, open) in [(1434, true), (11211, true), (3306, false), (6379, false)] {
            let account = with_ingress(vec![rule("udp", Some((port, port)), "0.0.0.0/0")]);
            assert_eq!(!failing(&CHECK, &account).is_empty(), open, "{port}");
        }
    }

    #[test]
    fn looks_into_prefix_lists() {
        fails(&CHECK, &with_list(vec![tcp_from_list(6379, 6379)], "::/0"));
        passes(&CHECK, &with_list(vec![tcp_from_list(6379, 6379)], "10.0.0.0/8"));
    }

    #[test]
    fn what_is_readable_decides() {
        let mut account = with_ingress(vec![tcp(3306, 3306, "0.0.0.0/0"), tcp_from_list(6379, 6379)]);
        region(&mut account).ec2.prefix_lists = denied();
        assert_eq!(fails(&CHECK, &account).evidence["ports"], serde_json::json!([3306]));
    }

    #[test]
    fn says_nothing_where_there_is_no_group() {
        silent(&CHECK, &empty());
    }
}

use crate::{
    analysis::network::{
        Protocol::{self, Tcp, Udp},
        security_group::InternetIngress,
    },
    catalog::{Family, row},
    check::Entry,
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{Gaps, NotJudged},
};

use super::{GROUP_SOURCES, Told, distinct, each_group, open_through};

/// The ports that a check is about.
enum Ports {
    /// A TCP port.
    ///
    /// CIS 6.3 and 6.4 also name UDP. Neither SSH nor RDP can be used over UDP alone (RDP's UDP transport is
    /// set up over its TCP connection), so a rule for UDP alone opens neither.
    One(u16),
    /// Ports with the services that listen on them.
    Of(&'static [Service]),
}

/// A port, and the service that listens there.
pub(super) type Service = (u16, Protocol, &'static str);

static PORTS: &Family<Ports> = &[
    (open("ec2-sg-open-cifs"), Ports::One(445)),
    (open("ec2-sg-open-database"), Ports::Of(DATABASE_PORTS)),
    (open("ec2-sg-open-rdp"), Ports::One(3389)),
    (open("ec2-sg-open-risky-port"), Ports::Of(RISKY_PORTS)),
    (open("ec2-sg-open-ssh"), Ports::One(22)),
];

const fn open(id: &'static str) -> Check {
    Check { id, severity: Severity::High, sources: GROUP_SOURCES, run: judge }
}

/// The ports that databases and caches listen on. UDP only where the service answers there.
const DATABASE_PORTS: &[Service] = &[
    (1433, Tcp, "SQL Server"),
    (1434, Tcp, "SQL Server"), // dedicated administrator connection
    (1434, Udp, "SQL Server"), // SQL Server Browser
    (1521, Tcp, "Oracle"),
    (2483, Tcp, "Oracle"),
    (2484, Tcp, "Oracle"), // with TLS
    (3306, Tcp, "MySQL"),  // MariaDB and Aurora, too
    (5432, Tcp, "PostgreSQL"),
    (5439, Tcp, "Redshift"),
    (5984, Tcp, "CouchDB"),
    (6379, Tcp, "Redis"),     // Valkey, too
    (7000, Tcp, "Cassandra"), // between nodes
    (7001, Tcp, "Cassandra"), // between nodes, with TLS
    (7199, Tcp, "Cassandra"), // JMX
    (8086, Tcp, "InfluxDB"),
    (9042, Tcp, "Cassandra"),  // CQL
    (9160, Tcp, "Cassandra"),  // Thrift
    (9200, Tcp, "OpenSearch"), // Elasticsearch, too
    (9300, Tcp, "OpenSearch"), // between nodes
    (11211, Tcp, "Memcached"),
    (11211, Udp, "Memcached"),
    (27017, Tcp, "MongoDB"), // DocumentDB, too
    (27018, Tcp, "MongoDB"), // shards
    (27019, Tcp, "MongoDB"), // config servers
    (50000, Tcp, "Db2"),
];

/// Ports of services that were not made for strangers. UDP where the service answers there.
const RISKY_PORTS: &[Service] = &[
    (20, Tcp, "FTP"), // data
    (21, Tcp, "FTP"),
    (23, Tcp, "Telnet"),
    (25, Tcp, "SMTP"),
    (110, Tcp, "POP3"),
    (135, Tcp, "RPC"),
    (137, Tcp, "NetBIOS"),
    (137, Udp, "NetBIOS"),
    (138, Tcp, "NetBIOS"),
    (138, Udp, "NetBIOS"),
    (139, Tcp, "NetBIOS"),
    (143, Tcp, "IMAP"),
    (161, Udp, "SNMP"),
    (389, Tcp, "LDAP"),
    (389, Udp, "LDAP"),
    (636, Tcp, "LDAP"), // with TLS
    (873, Tcp, "rsync"),
    (2049, Tcp, "NFS"),
    (2049, Udp, "NFS"),
    (2375, Tcp, "Docker"),
    (2376, Tcp, "Docker"), // with TLS
    (2379, Tcp, "etcd"),
    (2380, Tcp, "etcd"),               // between nodes
    (3000, Tcp, "development_server"), // Node.js, Rails, Grafana
    (4333, Tcp, "mSQL"),
    (5000, Tcp, "development_server"), // Flask, and container registries
    (5500, Tcp, "VNC"),                // listening viewers; fcp-addr-srvr1 in IANA's list
    (5601, Tcp, "Kibana"),             // OpenSearch Dashboards, too
    (5900, Tcp, "VNC"),
    (5985, Tcp, "WinRM"),
    (5986, Tcp, "WinRM"), // with TLS
    (6443, Tcp, "Kubernetes"),
    (8080, Tcp, "http_alternative"),
    (8088, Tcp, "http_alternative"), // Hadoop YARN's, Splunk's
    (8888, Tcp, "http_alternative"), // Jupyter's
    (9092, Tcp, "Kafka"),
    (10250, Tcp, "Kubernetes"), // kubelet
    (15672, Tcp, "RabbitMQ"),   // management
];

pub(super) fn entries() -> impl Iterator<Item = Entry> {
    let (english, japanese) = (include_str!("sg_ports.md"), include_str!("sg_ports.ja.md"));
    PORTS.iter().map(move |(check, _)| Entry::new(check, module_path!(), english, japanese))
}

/// Every port that these checks are about; those with a check of their own have no name.
pub(super) fn known() -> impl Iterator<Item = Service> {
    PORTS.iter().flat_map(|(_, ports)| match ports {
        Ports::One(port) => vec![(*port, Tcp, "")],
        Ports::Of(services) => services.to_vec(),
    })
}

fn judge(cx: &mut Context<'_>) {
    let ports = row(cx, PORTS);
    each_group(cx, |ingress| match ports {
        Ports::One(port) => {
            let verdict = open_through(&ingress.on(Tcp, *port)?).with("port", port);
            Ok((verdict, vec![(Tcp, *port..=*port)]))
        }
        Ports::Of(services) => open_services(ingress, services),
    });
}

/// Fails with the services among these that the internet may reach.
fn open_services(ingress: &InternetIngress<'_>, services: &[Service]) -> Result<Told, NotJudged> {
    let (mut ports, mut names, mut rules, mut about) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut gaps = Gaps::default();
    for (port, protocol, name) in services {
        let open = gaps.known(ingress.on(*protocol, *port)).unwrap_or_default();
        if !open.is_empty() {
            ports.push(*port);
            about.push((*protocol, *port..=*port));
            names.push(*name);
            rules.extend(open);
        }
    }
    gaps.unless(!rules.is_empty())?;
    if rules.is_empty() {
        return Ok((Verdict::pass(), about));
    }
    let verdict = open_through(&distinct(rules));
    Ok((verdict.with("ports", distinct(ports)).with("services", distinct(names)), about))
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{reachable, rule, tcp, tcp_from_list, with_ingress, with_list},
        *,
    };
    use crate::{
        gap::Collected,
        testing::{denied, empty, failing, fails, passes, read, region, silent, unknown},
    };

    /// The family's check of that name.
    fn the(name: &str) -> &'static Check {
        let mut checks = PORTS.iter().map(|(check, _)| check);
        checks.find(|check| check.id.strip_prefix("ec2-sg-open-") == Some(name)).unwrap()
    }

    #[test]
    fn each_port_decides_with_its_protocol() {
        for (check, ports) in PORTS {
            let services = match ports {
                Ports::One(port) => &[(*port, Tcp, "")],
                Ports::Of(services) => *services,
            };
            for (port, protocol, _) in services {
                let port = i32::from(*port);
                let finding =
                    fails(check, &with_ingress(vec![rule(protocol.name(), Some((port, port)), "::/0")]));
                assert_eq!((finding.severity, finding.aspects), (Severity::Medium, vec!["ipv6"]));
                let told = finding.evidence.get("port").unwrap_or_else(|| &finding.evidence["ports"][0]);
                assert_eq!(told, port);
            }
            let (first, _, _) = services[0];
            let finding = fails(check, &with_ingress(vec![tcp(0, first.into(), "0.0.0.0/0")]));
            let rule_of = |first| serde_json::json!([{"ip_protocol": "tcp", "from_port": 0, "to_port": first, "source": "0.0.0.0/0"}]);
            assert_eq!(finding.evidence["rules"], rule_of(first));
            let both = with_ingress(vec![tcp(first.into(), 65535, "0.0.0.0/0"), rule("-1", None, "::/0")]);
            assert_eq!(fails(check, &both).aspects, ["ipv4", "ipv6"]);
        }
    }

    #[test]
    fn what_is_next_to_the_ports_does_not() {
        for (check, ports) in PORTS {
            let (mut others, mut next) = (Vec::new(), 0);
            let mut known: Vec<i32> = match ports {
                Ports::One(port) => vec![(*port).into()],
                Ports::Of(services) => services.iter().map(|(port, ..)| (*port).into()).collect(),
            };
            known.dedup();
            for port in known.into_iter().chain([65536]) {
                if next < port {
                    others.push(tcp(next, port - 1, "0.0.0.0/0"));
                }
                next = port + 1;
            }
            passes(check, &with_ingress(others));
            passes(check, &with_ingress(vec![tcp(0, 65535, "192.168.0.0/16")]));
            silent(check, &empty());
        }
    }

    #[test]
    fn names_services_that_are_risky() {
        let finding = fails(the("risky-port"), &with_ingress(vec![tcp(2375, 2380, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([2375, 2376, 2379, 2380]));
        assert_eq!(finding.evidence["services"], serde_json::json!(["Docker", "etcd"]));
        fails(the("risky-port"), &with_ingress(vec![rule("-1", None, "0.0.0.0/0")]));
        // SNMP answers on UDP only.
        passes(the("risky-port"), &with_ingress(vec![tcp(161, 161, "0.0.0.0/0")]));
    }

    #[test]
    fn names_each_port_service_and_rule_once() {
        let finding =
            fails(the("database"), &with_ingress(vec![tcp(27016, 27019, "0.0.0.0/0"), tcp(1, 1000, "::/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!([27017, 27018, 27019]));
        assert_eq!(finding.evidence["services"], serde_json::json!(["MongoDB"]));
        assert_eq!(finding.evidence["rules"].as_array().unwrap().len(), 1);
        let finding = fails(the("database"), &with_ingress(vec![rule("-1", None, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"].as_array().unwrap().len(), 23);
    }

    #[test]
    fn udp_counts_only_where_the_service_speaks_it() {
        for (port, open) in [(1434, true), (11211, true), (3306, false), (6379, false)] {
            let account = with_ingress(vec![rule("udp", Some((port, port)), "0.0.0.0/0")]);
            assert_eq!(!failing(the("database"), &account).is_empty(), open, "{port}");
        }
    }

    #[test]
    fn services_are_looked_for_in_prefix_lists() {
        fails(the("database"), &with_list(vec![tcp_from_list(6379, 6379)], "::/0"));
        passes(the("database"), &with_list(vec![tcp_from_list(6379, 6379)], "10.0.0.0/8"));
    }

    #[test]
    fn what_is_readable_decides() {
        let mut account = with_ingress(vec![tcp(3306, 3306, "0.0.0.0/0"), tcp_from_list(6379, 6379)]);
        region(&mut account).ec2.prefix_lists = denied();
        assert_eq!(fails(the("database"), &account).evidence["ports"], serde_json::json!([3306]));
    }

    #[test]
    fn passes_when_open_to_others_only() {
        passes(the("ssh"), &with_ingress(vec![tcp(22, 22, "10.0.0.0/8"), tcp(22, 22, "203.0.113.7/32")]));
        passes(the("ssh"), &with_ingress(vec![tcp(22, 22, "fc00::/7")]));
    }

    #[test]
    fn passes_when_only_udp_is_open() {
        passes(the("ssh"), &with_ingress(vec![rule("udp", Some((22, 22)), "0.0.0.0/0")]));
    }

    #[test]
    fn looks_into_prefix_lists() {
        fails(the("ssh"), &with_list(vec![tcp_from_list(22, 22)], "0.0.0.0/0"));
        passes(the("ssh"), &with_list(vec![tcp_from_list(22, 22)], "192.168.0.0/16"));
    }

    #[test]
    fn unknown_when_a_deciding_prefix_list_is_not_readable() {
        let mut account = with_ingress(vec![tcp_from_list(22, 22)]);
        region(&mut account).ec2.prefix_lists = denied();
        unknown(the("ssh"), &account);
        let mut account = with_ingress(vec![tcp_from_list(443, 443)]);
        region(&mut account).ec2.prefix_lists = denied();
        passes(the("ssh"), &account);
    }

    #[test]
    fn a_group_that_nothing_has_is_a_step_less() {
        let finding = fails(the("ssh"), &with_ingress(vec![tcp(22, 22, "0.0.0.0/0")]));
        assert_eq!(
            (finding.severity, &finding.evidence["attached_interfaces"]),
            (Severity::Medium, &0.into())
        );
        let mut account = with_ingress(vec![tcp(22, 22, "0.0.0.0/0")]);
        region(&mut account).ec2.network_interfaces = denied();
        assert_eq!(fails(the("ssh"), &account).severity, Severity::High);
    }

    #[test]
    fn a_group_through_which_an_instance_is_reached_is_a_step_more() {
        let mut account = reachable(22);
        let finding = fails(the("ssh"), &account);
        assert_eq!(
            (finding.severity, &finding.evidence["reachable_instance"]),
            (Severity::Critical, &"i-1".into())
        );
        region(&mut account).ec2.internet_gateways = read(vec![]);
        assert_eq!(fails(the("ssh"), &account).severity, Severity::High);
        let mut stopped = reachable(22);
        if let Collected::Value(instances) = &mut region(&mut stopped).ec2.instances {
            instances[0].state = "stopped".into();
        }
        assert_eq!(fails(the("ssh"), &stopped).severity, Severity::High);
    }
}

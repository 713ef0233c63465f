use std::collections::BTreeSet;

use super::{GROUP_SOURCES, distinct, each_group_by, open_through, sg_ports};
use crate::{
    analysis::network::{Protocol, ports::Ports},
    check::Check,
    finding::{Severity, Verdict},
    gap::Gaps,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-unapproved-port",
    severity: Severity::Medium,
    sources: GROUP_SOURCES,
    run: |cx| {
        each_group_by(cx, |cx, ingress| {
            // A group that is open on every port is told by `ec2-sg-open-all`.
            if !ingress.on_every_port()?.is_empty() {
                return Ok((Verdict::pass(), Vec::new()));
            }
            let (mut ranges, mut rules, mut about) = (Vec::new(), Vec::new(), Vec::new());
            let mut gaps = Gaps::default();
            for protocol in [Protocol::Tcp, Protocol::Udp] {
                let mut known = Ports::default();
                let of_protocol = sg_ports::known().filter(|(_, it, _)| *it == protocol);
                let known_ports: BTreeSet<u16> = of_protocol.map(|(port, ..)| port).collect();
                for port in known_ports.iter().chain(&cx.settings.public_ports) {
                    known.insert(&(*port..=*port));
                }
                let (open, why) = ingress.ranges(protocol);
                gaps.extend(why.into_vec());
                for (ports, rule) in open {
                    let left = Ports::from_iter([ports]).without(&known);
                    // Port 0 is no port that anything listens on.
                    let left: Vec<_> = left.ranges().filter(|range| *range.end() > 0).collect();
                    if !left.is_empty() {
                        rules.push(rule);
                    }
                    ranges.extend(left.iter().map(|range| text(protocol, range)));
                    about.extend(left.into_iter().map(|range| (protocol, range)));
                }
            }
            gaps.unless(!rules.is_empty())?;
            Ok((open_through(&distinct(rules)).with("ports", distinct(ranges)), about))
        });
    },
};

fn text(protocol: Protocol, range: &std::ops::RangeInclusive<u16>) -> String {
    let (name, first, last) = (protocol.name(), range.start(), range.end());
    if first == last { format!("{name}/{first}") } else { format!("{name}/{first}-{last}") }
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{rule, tcp, with_ingress},
        CHECK,
    };
    use crate::{
        settings::Settings,
        testing::{fails, fails_with, passes},
    };

    #[test]
    fn fails_with_what_nobody_approved() {
        let finding = fails(&CHECK, &with_ingress(vec![tcp(8443, 8444, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!(["tcp/8443-8444"]));
        let finding = fails(&CHECK, &with_ingress(vec![rule("udp", Some((53, 53)), "::/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!(["udp/53"]));
        // What other checks tell is left out, exactly.
        let finding = fails(&CHECK, &with_ingress(vec![tcp(440, 446, "0.0.0.0/0")]));
        assert_eq!(finding.evidence["ports"], serde_json::json!(["tcp/440-442", "tcp/444", "tcp/446"]));
        let settings = Settings { public_ports: vec![443], ..Settings::default() };
        fails_with(&settings, &CHECK, &with_ingress(vec![tcp(80, 80, "0.0.0.0/0")]));
    }

    #[test]
    fn passes_for_approved_ports_and_those_that_other_checks_tell() {
        passes(&CHECK, &with_ingress(vec![tcp(80, 80, "0.0.0.0/0"), tcp(443, 443, "::/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(22, 22, "0.0.0.0/0"), tcp(3389, 3389, "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(5432, 5432, "0.0.0.0/0"), tcp(445, 445, "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![rule("-1", None, "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![rule("icmp", Some((8, -1)), "0.0.0.0/0")]));
        passes(&CHECK, &with_ingress(vec![tcp(8443, 8443, "203.0.113.0/24")]));
    }
}

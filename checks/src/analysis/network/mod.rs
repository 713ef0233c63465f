//! Who may send packets to what: exact sets of addresses and ports, and what the rules of security groups
//! and network ACLs make of them.

pub mod network_acl;
pub mod ports;
pub mod prefixes;
pub mod ranges;
pub mod reachability;
pub mod route;
pub mod security_group;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::{
    gap::{Gap, NotJudged},
    source::Operation,
};

/// A protocol that has ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// `tcp` or `udp`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }

    /// Whether a rule written for that protocol (a name, an IANA number, `-1` for all) is about this one.
    #[must_use]
    pub fn is_in(self, rule: &str) -> bool {
        let (name, number) = match self {
            Self::Tcp => ("tcp", "6"),
            Self::Udp => ("udp", "17"),
        };
        rule == name || rule == number || is_every_protocol(rule)
    }
}

/// Whether a rule is about every protocol. Such a rule has no ports: it is about all of them.
fn is_every_protocol(rule: &str) -> bool {
    rule == "-1"
}

/// A range as AWS writes it. What cannot be understood is never taken for harmless.
pub(crate) fn parse(
    cidr: &str,
    operation: &'static Operation,
    region: &str,
    resource: &str,
) -> Result<IpNet, NotJudged> {
    cidr.parse().map(|range: IpNet| range.trunc()).map_err(|_| {
        let message = format!("not an address range: {cidr}");
        Gap::unreadable(operation, Some(region), Some(resource), message).into()
    })
}

/// Every address, of both families.
fn anywhere() -> [IpNet; 2] {
    [IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())]
}

use ipnet::IpNet;

use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::ec2::{PeeredVpc, RouteTable, VpcPeering},
    source::Source,
};

/// CIS 6.6.
pub(super) const CHECK: Check = Check {
    id: "vpc-peering-broad-route",
    severity: Severity::Low,
    sources: &[Source::Ec2RouteTables, Source::Ec2VpcPeerings],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.route_tables.get(), |cx, table| {
                let routes = table.routes.iter().filter(|route| route.target.starts_with("pcx-"));
                let mut routes = routes.peekable();
                // Most tables have nothing to do with peering.
                if routes.peek().is_none() {
                    return Err(NotJudged::NotApplicable);
                }
                let peerings = region.ec2.vpc_peerings.get()?;
                let mut broad = Vec::new();
                for route in routes {
                    let peering = peerings.iter().find(|peering| peering.id == route.target);
                    let peer = peering.map(|peering| other_side(peering, table));
                    let Some(peer) = peer else { return Err(unlisted(cx, &route.target)) };
                    let Ok(destination) = route.destination.parse::<IpNet>() else { continue };
                    let whole =
                        |cidr: &String| cidr.parse::<IpNet>().is_ok_and(|cidr| destination.contains(&cidr));
                    if peer.cidrs.iter().any(whole) {
                        broad.push((route, peer));
                    }
                }
                let first = broad.first();
                Ok(Verdict::fail_if(first.is_some())
                    .with(
                        "destinations",
                        broad.iter().map(|(route, _)| &route.destination).collect::<Vec<_>>(),
                    )
                    .with("peering", first.map(|(route, _)| &route.target))
                    .with("peer_vpc", first.map(|(_, peer)| &peer.vpc))
                    .with("peer_cidrs", first.map(|(_, peer)| &peer.cidrs)))
            });
        });
    },
};

/// The VPC at the other end.
fn other_side<'a>(peering: &'a VpcPeering, table: &RouteTable) -> &'a PeeredVpc {
    if peering.requester.vpc == table.vpc { &peering.accepter } else { &peering.requester }
}

fn unlisted(cx: &Context<'_>, id: &str) -> NotJudged {
    let message = "a route names the peering connection, but it is not among those described";
    Gap::unreadable("ec2:DescribeVpcPeeringConnections", Some(cx.place().region), Some(id), message).into()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{PeeredVpc, Route, RouteTable, VpcPeering},
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_route(destination: &str, target: &str) -> Snapshot {
        let side = |vpc: &str, cidr: &str| PeeredVpc {
            vpc: vpc.into(),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
            cidrs: vec![cidr.into()],
        };
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.route_tables = read(vec![RouteTable {
            id: "rtb-1".into(),
            vpc: "vpc-2".into(),
            is_main: true,
            subnets: vec![],
            routes: vec![Route {
                destination: destination.into(),
                target: target.into(),
                state: "active".into(),
            }],
            tags: [].into(),
        }]);
        ec2.vpc_peerings = read(vec![VpcPeering {
            id: "pcx-1".into(),
            status: "active".into(),
            requester: side("vpc-1", "10.1.0.0/16"),
            accepter: side("vpc-2", "10.2.0.0/16"),
        }]);
        account
    }

    #[test]
    fn fails_when_the_whole_peer_is_routed() {
        let finding = fails(&CHECK, &with_route("10.1.0.0/16", "pcx-1"));
        assert_eq!(
            (&finding.evidence["peering"], &finding.evidence["peer_vpc"]),
            (&"pcx-1".into(), &"vpc-1".into())
        );
        fails(&CHECK, &with_route("10.0.0.0/8", "pcx-1"));
    }

    #[test]
    fn passes_when_a_part_is() {
        passes(&CHECK, &with_route("10.1.4.0/24", "pcx-1"));
        // Its own range is not the peer's.
        passes(&CHECK, &with_route("10.2.0.0/16", "pcx-1"));
    }

    #[test]
    fn says_nothing_of_tables_without_peering() {
        silent(&CHECK, &with_route("10.1.0.0/16", "tgw-1"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = with_route("10.1.0.0/16", "pcx-1");
        region(&mut account).ec2.vpc_peerings = denied();
        unknown(&CHECK, &account);
        unknown(&CHECK, &with_route("10.1.0.0/16", "pcx-2"));
        let mut account = empty();
        region(&mut account).ec2.route_tables = denied();
        unknown(&CHECK, &account);
    }
}

use ipnet::IpNet;

use crate::{
    analysis::network::{prefixes::subtract, ranges::Lists},
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{self, Gap, NotJudged},
    snapshot::ec2::{PeeredVpc, RouteTable, VpcPeering, op},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-peering-broad-route",
    severity: Severity::Low,
    sources: &[Source::Ec2RouteTables, Source::Ec2VpcPeerings, Source::Ec2PrefixLists],
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
                let lists = Lists::new(&region.ec2.prefix_lists, cx.place().region);
                let broad = gap::collect(routes.map(|route| {
                    let peering = peerings.iter().find(|peering| peering.id == route.target);
                    let peer = peering.map(|peering| other_side(peering, table));
                    let peer = peer.ok_or_else(|| unlisted(cx, &route.target))?;
                    let destinations = lists.of_route(route, &table.id)?;
                    // A prefix list may hold the whole in parts.
                    let whole = |cidr: &String| {
                        cidr.parse::<IpNet>().is_ok_and(|cidr| subtract(cidr, &destinations).is_empty())
                    };
                    Ok(peer.cidrs.iter().any(whole).then_some((route, peer)))
                }))?;
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
    Gap::unreadable(op::DescribeVpcPeeringConnections, Some(cx.place().region), Some(id), message).into()
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            ec2::{PeeredVpc, PrefixList, Route, RouteTable, VpcPeering},
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
            ..RouteTable::default()
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
    fn looks_into_prefix_lists() {
        let with_list = |cidrs: &[&str]| {
            let mut account = with_route("pl-1", "pcx-1");
            let cidrs = cidrs.iter().map(|cidr| (*cidr).to_owned()).collect();
            region(&mut account).ec2.prefix_lists = read(vec![PrefixList {
                id: "pl-1".into(),
                name: "peer".into(),
                owner: "111122223333".into(),
                cidrs: read(cidrs),
            }]);
            account
        };
        assert_eq!(
            fails(&CHECK, &with_list(&["10.1.0.0/17", "10.1.128.0/17"])).evidence["destinations"][0],
            "pl-1"
        );
        passes(&CHECK, &with_list(&["10.1.0.0/17", "10.1.192.0/18"]));
        let mut account = with_list(&[]);
        region(&mut account).ec2.prefix_lists = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_tables_of_other_accounts() {
        let mut account = with_route("10.1.0.0/16", "pcx-2");
        if let Collected::Value(tables) = &mut region(&mut account).ec2.route_tables {
            tables[0].owner = Some("444455556666".into());
        }
        silent(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_tables_without_peering() {
        silent(&CHECK, &with_route("10.1.0.0/16", "tgw-1"));
    }

    #[test]
    fn a_peering_that_is_not_described_is_not_fine() {
        unknown(&CHECK, &with_route("10.1.0.0/16", "pcx-2"));
    }
}

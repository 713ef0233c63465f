//! Where packets out of a subnet go.

use super::{prefixes::is_public, ranges::Lists};
use crate::{
    gap::{self, NotJudged},
    snapshot::ec2::{Route, RouteTable},
};

/// The route table that a subnet uses: its own, else the VPC's main one.
#[must_use]
pub fn table_of<'a>(tables: &'a [RouteTable], vpc: &str, subnet: &str) -> Option<&'a RouteTable> {
    let own = tables.iter().find(|table| table.subnets.iter().any(|id| id == subnet));
    own.or_else(|| tables.iter().find(|table| table.is_main && table.vpc == vpc))
}

/// Whether a subnet leads to the internet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// By this route of that table.
    Internet {
        /// The table.
        table: &'a RouteTable,
        /// A route for public addresses to an internet gateway.
        route: &'a Route,
    },
    /// It does not.
    Elsewhere,
}

/// Whether the subnet is public: some public addresses are routed to an internet gateway (VPC User Guide,
/// "Subnet types").
///
/// # Errors
/// When the destination of a route to a gateway could not be read, and no other decides.
pub fn to_internet<'a>(
    tables: &'a [RouteTable],
    lists: Lists<'_>,
    vpc: &str,
    subnet: &str,
) -> Result<Lookup<'a>, NotJudged> {
    let Some(table) = table_of(tables, vpc, subnet) else { return Ok(Lookup::Elsewhere) };
    let leading_out = table.routes.iter().filter(|it| it.target.starts_with("igw-") && it.state == "active");
    let public = gap::find(leading_out.map(|route| {
        let ranges = lists.of_route(route, &table.id)?;
        Ok(ranges.iter().any(|range| is_public(*range)).then_some(route))
    }))?;
    Ok(public.map_or(Lookup::Elsewhere, |route| Lookup::Internet { table, route }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gap::Collected,
        snapshot::ec2::PrefixList,
        testing::{denied, read},
    };

    fn table(id: &str, is_main: bool, subnets: &[&str], destination: &str, target: &str) -> RouteTable {
        let route = Route { destination: destination.into(), target: target.into(), state: "active".into() };
        RouteTable {
            id: id.into(),
            vpc: "vpc-1".into(),
            is_main,
            subnets: subnets.iter().map(|subnet| (*subnet).to_owned()).collect(),
            routes: vec![route],
            ..RouteTable::default()
        }
    }

    fn lookup<'a>(tables: &'a [RouteTable], vpc: &str, subnet: &str) -> Lookup<'a> {
        let none = read(vec![]);
        to_internet(tables, Lists::new(&none, "eu-west-1"), vpc, subnet).unwrap()
    }

    #[test]
    fn a_subnets_own_table_goes_before_the_main_one() {
        let tables = [
            table("rtb-main", true, &[], "0.0.0.0/0", "igw-1"),
            table("rtb-own", false, &["subnet-1"], "0.0.0.0/0", "nat-1"),
        ];
        assert_eq!(lookup(&tables, "vpc-1", "subnet-1"), Lookup::Elsewhere);
        assert!(matches!(lookup(&tables, "vpc-1", "subnet-2"), Lookup::Internet { .. }));
        assert_eq!(lookup(&tables, "vpc-2", "subnet-3"), Lookup::Elsewhere);
    }

    #[test]
    fn only_public_addresses_through_an_internet_gateway_count() {
        let public = |destination: &str, target: &str| {
            let tables = [table("rtb-1", true, &[], destination, target)];
            matches!(lookup(&tables, "vpc-1", "subnet-1"), Lookup::Internet { .. })
        };
        assert!(public("0.0.0.0/0", "igw-1") && public("::/0", "igw-1") && public("8.8.8.0/24", "igw-1"));
        assert!(!public("10.0.0.0/8", "igw-1") && !public("::/0", "eigw-1"));
    }

    #[test]
    fn destinations_may_be_prefix_lists() {
        let public = |lists: &Collected<Vec<PrefixList>>| {
            let tables = [table("rtb-1", true, &[], "pl-1", "igw-1")];
            let found = to_internet(&tables, Lists::new(lists, "eu-west-1"), "vpc-1", "subnet-1");
            found.map(|found| matches!(found, Lookup::Internet { .. }))
        };
        let list = |cidr: &str| {
            let cidrs = read(vec![cidr.to_owned()]);
            read(vec![PrefixList {
                id: "pl-1".into(),
                name: "list".into(),
                owner: "111122223333".into(),
                cidrs,
            }])
        };
        assert_eq!(public(&list("8.8.8.0/24")), Ok(true));
        assert_eq!(public(&list("10.0.0.0/8")), Ok(false));
        assert!(public(&denied()).is_err());
    }
}

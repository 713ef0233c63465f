//! Where packets out of a subnet go.

use super::prefixes::is_public;
use crate::snapshot::ec2::{Route, RouteTable};

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
#[must_use]
pub fn to_internet<'a>(tables: &'a [RouteTable], vpc: &str, subnet: &str) -> Lookup<'a> {
    let Some(table) = table_of(tables, vpc, subnet) else { return Lookup::Elsewhere };
    let leads_out = |route: &&Route| {
        let public = route.destination.parse().is_ok_and(is_public);
        route.target.starts_with("igw-") && route.state == "active" && public
    };
    match table.routes.iter().find(leads_out) {
        Some(route) => Lookup::Internet { table, route },
        None => Lookup::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(id: &str, is_main: bool, subnets: &[&str], destination: &str, target: &str) -> RouteTable {
        let route = Route { destination: destination.into(), target: target.into(), state: "active".into() };
        RouteTable {
            id: id.into(),
            vpc: "vpc-1".into(),
            is_main,
            subnets: subnets.iter().map(|subnet| (*subnet).to_owned()).collect(),
            routes: vec![route],
            tags: [].into(),
        }
    }

    #[test]
    fn a_subnets_own_table_goes_before_the_main_one() {
        let tables = [
            table("rtb-main", true, &[], "0.0.0.0/0", "igw-1"),
            table("rtb-own", false, &["subnet-1"], "0.0.0.0/0", "nat-1"),
        ];
        assert_eq!(to_internet(&tables, "vpc-1", "subnet-1"), Lookup::Elsewhere);
        assert!(matches!(to_internet(&tables, "vpc-1", "subnet-2"), Lookup::Internet { .. }));
        assert_eq!(to_internet(&tables, "vpc-2", "subnet-3"), Lookup::Elsewhere);
    }

    #[test]
    fn only_public_addresses_through_an_internet_gateway_count() {
        let public = |destination: &str, target: &str| {
            let tables = [table("rtb-1", true, &[], destination, target)];
            matches!(to_internet(&tables, "vpc-1", "subnet-1"), Lookup::Internet { .. })
        };
        assert!(public("0.0.0.0/0", "igw-1") && public("::/0", "igw-1") && public("8.8.8.0/24", "igw-1"));
        assert!(!public("10.0.0.0/8", "igw-1") && !public("::/0", "eigw-1") && !public("pl-1", "igw-1"));
    }
}

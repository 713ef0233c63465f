//! Databases that no path from the internet leads to, but one from what the internet reaches: by the rules of their VPC.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Builder,
    because::Because,
    graph::{Certainty, Doubt, Edge, EdgeKind, Grant, Impact, Node, NodeKind},
    note,
    stores::is_sensitive,
};
use crate::{
    analysis::network::reachability::{Network, inside::Somewhere},
    gap::Collected,
    snapshot::{
        Judged,
        ec2::{Instance, NetworkInterface},
        rds::DbInstance,
    },
};

/// A database that something reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inside<'a> {
    database: &'a DbInstance,
    port: u16,
    group: &'a str,
}

impl<'a> Builder<'_, 'a> {
    /// Which of the databases these interfaces reach.
    pub(super) fn inside(
        &mut self,
        network: &Network<'a>,
        interfaces: &[&NetworkInterface],
        databases: &'a Collected<Vec<DbInstance>>,
    ) -> Vec<Inside<'a>> {
        let mut found = Vec::new();
        if let Err(why) = databases.get() {
            note(&mut self.unread.lateral, &why);
        }
        for database in databases.known().into_iter().flatten() {
            let port = database.port.and_then(|port| u16::try_from(port).ok());
            let (Some(vpc), Some(port)) = (database.vpc.as_deref(), port) else { continue };
            let (subnets, groups) = (database.subnets.as_slice(), database.security_groups.as_slice());
            for interface in interfaces {
                match network.inside(interface, Somewhere { vpc, subnets, groups }, port) {
                    Ok(None) => {}
                    Ok(Some(group)) => {
                        found.push(Inside { database, port, group });
                        break;
                    }
                    Err(why) => note(&mut self.unread.lateral, &why),
                }
            }
        }
        found
    }

    /// The instance of that ARN, where whoever controls it gets more than its role: a database that it reaches, or a
    /// credential that its user data holds.
    pub(super) fn beside(&mut self, arn: &str) -> Option<usize> {
        if let Some(known) = self.beside.get(arn) {
            return *known;
        }
        let found = self.look_beside(arn);
        self.beside.insert(arn.to_owned(), found);
        found
    }

    fn look_beside(&mut self, arn: &str) -> Option<usize> {
        // `arn:aws:ec2:REGION:ACCOUNT:instance/ID`
        let (name, id) = (arn.split(':').nth(3)?, arn.rsplit_once(":instance/")?.1);
        let (name, region) = self.snapshot.regions.get_key_value(name)?;
        let node = Node {
            kind: NodeKind::Compute,
            id: id.to_owned(),
            arn: arn.to_owned(),
            resource_type: Instance::TYPE,
            region: Some(name.clone()),
        };
        // What was entered from outside has its edges.
        if let Some(at) = self.graph.find(NodeKind::Compute, arn)
            && self.entries.iter().any(|entry| entry.resource == at)
        {
            return Some(at);
        }
        let network = self.analyses.network(name, region);
        let interfaces: Vec<_> = network.interfaces_of(id).collect();
        let found = self.inside(&network, &interfaces, &region.rds.instances);
        if found.is_empty() && !self.holds(arn) {
            return None;
        }
        let at = self.graph.node(node);
        self.lateral(at, &found, name);
        Some(at)
    }

    /// The edges to databases that are reached.
    pub(super) fn lateral(&mut self, from: usize, found: &[Inside<'a>], region: &'a str) {
        let place = self.place(region);
        let mut by_impact: BTreeMap<Impact, Vec<(usize, &Inside<'a>)>> = BTreeMap::new();
        for inside in found {
            let database = inside.database;
            let to = self.graph.node(Node::of(NodeKind::DataStore, database, &place));
            let sensitive = is_sensitive(database, self.tuning.base());
            let impact = if sensitive { Impact::Sensitive } else { Impact::Other };
            by_impact.entry(impact).or_default().push((to, inside));
        }
        for (impact, members) in by_impact {
            let Some((to, Inside { port, group, .. })) = members.first() else { continue };
            let stores: Arc<[u32]> = members.iter().filter_map(|(at, _)| u32::try_from(*at).ok()).collect();
            let word = if impact == Impact::Sensitive { "sensitive" } else { "other" };
            self.graph.edge(Edge {
                from,
                to: *to,
                kind: EdgeKind::Reaches,
                because: Because::Inside { port: *port, security_group: (*group).to_owned() },
                certainty: Certainty::Conditional(Doubt::Password),
                findings: Vec::new(),
                grant: Some(Grant {
                    impact,
                    group: format!("{} {word}", DbInstance::TYPE),
                    stores,
                    wide: false,
                }),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        testing::{ADMIN, Account},
        tests::{NONE, paths, told},
    };
    use crate::{
        gap::Collected,
        snapshot::{Region, ec2::SecurityGroup},
        testing::{denied, read, region},
    };

    const FOUND: [&str; 1] = ["path-lateral-db"];

    fn beside(change: impl FnOnce(&mut Region)) -> Account {
        Account::new().instance(22, "none").inner_database("orders").change(|account| change(region(account)))
    }

    fn groups(change: impl FnOnce(&mut [SecurityGroup])) -> Vec<&'static str> {
        told(&beside(|region| {
            let Collected::Value(groups) = &mut region.ec2.security_groups else { panic!() };
            change(groups);
        }))
    }

    #[test]
    fn both_sides_have_to_let_packets_through() {
        assert_eq!(groups(|_| ()), FOUND);
        // Of the database: another group, another port, another protocol.
        assert_eq!(groups(|groups| groups[1].ingress[0].groups = vec!["sg-other".into()]), NONE);
        assert_eq!(groups(|groups| groups[1].ingress[0].ports = Some((3306, 3306))), NONE);
        assert_eq!(groups(|groups| groups[1].ingress[0].protocol = "udp".into()), NONE);
        assert_eq!(groups(|groups| groups[1].ingress.clear()), NONE);
        // By a range.
        let range = |cidr: &'static str| {
            groups(move |groups| {
                groups[1].ingress[0].groups.clear();
                groups[1].ingress[0].cidrs = vec![cidr.into()];
            })
        };
        assert_eq!(range("10.0.0.0/16"), FOUND);
        assert_eq!(range("10.0.0.8/29"), NONE);
        // Of the instance.
        assert_eq!(groups(|groups| groups[0].egress.clear()), NONE);
        let out = |cidr: &'static str| groups(move |groups| groups[0].egress[0].cidrs = vec![cidr.into()]);
        assert_eq!(out("10.0.1.0/25"), FOUND);
        assert_eq!(out("10.0.2.0/24"), NONE);
    }

    #[test]
    fn network_acls_and_vpcs_keep_it_away() {
        let acl = |is_kept: fn(bool) -> bool| {
            told(&beside(|region| {
                let Collected::Value(acls) = &mut region.ec2.network_acls else { panic!() };
                let mut own = acls[0].clone();
                own.id = "acl-2".into();
                own.subnets = vec!["subnet-2".into()];
                acls[0].subnets = vec!["subnet-1".into()];
                own.entries.retain(|entry| is_kept(entry.egress));
                acls.push(own);
            }))
        };
        assert_eq!(acl(|_| true), FOUND);
        assert_eq!(acl(|egress| egress), NONE, "packets do not get in");
        assert_eq!(acl(|egress| !egress), NONE, "answers do not get out");
        let elsewhere = beside(|region| {
            let Collected::Value(databases) = &mut region.rds.instances else { panic!() };
            databases[0].vpc = Some("vpc-2".into());
        });
        assert_eq!(told(&elsewhere), NONE);
    }

    #[test]
    fn only_what_should_not_be_reached_is_an_entry() {
        let on = |port| Account::new().instance(port, "none").inner_database("customers");
        assert_eq!(told(&on(22)), FOUND);
        assert_eq!(told(&on(443)), NONE);
        assert_eq!(told(&on(443).imdsv1()), NONE, "no forged request reaches a database");
        let private = beside(|region| {
            let Collected::Value(interfaces) = &mut region.ec2.network_interfaces else { panic!() };
            interfaces[0].public_ips.clear();
        });
        assert_eq!(told(&private), NONE);
        let admin = Account::new().role("web", "ec2", ADMIN).instance(22, "web").inner_database("orders");
        assert_eq!(told(&admin), ["path-internet-compute-admin"]);
    }

    #[test]
    fn what_could_not_be_read_matters_beside_what_is_reached() {
        let unread = |account: Account| paths(&account).unread("path-lateral-db").is_some();
        assert!(!unread(beside(|_| ())));
        assert!(unread(beside(|region| region.ec2.network_acls = denied())));
        assert!(unread(beside(|region| region.rds.instances = denied())));
        assert!(!unread(beside(|region| region.rds.instances = read(vec![]))));
        let nowhere = Account::new().change(|account| region(account).rds.instances = denied());
        assert!(!unread(nowhere), "nobody gets in");
    }
}

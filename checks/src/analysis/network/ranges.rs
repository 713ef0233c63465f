//! The ranges that rules and routes name, by themselves or through prefix lists: the one place that looks into
//! those.

use ipnet::IpNet;

use super::parse;
use crate::{
    gap::{Collected, Gap, NotJudged},
    snapshot::ec2::{PrefixList, Route, SecurityGroup, SecurityGroupRule, op},
};

/// Where a range is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written<'a> {
    /// In the rule itself, in these words.
    Here(&'a str),
    /// In the prefix list of that id.
    List(&'a str),
}

/// The prefix lists of one region.
#[derive(Clone, Copy, Debug)]
pub struct Lists<'a> {
    lists: &'a Collected<Vec<PrefixList>>,
    region: &'a str,
}

impl<'a> Lists<'a> {
    /// Those lists of that region.
    #[must_use]
    pub fn new(lists: &'a Collected<Vec<PrefixList>>, region: &'a str) -> Self {
        Self { lists, region }
    }

    /// The ranges that a rule of a security group names.
    pub fn of_rule(
        self,
        rule: &'a SecurityGroupRule,
        group: &'a SecurityGroup,
    ) -> impl Iterator<Item = (Written<'a>, Result<Vec<IpNet>, NotJudged>)> {
        let here = rule.cidrs.iter().map(move |cidr| {
            let range = parse(cidr, op::DescribeSecurityGroups, self.region, &group.id);
            (Written::Here(cidr), range.map(|range| vec![range]))
        });
        here.chain(rule.prefix_lists.iter().map(move |id| (Written::List(id), self.entries(id))))
    }

    /// The ranges of a route's destination.
    ///
    /// # Errors
    /// When they cannot be understood, or its prefix list could not be read.
    pub fn of_route(self, route: &Route, table: &str) -> Result<Vec<IpNet>, NotJudged> {
        if route.destination.starts_with("pl-") {
            return self.entries(&route.destination);
        }
        Ok(vec![parse(&route.destination, op::DescribeRouteTables, self.region, table)?])
    }

    /// The ranges of a prefix list. AWS's own lists hold the ranges of its services, which AWS keeps: they are never
    /// the internet, nor somebody else's network.
    fn entries(self, id: &str) -> Result<Vec<IpNet>, NotJudged> {
        let list = self.lists.get()?.iter().find(|list| list.id == id).ok_or_else(|| {
            let message = "a rule names the prefix list, but it is not among those described";
            Gap::unreadable(op::DescribeManagedPrefixLists, Some(self.region), Some(id), message)
        })?;
        if list.is_aws_owned() {
            return Ok(Vec::new());
        }
        let cidrs = list.cidrs.get()?;
        cidrs.iter().map(|cidr| parse(cidr, op::GetManagedPrefixListEntries, self.region, id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{denied, read};

    fn list(owner: &str, cidrs: Collected<Vec<String>>) -> Collected<Vec<PrefixList>> {
        read(vec![PrefixList { id: "pl-1".into(), name: "list".into(), owner: owner.into(), cidrs }])
    }

    fn destination(destination: &str, lists: &Collected<Vec<PrefixList>>) -> Option<Vec<String>> {
        let route = Route { destination: destination.into(), target: "igw-1".into(), state: "active".into() };
        let ranges = Lists::new(lists, "eu-west-1").of_route(&route, "rtb-1").ok()?;
        Some(ranges.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_prefix_list_stands_for_its_entries() {
        let own = list("111122223333", read(vec!["0.0.0.0/1".into(), "2001:db8::/32".into()]));
        assert_eq!(destination("pl-1", &own).unwrap(), ["0.0.0.0/1", "2001:db8::/32"]);
        assert_eq!(destination("10.0.0.0/8", &own).unwrap(), ["10.0.0.0/8"]);
        assert!(destination("pl-1", &list("AWS", denied())).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_no_empty_list() {
        assert_eq!(destination("pl-1", &denied()), None);
        assert_eq!(destination("pl-1", &list("111122223333", denied())), None);
        assert_eq!(destination("pl-2", &list("111122223333", read(vec![]))), None);
        assert_eq!(destination("pl-1", &list("111122223333", read(vec!["nonsense".into()]))), None);
        assert_eq!(destination("everything", &read(vec![])), None);
        // A destination that is no list needs none.
        assert!(destination("0.0.0.0/0", &denied()).is_some());
    }

    #[test]
    fn rules_name_ranges_and_lists() {
        let lists = list("111122223333", read(vec!["52.0.0.0/8".into()]));
        let rule = SecurityGroupRule {
            cidrs: vec!["10.0.0.0/8".into(), "nonsense".into()],
            prefix_lists: vec!["pl-1".into(), "pl-2".into()],
            ..SecurityGroupRule::default()
        };
        let group = SecurityGroup::default();
        let found: Vec<_> = Lists::new(&lists, "eu-west-1").of_rule(&rule, &group).collect();
        assert_eq!(found[0], (Written::Here("10.0.0.0/8"), Ok(vec!["10.0.0.0/8".parse().unwrap()])));
        assert_eq!(found[2], (Written::List("pl-1"), Ok(vec!["52.0.0.0/8".parse().unwrap()])));
        assert!(found[1].1.is_err() && found[3].1.is_err() && found.len() == 4);
    }
}

use crate::{
    analysis::network::{
        ranges::Lists,
        route::{self, Lookup},
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, NotJudged},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-subnet-group-public",
    severity: Severity::Medium,
    sources: &[Source::RdsInstances, Source::Ec2RouteTables, Source::Ec2PrefixLists],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.rds.instances, |cx, instance| {
                // Only in EC2-Classic, which is gone, was an instance in no subnet.
                let Some(vpc) = &instance.vpc else { return Err(NotJudged::NotApplicable) };
                let tables = region.ec2.route_tables.get()?;
                let lists = Lists::new(&region.ec2.prefix_lists, cx.place().region);
                let public = gap::collect(instance.subnets.iter().map(|subnet| {
                    Ok(match route::to_internet(tables, lists, vpc, subnet)? {
                        Lookup::Internet { table, route } => Some((subnet, table, route)),
                        Lookup::Elsewhere => None,
                    })
                }))?;
                let first = public.first();
                Ok(Verdict::fail_if(!public.is_empty())
                    .with("subnets", public.iter().map(|(subnet, ..)| subnet).collect::<Vec<_>>())
                    .with("route_table", first.map(|(_, table, _)| &table.id))
                    .with("internet_gateway", first.map(|(.., route)| &route.target))
                    .with("publicly_accessible", instance.publicly_accessible))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_instance, CHECK};
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{Route, RouteTable},
        },
        testing::{fails, passes, read, region},
    };

    fn with_route(subnets: &[&str], is_main: bool, target: &str, state: &str) -> Snapshot {
        let mut account = with_instance(|_| ());
        region(&mut account).ec2.route_tables = read(vec![RouteTable {
            id: "rtb-1".into(),
            vpc: "vpc-1".into(),
            is_main,
            subnets: subnets.iter().map(|subnet| (*subnet).to_owned()).collect(),
            routes: vec![Route {
                destination: "0.0.0.0/0".into(),
                target: target.into(),
                state: state.into(),
            }],
            ..RouteTable::default()
        }]);
        account
    }

    #[test]
    fn fails_when_one_subnet_leads_to_the_internet() {
        let finding = fails(&CHECK, &with_route(&["subnet-2"], false, "igw-1", "active"));
        assert_eq!(finding.evidence["subnets"], serde_json::json!(["subnet-2"]));
        assert_eq!(finding.evidence["internet_gateway"], "igw-1");
        fails(&CHECK, &with_route(&[], true, "igw-1", "active"));
    }

    #[test]
    fn passes_when_none_does() {
        passes(&CHECK, &with_route(&[], true, "nat-1", "active"));
        passes(&CHECK, &with_route(&[], true, "igw-1", "blackhole"));
        passes(&CHECK, &with_route(&["subnet-3"], false, "igw-1", "active"));
    }
}

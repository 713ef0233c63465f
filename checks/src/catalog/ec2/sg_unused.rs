use std::collections::HashSet;

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gaps, NotJudged},
    snapshot::{Region, ec2::SecurityGroup},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-unused",
    severity: Severity::Info,
    sources: &[
        Source::Ec2SecurityGroups,
        Source::Ec2NetworkInterfaces,
        Source::Ec2LaunchTemplates,
        Source::Ec2VpcEndpoints,
        Source::CodeBuildProjects,
        Source::EcsServices,
        Source::EksClusters,
        Source::ElbLoadBalancers,
        Source::Elbv2LoadBalancers,
        Source::LambdaFunctions,
        Source::OpenSearchDomains,
        Source::RdsInstances,
        Source::RdsClusters,
        Source::RedshiftClusters,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            let groups = region.ec2.security_groups.get();
            let all = groups.as_ref().map_or(&[][..], |groups| groups.as_slice());
            // Groups named by rules of other groups are in use as a sign of who may.
            let named: HashSet<&str> = all.iter().flat_map(names_others).collect();
            let users = Users::of(region);
            // A VPC's default group cannot be deleted.
            let not_default = |group: &&SecurityGroup| group.name != "default";
            cx.each(groups.map(|groups| groups.iter().filter(not_default)), |_, group| {
                let has_id = [&named, &users.groups].iter().any(|used| used.contains(group.id.as_str()));
                if has_id || users.names.contains(group.name.as_str()) {
                    return Ok(Verdict::pass());
                }
                users.unread.clone().unless(false)?;
                Ok(Verdict::fail().with("vpc", &group.vpc).with("ingress_rules", group.ingress.len()))
            });
        });
    },
};

/// What has security groups: interfaces, and what has none at times. Functions lose theirs when nobody calls them,
/// services and builds have some only while tasks and builds run, launch templates before anything is launched, database
/// clusters without an instance none at all.
#[derive(Default)]
struct Users<'a> {
    groups: HashSet<&'a str>,
    /// Launch templates for a default VPC may have names of groups.
    names: HashSet<&'a str>,
    unread: Gaps,
}

impl<'a> Users<'a> {
    fn of(region: &'a Region) -> Self {
        let (ec2, elb, rds) = (&region.ec2, &region.elb, &region.rds);
        let mut users = Self::default();
        users.add(ec2.network_interfaces.get(), |it| &it.security_groups);
        users.add(ec2.launch_templates.get(), |it| &it.security_groups);
        users.add(ec2.vpc_endpoints.get(), |it| &it.security_groups);
        users.add(region.codebuild.projects.get(), |it| &it.security_groups);
        users.add(region.ecs.services.get(), |it| &it.security_groups);
        users.add(elb.load_balancers.get(), |it| &it.security_groups);
        users.add(elb.classic_load_balancers.get(), |it| &it.security_groups);
        users.add(region.lambda.functions.get(), |it| &it.security_groups);
        users.add(region.opensearch.domains.get(), |it| &it.security_groups);
        users.add(rds.instances.get(), |it| &it.security_groups);
        users.add(rds.clusters.get(), |it| &it.security_groups);
        users.add(region.redshift.clusters.get(), |it| &it.security_groups);
        let clusters = region.eks.clusters.get().map(|clusters| clusters.iter().map(|it| it.details.get()));
        for details in clusters.into_iter().flatten() {
            users.add(details.map(std::slice::from_ref), |it| &it.security_groups);
        }
        users.add(region.eks.clusters.get(), |_| &[]);
        let templates = ec2.launch_templates.get().into_iter().flatten();
        users.names.extend(templates.flat_map(|it| &it.security_group_names).map(String::as_str));
        users
    }

    fn add<T: 'a>(
        &mut self,
        things: Result<impl IntoIterator<Item = &'a T>, NotJudged>,
        groups: impl Fn(&'a T) -> &'a [String],
    ) {
        let things = self.unread.known(things).into_iter().flatten();
        self.groups.extend(things.flat_map(groups).map(String::as_str));
    }
}

/// The other groups that a group's rules name.
fn names_others(group: &SecurityGroup) -> impl Iterator<Item = &str> {
    let rules = group.ingress.iter().chain(&group.egress);
    rules.flat_map(|rule| &rule.groups).map(String::as_str).filter(|named| *named != group.id)
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{group, interface, with_groups},
        CHECK,
    };
    use crate::{
        snapshot::{
            Snapshot, codebuild,
            ec2::{LaunchTemplate, SecurityGroupRule, VpcEndpoint},
            ecs, eks,
            elb::{ClassicLoadBalancer, LoadBalancer},
            lambda, opensearch, rds, redshift,
        },
        testing::{denied, failing, fails, passes, read, region, silent, unknown},
    };

    fn web() -> Snapshot {
        with_groups(vec![group("web", vec![])])
    }

    fn attached(mut account: Snapshot, to: &str) -> Snapshot {
        region(&mut account).ec2.network_interfaces = read(vec![interface("eni-1", to)]);
        account
    }

    #[test]
    fn fails_when_nothing_has_it() {
        fails(&CHECK, &attached(web(), "sg-other"));
        let itself = SecurityGroupRule { groups: vec!["sg-web".into()], ..SecurityGroupRule::default() };
        fails(&CHECK, &with_groups(vec![group("web", vec![itself])]));
    }

    #[test]
    fn passes_when_attached_or_named_by_another() {
        passes(&CHECK, &attached(web(), "sg-web"));
        let names_web = SecurityGroupRule { groups: vec!["sg-web".into()], ..SecurityGroupRule::default() };
        let account = with_groups(vec![group("web", vec![]), group("db", vec![names_web])]);
        assert_eq!(failing(&CHECK, &account), ["sg-db"]);
    }

    #[test]
    fn passes_when_something_without_an_interface_has_it() {
        for at in 0..12 {
            let (mut account, mut other) = (web(), web());
            for (account, id) in [(&mut account, "sg-web"), (&mut other, "sg-other")] {
                let region = region(account);
                let security_groups = vec![id.to_owned()];
                match at {
                    0 => {
                        let template = LaunchTemplate { security_groups, ..LaunchTemplate::default() };
                        region.ec2.launch_templates = read(vec![template]);
                    }
                    1 => {
                        let security_group_names = vec![id.trim_start_matches("sg-").to_owned()];
                        let template = LaunchTemplate { security_group_names, ..LaunchTemplate::default() };
                        region.ec2.launch_templates = read(vec![template]);
                    }
                    2 => {
                        let endpoint = VpcEndpoint { security_groups, ..VpcEndpoint::default() };
                        region.ec2.vpc_endpoints = read(vec![endpoint]);
                    }
                    3 => {
                        let project = codebuild::Project { security_groups, ..codebuild::Project::default() };
                        region.codebuild.projects = read(vec![project]);
                    }
                    4 => {
                        let service = ecs::Service { security_groups, ..ecs::Service::default() };
                        region.ecs.services = read(vec![service]);
                    }
                    5 => {
                        let details =
                            read(eks::ClusterDetails { security_groups, ..eks::ClusterDetails::default() });
                        region.eks.clusters =
                            read(vec![eks::Cluster { name: "c".into(), details, ..eks::Cluster::default() }]);
                    }
                    6 => {
                        let balancer = LoadBalancer { security_groups, ..LoadBalancer::default() };
                        region.elb.load_balancers = read(vec![balancer]);
                    }
                    7 => {
                        let balancer =
                            ClassicLoadBalancer { security_groups, ..ClassicLoadBalancer::default() };
                        region.elb.classic_load_balancers = read(vec![balancer]);
                    }
                    8 => {
                        let function = lambda::Function { security_groups, ..lambda::Function::default() };
                        region.lambda.functions = read(vec![function]);
                    }
                    9 => {
                        let domain = opensearch::Domain { security_groups, ..opensearch::Domain::default() };
                        region.opensearch.domains = read(vec![domain]);
                    }
                    10 => {
                        let cluster = rds::DbCluster { security_groups, ..rds::DbCluster::default() };
                        region.rds.clusters = read(vec![cluster]);
                    }
                    _ => {
                        let cluster = redshift::Cluster { security_groups, ..redshift::Cluster::default() };
                        region.redshift.clusters = read(vec![cluster]);
                    }
                }
            }
            passes(&CHECK, &account);
            fails(&CHECK, &other);
        }
    }

    #[test]
    fn says_nothing_of_the_default_group() {
        silent(&CHECK, &with_groups(vec![group("default", vec![])]));
    }

    #[test]
    fn a_cluster_that_was_not_read_may_use_it() {
        let mut account = web();
        region(&mut account).eks.clusters =
            read(vec![eks::Cluster { name: "c".into(), details: denied(), ..eks::Cluster::default() }]);
        unknown(&CHECK, &account);
        // What is in use anyway needs no more reading.
        passes(&CHECK, &attached(account, "sg-web"));
    }
}

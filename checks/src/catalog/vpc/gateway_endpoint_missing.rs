use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::ec2::Instance,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "vpc-gateway-endpoint-missing",
    severity: Severity::Info,
    sources: &[Source::Ec2Vpcs, Source::Ec2Instances, Source::Ec2VpcEndpoints],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.vpcs.get(), |_, vpc| {
                let instances = region.ec2.instances.get()?;
                let runs = |instance: &&Instance| {
                    instance.state == "running" && instance.vpc.as_deref() == Some(vpc.id.as_str())
                };
                let running = instances.iter().filter(runs).count();
                if running == 0 {
                    return Err(NotJudged::NotApplicable);
                }
                let endpoints = region.ec2.vpc_endpoints.get()?;
                let has_gateway = endpoints.iter().any(|endpoint| {
                    endpoint.vpc == vpc.id
                        && endpoint.kind == "Gateway"
                        && endpoint.service.ends_with(".s3")
                        && !endpoint.is_gone()
                });
                Ok(Verdict::fail_if(!has_gateway).with("running_instances", running))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            ec2::{Instance, Vpc, VpcEndpoint},
        },
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_endpoint(service: &str, state: &str) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.vpcs = read(vec![Vpc { id: "vpc-1".into(), ..Vpc::default() }]);
        ec2.instances = read(vec![Instance {
            id: "i-1".into(),
            state: state.into(),
            vpc: Some("vpc-1".into()),
            ..Instance::default()
        }]);
        ec2.vpc_endpoints = read(vec![VpcEndpoint {
            kind: "Gateway".into(),
            service: service.into(),
            vpc: "vpc-1".into(),
            ..VpcEndpoint::default()
        }]);
        account
    }

    #[test]
    fn fails_without_one() {
        fails(&CHECK, &with_endpoint("com.amazonaws.eu-west-1.dynamodb", "running"));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_endpoint("com.amazonaws.eu-west-1.s3", "running"));
    }

    #[test]
    fn fails_when_it_is_there_no_more() {
        let mut account = with_endpoint("com.amazonaws.eu-west-1.s3", "running");
        if let Collected::Value(endpoints) = &mut region(&mut account).ec2.vpc_endpoints {
            endpoints[0].state = "Deleted".into();
        }
        fails(&CHECK, &account);
    }

    #[test]
    fn says_nothing_of_vpcs_of_other_accounts() {
        let mut account = with_endpoint("com.amazonaws.eu-west-1.dynamodb", "running");
        if let Collected::Value(vpcs) = &mut region(&mut account).ec2.vpcs {
            vpcs[0].owner = Some("444455556666".into());
        }
        silent(&CHECK, &account);
    }

    #[test]
    fn says_nothing_where_nothing_runs() {
        silent(&CHECK, &with_endpoint("com.amazonaws.eu-west-1.dynamodb", "stopped"));
    }
}

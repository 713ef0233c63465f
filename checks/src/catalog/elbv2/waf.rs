use crate::{
    analysis::waf::protects,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::elb::LoadBalancer,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "elbv2-waf",
    severity: Severity::Medium,
    sources: &[Source::Elbv2LoadBalancers, Source::Wafv2WebAcls, Source::Wafv2Resources],
    run: |cx| {
        cx.each_region(|cx, region| {
            let balancers = region.elb.load_balancers.get();
            let public =
                |balancer: &&LoadBalancer| balancer.kind == "application" && balancer.is_internet_facing();
            cx.each(balancers.map(|all| all.iter().filter(public)), |_, balancer| {
                Ok(Verdict::fail_if(!protects(region, "APPLICATION_LOAD_BALANCER", &balancer.arn)?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{Snapshot, elb::LoadBalancer, wafv2::WebAcl},
        testing::{denied, empty, fails, passes, read, region, silent},
    };

    fn with_balancer(kind: &str, scheme: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).elb.load_balancers = read(vec![LoadBalancer {
            arn: "arn:lb".into(),
            name: "web".into(),
            kind: kind.into(),
            scheme: scheme.into(),
            ..LoadBalancer::default()
        }]);
        account
    }

    /// An account with a public load balancer, and with web ACLs that protect these.
    fn with_web_acls(protects: Vec<Collected<Vec<String>>>) -> Snapshot {
        let acls = protects.into_iter().map(|balancers| WebAcl {
            protects: read([("APPLICATION_LOAD_BALANCER".to_owned(), balancers)].into()),
            ..WebAcl::default()
        });
        let mut account = with_balancer("application", "internet-facing");
        region(&mut account).wafv2.web_acls = read(acls.collect());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_balancer("application", "internet-facing"));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_web_acls(vec![read(vec!["arn:lb".into()])]));
    }

    #[test]
    fn a_web_acl_that_protects_it_decides() {
        passes(&CHECK, &with_web_acls(vec![read(vec!["arn:lb".into()]), denied()]));
    }

    #[test]
    fn says_nothing_of_others() {
        silent(&CHECK, &with_balancer("application", "internal"));
        silent(&CHECK, &with_balancer("network", "internet-facing"));
    }
}

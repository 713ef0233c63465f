use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// Access logs that go to CloudWatch Logs, Firehose or a bucket without the load balancer's own attribute.
const VENDED: [&str; 2] = ["ALB_ACCESS_LOGS", "NLB_ACCESS_LOGS"];

pub(super) const CHECK: Check = Check {
    id: "elbv2-access-logs",
    severity: Severity::Low,
    sources: &[
        Source::Elbv2LoadBalancers,
        Source::Elbv2Attributes,
        Source::ElbLoadBalancers,
        Source::ElbAttributes,
        Source::LogsDeliveries,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            let elb = &region.elb;
            cx.each(elb.load_balancers.get(), |_, balancer| {
                // A Network Load Balancer logs TLS connections only; a Gateway Load Balancer nothing.
                let logs = balancer.kind == "application"
                    || balancer.kind == "network"
                        && balancer
                            .listeners
                            .get()?
                            .iter()
                            .any(|listener| listener.protocol.as_deref() == Some("TLS"));
                if !logs {
                    return Err(NotJudged::NotApplicable);
                }
                if *elb.access_logs.of(&balancer.arn)? {
                    return Ok(Verdict::pass());
                }
                let mut vended = region.logs.vended_logs.get()?.iter();
                let delivered =
                    vended.any(|log| log.resource == balancer.arn && VENDED.contains(&log.log_type.as_str()));
                Ok(Verdict::fail_if(!delivered))
            });
            cx.each(elb.classic_load_balancers.get(), |_, balancer| {
                Ok(Verdict::fail_if(!*elb.classic_access_logs.of(&balancer.name)?))
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
            elb::{ClassicLoadBalancer, Listener, LoadBalancer},
            logs::VendedLog,
        },
        testing::{denied, empty, fails, passes, read, region, silent},
    };

    fn with_logs(kind: &str, on: bool) -> Snapshot {
        with_listeners(kind, on, read(vec![]))
    }

    fn with_listeners(kind: &str, on: bool, listeners: Collected<Vec<Listener>>) -> Snapshot {
        let mut account = empty();
        let elb = &mut region(&mut account).elb;
        elb.load_balancers = read(vec![LoadBalancer {
            arn: "arn:lb".into(),
            name: "web".into(),
            kind: kind.into(),
            listeners,
            ..LoadBalancer::default()
        }]);
        elb.access_logs = read([("arn:lb".to_owned(), read(on))].into());
        account
    }

    fn listener(protocol: &str) -> Collected<Vec<Listener>> {
        read(vec![Listener { protocol: Some(protocol.into()), ..Listener::default() }])
    }

    fn with_vended(log_type: &str) -> Snapshot {
        let mut account = with_logs("application", false);
        region(&mut account).logs.vended_logs =
            read(vec![VendedLog { resource: "arn:lb".into(), log_type: log_type.into() }]);
        account
    }

    fn with_classic_logs(on: bool) -> Snapshot {
        let mut account = empty();
        let elb = &mut region(&mut account).elb;
        elb.classic_load_balancers =
            read(vec![ClassicLoadBalancer { name: "old".into(), ..ClassicLoadBalancer::default() }]);
        elb.classic_access_logs = read([("old".to_owned(), read(on))].into());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_logs("application", false));
        fails(&CHECK, &with_listeners("network", false, listener("TLS")));
        fails(&CHECK, &with_vended("ALB_HEALTH_CHECK_LOGS"));
        fails(&CHECK, &with_classic_logs(false));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_logs("application", true));
        passes(&CHECK, &with_listeners("network", true, listener("TLS")));
        passes(&CHECK, &with_vended("ALB_ACCESS_LOGS"));
        passes(&CHECK, &with_classic_logs(true));
    }

    #[test]
    fn says_nothing_of_what_cannot_log() {
        silent(&CHECK, &with_logs("network", false));
        silent(&CHECK, &with_listeners("network", false, listener("TCP")));
        silent(&CHECK, &with_logs("gateway", false));
    }

    #[test]
    fn with_the_attribute_on_nothing_else_is_asked() {
        let mut account = with_logs("application", true);
        region(&mut account).logs.vended_logs = denied();
        passes(&CHECK, &account);
    }
}

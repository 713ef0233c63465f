use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::elb::Listener,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "elbv2-tls-policy",
    severity: Severity::Low,
    sources: &[Source::Elbv2LoadBalancers],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.elb.load_balancers, |_, balancer| {
                let encrypted =
                    |listener: &&Listener| matches!(listener.protocol.as_deref(), Some("HTTPS" | "TLS"));
                let listeners = balancer.listeners.get()?.iter().filter(encrypted);
                let policies: Vec<_> =
                    listeners.filter_map(|listener| listener.ssl_policy.as_deref()).collect();
                if policies.is_empty() {
                    return Err(NotJudged::NotApplicable);
                }
                let old: Vec<_> = policies.into_iter().filter(|policy| !is_modern(policy)).collect();
                Ok(Verdict::fail_if(!old.is_empty()).with("ssl_policies", old))
            });
        });
    },
};

/// Whether a predefined security policy allows nothing before TLS 1.2 (Elastic Load Balancing's page on security
/// policies): its name says the lowest version.
fn is_modern(policy: &str) -> bool {
    policy.contains("TLS13-1-2")
        || policy.contains("TLS13-1-3")
        || policy.contains("TLS-1-2")
        || policy.contains("FS-1-2")
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            elb::{Listener, LoadBalancer},
        },
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_listener(scheme: &str, listener: Listener) -> Snapshot {
        let mut account = empty();
        region(&mut account).elb.load_balancers = read(vec![LoadBalancer {
            arn: "arn:lb".into(),
            name: "web".into(),
            kind: "application".into(),
            scheme: scheme.into(),
            listeners: read(vec![listener]),
            ..LoadBalancer::default()
        }]);
        account
    }

    fn with_tls(policy: &str) -> Snapshot {
        with_listener(
            "internal",
            Listener {
                protocol: Some("HTTPS".into()),
                ssl_policy: Some(policy.into()),
                ..Listener::default()
            },
        )
    }

    #[test]
    fn fails_when_old_ones_are_allowed() {
        fails(&CHECK, &with_tls("ELBSecurityPolicy-2016-08"));
        fails(&CHECK, &with_tls("ELBSecurityPolicy-TLS13-1-0-2021-06"));
        fails(&CHECK, &with_tls("ELBSecurityPolicy-FS-1-1-2019-08"));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_tls("ELBSecurityPolicy-TLS13-1-2-2021-06"));
        passes(&CHECK, &with_tls("ELBSecurityPolicy-TLS-1-2-Ext-2018-06"));
        passes(&CHECK, &with_tls("ELBSecurityPolicy-FS-1-2-Res-2020-10"));
    }

    #[test]
    fn says_nothing_without_tls() {
        silent(&CHECK, &with_listener("internal", Listener::default()));
    }
}

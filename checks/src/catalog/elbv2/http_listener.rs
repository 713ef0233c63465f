use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap,
    snapshot::elb::{ListenerRule, LoadBalancer},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "elbv2-http-listener",
    severity: Severity::Medium,
    sources: &[Source::Elbv2LoadBalancers, Source::Elbv2ListenerRules],
    run: |cx| {
        cx.each_region(|cx, region| {
            let application = |balancer: &&LoadBalancer| balancer.kind == "application";
            let balancers = region.elb.load_balancers.get();
            cx.each(balancers.map(|all| all.iter().filter(application)), |_, balancer| {
                let listeners = balancer.listeners.get()?;
                let http = listeners.iter().filter(|listener| listener.protocol.as_deref() == Some("HTTP"));
                let serving = gap::collect(http.map(|listener| {
                    let (rules, default) = ListenerRule::reached(region.elb.rules.of(&listener.arn)?);
                    let default_serves = !listener.redirects_to_https && !listener.refuses;
                    let serves = |rule: &ListenerRule| !rule.redirects_to_https && !rule.refuses;
                    let is_serving = rules.iter().any(serves) || default && default_serves;
                    Ok(is_serving.then_some(listener.port))
                }))?;
                let verdict = Verdict::fail_if(!serving.is_empty())
                    .with("ports", serving)
                    .with("scheme", &balancer.scheme);
                Ok(if balancer.is_internet_facing() { verdict } else { verdict.at(Severity::Low) })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{
            Snapshot,
            elb::{Listener, ListenerRule, LoadBalancer},
        },
        testing::{empty, fails, passes, read, region},
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
        region(&mut account).elb.rules = read([("l".to_owned(), read(vec![]))].into());
        account
    }

    fn http(redirects_to_https: bool, refuses: bool) -> Listener {
        Listener {
            arn: "l".into(),
            port: Some(80),
            protocol: Some("HTTP".into()),
            redirects_to_https,
            refuses,
            answers_itself: true,
            ..Listener::default()
        }
    }

    fn with_rule(account: Snapshot, rule: ListenerRule) -> Snapshot {
        with_rules(account, vec![rule])
    }

    fn with_rules(mut account: Snapshot, rules: Vec<ListenerRule>) -> Snapshot {
        region(&mut account).elb.rules = read([("l".to_owned(), read(rules))].into());
        account
    }

    #[test]
    fn rules_are_tried_in_their_order() {
        let redirect = ListenerRule { takes_all: true, redirects_to_https: true, ..ListenerRule::default() };
        let page = ListenerRule::default;
        let with = |listener, rules| with_rules(with_listener("internet-facing", listener), rules);
        passes(&CHECK, &with(http(false, false), vec![redirect.clone()]));
        passes(&CHECK, &with(http(true, false), vec![redirect.clone(), page()]));
        fails(&CHECK, &with(http(true, false), vec![page(), redirect.clone()]));
        let some = ListenerRule { takes_all: false, ..redirect };
        fails(&CHECK, &with(http(false, false), vec![some]));
    }

    #[test]
    fn fails_when_it_serves_http() {
        let finding = fails(&CHECK, &with_listener("internet-facing", http(false, false)));
        assert_eq!(finding.severity, Severity::Medium);
        assert_eq!(fails(&CHECK, &with_listener("internal", http(false, false))).severity, Severity::Low);
        let redirecting = with_listener("internet-facing", http(true, false));
        fails(&CHECK, &with_rule(redirecting, ListenerRule::default()));
    }

    #[test]
    fn passes_when_it_only_redirects() {
        let account = with_listener("internet-facing", http(true, false));
        let redirect = ListenerRule { redirects_to_https: true, ..ListenerRule::default() };
        passes(&CHECK, &with_rule(account, redirect));
        let https = Listener { protocol: Some("HTTPS".into()), ..Listener::default() };
        passes(&CHECK, &with_listener("internet-facing", https));
    }

    #[test]
    fn passes_when_it_only_answers_with_an_error() {
        let account = with_listener("internet-facing", http(false, true));
        let refusal = ListenerRule { refuses: true, ..ListenerRule::default() };
        passes(&CHECK, &with_rule(account, refusal));
        // A redirect to HTTP, or a page.
        let account = with_listener("internet-facing", http(false, true));
        let answer = ListenerRule { answers_itself: true, ..ListenerRule::default() };
        fails(&CHECK, &with_rule(account, answer));
    }
}

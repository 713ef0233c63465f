use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::elb::LoadBalancer,
    source::Source,
};

/// ELB.1.
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
                let mut serving = Vec::new();
                for listener in
                    listeners.iter().filter(|listener| listener.protocol.as_deref() == Some("HTTP"))
                {
                    // A rule before the redirect may still serve pages.
                    let rules_serve = || -> Result<bool, NotJudged> {
                        let rules = region.elb.rules.of(&listener.arn)?;
                        Ok(rules.iter().any(|rule| !rule.redirects_to_https && !rule.refuses))
                    };
                    if !listener.redirects_to_https && !listener.refuses || rules_serve()? {
                        serving.push(listener.port);
                    }
                }
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
        testing::{denied, empty, fails, passes, read, region, unknown},
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

    fn with_rule(mut account: Snapshot, rule: ListenerRule) -> Snapshot {
        region(&mut account).elb.rules = read([("l".to_owned(), read(vec![rule]))].into());
        account
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).elb.load_balancers = denied();
        unknown(&CHECK, &account);
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

//! AWS WAF.

mod acl_core_rules;
mod acl_count_only;
mod acl_empty;
mod acl_rate_limit;
mod acl_unused;
mod logging;

super::checks! {
    acl_core_rules
    acl_count_only
    acl_empty
    acl_rate_limit
    acl_unused
    logging
}

use crate::{
    check::Context,
    finding::Judgement,
    snapshot::wafv2::{Wafv2, WebAcl},
};

/// Judges the web ACLs for CloudFront and those of every region, each with what was read beside it.
fn each_web_acl<'a>(cx: &mut Context<'a>, judge: impl Fn(&Context<'a>, &'a Wafv2, &'a WebAcl) -> Judgement) {
    let global = &cx.snapshot.wafv2;
    cx.each(global.web_acls.get(), |cx, acl| judge(cx, global, acl));
    cx.each_region(|cx, region| {
        cx.each(region.wafv2.web_acls.get(), |cx, acl| judge(cx, &region.wafv2, acl));
    });
}

#[cfg(test)]
mod testing {
    use std::collections::BTreeMap;

    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            wafv2::{Rule, Statement, WebAcl, WebAclDetails},
        },
        testing::{empty, read, region},
    };

    /// A rule with that action.
    pub(super) fn rule(action: &str, statement: Statement) -> Rule {
        Rule { name: "rule".into(), action: Some(action.into()), group_counts: false, statement }
    }

    /// An account with a web ACL before a load balancer that allows by default and has these rules.
    pub(super) fn with_rules(rules: Vec<Rule>) -> Snapshot {
        with_acl(|acl| {
            acl.details = read(WebAclDetails { allows_by_default: true, rules, ..WebAclDetails::default() })
        })
    }

    /// An account with a web ACL that blocks by default and lets through what the statement says.
    pub(super) fn admitting(statement: Statement) -> Snapshot {
        let rules = vec![rule("Allow", statement)];
        with_acl(|acl| acl.details = read(WebAclDetails { rules, ..WebAclDetails::default() }))
    }

    /// These load balancers, as what a web ACL protects.
    pub(super) fn protects(balancers: &[&str]) -> Collected<BTreeMap<String, Collected<Vec<String>>>> {
        let arns = balancers.iter().map(|arn| (*arn).to_owned()).collect();
        read([("APPLICATION_LOAD_BALANCER".to_owned(), read(arns))].into())
    }

    /// The same web ACL without rules, changed.
    pub(super) fn with_acl(change: impl FnOnce(&mut WebAcl)) -> Snapshot {
        let mut acl = WebAcl {
            id: "1".into(),
            arn: "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/1".into(),
            name: "web".into(),
            details: read(WebAclDetails { allows_by_default: true, ..WebAclDetails::default() }),
            protects: protects(&[
                "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1",
            ]),
        };
        change(&mut acl);
        let mut account = empty();
        let office = ("office".to_owned(), read(vec!["198.51.100.0/24".to_owned()]));
        region(&mut account).wafv2.ip_sets = read([office].into());
        region(&mut account).wafv2.web_acls = read(vec![acl]);
        account
    }
}

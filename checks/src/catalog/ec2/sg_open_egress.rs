use ipnet::IpNet;

use crate::{
    analysis::network::{
        prefixes::{Prefixes, hold_the_internet},
        ranges::Lists,
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::Gaps,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-sg-open-egress",
    severity: Severity::Info,
    sources: &[Source::Ec2SecurityGroups, Source::Ec2PrefixLists],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.security_groups, |cx, group| {
                let lists = Lists::new(&region.ec2.prefix_lists, cx.place().region);
                let mut gaps = Gaps::default();
                let rules = group.egress.iter().filter(|rule| rule.protocol == "-1");
                let ranges = rules.flat_map(|rule| lists.of_rule(rule, group));
                let destinations: Vec<_> =
                    ranges.filter_map(|(_, ranges)| gaps.known(ranges)).flatten().collect();
                // Two rules for a half each are as good as one for all.
                let anywhere = hold_the_internet(&destinations);
                gaps.unless(anywhere)?;
                Ok(Verdict::fail_if(anywhere).with("destinations", widest(destinations)))
            });
        });
    },
};

/// Those that are in no other.
fn widest(ranges: Vec<IpNet>) -> Vec<IpNet> {
    ranges.into_iter().collect::<Prefixes>().iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{group, rule, with_groups},
        CHECK,
    };
    use crate::{
        snapshot::{Snapshot, ec2::SecurityGroupRule},
        testing::{denied, fails, passes, region, unknown},
    };

    fn with_egress(egress: Vec<SecurityGroupRule>) -> Snapshot {
        let mut web = group("web", vec![]);
        web.egress = egress;
        with_groups(vec![web])
    }

    #[test]
    fn fails_when_everything_may_go_anywhere() {
        assert_eq!(
            fails(&CHECK, &with_egress(vec![rule("-1", None, "0.0.0.0/0")])).evidence["destinations"][0],
            "0.0.0.0/0"
        );
        fails(&CHECK, &with_egress(vec![rule("-1", None, "::/0")]));
        let halves = vec![rule("-1", None, "0.0.0.0/1"), rule("-1", None, "128.0.0.0/1")];
        assert_eq!(
            fails(&CHECK, &with_egress(halves)).evidence["destinations"],
            serde_json::json!(["0.0.0.0/1", "128.0.0.0/1"])
        );
    }

    #[test]
    fn looks_into_prefix_lists() {
        let listed =
            || SecurityGroupRule { cidrs: vec![], prefix_lists: vec!["pl-1".into()], ..rule("-1", None, "") };
        let with_list = |cidr: &str| {
            let mut account = with_egress(vec![listed()]);
            let lists =
                super::super::testing::with_list(vec![], cidr).regions["eu-west-1"].ec2.prefix_lists.clone();
            region(&mut account).ec2.prefix_lists = lists;
            account
        };
        fails(&CHECK, &with_list("0.0.0.0/0"));
        passes(&CHECK, &with_list("52.0.0.0/8"));
        let mut account = with_egress(vec![listed()]);
        region(&mut account).ec2.prefix_lists = denied();
        unknown(&CHECK, &account);
        let mut account = with_egress(vec![listed(), rule("-1", None, "0.0.0.0/0")]);
        region(&mut account).ec2.prefix_lists = denied();
        fails(&CHECK, &account);
    }

    #[test]
    fn passes_when_ports_or_destinations_are_named() {
        passes(&CHECK, &with_egress(vec![rule("tcp", Some((443, 443)), "0.0.0.0/0")]));
        passes(&CHECK, &with_egress(vec![rule("-1", None, "10.0.0.0/8")]));
        passes(&CHECK, &with_egress(vec![rule("-1", None, "0.0.0.0/1")]));
        passes(&CHECK, &with_egress(vec![]));
    }
}

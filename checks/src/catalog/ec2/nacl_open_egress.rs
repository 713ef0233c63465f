use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ec2::{NetworkAcl, NetworkAclEntry},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-nacl-open-egress",
    severity: Severity::Info,
    sources: &[Source::Ec2NetworkAcls],
    run: |cx| {
        cx.each_region(|cx, region| {
            let in_use = |acl: &&NetworkAcl| !acl.subnets.is_empty();
            cx.each(region.ec2.network_acls.get().map(|acls| acls.iter().filter(in_use)), |_, acl| {
                let egress = || acl.entries.iter().filter(|entry| entry.egress);
                let open = egress().find(|entry| {
                    let anywhere = entry.cidr == "0.0.0.0/0" || entry.cidr == "::/0";
                    // An earlier deny for addresses of that family takes something away, so that it is not everything
                    // any more.
                    let of_family = |cidr: &str| cidr.contains(':') == entry.cidr.contains(':');
                    let takes_away = |other: &&NetworkAclEntry| {
                        !other.allow && other.number < entry.number && of_family(&other.cidr)
                    };
                    let first = egress().find(takes_away).is_none();
                    entry.allow && entry.protocol == "-1" && anywhere && first
                });
                Ok(Verdict::fail_if(open.is_some())
                    .with("rule_number", open.map(|entry| entry.number))
                    .with("cidr_block", open.map(|entry| &entry.cidr))
                    .with("is_default", acl.is_default)
                    .with("subnets", &acl.subnets))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{allow, deny, with_acl, with_changed_acl},
        CHECK,
    };
    use crate::{
        snapshot::ec2::NetworkAclEntry,
        testing::{fails, passes, silent},
    };

    fn out(entry: NetworkAclEntry) -> NetworkAclEntry {
        NetworkAclEntry { egress: true, ..entry }
    }

    #[test]
    fn fails_when_everything_may_go_anywhere() {
        let finding = fails(&CHECK, &with_acl(vec![out(allow(100, "-1", None, "0.0.0.0/0"))]));
        assert_eq!(finding.evidence["rule_number"], 100);
        fails(&CHECK, &with_acl(vec![out(allow(101, "-1", None, "::/0"))]));
    }

    #[test]
    fn passes_when_something_is_held_back() {
        passes(&CHECK, &with_acl(vec![out(allow(100, "6", Some((443, 443)), "0.0.0.0/0"))]));
        passes(&CHECK, &with_acl(vec![out(allow(100, "-1", None, "10.0.0.0/8"))]));
        passes(
            &CHECK,
            &with_acl(vec![
                out(deny(90, "6", Some((25, 25)), "0.0.0.0/0")),
                out(allow(100, "-1", None, "0.0.0.0/0")),
            ]),
        );
        // What is denied of one family leaves the other as it is.
        fails(
            &CHECK,
            &with_acl(vec![out(deny(90, "-1", None, "::/0")), out(allow(100, "-1", None, "0.0.0.0/0"))]),
        );
        passes(&CHECK, &with_acl(vec![allow(100, "-1", None, "0.0.0.0/0")]));
    }

    #[test]
    fn says_nothing_of_acls_without_subnets() {
        silent(
            &CHECK,
            &with_changed_acl(vec![out(allow(100, "-1", None, "0.0.0.0/0"))], |acl| acl.subnets.clear()),
        );
    }
}

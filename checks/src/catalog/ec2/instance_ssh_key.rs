use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    index::Index,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-instance-ssh-key",
    severity: Severity::Low,
    sources: &[Source::Ec2Instances, Source::SsmManagedNodes],
    run: |cx| {
        cx.each_region(|cx, region| {
            let nodes = Index::of(&region.ssm.managed_nodes, |node| &node.id);
            super::each_running(cx, region, |_, instance| {
                // Without a key pair there is nothing to ask; without Session Manager the key is the way in.
                if instance.key_name.is_none() {
                    return Ok(Verdict::pass());
                }
                if nodes.find(&instance.id)?.is_none() {
                    return Err(NotJudged::NotApplicable);
                }
                Ok(Verdict::fail().with("key_name", &instance.key_name))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{with_instance, with_node},
        CHECK,
    };
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_when_a_managed_node_has_a_key_pair() {
        let account = with_instance(|instance| instance.key_name = Some("ops".into()));
        assert_eq!(fails(&CHECK, &with_node(account, "i-1", "Online")).evidence["key_name"], "ops");
    }

    #[test]
    fn passes_without_a_key_pair() {
        passes(&CHECK, &with_node(with_instance(|_| ()), "i-1", "Online"));
    }

    #[test]
    fn says_nothing_where_the_key_is_the_only_way_in() {
        silent(&CHECK, &with_instance(|instance| instance.key_name = Some("ops".into())));
    }
}

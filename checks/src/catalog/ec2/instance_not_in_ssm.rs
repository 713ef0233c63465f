use crate::{
    check::Check,
    finding::{Severity, Verdict},
    index::Index,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-instance-not-in-ssm",
    severity: Severity::Medium,
    sources: &[Source::Ec2Instances, Source::SsmManagedNodes],
    run: |cx| {
        cx.each_region(|cx, region| {
            let nodes = Index::of(&region.ssm.managed_nodes, |node| &node.id);
            super::each_running(cx, region, |_, instance| {
                // Registered counts, whatever the agent's last sign of life: SSM.1 asks no more.
                let managed = nodes.find(&instance.id)?.is_some();
                Ok(Verdict::fail_if(!managed)
                    .with("instance_profile", &instance.instance_profile)
                    .with("platform", &instance.platform))
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
    fn fails_when_not_registered() {
        fails(&CHECK, &with_instance(|_| ()));
        fails(&CHECK, &with_node(with_instance(|_| ()), "i-2", "Online"));
    }

    #[test]
    fn passes_when_registered() {
        passes(&CHECK, &with_node(with_instance(|_| ()), "i-1", "Online"));
        passes(&CHECK, &with_node(with_instance(|_| ()), "i-1", "ConnectionLost"));
    }

    #[test]
    fn says_nothing_of_instances_that_do_not_run() {
        silent(&CHECK, &with_instance(|instance| instance.state = "stopped".into()));
    }
}

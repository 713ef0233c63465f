use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    index::Index,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ssm-patch-unscanned",
    severity: Severity::Medium,
    sources: &[Source::SsmManagedNodes, Source::SsmPatchStates],
    run: |cx| {
        cx.each_region(|cx, region| {
            let states = Index::of(&region.ssm.patch_states, |state| &state.node);
            cx.each(region.ssm.managed_nodes.get(), |cx, node| {
                // It is updated as a whole, by its own updater; Patch Manager has no baseline for it.
                if node.platform_name.eq_ignore_ascii_case("Bottlerocket") {
                    return Err(NotJudged::NotApplicable);
                }
                let last = states.find(&node.id)?.and_then(|state| state.ended);
                let recent = last.is_some_and(|last| cx.days_since(last) <= cx.settings.patch_scan_days);
                let verdict = Verdict::fail_if(!recent).with("last_scan", last);
                Ok(if last.is_none() { verdict.told_as("never") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            ssm::{ManagedNode, PatchState},
        },
        testing::{ago, denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_node(missing: i32, failed: i32, days: i64) -> Snapshot {
        let mut account = empty();
        let ssm = &mut region(&mut account).ssm;
        ssm.managed_nodes = read(vec![ManagedNode { id: "i-1".into(), ..ManagedNode::default() }]);
        ssm.patch_states = read(vec![PatchState {
            node: "i-1".into(),
            missing,
            failed,
            ended: Some(ago(days)),
            ..PatchState::default()
        }]);
        account
    }

    #[test]
    fn fails_when_the_scan_is_old() {
        fails(&CHECK, &with_node(0, 0, 31));
    }

    #[test]
    fn passes_when_recent() {
        passes(&CHECK, &with_node(5, 0, 30));
    }

    #[test]
    fn says_nothing_of_bottlerocket() {
        let mut account = empty();
        region(&mut account).ssm.managed_nodes = read(vec![ManagedNode {
            id: "i-1".into(),
            platform_name: "Bottlerocket".into(),
            ..ManagedNode::default()
        }]);
        silent(&CHECK, &account);
    }

    #[test]
    fn fails_when_there_was_none() {
        let mut account = with_node(0, 0, 1);
        region(&mut account).ssm.patch_states = read(vec![]);
        fails(&CHECK, &account);
        region(&mut account).ssm.patch_states = denied();
        unknown(&CHECK, &account);
    }
}

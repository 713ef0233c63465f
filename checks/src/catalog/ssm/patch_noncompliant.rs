use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    index::Index,
    snapshot::ssm::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ssm-patch-noncompliant",
    severity: Severity::High,
    sources: &[Source::SsmManagedNodes, Source::SsmPatchStates],
    run: |cx| {
        cx.each_region(|cx, region| {
            let states = Index::of(&region.ssm.patch_states, |state| &state.node);
            cx.each(region.ssm.managed_nodes.get(), |cx, node| {
                // A node that was never scanned is reported by ssm-patch-unscanned.
                let state = states.find(&node.id)?.ok_or(NotJudged::NotApplicable)?;
                let tell = |verdict: Verdict| {
                    verdict
                        .with("missing", state.missing)
                        .with("failed", state.failed)
                        .with("pending_reboot", state.pending_reboot)
                        .with("rejected", state.rejected)
                        .with("scanned", state.ended)
                };
                if state.missing > 0 || state.failed > 0 {
                    return Ok(tell(Verdict::fail()));
                }
                let (Some(pending_reboot), Some(rejected)) = (state.pending_reboot, state.rejected) else {
                    let why = "no count of patches that wait for a restart";
                    let operation = op::DescribeInstancePatchStates;
                    return Err(
                        Gap::unreadable(operation, Some(cx.place().region), Some(&node.id), why).into()
                    );
                };
                let verdict = tell(Verdict::fail_if(pending_reboot > 0 || rejected > 0));
                Ok(verdict.told_as(if pending_reboot > 0 { "reboot" } else { "rejected" }))
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
        testing::{ago, empty, fails, passes, read, region, unknown},
    };

    fn with_node(missing: i32, failed: i32, days: i64) -> Snapshot {
        let mut account = empty();
        let ssm = &mut region(&mut account).ssm;
        ssm.managed_nodes = read(vec![ManagedNode { id: "i-1".into(), ..ManagedNode::default() }]);
        ssm.patch_states = read(vec![PatchState {
            node: "i-1".into(),
            missing,
            failed,
            pending_reboot: Some(0),
            rejected: Some(0),
            ended: Some(ago(days)),
        }]);
        account
    }

    fn with_counts(pending_reboot: Option<i32>, rejected: Option<i32>) -> Snapshot {
        let mut account = with_node(0, 0, 1);
        let state = PatchState { node: "i-1".into(), pending_reboot, rejected, ..PatchState::default() };
        region(&mut account).ssm.patch_states = read(vec![state]);
        account
    }

    #[test]
    fn fails_with_missing_or_failed_ones() {
        fails(&CHECK, &with_node(1, 0, 1));
        fails(&CHECK, &with_node(0, 2, 1));
    }

    #[test]
    fn fails_while_patches_wait_for_a_restart_or_are_rejected() {
        assert_eq!(fails(&CHECK, &with_counts(Some(1), Some(0))).variant, Some("reboot"));
        assert_eq!(fails(&CHECK, &with_counts(Some(0), Some(1))).variant, Some("rejected"));
    }

    #[test]
    fn passes_when_complete() {
        passes(&CHECK, &with_node(0, 0, 400));
    }

    #[test]
    fn a_node_without_a_count_is_not_fine() {
        unknown(&CHECK, &with_counts(None, Some(0)));
    }
}

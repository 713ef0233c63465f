use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// SSM.2.
pub(super) const CHECK: Check = Check {
    id: "ssm-patch-noncompliant",
    severity: Severity::High,
    sources: &[Source::SsmManagedNodes, Source::SsmPatchStates],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ssm.managed_nodes.get(), |_, node| {
                let states = region.ssm.patch_states.get()?;
                // A node that was never scanned is told by ssm-patch-unscanned.
                let state =
                    states.iter().find(|state| state.node == node.id).ok_or(NotJudged::NotApplicable)?;
                Ok(Verdict::fail_if(state.missing > 0 || state.failed > 0)
                    .with("missing", state.missing)
                    .with("failed", state.failed)
                    .with("scanned", state.ended))
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
        testing::{ago, denied, empty, fails, passes, read, region, unknown},
    };

    fn with_node(missing: i32, failed: i32, days: i64) -> Snapshot {
        let mut account = empty();
        let ssm = &mut region(&mut account).ssm;
        ssm.managed_nodes = read(vec![ManagedNode { id: "i-1".into(), ..ManagedNode::default() }]);
        ssm.patch_states =
            read(vec![PatchState { node: "i-1".into(), missing, failed, ended: Some(ago(days)) }]);
        account
    }

    #[test]
    fn fails_with_missing_or_failed_ones() {
        fails(&CHECK, &with_node(1, 0, 1));
        fails(&CHECK, &with_node(0, 2, 1));
    }

    #[test]
    fn passes_when_complete() {
        passes(&CHECK, &with_node(0, 0, 400));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ssm.managed_nodes = denied();
        unknown(&CHECK, &account);
    }
}

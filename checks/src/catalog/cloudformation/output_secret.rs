use crate::{catalog::secrets_verdict, check::Check, finding::Severity, source::Source};

pub(super) const CHECK: Check = Check {
    id: "cloudformation-output-secret",
    severity: Severity::High,
    sources: &[Source::CloudFormationStacks],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.cloudformation.stacks, |_, stack| Ok(secrets_verdict(&stack.secrets)));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::a_secret,
        snapshot::secret::Secret,
        snapshot::{Snapshot, cloudformation::Stack},
        testing::{empty, fails, passes, read, region},
    };

    fn with_stack(secrets: Vec<Secret>) -> Snapshot {
        let mut account = empty();
        region(&mut account).cloudformation.stacks =
            read(vec![Stack { name: "app".into(), secrets, ..Stack::default() }]);
        account
    }

    #[test]
    fn fails_with_one() {
        fails(&CHECK, &with_stack(vec![a_secret("DbPassword")]));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_stack(vec![]));
    }
}

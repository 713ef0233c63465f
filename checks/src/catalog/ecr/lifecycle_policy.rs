use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-lifecycle-policy",
    severity: Severity::Info,
    sources: &[Source::EcrRepositories, Source::EcrLifecyclePolicies],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ecr.repositories, |_, repository| {
                Ok(Verdict::fail_if(!*region.ecr.lifecycle_policies.of(&repository.name)?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_repository, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read, region},
    };

    fn with_lifecycle(policy: bool) -> Snapshot {
        let mut account = with_repository(|_| ());
        region(&mut account).ecr.lifecycle_policies = read([("team/app".to_owned(), read(policy))].into());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_lifecycle(false));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_lifecycle(true));
    }
}

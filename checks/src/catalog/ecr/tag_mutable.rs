use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// ECR.2.
pub(super) const CHECK: Check = Check {
    id: "ecr-tag-mutable",
    severity: Severity::Low,
    sources: &[Source::EcrRepositories],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ecr.repositories.get(), |_, repository| {
                Ok(Verdict::fail_if(!repository.tag_mutability.starts_with("IMMUTABLE"))
                    .with("image_tag_mutability", &repository.tag_mutability))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_repository, CHECK};
    use crate::testing::{denied, empty, fails, passes, region, unknown};

    #[test]
    fn fails_when_mutable() {
        fails(&CHECK, &with_repository(|r| r.tag_mutability = "MUTABLE".into()));
        fails(&CHECK, &with_repository(|r| r.tag_mutability = "MUTABLE_WITH_EXCLUSION".into()));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_repository(|_| ()));
        passes(&CHECK, &with_repository(|r| r.tag_mutability = "IMMUTABLE_WITH_EXCLUSION".into()));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ecr.repositories = denied();
        unknown(&CHECK, &account);
    }
}

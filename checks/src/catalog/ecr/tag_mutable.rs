use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    snapshot::ecr::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-tag-mutable",
    severity: Severity::Low,
    sources: &[Source::EcrRepositories],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ecr.repositories.get(), |cx, repository| {
                let (mutability, exclusions) = (&repository.tag_mutability, &repository.tag_exclusions);
                let excluding = mutability.ends_with("_WITH_EXCLUSION");
                if excluding && exclusions.is_empty() {
                    let (region, name) = (Some(cx.place().region), Some(repository.name.as_str()));
                    let why = "exclusions without filters";
                    return Err(Gap::unreadable(op::DescribeRepositories, region, name, why).into());
                }
                // With every tag excluded, the opposite of what is set holds.
                let all = |filter: &String| filter.bytes().all(|byte| byte == b'*');
                let excludes_all = excluding && exclusions.iter().any(all);
                let immutable = mutability.starts_with("IMMUTABLE") != excludes_all;
                Ok(Verdict::fail_if(!immutable)
                    .with("image_tag_mutability", mutability)
                    .with("exclusion_filters", exclusions))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_repository, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, unknown},
    };

    fn excluding(mutability: &str, filters: &[&str]) -> Snapshot {
        with_repository(|repository| {
            repository.tag_mutability = mutability.into();
            repository.tag_exclusions = filters.iter().map(|filter| (*filter).to_owned()).collect();
        })
    }

    #[test]
    fn fails_when_mutable() {
        fails(&CHECK, &with_repository(|r| r.tag_mutability = "MUTABLE".into()));
        fails(&CHECK, &excluding("MUTABLE_WITH_EXCLUSION", &["v*"]));
        fails(&CHECK, &excluding("IMMUTABLE_WITH_EXCLUSION", &["latest", "**"]));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_repository(|_| ()));
        passes(&CHECK, &excluding("IMMUTABLE_WITH_EXCLUSION", &["latest"]));
        passes(&CHECK, &excluding("MUTABLE_WITH_EXCLUSION", &["*"]));
    }

    #[test]
    fn exclusions_that_are_not_told_are_not_fine() {
        unknown(&CHECK, &excluding("IMMUTABLE_WITH_EXCLUSION", &[]));
    }
}

use crate::{
    catalog::judge_policy,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ecr::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecr-public",
    severity: Severity::Critical,
    sources: &[Source::EcrRepositories, Source::EcrRepositoryPolicies, Source::ServiceControlPolicies],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ecr.repositories.get(), |cx, repository| {
                let Some(policy) = region.ecr.policies.of(&repository.name)? else {
                    return Ok(Verdict::pass());
                };
                let place = (op::GetRepositoryPolicy, repository.name.as_str());
                judge_policy(cx, policy, &PULL_OR_PUSH, place)
            });
        });
    },
};

/// The actions that pull, push or take over a repository.
const PULL_OR_PUSH: [&str; 6] = [
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
    "ecr:SetRepositoryPolicy",
    "ecr:BatchDeleteImage",
];

#[cfg(test)]
mod tests {
    use super::{super::testing::with_repository, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, read, region},
    };

    fn with_repository_policy(statement: Option<&str>) -> Snapshot {
        let mut account = with_repository(|_| ());
        let policy = statement.map(|more| format!(r#"{{"Statement": [{{"Effect": "Allow", {more}}}]}}"#));
        region(&mut account).ecr.policies = read([("team/app".to_owned(), read(policy))].into());
        account
    }

    #[test]
    fn fails_when_everyone_may_pull() {
        fails(&CHECK, &with_repository_policy(Some(r#""Principal": "*", "Action": "ecr:*""#)));
        fails(
            &CHECK,
            &with_repository_policy(Some(r#""Principal": {"AWS": "*"}, "Action": ["ecr:BatchGetImage"]"#)),
        );
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_repository_policy(None));
        passes(&CHECK, &with_repository_policy(Some(r#""Principal": "*", "Action": "ecr:DescribeImages""#)));
        passes(
            &CHECK,
            &with_repository_policy(Some(
                r#""Principal": "*", "Action": "ecr:*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#,
            )),
        );
    }

    #[test]
    fn fails_lower_when_only_a_pattern_limits() {
        let pattern = r#""Principal": "*", "Action": "ecr:*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/app-*"}}"#;
        let finding = fails(&CHECK, &with_repository_policy(Some(pattern)));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
    }
}

use crate::{
    catalog::judge_policy,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::efs::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "efs-public",
    severity: Severity::High,
    sources: &[Source::EfsFileSystems, Source::EfsPolicies],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.efs.file_systems.get(), |cx, system| {
                let Some(policy) = region.efs.policies.of(&system.id)? else { return Ok(Verdict::pass()) };
                let place = (op::DescribeFileSystemPolicy, system.id.as_str());
                let verdict = judge_policy(cx, policy, &CLIENT, place)?;
                Ok(verdict.with("mount_targets", system.mount_targets))
            });
        });
    },
};

/// What a client may do.
const CLIENT: [&str; 3] =
    ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"];

#[cfg(test)]
mod tests {
    use super::{super::testing::with_file_system, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, read, region, unknown},
    };

    fn with_policy(statement: Option<&str>) -> Snapshot {
        let mut account = with_file_system(|_| ());
        let policy = statement.map(|more| {
            format!(r#"{{"Statement": [{{"Effect": "Allow", "Action": "elasticfilesystem:*", {more}}}]}}"#)
        });
        region(&mut account).efs.policies = read([("fs-1".to_owned(), read(policy))].into());
        account
    }

    fn with_condition(condition: &str) -> Snapshot {
        with_policy(Some(&format!(r#""Principal": {{"AWS": "*"}}, "Condition": {{{condition}}}"#)))
    }

    #[test]
    fn fails_when_everyone_is_allowed() {
        fails(&CHECK, &with_policy(Some(r#""Principal": {"AWS": "*"}"#)));
        // Whoever does not come through a mount target is still let in.
        fails(&CHECK, &with_condition(r#""Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}"#));
        fails(
            &CHECK,
            &with_condition(r#""StringEquals": {"elasticfilesystem:AccessedViaMountTarget": "false"}"#),
        );
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_policy(None));
        passes(&CHECK, &with_policy(Some(r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#)));
        // A statement for whoever comes through a mount target has the network before it.
        passes(&CHECK, &with_condition(r#""Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}"#));
        passes(
            &CHECK,
            &with_condition(r#""StringEquals": {"elasticfilesystem:AccessedViaMountTarget": "true"}"#),
        );
    }

    #[test]
    fn fails_lower_when_only_a_pattern_limits() {
        let pattern = r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/app-*"}"#;
        let finding = fails(&CHECK, &with_condition(pattern));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
    }

    #[test]
    fn an_operator_that_is_not_understood_is_not_fine() {
        unknown(&CHECK, &with_condition(r#""StringResembles": {"aws:PrincipalOrgID": "o-a"}"#));
    }
}

use crate::{
    analysis::policy::{
        Policy,
        public::{Grant, exposure},
    },
    check::Check,
    finding::{Severity, Verdict},
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
                let operation = "elasticfilesystem:DescribeFileSystemPolicy";
                let place = (operation, cx.place().region, system.id.as_str());
                let policy = Policy::read(policy, operation, Some(place.1), place.2)?;
                let exposure = exposure(&policy, &CLIENT);
                // A statement for whoever comes through a mount target has the network before it.
                let open = |grant: &&Grant| {
                    !policy.allows().any(|statement| {
                        statement.label() == grant.statement
                            && statement
                                .conditions
                                .iter()
                                .any(|c| c.requires("elasticfilesystem:AccessedViaMountTarget").is_some())
                    })
                };
                let Some(grant) = exposure.grants.iter().find(open) else { return Ok(Verdict::pass()) };
                Ok(Verdict::fail()
                    .with("statement", &grant.statement)
                    .with("actions", &grant.actions)
                    .with("mount_targets", system.mount_targets))
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
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_policy(statement: Option<&str>) -> Snapshot {
        let mut account = with_file_system(|_| ());
        let policy = statement.map(|more| {
            format!(r#"{{"Statement": [{{"Effect": "Allow", "Action": "elasticfilesystem:*", {more}}}]}}"#)
        });
        region(&mut account).efs.policies = read([("fs-1".to_owned(), read(policy))].into());
        account
    }

    #[test]
    fn fails_when_everyone_is_allowed() {
        fails(&CHECK, &with_policy(Some(r#""Principal": {"AWS": "*"}"#)));
    }

    #[test]
    fn passes_when_not() {
        passes(&CHECK, &with_policy(None));
        passes(&CHECK, &with_policy(Some(r#""Principal": {"AWS": "arn:aws:iam::111122223333:root"}"#)));
        passes(
            &CHECK,
            &with_policy(Some(
                r#""Principal": {"AWS": "*"}, "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}"#,
            )),
        );
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).efs.file_systems = denied();
        unknown(&CHECK, &account);
    }
}

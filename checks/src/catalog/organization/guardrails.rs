use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "organization-guardrails",
    severity: Severity::Info,
    sources: &[Source::Organization, Source::OrganizationControlPolicies],
    run: |cx| {
        cx.whole("AWS::Organizations::Policy", |cx| {
            let names = cx.snapshot.organizations.control_policy_names.get()?;
            let names = names.as_ref().ok_or(NotJudged::NotApplicable)?;
            let beyond: Vec<_> = names.iter().filter(|name| *name != "FullAWSAccess").collect();
            Ok(Verdict::fail_if(beyond.is_empty()))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, silent},
    };

    fn with_policies(names: &[&str]) -> Snapshot {
        let mut account = empty();
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        account.organizations.control_policy_names = read(Some(names));
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_policies(&["FullAWSAccess"]));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_policies(&["FullAWSAccess", "deny-leaving"]));
    }

    #[test]
    fn says_nothing_of_other_accounts() {
        silent(&CHECK, &empty());
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-user-managed-policy",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        let users = cx.snapshot.iam.authorization.get().map(|authorization| &authorization.users);
        cx.each(users, |_, user| {
            Ok(Verdict::fail_if(!user.attached_policies.is_empty()).with(
                "policy_arns",
                user.attached_policies.iter().map(|policy| &policy.arn).collect::<Vec<_>>(),
            ))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{attached, user, with_authorization},
        CHECK,
    };
    use crate::testing::{empty, fails, passes, silent};

    #[test]
    fn fails_with_managed_policies() {
        let mut alice = user("alice");
        alice.attached_policies = vec![attached("arn:aws:iam::aws:policy/ReadOnlyAccess")];
        assert_eq!(fails(&CHECK, &with_authorization(|a| a.users.push(alice))).resource.id, "alice");
    }

    #[test]
    fn passes_when_permissions_come_by_group() {
        let mut alice = user("alice");
        alice.groups = vec!["developers".into()];
        passes(&CHECK, &with_authorization(|a| a.users.push(alice)));
    }

    #[test]
    fn says_nothing_without_users() {
        silent(&CHECK, &empty());
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-user-inline-policy",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        let users = cx.snapshot.iam.authorization.get().map(|authorization| &authorization.users);
        cx.each(users, |_, user| {
            Ok(Verdict::fail_if(!user.inline_policies.is_empty())
                .with("policies", user.inline_policies.iter().map(|policy| &policy.name).collect::<Vec<_>>()))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{MODEST, inline, user, with_authorization},
        CHECK,
    };
    use crate::testing::{empty, fails, passes, silent};

    #[test]
    fn fails_with_inline_policies() {
        let mut alice = user("alice");
        alice.inline_policies = vec![inline("reports", MODEST)];
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

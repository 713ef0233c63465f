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
            let policies = &user.inline_policies;
            Ok(Verdict::fail_if(!policies.is_empty())
                .with("policy_names", policies.iter().map(|policy| &policy.name).collect::<Vec<_>>())
                .with("groups", &user.groups))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{MODEST, attached, group, inline, user, with_authorization},
        CHECK,
    };
    use crate::testing::{denied, empty, failing, fails, passes, silent, unknown};

    #[test]
    fn fails_with_an_inline_policy() {
        let mut alice = user("alice");
        alice.inline_policies = vec![inline("read", MODEST), inline("write", MODEST)];
        let finding = fails(&CHECK, &with_authorization(|authorization| authorization.users = vec![alice]));
        assert_eq!(finding.resource.id, "alice");
        assert_eq!(finding.evidence["policy_names"], serde_json::json!(["read", "write"]));
    }

    #[test]
    fn judges_every_user() {
        let mut bob = user("bob");
        bob.inline_policies = vec![inline("read", MODEST)];
        let account = with_authorization(|authorization| authorization.users = vec![user("alice"), bob]);
        assert_eq!(failing(&CHECK, &account), ["bob"]);
    }

    #[test]
    fn passes_when_the_policy_is_a_groups_or_managed() {
        let mut readers = group("readers");
        readers.inline_policies = vec![inline("read", MODEST)];
        let mut alice = user("alice");
        alice.groups = vec!["readers".into()];
        alice.attached_policies = vec![attached("arn:aws:iam::aws:policy/ReadOnlyAccess")];
        passes(&CHECK, &with_authorization(|all| (all.users, all.groups) = (vec![alice], vec![readers])));
    }

    #[test]
    fn says_nothing_without_users() {
        silent(&CHECK, &empty());
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.authorization = denied();
        unknown(&CHECK, &account);
    }
}

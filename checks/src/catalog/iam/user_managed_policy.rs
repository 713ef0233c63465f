use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS 2.14 and IAM.2 know no exception, not for `IAMUserChangePassword` either.
pub(super) const CHECK: Check = Check {
    id: "iam-user-managed-policy",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        let users = cx.snapshot.iam.authorization.get().map(|authorization| &authorization.users);
        cx.each(users, |_, user| {
            let policies = &user.attached_policies;
            Ok(Verdict::fail_if(!policies.is_empty())
                .with("policy_names", policies.iter().map(|policy| &policy.name).collect::<Vec<_>>())
                .with("policy_arns", policies.iter().map(|policy| &policy.arn).collect::<Vec<_>>())
                .with("groups", &user.groups))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, attached, group, inline, user, with_authorization},
        CHECK,
    };
    use crate::testing::{denied, empty, failing, fails, passes, silent, unknown};

    const ARN: &str = "arn:aws:iam::aws:policy/IAMUserChangePassword";

    #[test]
    fn fails_with_a_policy_of_its_own() {
        let mut alice = user("alice");
        alice.attached_policies = vec![attached(ARN)];
        let account = with_authorization(|authorization| {
            authorization.users = vec![alice, user("bob")];
        });
        assert_eq!(failing(&CHECK, &account), ["alice"]);
    }

    #[test]
    fn names_the_policies() {
        let mut alice = user("alice");
        alice.attached_policies = vec![attached(ARN), attached("arn:aws:iam::111122223333:policy/team/x")];
        let finding = fails(&CHECK, &with_authorization(|authorization| authorization.users = vec![alice]));
        assert_eq!(finding.evidence["policy_names"], serde_json::json!(["IAMUserChangePassword", "x"]));
    }

    #[test]
    fn passes_when_policies_come_from_a_group_or_are_inline() {
        let mut admins = group("admins");
        admins.attached_policies = vec![attached(ARN)];
        let mut alice = user("alice");
        alice.groups = vec!["admins".into()];
        alice.inline_policies = vec![inline("own", ADMIN)];
        passes(&CHECK, &with_authorization(|all| (all.users, all.groups) = (vec![alice], vec![admins])));
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

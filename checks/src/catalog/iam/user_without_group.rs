use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-user-without-group",
    severity: Severity::Info,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        let users = cx.snapshot.iam.authorization.get().map(|authorization| &authorization.users);
        cx.each(users, |_, user| {
            let policies = user.inline_policies.len() + user.attached_policies.len();
            // Who has no permission at all needs no group.
            if user.groups.is_empty() && policies == 0 {
                return Err(NotJudged::NotApplicable);
            }
            Ok(Verdict::fail_if(user.groups.is_empty()).with("policies", policies))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{MODEST, inline, user, with_authorization},
        CHECK,
    };
    use crate::{
        snapshot::{Snapshot, iam::User},
        testing::{fails, passes, silent},
    };

    fn alice(change: impl FnOnce(&mut User)) -> Snapshot {
        let mut alice = user("alice");
        change(&mut alice);
        with_authorization(|authorization| authorization.users.push(alice))
    }

    #[test]
    fn fails_with_policies_and_no_group() {
        let finding = fails(&CHECK, &alice(|alice| alice.inline_policies = vec![inline("p", MODEST)]));
        assert_eq!(finding.evidence["policies"], 1);
    }

    #[test]
    fn passes_in_a_group() {
        passes(
            &CHECK,
            &alice(|alice| {
                alice.inline_policies = vec![inline("p", MODEST)];
                alice.groups = vec!["staff".into()];
            }),
        );
    }

    #[test]
    fn says_nothing_of_users_without_permissions() {
        silent(&CHECK, &alice(|_| ()));
    }
}

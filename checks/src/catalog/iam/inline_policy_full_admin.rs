use super::full_admin;
use crate::{check::Check, finding::Severity, snapshot::iam::HeldPolicy, source::Source};

pub(super) const CHECK: Check = Check {
    id: "iam-inline-policy-full-admin",
    severity: Severity::High,
    sources: &[Source::IamAuthorization],
    run: |cx| match cx.snapshot.iam.authorization.get() {
        Err(not_judged) => cx.whole("AWS::::Account", |_| Err(not_judged)),
        Ok(authorization) => {
            for holder in authorization.holders() {
                for policy in holder.inline_policies {
                    cx.one(&HeldPolicy { holder, policy }, |cx| {
                        Ok(full_admin(cx, &policy.document, holder.arn)?
                            .with("policy", &policy.name)
                            .with("holder", holder.name)
                            .with("holder_kind", holder.kind.name()))
                    });
                }
            }
        }
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, MODEST, group, inline, role, user, with_authorization},
        CHECK,
    };
    use crate::{
        snapshot::Snapshot,
        testing::{failing, fails, passes, silent},
    };

    fn user_with(document: &str) -> Snapshot {
        let mut alice = user("alice");
        alice.inline_policies = vec![inline("everything", document)];
        with_authorization(|authorization| authorization.users.push(alice))
    }

    #[test]
    fn fails_when_everything_is_allowed() {
        let finding = fails(&CHECK, &user_with(ADMIN));
        assert_eq!(
            (finding.resource.kind.as_str(), finding.resource.id.as_str()),
            ("AWS::IAM::UserPolicy", "alice/everything")
        );
    }

    #[test]
    fn judges_groups_and_roles_too() {
        let account = with_authorization(|authorization| {
            let mut operators = group("operators");
            operators.inline_policies = vec![inline("all", ADMIN), inline("some", MODEST)];
            let mut deploy = role("/", "deploy");
            deploy.inline_policies = vec![inline("all", ADMIN)];
            authorization.groups.push(operators);
            authorization.roles.push(deploy);
        });
        assert_eq!(failing(&CHECK, &account), ["operators/all", "deploy/all"]);
    }

    #[test]
    fn passes_when_less_is_allowed() {
        passes(&CHECK, &user_with(MODEST));
    }

    #[test]
    fn says_nothing_where_there_is_no_inline_policy() {
        silent(&CHECK, &with_authorization(|authorization| authorization.users.push(user("alice"))));
    }
}

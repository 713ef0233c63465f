use super::is_full_admin;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::iam::HolderKind,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-admin-policy-attached",
    severity: Severity::High,
    sources: &[Source::IamAuthorization],
    run: |cx| match cx.snapshot.iam.authorization.get() {
        Err(not_judged) => cx.whole("AWS::::Account", |_| Err(not_judged)),
        Ok(authorization) => {
            for holder in authorization.holders() {
                cx.one(&holder, |_| {
                    let mut admin = Vec::new();
                    // Customer-managed policies are told of by `iam-policy-full-admin`.
                    for attached in holder.attached_policies.iter().filter(|it| it.is_aws_managed()) {
                        if is_full_admin(attached, authorization)? {
                            admin.push(&attached.arn);
                        }
                    }
                    let verdict = Verdict::fail_if(!admin.is_empty())
                        .with("holder_kind", holder.kind.name())
                        .with("policy_arns", admin);
                    Ok(if made_by_aws(holder.kind, holder.arn) { verdict.at(Severity::Low) } else { verdict })
                });
            }
        }
    },
};

/// Service-linked roles, and the roles of IAM Identity Center's permission sets: they are changed through
/// the service, not in IAM.
fn made_by_aws(kind: HolderKind, arn: &str) -> bool {
    kind == HolderKind::Role
        && (arn.contains(":role/aws-service-role/") || arn.contains(":role/aws-reserved/sso.amazonaws.com/"))
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, MODEST, attached, group, managed, role, user, with_authorization},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::{
            Snapshot,
            iam::{ManagedPolicy, Role},
        },
        testing::{denied, empty, failing, fails, passes, unknown},
    };

    const ARN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    fn user_with(policy: ManagedPolicy) -> Snapshot {
        let mut alice = user("alice");
        alice.attached_policies = vec![attached(&policy.arn)];
        with_authorization(|authorization| {
            authorization.users.push(alice);
            authorization.policies.push(policy);
        })
    }

    fn with_role(mut role: Role) -> Snapshot {
        role.attached_policies = vec![attached(ARN)];
        with_authorization(|authorization| {
            authorization.roles.push(role);
            authorization.policies.push(managed(ARN, ADMIN));
        })
    }

    #[test]
    fn fails_by_document_not_by_name() {
        let finding = fails(&CHECK, &user_with(managed("arn:aws:iam::aws:policy/SomethingNew", ADMIN)));
        assert_eq!(finding.severity, Severity::High);
        passes(&CHECK, &user_with(managed("arn:aws:iam::aws:policy/AdministratorLight", MODEST)));
    }

    #[test]
    fn falls_back_to_the_name_when_the_document_is_missing() {
        let mut operators = group("operators");
        operators.attached_policies = vec![attached(ARN)];
        assert_eq!(failing(&CHECK, &with_authorization(|a| a.groups.push(operators))), ["operators"]);
    }

    #[test]
    fn roles_made_by_aws_are_told_at_low() {
        assert_eq!(fails(&CHECK, &with_role(role("/", "deploy"))).severity, Severity::High);
        for path in ["/aws-service-role/x.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/eu-west-1/"] {
            assert_eq!(
                fails(&CHECK, &with_role(role(path, "AWSReservedSSO_Admin_1"))).severity,
                Severity::Low
            );
        }
        // The name alone proves nothing: anyone can give it to a role of theirs.
        assert_eq!(fails(&CHECK, &with_role(role("/", "AWSReservedSSO_Admin_1"))).severity, Severity::High);
    }

    #[test]
    fn passes_when_a_policy_of_the_customer_is_attached() {
        passes(&CHECK, &user_with(managed("arn:aws:iam::111122223333:policy/everything", ADMIN)));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.authorization = denied();
        unknown(&CHECK, &account);
    }
}

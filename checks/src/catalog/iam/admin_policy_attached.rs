use super::is_full_admin;
use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    snapshot::iam::{Holder, HolderKind},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-admin-policy-attached",
    severity: Severity::High,
    sources: &[Source::IamAuthorization, Source::Organization, Source::ServiceControlPolicies],
    run: |cx| match cx.snapshot.iam.authorization.get() {
        Err(not_judged) => cx.whole("AWS::::Account", |_| Err(not_judged)),
        Ok(authorization) => {
            for holder in authorization.holders() {
                cx.one(&holder, |cx| {
                    let mut admin = Vec::new();
                    // Customer-managed policies are reported by `iam-policy-full-admin`.
                    for attached in holder.attached_policies.iter().filter(|it| it.is_aws_managed()) {
                        if is_full_admin(cx, attached, authorization)? {
                            admin.push(&attached.arn);
                        }
                    }
                    let attached = !admin.is_empty();
                    let verdict = Verdict::fail_if(attached)
                        .with("holder_kind", holder.kind.name())
                        .with("policy_arns", admin);
                    // The policy is attached whatever cuts it; what its holder can do must be reported as it is.
                    let verdict = match reach(cx, &holder) {
                        Reach::Full => verdict,
                        Reach::UnlessControlled => verdict.told_as("conditional"),
                        Reach::Cut => verdict.at(Severity::Medium).told_as("cut"),
                    };
                    Ok(if made_by_aws(holder.kind, holder.arn) { verdict.at(Severity::Low) } else { verdict })
                });
            }
        }
    },
};

/// How far full administration that is attached reaches.
enum Reach {
    Full,
    /// As far as service control policies that this account cannot see allow.
    UnlessControlled,
    /// A deny, permissions boundary or service control policy takes it back.
    Cut,
}

fn reach(cx: &Context<'_>, holder: &Holder<'_>) -> Reach {
    let Ok(identities) = cx.analyses.identities() else { return Reach::UnlessControlled };
    let in_group = || identities.groups.iter().find(|(group, _)| group.arn == holder.arn).map(|(_, it)| it);
    let permissions = identities.principal(holder.arn).map(|principal| &principal.permissions);
    match permissions.or_else(in_group) {
        Some(permissions) if permissions.administrator().is_none() => Reach::Cut,
        _ if identities.hidden_controls => Reach::UnlessControlled,
        _ => Reach::Full,
    }
}

/// Service-linked roles, and the roles of IAM Identity Center's permission sets: they are changed through
/// the service, not in IAM.
fn made_by_aws(kind: HolderKind, arn: &str) -> bool {
    kind == HolderKind::Role
        && (arn.contains(":role/aws-service-role/") || arn.contains(":role/aws-reserved/sso.amazonaws.com/"))
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, MODEST, attached, group, inline, managed, role, user, with_authorization},
        CHECK,
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        snapshot::{
            Snapshot,
            iam::{ManagedPolicy, Role},
            organizations::Organization,
        },
        testing::{failing, fails, passes, read},
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
    fn tells_what_is_left_of_it() {
        let told = |account: &Snapshot| {
            let finding = fails(&CHECK, account);
            (finding.severity, finding.variant)
        };
        let deploy = || role("/", "deploy");
        assert_eq!(told(&with_role(deploy())), (Severity::High, None));
        let deny = r#"{"Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}"#;
        let mut denied = deploy();
        denied.inline_policies = vec![inline("no-iam", deny)];
        assert_eq!(told(&with_role(denied)), (Severity::Medium, Some("cut")));
        let mut bounded = deploy();
        bounded.permissions_boundary = Some("arn:aws:iam::111122223333:policy/limit".into());
        let mut account = with_role(bounded);
        if let Collected::Value(authorization) = &mut account.iam.authorization {
            authorization.policies.insert(0, managed("arn:aws:iam::111122223333:policy/limit", MODEST));
        }
        assert_eq!(told(&account), (Severity::Medium, Some("cut")));
        // A member account cannot see service control policies.
        let mut member = with_role(deploy());
        member.organizations.organization =
            read(Some(Organization { id: "o-a".into(), management_account: "444455556666".into() }));
        member.organizations.service_control_policies = read(None);
        assert_eq!(told(&member), (Severity::High, Some("conditional")));
        member.organizations.service_control_policies = read(Some(vec![]));
        assert_eq!(told(&member), (Severity::High, None));
    }
}

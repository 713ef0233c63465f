use crate::{
    analysis::{
        identity::Who,
        policy::effective::{Answer, On},
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// What makes IAM principals, or changes what they may do.
const MANAGES_PRINCIPALS: [&str; 12] = [
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAssumeRolePolicy",
];

pub(super) const CHECK: Check = Check {
    id: "iam-permissions-boundary-missing",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization, Source::Organization, Source::ServiceControlPolicies],
    run: |cx| match cx.analyses.identities() {
        Err(not_judged) => cx.whole("AWS::::Account", |_| Err(not_judged)),
        Ok(identities) => {
            for principal in &identities.principals {
                let judge = |_: &_| {
                    let can = |action: &&str| {
                        !matches!(principal.permissions.can(action, On::Any, &[]), Answer::No)
                    };
                    let actions: Vec<_> = MANAGES_PRINCIPALS.into_iter().filter(can).collect();
                    // Who may change only itself manages nobody: AWS's own example policies give that to all.
                    let only_itself = principal.permissions.only_on_itself(&actions);
                    if actions.is_empty() || only_itself {
                        return match &principal.unread {
                            Some(not_judged) if principal.permissions.boundary.is_none() => {
                                Err(not_judged.clone())
                            }
                            _ => Err(NotJudged::NotApplicable),
                        };
                    }
                    Ok(Verdict::fail_if(principal.permissions.boundary.is_none())
                        .with("actions", actions)
                        .with("administrator", principal.is_administrator()))
                };
                match principal.who {
                    Who::User(user) => cx.one(user, judge),
                    Who::Role(role) if !role.is_service_linked() => cx.one(role, judge),
                    Who::Role(_) => {}
                }
            }
        }
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, MODEST, attached, inline, managed, user, with_authorization},
        CHECK,
    };
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, silent, unknown},
    };

    const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/boundary";

    fn alice(document: &str, boundary: bool) -> Snapshot {
        let mut alice = user("alice");
        alice.inline_policies = vec![inline("p", document)];
        alice.permissions_boundary = boundary.then(|| BOUNDARY.into());
        with_authorization(|authorization| {
            authorization.users.push(alice);
            authorization.policies.push(managed(BOUNDARY, ADMIN));
        })
    }

    fn allow(action: &str, resource: &str) -> String {
        format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}}}"#)
    }

    #[test]
    fn fails_when_principals_are_managed_without_a_boundary() {
        let finding = fails(&CHECK, &alice(&allow("iam:CreateRole", "*"), false));
        assert_eq!(finding.evidence["actions"], serde_json::json!(["iam:CreateRole"]));
        fails(&CHECK, &alice(ADMIN, false));
    }

    #[test]
    fn passes_with_a_boundary() {
        passes(&CHECK, &alice(&allow("iam:CreateRole", "*"), true));
    }

    #[test]
    fn says_nothing_of_those_who_manage_nobody() {
        silent(&CHECK, &alice(MODEST, false));
        silent(&CHECK, &alice(&allow("iam:Get*", "*"), false));
        silent(&CHECK, &alice(&allow("iam:*AccessKey*", "arn:aws:iam::*:user/${aws:username}"), false));
    }

    #[test]
    fn a_policy_that_is_not_listed_is_not_fine() {
        let mut alice = user("alice");
        alice.attached_policies = vec![attached("arn:aws:iam::aws:policy/Unlisted")];
        unknown(&CHECK, &with_authorization(|authorization| authorization.users.push(alice)));
    }
}

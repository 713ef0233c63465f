use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-policy-cloudshell-full-access",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization],
    run: |cx| match cx.snapshot.iam.authorization.get() {
        Err(not_judged) => cx.whole("AWS::::Account", |_| Err(not_judged)),
        Ok(authorization) => {
            for holder in authorization.holders() {
                cx.one(&holder, |_| {
                    let attached = holder.attached_policies.iter();
                    let policy = attached
                        .map(|it| &it.arn)
                        .find(|arn| arn.ends_with(":aws:policy/AWSCloudShellFullAccess"));
                    let verdict = Verdict::fail_if(policy.is_some())
                        .with("holder_kind", holder.kind.name())
                        .with("policy_arn", policy);
                    // IAM refuses to detach from these: `UnmodifiableEntity`, for AWS alone changes them.
                    Ok(if holder.arn.contains(":role/aws-reserved/sso.amazonaws.com/") {
                        verdict.told_as("identity_center")
                    } else if holder.arn.contains(":role/aws-service-role/") {
                        verdict.told_as("service_linked")
                    } else {
                        verdict
                    })
                });
            }
        }
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{attached, group, role, user, with_authorization},
        CHECK,
    };
    use crate::{
        page::Lang,
        registry,
        testing::{fails, passes},
    };

    #[test]
    fn fails_when_attached() {
        let mut everyone = group("everyone");
        everyone.attached_policies = vec![attached("arn:aws:iam::aws:policy/AWSCloudShellFullAccess")];
        let finding = fails(&CHECK, &with_authorization(|authorization| authorization.groups.push(everyone)));
        assert_eq!(finding.evidence["holder_kind"], "group");
    }

    #[test]
    fn what_iam_cannot_change_has_no_command() {
        let page = registry::find(CHECK.id).unwrap().page(Lang::En);
        for (path, name, told, detached) in [
            ("/", "AWSReservedSSO_dev", None, true),
            (
                "/aws-reserved/sso.amazonaws.com/eu-west-1/",
                "AWSReservedSSO_dev",
                Some("identity_center"),
                false,
            ),
            ("/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_dev", Some("identity_center"), false),
            ("/aws-service-role/cloudshell.amazonaws.com/", "AWSServiceRole", Some("service_linked"), false),
        ] {
            let mut role = role(path, name);
            role.attached_policies = vec![attached("arn:aws-cn:iam::aws:policy/AWSCloudShellFullAccess")];
            let finding = fails(&CHECK, &with_authorization(|authorization| authorization.roles.push(role)));
            assert_eq!(finding.variant, told, "{path}");
            let command = page.command(&finding).unwrap();
            assert_eq!(command.starts_with("aws iam detach-role-policy"), detached, "{path}: {command}");
            assert_eq!(command.is_empty(), !detached, "{path}: {command}");
        }
    }

    #[test]
    fn passes_with_another_policy() {
        let mut alice = user("alice");
        alice.attached_policies = vec![
            attached("arn:aws:iam::aws:policy/ReadOnlyAccess"),
            attached("arn:aws:iam::111122223333:policy/AWSCloudShellFullAccess"),
        ];
        passes(&CHECK, &with_authorization(|authorization| authorization.users.push(alice)));
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// CIS 2.21.
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
                    Ok(Verdict::fail_if(policy.is_some())
                        .with("holder_kind", holder.kind.name())
                        .with("policy_arn", policy))
                });
            }
        }
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{attached, group, user, with_authorization},
        CHECK,
    };
    use crate::testing::{denied, empty, fails, passes, unknown};

    #[test]
    fn fails_when_attached() {
        let mut everyone = group("everyone");
        everyone.attached_policies = vec![attached("arn:aws:iam::aws:policy/AWSCloudShellFullAccess")];
        let finding = fails(&CHECK, &with_authorization(|authorization| authorization.groups.push(everyone)));
        assert_eq!(finding.evidence["holder_kind"], "group");
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

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.authorization = denied();
        unknown(&CHECK, &account);
    }
}

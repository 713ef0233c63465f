use crate::{
    check::Check,
    finding::{Severity, Verdict},
    snapshot::iam::AttachedPolicy,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-support-role",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let iam = cx.snapshot.iam.authorization.get()?;
            let is_support = |policy: &AttachedPolicy| policy.arn.ends_with(":aws:policy/AWSSupportAccess");
            let roles = iam.roles.iter().map(|role| &role.attached_policies);
            let users = iam.users.iter().map(|user| &user.attached_policies);
            let groups = iam.groups.iter().map(|group| &group.attached_policies);
            let held = roles.chain(users).chain(groups).any(|policies| policies.iter().any(is_support));
            Ok(Verdict::fail_if(!held))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        testing::{ago, empty, fails, passes},
    };

    #[test]
    fn fails_when_nobody_holds_it() {
        fails(&CHECK, &empty());
        let mut account = empty();
        let role = serde_json::json!({
            "name": "support", "arn": "arn:aws:iam::111122223333:role/support", "path": "/",
            "created": ago(10), "assume_role_policy": "{}", "inline_policies": [], "instance_profiles": [],
            "attached_policies": [{"name": "AWSSupportAccess", "arn": "arn:aws:iam::aws:policy/AWSSupportAccess"}],
            "permissions_boundary": null, "last_used": null, "tags": {},
        });
        let Collected::Value(iam) = &mut account.iam.authorization else { unreachable!() };
        iam.roles = vec![serde_json::from_value(role).unwrap()];
        passes(&CHECK, &account);
    }
}

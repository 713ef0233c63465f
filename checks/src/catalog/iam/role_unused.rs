use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-role-unused",
    severity: Severity::Low,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        let roles = cx.snapshot.iam.authorization.get().map(|authorization| &authorization.roles);
        // AWS deletes its service-linked roles only when asked to, and they can do only what the service does.
        cx.each(roles.map(|roles| roles.iter().filter(|role| !role.is_service_linked())), |cx, role| {
            let limit = cx.settings.unused_role_days;
            // A role that was never used is as old as its creation.
            let days = cx.days_since(role.last_used.unwrap_or(role.created));
            let verdict = Verdict::fail_if(days >= limit)
                .with("last_used", role.last_used)
                .with("created", role.created)
                .with("unused_days", days)
                .with("limit_days", limit);
            Ok(if role.last_used.is_none() { verdict.told_as("never") } else { verdict })
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{role, with_authorization},
        CHECK,
    };
    use crate::{
        settings::Settings,
        snapshot::{Snapshot, iam::Role},
        testing::{ago, fails, fails_with, passes, silent},
    };

    fn with(path: &str, change: impl FnOnce(&mut Role)) -> Snapshot {
        let mut role = role(path, "app");
        change(&mut role);
        with_authorization(|authorization| authorization.roles.push(role))
    }

    #[test]
    fn fails_when_unused_for_long() {
        let finding = fails(&CHECK, &with("/", |role| role.last_used = Some(ago(90))));
        assert_eq!(finding.evidence["unused_days"], 90);
        let finding = fails(&CHECK, &with("/", |role| role.created = ago(91)));
        assert_eq!(finding.variant, Some("never"));
        let settings = Settings { unused_role_days: 30, ..Settings::default() };
        fails_with(&settings, &CHECK, &with("/", |role| role.last_used = Some(ago(30))));
    }

    #[test]
    fn passes_when_used_or_new() {
        passes(&CHECK, &with("/", |role| role.last_used = Some(ago(89))));
        passes(&CHECK, &with("/", |role| role.created = ago(89)));
    }

    #[test]
    fn says_nothing_of_service_linked_roles() {
        silent(&CHECK, &with("/aws-service-role/support.amazonaws.com/", |_| ()));
    }
}

use super::each_active_key;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-access-key-rotation",
    severity: Severity::Medium,
    sources: &[Source::IamAccessKeys],
    run: |cx| {
        each_active_key(cx, |cx, key, _| {
            let age = cx.days_since(key.created);
            let limit = cx.settings.max_key_age_days;
            Ok(Verdict::fail_if(age > limit)
                .with("user", &key.user)
                .with("created", key.created)
                .with("age_days", age)
                .with("limit_days", limit))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::{
        settings::Settings,
        testing::{ago, fails, fails_with, passes, silent},
    };

    #[test]
    fn fails_when_older_than_the_limit() {
        let finding = fails(&CHECK, &with_key(ago(91), |_, _| ()));
        assert_eq!(finding.resource.id, "AKIAEXAMPLE1");
        assert_eq!(finding.evidence["age_days"], 91);
    }

    #[test]
    fn passes_at_the_limit() {
        passes(&CHECK, &with_key(ago(90), |_, _| ()));
    }

    #[test]
    fn takes_the_limit_from_the_settings() {
        let settings = Settings { max_key_age_days: 30, ..Settings::default() };
        fails_with(&settings, &CHECK, &with_key(ago(31), |_, _| ()));
    }

    #[test]
    fn says_nothing_of_inactive_keys() {
        silent(&CHECK, &with_key(ago(900), |key, _| key.active = false));
    }
}

use super::root;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-root-recent-use",
    severity: Severity::High,
    sources: &[Source::IamCredentialReport],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let (row, report) = root(cx.snapshot)?;
            let keys = row.access_keys.iter().filter_map(|key| Some((key.last_used?, "access key")));
            let password = row.password_last_used.map(|used| (used, "password"));
            // Never used, or not since AWS began to keep record in 2014.
            let Some((last_used, credential)) = keys.chain(password).max() else {
                return Ok(Verdict::pass());
            };
            let days = cx.days_since(last_used);
            let limit = cx.settings.root_use_days;
            Ok(Verdict::fail_if(days <= limit)
                .with("credential", credential)
                .with("last_used", last_used)
                .with("days_since_use", days)
                .with("limit_days", limit)
                .with("generated_at", report.generated_at))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{report, with_root},
        CHECK,
    };
    use crate::{
        gap::GapKind,
        settings::Settings,
        testing::{ago, denied, empty, fails, fails_with, passes, unknown},
    };

    #[test]
    fn fails_when_the_password_was_used_within_the_limit() {
        let finding = fails(&CHECK, &with_root(|row| row.password_last_used = Some(ago(30))));
        assert_eq!(finding.evidence["credential"], "password");
        assert_eq!(finding.evidence["days_since_use"], 30);
        passes(&CHECK, &with_root(|row| row.password_last_used = Some(ago(31))));
    }

    #[test]
    fn fails_when_a_key_was_used_within_the_limit() {
        let account = with_root(|row| {
            row.password_last_used = Some(ago(300));
            // Deleting or deactivating the key does not undo its use.
            row.access_keys[1].last_used = Some(ago(2));
        });
        let finding = fails(&CHECK, &account);
        assert_eq!(finding.evidence["credential"], "access key");
        assert_eq!(finding.evidence["days_since_use"], 2);
    }

    #[test]
    fn takes_the_limit_from_the_settings() {
        let settings = Settings { root_use_days: 365, ..Settings::default() };
        fails_with(&settings, &CHECK, &with_root(|row| row.password_last_used = Some(ago(300))));
    }

    #[test]
    fn passes_when_never_used() {
        passes(&CHECK, &empty());
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.credential_report = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn unknown_when_the_report_lacks_root() {
        let mut account = empty();
        report(&mut account).root = None;
        let gap = unknown(&CHECK, &account).gap.unwrap();
        assert_eq!(
            (gap.operation.as_str(), gap.kind),
            ("iam:GetCredentialReport", GapKind::UnreadableAnswer)
        );
    }
}

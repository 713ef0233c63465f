use super::{generated, root};
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
            let root = root(cx)?;
            let keys = root.access_keys.iter().filter_map(|key| key.last_used);
            let last_used = keys.chain(root.password_last_used).max();
            let limit = cx.settings.root_use_days;
            let days = last_used.map(|last_used| cx.days_since(last_used));
            Ok(Verdict::fail_if(days.is_some_and(|days| days <= limit))
                .with("last_used", last_used)
                .with("days_ago", days)
                .with("limit_days", limit)
                .with("report_generated", generated(cx)?))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{Snapshot, iam::Credentials},
        testing::{ago, empty, fails, passes, unknown},
    };

    fn with_root(change: impl FnOnce(&mut Option<Credentials>)) -> Snapshot {
        let mut account = empty();
        if let Collected::Value(report) = &mut account.iam.credential_report {
            change(&mut report.root);
        }
        account
    }

    fn used(days_ago: i64) -> Snapshot {
        with_root(|root| root.as_mut().unwrap().password_last_used = Some(ago(days_ago)))
    }

    #[test]
    fn fails_when_the_password_was_used() {
        assert_eq!(fails(&CHECK, &used(30)).evidence["days_ago"], 30);
    }

    #[test]
    fn fails_when_a_key_was_used() {
        fails(&CHECK, &with_root(|root| root.as_mut().unwrap().access_keys[1].last_used = Some(ago(1))));
    }

    #[test]
    fn passes_when_used_long_ago_or_never() {
        passes(&CHECK, &used(31));
        passes(&CHECK, &empty());
    }

    #[test]
    fn a_report_without_root_is_not_fine() {
        unknown(&CHECK, &with_root(|root| *root = None));
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-access-key-multiple",
    severity: Severity::Low,
    sources: &[Source::IamAccessKeys, Source::IamCredentialReport],
    run: |cx| {
        cx.each(cx.snapshot.iam.access_keys.get(), |cx, user| match user.keys.get() {
            Ok(keys) => {
                let active: Vec<_> = keys.iter().filter(|key| key.active).collect();
                Ok(Verdict::fail_if(active.len() > 1)
                    .with("access_key_ids", active.iter().map(|key| &key.id).collect::<Vec<_>>())
                    .with("created", active.iter().map(|key| key.created).collect::<Vec<_>>()))
            }
            // Without ids, the report knows of the two keys, too.
            Err(not_judged) => match cx.snapshot.iam.credential_report.get() {
                Ok(report) if report.users.get(&user.user).is_some_and(|row| row.has_two_active_keys()) => {
                    Ok(Verdict::fail().told_as("reported").with("generated_at", report.generated_at))
                }
                _ => Err(not_judged),
            },
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{report, with_key},
        CHECK,
    };
    use crate::{
        gap::Collected,
        snapshot::Snapshot,
        testing::{ago, denied, empty, fails, passes, unknown},
    };

    fn with_two_keys(second_active: bool) -> Snapshot {
        let mut account = with_key(ago(90), |_, _| ());
        let Collected::Value(users) = &mut account.iam.access_keys else { panic!("no keys") };
        let Collected::Value(keys) = &mut users[0].keys else { panic!("no keys") };
        let mut second = keys[0].clone();
        (second.id, second.active, second.created) = ("AKIAEXAMPLE2".into(), second_active, ago(10));
        keys.push(second);
        account
    }

    fn with_unlisted_keys(reported_active: bool) -> Snapshot {
        let mut account = with_two_keys(true);
        report(&mut account).users.get_mut("alice").unwrap().access_keys[1].active = reported_active;
        let Collected::Value(users) = &mut account.iam.access_keys else { panic!("no keys") };
        users[0].keys = denied();
        account
    }

    #[test]
    fn fails_with_two_active_keys() {
        let finding = fails(&CHECK, &with_two_keys(true));
        assert_eq!(finding.resource.id, "alice");
        assert_eq!(finding.evidence["access_key_ids"], serde_json::json!(["AKIAEXAMPLE1", "AKIAEXAMPLE2"]));
    }

    #[test]
    fn passes_when_only_one_is_active() {
        passes(&CHECK, &with_two_keys(false));
        passes(&CHECK, &with_key(ago(90), |_, _| ()));
    }

    #[test]
    fn the_report_is_proof_enough() {
        assert_eq!(fails(&CHECK, &with_unlisted_keys(true)).variant, Some("reported"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.access_keys = denied();
        unknown(&CHECK, &account);
        unknown(&CHECK, &with_unlisted_keys(false));
    }
}

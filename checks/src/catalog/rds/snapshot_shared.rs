use crate::{
    check::{Check, Trust},
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-snapshot-shared",
    severity: Severity::Low,
    sources: &[
        Source::RdsClusterSnapshots,
        Source::RdsSnapshots,
        Source::Organization,
        Source::OrganizationAccounts,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_snapshot(cx, region, |cx, snapshot| {
                // Everyone (`all`) is reported by `rds-snapshot-public`.
                let with = snapshot.restorable_by.get()?.iter().filter(|account| *account != "all");
                let (mut outside, mut certain) = (Vec::new(), true);
                for account in with {
                    match cx.trust(account)? {
                        Trust::Trusted => continue,
                        Trust::Stranger => {}
                        Trust::Undisclosed => certain = false,
                    }
                    outside.push(account);
                }
                let verdict = Verdict::fail_if(!outside.is_empty())
                    .with("accounts", outside)
                    .with("source", &snapshot.source);
                Ok(if certain { verdict } else { verdict.told_as("member") })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::snapshot, CHECK};
    use crate::{
        settings::Settings,
        snapshot::Snapshot,
        testing::{empty, fails, fails_with, needs_to_know_members, passes, read, region},
    };

    const ARN: &str = "arn:aws:rds:eu-west-1:111122223333:snapshot:orders-1";

    fn shared_with(accounts: &[&str]) -> Snapshot {
        let mut account = empty();
        region(&mut account).rds.snapshots = read(vec![snapshot(ARN, accounts)]);
        account
    }

    #[test]
    fn fails_when_shared_with_another_account() {
        let finding = fails(&CHECK, &shared_with(&["444455556666", "111122223333"]));
        assert_eq!(finding.evidence["accounts"], serde_json::json!(["444455556666"]));
        let settings = Settings { trusted_accounts: vec!["777788889999".into()], ..Settings::default() };
        fails_with(&settings, &CHECK, &shared_with(&["444455556666"]));
    }

    #[test]
    fn passes_when_shared_within_the_organization_or_with_nobody() {
        let mut account = shared_with(&["444455556666"]);
        account.organizations.accounts = read(Some(vec!["444455556666".into()]));
        passes(&CHECK, &account);
        passes(&CHECK, &shared_with(&[]));
        passes(&CHECK, &shared_with(&["all"]));
    }

    #[test]
    fn whether_an_account_is_of_the_organization_may_not_be_told() {
        needs_to_know_members(&CHECK, shared_with(&["444455556666"]));
        assert_eq!(fails(&CHECK, &shared_with(&["444455556666"])).variant, None);
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-access-key-multiple",
    severity: Severity::Low,
    sources: &[Source::IamAccessKeys],
    run: |cx| {
        cx.each(cx.snapshot.iam.access_keys.get(), |_, user| {
            let keys = user.keys.get()?;
            let active: Vec<_> = keys.iter().filter(|key| key.active).map(|key| &key.id).collect();
            Ok(Verdict::fail_if(active.len() > 1).with("key_ids", active))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_key, CHECK};
    use crate::{
        gap::Collected,
        snapshot::{Snapshot, iam::AccessKey},
        testing::{ago, fails, passes},
    };

    fn with_second(active: bool) -> Snapshot {
        let mut account = with_key(ago(10), |_, _| ());
        if let Collected::Value(users) = &mut account.iam.access_keys
            && let Collected::Value(keys) = &mut users[0].keys
        {
            let second = AccessKey { id: "AKIAEXAMPLE2".into(), active, ..keys[0].clone() };
            keys.push(second);
        }
        account
    }

    #[test]
    fn fails_with_two_active_keys() {
        let finding = fails(&CHECK, &with_second(true));
        assert_eq!(finding.evidence["key_ids"], serde_json::json!(["AKIAEXAMPLE1", "AKIAEXAMPLE2"]));
    }

    #[test]
    fn passes_when_the_second_is_inactive() {
        passes(&CHECK, &with_second(false));
    }
}

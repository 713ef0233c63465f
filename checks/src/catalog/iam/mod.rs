//! Identity and Access Management.

mod access_key_rotation;

super::checks! {
    access_key_rotation
}

use crate::{
    check::Context,
    finding::Judgement,
    snapshot::{Judged, iam::AccessKey},
};

/// Judges each active access key. Keys that could not be listed are one unknown finding about their user.
fn each_active_key<'a>(cx: &mut Context<'a>, judge: impl Fn(&Context<'a>, &'a AccessKey) -> Judgement) {
    match cx.snapshot.iam.access_keys.get() {
        Err(not_judged) => cx.whole(<AccessKey as Judged>::TYPE, |_| Err(not_judged)),
        Ok(users) => {
            for user in users {
                match user.keys.get() {
                    Err(not_judged) => cx.one(user, |_| Err(not_judged)),
                    Ok(keys) => cx.each(Ok(keys.iter().filter(|key| key.active)), &judge),
                }
            }
        }
    }
}

#[cfg(test)]
mod testing {
    use jiff::Timestamp;

    use crate::{
        snapshot::{
            Snapshot,
            iam::{AccessKey, ReportedKey, UserAccessKeys},
        },
        testing::{credentials, empty, read},
    };

    /// An account whose user `alice` has one active key, made then, changed by the function.
    pub(super) fn with_key(
        created: Timestamp,
        change: impl FnOnce(&mut AccessKey, &mut ReportedKey),
    ) -> Snapshot {
        let (user, user_arn) = ("alice".to_owned(), "arn:aws:iam::111122223333:user/alice".to_owned());
        let mut key = AccessKey {
            id: "AKIAEXAMPLE1".into(),
            user: user.clone(),
            user_arn: user_arn.clone(),
            active: true,
            created,
        };
        let mut reported = ReportedKey { active: true, last_rotated: Some(created), last_used: None };
        change(&mut key, &mut reported);
        let mut row = credentials(&user_arn);
        row.access_keys[0] = reported;
        let mut account = empty();
        if let crate::gap::Collected::Value(report) = &mut account.iam.credential_report {
            report.users.insert(user.clone(), row);
        }
        account.iam.access_keys = read(vec![UserAccessKeys { user, user_arn, keys: read(vec![key]) }]);
        account
    }
}

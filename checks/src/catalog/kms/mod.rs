//! Key Management Service.

mod key_pending_deletion;
mod key_public;
mod key_rotation;

super::checks! {
    key_pending_deletion
    key_public
    key_rotation
}

use crate::{
    check::Context,
    finding::Judgement,
    gap::NotJudged,
    snapshot::{Region, kms::Key},
};

/// Judges the keys that the customer manages.
fn each_own_key<'a>(
    cx: &mut Context<'a>,
    region: &'a Region,
    judge: impl Fn(&Context<'a>, &'a Key) -> Judgement,
) {
    cx.each(region.kms.keys.get(), |cx, key| {
        if key.details.get()?.is_customer_managed { judge(cx, key) } else { Err(NotJudged::NotApplicable) }
    });
}

/// How messages name a key: its id, with its aliases if it has any.
fn named(key: &Key) -> String {
    if key.aliases.is_empty() { key.id.clone() } else { format!("{} ({})", key.id, key.aliases.join(", ")) }
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            kms::{Key, KeyDetails},
        },
        testing::{empty, read, region},
    };

    /// An account with a symmetric key of the customer's, changed.
    pub(super) fn with_key(change: impl FnOnce(&mut KeyDetails)) -> Snapshot {
        let mut details = KeyDetails {
            is_customer_managed: true,
            state: "Enabled".into(),
            spec: "SYMMETRIC_DEFAULT".into(),
            usage: "ENCRYPT_DECRYPT".into(),
            origin: "AWS_KMS".into(),
            ..KeyDetails::default()
        };
        change(&mut details);
        let mut account = empty();
        region(&mut account).kms.keys = read(vec![Key {
            id: "k1".into(),
            arn: "arn:aws:kms:eu-west-1:111122223333:key/k1".into(),
            details: read(details),
            ..Key::default()
        }]);
        account
    }
}

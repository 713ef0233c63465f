//! Many accounts: whoever assumes a role in one is answered as in the one that is described, under the other's number.

use hyper::HeaderMap;
use hyper::body::Bytes;

use super::account::ACCOUNT;
use super::limits::Limit;
use crate::proxy::answers::Answer;
use crate::proxy::identify::{Request, key};

/// Accounts of an organization that do not answer as the others do, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// This one answers [`THROTTLED_PER_SECOND`] requests a second, of all together.
    pub throttled: Option<String>,
    /// These answer nothing.
    pub hanging: Vec<String>,
}

/// What a throttled account answers in a second.
pub const THROTTLED_PER_SECOND: f64 = 2.0;

/// The limit of a throttled account.
pub(super) const THROTTLED: Limit = Limit {
    sdk: "",
    operation: "",
    group: "",
    burst: THROTTLED_PER_SECOND,
    per_second: THROTTLED_PER_SECOND,
    spare: false,
};

/// The first characters of the access keys that are given out; the account's number follows.
const KEYS: &str = "ASIA0000";

/// The account in whose role a request was signed.
pub(super) fn of(headers: &HeaderMap) -> Option<String> {
    key(headers).strip_prefix(KEYS).filter(|account| account.len() == ACCOUNT.len()).map(str::to_owned)
}

/// The answer to `AssumeRole`: credentials of the role's account, for an hour.
pub(super) fn assumed(request: &Request, now: jiff::Timestamp) -> Option<Answer> {
    let role = request.parameters.get("RoleArn")?;
    // arn:aws:iam::ACCOUNT:role/NAME
    let (account, name) = (role.split(':').nth(4)?, role.rsplit('/').next()?);
    let expires = now.checked_add(jiff::SignedDuration::from_hours(1)).ok()?;
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>{KEYS}{account}</AccessKeyId><SecretAccessKey>none</SecretAccessKey>\
         <SessionToken>{account}</SessionToken><Expiration>{expires:.0}</Expiration></Credentials><AssumedRoleUser>\
         <AssumedRoleId>AROA4QWERTY000000000:bench</AssumedRoleId>\
         <Arn>arn:aws:sts::{account}:assumed-role/{name}/bench</Arn></AssumedRoleUser></AssumeRoleResult>\
         </AssumeRoleResponse>"
    );
    Some(Answer::new(200, "text/xml", body))
}

/// The answer under the number of another account, which has as many digits.
pub(super) fn renumbered(body: &Bytes, account: &str) -> Bytes {
    let mut body = body.to_vec();
    let (from, to) = (ACCOUNT.as_bytes(), account.as_bytes());
    let mut at = 0;
    while let Some(found) = memchr::memmem::find(&body[at..], from) {
        at += found;
        body[at..at + to.len()].copy_from_slice(to);
    }
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_of_the_account_that_asked() {
        let answer = Bytes::from(format!("arn:aws:iam::{ACCOUNT}:role/a, {ACCOUNT}"));
        assert_eq!(renumbered(&answer, "000000000007"), "arn:aws:iam::000000000007:role/a, 000000000007");
    }
}

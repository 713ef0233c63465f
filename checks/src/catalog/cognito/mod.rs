//! Amazon Cognito.

mod guest_access;
mod password_policy;
mod threat_protection;
mod user_pool_mfa;
mod waf;

super::checks! {
    guest_access
    password_policy
    threat_protection
    user_pool_mfa
    waf
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            cognito::{PasswordPolicy, UserPool, UserPoolSettings},
        },
        testing::{empty, read, region},
    };

    /// An account with a user pool, whose settings are changed.
    pub(super) fn with_user_pool(change: impl FnOnce(&mut UserPoolSettings)) -> Snapshot {
        let mut settings = UserPoolSettings {
            mfa: "ON".into(),
            threat_protection: "ENFORCED".into(),
            password_policy: Some(PasswordPolicy {
                minimum_length: 12,
                require_uppercase: true,
                require_lowercase: true,
                require_numbers: true,
                require_symbols: true,
            }),
            ..UserPoolSettings::default()
        };
        change(&mut settings);
        let settings = read(settings);
        let mut account = empty();
        region(&mut account).cognito.user_pools =
            read(vec![UserPool { id: "eu-west-1_Abc".into(), name: "customers".into(), settings }]);
        account
    }
}

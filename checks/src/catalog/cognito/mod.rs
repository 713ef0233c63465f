//! Amazon Cognito.

mod user_pool_mfa;

super::checks! {
    user_pool_mfa
}

//! CodeBuild.

mod env_secret;

super::checks! {
    env_secret
}

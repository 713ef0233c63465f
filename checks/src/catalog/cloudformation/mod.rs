//! CloudFormation.

mod output_secret;

super::checks! {
    output_secret
}

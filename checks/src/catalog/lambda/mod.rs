//! AWS Lambda.

mod env_secret;
mod log_group;
mod public;
mod runtime_deprecated;

super::checks! {
    env_secret
    log_group
    public
    runtime_deprecated
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, lambda::Function},
        testing::{empty, read, region},
    };

    /// An account with a function without credentials in its variables, changed.
    pub(super) fn with_function(change: impl FnOnce(&mut Function)) -> Snapshot {
        let mut function = Function {
            name: "api".into(),
            arn: "arn:aws:lambda:eu-west-1:111122223333:function:api".into(),
            role: "arn:aws:iam::111122223333:role/api".into(),
            runtime: Some("python3.13".into()),
            secrets: read(vec![]),
            ..Function::default()
        };
        change(&mut function);
        let mut account = empty();
        region(&mut account).lambda.functions = read(vec![function]);
        account
    }
}

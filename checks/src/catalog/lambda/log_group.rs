use crate::{
    analysis::policy::effective::On,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "lambda-log-group",
    severity: Severity::Low,
    sources: &[Source::LambdaFunctions, Source::LogsLogGroups, Source::IamAuthorization],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.lambda.functions.get(), |cx, function| {
                let default = format!("/aws/lambda/{}", function.name);
                let group = function.log_group.as_deref().unwrap_or(&default);
                let exists = region.logs.log_groups.get()?.iter().any(|known| known.name == group);
                let identities = cx.analyses.identities()?;
                // A role of another account, or one that was deleted, is not told here.
                let may_write = identities.principal(&function.role).is_none_or(|role| {
                    let place = cx.place();
                    let stream = place.arn("logs", &format!("log-group:{group}:log-stream:x"));
                    role.permissions.can("logs:PutLogEvents", On::Resource(&stream), &[]).is_yes()
                });
                let verdict = Verdict::fail_if(!exists || !may_write)
                    .with("log_group", group)
                    .with("role", &function.role);
                Ok(if may_write { verdict.told_as("no_group") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_function, CHECK};
    use crate::{
        snapshot::{Snapshot, logs::LogGroup},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_log_group(name: &str) -> Snapshot {
        let mut account = with_function(|_| ());
        region(&mut account).logs.log_groups =
            read(vec![LogGroup { name: name.into(), ..LogGroup::default() }]);
        account
    }

    #[test]
    fn fails_without_a_group() {
        fails(&CHECK, &with_log_group("/aws/lambda/other"));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_log_group("/aws/lambda/api"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).lambda.functions = denied();
        unknown(&CHECK, &account);
    }
}

use crate::{
    analysis::policy::public::{Grant, open_to_everyone},
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

/// Lambda.1.
pub(super) const CHECK: Check = Check {
    id: "lambda-public",
    severity: Severity::Critical,
    sources: &[Source::LambdaFunctions, Source::LambdaPolicies, Source::LambdaUrls],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.lambda.functions.get(), |cx, function| {
                let place = ("lambda:GetPolicy", cx.place().region, function.name.as_str());
                let grants = match region.lambda.policies.of(&function.name)? {
                    Some(policy) => open_to_everyone(policy, &[], place)?,
                    None => Vec::new(),
                };
                // A grant for URLs works through the function's URL only, and only while that asks for no signature.
                let is_for_url = |grant: &&Grant| {
                    grant.actions.iter().all(|action| action.eq_ignore_ascii_case("lambda:InvokeFunctionUrl"))
                        || grant.conditions.iter().any(|condition| {
                            let condition = condition.to_ascii_lowercase();
                            condition.contains("functionurlauthtype")
                                || condition.contains("invokedviafunctionurl")
                        })
                };
                if let Some(grant) = grants.iter().find(|grant| !is_for_url(grant)) {
                    return Ok(Verdict::fail()
                        .with("statement", &grant.statement)
                        .with("actions", &grant.actions)
                        .with("conditions", &grant.conditions));
                }
                // The URL's kind must be the one that the grant is for.
                let Some(kind) = region.lambda.urls.of(&function.name)? else { return Ok(Verdict::pass()) };
                let fits = |grant: &&Grant| {
                    grant.conditions.iter().all(|condition| {
                        !condition.to_ascii_lowercase().contains("functionurlauthtype")
                            || condition.contains(kind.as_str())
                    })
                };
                let Some(grant) = grants.iter().find(fits) else { return Ok(Verdict::pass()) };
                let verdict = Verdict::fail()
                    .with("statement", &grant.statement)
                    .with("actions", &grant.actions)
                    .with("auth_type", kind);
                // A URL with IAM asks for a signature, which every AWS account can make.
                Ok(if kind == "NONE" { verdict.at(Severity::High).told_as("url") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_function, CHECK};
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_access(statement: Option<&str>, url: Option<&str>) -> Snapshot {
        let mut account = with_function(|_| ());
        let policy = statement.map(|more| {
            format!(r#"{{"Statement": [{{"Sid": "s", "Effect": "Allow", "Resource": "*", {more}}}]}}"#)
        });
        let lambda = &mut region(&mut account).lambda;
        lambda.policies = read([("api".to_owned(), read(policy))].into());
        lambda.urls = read([("api".to_owned(), read(url.map(str::to_owned)))].into());
        account
    }

    const ANYONE: &str = r#""Principal": "*", "Action": "lambda:InvokeFunction""#;
    const SERVICE: &str =
        r#""Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction""#;
    const URL: &str = r#""Principal": "*", "Action": "lambda:InvokeFunctionUrl",
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}"#;
    const PINNED: &str = r#""Principal": "*", "Action": "lambda:InvokeFunction",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}"#;

    #[test]
    fn passes_when_limited() {
        passes(&CHECK, &with_access(None, None));
        passes(&CHECK, &with_access(Some(SERVICE), None));
        passes(&CHECK, &with_access(Some(PINNED), None));
        passes(&CHECK, &with_access(Some(URL), Some("AWS_IAM")));
        passes(&CHECK, &with_access(None, Some("NONE")));
        passes(&CHECK, &with_access(Some(URL), None));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).lambda.functions = denied();
        unknown(&CHECK, &account);
    }

    #[test]
    fn fails_when_everyone_may_invoke() {
        assert_eq!(fails(&CHECK, &with_access(Some(ANYONE), None)).severity, Severity::Critical);
        assert_eq!(fails(&CHECK, &with_access(Some(URL), Some("NONE"))).severity, Severity::High);
        let iam = URL.replace("NONE", "AWS_IAM");
        assert_eq!(fails(&CHECK, &with_access(Some(&iam), Some("AWS_IAM"))).severity, Severity::Critical);
    }
}

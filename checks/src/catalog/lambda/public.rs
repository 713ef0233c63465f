use jiff::Timestamp;
use serde_json::json;

use crate::{
    analysis::policy::{
        Pin, Policy, pattern,
        public::{Grant, open_to_everyone},
    },
    catalog::grant_verdict,
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{self, Gaps, NotJudged},
    snapshot::lambda::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "lambda-public",
    severity: Severity::Critical,
    sources: &[Source::LambdaFunctions, Source::LambdaPolicies, Source::LambdaUrls],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.lambda.functions.get(), |cx, function| {
                let urls = region.lambda.function_urls.of(&function.name);
                let policy = region.lambda.policies.of(&function.name);
                let url = urls.clone().map(|urls| urls.iter().find(|url| url.alias.is_none()));
                let url = url.map(|url| url.map(|url| url.auth_type.as_str()));
                let mut judged =
                    vec![policy.and_then(|policy| judge(cx, &function.name, policy.as_deref(), url))];
                match urls {
                    Ok(urls) => judged.extend(urls.iter().filter_map(|url| {
                        // An alias has a policy of its own.
                        let alias = url.alias.as_ref()?;
                        let name = format!("{}:{}", function.name, alias.name);
                        let url = Ok(Some(url.auth_type.as_str()));
                        Some(alias.policy.get().and_then(|policy| judge(cx, &name, policy.as_deref(), url)))
                    })),
                    Err(why) => judged.push(Err(why)),
                }
                let open = gap::collect(judged)?;
                // The worst is reported, and the fix command, which is there for each statement, closes all.
                let statements: Vec<_> = open
                    .iter()
                    .map(|it: &Open| json!({"function": it.function, "statement": it.statement}))
                    .collect();
                let Some(worst) = open.into_iter().rev().max_by_key(|it| it.severity) else {
                    return Ok(Verdict::pass());
                };
                let verdict =
                    worst.verdict.with("function", worst.function).with("statement", worst.statement);
                Ok(verdict.with("open_statements", statements).at(worst.severity))
            });
        });
    },
};

/// A statement that lets strangers in, of the policy of a function or of its alias.
struct Open {
    function: String,
    statement: String,
    severity: Severity,
    verdict: Verdict,
}

/// Which statements of the policy let strangers in.
fn judge(
    cx: &Context<'_>,
    function: &str,
    policy: Option<&str>,
    url: Result<Option<&str>, NotJudged>,
) -> Result<Vec<Open>, NotJudged> {
    let Some(policy) = policy else { return Ok(Vec::new()) };
    let (now, place) = (cx.snapshot.started_at, (op::GetPolicy, cx.place().region, function));
    let (mut open, mut gaps) = (Vec::new(), Gaps::default());
    let found =
        |statement, severity, verdict| Open { function: function.to_owned(), statement, severity, verdict };
    let grants = open_to_everyone(policy, &[], now, place)?;
    let of_url = |action: &str, kind: &str| grants.iter().any(|grant| opens_url(grant, action, kind));
    for grant in &grants {
        let (statement, verdict) = (grant.statement.clone(), grant_verdict(grant));
        let severity = |severity| if grant.is_limited() { Severity::Low } else { severity };
        if !is_for_url(grant) {
            open.push(found(statement, severity(Severity::Critical), verdict));
            continue;
        }
        match gaps.known(url.clone()).flatten() {
            Some(kind)
                if opens_url(grant, "lambda:InvokeFunctionUrl", kind)
                    && (now < both_needed_since() || of_url("lambda:InvokeFunction", kind)) =>
            {
                let verdict = verdict.with("auth_type", kind);
                // A URL with IAM asks for a signature, which every AWS account can make.
                open.push(match kind {
                    "NONE" if !grant.is_limited() => found(statement, Severity::High, verdict.told_as("url")),
                    _ => found(statement, severity(Severity::Critical), verdict),
                });
            }
            _ => {}
        }
    }
    let policy = Policy::read(policy, place.0, Some(place.1), function)?;
    open.extend(
        open_to_buckets(&policy)
            .map(|statement| found(statement, Severity::Medium, Verdict::fail().told_as("s3"))),
    );
    // What is known to be open is reported, whatever else could not be read.
    gaps.unless(!open.is_empty())?;
    Ok(open)
}

/// Since when every URL needs a grant of `lambda:InvokeFunction` besides `lambda:InvokeFunctionUrl`: those made
/// since October 2025 always did, and accounts that had some before were let off until then (Lambda Developer
/// Guide, "Control access to Lambda function URLs", and AWS's notice to those accounts).
fn both_needed_since() -> Timestamp {
    Timestamp::constant(1_793_491_200, 0)
}

/// A grant for URLs works through the function's URL only, and only while that asks for no signature.
fn is_for_url(grant: &Grant) -> bool {
    grant.actions.iter().all(|action| action.eq_ignore_ascii_case("lambda:InvokeFunctionUrl"))
        || grant.conditions.iter().any(|condition| {
            let condition = condition.to_ascii_lowercase();
            condition.contains("functionurlauthtype") || condition.contains("invokedviafunctionurl")
        })
}

/// Whether the grant is of the action, through a URL of that kind.
fn opens_url(grant: &Grant, action: &str, kind: &str) -> bool {
    grant.actions.iter().any(|pattern| pattern::matches_action(pattern, action))
        && grant.conditions.iter().all(|condition| {
            !condition.to_ascii_lowercase().contains("functionurlauthtype") || condition.contains(kind)
        })
}

/// The statements that let S3 invoke the function for any bucket: the ARN of one names no account, and whoever
/// makes a bucket of that name has it.
fn open_to_buckets(policy: &Policy) -> impl Iterator<Item = String> {
    const OWNERS: [&str; 3] = ["aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];
    let statements = policy.allows().filter(|statement| {
        let mut names = statement.principals.iter().flat_map(|principals| principals.names());
        let limited = statement.conditions.iter().any(|condition| {
            OWNERS.iter().any(|key| condition.key.eq_ignore_ascii_case(key)) && condition.pins() == Pin::Fixed
        });
        names.any(|name| name == "s3.amazonaws.com")
            && statement.actions.selects_action("lambda:InvokeFunction")
            && !limited
    });
    statements.map(|statement| statement.label())
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_function, CHECK};
    use crate::{
        finding::Severity,
        page::Lang,
        registry,
        snapshot::{
            Snapshot,
            lambda::{Alias, FunctionUrl},
        },
        testing::{denied, fails, passes, read, region},
    };

    fn policy(statements: &[&str]) -> Option<String> {
        let statement =
            |more: &&str| format!(r#"{{"Sid": "s", "Effect": "Allow", "Resource": "*", {more}}}"#);
        let statements: Vec<_> = statements.iter().map(statement).collect();
        (!statements.is_empty()).then(|| format!(r#"{{"Statement": [{}]}}"#, statements.join(",")))
    }

    fn with_access(statements: &[&str], url: Option<&str>) -> Snapshot {
        let mut account = with_function(|_| ());
        let url = url.map(|kind| FunctionUrl { auth_type: kind.into(), alias: None });
        let lambda = &mut region(&mut account).lambda;
        lambda.policies = read([("api".to_owned(), read(policy(statements)))].into());
        lambda.function_urls = read([("api".to_owned(), read(Vec::from_iter(url)))].into());
        account
    }

    /// As [`with_access`], of the alias `live` only.
    fn with_alias(statements: &[&str], url: &str) -> Snapshot {
        let mut account = with_access(&[], None);
        let alias = Alias { name: "live".into(), policy: read(policy(statements)) };
        let url = FunctionUrl { auth_type: url.into(), alias: Some(alias) };
        region(&mut account).lambda.function_urls = read([("api".to_owned(), read(vec![url]))].into());
        account
    }

    const ANYONE: &str = r#""Principal": "*", "Action": "lambda:InvokeFunction""#;
    const SERVICE: &str =
        r#""Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction""#;
    const URL: &str = r#""Principal": "*", "Action": "lambda:InvokeFunctionUrl",
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}"#;
    const VIA_URL: &str = r#""Principal": "*", "Action": "lambda:InvokeFunction",
        "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}"#;
    const PINNED: &str = r#""Principal": "*", "Action": "lambda:InvokeFunction",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}"#;

    #[test]
    fn passes_when_limited() {
        passes(&CHECK, &with_access(&[], None));
        passes(&CHECK, &with_access(&[&SERVICE.replace("s3.", "events.")], None));
        passes(&CHECK, &with_access(&[PINNED], None));
        passes(&CHECK, &with_access(&[URL], Some("AWS_IAM")));
        passes(&CHECK, &with_access(&[URL, VIA_URL], Some("AWS_IAM")));
        passes(&CHECK, &with_access(&[], Some("NONE")));
        passes(&CHECK, &with_access(&[URL], None));
        // A URL needs both permissions.
        passes(&CHECK, &with_access(&[URL], Some("NONE")));
        passes(&CHECK, &with_access(&[VIA_URL], Some("NONE")));
        passes(&CHECK, &with_alias(&[URL], "NONE"));
        passes(&CHECK, &with_access(&[VIA_URL, &URL.replace("NONE", "AWS_IAM")], Some("NONE")));
        passes(&CHECK, &with_alias(&[URL], "AWS_IAM"));
    }

    #[test]
    fn fails_when_everyone_may_invoke() {
        assert_eq!(fails(&CHECK, &with_access(&[ANYONE], None)).severity, Severity::Critical);
        assert_eq!(fails(&CHECK, &with_access(&[VIA_URL, URL], Some("NONE"))).severity, Severity::High);
        let iam = URL.replace("NONE", "AWS_IAM");
        let account = with_access(&[&iam, VIA_URL], Some("AWS_IAM"));
        assert_eq!(fails(&CHECK, &account).severity, Severity::Critical);
        let mut before = with_access(&[URL], Some("NONE"));
        before.started_at = "2026-10-31T23:59:59Z".parse().unwrap();
        assert_eq!(fails(&CHECK, &before).severity, Severity::High);
    }

    #[test]
    fn fails_lower_when_a_condition_with_a_wildcard_names_the_account() {
        let pattern = r#""Principal": "*", "Action": "lambda:InvokeFunction", "Condition":
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}}"#;
        let finding = fails(&CHECK, &with_access(&[pattern], None));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("limited")));
        assert_eq!(fails(&CHECK, &with_access(&[pattern, ANYONE], None)).severity, Severity::Critical);
    }

    #[test]
    fn fails_when_everyone_may_invoke_an_alias() {
        let found = fails(&CHECK, &with_alias(&[URL, VIA_URL], "NONE"));
        assert_eq!((found.severity, &found.evidence["function"]), (Severity::High, &"api:live".into()));
        let mut account = with_alias(&[ANYONE], "AWS_IAM");
        assert_eq!(fails(&CHECK, &account).severity, Severity::Critical);
        // What is known to be open fails, whatever else could not be read.
        region(&mut account).lambda.policies = denied();
        assert_eq!(fails(&CHECK, &account).severity, Severity::Critical);
    }

    #[test]
    fn the_fix_removes_every_open_statement_of_function_and_alias() {
        let named = |sid: &str, more: &str| {
            format!(r#"{{"Sid": "{sid}", "Effect": "Allow", "Resource": "*", {more}}}"#)
        };
        let document =
            |statements: &[String]| read(Some(format!(r#"{{"Statement": [{}]}}"#, statements.join(","))));
        let mut account = with_alias(&[], "NONE");
        let own = [named("a", URL), named("b", ANYONE), named("c", PINNED), named("-d", SERVICE)];
        let live = Alias { name: "live".into(), policy: document(&[named("e", URL), named("f", VIA_URL)]) };
        let url = |alias| FunctionUrl { auth_type: "NONE".into(), alias };
        let lambda = &mut region(&mut account).lambda;
        lambda.policies = read([("api".to_owned(), document(&own))].into());
        lambda.function_urls = read([("api".to_owned(), read(vec![url(None), url(Some(live))]))].into());
        let finding = fails(&CHECK, &account);
        assert_eq!((finding.severity, &finding.evidence["statement"]), (Severity::Critical, &"b".into()));
        let remove = "aws lambda remove-permission --region eu-west-1 --function-name";
        let expected = [
            "api --statement-id a",
            "api --statement-id b",
            "api --statement-id=-d",
            "api:live --statement-id e",
        ];
        let command = registry::find(CHECK.id).unwrap().page(Lang::En).command(&finding);
        assert_eq!(command.unwrap(), expected.map(|it| format!("{remove} {it}")).join(" && "));
    }

    #[test]
    fn fails_when_s3_may_invoke_for_any_bucket() {
        assert_eq!(fails(&CHECK, &with_access(&[SERVICE], None)).severity, Severity::Medium);
        let condition = |operator: &str, key: &str, value: &str| {
            format!(r#"{SERVICE}, "Condition": {{"{operator}": {{"{key}": "{value}"}}}}"#)
        };
        let bucket = condition("ArnLike", "aws:SourceArn", "arn:aws:s3:::uploads");
        fails(&CHECK, &with_access(&[&bucket], None));
        let any = condition("StringLike", "AWS:SourceAccount", "*");
        fails(&CHECK, &with_access(&[&any], None));
        let account = condition("StringEquals", "AWS:SourceAccount", "111122223333");
        passes(&CHECK, &with_access(&[&account], None));
    }
}

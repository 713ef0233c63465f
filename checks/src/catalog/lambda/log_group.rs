use crate::{
    analysis::{
        identity::Principal,
        policy::effective::{Answer, On},
        trust,
    },
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    index::Index,
    snapshot::iam::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "lambda-log-group",
    severity: Severity::Low,
    sources: &[Source::LambdaFunctions, Source::LogsLogGroups, Source::IamAuthorization],
    run: |cx| {
        cx.each_region(|cx, region| {
            let groups = Index::of(&region.logs.log_groups, |group| &group.name);
            cx.each(region.lambda.functions.get(), |cx, function| {
                let place = cx.place();
                let default = format!("/aws/lambda/{}", function.name);
                let group = function.log_group.as_deref().unwrap_or(&default);
                let exists = groups.find(group)?.is_some();
                let identities = cx.analyses.identities()?;
                let fail = || Verdict::fail().with("log_group", group).with("role", &function.role);
                // Roles of other accounts are not taken.
                let Some(role) = identities.principal(&function.role) else {
                    return Ok(fail().told_as("no_role"));
                };
                let runs_at_edge = role.trust.as_ref().is_some_and(|trust| {
                    trust::service(trust, "edgelambda.amazonaws.com", place.account).is_some()
                });
                if !exists && runs_at_edge {
                    // Lambda@Edge writes in the regions next to its visitors, which are not all scanned.
                    return Err(NotJudged::NotApplicable);
                }
                let stream = place.arn("logs", &format!("log-group:{group}:log-stream:x"));
                match (may_write(role, &stream), exists) {
                    (Ok(false), _) => Ok(fail()),
                    (_, false) => Ok(fail().told_as("no_group")),
                    (Ok(true), true) => Ok(Verdict::pass()),
                    (Err(why), true) => Err(why),
                }
            });
        });
    },
};

/// Whether the role can open a log stream and write to it.
fn may_write(role: &Principal<'_>, stream: &str) -> Result<bool, NotJudged> {
    let mut unclear = None;
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        match role.permissions.can(action, On::Resource(stream), &[]) {
            Answer::Yes(_) => {}
            Answer::No => return role.unread.clone().map_or(Ok(false), Err),
            Answer::Unclear(why) => unclear = Some(why),
        }
    }
    let operation = op::GetAccountAuthorizationDetails;
    unclear.map_or(Ok(true), |why| Err(Gap::unreadable(operation, None, Some(role.arn()), why).into()))
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_function, CHECK};
    use crate::{
        finding::Finding,
        snapshot::{
            Snapshot,
            iam::{Authorization, InlinePolicy, Role},
            logs::LogGroup,
        },
        testing::{ago, fails, passes, read, region, silent, unknown},
    };

    const WRITE: &str =
        r#"{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}"#;

    /// The function, its role with these statements, and a log group.
    fn with_role(statements: &str, service: &str, group: &str) -> Snapshot {
        let mut account = with_function(|_| ());
        let role = Role {
            name: "api".into(),
            arn: "arn:aws:iam::111122223333:role/api".into(),
            path: "/".into(),
            created: ago(10),
            assume_role_policy: format!(
                r#"{{"Statement": [{{"Effect": "Allow", "Principal": {{"Service": ["lambda.amazonaws.com", "{service}"]}}, "Action": "sts:AssumeRole"}}]}}"#
            ),
            inline_policies: vec![InlinePolicy {
                name: "log".into(),
                document: format!(r#"{{"Statement": [{statements}]}}"#),
            }],
            attached_policies: vec![],
            permissions_boundary: None,
            instance_profiles: vec![],
            last_used: None,
            tags: [].into(),
        };
        account.iam.authorization = read(Authorization { roles: vec![role], ..Authorization::default() });
        region(&mut account).logs.log_groups =
            read(vec![LogGroup { name: group.into(), ..LogGroup::default() }]);
        account
    }

    fn with_group(group: &str) -> Snapshot {
        with_role(WRITE, "lambda.amazonaws.com", group)
    }

    fn with_statements(statements: &str) -> Snapshot {
        with_role(statements, "lambda.amazonaws.com", "/aws/lambda/api")
    }

    fn message(finding: &Finding) -> String {
        let page = crate::registry::find(CHECK.id).unwrap().page(crate::page::Lang::En);
        page.message(finding, crate::page::Lang::En).unwrap()
    }

    #[test]
    fn fails_without_a_group() {
        assert!(message(&fails(&CHECK, &with_group("/aws/lambda/other"))).contains("does not exist"));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_group("/aws/lambda/api"));
    }

    #[test]
    fn fails_when_the_role_may_not_write() {
        for statements in ["", &WRITE.replace(r#""logs:CreateLogStream", "#, "")] {
            assert!(
                message(&fails(&CHECK, &with_statements(statements))).contains("is not allowed to write")
            );
        }
    }

    #[test]
    fn fails_when_the_role_is_gone() {
        let mut account = with_group("/aws/lambda/api");
        account.iam.authorization = read(Authorization::default());
        assert!(message(&fails(&CHECK, &account)).contains("does not exist"));
    }

    #[test]
    fn says_nothing_of_what_runs_at_the_edge() {
        silent(&CHECK, &with_role(WRITE, "edgelambda.amazonaws.com", "/aws/lambda/us-east-1.api"));
        passes(&CHECK, &with_role(WRITE, "edgelambda.amazonaws.com", "/aws/lambda/api"));
    }

    #[test]
    fn a_condition_that_cannot_be_told_is_not_fine() {
        let perimeter = r#"{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:ResourceOrgID": "o-a"}}}"#;
        unknown(&CHECK, &with_statements(&format!("{WRITE}, {perimeter}")));
    }
}

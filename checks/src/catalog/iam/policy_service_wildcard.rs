use super::{allows_everywhere, each_document};
use crate::{
    analysis::policy::{Match, Statement, admin, effective, pattern},
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

/// Fails on `service:*` on any resource, and on `NotAction` (Security Hub User Guide, and AWS Config's
/// `iam-policy-no-statements-with-full-access`).
pub(super) const CHECK: Check = Check {
    id: "iam-policy-service-wildcard",
    severity: Severity::Medium,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_document(cx, |policy| {
            // Every action on every resource is reported by the checks of full administration.
            if admin::full_admin(policy).is_some_and(|statement| matches!(statement.actions, Match::Any(_))) {
                return Err(NotJudged::NotApplicable);
            }
            let everywhere: Vec<_> = allows_everywhere(policy).map(|statement| statement.index).collect();
            let mut wide: Vec<_> = policy
                .allows()
                .map(|statement| (!everywhere.contains(&statement.index), statement, services_of(statement)))
                .collect();
            // A deny of the whole service takes it back.
            for (_, _, services) in &mut wide {
                services.retain(|service| {
                    let all = if *service == "*" { "*".to_owned() } else { format!("{service}:*") };
                    !effective::denied_everywhere(policy, &all)
                });
            }
            wide.retain(|(narrow, statement, services)| {
                !services.is_empty() || leaves_a_service(statement, *narrow)
            });
            wide.sort_by_key(|(narrow, statement, _)| (*narrow, statement.index));
            let Some((narrow, first, _)) = wide.first() else { return Ok(Verdict::pass()) };
            let verdict = Verdict::fail()
                .with("statement", first.label())
                .with("resources", first.resources.patterns());
            let verdict = if *narrow { verdict.at(Severity::Low) } else { verdict };
            Ok(match &first.actions {
                Match::NoneOf(named) => verdict.with("not_action", named).told_as("not_action"),
                Match::Any(_) => {
                    let services = wide.iter().filter(|(it, ..)| it == narrow).flat_map(|(_, _, it)| it);
                    let verdict = verdict.with("services", services.collect::<Vec<_>>());
                    if *narrow { verdict.told_as("narrow") } else { verdict }
                }
            })
        });
    },
};

/// The services of which the statement names every action; `*` for all of them.
fn services_of(statement: &Statement) -> Vec<&str> {
    let Match::Any(patterns) = &statement.actions else { return Vec::new() };
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    let service = |pattern: &'_ String| match pattern.split_once(':') {
        Some((service, name)) if all(name) && !all(service) => Some(service.len()),
        Some((_, name)) if all(name) => Some(0),
        Some(_) => None,
        None => all(pattern).then_some(0),
    };
    let named = patterns.iter().filter_map(|pattern| {
        let length = service(pattern)?;
        Some(if length == 0 { "*" } else { &pattern[..length] })
    });
    named.collect()
}

/// Whether `NotAction` leaves every action of some service: of all that it does not name where all resources are
/// meant; else where what it names are whole services.
fn leaves_a_service(statement: &Statement, narrow: bool) -> bool {
    let Match::NoneOf(named) = &statement.actions else { return false };
    let whole = |pattern: &String| {
        pattern.split_once(':').is_some_and(|(service, name)| service != "*" && pattern::covers(name, "*"))
    };
    !narrow || named.iter().any(whole)
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{managed, with_authorization, with_policy},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::Snapshot,
        testing::{fails, passes, silent, unknown},
    };

    fn statement(more: &str) -> Snapshot {
        with_policy(&format!(r#"{{"Effect": "Allow", {more}}}"#))
    }

    #[test]
    fn fails_when_a_whole_service_is_allowed() {
        let finding = fails(&CHECK, &statement(r#""Action": ["S3:*", "ec2:Describe*"], "Resource": "*""#));
        assert_eq!(finding.evidence["services"], serde_json::json!(["S3"]));
        assert_eq!((finding.severity, finding.variant), (Severity::Medium, None));
        fails(&CHECK, &statement(r#""Action": "sqs:*", "Resource": "arn:aws-us-gov:*""#));
        fails(&CHECK, &statement(r#""Action": "dynamodb:**", "Resource": "arn:aws:*:*:*:*""#));
        fails(
            &CHECK,
            &statement(
                r#""Action": "sqs:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#,
            ),
        );
    }

    #[test]
    fn fails_lower_when_resources_or_conditions_limit() {
        for more in [
            r#""Action": "s3:*", "Resource": "arn:aws:s3:::reports/*""#,
            r#""Action": "*", "Resource": "arn:aws:s3:::reports/*""#,
            r#""Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}"#,
        ] {
            let finding = fails(&CHECK, &statement(more));
            assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("narrow")), "{more}");
        }
        let both = r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::reports/*"},
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#;
        let finding = fails(&CHECK, &with_policy(both));
        assert_eq!(
            (finding.severity, &finding.evidence["services"]),
            (Severity::Medium, &serde_json::json!(["sqs"]))
        );
    }

    #[test]
    fn fails_for_not_action() {
        for (more, severity) in [
            (r#""NotAction": "s3:*", "Resource": "*""#, Severity::Medium),
            (r#""NotAction": ["iam:*", "organizations:*"], "Resource": "*""#, Severity::Medium),
            (r#""NotAction": "iam:*", "Resource": "arn:aws:s3:::reports/*""#, Severity::Low),
        ] {
            let finding = fails(&CHECK, &statement(more));
            assert_eq!((finding.severity, finding.variant), (severity, Some("not_action")), "{more}");
        }
        passes(&CHECK, &statement(r#""NotAction": "s3:Delete*", "Resource": "arn:aws:s3:::reports/*""#));
        passes(&CHECK, &with_policy(r#"{"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}"#));
    }

    #[test]
    fn passes_when_actions_are_named_or_denied() {
        passes(&CHECK, &statement(r#""Action": "s3:Get*", "Resource": "*""#));
        passes(
            &CHECK,
            &with_policy(
                r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}"#,
            ),
        );
    }

    #[test]
    fn says_nothing_of_permissions_boundaries() {
        let boundary = |attached| {
            with_authorization(|authorization| {
                let mut policy = managed(
                    "arn:aws:iam::111122223333:policy/limit",
                    r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#,
                );
                (policy.attachment_count, policy.boundary_usage_count) = (attached, 2);
                authorization.policies.push(policy);
            })
        };
        silent(&CHECK, &boundary(0));
        fails(&CHECK, &boundary(1));
    }

    #[test]
    fn full_administration_is_told_elsewhere() {
        silent(&CHECK, &statement(r#""Action": "*", "Resource": "*""#));
    }

    #[test]
    fn a_malformed_policy_is_not_fine() {
        unknown(&CHECK, &with_policy("1"));
    }
}

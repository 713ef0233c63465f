//! Is an identity policy full administration?

use super::{Condition, Match, Policy, Statement, pattern};

/// IAM actions with which whoever holds one on all resources can have every other permission.
pub(super) const ESCALATING: [&str; 10] = [
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAssumeRolePolicy",
];

/// The statement that makes the policy full administration: it allows all actions on all resources, without
/// a condition that limits, and the document's own denies leave it that.
///
/// `NotAction` counts where it leaves one of the IAM actions allowed that lead to everything else.
#[must_use]
pub fn full_admin(policy: &Policy) -> Option<&Statement> {
    policy.allows().find(|statement| {
        let left: Vec<_> = match &statement.actions {
            // Every action has a colon, so `*:*` is as good as `*`.
            actions @ Match::Any(_) if actions.covers("*:*") => ESCALATING.to_vec(),
            Match::Any(_) => return false,
            actions @ Match::NoneOf(_) => {
                ESCALATING.into_iter().filter(|action| actions.selects_action(action)).collect()
            }
        };
        all_resources(&statement.resources)
            && statement.conditions.iter().all(Condition::is_met_at_will)
            && left.iter().any(|action| !policy.denies().any(|deny| takes_back(deny, action)))
    })
}

/// Whether the resources are all there are: `*`, ARN patterns that match every ARN, or all but some that do
/// not hold IAM's.
#[must_use]
pub fn all_resources(resources: &Match) -> bool {
    match resources {
        Match::Any(patterns) => patterns.iter().any(|wider| pattern::covers_arns(wider, "*:*:*:*")),
        Match::NoneOf(_) => pattern::in_every_partition("iam::*:*").all(|arn| resources.covers(&arn)),
    }
}

/// Whether the deny takes the action away, whatever the request: one that the holder can avoid does not.
fn takes_back(deny: &Statement, action: &str) -> bool {
    deny.actions.selects_action(action) && all_resources(&deny.resources) && deny.conditions.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_admin(statements: &str) -> bool {
        full_admin(&Policy::parse(&format!(r#"{{"Statement": [{statements}]}}"#)).unwrap()).is_some()
    }

    #[test]
    fn all_actions_on_all_resources_in_every_spelling() {
        for (action, resource) in [
            (r#""Action": "*""#, r#""Resource": "*""#),
            (r#""Action": ["s3:Get*", "*"]"#, r#""Resource": ["arn:aws:s3:::b", "*"]"#),
            (r#""Action": "*:*""#, r#""Resource": "*""#),
            (r#""Action": "**""#, r#""Resource": "arn:aws:*:*:*:*""#),
            (r#""Action": "*""#, r#""Resource": "arn:*""#),
            (r#""Action": "*""#, r#""Resource": "arn:aws-cn:*""#),
            (r#""Action": "*""#, r#""Resource": "arn:aws-us-gov:*""#),
            (r#""Action": "*""#, r#""Resource": ["arn:aws-us-gov:*:*:*:*"]"#),
            (r#""Action": "*""#, r#""NotResource": "arn:aws-cn:s3:::secret/*""#),
            (r#""NotAction": "s3:*""#, r#""Resource": "*""#),
            (r#""NotAction": ["iam:Create*", "iam:Update*", "iam:Attach*"]"#, r#""Resource": "*""#),
            (r#""Action": "*""#, r#""NotResource": "arn:aws:s3:::secret/*""#),
        ] {
            assert!(
                is_admin(&format!(r#"{{"Effect": "Allow", {action}, {resource}}}"#)),
                "{action} {resource}"
            );
        }
    }

    #[test]
    fn less_than_everything_is_not() {
        for statement in [
            r#""Action": "s3:*", "Resource": "*""#,
            r#""Action": "*", "Resource": "arn:aws:s3:::b/*""#,
            r#""Action": "*", "Resource": "arn:aws:s3:*:*:*""#,
            r#""NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*""#,
            r#""Action": "*", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}"#,
            r#""Action": "*", "NotResource": "arn:aws:iam::*:*""#,
            r#""Action": "*", "NotResource": "arn:aws-cn:iam::*:*""#,
            r#""Action": "*", "Resource": "arn:aws-cn:s3:*""#,
        ] {
            assert!(!is_admin(&format!(r#"{{"Effect": "Allow", {statement}}}"#)), "{statement}");
        }
        assert!(!is_admin(r#"{"Effect": "Deny", "Action": "*", "Resource": "*"}"#));
    }

    #[test]
    fn conditions_met_at_will_do_not_limit() {
        for condition in [
            r#"{"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#,
            r#"{"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}"#,
        ] {
            let statement =
                format!(r#"{{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {condition}}}"#);
            assert!(is_admin(&statement), "{condition}");
        }
    }

    #[test]
    fn only_denies_that_take_iam_away_help() {
        let admin = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
        assert!(!is_admin(&format!(r#"{admin}, {{"Effect": "Deny", "Action": "*", "Resource": "*"}}"#)));
        assert!(!is_admin(&format!(r#"{admin}, {{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}"#)));
        assert!(is_admin(&format!(r#"{admin}, {{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}"#)));
        assert!(is_admin(&format!(
            r#"{admin}, {{"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::*:user/x"}}"#
        )));
        let without_mfa = r#"{"Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}"#;
        assert!(is_admin(&format!("{admin}, {without_mfa}")), "signing in with MFA is no limit");
    }
}

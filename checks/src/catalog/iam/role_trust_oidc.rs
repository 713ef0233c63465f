use serde::Serialize;

use super::each_trust;
use crate::{
    analysis::oidc,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-role-trust-oidc",
    severity: Severity::Critical,
    sources: &[Source::IamAuthorization],
    run: |cx| {
        each_trust(cx, |_, _, trust| {
            let mut open = Vec::new();
            let mut shared = false;
            let web_identity = |s: &&_| {
                let statement: &crate::analysis::policy::Statement = s;
                statement.actions.selects_action("sts:AssumeRoleWithWebIdentity")
            };
            for statement in trust.allows().filter(web_identity) {
                for (issuer, provider) in oidc::shared_providers(statement) {
                    shared = true;
                    if !oidc::pins_tenant(&statement.conditions, issuer, provider) {
                        open.push(OpenTrust {
                            statement: statement.label(),
                            provider: provider.name,
                            issuer,
                            conditions: statement
                                .conditions
                                .iter()
                                .map(|condition| condition.text())
                                .collect(),
                            pinning_claims: provider.claims.iter().map(|claim| claim.name()).collect(),
                        });
                    }
                }
            }
            // Roles that trust no shared provider are not what this check is about.
            if !shared {
                return Err(crate::gap::NotJudged::NotApplicable);
            }
            let first = open.first();
            Ok(Verdict::fail_if(first.is_some())
                .with("provider", first.map(|open| open.provider))
                .with("claim", first.and_then(|open| open.pinning_claims.first().copied()))
                .with("issuer", first.map(|open| open.issuer))
                .with("trusts", open))
        });
    },
};

/// A statement that any tenant of a provider meets.
#[derive(Serialize)]
struct OpenTrust<'a> {
    statement: String,
    provider: &'static str,
    issuer: &'a str,
    conditions: Vec<String>,
    pinning_claims: Vec<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trust, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, silent, unknown},
    };

    fn github(condition: &str) -> Snapshot {
        with_trust(&format!(
            r#"{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {condition}, "Principal":
                {{"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}}}}"#
        ))
    }

    const AUDIENCE: &str =
        r#""StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}"#;

    fn with_subject(operator: &str, subject: &str) -> Snapshot {
        github(&format!(
            r#"{{{AUDIENCE}, "{operator}": {{"token.actions.githubusercontent.com:sub": "{subject}"}}}}"#
        ))
    }

    #[test]
    fn fails_without_a_condition_on_the_tenant() {
        let finding = fails(&CHECK, &github(&format!("{{{AUDIENCE}}}")));
        assert_eq!(finding.evidence["provider"], "GitHub Actions");
        fails(&CHECK, &github("{}"));
    }

    #[test]
    fn fails_when_any_tenant_matches() {
        fails(&CHECK, &with_subject("StringLike", "repo:*"));
        fails(&CHECK, &with_subject("StringLike", "repo:acme*"));
        fails(&CHECK, &with_subject("ForAllValues:StringLike", "repo:acme/app:*"));
    }

    #[test]
    fn passes_when_the_tenant_is_pinned() {
        passes(&CHECK, &with_subject("StringLike", "repo:acme/*"));
        passes(&CHECK, &with_subject("StringEquals", "repo:acme/app:ref:refs/heads/main"));
    }

    #[test]
    fn says_nothing_of_roles_without_a_shared_provider() {
        for principal in [
            r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A1"}"#,
            r#"{"Federated": "arn:aws:iam::111122223333:saml-provider/corporate"}"#,
            r#"{"Service": "ec2.amazonaws.com"}"#,
        ] {
            let trust = format!(r#"{{"Effect": "Allow", "Action": "sts:*", "Principal": {principal}}}"#);
            silent(&CHECK, &with_trust(&trust));
        }
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.iam.authorization = denied();
        unknown(&CHECK, &account);
    }
}

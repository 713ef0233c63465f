use serde::Serialize;

use super::each_trust;
use crate::{
    analysis::{
        oidc,
        policy::{Condition, Statement, pattern},
    },
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-role-trust-oidc",
    severity: Severity::Critical,
    sources: &[Source::IamAuthorization, Source::IamOidcProviders, Source::ServiceControlPolicies],
    run: |cx| {
        each_trust(cx, |cx, role, trust| {
            let controls = cx.analyses.resource_controls();
            let mut open = Vec::new();
            let mut shared = false;
            let web_identity = |it: &&Statement| it.actions.selects_action("sts:AssumeRoleWithWebIdentity");
            for statement in trust.allows().filter(web_identity) {
                for (principal, provider) in oidc::shared_providers(statement) {
                    let issuer = oidc::issuer(principal);
                    shared = true;
                    if !oidc::pins_tenant(&statement.conditions, issuer, provider)
                        && !controls.deny_other_tenants(&role.arn, issuer, provider)
                    {
                        open.push(OpenTrust {
                            statement: statement.label(),
                            provider: provider.name,
                            issuer,
                            conditions: statement.conditions.iter().map(Condition::text).collect(),
                            pinning_claims: provider.claims.iter().map(|claim| claim.name()).collect(),
                            shut_by: shut_by(cx, principal, &statement.conditions),
                        });
                    }
                }
            }
            // Roles that trust no shared provider are not what this check is about.
            if !shared {
                return Err(NotJudged::NotApplicable);
            }
            open.sort_by_key(|open| open.shut_by.is_some());
            let Some(first) = open.first() else { return Ok(Verdict::pass()) };
            let shut_by = first.shut_by;
            let verdict = Verdict::fail()
                .with("provider", first.provider)
                .with("claim", first.pinning_claims.first())
                .with("issuer", first.issuer)
                .with("trusts", &open);
            let verdict = if controls.is_unknown() {
                verdict.with("resource_control_policies_considered", false)
            } else {
                verdict
            };
            Ok(match shut_by {
                // Nobody gets in today, whose token he has.
                Some(variant) => verdict.at(Severity::Low).told_as(variant),
                None => verdict,
            })
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
    /// What keeps everybody out all the same.
    shut_by: Option<&'static str>,
}

/// Why nobody can use the trust today: the account has no such identity provider, or that does not accept the
/// audience that the trust asks for (IAM User Guide, "Create an OpenID Connect identity provider in IAM"; STS
/// checks a token's audience against the provider's client ids). AWS's built-in providers need none. What could
/// not be read shuts nothing.
fn shut_by(cx: &Context<'_>, principal: &str, conditions: &[Condition]) -> Option<&'static str> {
    if !principal.starts_with("arn:") {
        return None;
    }
    let providers = cx.snapshot.iam.oidc_providers.get().ok()?;
    let Some(provider) = providers.iter().find(|provider| provider.arn == principal) else {
        return Some("no_provider");
    };
    let accepted = provider.client_ids.get().ok()?;
    let key = format!("{}:aud", oidc::issuer(principal));
    let asked = conditions.iter().filter_map(|condition| Some((condition, condition.requires(&key)?)));
    let met = |(condition, values): (&Condition, &[String])| {
        let matches = |value: &String, id: &String| {
            if condition.has_wildcards() { pattern::matches(value, id) } else { value == id }
        };
        // A policy variable may be anything.
        values.iter().any(|value| value.contains("${") || accepted.iter().any(|id| matches(value, id)))
    };
    (!asked.into_iter().all(met)).then_some("audience")
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_trust, CHECK};
    use crate::{
        analysis::resource_controls::tests::{perimeter, under},
        finding::Severity,
        snapshot::{Snapshot, iam::OidcProvider},
        testing::{denied, fails, passes, read, silent},
    };

    const PROVIDER: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";

    fn github(condition: &str) -> Snapshot {
        let mut account = with_trust(&format!(
            r#"{{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {condition}, "Principal":
                {{"Federated": "{PROVIDER}"}}}}"#
        ));
        let client_ids = read(vec!["sts.amazonaws.com".into()]);
        account.iam.oidc_providers = read(vec![OidcProvider { arn: PROVIDER.into(), client_ids }]);
        account
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
    fn low_when_nobody_gets_in_today() {
        let told = |account: &Snapshot| {
            let finding = fails(&CHECK, account);
            (finding.severity, finding.variant)
        };
        let open = github(&format!("{{{AUDIENCE}}}"));
        assert_eq!(told(&open), (Severity::Critical, None));
        let mut without = open.clone();
        without.iam.oidc_providers = read(vec![]);
        assert_eq!(told(&without), (Severity::Low, Some("no_provider")));
        let mut unread = open.clone();
        unread.iam.oidc_providers = denied();
        assert_eq!(told(&unread), (Severity::Critical, None));
        let with_ids = |condition: &str, client_ids| {
            let mut account = github(condition);
            account.iam.oidc_providers = read(vec![OidcProvider { arn: PROVIDER.into(), client_ids }]);
            account
        };
        let audience = format!("{{{AUDIENCE}}}");
        let other = || read(vec!["https://github.com/acme".to_owned()]);
        assert_eq!(told(&with_ids(&audience, other())), (Severity::Low, Some("audience")));
        assert_eq!(told(&with_ids(&audience, denied())), (Severity::Critical, None));
        // Without a condition every audience that the provider accepts is fine.
        assert_eq!(told(&with_ids("{}", other())), (Severity::Critical, None));
        let like = audience.replace("StringEquals", "StringLike").replace("sts.amazonaws.com", "*");
        assert_eq!(told(&with_ids(&like, other())), (Severity::Critical, None));
    }

    #[test]
    fn built_in_providers_need_none() {
        let google = r#"{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": "accounts.google.com"}}"#;
        assert_eq!(fails(&CHECK, &with_trust(google)).severity, Severity::Critical);
    }

    #[test]
    fn passes_when_the_tenant_is_pinned() {
        passes(&CHECK, &with_subject("StringLike", "repo:acme/*"));
        passes(&CHECK, &with_subject("StringEquals", "repo:acme/app:ref:refs/heads/main"));
    }

    #[test]
    fn passes_where_a_resource_control_policy_keeps_other_tenants_out() {
        let deny = |conditions: &str| {
            format!(
                r#"{{"Statement": [{{"Effect": "Deny", "Principal": "*", "Resource": "*", "Condition": {conditions},
                    "Action": "sts:AssumeRoleWithWebIdentity"}}]}}"#
            )
        };
        let open = || github(&format!("{{{AUDIENCE}}}"));
        let of = |subject: &str| {
            deny(&format!(
                r#"{{"StringNotLikeIfExists": {{"token.actions.githubusercontent.com:sub": "{subject}"}},
                    "Null": {{"token.actions.githubusercontent.com:sub": "false"}}}}"#
            ))
        };
        passes(&CHECK, &under(open(), Some(&[&of("repo:acme/*")])));
        fails(&CHECK, &under(open(), Some(&[&of("repo:acme*")])));
        // No token tells of an organization of AWS's.
        fails(&CHECK, &under(open(), Some(&[&perimeter("sts:*")])));
        let finding = fails(&CHECK, &under(open(), None));
        assert_eq!(finding.evidence["resource_control_policies_considered"], false);
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
}

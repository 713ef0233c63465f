//! OpenID Connect providers that many tenants share: a role that trusts one must say which tenant.

use super::policy::{Condition, Principals, Statement};

/// A provider that signs tokens for every one of its customers with the same issuer.
#[derive(Debug)]
pub struct SharedProvider {
    /// What its tokens are for.
    pub name: &'static str,
    /// The issuer without `https://`, or how it begins when it ends in a `/`.
    issuer: &'static str,
    /// Claims that can pin the tenant.
    pub claims: &'static [Claim],
}

/// A claim that pins the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The whole value must be fixed.
    Fixed(&'static str),
    /// A wildcard may follow the tenant: parts are divided by `:` or `/`, and the second one is the tenant's,
    /// as in `repo:ORGANIZATION/*`.
    Prefix(&'static str),
}

impl Claim {
    /// Its name in conditions, after the issuer and a colon.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed(name) | Self::Prefix(name) => name,
        }
    }
}

use Claim::{Fixed, Prefix};

/// From each provider's own page about AWS. Providers whose issuer names the tenant (an EKS cluster, an Okta
/// or Entra tenant, Spacelift) are not shared.
const SHARED: &[SharedProvider] = &[
    SharedProvider {
        name: "GitHub Actions",
        issuer: "token.actions.githubusercontent.com",
        claims: &[
            Prefix("sub"),
            Prefix("job_workflow_ref"),
            Fixed("repository"),
            Fixed("repository_id"),
            Fixed("repository_owner"),
            Fixed("repository_owner_id"),
        ],
    },
    SharedProvider {
        name: "GitLab.com",
        issuer: "gitlab.com",
        claims: &[
            Prefix("sub"),
            Fixed("namespace_path"),
            Fixed("namespace_id"),
            Fixed("project_path"),
            Fixed("project_id"),
        ],
    },
    SharedProvider { name: "HCP Terraform", issuer: "app.terraform.io", claims: &[Prefix("sub")] },
    // The issuer names the workspace, whose every repository gets tokens; the audience names it again.
    SharedProvider {
        name: "Bitbucket Pipelines",
        issuer: "api.bitbucket.org/",
        claims: &[Prefix("sub"), Fixed("aud")],
    },
    // The audience is the application for a user's token and the service account for a service account's.
    SharedProvider { name: "Google", issuer: "accounts.google.com", claims: &[Fixed("sub"), Fixed("aud")] },
    SharedProvider { name: "Buildkite", issuer: "agent.buildkite.com", claims: &[Prefix("sub")] },
    SharedProvider { name: "CircleCI", issuer: "oidc.circleci.com/", claims: &[Prefix("sub"), Fixed("aud")] },
    SharedProvider { name: "Vercel", issuer: "oidc.vercel.com", claims: &[Prefix("sub")] },
    SharedProvider { name: "Vercel", issuer: "oidc.vercel.com/", claims: &[Prefix("sub"), Fixed("aud")] },
    SharedProvider {
        name: "Pulumi Cloud",
        issuer: "api.pulumi.com/oidc",
        claims: &[Prefix("sub"), Fixed("aud")],
    },
    SharedProvider { name: "Codefresh", issuer: "oidc.codefresh.io", claims: &[Prefix("sub")] },
    SharedProvider { name: "Harness", issuer: "app.harness.io/", claims: &[Prefix("sub")] },
    SharedProvider {
        name: "Facebook",
        issuer: "graph.facebook.com",
        claims: &[Fixed("app_id"), Fixed("id")],
    },
    SharedProvider {
        name: "Login with Amazon",
        issuer: "www.amazon.com",
        claims: &[Fixed("app_id"), Fixed("user_id")],
    },
    SharedProvider {
        name: "Amazon Cognito",
        issuer: "cognito-identity.amazonaws.com",
        claims: &[Fixed("aud"), Fixed("sub")],
    },
];

/// The issuer of a federated principal: what follows `oidc-provider/` in its ARN, else its name.
#[must_use]
pub fn issuer(principal: &str) -> &str {
    principal.split_once(":oidc-provider/").map_or(principal, |(_, issuer)| issuer)
}

/// The shared provider of that issuer.
#[must_use]
pub fn shared(issuer: &str) -> Option<&'static SharedProvider> {
    SHARED.iter().find(|provider| {
        issuer == provider.issuer || provider.issuer.ends_with('/') && issuer.starts_with(provider.issuer)
    })
}

/// The shared provider that a statement of a trust policy lets in, with the principal that names it.
pub fn shared_providers(statement: &Statement) -> impl Iterator<Item = (&str, &'static SharedProvider)> {
    let named = match &statement.principals {
        Some(Principals::Any(named)) => named.as_slice(),
        _ => &[],
    };
    let federated = named.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case("Federated"));
    federated.filter_map(|(_, name)| Some((name.as_str(), shared(issuer(name))?)))
}

/// Whether one of the conditions pins the tenant of a shared provider.
#[must_use]
pub fn pins_tenant(conditions: &[Condition], issuer: &str, provider: &SharedProvider) -> bool {
    conditions.iter().any(|condition| names_tenants(condition, issuer, provider, Condition::requires))
}

/// Whether a `Deny` under these conditions meets the tokens of every tenant of a shared provider but those that they name:
/// the reverse of [`pins_tenant`]. Every token has a subject and an audience (OpenID Connect Core 1.0, section 2).
#[must_use]
pub fn spares_no_other_tenant(conditions: &[Condition], issuer: &str, provider: &SharedProvider) -> bool {
    conditions.iter().all(|condition| {
        let is_in_every_token = ["sub", "aud"]
            .iter()
            .any(|claim| condition.key.eq_ignore_ascii_case(&format!("{issuer}:{claim}")));
        names_tenants(condition, issuer, provider, Condition::spares)
            || is_in_every_token && condition.meets_present()
            || condition.spares_services()
    })
}

/// Whether the values of a condition are those of tenants.
fn names_tenants(
    condition: &Condition,
    issuer: &str,
    provider: &SharedProvider,
    values: for<'c> fn(&'c Condition, &str) -> Option<&'c [String]>,
) -> bool {
    provider.claims.iter().any(|claim| {
        values(condition, &format!("{issuer}:{}", claim.name())).is_some_and(|values| {
            !values.is_empty() && values.iter().all(|value| pins(value, *claim, condition.has_wildcards()))
        })
    })
}

fn pins(value: &str, claim: Claim, wildcards: bool) -> bool {
    if value.contains("${") || value.is_empty() {
        return false;
    }
    let Some(fixed) = value.find(['*', '?']).filter(|_| wildcards).map(|at| &value[..at]) else {
        return true;
    };
    match claim {
        // `org/*` fixes the owner in claims that are paths; a single name or number it does not.
        Fixed(name) => {
            matches!(name, "repository" | "project_path" | "namespace_path") && has_whole(fixed, 1)
        }
        Prefix(_) if fixed.contains(':') => has_whole(fixed, 2),
        Prefix(_) => has_whole(fixed, if fixed.starts_with("org/") { 2 } else { 1 }),
    }
}

/// Whether so many whole parts stand before the wildcard.
fn has_whole(fixed: &str, parts: usize) -> bool {
    let mut whole: Vec<_> = fixed.split([':', '/']).collect();
    // The last one is cut by the wildcard.
    whole.pop();
    whole.len() >= parts && whole.iter().take(parts).all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(issuer: &str, operator: &str, claim: &str, values: &[&str]) -> bool {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let condition = Condition::new(operator, &format!("{issuer}:{claim}"), values);
        pins_tenant(&[condition], issuer, shared(issuer).unwrap())
    }

    #[test]
    fn issuers() {
        let arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
        assert_eq!(shared(issuer(arn)).unwrap().name, "GitHub Actions");
        assert!(shared("oidc.eks.eu-west-1.amazonaws.com/id/ABC").is_none());
        assert!(shared("gitlab.example.com").is_none());
        assert!(shared("oidc.circleci.com/org/0f1e").is_some());
        assert_eq!(shared(issuer("accounts.google.com")).unwrap().name, "Google");
    }

    #[test]
    fn tenants_that_are_pinned() {
        const GITHUB: &str = "token.actions.githubusercontent.com";
        for (issuer, operator, claim, values) in [
            (GITHUB, "StringEquals", "sub", &["repo:acme/app:ref:refs/heads/main"][..]),
            (GITHUB, "StringLike", "sub", &["repo:acme/*"]),
            (GITHUB, "StringLike", "sub", &["repo:acme/app:*", "repo:acme/web:*"]),
            (GITHUB, "ForAnyValue:StringLike", "sub", &["repo:acme/*"]),
            (GITHUB, "StringEquals", "repository_owner_id", &["1234"]),
            (GITHUB, "StringLike", "repository", &["acme/*"]),
            (GITHUB, "StringLike", "job_workflow_ref", &["acme/workflows/.github/workflows/deploy.yml@*"]),
            ("gitlab.com", "StringLike", "sub", &["project_path:acme/app:ref_type:branch:ref:*"]),
            (
                "app.terraform.io",
                "StringLike",
                "sub",
                &["organization:acme:project:*:workspace:*:run_phase:*"],
            ),
            ("agent.buildkite.com", "StringLike", "sub", &["organization:acme:pipeline:*"]),
            ("oidc.circleci.com/org/0f1e", "StringLike", "sub", &["org/0f1e/project/*"]),
            ("accounts.google.com", "StringEquals", "aud", &["1234.apps.googleusercontent.com"]),
            ("cognito-identity.amazonaws.com", "StringEquals", "aud", &["eu-west-1:0f1e"]),
        ] {
            assert!(pinned(issuer, operator, claim, values), "{issuer} {operator} {claim} {values:?}");
        }
    }

    #[test]
    fn denies_that_leave_no_other_tenant() {
        const GITHUB: &str = "token.actions.githubusercontent.com";
        let denies = |conditions: &[(&str, &str, &str)]| {
            let conditions: Vec<_> = conditions
                .iter()
                .map(|(operator, key, value)| Condition::new(operator, key, vec![(*value).to_owned()]))
                .collect();
            spares_no_other_tenant(&conditions, GITHUB, shared(GITHUB).unwrap())
        };
        const SUB: &str = "token.actions.githubusercontent.com:sub";
        let ours = ("StringNotLikeIfExists", SUB, "repo:acme/*");
        assert!(denies(&[ours]));
        assert!(denies(&[ours, ("Null", SUB, "false")]));
        assert!(denies(&[ours, ("BoolIfExists", "aws:PrincipalIsAWSService", "false")]));
        assert!(denies(&[("StringNotEquals", SUB, "repo:acme/app:ref:refs/heads/main")]));
        assert!(denies(&[]), "everybody");
        for others in [
            ("StringNotLike", SUB, "repo:acme*"),
            ("StringNotLike", SUB, "*"),
            ("StringLike", SUB, "repo:evil/*"),
            ("StringNotLike", "gitlab.com:sub", "project_path:acme/*"),
            ("ForAnyValue:StringNotLike", SUB, "repo:acme/*"),
            ("Null", SUB, "true"),
        ] {
            assert!(!denies(&[others]), "{others:?}");
            assert!(!denies(&[ours, others]), "{others:?}");
        }
        // Of what else it asks, nothing is known.
        assert!(!denies(&[ours, ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-1")]));
        assert!(!denies(&[ours, ("IpAddress", "aws:SourceIp", "203.0.113.0/24")]));
        assert!(!denies(&[ours, ("Null", "token.actions.githubusercontent.com:environment", "false")]));
    }

    #[test]
    fn tenants_that_only_look_pinned() {
        const GITHUB: &str = "token.actions.githubusercontent.com";
        for (issuer, operator, claim, values) in [
            (GITHUB, "StringEquals", "aud", &["sts.amazonaws.com"][..]),
            (GITHUB, "StringLike", "sub", &["*"]),
            (GITHUB, "StringLike", "sub", &["repo:*"]),
            (GITHUB, "StringLike", "sub", &["repo:acme*"]),
            (GITHUB, "StringLike", "sub", &["repo:*/app:ref:refs/heads/main"]),
            (GITHUB, "StringLike", "sub", &["repo:acme/*", "repo:*"]),
            (GITHUB, "StringLikeIfExists", "sub", &["repo:acme/*"]),
            (GITHUB, "ForAllValues:StringLike", "sub", &["repo:acme/*"]),
            (GITHUB, "StringNotLike", "sub", &["repo:evil/*"]),
            (GITHUB, "StringEquals", "environment", &["production"]),
            ("gitlab.com", "StringLike", "sub", &["project_path:*:ref:main"]),
            ("app.terraform.io", "StringEquals", "aud", &["aws.workload.identity"]),
            ("app.terraform.io", "StringLike", "sub", &["organization:*:project:app:*"]),
            // The token's maker chooses this one.
            ("accounts.google.com", "StringEquals", "oaud", &["https://example.com"]),
        ] {
            assert!(!pinned(issuer, operator, claim, values), "{issuer} {operator} {claim} {values:?}");
        }
    }
}

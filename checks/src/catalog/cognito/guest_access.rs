use crate::{
    analysis::policy::{
        Policy,
        effective::{self, Permissions},
    },
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "cognito-guest-access",
    severity: Severity::Medium,
    sources: &[Source::CognitoIdentityPools, Source::IamAuthorization],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.cognito.identity_pools.get(), |cx, pool| {
                if !*pool.allows_guests.get()? {
                    return Ok(Verdict::pass());
                }
                let Some(role) = pool.guest_role.get()? else {
                    // Guests without a role get no credentials.
                    return Ok(Verdict::pass());
                };
                let verdict = Verdict::fail().with("role", role);
                // What the role may do only moves the severity.
                let more = cx.analyses.identities().ok().and_then(|identities| {
                    let permissions = &identities.principal(role)?.permissions;
                    permissions.exceeds(&basics()).map(|(action, _)| action.to_owned())
                });
                Ok(match more {
                    Some(action) => verdict.at(Severity::High).told_as("more").with("action", action),
                    None => verdict,
                })
            });
        });
    },
};

/// What the console gives to the role for guests.
const BASICS: &str = r#"{"Statement": [{"Effect": "Allow", "Resource": "*", "Action":
    ["mobileanalytics:PutEvents", "cognito-sync:*", "cognito-identity:*"]}]}"#;

fn basics() -> Permissions {
    let policies = Policy::parse(BASICS).into_iter();
    let policies = policies.map(|policy| effective::Source { name: "basics".into(), policy: policy.into() });
    Permissions { policies: policies.collect(), ..Permissions::default() }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, cognito::IdentityPool},
        testing::{denied, empty, fails, passes, read, region, unknown},
    };

    fn with_identity_pool(allows_guests: bool, role: Option<&str>) -> Snapshot {
        let mut account = empty();
        region(&mut account).cognito.identity_pools = read(vec![IdentityPool {
            id: "eu-west-1:1".into(),
            name: "visitors".into(),
            allows_guests: read(allows_guests),
            guest_role: read(role.map(str::to_owned)),
        }]);
        account
    }

    #[test]
    fn passes_without_guests_or_role() {
        passes(&CHECK, &with_identity_pool(false, Some("arn:aws:iam::111122223333:role/guest")));
        passes(&CHECK, &with_identity_pool(true, None));
    }

    #[test]
    fn fails_with_a_role() {
        fails(&CHECK, &with_identity_pool(true, Some("arn:aws:iam::111122223333:role/guest")));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).cognito.identity_pools = denied();
        unknown(&CHECK, &account);
    }
}

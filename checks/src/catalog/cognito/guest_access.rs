use crate::{
    analysis::{
        policy::{
            Policy,
            effective::{self, Permissions},
        },
        trust::lets_guests_in,
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
                let verdict = Verdict::fail();
                let role = match pool.guest_role.get() {
                    Ok(Some(role)) => role,
                    // The pool's role does not matter then: the app names any role that trusts the pool.
                    Ok(None) if *pool.allows_classic_flow.get()? => {
                        return Ok(verdict.told_as("classic_flow"));
                    }
                    Ok(None) => return Ok(verdict.at(Severity::Low).told_as("no_role")),
                    // That guests are let in is wrong, whatever their role.
                    Err(_) => return Ok(verdict.with("role_read", false).told_as("role_unread")),
                };
                let verdict = verdict.with("role", role);
                let identities = cx.analyses.identities().ok();
                let principal = identities.as_ref().and_then(|identities| identities.principal(role));
                let Some(principal) = principal else {
                    return Ok(verdict.with("rights_read", false).told_as("rights_unread"));
                };
                if principal.trust.as_ref().is_some_and(|trust| !lets_guests_in(trust, &pool.id)) {
                    // Then any role that trusts the pool matters, as without a role.
                    return Ok(if *pool.allows_classic_flow.get()? {
                        verdict.told_as("classic_flow")
                    } else {
                        verdict.at(Severity::Low).told_as("refused")
                    });
                }
                // Nothing is harmless in a visitor's hands, not even what code needs to run.
                let more = principal.permissions.exceeds_but(|_| false, &basics());
                Ok(match more {
                    Some((action, _)) => verdict.at(Severity::High).told_as("more").with("action", action),
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
    use super::{BASICS, CHECK};
    use crate::{
        finding::Severity,
        gap::Collected,
        snapshot::{Snapshot, cognito::IdentityPool, iam},
        testing::{ago, denied, empty, fails, passes, read, region},
    };

    const ROLE: &str = "arn:aws:iam::111122223333:role/guest";

    fn with_identity_pool(allows_guests: bool, role: Option<&str>) -> Snapshot {
        with(|pool| {
            pool.allows_guests = read(allows_guests);
            pool.guest_role = read(role.map(str::to_owned));
        })
    }

    /// An account with an identity pool that is changed, and without roles.
    fn with(change: impl FnOnce(&mut IdentityPool)) -> Snapshot {
        let mut pool = IdentityPool {
            id: "eu-west-1:1".into(),
            name: "visitors".into(),
            allows_guests: read(true),
            allows_classic_flow: read(false),
            guest_role: read(None),
            ..IdentityPool::default()
        };
        change(&mut pool);
        let mut account = empty();
        region(&mut account).cognito.identity_pools = read(vec![pool]);
        account
    }

    /// An account whose guests get a role with this policy.
    fn with_rights(document: &str) -> Snapshot {
        with_role(document, "eu-west-1:1")
    }

    /// The same, where the role trusts the guests of that pool.
    fn with_role(document: &str, pool: &str) -> Snapshot {
        let mut account = with_identity_pool(true, Some(ROLE));
        let role = iam::Role {
            name: "guest".into(),
            arn: ROLE.into(),
            path: "/".into(),
            created: ago(10),
            assume_role_policy: format!(
                r#"{{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {{"Federated": "cognito-identity.amazonaws.com"}},
                    "Condition": {{"StringEquals": {{"cognito-identity.amazonaws.com:aud": "{pool}"}}}}}}}}"#
            ),
            inline_policies: vec![iam::InlinePolicy { name: "rights".into(), document: document.into() }],
            attached_policies: vec![],
            permissions_boundary: None,
            instance_profiles: vec![],
            last_used: None,
            tags: [].into(),
        };
        account.iam.authorization =
            read(iam::Authorization { roles: vec![role], ..iam::Authorization::default() });
        account
    }

    #[test]
    fn passes_without_guests() {
        passes(&CHECK, &with_identity_pool(false, Some(ROLE)));
    }

    #[test]
    fn fails_without_a_role_too() {
        let finding = fails(&CHECK, &with_identity_pool(true, None));
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("no_role")));
        let finding = fails(&CHECK, &with(|pool| pool.allows_classic_flow = read(true)));
        assert_eq!((finding.severity, finding.variant), (Severity::Medium, Some("classic_flow")));
    }

    #[test]
    fn is_high_when_the_role_may_do_more_than_the_basics() {
        let finding = fails(&CHECK, &with_rights(BASICS));
        assert_eq!((finding.severity, finding.variant), (Severity::Medium, None));
        for action in ["logs:*", "ec2:Describe*", "ssm:PutParameter", "s3:GetObject"] {
            let document =
                format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#);
            let finding = fails(&CHECK, &with_rights(&document));
            assert_eq!((finding.severity, finding.variant), (Severity::High, Some("more")), "{action}");
        }
    }

    #[test]
    fn is_low_when_the_role_trusts_another_pool() {
        let all = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
        let mut account = with_role(all, "eu-west-1:2");
        let finding = fails(&CHECK, &account);
        assert_eq!((finding.severity, finding.variant), (Severity::Low, Some("refused")));
        let Collected::Value(pools) = &mut region(&mut account).cognito.identity_pools else {
            panic!("no pools")
        };
        pools[0].allows_classic_flow = read(true);
        let finding = fails(&CHECK, &account);
        assert_eq!((finding.severity, finding.variant), (Severity::Medium, Some("classic_flow")));
        assert_eq!(fails(&CHECK, &with_rights(all)).severity, Severity::High);
    }

    #[test]
    fn tells_when_the_role_or_its_rights_are_not_readable() {
        let finding = fails(&CHECK, &with(|pool| pool.guest_role = denied()));
        assert_eq!((finding.severity, finding.variant), (Severity::Medium, Some("role_unread")));
        let mut account = with_rights(BASICS);
        account.iam.authorization = denied();
        assert_eq!(fails(&CHECK, &account).variant, Some("rights_unread"));
        let foreign = with_identity_pool(true, Some("arn:aws:iam::444455556666:role/guest"));
        assert_eq!(fails(&CHECK, &foreign).variant, Some("rights_unread"));
    }
}

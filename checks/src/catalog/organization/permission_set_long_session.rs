use super::administers;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::identity_center::PermissionSet,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "organization-permission-set-long-session",
    severity: Severity::Low,
    sources: &[Source::IdentityCenterPermissionSets, Source::IamAuthorization],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.identity_center.permission_sets, |cx, set| {
                let minutes = set.session_minutes();
                let is_long = minutes > PermissionSet::DEFAULT_SESSION_MINUTES;
                match administers(cx, set) {
                    Ok(false) => Err(NotJudged::NotApplicable),
                    Err(not_judged) if is_long => Err(not_judged),
                    _ => Ok(Verdict::fail_if(is_long).with("minutes", minutes)),
                }
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, ADMINISTRATOR, administrator, set, with_sets},
        CHECK,
    };
    use crate::{
        snapshot::{
            Snapshot,
            iam::{Authorization, ManagedPolicy},
            identity_center::{Boundary, PermissionSet},
        },
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn long(set: PermissionSet) -> Snapshot {
        with_sets(vec![PermissionSet { session_minutes: Some(720), ..set }], vec![])
    }

    /// The account has a policy of that name.
    fn with_policy(mut account: Snapshot, name: &str, document: &str) -> Snapshot {
        let policy = ManagedPolicy {
            arn: format!("arn:aws:iam::111122223333:policy{name}"),
            name: name.rsplit('/').next().unwrap().into(),
            attachment_count: 1,
            boundary_usage_count: 0,
            default_version: "v1".into(),
            document: document.into(),
            other_versions: [].into(),
        };
        account.iam.authorization =
            read(Authorization { policies: vec![policy], ..Authorization::default() });
        account
    }

    #[test]
    fn fails_of_administrators_by_every_kind_of_policy() {
        let finding = fails(&CHECK, &long(administrator("Admin")));
        assert_eq!(
            (finding.resource.name.as_deref(), &finding.evidence["minutes"]),
            (Some("Admin"), &720.into())
        );
        fails(&CHECK, &long(PermissionSet { inline_policy: Some(ADMIN.into()), ..set("Inline") }));
        let own = || PermissionSet { customer_managed_policies: vec!["/team/all".into()], ..set("Own") };
        fails(&CHECK, &with_policy(long(own()), "/team/all", ADMIN));
        let bounded = PermissionSet { boundary: Some(Boundary::Managed(ADMINISTRATOR.into())), ..own() };
        fails(&CHECK, &with_policy(long(bounded), "/team/all", ADMIN));
    }

    #[test]
    fn passes_for_an_hour_and_where_nothing_is_said() {
        for session_minutes in [Some(60), None] {
            let set = PermissionSet { session_minutes, ..administrator("Admin") };
            passes(&CHECK, &with_sets(vec![set], vec![]));
        }
    }

    #[test]
    fn says_nothing_of_those_who_are_no_administrators() {
        let power = "arn:aws:iam::aws:policy/PowerUserAccess";
        silent(&CHECK, &long(PermissionSet { managed_policies: vec![power.into()], ..set("Power") }));
        let deny = r#"{"Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}"#;
        let denied = PermissionSet { inline_policy: Some(deny.into()), ..administrator("Denied") };
        silent(&CHECK, &long(denied));
        let bounded = |boundary| long(PermissionSet { boundary: Some(boundary), ..administrator("Bounded") });
        silent(&CHECK, &bounded(Boundary::Managed(power.into())));
        let less = r#"{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
        let own = bounded(Boundary::CustomerManaged("/limit".into()));
        silent(&CHECK, &with_policy(own.clone(), "/limit", less));
        fails(&CHECK, &with_policy(own, "/limit", ADMIN));
        silent(&CHECK, &empty());
    }

    #[test]
    fn policies_that_this_account_lacks_prove_nothing() {
        let elsewhere = PermissionSet { customer_managed_policies: vec!["/all".into()], ..set("Elsewhere") };
        silent(&CHECK, &long(elsewhere.clone()));
        let mut account = long(elsewhere);
        account.iam.authorization = denied();
        unknown(&CHECK, &account);
        silent(
            &CHECK,
            &long(PermissionSet {
                boundary: Some(Boundary::CustomerManaged("/limit".into())),
                ..administrator("Bounded")
            }),
        );
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_unknown() {
        unknown(&CHECK, &long(PermissionSet { inline_policy: Some("{".into()), ..set("Broken") }));
        // What is known decides.
        let inline_policy = Some("{".into());
        fails(&CHECK, &long(PermissionSet { inline_policy, ..administrator("Admin") }));
        let mut account = empty();
        region(&mut account).identity_center.permission_sets = denied();
        unknown(&CHECK, &account);
    }
}

use std::collections::BTreeSet;

use crate::{
    analysis::{
        policy::{Condition, Known, Pin, Principals, Statement, effective, public},
        resource_controls::{stranger, strangers},
        trust::account_named,
    },
    catalog::unless_closed,
    check::{Check, Context, Trust},
    finding::{Severity, Verdict},
    gap::{self, Gap, Gaps, NotJudged},
    snapshot::{
        Judged as _,
        s3::{Bucket, op},
    },
    source::Source,
};

/// What another account must not be allowed (S3.6).
const ACTIONS: [&str; 5] = [
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
];

pub(super) const CHECK: Check = Check {
    id: "s3-bucket-cross-account-write",
    severity: Severity::High,
    sources: &[
        Source::S3BucketPolicy,
        Source::S3BucketAcl,
        Source::CloudFrontOriginAccessIdentities,
        Source::Organization,
        Source::OrganizationAccounts,
        Source::ServiceControlPolicies,
    ],
    run: |cx| {
        cx.each_known(&cx.snapshot.s3.buckets, |cx, bucket| {
            let Some(text) = bucket.policy.get()? else { return Ok(Verdict::pass()) };
            let region = Some(bucket.region.as_str());
            let policy = cx.analyses.documents.read(text, op::GetBucketPolicy, region, &bucket.name)?;
            let policy = public::in_force(&policy, cx.snapshot.started_at);
            let (mut principals, mut actions, mut statements) =
                (BTreeSet::new(), BTreeSet::<&str>::new(), Vec::new());
            let (mut certain, mut gaps) = (false, Gaps::default());
            for statement in policy.allows() {
                let others = others(cx, bucket, statement);
                let allowed = ACTIONS.into_iter().filter(|action| statement.actions.selects_action(action));
                let allowed: Vec<_> =
                    allowed.filter(|action| !effective::denied_everywhere(&policy, action)).collect();
                if allowed.is_empty() {
                    continue;
                }
                for Other { name, caller, trust } in others {
                    let trust = match gaps.known(trust) {
                        None | Some(Trust::Trusted) => continue,
                        Some(trust) => trust,
                    };
                    let is_left = |action: &&&str| !denied_to(cx, bucket, action, caller.as_ref());
                    let left: Vec<_> = allowed.iter().filter(is_left).collect();
                    if left.is_empty() {
                        continue;
                    }
                    certain |= trust == Trust::Stranger;
                    principals.insert(name);
                    actions.extend(left);
                    if !statements.contains(&statement.label()) {
                        statements.push(statement.label());
                    }
                }
            }
            gaps.unless(!principals.is_empty())?;
            let verdict = Verdict::fail_if(!principals.is_empty())
                .with("principals", principals)
                .with("actions", actions)
                .with("statements", statements);
            let verdict = unless_closed(cx, verdict, op::GetBucketPolicy);
            Ok(if certain || verdict.passes() { verdict } else { verdict.told_as("member") })
        });
    },
};

/// Somebody else whom a statement names.
struct Other<'s> {
    /// As the statement has it; `*` for everyone.
    name: &'s str,
    /// What is known of its requests, if it is none of the organization; none where it may be of the organization all the
    /// same.
    caller: Option<Known>,
    trust: Result<Trust, NotJudged>,
}

/// The principals of accounts that a statement names, and `*` when it lets everyone in.
fn others<'s>(cx: &Context<'_>, bucket: &Bucket, statement: &'s Statement) -> Vec<Other<'s>> {
    let everyone = statement.principals.as_ref().is_some_and(Principals::is_everyone);
    if everyone {
        // Callers with fixed values or by a pattern: of an account, an organization or some network of its own.
        let pins = |condition: &Condition| matches!(condition.pins(), Pin::Fixed | Pin::Pattern(_));
        let pinned = statement.conditions.iter().any(pins);
        let caller = Some(strangers());
        return if pinned {
            Vec::new()
        } else {
            vec![Other { name: "*", caller, trust: Ok(Trust::Stranger) }]
        };
    }
    let Some(Principals::Any(named)) = &statement.principals else { return Vec::new() };
    let trust = |(kind, name): &'s (String, String)| match kind.to_ascii_lowercase().as_str() {
        "aws" => {
            let account = account_named(name).or_else(|| name.split(':').nth(4))?;
            // `arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity …` is of no account.
            let is_account = !account.is_empty() && account != "cloudfront";
            let caller = Some(stranger(account));
            is_account.then(|| Other { name, caller, trust: cx.trust(account) })
        }
        "canonicaluser" => match is_owner_or_cloudfront(cx, bucket, name) {
            Ok(true) => None,
            // Another account under its other name: which one is not known.
            Ok(false) => Some(Other { name, caller: None, trust: Ok(Trust::Stranger) }),
            Err(gap) => Some(Other { name, caller: None, trust: Err(gap) }),
        },
        _ => None,
    };
    named.iter().filter_map(trust).collect()
}

/// Whether resource control policies surely keep the caller from it, in the whole bucket.
fn denied_to(cx: &Context<'_>, bucket: &Bucket, action: &str, caller: Option<&Known>) -> bool {
    let arn = bucket.arn(&cx.place());
    let resources = if action == "s3:PutObjectAcl" { format!("{arn}/*") } else { arn };
    caller.is_some_and(|caller| cx.analyses.resource_controls().deny(action, &resources, caller))
}

/// Whether the canonical user is the bucket's own account, or an origin access identity of CloudFront.
fn is_owner_or_cloudfront(cx: &Context<'_>, bucket: &Bucket, user: &str) -> Result<bool, NotJudged> {
    let owners = || {
        let owners = [cx.snapshot.s3.owner.get(), bucket.owner.get()];
        let owners = gap::collect(owners.map(|owner| owner.map(Option::as_ref).map(Option::into_iter)))?;
        if owners.is_empty() {
            let (operation, region) = (op::GetBucketAcl, Some(bucket.region.as_str()));
            return Err(Gap::unreadable(operation, region, Some(&bucket.name), "no owner was told").into());
        }
        Ok(owners)
    };
    let is_owner = owners().map(|owners| owners.iter().any(|owner| *owner == user));
    // CloudFront is not in every partition.
    let identities = cx.snapshot.cloudfront.origin_access_identities.get();
    gap::any([is_owner, identities.map(|identities| identities.iter().any(|id| id == user))])
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{policy, with_bucket},
        CHECK,
    };
    use crate::{
        analysis::resource_controls::tests::{perimeter, under},
        gap::Collected,
        settings::Settings,
        snapshot::Snapshot,
        testing::{denied, fails, fails_with, needs_to_know_members, passes, read, unknown},
    };

    fn allowing(principal: &str, action: &str, more: &str) -> Snapshot {
        let statement = format!(
            r#"{{"Sid": "S", "Effect": "Allow", "Principal": {principal}, "Action": {action}, "Resource": "*"{more}}}"#
        );
        with_bucket(|bucket| bucket.policy = read(policy(&statement)))
    }

    const OTHER: &str = r#"{"AWS": "arn:aws:iam::444455556666:root"}"#;

    #[test]
    fn fails_when_another_account_may_change_the_bucket() {
        for (principal, action) in [
            (OTHER, r#""s3:PutBucketPolicy""#),
            (r#"{"AWS": "444455556666"}"#, r#"["s3:GetObject", "s3:Put*"]"#),
            (r#"{"AWS": ["111122223333", "arn:aws:iam::444455556666:role/deploy"]}"#, r#""s3:*""#),
            (
                r#"{"CanonicalUser": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"}"#,
                r#""s3:PutObjectAcl""#,
            ),
            (r#""*""#, r#""s3:DeleteBucketPolicy""#),
        ] {
            let finding = fails(&CHECK, &allowing(principal, action, ""));
            assert_eq!(finding.evidence["statements"], serde_json::json!(["S"]));
        }
        let settings = Settings { trusted_accounts: vec!["777788889999".into()], ..Settings::default() };
        fails_with(&settings, &CHECK, &allowing(OTHER, r#""s3:PutBucketAcl""#, ""));
    }

    #[test]
    fn passes_for_other_actions_and_principals() {
        passes(&CHECK, &allowing(OTHER, r#"["s3:PutObject", "s3:GetBucketPolicy"]"#, ""));
        passes(&CHECK, &allowing(r#"{"AWS": "111122223333"}"#, r#""s3:*""#, ""));
        passes(&CHECK, &allowing(r#"{"Service": "logging.s3.amazonaws.com"}"#, r#""s3:*""#, ""));
        let over = r#", "Condition": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#;
        passes(&CHECK, &allowing(OTHER, r#""s3:*""#, over));
        let roles = r#", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#;
        passes(&CHECK, &allowing(r#""*""#, r#""s3:*""#, roles));
        let own = r#", "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}"#;
        passes(&CHECK, &allowing(r#""*""#, r#""s3:*""#, own));
        passes(&CHECK, &with_bucket(|_| ()));
    }

    #[test]
    fn the_owner_and_cloudfront_are_no_other_accounts() {
        let user = |id: &str| allowing(&format!(r#"{{"CanonicalUser": "{id}"}}"#), r#""s3:*""#, "");
        let own = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
        passes(&CHECK, &user(own));
        let identity = r#"{"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}"#;
        passes(&CHECK, &allowing(identity, r#""s3:*""#, ""));
        let mut account = user("b970b42360b81c8ddbd79d2f5df0069ba9033c8a79655752abe380cd6d63ba8b");
        fails(&CHECK, &account);
        account.cloudfront.origin_access_identities = denied();
        unknown(&CHECK, &account);
        account.cloudfront.origin_access_identities =
            read(vec!["b970b42360b81c8ddbd79d2f5df0069ba9033c8a79655752abe380cd6d63ba8b".into()]);
        passes(&CHECK, &account);
        let mut account = user(own);
        account.s3.owner = denied();
        unknown(&CHECK, &account);
        let Collected::Value(buckets) = &mut account.s3.buckets else { unreachable!() };
        buckets[0].owner = read(Some(own.into()));
        passes(&CHECK, &account);
    }

    #[test]
    fn passes_for_accounts_of_the_organization_and_when_denied() {
        let mut account = allowing(OTHER, r#""s3:*""#, "");
        account.organizations.accounts = read(Some(vec!["444455556666".into()]));
        passes(&CHECK, &account);
        let both = format!(
            r#"{{"Effect": "Allow", "Principal": {OTHER}, "Action": "s3:*", "Resource": "*"}},
               {{"Effect": "Deny", "Principal": "*", "Action": ["s3:*Policy", "s3:*Acl", "s3:PutEncryptionConfiguration"], "Resource": "*"}}"#
        );
        passes(&CHECK, &with_bucket(|bucket| bucket.policy = read(policy(&both))));
    }

    #[test]
    fn passes_where_a_resource_control_policy_keeps_others_out() {
        let with = |principal: &str, documents: Option<&[&str]>| {
            let mut account = under(allowing(principal, r#""s3:*""#, ""), documents);
            account.organizations.accounts = read(Some(vec!["111122223333".into()]));
            account
        };
        for principal in [OTHER, r#""*""#] {
            passes(&CHECK, &with(principal, Some(&[&perimeter("s3:*")])));
            fails(&CHECK, &with(principal, Some(&[&perimeter("s3:PutObjectAcl")])));
            let finding = fails(&CHECK, &with(principal, None));
            assert_eq!(finding.evidence["resource_control_policies_considered"], false);
        }
        let objects = perimeter("s3:*").replace(r#""Resource": "*""#, r#""Resource": "arn:aws:s3:::*/*""#);
        let finding = fails(&CHECK, &with(OTHER, Some(&[&objects])));
        assert!(!finding.evidence["actions"].to_string().contains("PutObjectAcl"));
        // An account under its other name may be of the organization.
        let user = r#"{"CanonicalUser": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a"}"#;
        fails(&CHECK, &with(user, Some(&[&perimeter("s3:*")])));
    }

    #[test]
    fn whether_an_account_is_of_the_organization_may_not_be_told() {
        needs_to_know_members(&CHECK, allowing(OTHER, r#""s3:*""#, ""));
        let mut everyone = allowing(r#"["*", "444455556666"]"#, r#""s3:*""#, "");
        everyone.organizations.organization = denied();
        assert_eq!(
            fails(&CHECK, &everyone).variant,
            None,
            "everyone is a stranger whatever the organization"
        );
    }
}

//! What the world can do with a bucket: policy, access control list and access points, less what
//! block-public-access (of access point, bucket and account, the strictest) and object ownership hold back.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Analyses,
    policy::{Chance, Known, Policy, public},
};
use crate::{
    gap::{self, Collected, Gap, NotJudged},
    snapshot::{
        Snapshot,
        s3::{self, Bucket, PublicAccessBlock},
        s3control::{self, AccessPoint},
    },
};

/// What is asked: reading or changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading objects, listing them, reading the bucket's settings.
    Read,
    /// Writing, deleting, changing permissions or settings.
    Write,
}

impl Access {
    const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Read => &READ,
            Self::Write => &WRITE,
        }
    }
}

/// One grant to the world, as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "through", rename_all = "snake_case")]
pub enum Grant {
    /// A statement of the bucket policy.
    Policy {
        /// The `Sid` or number of the statement.
        statement: String,
        /// The actions that it opens.
        actions: Vec<String>,
        /// On which resources.
        resources: Vec<String>,
        /// Conditions that do not keep strangers out, and why.
        conditions: Vec<String>,
        /// Those of them that keep strangers out, though AWS's definition of "public" does not count them.
        limits: Vec<String>,
    },
    /// A statement of an access point's policy, which the bucket policy lets through.
    AccessPoint {
        /// The access point's name.
        name: String,
        /// The `Sid` or number of the statement.
        statement: String,
        /// The actions that it opens.
        actions: Vec<String>,
        /// The statement of the bucket policy that lets the access point's requests through.
        bucket_statement: String,
        /// Conditions that do not keep strangers out, and why.
        conditions: Vec<String>,
        /// Those of them, or of the bucket policy's, that keep strangers out, though AWS's definition of "public"
        /// does not count them.
        limits: Vec<String>,
    },
    /// A grant of the access control list.
    Acl {
        /// `AllUsers` or `AuthenticatedUsers`.
        group: String,
        /// `READ`, `WRITE`, ….
        permission: String,
    },
}

impl Grant {
    /// Whether no stranger can use the grant, although AWS's definition of "public" does not count the condition
    /// that keeps him out, for a wildcard or a policy variable.
    #[must_use]
    pub const fn is_limited(&self) -> bool {
        match self {
            Self::Policy { limits, .. } | Self::AccessPoint { limits, .. } => !limits.is_empty(),
            Self::Acl { .. } => false,
        }
    }

    /// What messages tell of the grant.
    #[must_use]
    pub fn summary(&self) -> Value {
        // A wildcard opens dozens of actions; the first few tell what it is about.
        let few = |actions: &[String]| {
            let more = if actions.len() > 3 { ", …" } else { "" };
            actions.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ") + more
        };
        match self {
            Self::Policy { statement, actions, .. } => {
                json!({"actions": few(actions), "policy_statement": statement})
            }
            Self::AccessPoint { name, statement, actions, .. } => {
                json!({"actions": few(actions), "access_point": name, "policy_statement": statement})
            }
            Self::Acl { group, permission } => json!({"permission": permission, "acl_group": group}),
        }
    }
}

/// Actions that read, from the Service Authorization Reference for Amazon S3.
const READ: [&str; 14] = [
    "s3:GetObject",
    "s3:ListBucket",
    "s3:GetObjectVersion",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    "s3:GetObjectAcl",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectTagging",
    "s3:GetObjectAttributes",
    "s3:GetObjectTorrent",
    "s3:GetBucketAcl",
    "s3:GetBucketPolicy",
    "s3:GetInventoryConfiguration",
];

/// Actions that write, delete or change permissions, from the same page.
const WRITE: [&str; 31] = [
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutObjectAcl",
    "s3:PutObjectVersionAcl",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:DeleteBucket",
    "s3:AbortMultipartUpload",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucketWebsite",
    "s3:DeleteObjectTagging",
    "s3:DeleteObjectVersionTagging",
    "s3:ObjectOwnerOverrideToBucketOwner",
    "s3:PutBucketCORS",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutBucketWebsite",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutObjectTagging",
    "s3:PutReplicationConfiguration",
    "s3:ReplicateObject",
    "s3:RestoreObject",
];

/// Grants to the world, and whether a setting holds them back. Each part may be unreadable by itself.
struct Way {
    grants: Result<Vec<Grant>, NotJudged>,
    held_back: Result<bool, NotJudged>,
}

/// What the world can do with the bucket now.
///
/// # Errors
/// When it depends on something that could not be read.
pub fn open<'a>(
    analyses: &Analyses<'a>,
    bucket: &'a Bucket,
    access: Access,
) -> Result<Vec<Grant>, NotJudged> {
    combined(ways(analyses, bucket, access), |held_back| !held_back)
}

/// What the world could do but for a block-public-access setting.
///
/// # Errors
/// When it depends on something that could not be read.
pub fn dormant<'a>(analyses: &Analyses<'a>, bucket: &'a Bucket) -> Result<Vec<Grant>, NotJudged> {
    let [read, write] = [Access::Read, Access::Write].map(|access| ways(analyses, bucket, access));
    combined(read.into_iter().chain(write), |held_back| held_back)
}

/// The grants of the ways that are as wanted. A grant that is known decides; only when there is none does it
/// matter what could not be read.
fn combined(ways: impl IntoIterator<Item = Way>, wanted: fn(bool) -> bool) -> Result<Vec<Grant>, NotJudged> {
    let mut is_gone = false;
    let found = gap::collect(ways.into_iter().map(|Way { grants, held_back }| {
        is_gone |= grants == Err(NotJudged::NotApplicable);
        // Without a grant, or held back otherwise than asked about, the rest does not matter.
        let are_there = grants.as_ref().map(|grants| !grants.is_empty()).map_err(Clone::clone);
        if gap::all([are_there, held_back.map(wanted)])? { grants } else { Ok(Vec::new()) }
    }))?;
    // A bucket that went away meanwhile is not one that is fine.
    if found.is_empty() && is_gone { Err(NotJudged::NotApplicable) } else { Ok(found) }
}

fn ways<'a>(analyses: &Analyses<'a>, bucket: &'a Bucket, access: Access) -> Vec<Way> {
    let account = &analyses.snapshot.s3.public_access_block;
    let mut ways = vec![
        Way {
            grants: by_policy(analyses, bucket, access),
            held_back: blocked(&[account, &bucket.public_access_block], |it| it.restrict_public_buckets),
        },
        Way {
            grants: by_acl(analyses, bucket, access),
            held_back: blocked(&[account, &bucket.public_access_block], |it| it.ignore_public_acls),
        },
    ];
    // Access points are in the bucket's region; those of a region that was not to be scanned are not asked for.
    let Some(region) = analyses.snapshot.regions.get(&bucket.region) else { return ways };
    match region.s3control.access_points.offered() {
        Ok(points) => {
            let points =
                points.into_iter().flatten().filter(|point| leads_to(point, bucket, analyses.snapshot));
            ways.extend(points.map(|point| Way {
                grants: by_access_point(analyses, bucket, point, access),
                held_back: blocked(
                    &[account, &bucket.public_access_block, &point.public_access_block],
                    |it| it.restrict_public_buckets,
                ),
            }))
        }
        Err(not_judged) => ways.push(Way {
            // Without a bucket policy an access point lets nobody in.
            grants: if matches!(&bucket.policy, Collected::Value(None)) {
                Ok(Vec::new())
            } else {
                Err(not_judged)
            },
            held_back: blocked(&[account, &bucket.public_access_block], |it| it.restrict_public_buckets),
        }),
    }
    ways
}

/// Whether a setting is on at one of the levels, which is enough, whatever the others say.
fn blocked(
    levels: &[&Collected<PublicAccessBlock>],
    setting: fn(&PublicAccessBlock) -> bool,
) -> Result<bool, NotJudged> {
    gap::any(levels.iter().map(|level| level.get().map(setting)))
}

/// Whether the access point is one of this bucket (not of another account's of the same name), and not limited
/// to a VPC.
fn leads_to(point: &AccessPoint, bucket: &Bucket, snapshot: &Snapshot) -> bool {
    let ours = point.bucket_account.as_ref().is_none_or(|account| *account == snapshot.account.id);
    point.bucket == bucket.name && ours && point.vpc.is_none()
}

/// What the world can do through an access point: what its policy opens and the bucket policy, too, lets
/// through (S3 User Guide, "Configuring IAM policies for using access points"). A bucket policy that leaves it to
/// the account's access points is not public by itself.
fn by_access_point<'a>(
    analyses: &Analyses<'a>,
    bucket: &'a Bucket,
    point: &'a AccessPoint,
    access: Access,
) -> Result<Vec<Grant>, NotJudged> {
    // An access point that is gone by now opens nothing.
    let own = point.policy.offered()?.and_then(Option::as_ref);
    let (Some(own), Some(of_bucket)) = (own, bucket.policy.get()?) else { return Ok(Vec::new()) };
    let region = Some(bucket.region.as_str());
    let own = analyses.documents.read(own, s3control::op::GetAccessPointPolicy, region, &point.arn)?;
    let of_bucket = analyses.documents.read(of_bucket, s3::op::GetBucketPolicy, region, &bucket.name)?;
    let of_bucket = analyses.resource_controls().over(of_bucket, s3::op::GetBucketPolicy);
    let mut known = Known::default();
    known.is("s3:DataAccessPointArn", point.arn.as_str());
    known.is("s3:DataAccessPointAccount", analyses.snapshot.account.id.as_str());
    known.is("s3:AccessPointNetworkOrigin", "Internet");
    let exposed = |policy: &Policy| public::exposure(policy, access.actions(), analyses.snapshot.started_at);
    let (let_through, opened) = (exposed(&seen_through(&of_bucket, &known)), exposed(&own));
    let grants = opened.grants.iter().flat_map(|grant| {
        let point = point.name.clone();
        let_through.grants.iter().filter_map(move |through| {
            let actions: Vec<_> =
                grant.actions.iter().filter(|it| through.actions.contains(it)).cloned().collect();
            (!actions.is_empty()).then(|| Grant::AccessPoint {
                name: point.clone(),
                statement: grant.statement.clone(),
                actions,
                bucket_statement: through.statement.clone(),
                conditions: grant.conditions.clone(),
                limits: [grant.limits.as_slice(), &through.limits].concat(),
            })
        })
    });
    let grants: Vec<_> = grants.collect();
    match opened.unclear.into_iter().chain(let_through.unclear).next() {
        Some((_, cause)) if grants.is_empty() => {
            Err(Gap::unreadable(s3control::op::GetAccessPointPolicy, region, Some(&point.arn), cause).into())
        }
        _ => Ok(grants),
    }
}

/// The policy as it is for requests of which this is known: conditions that hold are gone, and statements whose
/// conditions never hold.
fn seen_through(policy: &Policy, known: &Known) -> Policy {
    let mut policy = policy.clone();
    policy
        .statements
        .retain(|s| !s.conditions.iter().any(|condition| condition.chance(known) == Chance::Never));
    for statement in &mut policy.statements {
        statement.conditions.retain(|condition| condition.chance(known) != Chance::Always);
    }
    policy
}

fn by_policy<'a>(
    analyses: &Analyses<'a>,
    bucket: &'a Bucket,
    access: Access,
) -> Result<Vec<Grant>, NotJudged> {
    let Some(text) = bucket.policy.get()? else { return Ok(Vec::new()) };
    let policy =
        analyses.documents.read(text, s3::op::GetBucketPolicy, Some(&bucket.region), &bucket.name)?;
    let policy = analyses.resource_controls().over(policy, s3::op::GetBucketPolicy);
    let exposure = public::exposure(&policy, access.actions(), analyses.snapshot.started_at);
    match exposure.unclear.into_iter().next() {
        Some((_, cause)) if exposure.grants.is_empty() => {
            Err(Gap::unreadable(s3::op::GetBucketPolicy, Some(&bucket.region), Some(&bucket.name), cause)
                .into())
        }
        _ => Ok(exposure.grants.into_iter().map(of_policy).collect()),
    }
}

fn of_policy(grant: public::Grant) -> Grant {
    let public::Grant { statement, actions, resources, conditions, limits } = grant;
    Grant::Policy { statement, actions, resources, conditions, limits }
}

/// Whether resource control policies deny everyone everything that is asked: no list opens it then.
fn closed_to_everyone(analyses: &Analyses<'_>, access: Access) -> bool {
    let controls = analyses.resource_controls();
    if controls.is_empty() {
        return false;
    }
    let actions = json!(access.actions());
    let everything = format!(
        r#"{{"Statement": [{{"Effect": "Allow", "Principal": "*", "Action": {actions}, "Resource": "*"}}]}}"#
    );
    let Ok(policy) = Policy::parse(&everything) else { return false };
    let policy = controls.over(policy, s3::op::GetBucketPolicy);
    let exposure = public::exposure(&policy, access.actions(), analyses.snapshot.started_at);
    exposure.grants.is_empty() && exposure.unclear.is_empty()
}

fn by_acl(analyses: &Analyses<'_>, bucket: &Bucket, access: Access) -> Result<Vec<Grant>, NotJudged> {
    if closed_to_everyone(analyses, access) {
        return Ok(Vec::new());
    }
    let permissions = match access {
        Access::Read => ["READ", "READ_ACP", "FULL_CONTROL"],
        Access::Write => ["WRITE", "WRITE_ACP", "FULL_CONTROL"],
    };
    let grants: Vec<_> = bucket
        .acl
        .get()?
        .iter()
        .filter(|grant| permissions.contains(&grant.permission.as_str()))
        .filter_map(|grant| {
            let group = grant.grantee.strip_prefix("http://acs.amazonaws.com/groups/global/")?;
            let permission = grant.permission.clone();
            ["AllUsers", "AuthenticatedUsers"]
                .contains(&group)
                .then(|| Grant::Acl { group: group.into(), permission })
        })
        .collect();
    // With ownership enforced ACLs are off, and what they say does not count.
    if grants.is_empty() || bucket.object_ownership.get()?.as_deref() == Some("BucketOwnerEnforced") {
        return Ok(Vec::new());
    }
    Ok(grants)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        snapshot::s3::AclGrant,
        testing::{denied, empty, read, region},
    };

    const PUBLIC: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}"#;
    const DELEGATED: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}}]}"#;
    const NOT_DELEGATED: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringEquals": {"s3:DataAccessPointAccount": "444455556666"}}}]}"#;

    fn point(policy: &str) -> AccessPoint {
        AccessPoint {
            name: "web".into(),
            arn: "arn:aws:s3:eu-west-1:111122223333:accesspoint/web".into(),
            bucket: "reports".into(),
            bucket_account: Some("111122223333".into()),
            vpc: None,
            public_access_block: read(PublicAccessBlock::default()),
            policy: read(Some(policy.into())),
        }
    }

    fn bucket(policy: Option<&str>) -> Bucket {
        Bucket {
            name: "reports".into(),
            region: "eu-west-1".into(),
            public_access_block: read(PublicAccessBlock::default()),
            policy: read(policy.map(Into::into)),
            acl: read(vec![]),
            object_ownership: read(None),
            ..Bucket::default()
        }
    }

    fn opened(bucket: &Bucket, point: AccessPoint) -> Result<Vec<Grant>, NotJudged> {
        let mut account = empty();
        region(&mut account).s3control.access_points = read(vec![point]);
        open(&account, bucket, Access::Read)
    }

    fn open(snapshot: &Snapshot, bucket: &Bucket, access: Access) -> Result<Vec<Grant>, NotJudged> {
        super::open(&Analyses::of(snapshot), bucket, access)
    }

    fn is_open(bucket: &Bucket, point: AccessPoint) -> bool {
        !opened(bucket, point).unwrap().is_empty()
    }

    #[test]
    fn an_access_point_opens_a_bucket_that_leaves_it_to_access_points() {
        let grants = opened(&bucket(Some(DELEGATED)), point(PUBLIC)).unwrap();
        assert_eq!(
            grants[0].summary(),
            json!({"actions": "s3:GetObject", "access_point": "web", "policy_statement": "#1"})
        );
        assert!(!is_open(&bucket(None), point(PUBLIC)), "the bucket policy must allow it, too");
        assert!(!is_open(&bucket(Some(NOT_DELEGATED)), point(PUBLIC)));
        assert!(!is_open(&bucket(Some(DELEGATED)), point(&PUBLIC.replace("GetObject", "PutObject"))));
    }

    #[test]
    fn a_bucket_that_is_gone_is_not_judged_and_one_whose_access_point_is_gone_is() {
        let gone = Bucket { policy: Collected::NotOffered, acl: Collected::NotOffered, ..bucket(None) };
        assert_eq!(open(&empty(), &gone, Access::Read), Err(NotJudged::NotApplicable));
        let without_policy = AccessPoint { policy: Collected::NotOffered, ..point(PUBLIC) };
        assert!(!is_open(&bucket(Some(DELEGATED)), without_policy));
    }

    #[test]
    fn an_access_point_of_a_vpc_or_another_bucket_opens_nothing() {
        let delegated = bucket(Some(DELEGATED));
        let changed = |change: fn(&mut AccessPoint)| {
            let mut point = point(PUBLIC);
            change(&mut point);
            is_open(&delegated, point)
        };
        assert!(changed(|_| ()));
        assert!(!changed(|point| point.vpc = Some("vpc-1".into())));
        assert!(!changed(|point| point.bucket = "others".into()));
        assert!(!changed(|point| point.bucket_account = Some("444455556666".into())));
        assert!(!changed(|point| point.policy = read(None)));
        assert!(!changed(|point| point.public_access_block = read(PublicAccessBlock::ALL)));
    }

    #[test]
    fn what_cannot_be_read_matters_only_where_it_decides() {
        let mut account = empty();
        region(&mut account).s3control.access_points = denied();
        assert!(open(&account, &bucket(Some(DELEGATED)), Access::Read).is_err());
        assert!(open(&account, &bucket(None), Access::Read).unwrap().is_empty());
        let mut blocked = bucket(Some(DELEGATED));
        blocked.public_access_block = read(PublicAccessBlock::ALL);
        assert!(open(&account, &blocked, Access::Read).unwrap().is_empty());
        assert!(!open(&account, &bucket(Some(PUBLIC)), Access::Read).unwrap().is_empty());
    }

    fn settings() -> impl Strategy<Value = PublicAccessBlock> {
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(a, b, c, d)| {
            PublicAccessBlock {
                block_public_acls: a,
                ignore_public_acls: b,
                block_public_policy: c,
                restrict_public_buckets: d,
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        /// The table that AWS documents, written down as one condition for each way.
        #[test]
        fn agrees_with_the_table(
            account in settings(), of_bucket in settings(), of_point in settings(),
            policy in prop::option::of(prop_oneof![Just(PUBLIC), Just(DELEGATED), Just(NOT_DELEGATED)]),
            point_is_public in any::<bool>(), in_vpc in any::<bool>(),
            acl_is_public in any::<bool>(), enforced in any::<bool>(),
        ) {
            let mut snapshot = empty();
            snapshot.s3.public_access_block = read(account);
            let mut bucket = bucket(policy);
            bucket.public_access_block = read(of_bucket);
            let grantee = "http://acs.amazonaws.com/groups/global/AllUsers".to_owned();
            bucket.acl = read(if acl_is_public { vec![AclGrant { grantee, permission: "READ".into() }] } else { vec![] });
            bucket.object_ownership = read(enforced.then(|| "BucketOwnerEnforced".into()));
            let mut point = point(if point_is_public { PUBLIC } else { NOT_DELEGATED });
            point.vpc = in_vpc.then(|| "vpc-1".into());
            point.public_access_block = read(of_point);
            region(&mut snapshot).s3control.access_points = read(vec![point]);

            let restricted = account.restrict_public_buckets || of_bucket.restrict_public_buckets;
            let by_policy = policy == Some(PUBLIC) && !restricted;
            let by_acl =
                acl_is_public && !enforced && !account.ignore_public_acls && !of_bucket.ignore_public_acls;
            let by_point = point_is_public && !in_vpc && !restricted && !of_point.restrict_public_buckets
                && (policy == Some(PUBLIC) || policy == Some(DELEGATED));
            let expected = by_policy || by_acl || by_point;
            prop_assert_eq!(!open(&snapshot, &bucket, Access::Read).unwrap().is_empty(), expected);
        }
    }
}

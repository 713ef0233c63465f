//! IAM Identity Center: its instances in each region, and in the organization's management account the permission sets.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::ready,
    sync::Arc,
};

use aws_audit_checks::{
    analysis::{permission_set::administers, policy::Documents},
    gap::Collected,
    snapshot::{
        Snapshot,
        identity_center::{Assignee, Boundary, IdentityCenter, PermissionSet, op},
    },
    source::Source,
};
use futures_util::future::try_join_all;
use jiff::SignedDuration;

use crate::collect::{
    api::{Node, Request, SSO_ADMIN, Token},
    ask::{Ask, Run, sorted},
    call::CallError,
    items::{Lacks, Read, filled},
};

const NEXT: Token = Token::named("NextToken");

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> IdentityCenter {
    let found = ask.list(Source::IdentityCenterInstances, async {
        let operation = op::ListInstances;
        let request = Request::new().with("MaxResults", 100);
        let listed = SSO_ADMIN.list(ask, operation, None, request, ("Instances", NEXT)).await?;
        let found = ask.items(operation, &listed, |instance| {
            // An owner that is not told may be this account; it is asked, then.
            let owner = instance.text("OwnerAccountId")?;
            Ok((instance.required("InstanceArn")?, owner.is_none_or(|owner| owner == account)))
        });
        Ok(found.sorted(Clone::clone))
    });
    let found = found.await;
    let own = |found: &Vec<(String, bool)>| {
        found.iter().filter(|(_, is_own)| *is_own).map(|(arn, _)| arn.clone()).collect()
    };
    IdentityCenter {
        own_instances: found.as_ref().map(own),
        instances: found.map(|found| found.into_iter().map(|(arn, _)| arn).collect()),
        ..IdentityCenter::default()
    }
}

/// Reads the organization's permission sets, where the account is its management account: only there, and for delegated
/// administrators, are they told, and an account's own instance has none (IAM Identity Center User Guide, "Organization
/// and account instances"). After all regions: an instance can be in several, of which the primary one tells (the same,
/// "Using IAM Identity Center across multiple AWS Regions"), and who administers rests on the account's own policies too.
pub(in crate::collect) async fn permission_sets(run: &Arc<Run>, snapshot: &mut Snapshot) {
    for (name, (sets, assignees)) in told(run, snapshot).await {
        if let Some(region) = snapshot.regions.get_mut(&name) {
            region.identity_center.permission_sets = sets;
            region.identity_center.assignees = assignees;
        }
    }
}

type Told = (Collected<Vec<PermissionSet>>, Collected<Vec<Assignee>>);

async fn told(run: &Arc<Run>, snapshot: &Snapshot) -> BTreeMap<String, Told> {
    let is_planned = run.plan.contains(&Source::IdentityCenterPermissionSets);
    let account = &snapshot.account.id;
    let is_management = snapshot.organizations.organization.as_ref().map(|organization| {
        organization.as_ref().is_some_and(|organization| organization.management_account == *account)
    });
    let instances = snapshot.regions.iter().filter(|_| is_planned).map(|(name, region)| {
        let own = &region.identity_center.own_instances;
        let to_ask = match &is_management {
            Collected::Value(false) | Collected::NotOffered => Collected::Value(Vec::new()),
            Collected::Gap(gap) if !matches!(own, Collected::Value(own) if own.is_empty()) => {
                Collected::Gap(gap.clone())
            }
            _ => own.clone(),
        };
        (name, Ask::regional(run, name), to_ask)
    });
    let instances: Vec<_> = instances.collect();
    let mut have_told = BTreeSet::new();
    let mut answers: BTreeMap<&String, Vec<_>> = BTreeMap::new();
    for (name, ask, to_ask) in &instances {
        for instance in to_ask.known().into_iter().flatten().filter(|it| !it.is_empty()) {
            if !have_told.contains(instance) {
                let answer = sets_of(ask, instance).await;
                if answer.is_ok() {
                    have_told.insert(instance);
                }
                answers.entry(*name).or_default().push((instance, answer));
            }
        }
    }
    let mut told = BTreeMap::new();
    for (name, ask, to_ask) in &instances {
        // What another region has told is not missed in this one.
        let of_region = answers.remove(name).into_iter().flatten();
        let of_region =
            of_region.filter(|(instance, answer)| answer.is_ok() || !have_told.contains(instance));
        let sets = of_region.map(|(_, answer)| answer).collect::<Result<Vec<_>, _>>();
        let sets = sets.map(|sets| sets.into_iter().reduce(Read::and).unwrap_or_else(|| Vec::new().into()));
        let sets = ask.list_after(Source::IdentityCenterPermissionSets, to_ask, |_| ready(sets)).await;
        let assignees = ask.list_after(Source::IdentityCenterAssignees, &sets, |sets| {
            // Others, who cannot administer this account, are not asked about.
            let documents = Documents::default();
            let may_administer =
                sets.iter().filter(|set| administers(snapshot, &documents, set) != Ok(false));
            let sets: Vec<_> = may_administer.collect();
            assignees(ask, account, sets)
        });
        let assignees = assignees.await;
        told.insert((*name).clone(), (sets, assignees));
    }
    told
}

/// The permission sets of an instance.
async fn sets_of(ask: &Ask, instance: &str) -> Result<Read<Vec<PermissionSet>>, CallError> {
    let operation = op::ListPermissionSets;
    let request = Request::new().with("InstanceArn", instance).with("MaxResults", 100);
    let list = ("PermissionSets", NEXT);
    let arns = SSO_ADMIN.texts(ask, operation, Some(instance), request, list).await?;
    let described =
        |arn: String| async move { CallError::unless_gone(permission_set(ask, instance, &arn).await) };
    Ok(Read::from(arns).try_then(ask, described).await.sorted(|set| set.arn.clone()))
}

async fn permission_set(ask: &Ask, instance: &str, arn: &str) -> Result<PermissionSet, CallError> {
    let request = || Request::new().with("InstanceArn", instance).with("PermissionSetArn", arn);
    let list = || request().with("MaxResults", 100);
    let about = Some(arn);
    let (managed, customer_managed) =
        (op::ListManagedPoliciesInPermissionSet, op::ListCustomerManagedPolicyReferencesInPermissionSet);
    let (described, managed_policies, customer_managed_policies, inline, boundary) = tokio::join!(
        SSO_ADMIN.one(ask, op::DescribePermissionSet, about, request()),
        SSO_ADMIN.list(ask, managed, about, list(), ("AttachedManagedPolicies", NEXT)),
        SSO_ADMIN.list(ask, customer_managed, about, list(), ("CustomerManagedPolicyReferences", NEXT)),
        SSO_ADMIN.one(ask, op::GetInlinePolicyForPermissionSet, about, request()),
        SSO_ADMIN.one(ask, op::GetPermissionsBoundaryForPermissionSet, about, request()),
    );
    // First what tells that it is gone: of a boundary, the same answer says that there is none.
    let described = described?;
    let described = described.get("PermissionSet");
    let managed_policies =
        ask.all_items(managed, about, &managed_policies?, |policy| policy.required("Arn"))?;
    let customer_managed_policies =
        ask.all_items(customer_managed, about, &customer_managed_policies?, path_and_name)?;
    let inline_policy =
        ask.item(op::GetInlinePolicyForPermissionSet, about, inline?.text("InlinePolicy").map(filled))?;
    let boundary = match CallError::unless_absent(boundary)? {
        Some(answer) => ask.item(op::GetPermissionsBoundaryForPermissionSet, about, bounded_by(&answer))?,
        None => None,
    };
    let read = || {
        Ok(PermissionSet {
            arn: arn.to_owned(),
            instance: instance.to_owned(),
            name: described.required("Name")?,
            session_minutes: minutes(described.text("SessionDuration")?)?,
            managed_policies: sorted(managed_policies, Clone::clone),
            customer_managed_policies: sorted(customer_managed_policies, Clone::clone),
            inline_policy,
            boundary,
        })
    };
    ask.item(op::DescribePermissionSet, about, read())
}

/// Of a policy that each account has of its own: its ARN there ends in these.
fn path_and_name(reference: &Node) -> Result<String, Lacks> {
    Ok(format!("{}{}", reference.text("Path")?.unwrap_or("/"), reference.required("Name")?))
}

fn bounded_by(answer: &Node) -> Result<Option<Boundary>, Lacks> {
    let boundary = answer.get("PermissionsBoundary");
    if let Some(arn) = filled(boundary.text("ManagedPolicyArn")?) {
        return Ok(Some(Boundary::Managed(arn)));
    }
    let reference = boundary.get("CustomerManagedPolicyReference");
    match reference {
        Node::Null => Ok(None),
        reference => path_and_name(reference).map(|name| Some(Boundary::CustomerManaged(name))),
    }
}

/// A duration of ISO 8601, as `PT12H`.
fn minutes(duration: Option<&str>) -> Result<Option<i64>, Lacks> {
    let read = |text: &str| text.parse::<SignedDuration>().map(|duration| duration.as_mins());
    duration.map(|text| read(text).map_err(|_| Lacks::unknown("SessionDuration", text))).transpose()
}

/// Whoever has one of these permission sets in the account, with all that is assigned to them.
async fn assignees(
    ask: &Ask,
    account: &str,
    sets: Vec<&PermissionSet>,
) -> Result<Read<Vec<Assignee>>, CallError> {
    let here = try_join_all(sets.into_iter().map(|set| assigned_in(ask, account, set))).await?;
    let who: BTreeSet<_> = here.into_iter().flatten().collect();
    let read = Read::from(who.into_iter().collect::<Vec<_>>());
    let read = read.try_then(ask, |(instance, kind, id)| async move {
        let assigned = CallError::unless_gone(assignments(ask, instance, &kind, &id).await)?;
        Ok(assigned.map(|assignments| Assignee { kind, id, assignments }))
    });
    Ok(read.await)
}

/// Who has the permission set in the account: instance, `USER` or `GROUP`, id.
async fn assigned_in<'s>(
    ask: &Ask,
    account: &str,
    set: &'s PermissionSet,
) -> Result<Vec<(&'s str, String, String)>, CallError> {
    let (operation, about) = (op::ListAccountAssignments, Some(set.arn.as_str()));
    let request = Request::new()
        .with("InstanceArn", set.instance.as_str())
        .with("AccountId", account)
        .with("PermissionSetArn", set.arn.as_str())
        .with("MaxResults", 100);
    let list = ("AccountAssignments", NEXT);
    let listed = SSO_ADMIN.list(ask, operation, about, request, list).await;
    let listed = CallError::unless_gone(listed)?.unwrap_or_default();
    ask.all_items(operation, about, &listed, |assignment| {
        let kind = assignment.known("PrincipalType", &["USER", "GROUP"])?;
        let kind = kind.ok_or(Lacks::field("PrincipalType"))?;
        Ok((set.instance.as_str(), kind, assignment.required("PrincipalId")?))
    })
}

/// Accounts, by the permission set that the user or group has there.
async fn assignments(
    ask: &Ask,
    instance: &str,
    kind: &str,
    id: &str,
) -> Result<BTreeMap<String, Vec<String>>, CallError> {
    let operation = op::ListAccountAssignmentsForPrincipal;
    let request = Request::new()
        .with("InstanceArn", instance)
        .with("PrincipalType", kind)
        .with("PrincipalId", id)
        .with("MaxResults", 100);
    let listed = SSO_ADMIN.list(ask, operation, Some(id), request, ("AccountAssignments", NEXT)).await?;
    let listed = ask.all_items(operation, Some(id), &listed, |assignment| {
        Ok((assignment.required("PermissionSetArn")?, assignment.required("AccountId")?))
    })?;
    let mut assignments: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (set, account) in sorted(listed, Clone::clone) {
        assignments.entry(set).or_default().push(account);
    }
    Ok(assignments)
}

//! AWS Organizations: what this account may see of its organization. Mostly only the management account and
//! delegated administrators may; for everybody else a refusal is the expected answer, not a gap.

use std::collections::BTreeSet;

use aws_audit_checks::{
    snapshot::organizations::{ControlLevel, ControlPolicy, Organization, Organizations, op},
    source::Source,
};
use aws_sdk_organizations::{Client, types};
use futures_util::future::try_join_all;

use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    items::{Lacks, text},
};

/// Errors that mean "not from this account".
const NOT_FROM_HERE: [&str; 2] = ["AccessDeniedException", "AWSOrganizationsNotInUseException"];

pub(in crate::collect) async fn collect(ask: &Ask, account: &str) -> Organizations {
    let client = &ask.aws.organizations();
    let organization = ask.source(Source::Organization, organization(ask, client)).await;
    let (accounts, service_control_policies, control_policy_names) = tokio::join!(
        ask.after(Source::OrganizationAccounts, &organization, |organization| async move {
            match organization {
                Some(organization) => where_allowed(organization, account, accounts(ask, client).await),
                None => Ok(None),
            }
        }),
        ask.after(Source::ServiceControlPolicies, &organization, |organization| async move {
            match organization {
                Some(organization) if organization.management_account != account => {
                    where_allowed(organization, account, control_levels(ask, client, account).await)
                }
                // Neither the management account nor one outside organizations is under any.
                _ => Ok(Some(Vec::new())),
            }
        }),
        ask.after(Source::OrganizationControlPolicies, &organization, |organization| async move {
            match organization {
                Some(organization) if organization.management_account == account => {
                    control_policy_names(ask, client).await.map(Some)
                }
                _ => Ok(None),
            }
        }),
    );
    Organizations { organization, accounts, service_control_policies, control_policy_names }
}

/// The answer; none where only others of the organization may ask.
fn where_allowed<T>(
    organization: &Organization,
    account: &str,
    answer: Result<T, CallError>,
) -> Result<Option<T>, CallError> {
    // The management account may ask everything: its refusal is a lack of permission.
    let expected: &[&str] = if organization.management_account == account { &[] } else { &NOT_FROM_HERE };
    CallError::unless_code(answer, expected)
}

async fn organization(ask: &Ask, client: &Client) -> Result<Option<Organization>, CallError> {
    let send = || client.describe_organization().send();
    let operation = op::DescribeOrganization;
    let answer = ask.call(operation, None, send).await;
    let Some(answer) = CallError::unless_absent(answer)? else {
        return Ok(None);
    };
    let read = || {
        let organization = answer.organization().ok_or(Lacks::field("Organization"))?;
        Ok(Organization {
            id: text(organization.id(), "Id")?,
            management_account: text(organization.master_account_id(), "MasterAccountId")?,
        })
    };
    ask.item(operation, None, read()).map(Some)
}

async fn accounts(ask: &Ask, client: &Client) -> Result<Vec<String>, CallError> {
    let operation = op::ListAccounts;
    let pages = ask
        .pages(
            operation,
            None,
            |token| client.list_accounts().max_results(20).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.accounts());
    let ids = ask.all_items(operation, None, listed, |account| text(account.id(), "Id"))?;
    Ok(sorted(ids, Clone::clone))
}

async fn control_policy_names(ask: &Ask, client: &Client) -> Result<Vec<String>, CallError> {
    let operation = op::ListPolicies;
    let pages = ask
        .pages(
            operation,
            None,
            |token| {
                let list = client.list_policies().filter(types::PolicyType::ServiceControlPolicy);
                list.max_results(20).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let policies = pages.iter().flat_map(|page| page.policies());
    let names = ask.all_items(operation, None, policies, |policy| text(policy.name(), "Name"))?;
    Ok(sorted(names, Clone::clone))
}

/// The policies of the account and of everything above it, up to the root.
async fn control_levels(ask: &Ask, client: &Client, account: &str) -> Result<Vec<ControlLevel>, CallError> {
    let mut seen = BTreeSet::new();
    let mut levels = Vec::new();
    let mut next = Some(account.to_owned());
    while let Some(target) = next.filter(|target| seen.insert(target.clone())) {
        levels.push(control_level(ask, client, &target).await?);
        // A root has no parents, and asking for them is an error.
        next = if target.starts_with("r-") { None } else { Some(parent(ask, client, &target).await?) };
    }
    Ok(levels)
}

async fn parent(ask: &Ask, client: &Client, child: &str) -> Result<String, CallError> {
    let operation = op::ListParents;
    let send = || client.list_parents().child_id(child).max_results(20).send();
    let answer = ask.call(operation, Some(child), send).await?;
    let id = answer.parents().first().and_then(|parent| parent.id());
    ask.item(operation, Some(child), text(id, "the parent's Id"))
}

async fn control_level(ask: &Ask, client: &Client, target: &str) -> Result<ControlLevel, CallError> {
    let policies = policies_of(ask, client, target, types::PolicyType::ServiceControlPolicy).await?;
    // Whoever may read the one may mostly read the other; without it nothing is closed that seems open.
    let resource_policies =
        policies_of(ask, client, target, types::PolicyType::ResourceControlPolicy).await.ok();
    Ok(ControlLevel { target: target.to_owned(), policies, resource_policies })
}

async fn policies_of(
    ask: &Ask,
    client: &Client,
    target: &str,
    kind: types::PolicyType,
) -> Result<Vec<ControlPolicy>, CallError> {
    let operation = op::ListPoliciesForTarget;
    let kind = &kind;
    let pages = ask
        .pages(
            operation,
            Some(target),
            |token| {
                let policies = client.list_policies_for_target().target_id(target).filter(kind.clone());
                policies.max_results(20).set_next_token(token).send()
            },
            |page| page.next_token(),
        )
        .await?;
    let listed = pages.iter().flat_map(|page| page.policies());
    let ids = ask.all_items(operation, Some(target), listed, |policy| text(policy.id(), "Id"))?;
    let policies = try_join_all(
        ids.iter().map(|id| async move { CallError::unless_gone(control_policy(ask, client, id).await) }),
    );
    Ok(sorted(policies.await?.into_iter().flatten(), |policy| policy.id.clone()))
}

async fn control_policy(ask: &Ask, client: &Client, id: &str) -> Result<ControlPolicy, CallError> {
    let operation = op::DescribePolicy;
    let answer = ask.call(operation, Some(id), || client.describe_policy().policy_id(id).send()).await?;
    let policy = answer.policy();
    let content = policy.and_then(|policy| policy.content());
    let content = content.ok_or_else(|| ask.unreadable(operation, Some(id), "no content"))?;
    let name = policy.and_then(|policy| policy.policy_summary()).and_then(|summary| summary.name());
    Ok(ControlPolicy {
        id: id.to_owned(),
        name: name.unwrap_or_default().to_owned(),
        document: content.to_owned(),
    })
}

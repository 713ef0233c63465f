//! The organization as its management account, or a delegated administrator, sees it: who the caller is, which accounts
//! there are, where in the tree.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, atomic::AtomicUsize},
};

use aws_audit_checks::{
    gap::Collected,
    organization::Unit,
    snapshot::{
        Snapshot,
        organizations::{ControlLevel, ControlPolicy, op},
    },
    source::{Source, organization as tree},
};
use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus};
use serde::{Deserialize, Serialize};

use super::{
    Aws,
    ask::{Ask, Run},
    call::{CallError, Caller, IN_FLIGHT},
    service::account,
};
use crate::error::{Error, said};

/// Deeper than five levels below the root no organization goes (AWS Organizations quotas): a circle ends here.
const DEEPEST: usize = 16;

/// The account whose credentials are at hand, and the way to ask from it.
#[derive(Debug)]
pub struct Hub {
    ask: Ask,
    /// Its id.
    pub account: String,
    /// `aws`, `aws-cn`, …
    pub partition: String,
}

/// An organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// `o-…`
    pub id: String,
    /// Account id of the management account.
    pub management_account: String,
    /// All its accounts, by id.
    pub accounts: BTreeMap<String, Account>,
    /// Why the tree of organizational units is not known, or not all of it.
    pub tree_unread: Option<String>,
    /// The services that accounts administer for the organization, by account; none where that could not be read, and
    /// why.
    pub delegated: Result<BTreeMap<String, Vec<String>>, String>,
    /// Which of the control policies are in force: an organization may have them turned off.
    in_force: InForce,
}

/// Which policies are in force, at the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct InForce {
    service_controls: bool,
    resource_controls: bool,
}

/// The service and resource control policies of an organization, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controls {
    management_account: String,
    /// Ids of all accounts.
    accounts: Vec<String>,
    service_controls: Attached,
    /// None where they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_controls: Option<Attached>,
}

/// Policies of a kind, and what they are attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attached {
    /// Whether there are any: where they are turned off none is attached to anything.
    in_force: bool,
    /// By id.
    policies: Vec<ControlPolicy>,
    /// Ids of policies, by root, unit or account.
    targets: BTreeMap<String, BTreeSet<String>>,
}

impl Attached {
    fn to(&self, target: &str) -> Vec<ControlPolicy> {
        let ids = self.targets.get(target);
        let is_attached = |policy: &&ControlPolicy| ids.is_some_and(|ids| ids.contains(&policy.id));
        self.policies.iter().filter(is_attached).cloned().collect()
    }
}

/// Where in the tree an account is; none where that is not known.
pub type Place<'a> = Option<&'a [Unit]>;

impl Controls {
    /// The sources that are known from here, and need not be asked for in each account, which mostly may not.
    pub const SOURCES: [Source; 2] = [Source::OrganizationAccounts, Source::ServiceControlPolicies];

    /// Tells the snapshot of an account what only the organization knows of it.
    pub fn apply(&self, snapshot: &mut Snapshot, place: Place<'_>) {
        let organizations = &mut snapshot.organizations;
        // Of an account that is in no organization, or in another one, this says nothing.
        if !matches!(organizations.organization.get(), Ok(Some(it)) if it.management_account == self.management_account)
        {
            return;
        }
        organizations.accounts = Collected::Value(Some(self.accounts.clone()));
        let account = snapshot.account.id.as_str();
        let turned_off =
            !self.service_controls.in_force && self.resource_controls.as_ref().is_some_and(|it| !it.in_force);
        let levels = if account == self.management_account || turned_off {
            Some(Vec::new())
        } else {
            place.filter(|units| !units.is_empty()).map(|units| {
                let above = units.iter().rev().map(|unit| unit.id.as_str());
                let level = |target: &str| ControlLevel {
                    target: target.to_owned(),
                    policies: if self.service_controls.in_force {
                        self.service_controls.to(target)
                    } else {
                        vec![full_access()]
                    },
                    resource_policies: self.resource_controls.as_ref().map(|it| it.to(target)),
                };
                [account].into_iter().chain(above).map(level).collect()
            })
        };
        organizations.service_control_policies = Collected::Value(levels);
    }
}

/// What stands at a level where service control policies are turned off: everything is allowed there.
fn full_access() -> ControlPolicy {
    ControlPolicy {
        id: "p-FullAWSAccess".to_owned(),
        name: "FullAWSAccess".to_owned(),
        document: r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#.to_owned(),
    }
}

/// An account of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name.
    pub name: Option<String>,
    /// `ACTIVE`, `SUSPENDED`, …
    pub state: String,
    /// From the root down; empty where the tree could not be read.
    pub units: Vec<Unit>,
}

impl Hub {
    /// Asks who is asking.
    ///
    /// # Errors
    /// When there is no answer: nothing can be read then.
    pub async fn new(aws: &Aws, api_share: f64, verbose: bool) -> Result<Self, Error> {
        let run = Arc::new(Run {
            caller: Caller::new(api_share, verbose, aws.identities(), IN_FLIGHT),
            aws: aws.clone(),
            plan: [].into(),
            gaps: Mutex::default(),
            regions: AtomicUsize::default(),
            regions_done: AtomicUsize::default(),
        });
        let ask = Ask::global(&run);
        let (identity, _) = account::identity(&ask, None).await?;
        Ok(Self { ask, account: identity.id, partition: identity.partition })
    }

    /// The organization with all of its accounts.
    ///
    /// # Errors
    /// When the account is in none, or may not list the accounts.
    pub async fn organization(&self) -> Result<Found, Error> {
        let client = self.ask.aws.organizations();
        let send = || client.describe_organization().send();
        let answer = self.ask.call(op::DescribeOrganization, None, send).await;
        let answer = CallError::unless_absent(answer).map_err(|error| unread(&error))?;
        let organization = answer.and_then(|answer| answer.organization).ok_or_else(|| {
            Error::usage(said(
                format!("account {} is in no organization", self.account),
                format!("アカウント {} はどの組織にも属していません", self.account),
            ))
        })?;
        let mut found = Found {
            id: organization.id().unwrap_or_default().to_owned(),
            management_account: organization.master_account_id().unwrap_or_default().to_owned(),
            accounts: BTreeMap::new(),
            tree_unread: None,
            delegated: Ok(BTreeMap::new()),
            in_force: InForce::default(),
        };
        found.accounts = self.accounts(&client).await.map_err(|error| unread(&error))?;
        match self.tree(&client, &mut found.accounts).await {
            Ok(in_force) => found.in_force = in_force,
            Err(error) => found.tree_unread = Some(error.gap.message.clone()),
        }
        found.delegated = self.delegated(&client).await.map_err(|error| told(&error));
        Ok(found)
    }

    /// The services that accounts administer for the organization.
    async fn delegated(
        &self,
        client: &aws_sdk_organizations::Client,
    ) -> Result<BTreeMap<String, Vec<String>>, CallError> {
        let pages = self
            .ask
            .pages(
                tree::ListDelegatedAdministrators,
                None,
                |token| client.list_delegated_administrators().max_results(20).set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let accounts = pages.iter().flat_map(|page| page.delegated_administrators());
        let accounts = accounts.filter_map(|account| account.id()).map(|id| async move {
            let pages = self
                .ask
                .pages(
                    tree::ListDelegatedServicesForAccount,
                    Some(id),
                    |token| {
                        let list = client.list_delegated_services_for_account().account_id(id);
                        list.max_results(20).set_next_token(token).send()
                    },
                    |page| page.next_token(),
                )
                .await?;
            let services = pages.iter().flat_map(|page| page.delegated_services());
            let mut services: Vec<_> =
                services.filter_map(|it| it.service_principal()).map(str::to_owned).collect();
            services.sort();
            Ok((id.to_owned(), services))
        });
        futures_util::future::try_join_all(accounts).await.map(|all| all.into_iter().collect())
    }

    /// The organization's service and resource control policies: each is read once, whatever it is attached to. With
    /// them, why those of resources are not known, where that is so.
    ///
    /// # Errors
    /// Why none are known.
    pub async fn controls(&self, found: &Found) -> Result<(Controls, Option<String>), String> {
        if let Some(why) = &found.tree_unread {
            return Err(why.clone());
        }
        let (service, resource) = tokio::join!(
            self.attached(PolicyType::ServiceControlPolicy, found.in_force.service_controls),
            self.attached(PolicyType::ResourceControlPolicy, found.in_force.resource_controls),
        );
        let (resource, unread) = match resource {
            Ok(attached) => (Some(attached), None),
            Err(error) => (None, Some(told(&error))),
        };
        let controls = Controls {
            management_account: found.management_account.clone(),
            accounts: found.accounts.keys().cloned().collect(),
            service_controls: service.map_err(|error| told(&error))?,
            resource_controls: resource,
        };
        Ok((controls, unread))
    }

    async fn attached(&self, kind: PolicyType, in_force: bool) -> Result<Attached, CallError> {
        if !in_force {
            return Ok(Attached::default());
        }
        let client = &self.ask.aws.organizations();
        let kind = &kind;
        let pages = self
            .ask
            .pages(
                op::ListPolicies,
                None,
                |token| {
                    let list = client.list_policies().filter(kind.clone());
                    list.max_results(20).set_next_token(token).send()
                },
                |page| page.next_token(),
            )
            .await?;
        let ids = pages.iter().flat_map(|page| page.policies()).filter_map(|policy| policy.id());
        let read = ids.map(|id| async move {
            let (answer, targets) = futures_util::future::try_join(
                self.ask.call(op::DescribePolicy, Some(id), || client.describe_policy().policy_id(id).send()),
                self.ask.pages(
                    tree::ListTargetsForPolicy,
                    Some(id),
                    |token| {
                        let list = client.list_targets_for_policy().policy_id(id);
                        list.max_results(20).set_next_token(token).send()
                    },
                    |page| page.next_token(),
                ),
            )
            .await?;
            let policy = answer.policy();
            let document = policy.and_then(|policy| policy.content());
            let document =
                document.ok_or_else(|| self.ask.unreadable(op::DescribePolicy, Some(id), "no content"))?;
            let name = policy.and_then(|policy| policy.policy_summary()).and_then(|summary| summary.name());
            let policy = ControlPolicy {
                id: id.to_owned(),
                name: name.unwrap_or_default().to_owned(),
                document: document.to_owned(),
            };
            let targets = targets.iter().flat_map(|page| page.targets());
            let targets: Vec<_> = targets.filter_map(|it| it.target_id()).map(str::to_owned).collect();
            Ok((policy, targets))
        });
        let mut attached = Attached { in_force, ..Attached::default() };
        for (policy, targets) in futures_util::future::try_join_all(read).await? {
            for target in targets {
                attached.targets.entry(target).or_default().insert(policy.id.clone());
            }
            attached.policies.push(policy);
        }
        attached.policies.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(attached)
    }

    async fn accounts(
        &self,
        client: &aws_sdk_organizations::Client,
    ) -> Result<BTreeMap<String, Account>, CallError> {
        let pages = self
            .ask
            .pages(
                op::ListAccounts,
                None,
                |token| client.list_accounts().max_results(20).set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let listed = pages.iter().flat_map(|page| page.accounts());
        let accounts = listed.map(|account| {
            let id = account.id().filter(|id| aws_audit_checks::organization::is_account_id(id));
            let id = id.ok_or_else(|| {
                self.ask.unreadable(op::ListAccounts, None, "an account without an id: the list is not whole")
            })?;
            // `Status` is what answers had before `State` (API reference of Organizations, "Account").
            let state = account.state().map(|state| state.as_str());
            let state = state.or_else(|| account.status().map(|status| status.as_str()));
            let account = Account {
                name: account.name().map(str::to_owned).filter(|name| !name.is_empty()),
                state: state.unwrap_or("ACTIVE").to_owned(),
                units: Vec::new(),
            };
            Ok((id.to_owned(), account))
        });
        accounts.collect()
    }

    /// Tells each account its units: the tree from the roots down. Tells which control policies are in force.
    async fn tree(
        &self,
        client: &aws_sdk_organizations::Client,
        accounts: &mut BTreeMap<String, Account>,
    ) -> Result<InForce, CallError> {
        let pages = self
            .ask
            .pages(
                tree::ListRoots,
                None,
                |token| client.list_roots().set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let roots = || pages.iter().flat_map(|page| page.roots());
        let is_enabled = |kind: PolicyType| {
            roots().flat_map(|root| root.policy_types()).any(|policies| {
                policies.r#type() == Some(&kind) && policies.status() == Some(&PolicyTypeStatus::Enabled)
            })
        };
        let in_force = InForce {
            service_controls: is_enabled(PolicyType::ServiceControlPolicy),
            resource_controls: is_enabled(PolicyType::ResourceControlPolicy),
        };
        let unit = |id: Option<&str>, name: Option<&str>| {
            let id = id.unwrap_or_default().to_owned();
            Unit { name: name.unwrap_or(&id).to_owned(), id }
        };
        let mut level: Vec<Vec<Unit>> = roots().map(|root| vec![unit(root.id(), root.name())]).collect();
        // Level by level, the units of one at once: a tree of a hundred units is not a hundred round trips.
        for _ in 0..DEEPEST {
            let asked = level.iter().map(|path| async move {
                let parent = path.last().map_or("", |unit| unit.id.as_str());
                let (children, inside) = futures_util::future::try_join(
                    self.ask.pages(
                        tree::ListOrganizationalUnitsForParent,
                        Some(parent),
                        |token| {
                            let list = client.list_organizational_units_for_parent().parent_id(parent);
                            list.max_results(20).set_next_token(token).send()
                        },
                        |page| page.next_token(),
                    ),
                    self.ask.pages(
                        tree::ListAccountsForParent,
                        Some(parent),
                        |token| {
                            let list = client.list_accounts_for_parent().parent_id(parent);
                            list.max_results(20).set_next_token(token).send()
                        },
                        |page| page.next_token(),
                    ),
                )
                .await?;
                let inside = inside.iter().flat_map(|page| page.accounts());
                let inside: Vec<_> = inside.filter_map(|account| account.id()).map(str::to_owned).collect();
                let children = children.iter().flat_map(|page| page.organizational_units());
                let children = children.map(|child| {
                    path.iter().cloned().chain([unit(child.id(), child.name())]).collect::<Vec<_>>()
                });
                Ok((path, inside, children.collect::<Vec<_>>()))
            });
            let answers: Vec<_> = futures_util::future::try_join_all(asked).await?;
            let mut next = Vec::new();
            for (path, inside, children) in answers {
                for account in inside {
                    if let Some(account) = accounts.get_mut(&account) {
                        account.units.clone_from(path);
                    }
                }
                next.extend(children);
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        Ok(in_force)
    }
}

/// What failed, and how.
fn told(error: &CallError) -> String {
    let gap = &error.gap;
    format!("{}: {}", gap.operation, gap.message)
}

fn unread(error: &CallError) -> Error {
    let gap = &error.gap;
    let what = said(
        format!("the accounts of the organization could not be listed: {}: {}", gap.operation, gap.message),
        format!("組織のアカウントを一覧できません：{}：{}", gap.operation, gap.message),
    );
    Error::nothing(what.with_help(said(
        "use credentials of the management account or of a delegated administrator of any service, or name the\n\
         accounts in a file with --accounts-file",
        "管理アカウントまたは委任管理者アカウントの認証情報を使うか、--accounts-file でアカウントをファイルで\n\
         指定してください",
    )))
}

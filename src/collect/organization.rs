//! The organization as its management account, or a delegated administrator, sees it: who the caller is, which accounts
//! there are, where in the tree.

use std::{
    collections::BTreeMap,
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// `o-…`
    pub id: String,
    /// Account id of the management account.
    pub management_account: String,
    /// All its accounts, by id.
    pub accounts: BTreeMap<String, Account>,
    /// Why the tree of organizational units is not known, or not all of it.
    pub tree_unread: Option<String>,
    /// Whether service control policies are in force: an organization may have them turned off.
    has_controls: bool,
}

/// The service control policies of an organization, by what they are attached to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Controls {
    management_account: String,
    in_force: bool,
    /// By root, unit or account.
    attached: BTreeMap<String, Vec<ControlPolicy>>,
    /// Ids of all accounts.
    accounts: Vec<String>,
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
        let levels = if account == self.management_account || !self.in_force {
            Some(Vec::new())
        } else {
            place.filter(|units| !units.is_empty()).map(|units| {
                let above = units.iter().rev().map(|unit| unit.id.as_str());
                let level = |target: &str| ControlLevel {
                    target: target.to_owned(),
                    policies: self.attached.get(target).cloned().unwrap_or_default(),
                };
                [account].into_iter().chain(above).map(level).collect()
            })
        };
        organizations.service_control_policies = Collected::Value(levels);
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
            ..Found::default()
        };
        found.accounts = self.accounts(&client).await.map_err(|error| unread(&error))?;
        match self.tree(&client, &mut found.accounts).await {
            Ok(has_controls) => found.has_controls = has_controls,
            Err(error) => found.tree_unread = Some(error.gap.message.clone()),
        }
        Ok(found)
    }

    /// The organization's service control policies: each is read once, whatever it is attached to.
    ///
    /// # Errors
    /// Why they are not known.
    pub async fn controls(&self, found: &Found) -> Result<Controls, String> {
        if let Some(why) = &found.tree_unread {
            return Err(why.clone());
        }
        let mut controls = Controls {
            management_account: found.management_account.clone(),
            in_force: found.has_controls,
            attached: BTreeMap::new(),
            accounts: found.accounts.keys().cloned().collect(),
        };
        if found.has_controls {
            controls.attached = self.attached().await.map_err(|error| {
                let gap = &error.gap;
                format!("{}: {}", gap.operation, gap.message)
            })?;
        }
        Ok(controls)
    }

    async fn attached(&self) -> Result<BTreeMap<String, Vec<ControlPolicy>>, CallError> {
        let client = &self.ask.aws.organizations();
        let pages = self
            .ask
            .pages(
                op::ListPolicies,
                None,
                |token| {
                    let list = client.list_policies().filter(PolicyType::ServiceControlPolicy);
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
        let mut attached: BTreeMap<String, Vec<ControlPolicy>> = BTreeMap::new();
        for (policy, targets) in futures_util::future::try_join_all(read).await? {
            for target in targets {
                attached.entry(target).or_default().push(policy.clone());
            }
        }
        for policies in attached.values_mut() {
            policies.sort_by(|a, b| a.id.cmp(&b.id));
        }
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

    /// Tells each account its units: the tree from the roots down. Tells whether service control policies are in force.
    async fn tree(
        &self,
        client: &aws_sdk_organizations::Client,
        accounts: &mut BTreeMap<String, Account>,
    ) -> Result<bool, CallError> {
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
        let has_controls = roots().flat_map(|root| root.policy_types()).any(|policies| {
            policies.r#type() == Some(&PolicyType::ServiceControlPolicy)
                && policies.status() == Some(&PolicyTypeStatus::Enabled)
        });
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
        Ok(has_controls)
    }
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

//! The account's users and roles with their effective permissions.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::policy::{
    Documents, Known, Policy,
    effective::{Answer, On, Permissions, Request, ResourceTags, Source},
};
use crate::{
    gap::{Gaps, NotJudged},
    snapshot::{
        Snapshot, Tags,
        iam::{AttachedPolicy, Authorization, Group, InlinePolicy, Role, User, op},
        organizations::{ControlLevel, turned_on},
    },
    source::Operation,
};

const OPERATION: &Operation = op::GetAccountAuthorizationDetails;
/// What AWS's policy of that name says.
pub(super) const ADMINISTRATOR_ACCESS: &str =
    r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

/// Users and roles, and what decides about their permissions.
#[derive(Debug)]
pub struct Identities<'a> {
    /// Twelve digits.
    pub account: &'a str,
    /// `aws`, `aws-cn`, ….
    pub partition: &'a str,
    /// Users, then roles.
    pub principals: Vec<Principal<'a>>,
    /// Groups, with what they give their members.
    pub groups: Vec<(&'a Group, Permissions)>,
    /// Why what a group gives is not known completely, by its place in `groups`.
    pub unread_groups: HashMap<usize, NotJudged>,
    /// Whether service control policies were read and are in the permissions. (Also true where none can
    /// apply.)
    pub controls_considered: bool,
    /// Whether there may be service control policies that were not read: a member account cannot see those over
    /// it. What is told as certain is then so as far as they allow.
    pub hidden_controls: bool,
    by_arn: HashMap<&'a str, usize>,
}

/// A user or a role.
#[derive(Debug)]
pub struct Principal<'a> {
    /// Which of the two.
    pub who: Who<'a>,
    /// What it can do.
    pub permissions: Permissions,
    /// Why its permissions are not known completely.
    pub unread: Option<NotJudged>,
    /// Who may assume it, for a role.
    pub trust: Option<Arc<Policy>>,
    /// The statement that lets it change its own tags, by the names of its policy and its own: what its policies ask of
    /// `aws:PrincipalTag/…` is then its choice.
    pub tags_itself: Option<(Arc<str>, String)>,
}

/// A user or a role.
#[derive(Clone, Copy, Debug)]
pub enum Who<'a> {
    /// A user.
    User(&'a User),
    /// A role.
    Role(&'a Role),
}

impl<'a> Principal<'a> {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> &'a str {
        match self.who {
            Who::User(user) => &user.arn,
            Who::Role(role) => &role.arn,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self.who {
            Who::User(user) => &user.name,
            Who::Role(role) => &role.name,
        }
    }

    /// The role, if it is one that its owner can use as he likes: AWS's service-linked roles are not.
    #[must_use]
    pub fn usable_role(&self) -> Option<&'a Role> {
        match self.who {
            Who::Role(role) if !role.is_service_linked() => Some(role),
            _ => None,
        }
    }

    /// The action with which it changes its own tags.
    #[must_use]
    pub const fn tagging(&self) -> &'static str {
        match self.who {
            Who::User(_) => "iam:TagUser",
            Who::Role(_) => "iam:TagRole",
        }
    }

    /// Whether it surely is an administrator.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.permissions.administrator().is_some()
    }
}

impl<'a> Identities<'a> {
    /// Reads all documents of the account.
    ///
    /// # Errors
    /// When the account's principals could not be read.
    pub fn of(snapshot: &'a Snapshot, documents: &Documents<'a>) -> Result<Self, NotJudged> {
        let authorization = snapshot.iam.authorization.get()?;
        let mut reader = Reader { authorization, documents, managed: HashMap::new() };
        let organizations = &snapshot.organizations;
        let levels = organizations.service_control_policies.get().ok().and_then(Option::as_deref);
        let controls = levels.and_then(controls);
        let controls_considered = controls.is_some();
        let controls = controls.unwrap_or_default();
        let in_none = matches!(organizations.organization.get(), Ok(None) | Err(NotJudged::NotApplicable));
        let hidden_controls = !controls_considered && !in_none;
        let (account, partition) = (snapshot.account.id.as_str(), snapshot.account.partition.as_str());
        let mut common = Known::default();
        common.is("aws:PrincipalAccount", account);
        common.is("aws:ResourceAccount", account);
        common.is("aws:PrincipalIsAWSService", "false");
        common.is("aws:CurrentTime", snapshot.started_at.to_string());
        common.is("aws:EpochTime", snapshot.started_at.as_second().to_string());
        if let Ok(Some(organization)) = organizations.organization.get() {
            common.is("aws:PrincipalOrgID", organization.id.as_str());
        }
        let now = snapshot.started_at.to_string();

        let mut unread_groups = HashMap::new();
        let groups: Vec<_> = authorization
            .groups
            .iter()
            .enumerate()
            .map(|(at, group)| {
                let mut unread = Gaps::default();
                let policies = reader.policies(
                    &group.name,
                    &group.inline_policies,
                    &group.attached_policies,
                    &mut unread,
                );
                unread_groups.extend(unread.unless(false).err().map(|why| (at, why)));
                (group, Permissions { policies, controls: controls.clone(), ..Permissions::default() })
            })
            .collect();
        let mut principals = Vec::new();
        for user in &authorization.users {
            let mut unread = Gaps::default();
            let mut policies =
                reader.policies(&user.name, &user.inline_policies, &user.attached_policies, &mut unread);
            for group in authorization.groups.iter().filter(|group| user.groups.contains(&group.name)) {
                let (inline, attached) = (&group.inline_policies, &group.attached_policies);
                policies.extend(reader.policies(&group.name, inline, attached, &mut unread));
            }
            let mut known = common.clone();
            known.is("aws:PrincipalArn", user.arn.as_str());
            known.is("aws:PrincipalType", "User");
            known.is("aws:username", user.name.as_str());
            // Access keys send no such time; a session token has one, and it is new.
            known.can_be("aws:TokenIssueTime", [None, Some(now.clone())]);
            tags(&mut known, &user.tags);
            let boundary = reader.boundary(user.permissions_boundary.as_deref(), &mut unread);
            let mut permissions = Permissions { policies, boundary, controls: controls.clone(), known };
            let unread = unread.unless(false).err();
            let tags_itself = tags_itself(&mut permissions, "iam:TagUser", &user.arn, &user.tags);
            principals.push(Principal {
                who: Who::User(user),
                permissions,
                unread,
                trust: None,
                tags_itself,
            });
        }
        for role in &authorization.roles {
            let mut unread = Gaps::default();
            let policies =
                reader.policies(&role.name, &role.inline_policies, &role.attached_policies, &mut unread);
            let mut known = common.clone();
            known.is("aws:PrincipalArn", role.arn.as_str());
            known.is("aws:PrincipalType", "AssumedRole");
            known.can_be("aws:username", [None]);
            known.is("aws:TokenIssueTime", now.clone());
            tags(&mut known, &role.tags);
            let boundary = reader.boundary(role.permissions_boundary.as_deref(), &mut unread);
            let trust = documents.read(&role.assume_role_policy, OPERATION, None, &role.arn);
            let trust = unread.known(trust.map_err(NotJudged::from));
            // Service control policies do not reach service-linked roles.
            let controls = if role.is_service_linked() { Vec::new() } else { controls.clone() };
            let mut permissions = Permissions { policies, boundary, controls, known };
            let unread = unread.unless(false).err();
            // Those of others' making are changed by them only.
            let tags_itself = if role.is_service_linked() || role.is_identity_center() {
                None
            } else {
                tags_itself(&mut permissions, "iam:TagRole", &role.arn, &role.tags)
            };
            principals.push(Principal { who: Who::Role(role), permissions, unread, trust, tags_itself });
        }
        let by_arn = principals.iter().enumerate().map(|(at, principal)| (principal.arn(), at)).collect();
        Ok(Self {
            account,
            partition,
            principals,
            groups,
            unread_groups,
            controls_considered,
            hidden_controls,
            by_arn,
        })
    }

    /// The place in `principals` of the user or role of that ARN.
    #[must_use]
    pub fn find(&self, arn: &str) -> Option<usize> {
        self.by_arn.get(arn).copied()
    }

    /// The user or role of that ARN.
    #[must_use]
    pub fn principal(&self, arn: &str) -> Option<&Principal<'a>> {
        self.find(arn).map(|at| &self.principals[at])
    }
}

fn tags(known: &mut Known, tags: &Tags) {
    for (key, value) in tags {
        known.is(&format!("aws:PrincipalTag/{key}"), value);
    }
    known.has_no_other("aws:principaltag/");
}

/// Lets a principal that may change its own tags choose those that its policies ask for, as far as it may (IAM User
/// Guide, "Controlling access to and for IAM users and roles using tags"); the statement that lets it, by the names of
/// its policy and its own.
fn tags_itself(
    permissions: &mut Permissions,
    action: &str,
    arn: &str,
    tags: &Tags,
) -> Option<(Arc<str>, String)> {
    const PREFIX: &str = "aws:principaltag/";
    let limits = permissions.boundary.iter().chain(permissions.controls.iter().flatten());
    let statements = permissions.policies.iter().chain(limits).flat_map(|source| &source.policy.statements);
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for condition in statements.flat_map(|statement| &statement.conditions) {
        let key = condition.key.to_ascii_lowercase();
        if let Some(tag) = key.strip_prefix(PREFIX) {
            let values = condition.values.iter().filter_map(|value| permissions.known.resolve(value));
            let values = values.map(|value| value.replace(['*', '?'], "x"));
            asked.entry(tag.to_owned()).or_default().extend(values.chain(["something else".to_owned()]));
        }
    }
    let mut told = None;
    let mut choices = Vec::new();
    for (tag, values) in asked {
        let now =
            tags.iter().find(|(name, _)| name.eq_ignore_ascii_case(&tag)).map(|(_, value)| value.to_owned());
        let mut can_be = vec![now];
        let of_request = format!("aws:requesttag/{tag}");
        for value in values {
            let keys = [("aws:tagkeys", tag.as_str()), (of_request.as_str(), value.as_str())];
            let request = Request { keys: &keys, tags: ResourceTags::Are(tags), ..Request::default() };
            if let Answer::Yes(held) = permissions.can_by(action, On::Resource(arn), &request) {
                told = told.or_else(|| Some((held.source.name.clone(), held.statement.label())));
                can_be.push(Some(value));
            }
        }
        choices.push((format!("{PREFIX}{tag}"), can_be));
    }
    for (key, can_be) in choices.into_iter().filter(|(_, can_be)| can_be.len() > 1) {
        permissions.known.can_be(&key, can_be);
    }
    told
}

/// The levels' documents; none when one of them cannot be understood.
fn controls(levels: &[ControlLevel]) -> Option<Vec<Vec<Source>>> {
    let level = |level: &ControlLevel| {
        let policies = level.policies.iter().map(|policy| {
            Some(Source {
                name: policy.id.as_str().into(),
                policy: Arc::new(Policy::parse(&policy.document).ok()?),
            })
        });
        policies.collect::<Option<Vec<_>>>()
    };
    turned_on(levels).map(level).collect()
}

/// Reads documents, each managed policy's once.
struct Reader<'d, 'a> {
    authorization: &'a Authorization,
    documents: &'d Documents<'a>,
    managed: HashMap<&'a str, Result<Source, NotJudged>>,
}

impl<'a> Reader<'_, 'a> {
    fn policies(
        &mut self,
        holder: &str,
        inline: &'a [InlinePolicy],
        attached: &'a [AttachedPolicy],
        unread: &mut Gaps,
    ) -> Vec<Source> {
        let documents = self.documents;
        let inline = inline.iter().map(|policy| {
            let name = format!("{holder}/{}", policy.name);
            let policy = documents.read(&policy.document, OPERATION, None, &name)?;
            Ok(Source { name: name.into(), policy })
        });
        let attached = attached.iter().map(|attached| self.managed(&attached.arn));
        inline.chain(attached).filter_map(|source| unread.known(source)).collect()
    }

    fn managed(&mut self, arn: &'a str) -> Result<Source, NotJudged> {
        let (authorization, documents) = (self.authorization, self.documents);
        let read = || {
            let document = match authorization.policy(arn) {
                Some(policy) => policy.document.as_str(),
                // AWS lists what is attached; should this one be missing, its name tells what it says.
                None if arn.ends_with(":aws:policy/AdministratorAccess") => ADMINISTRATOR_ACCESS,
                None => {
                    let message = "the answer lacks the document";
                    return Err(crate::gap::Gap::unreadable(OPERATION, None, Some(arn), message).into());
                }
            };
            Ok(Source { name: arn.into(), policy: documents.read(document, OPERATION, None, arn)? })
        };
        self.managed.entry(arn).or_insert_with(read).clone()
    }

    fn boundary(&mut self, arn: Option<&'a str>, unread: &mut Gaps) -> Option<Source> {
        let arn = arn?;
        // Nothing is known to be allowed by what could not be read: it proves nothing.
        let nothing = || Source { name: arn.into(), policy: Arc::new(Policy { statements: Vec::new() }) };
        Some(unread.known(self.managed(arn)).unwrap_or_else(nothing))
    }
}

//! What holds data, how sensitive it is, and who gets at it: identity policies, permissions boundaries, denies and
//! service control policies together with the store's own policy, by the rules for principals of the same account
//! (IAM User Guide, "Policy evaluation logic").

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    iter,
    sync::Arc,
};

use super::{
    because::{Because, Proof},
    graph::{Certainty, Doubt, Edge, EdgeKind, Grant, Graph, Impact, Node, NodeKind},
};
use crate::{
    analysis::{
        identity::{Principal, Who},
        policy::{
            Chance, Condition, Effect, Known, Match, Policy, Principals, Statement,
            effective::{Answer, Held, On, Permissions, Request},
            pattern,
        },
        trust,
    },
    finding,
    gap::{Collected, Gap, Gaps, NotJudged},
    secrets::named_as_secret,
    settings::Settings,
    snapshot::{
        Judged, Place, Snapshot, Tags,
        kms::{self, KeyDetails},
        rds::DbSnapshot,
        s3, secretsmanager, sqs,
        ssm::Parameter,
    },
    source::Operation,
};

/// A name that only a wildcard matches.
const ANY: &str = "\u{1}";

/// What everybody with instances that Systems Manager manages attaches to their roles: it reads every parameter that
/// the account's own key encrypts, and nobody chose that.
const MANAGED_NODE_POLICIES: [&str; 2] = ["AmazonSSMManagedInstanceCore", "AmazonEC2RoleforSSM"];

/// A kind of store, and the actions that matter to its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Bucket,
    Secret,
    Parameter,
    Table,
    Queue,
    VolumeSnapshot,
    DatabaseSnapshot,
    Database,
    Key,
}

impl Kind {
    /// Actions of which one is enough to read the data (Service Authorization Reference).
    const fn reading(self) -> &'static [&'static str] {
        match self {
            Self::Bucket => &["s3:GetObject"],
            Self::Secret => &["secretsmanager:GetSecretValue"],
            Self::Parameter => &["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"],
            Self::Table => &["dynamodb:Scan", "dynamodb:GetItem", "dynamodb:Query"],
            Self::Queue => &["sqs:ReceiveMessage"],
            // What it decrypts is where it is: the rights there are asked about.
            Self::Key => &[],
            // Whoever shares a snapshot with an account of his own reads it there.
            Self::VolumeSnapshot => &["ec2:ModifySnapshotAttribute"],
            Self::DatabaseSnapshot => &[
                "rds:ModifyDBSnapshotAttribute",
                "rds:ModifyDBClusterSnapshotAttribute",
                "rds:RestoreDBInstanceFromDBSnapshot",
            ],
            Self::Database => &["rds:CreateDBSnapshot"],
        }
    }

    /// What it takes besides an action, on something that the caller makes: a copy of a database, in a subnet and behind a
    /// security group of his choice, is his once he has set its password (Amazon RDS User Guide, "Restoring to a DB
    /// instance", "Settings for DB instances").
    fn besides(self, action: &str) -> &'static [&'static str] {
        match (self, action) {
            (Self::DatabaseSnapshot, "rds:RestoreDBInstanceFromDBSnapshot") => &["rds:ModifyDBInstance"],
            (Self::Database, _) => &["rds:RestoreDBInstanceFromDBSnapshot", "rds:ModifyDBInstance"],
            _ => &[],
        }
    }
}

/// What a store's own policy is.
#[derive(Clone, Debug)]
enum Guard {
    /// It has none, or one that says nothing of principals of the account.
    None,
    /// It has this one.
    Policy(Box<Policy>),
    /// It could not be read.
    Unread(Box<Gap>),
}

/// What stands between a reader and a store's data besides policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encryption {
    /// Nothing that policies on the store do not decide.
    Own,
    /// A KMS key; which one is not known.
    SomeKey,
}

/// Something that holds data.
#[derive(Clone, Debug)]
struct Store {
    node: usize,
    /// The ARN, without the part that stands for an object.
    arn: String,
    sensitive: bool,
    guard: Guard,
    encryption: Encryption,
    /// The actions that destroy its data for good; none where it is protected.
    destroying: &'static [&'static str],
}

/// Stores of a kind in one region; buckets of all regions together.
#[derive(Clone, Debug)]
struct Group {
    kind: Kind,
    resource_type: &'static str,
    /// By ARN.
    stores: Vec<Store>,
    /// What only a permission on all of them covers.
    anonymous: String,
    /// The stores about which their own policies or keys have something to say.
    guarded: Vec<usize>,
    /// Those of them whose own policies may let somebody in whom his own do not.
    opened: Opened,
    /// The nodes of the others, by the action that destroys them (or none) and whether they are sensitive.
    plain: HashMap<(Option<&'static str>, bool), Arc<[u32]>>,
    /// Every action that destroys one of them.
    destroying: Vec<&'static str>,
    /// Nothing in the account tells what is sensitive: then whoever gets at everything gets at that.
    nothing_known: bool,
}

/// Stores by whom their own policies let in: there are many of both.
#[derive(Clone, Debug, Default)]
struct Opened {
    /// By the name at the end of a user's or role's ARN.
    named: HashMap<String, Vec<usize>>,
    /// Everyone, under a condition.
    everyone: Vec<usize>,
}

impl Opened {
    fn of(stores: &[Store]) -> Self {
        let mut opened = Self::default();
        for (at, store) in stores.iter().enumerate() {
            let Guard::Policy(policy) = &store.guard else { continue };
            for principals in policy.allows().filter_map(|allow| allow.principals.as_ref()) {
                if principals.is_everyone() {
                    opened.everyone.push(at);
                    continue;
                }
                for name in principals.names() {
                    // arn:aws:sts::111122223333:assumed-role/ROLE/SESSION
                    let session = name.split_once(":assumed-role/").and_then(|(_, it)| it.split('/').next());
                    let last = session.or_else(|| name.rsplit('/').next()).unwrap_or(name);
                    opened.named.entry(last.to_owned()).or_default().push(at);
                }
            }
        }
        opened
    }

    /// The stores that may let the user or role of that ARN in.
    fn to(&self, arn: &str) -> impl Iterator<Item = usize> {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        self.named.get(name).into_iter().flatten().chain(&self.everyone).copied()
    }
}

/// Every store of the account.
#[derive(Clone, Debug, Default)]
pub(super) struct Stores {
    groups: Vec<Group>,
    /// Why there may be more of them, or more ways to them.
    pub(super) unread: Gaps,
    /// What could not be read of what is kept of data that is deleted.
    pub(super) kept: Gaps,
    account: String,
}

impl Stores {
    pub(super) fn of(snapshot: &Snapshot, settings: &Settings, graph: &mut Graph) -> Self {
        let account = snapshot.account.id.clone();
        let mut reader = Reader {
            stores: Self { account, ..Self::default() },
            by_group: BTreeMap::new(),
            graph,
            snapshot,
            settings,
        };
        reader.buckets();
        for name in snapshot.regions.keys() {
            reader.region(name);
        }
        let Reader { mut stores, by_group, .. } = reader;
        let told = by_group.values().flatten().any(|(_, store)| store.sensitive);
        for ((kind, _), mut members) in by_group {
            members.sort_by(|(_, a), (_, b)| a.arn.cmp(&b.arn));
            let resource_type = match kind {
                // It is the copy that is read.
                Kind::Database => DbSnapshot::TYPE,
                _ => members.first().map_or("", |(resource_type, _)| resource_type),
            };
            let all: Vec<Store> = members.into_iter().map(|(_, store)| store).collect();
            let Some(first) = all.first() else { continue };
            let anonymous = anonymous(kind, &first.arn);
            let (mut guarded, mut plain) = (Vec::new(), HashMap::<_, Vec<u32>>::new());
            for (at, store) in all.iter().enumerate() {
                if !matches!(store.guard, Guard::None) || store.encryption != Encryption::Own {
                    guarded.push(at);
                    continue;
                }
                let node = u32::try_from(store.node).unwrap_or(u32::MAX);
                for of in iter::once(None).chain(store.destroying.iter().copied().map(Some)) {
                    plain.entry((of, store.sensitive)).or_default().push(node);
                }
            }
            let plain = plain.into_iter().map(|(key, nodes)| (key, nodes.into())).collect();
            let mut destroying: Vec<_> = all.iter().flat_map(|it| it.destroying).copied().collect();
            destroying.sort_unstable();
            destroying.dedup();
            let nothing_known = !told;
            let group = Group {
                kind,
                resource_type,
                opened: Opened::of(&all),
                stores: all,
                anonymous,
                guarded,
                plain,
                destroying,
                nothing_known,
            };
            stores.groups.push(group);
        }
        stores
    }

    /// Adds the edges from a principal to the stores whose data it reads or destroys.
    pub(super) fn edges(&self, principal: &Principal<'_>, from: usize, graph: &mut Graph, place: &Place<'_>) {
        let caller = Caller::new(principal, &self.account);
        for group in &self.groups {
            for access in [Access::Read, Access::Destroy] {
                for edge in caller.edges(group, access, from, place) {
                    graph.edge(edge);
                }
            }
        }
    }
}

/// The ARN that only a permission on all stores of the kind covers.
fn anonymous(kind: Kind, arn: &str) -> String {
    let head = |separator: char| arn.rsplit_once(separator).map_or(arn, |(head, _)| head).to_owned();
    match kind {
        Kind::Bucket => {
            format!("{}{ANY}/{ANY}", &arn[..arn.len() - arn.rsplit(':').next().map_or(0, str::len)])
        }
        Kind::Secret | Kind::DatabaseSnapshot | Kind::Database => format!("{}:{ANY}", head(':')),
        Kind::Queue => format!("{}:{ANY}", head(':')),
        Kind::Parameter => {
            let head = arn.split_once(":parameter/").map_or(arn, |(head, _)| head);
            format!("{head}:parameter/{ANY}")
        }
        Kind::Table | Kind::VolumeSnapshot | Kind::Key => format!("{}/{ANY}", head('/')),
    }
}

/// Words in the names of stores that give away what is in them: state of infrastructure, backups and dumps, audit
/// logs, data of people and of payments, credentials.
const GIVEAWAYS: [&str; 42] = [
    "tfstate",
    "terraform",
    "state",
    "backup",
    "backups",
    "bak",
    "dump",
    "dumps",
    "export",
    "exports",
    "cloudtrail",
    "trail",
    "audit",
    "config-history",
    "snapshot",
    "pii",
    "phi",
    "gdpr",
    "personal",
    "customer",
    "customers",
    "cardholder",
    "card",
    "payment",
    "payments",
    "payroll",
    "salary",
    "medical",
    "patient",
    "patients",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "password",
    "passwords",
    "private",
    "confidential",
    "sensitive",
    "financial",
    "financials",
    "keystore",
];

/// Whether a name tells that what is in it is sensitive: one of its words does.
pub(super) fn gives_away(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| GIVEAWAYS.contains(&word))
        || GIVEAWAYS.iter().any(|giveaway| giveaway.len() > 6 && name.contains(giveaway))
}

/// Whether tags mark what has them as sensitive.
fn is_marked(tags: &Tags, settings: &Settings) -> bool {
    let matches = |pattern: &str, text: &str| {
        pattern::matches(&pattern.trim().to_ascii_lowercase(), &text.trim().to_ascii_lowercase())
    };
    settings.sensitive_tags.iter().any(|wanted| {
        let (key, value) = wanted.split_once('=').unwrap_or((wanted, "*"));
        tags.iter().any(|(name, text)| matches(key, name) && matches(value, text))
    })
}

/// Whether its tags or its name mark something as sensitive.
pub(super) fn is_sensitive<T: Judged>(thing: &T, settings: &Settings) -> bool {
    thing.tags().is_some_and(|tags| is_marked(tags, settings)) || gives_away(&thing.id())
}

/// The part of the path that says what a parameter is: the folders only say whose.
fn last_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

struct Reader<'g, 's> {
    stores: Stores,
    by_group: BTreeMap<(Kind, String), Vec<(&'static str, Store)>>,
    graph: &'g mut Graph,
    snapshot: &'s Snapshot,
    settings: &'s Settings,
}

impl Reader<'_, '_> {
    fn list<'t, T>(&mut self, list: &'t Collected<Vec<T>>) -> &'t [T] {
        self.stores.unread.known(list.get());
        list.known().map_or(&[], Vec::as_slice)
    }

    fn add<T: Judged>(&mut self, kind: Kind, thing: &T, place: &Place<'_>, sensitive: bool) -> &mut Store {
        let arn = thing.arn(place);
        let region = thing.region().unwrap_or(place.region);
        let node = self.graph.node(Node {
            kind: if kind == Kind::Key { NodeKind::Key } else { NodeKind::DataStore },
            id: thing.id(),
            arn: arn.clone(),
            resource_type: thing.kind(),
            region: (!region.is_empty()).then(|| region.to_owned()),
        });
        let sensitive = sensitive || is_sensitive(thing, self.settings);
        let (guard, encryption) = (Guard::None, Encryption::Own);
        let store = Store { node, arn, sensitive, guard, encryption, destroying: &[] };
        let key = (kind, if kind == Kind::Bucket { String::new() } else { place.region.to_owned() });
        let group = self.by_group.entry(key).or_default();
        group.push((thing.kind(), store));
        let (_, store) = group.last_mut().expect("it was just added");
        store
    }

    fn buckets(&mut self) {
        let (snapshot, account) = (self.snapshot, &self.snapshot.account);
        let place = Place { partition: &account.partition, account: &account.id, region: "" };
        for bucket in self.list(&snapshot.s3.buckets) {
            let policy = bucket.policy.get().map(Option::as_deref);
            let guard = guard(policy, s3::op::GetBucketPolicy, &bucket.region, &bucket.name);
            if let Guard::Unread(gap) = &guard {
                self.stores.unread.extend([(**gap).clone()]);
            }
            self.stores.kept.known(bucket.versioning.get());
            let store = self.add(Kind::Bucket, bucket, &place, false);
            store.guard = guard;
            let encryption = bucket.encryption.known().and_then(Option::as_deref);
            if encryption.is_some_and(|kind| kind.starts_with("aws:kms")) {
                store.encryption = Encryption::SomeKey;
            }
            // A version that is left over is what there is to go back to.
            store.destroying = match bucket.versioning.known() {
                Some(versioning) if versioning.mfa_delete => &[],
                Some(versioning) if versioning.enabled => &["s3:DeleteObjectVersion"],
                Some(_) => &["s3:DeleteObject"],
                None => &[],
            };
        }
    }

    fn region(&mut self, name: &str) {
        let (snapshot, account) = (self.snapshot, &self.snapshot.account);
        let place = Place { partition: &account.partition, account: &account.id, region: name };
        let Some(region) = snapshot.regions.get(name) else { return };
        for secret in self.list(&region.secretsmanager.secrets) {
            let policy = region.secretsmanager.policies.of(&secret.arn).map(Option::as_deref);
            let guard = guard(policy, secretsmanager::op::GetResourcePolicy, name, &secret.arn);
            self.add(Kind::Secret, secret, &place, true).guard = guard;
        }
        // What is named as a secret is one, encrypted or not.
        let is_secret = |it: &&Parameter| it.kind == "SecureString" || named_as_secret(last_of(&it.name));
        for parameter in self.list(&region.ssm.parameters).iter().filter(is_secret) {
            self.add(Kind::Parameter, parameter, &place, true);
        }
        for table in self.list(&region.dynamodb.tables) {
            let recoverable = region.dynamodb.point_in_time_recovery.of(&table.name).copied();
            self.stores.kept.known(recoverable.clone());
            let store = self.add(Kind::Table, table, &place, false);
            if recoverable == Ok(false) {
                store.destroying = &["dynamodb:DeleteTable"];
            }
        }
        for queue in self.list(&region.sqs.queues) {
            let policy = queue.attributes.get().map(|attributes| attributes.policy.as_deref());
            let guard = guard(policy, sqs::op::GetQueueAttributes, name, &queue.name);
            let encrypted = queue
                .attributes
                .known()
                .is_some_and(|it| it.kms_key.as_deref().is_some_and(|key| !key.ends_with("alias/aws/sqs")));
            let store = self.add(Kind::Queue, queue, &place, false);
            store.guard = guard;
            if encrypted {
                store.encryption = Encryption::SomeKey;
            }
        }
        self.stores.kept.known(region.kms.keys.get());
        for key in region.kms.keys.known().into_iter().flatten() {
            self.stores.kept.known(key.details.get());
            let is_used = |details: &&KeyDetails| {
                details.is_customer_managed
                    && details.state == "Enabled"
                    && details.usage == "ENCRYPT_DECRYPT"
            };
            if key.details.known().filter(is_used).is_none() {
                continue;
            }
            let policy = region.kms.policies.of(&key.id).map(|text| Some(text.as_str()));
            let guard = guard(policy, kms::op::GetKeyPolicy, name, &key.id);
            let store = self.add(Kind::Key, key, &place, true);
            store.guard = guard;
            // Whoever writes its policy keeps everybody else from all that it encrypts.
            store.destroying = &["kms:PutKeyPolicy"];
        }
        // Nobody reads an encrypted snapshot without its key.
        for volume in self.list(&region.ec2.snapshots).iter().filter(|it| !it.encrypted) {
            self.add(Kind::VolumeSnapshot, volume, &place, false);
        }
        let of_databases = [&region.rds.snapshots, &region.rds.cluster_snapshots];
        for list in of_databases {
            for database in self.list(list).iter().filter(|it| !it.encrypted) {
                self.add(Kind::DatabaseSnapshot, database, &place, true);
            }
        }
        // Of a cluster another action makes the copy, and the cluster has the password.
        for database in self.list(&region.rds.instances).iter().filter(|it| it.cluster.is_none()) {
            let encrypted = database.storage_encrypted;
            let store = self.add(Kind::Database, database, &place, true);
            if encrypted {
                store.encryption = Encryption::SomeKey;
            }
        }
    }
}

/// A store's own policy, as far as it can say something of principals of the account.
fn guard(
    policy: Result<Option<&str>, NotJudged>,
    operation: &'static Operation,
    region: &str,
    resource: &str,
) -> Guard {
    match policy {
        Ok(None) | Err(NotJudged::NotApplicable) => Guard::None,
        Err(NotJudged::Unread(gaps)) => {
            let gap = gaps.into_vec().into_iter().next();
            gap.map_or(Guard::None, |gap| Guard::Unread(Box::new(gap)))
        }
        Ok(Some(text)) => match Policy::read(text, operation, Some(region), resource) {
            Err(gap) => Guard::Unread(Box::new(gap)),
            Ok(mut policy) => {
                // Denies that everybody avoids (plain HTTP) decide nothing.
                let none = Known::default();
                let avoidable = |statement: &Statement| {
                    statement.conditions.iter().any(|it| it.chance(&none) == Chance::AtWill)
                };
                policy.statements.retain(|it| it.effect == Effect::Allow || !avoidable(it));
                if policy.statements.is_empty() { Guard::None } else { Guard::Policy(Box::new(policy)) }
            }
        },
    }
}

/// What is asked of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Destroy,
}

impl Access {
    const fn edge(self) -> EdgeKind {
        match self {
            Self::Read => EdgeKind::Reads,
            Self::Destroy => EdgeKind::Deletes,
        }
    }
}

/// What is allowed under a condition that cannot be decided: `POLICY, statement NUMBER: CONDITIONS`.
pub(super) fn unclear(action: &'static str, cause: String) -> (Because, Certainty) {
    let by = match cause.split_once(", statement ") {
        Some((policy, rest)) => {
            let statement = rest.split(':').next().unwrap_or_default().to_owned();
            Proof { policy: policy.to_owned(), statement }
        }
        None => Proof { policy: cause.clone(), statement: String::new() },
    };
    (Because::Allowed { action, by }, Certainty::Conditional(Doubt::Policy(cause)))
}

/// Whether it is a policy that everybody attaches.
fn is_usual(held: &Held<'_>) -> bool {
    MANAGED_NODE_POLICIES.iter().any(|name| held.source.name.ends_with(name))
}

/// A store that is reached.
struct Reached<'g> {
    store: &'g Store,
    because: Because,
    certainty: Certainty,
    wide: bool,
    /// By a policy that everybody attaches.
    usual: bool,
}

/// Who asks.
struct Caller<'p, 'a> {
    principal: &'p Principal<'a>,
    permissions: &'p Permissions,
    account: &'p str,
    known: Known,
    absent: &'static [&'static str],
}

/// What a store's own policy says of a caller.
enum Says {
    Nothing,
    Allows(String),
    Denies,
    MayDeny(String),
}

impl<'p, 'a> Caller<'p, 'a> {
    fn new(principal: &'p Principal<'a>, account: &'p str) -> Self {
        let permissions = &principal.permissions;
        let mut known = permissions.known.clone();
        // The credentials that code has of a role never tell of MFA (IAM User Guide, "Secure API access with MFA").
        const MFA: [&str; 2] = ["aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"];
        let absent: &'static [&'static str] = match principal.who {
            Who::Role(_) => &MFA,
            Who::User(_) => &[],
        };
        for key in absent {
            known.can_be(key, [None]);
        }
        Self { principal, permissions, account, known, absent }
    }

    fn can(&self, action: &str, resource: &str) -> Answer<'p> {
        let request = Request { absent: self.absent, ..Request::default() };
        self.permissions.can_by(action, On::Resource(resource), &request)
    }

    fn may_besides(&self, kind: Kind, action: &str) -> bool {
        kind.besides(action).iter().all(|action| self.permissions.can(action, On::Any, &[]).is_yes())
    }

    /// Statements that allow the action, by whatever resources.
    fn allowing<'s>(&'s self, action: &'s str) -> impl Iterator<Item = &'s Statement> {
        let statements = self.permissions.policies.iter().flat_map(|source| source.policy.allows());
        statements.filter(move |statement| statement.actions.selects_action(action))
    }

    /// Whether nothing says something else of some resources than of others: no deny, and no allow for all but some.
    fn is_plain(&self, action: &str) -> bool {
        let boundary = self.permissions.boundary.iter();
        let controls = self.permissions.controls.iter().flatten();
        let mut all = self.permissions.policies.iter().chain(boundary).chain(controls);
        let differs = |it: &Statement| it.effect == Effect::Deny || matches!(it.resources, Match::NoneOf(_));
        !all.any(|source| {
            source.policy.statements.iter().any(|it| differs(it) && it.actions.selects_action(action))
        })
    }

    /// The edges to the stores of a group.
    fn edges(&self, group: &Group, access: Access, from: usize, place: &Place<'_>) -> Vec<Edge> {
        let kind = access.edge();
        let actions = match access {
            Access::Read => group.kind.reading(),
            Access::Destroy => &group.destroying,
        };
        let mut edges = Vec::new();
        let mut reached: BTreeMap<usize, Reached<'_>> = BTreeMap::new();
        let mut all = false;
        for action in actions {
            if access == Access::Read && !self.may_besides(group.kind, action) {
                continue;
            }
            let wanted = |store: &Store| access == Access::Read || store.destroying.contains(action);
            let whole = self.can(action, &group.anonymous);
            let mut candidates = Vec::new();
            // One answer for all resources, where there is one.
            let everywhere = match &whole {
                Answer::Yes(held) if self.is_plain(action) => Some(held),
                _ => None,
            };
            match everywhere {
                Some(held) => {
                    // The same for all stores that have nothing to say of their own.
                    if !is_usual(held) && !all {
                        let because = Because::Allowed { action, by: Proof::of(held) };
                        let of = (access == Access::Destroy).then_some(*action);
                        let lists =
                            [true, false].map(|sensitive| (sensitive, group.plain.get(&(of, sensitive))));
                        for (sensitive, stores) in lists {
                            let Some(stores) = stores else { continue };
                            let Some(impact) =
                                impact(group.kind, access, sensitive || group.nothing_known, true)
                            else {
                                continue;
                            };
                            edges.push(Edge {
                                from,
                                to: stores.first().map_or(0, |first| *first as usize),
                                kind,
                                because: because.clone(),
                                certainty: Certainty::Certain,
                                findings: causes(&because, self.principal, place),
                                grant: Some(Grant {
                                    impact,
                                    group: name_of_group(group, impact),
                                    stores: Arc::clone(stores),
                                    wide: true,
                                }),
                            });
                        }
                        all = access == Access::Read;
                    }
                    candidates.extend(group.guarded.iter().copied());
                }
                None if all => candidates.extend(group.guarded.iter().copied()),
                None => candidates = self.candidates(group, action),
            }
            for at in candidates {
                let Some(store) = group.stores.get(at).filter(|store| wanted(store)) else { continue };
                let Some(found) = self.decide(group.kind, store, action, everywhere) else {
                    continue;
                };
                let old = reached.get(&at).map(|old| old.certainty.penalty());
                if old.is_none_or(|old| old > found.certainty.penalty()) {
                    reached.insert(at, found);
                }
            }
        }
        edges.extend(told(group, &reached, from, access, self.principal, place));
        edges
    }

    /// The stores that a statement of the caller's could be about, or whose own policy names somebody.
    fn candidates(&self, group: &Group, action: &str) -> Vec<usize> {
        let stores = &group.stores;
        let mut found = BTreeSet::new();
        for statement in self.allowing(action) {
            let Match::Any(patterns) = &statement.resources else {
                return (0..stores.len()).collect();
            };
            for pattern in patterns {
                let Some(pattern) = self.known.resolve(pattern) else {
                    return (0..stores.len()).collect();
                };
                if pattern::matches(&pattern, &group.anonymous) {
                    return (0..stores.len()).collect();
                }
                let literal = pattern.split(['*', '?']).next().unwrap_or_default();
                // What begins like the pattern, and the bucket that its literal part names.
                let first = stores.partition_point(|store| store.arn.as_str() < literal);
                for (at, store) in stores.iter().enumerate().skip(first) {
                    if !store.arn.starts_with(literal) {
                        break;
                    }
                    // Only of a bucket it is another resource, an object, that is asked about.
                    if group.kind == Kind::Bucket || pattern::matches(&pattern, &store.arn) {
                        found.insert(at);
                    }
                }
                if group.kind == Kind::Bucket {
                    let bucket = literal.split('/').next().unwrap_or_default();
                    if let Ok(at) = stores.binary_search_by(|store| store.arn.as_str().cmp(bucket)) {
                        found.insert(at);
                    }
                }
            }
        }
        for at in group.opened.to(self.principal.arn()) {
            if let Guard::Policy(policy) = &stores[at].guard
                && policy.allows().any(|allow| self.lets_in(allow))
            {
                found.insert(at);
            }
        }
        found.into_iter().collect()
    }

    /// The resources to ask about: of a bucket some object, then, where the permission is on some only, one of those.
    fn resources<'s>(
        &'s self,
        kind: Kind,
        store: &Store,
        action: &'s str,
    ) -> impl Iterator<Item = String> + use<'s, 'p, 'a> {
        let (whole, objects) = match kind {
            Kind::Bucket => (format!("{}/{ANY}", store.arn), Some(format!("{}/", store.arn))),
            _ => (store.arn.clone(), None),
        };
        let of_statements = objects.into_iter().flat_map(move |objects| {
            let patterns = self.allowing(action).flat_map(|statement| statement.resources.patterns());
            patterns.filter_map(move |pattern| {
                let pattern = self.known.resolve(pattern)?;
                let key = pattern.strip_prefix(&objects)?;
                Some(format!("{objects}{}", key.replace(['*', '?'], ANY)))
            })
        });
        iter::once(whole).chain(of_statements)
    }

    /// How the store is reached; by what is told, where that holds for all resources.
    fn decide<'g>(
        &self,
        kind: Kind,
        store: &'g Store,
        action: &'static str,
        everywhere: Option<&Held<'p>>,
    ) -> Option<Reached<'g>> {
        let mut best: Option<Reached<'g>> = None;
        for resource in self.resources(kind, store, action) {
            let Some(found) = self.decide_on(kind, store, action, &resource, everywhere) else { continue };
            let is_certain = found.certainty == Certainty::Certain;
            if best.as_ref().is_none_or(|best| found.certainty.penalty() < best.certainty.penalty()) {
                best = Some(found);
            }
            if is_certain {
                break;
            }
        }
        best
    }

    fn decide_on<'g>(
        &self,
        kind: Kind,
        store: &'g Store,
        action: &'static str,
        resource: &str,
        everywhere: Option<&Held<'p>>,
    ) -> Option<Reached<'g>> {
        let says = match &store.guard {
            Guard::Policy(policy) => self.says(policy, action, resource),
            Guard::None | Guard::Unread(_) => Says::Nothing,
        };
        if matches!(says, Says::Denies) {
            return None;
        }
        let identity = everywhere.map_or_else(|| self.can(action, resource), |held| Answer::Yes(*held));
        let (because, mut certainty, held) = match (identity, &says) {
            // Policies of the account decide about a key as far as its own policy leaves it to them, which has to
            // name the account (AWS KMS Developer Guide, "Key policies in AWS KMS").
            (Answer::Yes(_) | Answer::Unclear(_), Says::Nothing)
                if kind == Kind::Key && !self.is_left_to_the_account(store, action) =>
            {
                return None;
            }
            (Answer::Yes(held), _) => {
                (Because::Allowed { action, by: Proof::of(&held) }, Certainty::Certain, Some(held))
            }
            (_, Says::Allows(statement)) if !self.permissions.denies(action, resource) => {
                let statement = statement.clone();
                (Because::AllowedByResource { action, statement }, Certainty::Certain, None)
            }
            (Answer::Unclear(cause), _) => {
                let (because, certainty) = unclear(action, cause);
                (because, certainty, None)
            }
            (Answer::No, _) => return None,
        };
        let wide = held.as_ref().is_some_and(|held| {
            let anonymous = anonymous(kind, &store.arn);
            match &held.statement.resources {
                Match::Any(patterns) => patterns.iter().any(|it| pattern::matches(it, &anonymous)),
                Match::NoneOf(_) => true,
            }
        });
        let usual = held.as_ref().is_some_and(is_usual);
        if let (Says::MayDeny(cause), Certainty::Certain) = (says, &certainty) {
            certainty = Certainty::Conditional(Doubt::Policy(cause));
        }
        if let Guard::Unread(gap) = &store.guard {
            certainty = Certainty::Unknown(gap.clone());
        }
        let decrypts = || matches!(self.permissions.can("kms:Decrypt", On::Any, &[]), Answer::Yes(_));
        if store.encryption == Encryption::SomeKey && certainty == Certainty::Certain && !decrypts() {
            certainty = Certainty::Conditional(Doubt::Key);
        }
        Some(Reached { store, because, certainty, wide, usual })
    }

    /// Whether a key's policy lets the account's own decide; so it is as long as it could not be read.
    fn is_left_to_the_account(&self, store: &Store, action: &str) -> bool {
        let Guard::Policy(policy) = &store.guard else { return matches!(store.guard, Guard::Unread(_)) };
        policy.allows().any(|allow| {
            matches!(trust::entry(allow, self.principal.arn(), self.account), Some(trust::Entry::Account))
                && allow.actions.selects_action(action)
                && allow.conditions.is_empty()
        })
    }

    fn says(&self, policy: &Policy, action: &str, resource: &str) -> Says {
        let about = |statement: &Statement| {
            statement.actions.selects_action(action) && statement.resources.selects_resource(resource)
        };
        let (arn, mut may_deny) = (self.principal.arn(), None);
        for deny in policy.denies().filter(|deny| about(deny)) {
            let meant = match &deny.principals {
                // A deny for all but some spares those and their account (IAM User Guide, "NotPrincipal").
                Some(Principals::NoneOf(_)) | Some(Principals::Any(_)) => {
                    trust::entry(deny, arn, self.account).is_some()
                }
                None => false,
            };
            if !meant {
                continue;
            }
            let chances: Vec<_> = deny.conditions.iter().map(|it| it.chance(&self.known)).collect();
            if chances.iter().any(|it| matches!(it, Chance::Never | Chance::AtWill)) {
                continue;
            }
            if chances.contains(&Chance::Unclear) {
                let texts: Vec<_> = deny.conditions.iter().map(Condition::text).collect();
                may_deny = Some(format!("{}: {}", deny.label(), texts.join(" and ")));
            } else {
                return Says::Denies;
            }
        }
        if let Some(cause) = may_deny {
            return Says::MayDeny(cause);
        }
        let allows = policy.allows().find(|allow| {
            let met = |chance| matches!(chance, Chance::Always | Chance::AtWill);
            self.lets_in(allow)
                && about(allow)
                && allow.conditions.iter().all(|it| met(it.chance(&self.known)))
        });
        allows.map_or(Says::Nothing, |allow| Says::Allows(allow.label()))
    }

    /// Whether a statement of a store's own policy allows the caller something by itself.
    fn lets_in(&self, allow: &Statement) -> bool {
        match trust::entry(allow, self.principal.arn(), self.account) {
            Some(trust::Entry::Named) => true,
            // The account as a whole only lets its own policies decide. What is open to everyone is no way of this
            // caller; under a condition it may be open to the account alone.
            Some(trust::Entry::Account) => {
                let everyone = allow.principals.as_ref().is_some_and(Principals::is_everyone);
                everyone && !allow.conditions.is_empty()
            }
            None => false,
        }
    }
}

/// What reaching a store means; none for what does not matter.
const fn impact(kind: Kind, access: Access, sensitive: bool, wide: bool) -> Option<Impact> {
    match (access, kind) {
        (Access::Destroy, _) if sensitive || wide => Some(Impact::Loss),
        (Access::Destroy, _) => None,
        (Access::Read, Kind::Secret) if wide => Some(Impact::Secrets),
        (Access::Read, _) if sensitive => Some(Impact::Sensitive),
        (Access::Read, _) => Some(Impact::Other),
    }
}

fn name_of_group(group: &Group, impact: Impact) -> String {
    let word = match impact {
        Impact::Other => "other",
        Impact::Loss => "loss",
        _ => "sensitive",
    };
    format!("{} {word}", group.resource_type)
}

/// The edges that tell of what is reached: one for each impact and statement.
fn told(
    group: &Group,
    reached: &BTreeMap<usize, Reached<'_>>,
    from: usize,
    access: Access,
    principal: &Principal<'_>,
    place: &Place<'_>,
) -> Vec<Edge> {
    type Key<'k> = (Impact, i8, bool, (&'k str, &'k str, &'k str));
    let mut by_key: BTreeMap<Key<'_>, Vec<&Reached<'_>>> = BTreeMap::new();
    for found in reached.values().filter(|found| !found.usual) {
        let sensitive = found.store.sensitive || group.nothing_known && found.wide;
        let Some(impact) = impact(group.kind, access, sensitive, found.wide) else { continue };
        let proof = match &found.because {
            Because::Allowed { action, by } => (*action, by.policy.as_str(), by.statement.as_str()),
            Because::AllowedByResource { action, .. } => (*action, "", ""),
            _ => ("", "", ""),
        };
        by_key.entry((impact, found.certainty.penalty(), !found.wide, proof)).or_default().push(found);
    }
    let edge = |((impact, _, narrow, _), members): (Key<'_>, Vec<&Reached<'_>>)| {
        let first = members.first()?;
        let stores = members.iter().filter_map(|found| u32::try_from(found.store.node).ok()).collect();
        let group = name_of_group(group, impact);
        Some(Edge {
            from,
            to: first.store.node,
            kind: access.edge(),
            because: first.because.clone(),
            certainty: first.certainty.clone(),
            findings: causes(&first.because, principal, place),
            grant: Some(Grant { impact, group, stores, wide: !narrow }),
        })
    };
    by_key.into_iter().filter_map(edge).collect()
}

/// Ids of the findings about the statement that allows it.
fn causes(because: &Because, principal: &Principal<'_>, place: &Place<'_>) -> Vec<String> {
    let Because::Allowed { by, .. } = because else { return Vec::new() };
    of_policy(&by.policy, principal, place, &["iam-policy-service-wildcard", "iam-policy-not-action"])
}

/// Ids of findings that these checks may have about a policy.
pub(super) fn of_policy(
    policy: &str,
    principal: &Principal<'_>,
    place: &Place<'_>,
    checks: &[&str],
) -> Vec<String> {
    let (kind, id) = if policy.starts_with("arn:") {
        ("AWS::IAM::ManagedPolicy", super::because::short(policy))
    } else {
        let holder = policy.split('/').next().unwrap_or_default();
        let own = holder == principal.name();
        let kind = match principal.who {
            Who::User(_) if own => "AWS::IAM::UserPolicy",
            Who::Role(_) if own => "AWS::IAM::RolePolicy",
            _ => "AWS::IAM::GroupPolicy",
        };
        (kind, policy)
    };
    checks.iter().map(|check| finding::id_of(check, place.account, kind, None, id, None)).collect()
}

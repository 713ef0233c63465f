//! Where somebody gets in: what checks and the analysis of reachability tell of the internet, of other accounts, of
//! CI tenants, and of credentials.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::{
    ANOTHER_ACCOUNT, Builder, Class, PASSWORD_OF,
    because::Because,
    first_of,
    fronts::Fronts,
    graph::{self, Certainty, Doubt, Edge, EdgeKind, Impact, Node, NodeKind},
    note, outside,
    rank::Ease,
    stores::gives_away,
};
use crate::{
    analysis::{
        identity::{Identities, Principal, Who},
        network::reachability::{Reach, Reaches},
        policy::{
            Policy, pattern,
            public::{Grant, open_to_everyone},
        },
        trust::lets_guests_in,
    },
    finding::{self, Finding, Severity, Status},
    snapshot::{
        Judged,
        ec2::Instance,
        iam::AccessKey,
        lambda::{self, FunctionUrl},
    },
};

/// Somewhere to get in.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) class: Class,
    /// The node in the account.
    pub(super) resource: usize,
    /// The ways to it.
    pub(super) prefixes: Vec<Prefix>,
}

/// A way in.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    /// Its edges; the last one ends at the entry.
    pub(super) edges: Vec<usize>,
    /// How easily it is taken.
    pub(super) ease: Ease,
    /// It is what the entry is there for, and takes a flaw to be misused: a web server's port behind IMDSv2.
    pub(super) is_meant: bool,
    /// A forged request is enough to get the role's credentials: a web server with IMDSv1.
    pub(super) by_metadata: bool,
    /// The credentials are cut down to a few services' data: what Cognito gives guests in the enhanced flow.
    pub(super) is_scoped: bool,
    /// It goes around a distribution that has a web ACL.
    pub(super) bypasses: bool,
}

impl Prefix {
    /// One edge, of which nothing more is to be said.
    fn of(edge: usize, ease: Ease) -> Self {
        Self::along(vec![edge], ease)
    }

    /// Edges of which nothing more is to be said.
    pub(super) const fn along(edges: Vec<usize>, ease: Ease) -> Self {
        let [is_meant, by_metadata, is_scoped, bypasses] = [false; 4];
        Self { edges, ease, is_meant, by_metadata, is_scoped, bypasses }
    }
}

/// Most ways to one thing that are kept: they differ in nothing that a reader wants to know.
const MOST_WAYS: usize = 8;

/// Checks of security groups whose fix revokes the rules that they name.
const OF_GROUPS: [&str; 7] = [
    "ec2-sg-open-all",
    "ec2-sg-open-ssh",
    "ec2-sg-open-rdp",
    "ec2-sg-open-cifs",
    "ec2-sg-open-database",
    "ec2-sg-open-risky-port",
    "ec2-sg-open-unapproved-port",
];

/// Rules of security groups that findings name, with the findings' ids.
type Openings = HashMap<(String, String), Vec<(String, Vec<Value>)>>;

impl<'a> Builder<'_, 'a> {
    /// Finds every entry.
    pub(super) fn enter(&mut self) {
        // What holds a credential is worth reaching, with a role or without.
        self.leaks();
        self.compute();
        self.tasks();
        self.held_by_tasks();
        self.functions();
        self.apis();
        self.builds();
        self.balanced();
        self.events();
        self.takeovers();
        self.databases();
        self.buckets();
        self.open_to_loss();
        self.open_stores();
        self.shared_stores();
        self.tenants();
        self.other_accounts();
        self.guests();
        self.signed_up();
        self.users();
        self.foreign_code();
        self.alerted();
    }

    pub(super) fn entry(&mut self, class: Class, resource: usize, prefix: Prefix) {
        let at = *self.entry_of.entry((class, resource)).or_insert(self.entries.len());
        match self.entries.get_mut(at) {
            Some(entry) => entry.prefixes.push(prefix),
            None => self.entries.push(Entry { class, resource, prefixes: vec![prefix] }),
        }
    }

    /// An entry that a check tells of.
    pub(super) fn by_finding(&mut self, class: Class, from: Node, to: Node, finding: Finding, told: Told) {
        let (from, to) = (self.graph.node(from), self.graph.node(to));
        let certainty = match (finding.gaps.first(), told.doubt) {
            (Some(gap), _) => Certainty::Unknown(Box::new(gap.clone())),
            (None, Some(doubt)) => Certainty::Conditional(doubt),
            (None, None) => Certainty::Certain,
        };
        let because = match finding.gaps.first() {
            Some(gap) => Because::Unread(Box::new(gap.clone())),
            None => Because::Finding(Box::new(finding.clone())),
        };
        let findings = vec![finding.id()];
        let edge = self.graph.edge(Edge {
            from,
            to,
            kind: told.kind,
            because,
            certainty,
            findings,
            grant: told.grant,
        });
        self.entry(class, to, Prefix::of(edge, told.ease));
    }

    /// What runs code, has a role, and is reached by the internet.
    fn compute(&mut self) {
        let Ok(identities) = self.analyses.identities() else {
            if let Err(why) = self.analyses.identities() {
                for class in [
                    Class::Compute,
                    Class::Function,
                    Class::Tenant,
                    Class::External,
                    Class::Guest,
                    Class::LeakedKey,
                    Class::Build,
                ] {
                    self.note(class, &why);
                }
            }
            return;
        };
        let with_profile: HashSet<&str> = identities
            .principals
            .iter()
            .filter_map(Principal::usable_role)
            .flat_map(|role| role.instance_profiles.iter().map(String::as_str))
            .collect();
        let mut dangerous = None;
        let mut openings = None;
        let mut fronts = None;
        for (name, region) in &self.snapshot.regions {
            let network = self.analyses.network(name, region);
            let databases = &region.rds.instances;
            let instances = match region.ec2.instances.get() {
                Ok(instances) => instances.as_slice(),
                Err(why) => {
                    self.note(Class::Compute, &why);
                    region.ec2.instances.known().map_or(&[][..], Vec::as_slice)
                }
            };
            let place = self.place(name);
            for instance in instances.iter().filter(|it| it.state == "running") {
                let has_role =
                    instance.instance_profile.as_deref().is_some_and(|it| with_profile.contains(it))
                        || self.holds(&instance.arn(&place));
                if !has_role && databases.get().is_ok_and(Vec::is_empty) {
                    continue;
                }
                let Reaches { ways, unread } = network.of_instance(instance);
                if ways.is_empty() && unread.is_none() {
                    continue;
                }
                let interfaces: Vec<_> = network.interfaces_of(&instance.id).collect();
                let inside = self.inside(&network, &interfaces, databases);
                if let (Err(why), false) =
                    (region.ec2.network_interfaces.get(), databases.get().is_ok_and(Vec::is_empty))
                {
                    note(&mut self.unread.lateral, &why);
                }
                if !has_role && inside.is_empty() {
                    continue;
                }
                let dangerous = dangerous.get_or_insert_with(|| self.dangerous_ports());
                let openings = openings.get_or_insert_with(|| self.openings());
                let fronts = fronts.get_or_insert_with(|| self.fronts());
                let to = Node::of(NodeKind::Compute, instance, &place);
                let ports = dangerous.get(&(name.clone(), instance.id.clone())).cloned().unwrap_or_default();
                let told = finding::id_of(
                    "ec2-instance-internet-reachable",
                    place.account,
                    Instance::TYPE,
                    Some(name),
                    &instance.id,
                    None,
                );
                let ways = distinct(&ways);
                for way in ways {
                    let is_dangerous = ports.iter().any(|port| {
                        (way.ports.0..=way.ports.1).contains(port) || way.target_port == Some(*port)
                    });
                    let mut findings = rule_findings(way, name, openings);
                    if is_dangerous {
                        findings.push(told.clone());
                    }
                    let leads = Leads { is_dangerous, imdsv1: allows_imdsv1(instance), fronts };
                    self.way(way, name, to.clone(), findings, leads);
                }
                let at = self.graph.node(to.clone());
                self.lateral(at, &inside, name);
                if let Some(gap) = unread.and_then(first_of)
                    && self.is_new(&to)
                {
                    if !fronts.is_empty() {
                        self.unread.fronts.extend([gap.clone()]);
                    }
                    let (from, to) = (self.internet(), self.graph.node(to));
                    let edge = self.graph.edge(Edge {
                        from,
                        to,
                        kind: EdgeKind::Reaches,
                        because: Because::Unread(Box::new(gap.clone())),
                        certainty: Certainty::Unknown(Box::new(gap)),
                        findings: Vec::new(),
                        grant: None,
                    });
                    let ease = Ease::Everyone;
                    // Which ports are reached, and so which of the two it would be, is not known either.
                    for by_metadata in [false, true] {
                        let prefix = Prefix { by_metadata, ..Prefix::of(edge, ease) };
                        if !by_metadata || allows_imdsv1(instance) {
                            self.entry(Class::Compute, to, prefix);
                        }
                    }
                }
            }
        }
    }

    /// Tasks of services that have interfaces of their own. What they publish they are there for.
    fn tasks(&mut self) {
        let mut fronts = None;
        for (name, region) in &self.snapshot.regions {
            let services = match region.ecs.services.get() {
                Ok(services) => services.as_slice(),
                Err(why) => {
                    self.note(Class::Compute, &why);
                    continue;
                }
            };
            let groups = |groups: &[String]| groups.iter().cloned().collect::<BTreeSet<_>>();
            let running: Vec<_> = services
                .iter()
                .filter(|service| service.desired_tasks > 0 && !service.security_groups.is_empty())
                .map(|service| (service, groups(&service.security_groups)))
                .collect();
            if running.is_empty() {
                continue;
            }
            let (network, place) = (self.analyses.network(name, region), self.place(name));
            if let Err(why) = region.ec2.network_interfaces.get() {
                self.note(Class::Compute, &why);
            }
            for interface in region.ec2.network_interfaces.known().into_iter().flatten() {
                // ECS describes the interface of a task by its attachment (Amazon ECS Developer Guide, "Amazon ECS
                // task networking"), which does not tell the service: its groups do, where one service has them.
                if !interface.description.contains(":attachment/") || interface.instance.is_some() {
                    continue;
                }
                let of_interface = groups(&interface.security_groups);
                let mut of_service = running.iter().filter(|(_, groups)| *groups == of_interface);
                let (Some((service, _)), None) = (of_service.next(), of_service.next()) else { continue };
                let to = Node::of(NodeKind::Compute, *service, &place);
                let Reaches { ways, unread } = network.of_task(interface);
                for way in distinct(&ways) {
                    let fronts = fronts.get_or_insert_with(|| self.fronts());
                    let leads = Leads { is_dangerous: false, imdsv1: false, fronts };
                    self.way(way, name, to.clone(), Vec::new(), leads);
                }
                if let (true, Some(why)) = (ways.is_empty(), unread) {
                    self.note(Class::Compute, &why);
                }
            }
        }
    }

    /// Whether nothing leads there yet.
    fn is_new(&mut self, node: &Node) -> bool {
        let at = self.graph.node(node.clone());
        !self.entries.iter().rev().any(|entry| entry.resource == at)
    }

    fn internet(&mut self) -> usize {
        self.graph.node(outside(NodeKind::Internet, "internet"))
    }

    /// The ports of instances that `ec2-instance-internet-reachable` calls dangerous.
    fn dangerous_ports(&self) -> HashMap<(String, String), Vec<u16>> {
        let told = self.findings("ec2-instance-internet-reachable").into_iter();
        let told = told.filter(|finding| finding.status == Status::Fail);
        told.map(|finding| {
            let ports = finding.evidence.get("ports").and_then(Value::as_array);
            let ports = ports.into_iter().flatten().filter_map(Value::as_u64);
            let region = finding.resource.region.clone().unwrap_or_default();
            let ports = ports.filter_map(|port| u16::try_from(port).ok()).collect();
            ((region, finding.resource.id), ports)
        })
        .collect()
    }

    fn openings(&self) -> Openings {
        let mut openings = Openings::new();
        for check in OF_GROUPS {
            for finding in self.findings(check).into_iter().filter(|it| it.status == Status::Fail) {
                let rules = finding.evidence.get("rules").and_then(Value::as_array).cloned();
                let region = finding.resource.region.clone().unwrap_or_default();
                let key = (region, finding.resource.id.clone());
                openings.entry(key).or_default().push((finding.id(), rules.unwrap_or_default()));
            }
        }
        openings
    }

    /// A way of packets to something that runs code.
    fn way(&mut self, way: &Reach<'_>, region: &str, to: Node, mut findings: Vec<String>, leads: Leads<'_>) {
        let Leads { is_dangerous, imdsv1, fronts } = leads;
        let internet = self.internet();
        // What stands behind the distribution is the load balancer, or the instance itself.
        let server = if way.target_port.is_some() { way.through } else { to.id.as_str() };
        let fronts = fronts.get(&(region.to_owned(), server.to_owned())).map_or(&[][..], Vec::as_slice);
        let fronts: Vec<_> = fronts.iter().filter(|it| !is_dangerous && it.is_on(way.ports)).collect();
        findings.extend(fronts.iter().map(|front| front.finding.clone()));
        let to = self.graph.node(to);
        let because = Because::Way {
            protocol: way.protocol,
            ports: way.ports,
            security_group: way.security_group.map(str::to_owned),
            route_table: way.route_table.to_owned(),
            internet_gateway: way.internet_gateway.to_owned(),
            network_acl: way.network_acl.to_owned(),
        };
        let certainty = if is_dangerous { Certainty::Certain } else { Certainty::Conditional(Doubt::Flaw) };
        let reaches = EdgeKind::Reaches;
        let edges = match way.target_port {
            None => {
                let edge =
                    Edge { from: internet, to, kind: reaches, because, certainty, findings, grant: None };
                vec![self.graph.edge(edge)]
            }
            Some(port) => {
                let balancer = self.graph.node(Node {
                    kind: NodeKind::LoadBalancer,
                    id: way.through.to_owned(),
                    // Its name is unique in its region.
                    arn: format!("{region}/{}", way.through),
                    resource_type: "AWS::ElasticLoadBalancingV2::LoadBalancer",
                    region: Some(region.to_owned()),
                });
                let grant = None;
                let first = Edge {
                    from: internet,
                    to: balancer,
                    kind: reaches,
                    because,
                    certainty: Certainty::Certain,
                    findings: findings.clone(),
                    grant,
                };
                let second = Edge {
                    from: balancer,
                    to,
                    kind: EdgeKind::Forwards,
                    because: Because::Target(port),
                    certainty,
                    findings,
                    grant: None,
                };
                vec![self.graph.edge(first), self.graph.edge(second)]
            }
        };
        // Credentials of the role are one forged request away where the metadata service asks for no token.
        let by_metadata = imdsv1 && !is_dangerous;
        let is_meant = !is_dangerous && !imdsv1;
        let ease = if is_meant { Ease::Many } else { Ease::Everyone };
        // What comes through the distribution has passed its web ACL.
        for front in &fronts {
            let (server, behind) = match edges.as_slice() {
                [first, second] => (self.graph.edges[*first].to, Some(*second)),
                _ => (to, None),
            };
            let edges = self.through(front, server).into_iter().chain(behind).collect();
            let ease = if is_meant { Ease::Few } else { Ease::Many };
            let prefix = Prefix { is_meant, by_metadata, ..Prefix::along(edges, ease) };
            self.entry(Class::Compute, to, prefix);
        }
        let bypasses = !fronts.is_empty();
        let prefix = Prefix { is_meant, by_metadata, bypasses, ..Prefix::along(edges, ease) };
        self.entry(Class::Compute, to, prefix);
    }

    /// Functions that anyone may call.
    fn functions(&mut self) {
        for finding in self.told("lambda-public", Class::Function) {
            let to = node(NodeKind::Compute, &finding);
            let any_account = outside(NodeKind::AnyAwsPrincipal, "any AWS account");
            let internet = outside(NodeKind::Internet, "internet");
            let (from, ease, doubt) = match (finding.status, finding.variant) {
                // Which of the two it is cannot be told: the milder one.
                (Status::Unknown, _) => (any_account, Ease::Many, None),
                (_, Some("url")) => (internet, Ease::Everyone, None),
                // Who knows the name of the function may make a bucket of a name that was given up.
                (_, Some("s3")) => (any_account, Ease::Few, Some(Doubt::Bucket)),
                (_, Some("limited")) => continue,
                _ => (any_account, Ease::Many, None),
            };
            self.by_finding(Class::Function, from, to, finding, Told { ease, doubt, ..Told::opens() });
        }
        self.excepted_urls();
    }

    /// Functions with a URL for everyone whose policies grant the first of the two permissions that it needs alone. AWS
    /// let accounts off the second for a time, and does not say which (Lambda Developer Guide, "Control access to Lambda
    /// function URLs", and its notice to those accounts).
    fn excepted_urls(&mut self) {
        const ACTION: &str = "lambda:InvokeFunctionUrl";
        for (name, region) in &self.snapshot.regions {
            for function in region.lambda.functions.known().into_iter().flatten() {
                // What could not be read the check has told of.
                let (Ok(Some(text)), Ok(urls)) = (
                    region.lambda.policies.of(&function.name),
                    region.lambda.function_urls.of(&function.name),
                ) else {
                    continue;
                };
                let is_url_of_function = |url: &FunctionUrl| url.auth_type == "NONE" && url.alias.is_none();
                if !urls.iter().any(is_url_of_function) {
                    continue;
                }
                let (now, place) = (
                    self.snapshot.started_at,
                    (lambda::op::GetPolicy, name.as_str(), function.name.as_str()),
                );
                let Ok(grants) = open_to_everyone(text, &[], now, place) else { continue };
                let allows = |grant: &Grant, action: &str| {
                    let conditions = grant.conditions.iter().map(|it| it.to_ascii_lowercase());
                    let mut others = conditions.filter(|it| !it.contains("functionurlauthtype"));
                    grant.actions.iter().any(|pattern| pattern::matches_action(pattern, action))
                        && others.next().is_none()
                };
                let Some(grant) = grants.iter().find(|it| !it.is_limited() && allows(it, ACTION)) else {
                    continue;
                };
                let to = self.graph.node(Node::of(NodeKind::Compute, function, &self.place(name)));
                if self.entry_of.contains_key(&(Class::Function, to)) {
                    continue;
                }
                let from = self.internet();
                let statement = grant.statement.clone();
                let edge = self.graph.edge(Edge {
                    from,
                    to,
                    kind: EdgeKind::Opens,
                    because: Because::AllowedByResource { action: ACTION, statement },
                    certainty: Certainty::Conditional(Doubt::Exception),
                    findings: Vec::new(),
                    grant: None,
                });
                self.entry(Class::Function, to, Prefix::of(edge, Ease::Everyone));
            }
        }
    }

    /// Databases that the internet reaches, and snapshots that anyone restores.
    fn databases(&mut self) {
        for finding in self.told("rds-instance-public", Class::Database) {
            match finding.variant {
                Some("reached") => {}
                Some(_) => continue,
                // The check fails all the same; the path is there only if a way is.
                None => {
                    self.note_unknown(Class::Database, &finding);
                    self.note_ways_to_database(&finding);
                    continue;
                }
            }
            let to = node(NodeKind::DataStore, &finding);
            let told = Told { doubt: Some(Doubt::Password), kind: EdgeKind::Reaches, ..Told::opens() };
            let from = outside(NodeKind::Internet, "internet");
            self.whole_store(Class::Database, from, to, finding, told);
        }
        for finding in self.told("opensearch-public", Class::Database) {
            let doubt = match (finding.status, finding.variant) {
                (Status::Fail, None) => None,
                (Status::Fail, Some("users")) => Some(Doubt::Password),
                (Status::Fail, Some(_)) => continue,
                // The check fails all the same; whether strangers get an answer is not known.
                _ => {
                    self.note_unknown(Class::Database, &finding);
                    continue;
                }
            };
            let to = node(NodeKind::DataStore, &finding);
            let from = outside(NodeKind::Internet, "internet");
            self.whole_store(Class::Database, from, to, finding, Told { doubt, ..Told::opens() });
        }
        for finding in self.told("rds-snapshot-public", Class::Database) {
            let to = node(NodeKind::DataStore, &finding);
            let from = outside(NodeKind::AnyAwsPrincipal, "any AWS account");
            self.whole_store(Class::Database, from, to, finding, Told { ease: Ease::Many, ..Told::opens() });
        }
    }

    /// Notes what could not be read of the ways to a database.
    fn note_ways_to_database(&mut self, finding: &Finding) {
        let (snapshot, id) = (self.snapshot, &finding.resource.id);
        let named = snapshot.regions.iter().find(|(name, _)| Some(*name) == finding.resource.region.as_ref());
        let Some((name, region)) = named else { return };
        let network = self.analyses.network(name, region);
        let databases = region.rds.instances.known().into_iter().flatten();
        for database in databases.filter(|database| database.id == *id) {
            let vpc = database.vpc.as_deref().unwrap_or_default();
            for subnet in &database.subnets {
                let groups = &database.security_groups;
                let ways = network.of_groups(&database.id, groups, vpc, subnet, [true, false]);
                if let Some(why) = ways.unread {
                    self.note(Class::Database, &why);
                }
            }
        }
    }

    /// Buckets that anyone reads, and whose names give away what is in them.
    fn buckets(&mut self) {
        for finding in self.told("s3-bucket-public-read", Class::Bucket) {
            if finding.variant == Some("limited") || !gives_away(&finding.resource.id) {
                continue;
            }
            if finding.status == Status::Fail && !self.objects_are_read(&finding.resource.id) {
                continue;
            }
            // Whoever does not sign decrypts nothing (Amazon S3 User Guide, "Using server-side encryption with AWS KMS
            // keys"); objects from before have other keys.
            let doubt = self.is_encrypted_by_kms(&finding.resource.id).then_some(Doubt::Key);
            let to = node(NodeKind::DataStore, &finding);
            let from = outside(NodeKind::Internet, "internet");
            self.whole_store(Class::Bucket, from, to, finding, Told { doubt, ..Told::opens() });
        }
    }

    fn whole_store(&mut self, class: Class, from: Node, to: Node, finding: Finding, told: Told) {
        let at = self.graph.node(to.clone());
        let stores = u32::try_from(at).into_iter().collect();
        let group = format!("{} sensitive", to.resource_type);
        let grant = Some(graph::Grant { impact: Impact::Sensitive, group, stores, wide: true });
        self.by_finding(class, from, to, finding, Told { grant, ..told });
    }

    /// Roles that any customer of a shared identity provider assumes.
    fn tenants(&mut self) {
        for finding in self.told("iam-role-trust-oidc", Class::Tenant) {
            // One that nobody can use today is no way in.
            if finding.status == Status::Fail && finding.severity < Severity::High {
                continue;
            }
            let provider = finding.evidence.get("provider").and_then(Value::as_str).unwrap_or("CI");
            let from = outside(NodeKind::CiTenant, provider);
            let to = node(NodeKind::Principal, &finding);
            let told = Told { ease: Ease::Many, kind: EdgeKind::Assumes, ..Told::opens() };
            self.by_finding(Class::Tenant, from, to, finding, told);
        }
    }

    /// Roles that anyone, or a foreign account, assumes.
    fn other_accounts(&mut self) {
        let kind = EdgeKind::Assumes;
        for finding in self.told("iam-role-trust-public", Class::External) {
            let from = outside(NodeKind::AnyAwsPrincipal, "any AWS account");
            let to = node(NodeKind::Principal, &finding);
            self.by_finding(
                Class::External,
                from,
                to,
                finding,
                Told { ease: Ease::Many, kind, ..Told::opens() },
            );
        }
        for finding in self.told("iam-role-trust-external", Class::External) {
            let accounts = finding.evidence.get("accounts").and_then(Value::as_array);
            let mut accounts: Vec<_> = accounts.into_iter().flatten().filter_map(Value::as_str).collect();
            if accounts.is_empty() {
                accounts.push(ANOTHER_ACCOUNT);
            }
            let from: Vec<_> = accounts.iter().map(|it| outside(NodeKind::ExternalAccount, it)).collect();
            let doubt = (finding.variant == Some("member")).then_some(Doubt::Member);
            for from in from {
                let to = node(NodeKind::Principal, &finding);
                let told = Told { ease: Ease::Few, doubt: doubt.clone(), kind, ..Told::opens() };
                self.by_finding(Class::External, from, to, finding.clone(), told);
            }
        }
    }

    /// Roles that the guests of identity pools get.
    fn guests(&mut self) {
        let Ok(identities) = self.analyses.identities() else { return };
        let pools: BTreeMap<_, _> = self
            .snapshot
            .regions
            .iter()
            .flat_map(|(name, region)| {
                let pools = region.cognito.identity_pools.known().into_iter().flatten();
                pools.map(move |pool| ((name.as_str(), pool.id.as_str()), pool))
            })
            .collect();
        for finding in self.told("cognito-guest-access", Class::Guest) {
            let to = node(NodeKind::IdentityPool, &finding);
            let region = finding.resource.region.clone().unwrap_or_default();
            let Some(pool) = pools.get(&(region.as_str(), finding.resource.id.as_str())) else { continue };
            let names = |trust: &Policy| {
                let statements = trust.allows().filter_map(|it| it.principals.as_ref());
                let mut named = statements.flat_map(|principals| principals.names());
                named.any(|name| name.starts_with("cognito-identity")) && lets_guests_in(trust, &pool.id)
            };
            let classic = pool.allows_classic_flow.known() == Some(&true);
            let own = pool.guest_role.known().and_then(Option::as_deref);
            let trusting = identities.principals.iter().enumerate();
            let mut roles: Vec<_> =
                trusting.filter(|(_, principal)| principal.trust.as_deref().is_some_and(names)).collect();
            if roles.is_empty() {
                continue;
            }
            self.note_unknown(Class::Guest, &finding);
            let of_pool = [pool.allows_classic_flow.get().map(|_| ()), pool.guest_role.get().map(|_| ())];
            for why in of_pool.into_iter().filter_map(Result::err) {
                self.note(Class::Guest, &why);
            }
            roles.retain(|(_, principal)| classic || own == Some(principal.arn()));
            if roles.is_empty() || finding.status != Status::Fail {
                continue;
            }
            let from = outside(NodeKind::Internet, "internet");
            self.by_finding(Class::Guest, from, to.clone(), finding, Told::opens());
            if let Some(prefix) = self.entries.last_mut().and_then(|entry| entry.prefixes.last_mut()) {
                prefix.is_scoped = !classic;
            }
            let from = self.graph.node(to);
            for (role, _) in roles {
                let to = self.principal(&identities, role);
                self.graph.edge(Edge {
                    from,
                    to,
                    kind: EdgeKind::Assumes,
                    because: Because::GuestRole,
                    certainty: Certainty::Certain,
                    findings: Vec::new(),
                    grant: None,
                });
            }
        }
    }

    /// Users who sign in with one factor, and keys that are old or that nobody uses.
    fn users(&mut self) {
        let identities = match self.analyses.identities() {
            Ok(identities) => identities,
            Err(why) => {
                self.note(Class::User, &why);
                self.note(Class::OldKey, &why);
                return;
            }
        };
        for finding in self.told("iam-user-console-mfa", Class::User) {
            let Some(at) = identities.find(&finding.resource.arn) else { continue };
            // An administrator has nothing to gain; the check itself tells of him.
            if identities.principals[at].is_administrator() {
                continue;
            }
            if finding.status != Status::Fail {
                self.note_unknown(Class::User, &finding);
                continue;
            }
            let to = self.principal(&identities, at);
            let name = format!("{PASSWORD_OF}{}", finding.resource.id);
            let from = outside(NodeKind::Credential, &name);
            let to = self.graph.nodes[to].clone();
            let told = Told { ease: Ease::Inside, kind: EdgeKind::Is, ..Told::opens() };
            self.by_finding(Class::User, from, to, finding, told);
        }
        let mut old = HashSet::new();
        for check in ["iam-access-key-rotation", "iam-access-key-unused"] {
            for finding in self.told(check, Class::OldKey) {
                let Some(at) = identities.find(&finding.resource.arn) else { continue };
                if finding.status != Status::Fail {
                    self.note_unknown(Class::OldKey, &finding);
                    continue;
                }
                old.insert(finding.resource.id.clone());
                self.key(&identities, at, &finding);
            }
        }
        // Whoever holds a key needs nothing else: a key asks for no second factor.
        let keys = match self.snapshot.iam.access_keys.get() {
            Ok(keys) => keys.as_slice(),
            Err(why) => {
                self.note(Class::User, &why);
                &[]
            }
        };
        for user in keys {
            if let Err(why) = user.keys.get() {
                self.note(Class::User, &why);
            }
            for key in user.keys.known().into_iter().flatten().filter(|key| key.active) {
                let Some(at) = identities.find(&key.user_arn) else { continue };
                let principal = &identities.principals[at];
                if !matches!(principal.who, Who::User(_)) || principal.is_administrator() {
                    continue;
                }
                if old.contains(&key.id) {
                    continue;
                }
                let to = self.principal(&identities, at);
                let from = self.graph.node(outside(NodeKind::Credential, &key.id));
                let edge = self.graph.edge(Edge {
                    from,
                    to,
                    kind: EdgeKind::Is,
                    because: Because::Owner,
                    certainty: Certainty::Certain,
                    findings: Vec::new(),
                    grant: None,
                });
                let prefix = Prefix::of(edge, Ease::Inside);
                self.entry(Class::User, to, prefix);
            }
        }
    }

    /// Access keys that can be read in user data, variables, templates and outputs, and whose users are this account's.
    fn leaks(&mut self) {
        const CHECKS: [&str; 6] = [
            "ec2-user-data-secret",
            "ec2-launch-template-secret",
            "lambda-env-secret",
            "ecs-task-env-secret",
            "codebuild-env-secret",
            "cloudformation-output-secret",
        ];
        let Ok(identities) = self.analyses.identities() else { return };
        let keys = match self.snapshot.iam.access_keys.get() {
            Ok(keys) => keys.as_slice(),
            Err(why) => {
                self.note(Class::LeakedKey, &why);
                return;
            }
        };
        let active = keys.iter().flat_map(|user| user.keys.known().into_iter().flatten());
        let owners: HashMap<&str, usize> = active
            .filter(|key| key.active)
            .filter_map(|key| Some((key.id.as_str(), identities.find(&key.user_arn)?)))
            .collect();
        for check in CHECKS {
            for finding in self.told(check, Class::LeakedKey) {
                self.note_unknown(Class::LeakedKey, &finding);
                let secrets = finding.evidence.get("secrets").and_then(Value::as_array);
                let ids = secrets.into_iter().flatten().filter_map(|it| it.get("key_id")?.as_str());
                let ids: BTreeSet<String> = ids.map(str::to_owned).collect();
                for id in ids {
                    let Some(owner) = owners.get(id.as_str()) else {
                        for why in keys.iter().filter_map(|user| user.keys.get().err()) {
                            self.note(Class::LeakedKey, &why);
                        }
                        continue;
                    };
                    let user = self.principal(&identities, *owner);
                    let key = Node {
                        kind: NodeKind::Credential,
                        id: id.clone(),
                        arn: String::new(),
                        resource_type: AccessKey::TYPE,
                        region: None,
                    };
                    let to = self.graph.node(key);
                    if self.graph.out[to].is_empty() {
                        self.graph.edge(Edge {
                            from: to,
                            to: user,
                            kind: EdgeKind::Is,
                            because: Because::Owner,
                            certainty: Certainty::Certain,
                            findings: Vec::new(),
                            grant: None,
                        });
                    }
                    let from = self.graph.node(node(NodeKind::Compute, &finding));
                    let edge = self.graph.edge(Edge {
                        from,
                        to,
                        kind: EdgeKind::Holds,
                        because: Because::Finding(Box::new(finding.clone())),
                        certainty: Certainty::Certain,
                        findings: vec![finding.id()],
                        grant: None,
                    });
                    let prefix = Prefix::of(edge, Ease::Few);
                    self.entry(Class::LeakedKey, to, prefix);
                }
            }
        }
    }

    /// Functions whose code another account may change.
    fn foreign_code(&mut self) {
        for (name, region) in &self.snapshot.regions {
            let functions = region.lambda.functions.known().into_iter().flatten();
            if let Err(why) = region.lambda.functions.get() {
                self.note(Class::External, &why);
            }
            for function in functions {
                let text = match region.lambda.policies.of(&function.name) {
                    Ok(Some(text)) => text,
                    Ok(None) => continue,
                    Err(why) => {
                        self.note(Class::External, &why);
                        continue;
                    }
                };
                let operation = lambda::op::GetPolicy;
                let policy = match Policy::read(text, operation, Some(name), &function.name) {
                    Ok(policy) => policy,
                    Err(gap) => {
                        self.note(Class::External, &gap.into());
                        continue;
                    }
                };
                for statement in policy.allows() {
                    let changes = statement.actions.selects_action("lambda:UpdateFunctionCode")
                        && statement.resources.selects_resource(&function.arn);
                    if !changes || !statement.conditions.is_empty() {
                        continue;
                    }
                    for (account, certainty) in self.strangers(statement) {
                        let from = self.graph.node(outside(NodeKind::ExternalAccount, account));
                        let to = self.graph.node(Node::of(NodeKind::Compute, function, &self.place(name)));
                        let edge = self.graph.edge(Edge {
                            from,
                            to,
                            kind: EdgeKind::Controls,
                            because: Because::AllowedByResource {
                                action: "lambda:UpdateFunctionCode",
                                statement: statement.label(),
                            },
                            certainty,
                            findings: Vec::new(),
                            grant: None,
                        });
                        let prefix = Prefix::of(edge, Ease::Few);
                        self.entry(Class::External, to, prefix);
                    }
                }
            }
        }
    }

    /// An old or unused key: the entry is the key itself.
    fn key(&mut self, identities: &Identities<'_>, user: usize, finding: &Finding) {
        let to = self.principal(identities, user);
        let key = Node { arn: String::new(), ..node(NodeKind::Credential, finding) };
        let from = self.graph.node(key);
        // Whoever mends one of the findings about a key takes the key away.
        if let Some(edge) = self.graph.out[from].first() {
            self.graph.edges[*edge].findings.push(finding.id());
            return;
        }
        let edge = self.graph.edge(Edge {
            from,
            to,
            kind: EdgeKind::Is,
            because: Because::Finding(Box::new(finding.clone())),
            certainty: Certainty::Certain,
            findings: vec![finding.id()],
            grant: None,
        });
        let prefix = Prefix::of(edge, Ease::Few);
        self.entry(Class::OldKey, to, prefix);
    }
}

/// What more is to be said of a way of packets.
#[derive(Clone, Copy)]
struct Leads<'f> {
    /// To a port that is not to be open to everyone.
    is_dangerous: bool,
    /// To something with IMDSv1.
    imdsv1: bool,
    /// What stands before servers.
    fronts: &'f Fronts,
}

/// How an entry that a check tells of is told.
pub(super) struct Told {
    pub(super) ease: Ease,
    pub(super) doubt: Option<Doubt>,
    pub(super) kind: EdgeKind,
    pub(super) grant: Option<graph::Grant>,
}

impl Told {
    pub(super) const fn opens() -> Self {
        Self { ease: Ease::Everyone, doubt: None, kind: EdgeKind::Opens, grant: None }
    }
}

/// The node of what a finding is about.
pub(super) fn node(kind: NodeKind, finding: &Finding) -> Node {
    let resource = &finding.resource;
    let known = finding.types.first().copied().filter(|known| *known == resource.kind);
    Node {
        kind,
        id: resource.id.clone(),
        arn: resource.arn.clone(),
        resource_type: known.unwrap_or("AWS::::Account"),
        region: resource.region.clone(),
    }
}

/// Ways that differ in what a reader wants to know.
pub(super) fn distinct<'w, 'a>(ways: &'w [Reach<'a>]) -> Vec<&'w Reach<'a>> {
    let mut kept: Vec<&Reach<'_>> = Vec::new();
    for way in ways {
        let same = |other: &&&Reach<'_>| {
            (other.protocol, other.ports, other.through, other.security_group, other.target_port)
                == (way.protocol, way.ports, way.through, way.security_group, way.target_port)
        };
        if kept.iter().find(same).is_none() && kept.len() < MOST_WAYS {
            kept.push(way);
        }
    }
    kept
}

/// Ids of the findings that name the rule by which a way goes.
fn rule_findings(way: &Reach<'_>, region: &str, openings: &Openings) -> Vec<String> {
    let (Some(group), Some(rule)) = (way.security_group, &way.rule) else { return Vec::new() };
    let Ok(rule) = serde_json::to_value(rule) else { return Vec::new() };
    let told = openings.get(&(region.to_owned(), group.to_owned())).into_iter().flatten();
    let ports = |it: &Value| ["ip_protocol", "from_port", "to_port"].map(|key| it.get(key).cloned());
    told.filter(|(_, rules)| rules.iter().any(|it| ports(it) == ports(&rule)))
        .map(|(id, _)| id.clone())
        .collect()
}

fn allows_imdsv1(instance: &Instance) -> bool {
    instance.metadata_http_tokens.as_deref() != Some("required")
        && instance.metadata_http_endpoint.as_deref() != Some("disabled")
}

//! Clusters of EKS: who administers one by an access entry, or lets himself in, has the roles of its pods and nodes.
//!
//! What a cluster's own role bindings and its `aws-auth` ConfigMap say is not for the AWS API to tell.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    Builder,
    because::{Because, Proof},
    first_of,
    graph::{Certainty, Doubt, Edge, EdgeKind, Node, NodeKind},
    note,
};
use crate::{
    analysis::{
        identity::{Identities, Principal, Who},
        policy::{
            Chance, Known, Policy, Principals, Statement,
            effective::{Answer, On},
        },
        trust,
    },
    gap::{Collected, NotJudged},
    snapshot::{
        Judged, Region,
        eks::{AccessEntry, Cluster, ClusterDetails, PodIdentity},
        iam::OidcProvider,
    },
};

/// Access policies that let their holder make pods with any service account of their scope (Amazon EKS User Guide,
/// "Review access policy permissions").
const MAKE_PODS: [&str; 3] = ["AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy", "AmazonEKSEditPolicy"];

/// The clusters that the internet reaches and that have roles.
#[derive(Debug, Default)]
pub(super) struct Clusters<'a> {
    clusters: Vec<Front<'a>>,
    /// Who has an access entry, by ARN: the cluster's place, and what it says.
    entries: HashMap<&'a str, Vec<(usize, Entry)>>,
}

#[derive(Debug)]
struct Front<'a> {
    node: Node,
    /// The roles of its pods and nodes, until somebody gets there.
    roles: Vec<(usize, Because, Certainty)>,
    is_open: bool,
    /// Access entries hold in it.
    has_entries: bool,
    partition: &'a str,
}

#[derive(Clone, Debug)]
enum Entry {
    /// An access policy of the whole cluster, by its name.
    Policy(&'static str),
    /// What its access policies are could not be read.
    Unread(NotJudged),
}

impl<'a> Builder<'_, 'a> {
    pub(super) fn clusters(&mut self, identities: &Identities<'a>) -> Clusters<'a> {
        let mut found = Clusters::default();
        let by_profile = identities.principals.iter().enumerate().flat_map(|(at, principal)| {
            let role = principal.usable_role().into_iter();
            role.flat_map(move |role| role.instance_profiles.iter().map(move |arn| (arn.as_str(), at)))
        });
        let by_profile: HashMap<_, _> = by_profile.collect();
        for (name, region) in &self.snapshot.regions {
            let place = self.place(name);
            let nodes = profiles_of_nodes(region);
            if let Err(why) = region.eks.clusters.get() {
                note(&mut self.unread.inside, &why);
            }
            for cluster in region.eks.clusters.known().into_iter().flatten() {
                let details = match cluster.details.get() {
                    Ok(details) => details,
                    Err(why) => {
                        note(&mut self.unread.inside, &why);
                        continue;
                    }
                };
                if !is_for_everyone(details) {
                    continue;
                }
                if let Err(why) = region.ec2.instances.get() {
                    note(&mut self.unread.inside, &why);
                }
                let arn = cluster.arn(&place);
                let mut roles =
                    roles_of_service_accounts(details, &self.snapshot.iam.oidc_providers, identities);
                roles.extend(self.roles_of_pods(cluster, &arn, identities));
                if let Some(profiles) = nodes.get(cluster.name.as_str()) {
                    roles.extend(roles_of_nodes(profiles, &by_profile));
                }
                if roles.is_empty() {
                    continue;
                }
                let at = found.clusters.len();
                match cluster.access_entries.get() {
                    Ok(entries) => {
                        for entry in entries {
                            let kept = found.entries.entry(entry.principal.as_str()).or_default();
                            kept.extend(told(entry).map(|entry| (at, entry)));
                        }
                    }
                    Err(why) => note(&mut self.unread.inside, &why),
                }
                found.clusters.push(Front {
                    node: Node {
                        kind: NodeKind::Compute,
                        id: cluster.name.clone(),
                        arn,
                        resource_type: Cluster::TYPE,
                        region: Some(name.clone()),
                    },
                    roles,
                    is_open: false,
                    has_entries: details.authentication_mode.as_deref().is_some_and(|it| it != "CONFIG_MAP"),
                    partition: &self.snapshot.account.partition,
                });
            }
        }
        found
    }

    /// The roles that associations give to pods.
    fn roles_of_pods(
        &mut self,
        cluster: &Cluster,
        arn: &str,
        identities: &Identities<'a>,
    ) -> Vec<(usize, Because, Certainty)> {
        let associations = match cluster.pod_identities.get() {
            Ok(associations) => associations,
            Err(why) => {
                note(&mut self.unread.inside, &why);
                return Vec::new();
            }
        };
        let mut known = Known::default();
        known.is("aws:SourceAccount", identities.account);
        known.is("aws:SourceArn", arn);
        let role = |association: &PodIdentity| {
            let role = identities.find(association.role.as_deref()?)?;
            let trust = identities.principals[role].trust.as_ref()?;
            let lets_in = |statement: &&Statement| trust::names(statement, "pods.eks.amazonaws.com");
            let certainty = certainty_of(trust, "sts:AssumeRole", lets_in, &known)?;
            let certainty = match certainty {
                Certainty::Certain if association.has_policy => Certainty::Conditional(Doubt::Session),
                certainty => certainty,
            };
            let account = format!("{}/{}", association.namespace, association.service_account);
            Some((role, Because::ServiceAccount(account), certainty))
        };
        associations.iter().filter_map(role).collect()
    }

    /// The clusters that a principal gets into, and the roles that it has then.
    pub(super) fn enters_clusters(
        &mut self,
        clusters: &mut Clusters<'a>,
        identities: &Rc<Identities<'a>>,
        principal: &Principal<'_>,
        from: usize,
    ) -> Vec<usize> {
        let entries = clusters.entries.get(principal.arn()).cloned().unwrap_or_default();
        let mut next = Vec::new();
        for (at, cluster) in clusters.clusters.iter_mut().enumerate() {
            let entry = entries.iter().filter(|(of, _)| *of == at).map(|(_, entry)| entry);
            let (because, certainty) = match strongest(entry) {
                Some(Entry::Policy(name)) => (Because::AccessPolicy(name), Certainty::Certain),
                Some(Entry::Unread(why)) => match first_of(why.clone()) {
                    Some(gap) => (Because::Unread(Box::new(gap.clone())), Certainty::Unknown(Box::new(gap))),
                    None => continue,
                },
                None => match lets_itself_in(principal, cluster, identities.account) {
                    Some(by) => {
                        (Because::Allowed { action: "eks:AssociateAccessPolicy", by }, Certainty::Certain)
                    }
                    None => continue,
                },
            };
            let to = self.graph.node(cluster.node.clone());
            let (kind, findings) = (EdgeKind::Controls, Vec::new());
            self.graph.edge(Edge { from, to, kind, because, certainty, findings, grant: None });
            if std::mem::replace(&mut cluster.is_open, true) {
                continue;
            }
            for (role, because, certainty) in std::mem::take(&mut cluster.roles) {
                let of_role = self.principal(identities, role);
                self.graph.edge(Edge {
                    from: to,
                    to: of_role,
                    kind: EdgeKind::RunsAs,
                    because,
                    certainty,
                    findings: Vec::new(),
                    grant: None,
                });
                next.push(role);
            }
        }
        next
    }
}

/// Whether credentials are enough to use the API server, wherever one is.
fn is_for_everyone(details: &ClusterDetails) -> bool {
    let everyone = |cidr: &String| matches!(cidr.as_str(), "0.0.0.0/0" | "::/0");
    details.endpoint_public_access && details.public_access_cidrs.iter().any(everyone)
}

/// What an entry says that matters.
fn told(entry: &AccessEntry) -> Option<Entry> {
    let policies = match &entry.policies {
        Collected::NotOffered => return None,
        policies => match policies.get() {
            Ok(policies) => policies,
            Err(why) => return Some(Entry::Unread(why)),
        },
    };
    let of_cluster = policies.iter().filter(|policy| policy.scope == "cluster");
    let mut names = of_cluster.filter_map(|policy| {
        let name = policy.arn.rsplit('/').next()?;
        MAKE_PODS.iter().copied().find(|known| *known == name)
    });
    names.next().map(Entry::Policy)
}

/// What is sure before what could not be read.
fn strongest<'e>(entries: impl Iterator<Item = &'e Entry>) -> Option<&'e Entry> {
    entries.min_by_key(|entry| matches!(entry, Entry::Unread(_)))
}

/// Whether the principal may make an access entry for itself and give it administration.
fn lets_itself_in(principal: &Principal<'_>, cluster: &Front<'_>, account: &str) -> Option<Proof> {
    if !cluster.has_entries {
        return None;
    }
    let (partition, name) = (cluster.partition, &cluster.node.id);
    let kind = match principal.who {
        Who::User(_) => "user",
        Who::Role(_) => "role",
    };
    // arn:aws:eks:REGION:ACCOUNT:access-entry/CLUSTER/KIND/ACCOUNT/NAME/UUID (Service Authorization Reference).
    let region = cluster.node.region.as_deref().unwrap_or_default();
    let entry = format!(
        "arn:{partition}:eks:{region}:{account}:access-entry/{name}/{kind}/{account}/{}/00000000-0000-0000-0000-000000000000",
        principal.name()
    );
    let policy = format!("arn:{partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
    let created = [("eks:principalArn", principal.arn()), ("eks:accessEntryType", "STANDARD")];
    let associated = [("eks:policyArn", policy.as_str()), ("eks:accessScope", "cluster")];
    let makes = principal.permissions.can("eks:CreateAccessEntry", On::Resource(&cluster.node.arn), &created);
    match principal.permissions.can("eks:AssociateAccessPolicy", On::Resource(&entry), &associated) {
        Answer::Yes(held) if makes.is_yes() => Some(Proof::of(&held)),
        _ => None,
    }
}

/// Roles that trust the cluster's OpenID Connect provider: whoever makes service accounts has tokens for all of them
/// (Amazon EKS User Guide, "IAM roles for service accounts").
fn roles_of_service_accounts(
    details: &ClusterDetails,
    providers: &Collected<Vec<OidcProvider>>,
    identities: &Identities<'_>,
) -> Vec<(usize, Because, Certainty)> {
    let Some(issuer) = details.oidc_issuer.as_deref().and_then(|it| it.strip_prefix("https://")) else {
        return Vec::new();
    };
    let provider = format!("arn:{}:iam::{}:oidc-provider/{issuer}", identities.partition, identities.account);
    // Nobody has a token of a provider that IAM does not know.
    if providers.get().is_ok_and(|providers| providers.iter().all(|it| it.arn != provider)) {
        return Vec::new();
    }
    let lets_in = |statement: &&Statement| match &statement.principals {
        Some(Principals::Any(named)) => {
            named.iter().any(|(kind, name)| kind.eq_ignore_ascii_case("Federated") && *name == provider)
        }
        _ => false,
    };
    let own = format!("{}:", issuer.to_ascii_lowercase());
    let subject = format!("{own}sub");
    let roles = identities.principals.iter().enumerate().filter_map(|(at, principal)| {
        let trust = principal.usable_role().and(principal.trust.as_ref())?;
        let named = trust.allows().filter(|it| lets_in(it)).flat_map(|it| &it.conditions);
        let mut named = named.filter(|it| it.key.eq_ignore_ascii_case(&subject)).flat_map(|it| &it.values);
        let account = named.find_map(|value| value.strip_prefix("system:serviceaccount:"));
        let account = account.map_or_else(|| "*".to_owned(), |account| account.replacen(':', "/", 1));
        if !trust.allows().any(|it| lets_in(&it)) {
            return None;
        }
        let mut trust = Policy::clone(trust);
        // Who makes the account chooses what its token says.
        for statement in &mut trust.statements {
            statement.conditions.retain(|it| !it.key.to_ascii_lowercase().starts_with(&own));
        }
        let action = "sts:AssumeRoleWithWebIdentity";
        let certainty = certainty_of(&trust, action, lets_in, &Known::default())?;
        Some((at, Because::ServiceAccount(account), certainty))
    });
    roles.collect()
}

/// How sure it is that a role lets in those whom a statement of its trust policy names.
fn certainty_of(
    trust: &Policy,
    action: &str,
    lets_in: impl Fn(&&Statement) -> bool,
    known: &Known,
) -> Option<Certainty> {
    let about = |statement: &&Statement| statement.actions.selects_action(action) && lets_in(statement);
    let is_met = |chance: Chance| matches!(chance, Chance::Always | Chance::AtWill);
    if trust.denies().any(|deny| about(&deny) && deny.conditions.iter().all(|it| is_met(it.chance(known)))) {
        return None;
    }
    let mut best = None;
    for statement in trust.allows().filter(about) {
        let mut doubt = None;
        let mut is_shut = false;
        for condition in &statement.conditions {
            match condition.chance(known) {
                Chance::Never => is_shut = true,
                chance if is_met(chance) => {}
                _ => {
                    doubt.get_or_insert_with(|| condition.text());
                }
            }
        }
        match doubt {
            _ if is_shut => {}
            None => return Some(Certainty::Certain),
            Some(text) => best = Some(Certainty::Conditional(Doubt::Policy(text))),
        }
    }
    best
}

/// The instance profiles of the nodes of a region's clusters, by the cluster's name: those that run instances whose
/// tags say so.
fn profiles_of_nodes(region: &Region) -> HashMap<&str, BTreeSet<&str>> {
    let mut profiles: HashMap<_, BTreeSet<_>> = HashMap::new();
    let instances = region.ec2.instances.known().into_iter().flatten();
    for instance in instances.filter(|instance| instance.state == "running") {
        let Some(profile) = instance.instance_profile.as_deref() else { continue };
        let of_managed = instance.tags.get("eks:cluster-name");
        let of_others = instance.tags.keys().filter_map(|key| key.strip_prefix("kubernetes.io/cluster/"));
        for cluster in of_others.chain(of_managed) {
            profiles.entry(cluster).or_default().insert(profile);
        }
    }
    profiles
}

/// Roles of the instances that are a cluster's nodes: a pod on the network of its host has their credentials (Amazon
/// EKS Best Practices Guide, "Restrict access to the instance profile assigned to the worker node").
fn roles_of_nodes(
    profiles: &BTreeSet<&str>,
    roles: &HashMap<&str, usize>,
) -> Vec<(usize, Because, Certainty)> {
    let mut by_role = BTreeMap::new();
    for profile in profiles {
        if let Some(role) = roles.get(profile) {
            by_role.entry(*role).or_insert_with(|| Because::InstanceProfile((*profile).to_owned()));
        }
    }
    by_role.into_iter().map(|(role, because)| (role, because, Certainty::Certain)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{
        Class,
        graph::{Certainty, Doubt, EdgeKind},
        testing::{ACCOUNT, ADMIN, Account, allow},
        tests::{NONE, edges, paths, told},
    };
    use crate::{
        finding::Severity,
        gap::Collected,
        snapshot::{
            eks::{AccessEntry, AccessPolicy, Cluster, ClusterDetails, PodIdentity},
            iam::{OidcProvider, Role},
        },
        testing::{denied, read, region},
    };

    const ISSUER: &str = "oidc.eks.eu-west-1.amazonaws.com/id/0F1E";

    /// Any AWS account gets a role that does nothing but administer a cluster, whose pods have a role with these rights.
    fn cluster(rights: &str, change: impl FnOnce(&mut Cluster)) -> Account {
        Account::new()
            .trusted("deploy", r#""*""#, "sts:AssumeRole", &allow("eks:DescribeCluster", "*"))
            .role("pod", "pods.eks", rights)
            .change(|account| {
                let policy = AccessPolicy {
                    arn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy".into(),
                    scope: "cluster".into(),
                };
                let mut cluster = Cluster {
                    name: "apps".into(),
                    details: read(ClusterDetails {
                        endpoint_public_access: true,
                        public_access_cidrs: vec!["0.0.0.0/0".into()],
                        authentication_mode: Some("API".into()),
                        oidc_issuer: Some(format!("https://{ISSUER}")),
                        ..ClusterDetails::default()
                    }),
                    access_entries: read(vec![AccessEntry {
                        principal: format!("arn:aws:iam::{ACCOUNT}:role/deploy"),
                        policies: read(vec![policy]),
                    }]),
                    pod_identities: read(vec![PodIdentity {
                        namespace: "app".into(),
                        service_account: "web".into(),
                        role: Some(format!("arn:aws:iam::{ACCOUNT}:role/pod")),
                        has_policy: false,
                    }]),
                };
                change(&mut cluster);
                region(account).eks.clusters = read(vec![cluster]);
            })
    }

    fn details(change: impl FnOnce(&mut ClusterDetails)) -> impl FnOnce(&mut Cluster) {
        |cluster| {
            let Collected::Value(details) = &mut cluster.details else { panic!("it was read") };
            change(details);
        }
    }

    fn policy(change: impl FnOnce(&mut AccessPolicy)) -> impl FnOnce(&mut Cluster) {
        |cluster| {
            let Collected::Value(entries) = &mut cluster.access_entries else { panic!("they were read") };
            let Collected::Value(policies) = &mut entries[0].policies else { panic!("they were read") };
            change(&mut policies[0]);
        }
    }

    const TOLD: [&str; 1] = ["path-external-account-admin"];

    #[test]
    fn who_administers_a_cluster_has_the_roles_of_its_pods() {
        use EdgeKind::{Administers, Assumes, Controls, RunsAs};
        let account = cluster(ADMIN, |_| ());
        assert_eq!(told(&account), TOLD);
        assert_eq!(edges(&account), [Assumes, Controls, RunsAs, Administers]);
        assert_eq!(paths(&account).paths()[0].severity, Severity::Critical);
        assert_eq!(told(&cluster(&allow("logs:*", "*"), |_| ())), NONE);
        let data = cluster(&allow("s3:GetObject", "*"), |_| ()).bucket("customer-data");
        assert_eq!(told(&data), ["path-external-account-data"]);
    }

    #[test]
    fn credentials_have_to_be_enough() {
        assert_eq!(told(&cluster(ADMIN, details(|it| it.endpoint_public_access = false))), NONE);
        let office = details(|it| it.public_access_cidrs = vec!["203.0.113.0/24".into()]);
        assert_eq!(told(&cluster(ADMIN, office)), NONE);
        assert_eq!(told(&cluster(ADMIN, details(|it| it.public_access_cidrs = vec!["::/0".into()]))), TOLD);
    }

    #[test]
    fn an_access_entry_has_to_let_make_pods_anywhere() {
        let arn = |name: &str| format!("arn:aws:eks::aws:cluster-access-policy/{name}");
        assert_eq!(told(&cluster(ADMIN, policy(|it| it.arn = arn("AmazonEKSEditPolicy")))), TOLD);
        assert_eq!(told(&cluster(ADMIN, policy(|it| it.arn = arn("AmazonEKSViewPolicy")))), NONE);
        assert_eq!(told(&cluster(ADMIN, policy(|it| it.scope = "namespace".into()))), NONE);
        assert_eq!(told(&cluster(ADMIN, |it| it.access_entries = read(vec![]))), NONE);
        let another = |it: &mut Cluster| {
            let Collected::Value(entries) = &mut it.access_entries else { panic!() };
            entries[0].principal = format!("arn:aws:iam::{ACCOUNT}:role/other");
        };
        assert_eq!(told(&cluster(ADMIN, another)), NONE);
    }

    #[test]
    fn what_cannot_be_read_of_a_cluster_is_told() {
        let unread = cluster(ADMIN, |it| {
            let Collected::Value(entries) = &mut it.access_entries else { panic!() };
            entries[0].policies = denied();
        });
        let found = paths(&unread);
        assert!(matches!(found.certainty(&found.paths()[0]), Certainty::Unknown(_)));
        assert_eq!(found.paths()[0].severity, Severity::Medium);
        type Change = fn(&mut Cluster);
        let changes: [Change; 3] = [
            |it| it.access_entries = denied(),
            |it| it.pod_identities = denied(),
            |it| it.details = denied(),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let account = cluster(ADMIN, change);
            let found = paths(&account);
            assert!(found.paths().is_empty(), "{at}");
            assert!(found.unread("path-external-account-admin").is_some(), "{at}");
            assert!(found.entries.iter().all(|entry| entry.class == Class::External));
        }
        // Where no role is behind, it does not matter who gets in.
        let nothing = cluster(ADMIN, |it| (it.access_entries, it.pod_identities) = (denied(), read(vec![])));
        assert!(paths(&nothing).unread("path-external-account-admin").is_none());
    }

    #[test]
    fn a_role_of_pods_has_to_let_them_in() {
        let trust = |from: &str, to: &str| {
            told(&cluster(ADMIN, |_| ()).last_role(|role| {
                role.assume_role_policy = role.assume_role_policy.replace(from, to);
            }))
        };
        assert_eq!(trust("pods.eks", "ec2"), NONE);
        let condition = |key: &str, value: &str| {
            let condition = format!(r#""Condition": {{"StringEquals": {{"{key}": "{value}"}}}}, "Action""#);
            trust(r#""Action""#, &condition)
        };
        assert_eq!(condition("aws:SourceAccount", ACCOUNT), TOLD);
        let arn = format!("arn:aws:eks:eu-west-1:{ACCOUNT}:cluster/apps");
        assert_eq!(condition("aws:SourceArn", &arn), TOLD);
        assert_eq!(condition("aws:SourceArn", &arn.replace("apps", "other")), NONE);
        let limited = cluster(ADMIN, |it| {
            let Collected::Value(associations) = &mut it.pod_identities else { panic!() };
            associations[0].has_policy = true;
        });
        let found = paths(&limited);
        assert_eq!(*found.certainty(&found.paths()[0]), Certainty::Conditional(Doubt::Session));
    }

    #[test]
    fn roles_of_service_accounts_are_those_that_trust_its_provider() {
        let irsa = |issuer: &str, change: fn(&mut Role)| told(&of_issuer(issuer, ISSUER, change));
        assert_eq!(irsa(ISSUER, |_| ()), TOLD);
        assert_eq!(irsa("oidc.eks.eu-west-1.amazonaws.com/id/ABCD", |_| ()), NONE);
        assert_eq!(
            irsa(ISSUER, |role| role.assume_role_policy = role.assume_role_policy.replace("Allow", "Deny")),
            NONE
        );
        assert_eq!(told(&of_issuer(ISSUER, "oidc.example.com", |_| ())), NONE, "IAM does not know it");
    }

    /// The cluster, and an administrator's role that trusts an issuer, of which IAM knows one.
    fn of_issuer(issuer: &str, known: &str, change: fn(&mut Role)) -> Account {
        let provider = format!(r#"{{"Federated": "arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}}"#);
        let account = cluster(&allow("logs:*", "*"), |it| it.pod_identities = read(vec![]));
        let account = account.trusted("irsa", &provider, "sts:AssumeRoleWithWebIdentity", ADMIN);
        let account = account.last_role(|role| {
            let condition = format!(
                r#""Condition": {{"StringEquals": {{"{issuer}:sub": "system:serviceaccount:app:web", "{issuer}:aud": "sts.amazonaws.com"}}}}, "Action""#
            );
            role.assume_role_policy = role.assume_role_policy.replace(r#""Action""#, &condition);
            change(role);
        });
        account.change(|account| {
            let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{known}");
            account.iam.oidc_providers = read(vec![OidcProvider { arn, client_ids: read(vec![]) }]);
        })
    }

    #[test]
    fn nodes_have_their_role() {
        let node = |tag: &str, state: &str| {
            let account = cluster(&allow("logs:*", "*"), |it| it.pod_identities = read(vec![]))
                .role("node", "ec2", ADMIN)
                .instance(443, "node");
            told(&account.change(|account| {
                let ec2 = &mut region(account).ec2;
                if let Collected::Value(instances) = &mut ec2.instances {
                    instances[0].tags = [(tag, "owned")].into();
                    instances[0].state = state.into();
                }
                if let Collected::Value(interfaces) = &mut ec2.network_interfaces {
                    interfaces[0].public_ips.clear();
                }
            }))
        };
        assert_eq!(node("kubernetes.io/cluster/apps", "running"), TOLD);
        assert_eq!(node("kubernetes.io/cluster/other", "running"), NONE);
        assert_eq!(node("kubernetes.io/cluster/apps", "stopped"), NONE);
    }

    #[test]
    fn who_may_write_access_entries_lets_himself_in() {
        let writer = |actions: &str, change: fn(&mut ClusterDetails)| {
            let account = cluster(ADMIN, |it| {
                it.access_entries = read(vec![]);
                details(change)(it);
            });
            told(&account.change(|account| {
                let Collected::Value(authorization) = &mut account.iam.authorization else { panic!() };
                authorization.roles[0].inline_policies[0].document = allow(actions, "*");
            }))
        };
        assert_eq!(writer("eks:CreateAccessEntry eks:AssociateAccessPolicy", |_| ()), TOLD);
        assert_eq!(writer("eks:*", |_| ()), TOLD);
        assert_eq!(writer("eks:AssociateAccessPolicy", |_| ()), NONE);
        assert_eq!(writer("eks:CreateAccessEntry eks:DescribeCluster", |_| ()), NONE);
        let old = |it: &mut ClusterDetails| it.authentication_mode = Some("CONFIG_MAP".into());
        assert_eq!(writer("eks:*", old), NONE, "entries do not hold there");
    }
}

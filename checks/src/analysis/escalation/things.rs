//! What is there already and runs with a role, or takes one: instances, functions, clusters, ….

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use super::{SOMEBODY, methods::Kind};
use crate::{
    analysis::{
        identity::Identities,
        policy::effective::{On, ResourceTags},
    },
    gap::{Collected, Gaps},
    snapshot::{Judged, Place, Region, Snapshot, Tags, workloads::Workload},
};

/// Something that a method goes through.
#[derive(Clone, Debug)]
pub(super) struct Thing<'a> {
    pub(super) arn: String,
    /// The role that it runs with, by its place among the principals.
    pub(super) role: Option<usize>,
    /// What is asked for what runs in it; empty where that is a resource that the caller makes.
    pub(super) inside: Vec<String>,
    /// Keys that requests about it have; where there are several values, the caller chooses.
    pub(super) keys: Arc<[(&'static str, Vec<String>)]>,
    tags: Option<&'a Tags>,
}

impl<'a> Thing<'a> {
    fn new(arn: String, role: Option<usize>) -> Self {
        Self { arn, role, inside: Vec::new(), keys: Arc::default(), tags: None }
    }

    fn tagged(self, tags: &'a Tags) -> Self {
        Self { tags: Some(tags), ..self }
    }

    pub(super) fn tags(&self) -> ResourceTags<'a> {
        self.tags.map_or(ResourceTags::Unknown, ResourceTags::Are)
    }
}

/// Things of a kind, and what could not be read, so that there may be more.
#[derive(Debug, Default)]
pub(super) struct Things<'a> {
    pub(super) known: Vec<Thing<'a>>,
    pub(super) unread: Gaps,
}

/// Every thing of the account.
#[derive(Debug, Default)]
pub(super) struct Inventory<'a> {
    by_kind: BTreeMap<Kind, Things<'a>>,
}

impl<'a> Inventory<'a> {
    pub(super) fn of(identities: &Identities<'a>, snapshot: &'a Snapshot) -> Self {
        let mut inventory = Self::default();
        let roles = &snapshot.iam.authorization.get().map_or(&[][..], |authorization| &authorization.roles);
        let profiles = roles.iter().flat_map(|role| {
            role.instance_profiles.iter().map(|profile| (profile.as_str(), role.arn.as_str()))
        });
        let profiles: HashMap<_, _> = profiles.collect();
        inventory.profiles(identities, &profiles, snapshot);
        inventory.saml_providers(identities);
        for (name, region) in &snapshot.regions {
            let place = Place { partition: identities.partition, account: identities.account, region: name };
            let mut here = Here { inventory: &mut inventory, identities, place, region };
            here.computers(&profiles);
            here.functions_stacks_and_projects();
            here.containers();
            here.workloads();
        }
        for things in inventory.by_kind.values_mut() {
            // The most powerful first.
            things.known.sort_by_key(|thing| {
                !thing.role.is_some_and(|role| identities.principals[role].is_administrator())
            });
        }
        inventory
    }

    pub(super) fn things(&self, kind: Kind) -> &Things<'a> {
        static NONE: LazyLock<Things<'static>> = LazyLock::new(Things::default);
        self.by_kind.get(&kind).unwrap_or(&NONE)
    }

    fn add(&mut self, kind: Kind, thing: Thing<'a>) {
        self.by_kind.entry(kind).or_default().known.push(thing);
    }

    /// The value; where it could not be read, there may be more of these kinds.
    fn known<'t, T>(&mut self, value: &'t Collected<T>, kinds: &[Kind]) -> Option<&'t T> {
        let mut gaps = Gaps::default();
        let known = gaps.known(value.get());
        for kind in kinds {
            if !gaps.is_empty() {
                self.by_kind.entry(*kind).or_default().unread.extend(gaps.iter().cloned());
            }
        }
        known
    }

    /// The list, or nothing of these kinds.
    fn list<'t, T>(&mut self, list: &'t Collected<Vec<T>>, kinds: &[Kind]) -> &'t [T] {
        self.known(list, kinds).map_or(&[], Vec::as_slice)
    }

    fn profiles(
        &mut self,
        identities: &Identities<'a>,
        with_role: &HashMap<&'a str, &'a str>,
        snapshot: &'a Snapshot,
    ) {
        let mut full: Vec<_> = with_role.iter().collect();
        full.sort_unstable();
        for (profile, role) in full {
            self.add(Kind::InstanceProfile, Thing::new((*profile).to_owned(), identities.find(role)));
        }
        for profile in self.list(&snapshot.iam.instance_profiles, &[Kind::EmptyInstanceProfile]) {
            if profile.role.is_none() {
                self.add(Kind::EmptyInstanceProfile, Thing::new(profile.arn.clone(), None));
            }
        }
    }
}

impl Inventory<'_> {
    /// The SAML providers that roles trust, once for each role. All `SAML:…` keys are what the provider's owner asserts.
    /// The provider of IAM Identity Center, which only that changes, counts as none.
    fn saml_providers(&mut self, identities: &Identities<'_>) {
        for (at, role) in identities.principals.iter().enumerate() {
            let (Some(trust), Some(usable)) = (&role.trust, role.usable_role()) else { continue };
            if usable.is_identity_center() {
                continue;
            }
            let allows = trust.allows().filter(|statement| {
                statement.actions.selects_action("sts:AssumeRoleWithSAML")
                    && statement.conditions.iter().all(|condition| {
                        condition.key.get(..5).is_some_and(|prefix| prefix.eq_ignore_ascii_case("saml:"))
                    })
            });
            let names = allows.filter_map(|statement| statement.principals.as_ref());
            let mut providers: Vec<_> = names
                .flat_map(crate::analysis::policy::Principals::names)
                .filter(|name| name.contains(":saml-provider/") && !name.contains(":saml-provider/AWSSSO_"))
                .filter(|name| name.split(':').nth(4) == Some(identities.account))
                .collect();
            providers.sort_unstable();
            providers.dedup();
            for provider in providers {
                self.add(Kind::SamlProvider, Thing::new(provider.to_owned(), Some(at)));
            }
        }
    }
}

/// Reads a region's things into the inventory.
struct Here<'i, 'a> {
    inventory: &'i mut Inventory<'a>,
    identities: &'i Identities<'a>,
    place: Place<'a>,
    region: &'a Region,
}

impl<'a> Here<'_, 'a> {
    fn find(&self, role: Option<&str>) -> Option<usize> {
        self.identities.find(role?)
    }

    fn computers(&mut self, profiles: &HashMap<&'a str, &'a str>) {
        const INSTANCES: [Kind; 5] = [
            Kind::Instance,
            Kind::InstanceWithProfile,
            Kind::InstanceWithoutProfile,
            Kind::ManagedNode,
            Kind::LaunchTemplate,
        ];
        let region = self.region;
        let instances = self.inventory.list(&region.ec2.instances, &INSTANCES);
        let nodes = self.inventory.list(&region.ssm.managed_nodes, &[Kind::ManagedNode]);
        let managed: HashSet<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
        for instance in instances {
            let role = instance.instance_profile.as_deref().and_then(|profile| profiles.get(profile));
            let role = self.find(role.copied());
            let thing = Thing::new(instance.arn(&self.place), role).tagged(&instance.tags);
            if managed.contains(instance.id.as_str()) {
                self.inventory.add(Kind::ManagedNode, thing.clone());
            }
            let with_or_without = match instance.instance_profile {
                Some(_) => Kind::InstanceWithProfile,
                None => Kind::InstanceWithoutProfile,
            };
            self.inventory.add(with_or_without, thing.clone());
            self.inventory.add(Kind::Instance, thing);
        }
        // Tags that Auto Scaling and EC2 give instances tell which templates groups launch. A group that has a
        // version of its own does not follow the template; one that launched the newest or the default did.
        let templates = self.inventory.list(&region.ec2.launch_templates, &[Kind::LaunchTemplate]);
        let launched = instances.iter().filter_map(|instance| {
            let tag = |key: &str| instance.tags.get(key);
            tag("aws:autoscaling:groupName")?;
            Some((tag("aws:ec2launchtemplate:id")?, tag("aws:ec2launchtemplate:version")?.parse().ok()?))
        });
        let launched: HashSet<(&str, _)> = launched.collect();
        for template in templates {
            let versions = [template.latest_version, template.default_version];
            let follows = versions.iter().any(|version| launched.contains(&(template.id.as_str(), *version)));
            if follows {
                let thing = Thing::new(template.arn(&self.place), None).tagged(&template.tags);
                self.inventory.add(Kind::LaunchTemplate, thing);
            }
        }
    }

    fn functions_stacks_and_projects(&mut self) {
        let region = self.region;
        for function in self.inventory.list(&region.lambda.functions, &[Kind::Function]) {
            let thing = Thing::new(function.arn.clone(), self.find(Some(&function.role)));
            self.inventory.add(Kind::Function, thing);
        }
        for stack in self.inventory.list(&region.cloudformation.stacks, &[Kind::Stack]) {
            let thing = Thing::new(stack.id.clone(), self.find(stack.role.as_deref())).tagged(&stack.tags);
            self.inventory.add(Kind::Stack, thing);
        }
        for set in self.inventory.list(&region.cloudformation.stack_sets, &[Kind::StackSet]) {
            let arn = self.place.arn("cloudformation", &format!("stackset/{}", set.id));
            self.inventory.add(Kind::StackSet, Thing::new(arn, None));
        }
        for project in self.inventory.list(&region.codebuild.projects, &[Kind::Project]) {
            let role = self.find(project.service_role.as_deref());
            let thing = Thing::new(project.arn.clone(), role).tagged(&project.tags);
            self.inventory.add(Kind::Project, thing);
        }
    }

    fn containers(&mut self) {
        const ON_INSTANCES: [Kind; 2] = [Kind::ClusterWithInstances, Kind::TaskDefinitionOnInstances];
        const DEFINITIONS: [Kind; 3] =
            [Kind::TaskDefinition, Kind::TaskDefinitionOnInstances, Kind::TaskDefinitionForInstances];
        const SERVICES: [Kind; 2] = [Kind::Service, Kind::ServiceWithExec];
        let ecs = &self.region.ecs;
        let clusters = self.inventory.list(&ecs.clusters, &[Kind::Cluster]);
        self.inventory.list(&ecs.clusters, &ON_INSTANCES);
        self.inventory.list(&ecs.clusters, &DEFINITIONS);
        let instances = self.inventory.known(&ecs.cluster_instances, &ON_INSTANCES);
        let has_instances =
            |cluster: &&String| instances.is_some_and(|it| it.get(*cluster).is_some_and(|n| *n > 0));
        let with_instances: Vec<_> = clusters.iter().filter(has_instances).cloned().collect();
        let keys = |clusters: &[String]| Arc::from([("ecs:cluster", clusters.to_vec())]);
        // Shared: every task definition may run in every cluster.
        let [of_all, of_some] = [clusters, &with_instances].map(|it| (!it.is_empty()).then(|| keys(it)));
        for cluster in clusters {
            let thing =
                Thing { keys: keys(std::slice::from_ref(cluster)), ..Thing::new(cluster.clone(), None) };
            if with_instances.contains(cluster) {
                self.inventory.add(Kind::ClusterWithInstances, thing.clone());
            }
            self.inventory.add(Kind::Cluster, thing);
        }
        for definition in self.inventory.list(&ecs.task_definitions, &DEFINITIONS) {
            let mut add = |kind, keys: &Option<Arc<_>>| {
                if let Some(keys) = keys.clone() {
                    let thing = Thing::new(definition.arn.clone(), None).tagged(&definition.tags);
                    self.inventory.add(kind, Thing { keys, ..thing });
                }
            };
            add(Kind::TaskDefinition, if definition.for_fargate { &of_all } else { &of_some });
            add(Kind::TaskDefinitionOnInstances, &of_some);
            // Whoever registers an instance needs one.
            if self.region.ec2.instances.get().is_ok_and(|instances| !instances.is_empty()) {
                add(Kind::TaskDefinitionForInstances, &of_all);
            }
        }
        for service in self.inventory.list(&ecs.services, &SERVICES) {
            let roles = self.inventory.known(&ecs.task_roles, &SERVICES);
            let definition = service.task_definition.as_ref();
            let role = roles.zip(definition).and_then(|(roles, arn)| roles.get(arn)?.as_deref());
            if service.desired_tasks == 0 {
                continue;
            }
            let role = self.find(role);
            let cluster = self.place.arn("ecs", &format!("cluster/{}", service.cluster));
            // A task is as old as its service's last deployment: its id is not known, its cluster is.
            let tasks = self.place.arn("ecs", &format!("task/{}/{SOMEBODY}", service.cluster));
            let thing = Thing {
                inside: vec![cluster.clone(), tasks],
                keys: keys(&[cluster]),
                ..Thing::new(service.arn.clone(), role).tagged(&service.tags)
            };
            let can_exec = service.execute_command || role.is_some_and(|role| self.is_made_for_exec(role));
            // The agent in the task opens its channels with the task's role (Amazon ECS Developer Guide, "Using
            // ECS Exec").
            let channel = role.is_some_and(|role| {
                let permissions = &self.identities.principals[role].permissions;
                permissions.can("ssmmessages:CreateControlChannel", On::Any, &[]).is_yes()
            });
            if can_exec && channel {
                self.inventory.add(Kind::ServiceWithExec, thing.clone());
            }
            self.inventory.add(Kind::Service, thing);
        }
    }

    /// Whether the role's policies name the permissions that a task has for ECS Exec and for nothing else (Amazon
    /// ECS Developer Guide, "Monitor Amazon ECS containers with ECS Exec"). A service says only how its *next*
    /// tasks start: those that run may take commands though it does not say so.
    fn is_made_for_exec(&self, role: usize) -> bool {
        let policies = &self.identities.principals[role].permissions.policies;
        let mut actions = policies
            .iter()
            .flat_map(|source| source.policy.allows())
            .flat_map(|statement| statement.actions.patterns());
        actions.any(|action| action.eq_ignore_ascii_case("ssmmessages:CreateControlChannel"))
    }

    fn workloads(&mut self) {
        let workloads = &self.region.workloads;
        let lists: [(&'a Collected<Vec<Workload>>, Kind); 5] = [
            (&workloads.glue_jobs, Kind::GlueJob),
            (&workloads.notebooks, Kind::Notebook),
            (&workloads.app_runner_services, Kind::AppRunnerService),
            (&workloads.code_interpreters, Kind::CodeInterpreter),
            (&workloads.state_machines, Kind::StateMachine),
        ];
        for (list, kind) in lists {
            let kinds = [kind, Kind::RunningNotebook];
            let kinds = if kind == Kind::Notebook { &kinds[..] } else { &kinds[..1] };
            for workload in self.inventory.list(list, kinds) {
                let thing = Thing::new(workload.arn.clone(), self.find(workload.role.as_deref()));
                if kind == Kind::Notebook && workload.status.as_deref() == Some("InService") {
                    self.inventory.add(Kind::RunningNotebook, thing.clone());
                }
                self.inventory.add(kind, thing);
            }
        }
    }
}

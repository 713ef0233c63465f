//! What a policy allows by itself.

use super::{
    Escalation, MYSELF, SOMEBODY,
    methods::{self, Kind, LeadsTo, Method, Need},
    proof::keys,
};
use crate::analysis::{
    identity::Identities,
    policy::{
        Known,
        effective::{Answer, On, Permissions, Request, Source},
    },
};

/// A key of requests about a thing, and the values that the caller chooses between.
type Choice = (&'static str, Vec<String>);
/// A thing's ARN, and the keys of requests about it.
type Seen<'t> = (&'t str, &'t [Choice]);

impl Escalation<'_> {
    /// The methods that a policy allows by itself, on resources that could be a target: ones that a wildcard
    /// covers, or ones that exist and have more rights than the policy gives.
    #[must_use]
    pub fn possible(&self, source: &Source) -> Vec<&'static Method> {
        let mut known = Known::default();
        known.is("aws:username", MYSELF);
        let alone = Permissions { policies: vec![source.clone()], known, ..Permissions::default() };
        let allowed = |need: &Need| {
            let answer = alone.can_by(need.action(), On::Any, &request(keys(*need).as_slice(), &[]));
            match need {
                // What is there decides.
                Need::Thing(_) | Need::Inside(_) => !matches!(answer, Answer::No),
                _ => answer.is_yes(),
            }
        };
        methods::all()
            .filter(|method| method.needs != [Need::Assume] && method.needs.iter().all(allowed))
            .filter(|method| self.could_target(&alone, source, method))
            .collect()
    }

    fn could_target(&self, alone: &Permissions, source: &Source, method: &Method) -> bool {
        let iam = |kind: &str, name: &str| {
            format!("arn:{}:iam::{}:{kind}/{name}", self.identities.partition, self.identities.account)
        };
        let (target_kind, own_kind) = match method.leads_to {
            LeadsTo::EverythingAsMember | LeadsTo::Group | LeadsTo::NewMember => ("group", "group"),
            LeadsTo::EverythingByPolicy | LeadsTo::EarlierVersion => ("policy", "policy"),
            LeadsTo::EverythingAsUser
            | LeadsTo::UserUnbound
            | LeadsTo::NewUser
            | LeadsTo::User(_)
            | LeadsTo::EverythingAsOtherUser => ("user", "user"),
            _ => ("role", "role"),
        };
        let can = |need: &Need, arn: &str, choices: &[Choice]| {
            let keys = keys(*need);
            let request = request(keys.as_slice(), choices);
            alone.can_by(need.action(), On::Resource(arn), &request).is_yes()
        };
        // Things that the account has, and one that it could have.
        let things: Vec<Seen<'_>> = method
            .through
            .map(|kind| self.inventory.things(kind).known.iter())
            .into_iter()
            .flatten()
            .map(|thing| (thing.arn.as_str(), &*thing.keys))
            .collect();
        let imagined = method.through.map(|kind| self.any_thing(kind)).unwrap_or_default();
        let imagined: Vec<Seen<'_>> = imagined.iter().map(|arn| (arn.as_str(), &[][..])).collect();
        let all = |target: &str, things: &[Seen<'_>]| {
            method.needs.iter().all(|need| match need {
                Need::Some(_) | Need::Made(..) | Need::New(_) => true,
                Need::Caller(_) => can(need, &iam(own_kind, MYSELF), &[]) || can(need, &source.name, &[]),
                Need::Target(_) | Need::Pass(_) | Need::Assume => can(need, target, &[]),
                Need::Policy(_) => can(need, &iam("policy", SOMEBODY), &[]),
                Need::Thing(_) => things.iter().any(|(arn, choices)| can(need, arn, choices)),
                Need::Inside(_) => things.iter().any(|(_, choices)| {
                    let request = request(&[], choices);
                    alone.can_by(need.action(), On::Any, &request).is_yes()
                }),
            })
        };
        let any = iam(target_kind, SOMEBODY);
        if all(&any, &imagined) || all(&any, &things) && method.leads_to != LeadsTo::ItsRole {
            return true;
        }
        let has_more = |at: usize| self.identities.principals[at].permissions.exceeds(alone).is_some();
        if let (LeadsTo::ItsRole, Some(kind)) = (method.leads_to, method.through) {
            let mut known = self.inventory.things(kind).known.iter();
            return known
                .any(|thing| all("", &[(&thing.arn, &thing.keys)]) && thing.role.is_some_and(has_more));
        }
        let existing: Vec<usize> = match (method.passes_to(), method.leads_to) {
            (Some(service), _) => self.trusting.get(service).cloned().unwrap_or_default(),
            (
                None,
                LeadsTo::Role
                | LeadsTo::User(_)
                | LeadsTo::EverythingAsOtherRole
                | LeadsTo::EverythingAsOtherUser,
            ) => (0..self.identities.principals.len()).collect(),
            _ => Vec::new(),
        };
        existing.into_iter().any(|at| {
            let arn = self.identities.principals[at].arn();
            (all(arn, &imagined) || all(arn, &things)) && has_more(at)
        })
    }

    /// ARNs that only a wildcard matches.
    fn any_thing(&self, kind: Kind) -> Vec<String> {
        let (service, name) = match kind {
            Kind::Instance | Kind::InstanceWithProfile | Kind::InstanceWithoutProfile | Kind::ManagedNode => {
                ("ec2", "instance/")
            }
            Kind::InstanceProfile | Kind::EmptyInstanceProfile => ("iam", "instance-profile/"),
            Kind::LaunchTemplate => ("ec2", "launch-template/"),
            Kind::Function => ("lambda", "function:"),
            Kind::Stack => ("cloudformation", "stack/"),
            Kind::StackSet => ("cloudformation", "stackset/"),
            Kind::Project => ("codebuild", "project/"),
            Kind::Cluster | Kind::ClusterWithInstances => ("ecs", "cluster/"),
            Kind::TaskDefinition | Kind::TaskDefinitionOnInstances | Kind::TaskDefinitionForInstances => {
                ("ecs", "task-definition/")
            }
            Kind::Service | Kind::ServiceWithExec => ("ecs", "service/"),
            Kind::GlueJob => ("glue", "job/"),
            Kind::Notebook | Kind::RunningNotebook => ("sagemaker", "notebook-instance/"),
            Kind::AppRunnerService => ("apprunner", "service/"),
            Kind::CodeInterpreter => ("bedrock-agentcore", "code-interpreter-custom/"),
            Kind::StateMachine => ("states", "stateMachine:"),
            Kind::SamlProvider => ("iam", "saml-provider/"),
        };
        let Identities { partition, account, .. } = &*self.identities;
        if service == "iam" {
            return vec![format!("arn:{partition}:iam::{account}:{name}{SOMEBODY}")];
        }
        let arn = |region: &&str| format!("arn:{partition}:{service}:{region}:{account}:{name}{SOMEBODY}");
        self.regions.iter().map(arn).collect()
    }
}

/// A request with these keys, that has no boundary for whom it makes.
fn request<'r>(keys: &'r [(&'r str, &'r str)], choices: &'r [Choice]) -> Request<'r> {
    Request { keys, choices, ..Request::default() }
}

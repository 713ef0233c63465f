//! The published methods of privilege escalation, as data. Sources: pathfinding.cloud (its ids where it has
//! the method), Rhino Security Labs' list, PMapper's edges, and combinations that Prowler knows. Which actions there
//! are, and on what, is as AWS's Service Authorization Reference says ("Actions, resources, and condition keys for …").
//!
//! Not in it: CodeStar, which ended on 2024-07-31, and what others list as required but only looks around
//! (`ec2:Describe…`, `ecs:DescribeTasks`, `bedrock-agentcore:GetHarness`).
//!
//! To add a method, add a row: to `identities` what changes or becomes a principal, to `new` what hands a role to
//! something new, to `existing` what takes something that is there.

mod existing;
mod identities;
mod new;

/// Every method. Of two that lead to the same end the first is told.
pub fn all() -> impl Iterator<Item = &'static Method> {
    identities::METHODS.iter().chain(new::METHODS).chain(existing::METHODS)
}

/// A way to more rights.
#[derive(Debug)]
pub struct Method {
    /// Its id at pathfinding.cloud, e.g. `iam-014`, else a name of the same form.
    pub id: &'static str,
    /// What it takes, all of it.
    pub needs: &'static [Need],
    /// Something that must be there already.
    pub through: Option<Kind>,
    /// Whose rights it leads to.
    pub leads_to: LeadsTo,
}

impl Method {
    /// The service that a role is passed to.
    #[must_use]
    pub fn passes_to(&self) -> Option<&'static str> {
        self.needs.iter().find_map(|need| match need {
            Need::Pass(service) => Some(*service),
            _ => None,
        })
    }
}

/// A permission that a method takes, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// On something that the caller makes or chooses.
    Some(&'static str),
    /// On the one thing that the caller makes for it and uses then, whose ARN ends with this and a name that the
    /// caller chooses: all needs of a method about it are met on the same.
    Made(&'static str, &'static str),
    /// On the principal that is changed: the user, role or group itself, or a policy that it has.
    Caller(&'static str),
    /// On the user, role or group whose rights it is about.
    Target(&'static str),
    /// On a customer-managed policy that is attached to the target.
    Policy(&'static str),
    /// On a user or role that is made for it.
    New(&'static str),
    /// On the thing that is there already.
    Thing(&'static str),
    /// On what runs in it: the tasks of a service and their cluster.
    Inside(&'static str),
    /// `iam:PassRole` on the target, for that service.
    Pass(&'static str),
    /// `sts:AssumeRole` on the target, as far as its trust policy asks for it.
    Assume,
}

impl Need {
    /// The action.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Some(action)
            | Self::Made(action, _)
            | Self::Caller(action)
            | Self::Target(action)
            | Self::Policy(action)
            | Self::New(action)
            | Self::Thing(action)
            | Self::Inside(action) => action,
            Self::Pass(_) => "iam:PassRole",
            Self::Assume => "sts:AssumeRole",
        }
    }
}

/// What a method goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An instance.
    Instance,
    /// An instance with an instance profile.
    InstanceWithProfile,
    /// An instance without one.
    InstanceWithoutProfile,
    /// An instance that Systems Manager manages.
    ManagedNode,
    /// An instance profile with a role.
    InstanceProfile,
    /// An instance profile without one.
    EmptyInstanceProfile,
    /// A launch template whose newest or default version an Auto Scaling group launches.
    LaunchTemplate,
    /// A Lambda function.
    Function,
    /// A CloudFormation stack.
    Stack,
    /// A CloudFormation stack set that the account manages itself.
    StackSet,
    /// A CodeBuild project.
    Project,
    /// An ECS cluster, where Fargate runs any task.
    Cluster,
    /// An ECS cluster with instances.
    ClusterWithInstances,
    /// A task definition that can run now: on Fargate, or on an instance of some cluster.
    TaskDefinition,
    /// A task definition that can run on an instance of some cluster.
    TaskDefinitionOnInstances,
    /// A task definition that an instance could run if there were one.
    TaskDefinitionForInstances,
    /// An ECS service with tasks.
    Service,
    /// An ECS service with tasks that commands can be run in.
    ServiceWithExec,
    /// A Glue job.
    GlueJob,
    /// A SageMaker notebook instance.
    Notebook,
    /// One that is running.
    RunningNotebook,
    /// An App Runner service.
    AppRunnerService,
    /// A code interpreter of Bedrock AgentCore.
    CodeInterpreter,
    /// A state machine of Step Functions.
    StateMachine,
    /// A SAML provider that a role trusts.
    SamlProvider,
}

impl Kind {
    /// The service that runs it: its role trusts that one.
    #[must_use]
    pub const fn service(self) -> &'static str {
        match self {
            Self::Instance
            | Self::InstanceWithProfile
            | Self::InstanceWithoutProfile
            | Self::ManagedNode
            | Self::InstanceProfile
            | Self::EmptyInstanceProfile
            | Self::LaunchTemplate => "ec2.amazonaws.com",
            Self::Function => "lambda.amazonaws.com",
            Self::Stack | Self::StackSet => "cloudformation.amazonaws.com",
            Self::Project => "codebuild.amazonaws.com",
            Self::Cluster
            | Self::ClusterWithInstances
            | Self::TaskDefinition
            | Self::TaskDefinitionOnInstances
            | Self::TaskDefinitionForInstances
            | Self::Service
            | Self::ServiceWithExec => "ecs-tasks.amazonaws.com",
            Self::GlueJob => "glue.amazonaws.com",
            Self::Notebook | Self::RunningNotebook => "sagemaker.amazonaws.com",
            Self::AppRunnerService => "tasks.apprunner.amazonaws.com",
            Self::CodeInterpreter => "bedrock-agentcore.amazonaws.com",
            Self::StateMachine => "states.amazonaws.com",
            Self::SamlProvider => "signin.aws.amazon.com",
        }
    }
}

/// Whose rights a method leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadsTo {
    /// Every right, as far as a boundary lets the user: its policies are written at will.
    EverythingAsUser,
    /// Likewise for a role.
    EverythingAsRole,
    /// Likewise for the members of a group.
    EverythingAsMember,
    /// Likewise for whoever has a customer-managed policy.
    EverythingByPolicy,
    /// The rights of an earlier version of a policy that the principal has.
    EarlierVersion,
    /// What the user's policies allow without its boundary.
    UserUnbound,
    /// What the role's policies allow without its boundary.
    RoleUnbound,
    /// The rights of a group that the user is put into.
    Group,
    /// Every right, as a new user.
    NewUser,
    /// The rights of a group, as a new user.
    NewMember,
    /// Every right, as a new role.
    NewRole,
    /// The rights of another user.
    User(Password),
    /// The rights of another role.
    Role,
    /// Every right, as another role whose policies it writes.
    EverythingAsOtherRole,
    /// Every right, as another user whose policies it writes.
    EverythingAsOtherUser,
    /// The rights of a role that trusts the service that it is passed to.
    PassedRole,
    /// The rights of a role that is in an instance profile, and is passed to EC2.
    PassedInstanceRole,
    /// The rights of any role that is in an instance profile.
    InstanceRole,
    /// The rights of the thing's own role.
    ItsRole,
    /// The rights of something that is not looked at, or of a service that takes no new customers: possible,
    /// never certain.
    Elsewhere,
}

impl LeadsTo {
    /// Whether it changes what a principal that is already held may do, or makes a new one, rather than becoming
    /// somebody.
    #[must_use]
    pub const fn is_change(self) -> bool {
        matches!(
            self,
            Self::EverythingAsUser
                | Self::EverythingAsRole
                | Self::EverythingAsMember
                | Self::EverythingByPolicy
                | Self::EarlierVersion
                | Self::UserUnbound
                | Self::RoleUnbound
                | Self::Group
                | Self::NewUser
                | Self::NewMember
                | Self::NewRole
        )
    }
}

/// What a target user's credentials must be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Password {
    /// It has fewer than two access keys.
    SpareKey,
    /// It has any number of access keys.
    Any,
    /// It has no password yet.
    No,
    /// It has one.
    Yes,
}

const fn method(id: &'static str, leads_to: LeadsTo, needs: &'static [Need]) -> Method {
    Method { id, needs, through: None, leads_to }
}

const fn through(id: &'static str, kind: Kind, leads_to: LeadsTo, needs: &'static [Need]) -> Method {
    Method { id, needs, through: Some(kind), leads_to }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_method_has_its_own_id_and_whole_actions() {
        let ids: HashSet<_> = all().map(|method| method.id).collect();
        assert_eq!(ids.len(), all().count());
        for method in all() {
            assert!(!method.needs.is_empty());
            for need in method.needs {
                let (service, name) = need.action().split_once(':').unwrap();
                assert!(!service.is_empty() && name.starts_with(char::is_uppercase), "{}", method.id);
                assert!(!need.action().contains('*'), "{}", method.id);
                let of_thing = matches!(need, Need::Thing(_) | Need::Inside(_));
                assert!(!of_thing || method.through.is_some(), "{}", method.id);
            }
            assert!(method.leads_to != LeadsTo::ItsRole || method.through.is_some(), "{}", method.id);
            assert!(method.leads_to != LeadsTo::PassedRole || method.passes_to().is_some(), "{}", method.id);
        }
    }

    /// The paths of pathfinding.cloud: FACTS.md, section 2, and HORIZON.md, section A.4.
    #[test]
    fn has_the_published_paths() {
        let ids: HashSet<_> = all().map(|method| method.id).collect();
        for (service, paths) in [
            ("apprunner", 2),
            ("bedrock", 7),
            ("cloudformation", 5),
            ("codebuild", 4),
            ("datapipeline", 1),
            ("ec2", 5),
            ("ecs", 9),
            ("glue", 7),
            ("iam", 23),
            ("lambda", 6),
            ("sagemaker", 5),
            ("ssm", 3),
            ("sts", 1),
            ("batch", 3),
            ("sso", 3),
            ("stepfunctions", 2),
        ] {
            for path in 1..=paths {
                let id = format!("{service}-{path:03}");
                assert!(ids.contains(id.as_str()), "{id}");
            }
        }
        for id in
            ["braket", "codedeploy", "cognitoidentity", "emr", "emrserverless", "gamelift", "imagebuilder"]
        {
            assert!(ids.contains(format!("{id}-001").as_str()), "{id}");
        }
        for id in ["kinesisanalytics", "omics", "scheduler"] {
            assert!(ids.contains(format!("{id}-001").as_str()), "{id}");
        }
    }
}

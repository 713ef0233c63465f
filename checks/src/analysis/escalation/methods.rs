//! The published methods of privilege escalation, as data. Sources: pathfinding.cloud (its ids where it has
//! the method), Rhino Security Labs' list, PMapper's edges, and combinations that Prowler knows.
//!
//! To add a method, add a row.

use Need::{Assume, Caller, Pass, Policy, Some, Target, Thing};

/// A way to more rights.
#[derive(Debug)]
pub struct Method {
    /// Its id at pathfinding.cloud, e.g. `iam-014`, else a name of the same form.
    pub id: &'static str,
    /// What it takes, all of it.
    pub needs: &'static [Need],
    /// Whose rights it leads to.
    pub leads_to: LeadsTo,
}

/// A permission that a method takes, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// On something that the caller makes or chooses.
    Some(&'static str),
    /// On the caller itself: its own user, role, group, or policy.
    Caller(&'static str),
    /// On the user, role or group whose rights it is about.
    Target(&'static str),
    /// On a customer-managed policy that is attached to the target.
    Policy(&'static str),
    /// On the instance, function, stack or project that has the role.
    Thing(&'static str),
    /// `iam:PassRole` on the target, for that service.
    Pass(&'static str),
    /// `sts:AssumeRole` on the target, as far as its trust policy asks for it.
    Assume,
}

impl Need {
    /// The action.
    pub const fn action(self) -> &'static str {
        match self {
            Some(action) | Caller(action) | Target(action) | Policy(action) | Thing(action) => action,
            Pass(_) => "iam:PassRole",
            Assume => "sts:AssumeRole",
        }
    }
}

/// Whose rights a method leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadsTo {
    /// Every right, as far as a boundary lets the user: it writes its own policies.
    EverythingAsUser,
    /// Likewise for a role.
    EverythingAsRole,
    /// Likewise for the members of a group.
    EverythingAsMember,
    /// Likewise for whoever has a customer-managed policy.
    EverythingByPolicy,
    /// The rights of an earlier version of a policy that the caller has.
    EarlierVersion,
    /// What the user's policies allow without its boundary.
    UserUnbound,
    /// What the role's policies allow without its boundary.
    RoleUnbound,
    /// The rights of a group.
    Group,
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
    /// The rights of a role that is in an instance profile.
    PassedInstanceRole,
    /// The rights of an instance's role.
    Instance,
    /// The rights of a managed node's role.
    ManagedNode,
    /// The rights of a function's role.
    Function,
    /// The rights of a stack's role.
    Stack,
    /// The rights of a build project's role.
    Project,
    /// The rights of something that is not looked at, or of a service that takes no new customers: possible,
    /// never certain.
    Elsewhere,
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

const EC2: &str = "ec2.amazonaws.com";
const LAMBDA: &str = "lambda.amazonaws.com";
const GLUE: &str = "glue.amazonaws.com";
const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";
const CODEBUILD: &str = "codebuild.amazonaws.com";
const ECS_TASKS: &str = "ecs-tasks.amazonaws.com";
const SAGEMAKER: &str = "sagemaker.amazonaws.com";
const AGENTCORE: &str = "bedrock-agentcore.amazonaws.com";

const fn method(id: &'static str, leads_to: LeadsTo, needs: &'static [Need]) -> Method {
    Method { id, needs, leads_to }
}

/// Every method.
pub const METHODS: &[Method] = &[
    // Writing one's own policies.
    method("iam-001", LeadsTo::EverythingByPolicy, &[Caller("iam:CreatePolicyVersion")]),
    method(
        "iam-set-default-policy-version",
        LeadsTo::EarlierVersion,
        &[Caller("iam:SetDefaultPolicyVersion")],
    ),
    method("iam-007", LeadsTo::EverythingAsUser, &[Caller("iam:PutUserPolicy")]),
    method("iam-008", LeadsTo::EverythingAsUser, &[Caller("iam:AttachUserPolicy")]),
    method("iam-005", LeadsTo::EverythingAsRole, &[Caller("iam:PutRolePolicy")]),
    method("iam-009", LeadsTo::EverythingAsRole, &[Caller("iam:AttachRolePolicy")]),
    method("iam-011", LeadsTo::EverythingAsMember, &[Caller("iam:PutGroupPolicy")]),
    method("iam-010", LeadsTo::EverythingAsMember, &[Caller("iam:AttachGroupPolicy")]),
    method("iam-013", LeadsTo::Group, &[Target("iam:AddUserToGroup")]),
    method("iam-delete-user-boundary", LeadsTo::UserUnbound, &[Caller("iam:DeleteUserPermissionsBoundary")]),
    method("iam-delete-role-boundary", LeadsTo::RoleUnbound, &[Caller("iam:DeleteRolePermissionsBoundary")]),
    // Becoming somebody else.
    method("sts-001", LeadsTo::Role, &[Assume]),
    method("iam-012", LeadsTo::Role, &[Target("iam:UpdateAssumeRolePolicy")]),
    method("iam-002", LeadsTo::User(Password::SpareKey), &[Target("iam:CreateAccessKey")]),
    method(
        "iam-003",
        LeadsTo::User(Password::Any),
        &[Target("iam:CreateAccessKey"), Target("iam:DeleteAccessKey")],
    ),
    method("iam-004", LeadsTo::User(Password::No), &[Target("iam:CreateLoginProfile")]),
    method("iam-006", LeadsTo::User(Password::Yes), &[Target("iam:UpdateLoginProfile")]),
    // Becoming somebody else whose policies one writes.
    method("iam-014", LeadsTo::EverythingAsOtherRole, &[Target("iam:AttachRolePolicy"), Assume]),
    method("iam-016", LeadsTo::EverythingAsOtherRole, &[Policy("iam:CreatePolicyVersion"), Assume]),
    method("iam-017", LeadsTo::EverythingAsOtherRole, &[Target("iam:PutRolePolicy"), Assume]),
    method(
        "iam-019",
        LeadsTo::EverythingAsOtherRole,
        &[Target("iam:AttachRolePolicy"), Target("iam:UpdateAssumeRolePolicy")],
    ),
    method(
        "iam-020",
        LeadsTo::EverythingAsOtherRole,
        &[Policy("iam:CreatePolicyVersion"), Target("iam:UpdateAssumeRolePolicy")],
    ),
    method(
        "iam-021",
        LeadsTo::EverythingAsOtherRole,
        &[Target("iam:PutRolePolicy"), Target("iam:UpdateAssumeRolePolicy")],
    ),
    method(
        "iam-015",
        LeadsTo::EverythingAsOtherUser,
        &[Target("iam:AttachUserPolicy"), Target("iam:CreateAccessKey")],
    ),
    method(
        "iam-018",
        LeadsTo::EverythingAsOtherUser,
        &[Target("iam:PutUserPolicy"), Target("iam:CreateAccessKey")],
    ),
    // Passing a role to a new resource.
    method("ec2-001", LeadsTo::PassedInstanceRole, &[Pass(EC2), Some("ec2:RunInstances")]),
    method("ec2-003", LeadsTo::PassedInstanceRole, &[Pass(EC2), Some("ec2:RequestSpotInstances")]),
    method(
        "ec2-associate-profile",
        LeadsTo::PassedInstanceRole,
        &[Pass(EC2), Some("ec2:AssociateIamInstanceProfile"), Some("ssm:SendCommand")],
    ),
    method(
        "ec2-new-profile",
        LeadsTo::PassedRole,
        &[
            Pass(EC2),
            Some("iam:CreateInstanceProfile"),
            Some("iam:AddRoleToInstanceProfile"),
            Some("ec2:RunInstances"),
        ],
    ),
    method(
        "autoscaling-create",
        LeadsTo::PassedInstanceRole,
        &[
            Pass(EC2),
            Some("autoscaling:CreateLaunchConfiguration"),
            Some("autoscaling:CreateAutoScalingGroup"),
        ],
    ),
    method(
        "autoscaling-update",
        LeadsTo::Elsewhere,
        &[
            Pass(EC2),
            Some("autoscaling:CreateLaunchConfiguration"),
            Some("autoscaling:UpdateAutoScalingGroup"),
        ],
    ),
    method(
        "lambda-001",
        LeadsTo::PassedRole,
        &[Pass(LAMBDA), Some("lambda:CreateFunction"), Some("lambda:InvokeFunction")],
    ),
    method(
        "lambda-002",
        LeadsTo::PassedRole,
        &[Pass(LAMBDA), Some("lambda:CreateFunction"), Some("lambda:CreateEventSourceMapping")],
    ),
    method(
        "lambda-006",
        LeadsTo::PassedRole,
        &[Pass(LAMBDA), Some("lambda:CreateFunction"), Some("lambda:AddPermission")],
    ),
    method(
        "cloudformation-001",
        LeadsTo::PassedRole,
        &[Pass(CLOUDFORMATION), Some("cloudformation:CreateStack")],
    ),
    method(
        "cloudformation-003",
        LeadsTo::PassedRole,
        &[
            Pass(CLOUDFORMATION),
            Some("cloudformation:CreateStackSet"),
            Some("cloudformation:CreateStackInstances"),
        ],
    ),
    method(
        "cloudformation-004",
        LeadsTo::Elsewhere,
        &[Pass(CLOUDFORMATION), Some("cloudformation:UpdateStackSet")],
    ),
    method(
        "codebuild-001",
        LeadsTo::PassedRole,
        &[Pass(CODEBUILD), Some("codebuild:CreateProject"), Some("codebuild:StartBuild")],
    ),
    method(
        "codebuild-004",
        LeadsTo::PassedRole,
        &[Pass(CODEBUILD), Some("codebuild:CreateProject"), Some("codebuild:StartBuildBatch")],
    ),
    method("glue-003", LeadsTo::PassedRole, &[Pass(GLUE), Some("glue:CreateJob"), Some("glue:StartJobRun")]),
    method(
        "glue-004",
        LeadsTo::PassedRole,
        &[Pass(GLUE), Some("glue:CreateJob"), Some("glue:CreateTrigger")],
    ),
    method("glue-005", LeadsTo::Elsewhere, &[Pass(GLUE), Some("glue:UpdateJob"), Some("glue:StartJobRun")]),
    method("glue-006", LeadsTo::Elsewhere, &[Pass(GLUE), Some("glue:UpdateJob"), Some("glue:CreateTrigger")]),
    method(
        "glue-007",
        LeadsTo::PassedRole,
        &[Pass(GLUE), Some("glue:CreateSession"), Some("glue:RunStatement")],
    ),
    method(
        "ecs-001",
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Some("ecs:CreateCluster"),
            Some("ecs:RegisterTaskDefinition"),
            Some("ecs:CreateService"),
        ],
    ),
    method(
        "ecs-002",
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Some("ecs:CreateCluster"),
            Some("ecs:RegisterTaskDefinition"),
            Some("ecs:RunTask"),
        ],
    ),
    method(
        "ecs-003",
        LeadsTo::Elsewhere,
        &[Pass(ECS_TASKS), Some("ecs:RegisterTaskDefinition"), Some("ecs:CreateService")],
    ),
    method(
        "ecs-004",
        LeadsTo::Elsewhere,
        &[Pass(ECS_TASKS), Some("ecs:RegisterTaskDefinition"), Some("ecs:RunTask")],
    ),
    method(
        "ecs-005",
        LeadsTo::Elsewhere,
        &[Pass(ECS_TASKS), Some("ecs:RegisterTaskDefinition"), Some("ecs:StartTask")],
    ),
    method("ecs-009", LeadsTo::Elsewhere, &[Pass(ECS_TASKS), Some("ecs:StartTask")]),
    method("ecs-run-task", LeadsTo::Elsewhere, &[Pass(ECS_TASKS), Some("ecs:RunTask")]),
    method(
        "sagemaker-001",
        LeadsTo::PassedRole,
        &[
            Pass(SAGEMAKER),
            Some("sagemaker:CreateNotebookInstance"),
            Some("sagemaker:CreatePresignedNotebookInstanceUrl"),
        ],
    ),
    method(
        "sagemaker-new-notebook",
        LeadsTo::PassedRole,
        &[Pass(SAGEMAKER), Some("sagemaker:CreateNotebookInstance")],
    ),
    method("sagemaker-002", LeadsTo::PassedRole, &[Pass(SAGEMAKER), Some("sagemaker:CreateTrainingJob")]),
    method("sagemaker-003", LeadsTo::PassedRole, &[Pass(SAGEMAKER), Some("sagemaker:CreateProcessingJob")]),
    method(
        "apprunner-001",
        LeadsTo::PassedRole,
        &[Pass("tasks.apprunner.amazonaws.com"), Some("apprunner:CreateService")],
    ),
    method(
        "bedrock-001",
        LeadsTo::PassedRole,
        &[
            Pass(AGENTCORE),
            Some("bedrock-agentcore:CreateCodeInterpreter"),
            Some("bedrock-agentcore:StartCodeInterpreterSession"),
            Some("bedrock-agentcore:InvokeCodeInterpreter"),
        ],
    ),
    method(
        "bedrock-new-runtime",
        LeadsTo::PassedRole,
        &[
            Pass(AGENTCORE),
            Some("bedrock-agentcore:CreateAgentRuntime"),
            Some("bedrock-agentcore:CreateAgentRuntimeEndpoint"),
            Some("bedrock-agentcore:CreateWorkloadIdentity"),
            Some("bedrock-agentcore:InvokeAgentRuntimeCommand"),
        ],
    ),
    method(
        "bedrock-new-browser",
        LeadsTo::PassedRole,
        &[
            Pass(AGENTCORE),
            Some("bedrock-agentcore:CreateBrowser"),
            Some("bedrock-agentcore:StartBrowserSession"),
            Some("bedrock-agentcore:ConnectBrowserAutomationStream"),
        ],
    ),
    method(
        "batch-001",
        LeadsTo::PassedRole,
        &[Pass(ECS_TASKS), Some("batch:RegisterJobDefinition"), Some("batch:SubmitJob")],
    ),
    method("braket-001", LeadsTo::PassedRole, &[Pass("braket.amazonaws.com"), Some("braket:CreateJob")]),
    method("emr-001", LeadsTo::PassedInstanceRole, &[Pass(EC2), Some("elasticmapreduce:RunJobFlow")]),
    method(
        "emrserverless-001",
        LeadsTo::PassedRole,
        &[
            Pass("emr-serverless.amazonaws.com"),
            Some("emr-serverless:CreateApplication"),
            Some("emr-serverless:StartJobRun"),
        ],
    ),
    method(
        "gamelift-001",
        LeadsTo::PassedRole,
        &[
            Pass("gamelift.amazonaws.com"),
            Some("gamelift:CreateBuild"),
            Some("gamelift:CreateFleet"),
            Some("gamelift:RequestUploadCredentials"),
        ],
    ),
    method(
        "imagebuilder-001",
        LeadsTo::PassedInstanceRole,
        &[
            Pass(EC2),
            Some("imagebuilder:CreateComponent"),
            Some("imagebuilder:CreateImageRecipe"),
            Some("imagebuilder:CreateInfrastructureConfiguration"),
            Some("imagebuilder:CreateImage"),
        ],
    ),
    method(
        "kinesisanalytics-001",
        LeadsTo::PassedRole,
        &[
            Pass("kinesisanalytics.amazonaws.com"),
            Some("kinesisanalytics:CreateApplication"),
            Some("kinesisanalytics:StartApplication"),
        ],
    ),
    method(
        "omics-001",
        LeadsTo::PassedRole,
        &[
            Pass("omics.amazonaws.com"),
            Some("omics:CreateWorkflow"),
            Some("omics:StartRun"),
            Some("s3:GetObject"),
        ],
    ),
    method(
        "scheduler-001",
        LeadsTo::PassedRole,
        &[Pass("scheduler.amazonaws.com"), Some("scheduler:CreateSchedule")],
    ),
    method(
        "ssm-003",
        LeadsTo::PassedRole,
        &[Pass("ssm.amazonaws.com"), Some("ssm:CreateDocument"), Some("ssm:StartAutomationExecution")],
    ),
    method(
        "stepfunctions-001",
        LeadsTo::PassedRole,
        &[Pass("states.amazonaws.com"), Some("states:CreateStateMachine"), Some("states:StartExecution")],
    ),
    method(
        "cognitoidentity-001",
        LeadsTo::Elsewhere,
        &[Some("iam:PassRole"), Some("cognito-identity:SetIdentityPoolRoles")],
    ),
    // Using something that has a role already.
    method(
        "ec2-002",
        LeadsTo::Instance,
        &[Thing("ec2:ModifyInstanceAttribute"), Thing("ec2:StopInstances"), Thing("ec2:StartInstances")],
    ),
    method(
        "ec2instanceconnect-003",
        LeadsTo::Instance,
        &[Thing("ec2-instance-connect:SendSSHPublicKey"), Some("ec2:DescribeInstances")],
    ),
    method("ssm-001", LeadsTo::ManagedNode, &[Thing("ssm:StartSession")]),
    method("ssm-002", LeadsTo::ManagedNode, &[Thing("ssm:SendCommand")]),
    method(
        "lambda-004",
        LeadsTo::Function,
        &[Thing("lambda:UpdateFunctionCode"), Thing("lambda:InvokeFunction")],
    ),
    method(
        "lambda-005",
        LeadsTo::Function,
        &[Thing("lambda:UpdateFunctionCode"), Thing("lambda:AddPermission")],
    ),
    // The function's own triggers run the changed code sooner or later.
    method("lambda-003", LeadsTo::Function, &[Thing("lambda:UpdateFunctionCode")]),
    method("lambda-configuration", LeadsTo::Function, &[Thing("lambda:UpdateFunctionConfiguration")]),
    method("cloudformation-002", LeadsTo::Stack, &[Thing("cloudformation:UpdateStack")]),
    method(
        "cloudformation-005",
        LeadsTo::Stack,
        &[Thing("cloudformation:CreateChangeSet"), Thing("cloudformation:ExecuteChangeSet")],
    ),
    method("codebuild-002", LeadsTo::Project, &[Thing("codebuild:StartBuild")]),
    method("codebuild-003", LeadsTo::Project, &[Thing("codebuild:StartBuildBatch")]),
    method(
        "ec2-004",
        LeadsTo::Elsewhere,
        &[Some("ec2:CreateLaunchTemplateVersion"), Some("ec2:ModifyLaunchTemplate")],
    ),
    method("apprunner-002", LeadsTo::Elsewhere, &[Some("apprunner:UpdateService")]),
    method(
        "bedrock-002",
        LeadsTo::Elsewhere,
        &[
            Some("bedrock-agentcore:StartCodeInterpreterSession"),
            Some("bedrock-agentcore:InvokeCodeInterpreter"),
        ],
    ),
    method(
        "bedrock-runtime-command",
        LeadsTo::Elsewhere,
        &[Some("bedrock-agentcore:InvokeAgentRuntimeCommand")],
    ),
    method(
        "bedrock-browser",
        LeadsTo::Elsewhere,
        &[
            Some("bedrock-agentcore:StartBrowserSession"),
            Some("bedrock-agentcore:ConnectBrowserAutomationStream"),
        ],
    ),
    method("batch-002", LeadsTo::Elsewhere, &[Some("batch:SubmitJob")]),
    method(
        "codedeploy-001",
        LeadsTo::Elsewhere,
        &[
            Some("codedeploy:CreateDeployment"),
            Some("codedeploy:GetDeploymentConfig"),
            Some("codedeploy:RegisterApplicationRevision"),
        ],
    ),
    method(
        "ecs-execute-command",
        LeadsTo::Elsewhere,
        &[Some("ecs:ExecuteCommand"), Some("ecs:DescribeTasks")],
    ),
    method("sagemaker-004", LeadsTo::Elsewhere, &[Some("sagemaker:CreatePresignedNotebookInstanceUrl")]),
    method(
        "sagemaker-005",
        LeadsTo::Elsewhere,
        &[
            Some("sagemaker:CreateNotebookInstanceLifecycleConfig"),
            Some("sagemaker:StopNotebookInstance"),
            Some("sagemaker:UpdateNotebookInstance"),
            Some("sagemaker:StartNotebookInstance"),
        ],
    ),
    method(
        "stepfunctions-002",
        LeadsTo::Elsewhere,
        &[Some("states:UpdateStateMachine"), Some("states:StartExecution")],
    ),
    method(
        "sso-001",
        LeadsTo::Elsewhere,
        &[
            Some("sso:CreatePermissionSet"),
            Some("sso:AttachManagedPolicyToPermissionSet"),
            Some("sso:CreateAccountAssignment"),
        ],
    ),
    method("sso-002", LeadsTo::Elsewhere, &[Some("sso:AttachManagedPolicyToPermissionSet")]),
    method("sso-003", LeadsTo::Elsewhere, &[Some("sso:PutInlinePolicyToPermissionSet")]),
    // Services that take no new customers, or are gone.
    method("glue-001", LeadsTo::Elsewhere, &[Pass(GLUE), Some("glue:CreateDevEndpoint")]),
    method("glue-002", LeadsTo::Elsewhere, &[Some("glue:UpdateDevEndpoint")]),
    method(
        "datapipeline-001",
        LeadsTo::Elsewhere,
        &[
            Pass("datapipeline.amazonaws.com"),
            Some("datapipeline:CreatePipeline"),
            Some("datapipeline:PutPipelineDefinition"),
            Some("datapipeline:ActivatePipeline"),
        ],
    ),
    method("codestar-001", LeadsTo::Elsewhere, &[Some("iam:PassRole"), Some("codestar:CreateProject")]),
    method("codestar-002", LeadsTo::Elsewhere, &[Some("codestar:CreateProjectFromTemplate")]),
    method(
        "codestar-003",
        LeadsTo::Elsewhere,
        &[Some("codestar:CreateProject"), Some("codestar:AssociateTeamMember")],
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_method_has_its_own_id_and_whole_actions() {
        let ids: HashSet<_> = METHODS.iter().map(|method| method.id).collect();
        assert_eq!(ids.len(), METHODS.len());
        for method in METHODS {
            assert!(!method.needs.is_empty());
            for need in method.needs {
                let (service, name) = need.action().split_once(':').unwrap();
                assert!(!service.is_empty() && name.starts_with(char::is_uppercase), "{}", method.id);
                assert!(!need.action().contains('*'), "{}", method.id);
            }
        }
    }

    /// The table of FACTS.md, section 2, has 65 paths of pathfinding.cloud.
    #[test]
    fn has_the_published_paths() {
        let ids: HashSet<_> = METHODS.iter().map(|method| method.id).collect();
        for (service, paths) in [
            ("apprunner", 2),
            ("bedrock", 2),
            ("cloudformation", 5),
            ("codebuild", 4),
            ("datapipeline", 1),
            ("ec2", 4),
            ("ecs", 5),
            ("glue", 6),
            ("iam", 21),
            ("lambda", 6),
            ("sagemaker", 5),
            ("ssm", 2),
            ("sts", 1),
        ] {
            for path in 1..=paths {
                let id = format!("{service}-{path:03}");
                assert!(ids.contains(id.as_str()), "{id}");
            }
        }
        assert!(ids.contains("ec2instanceconnect-003"));
    }
}

//! Using something that has a role already.

use super::{
    Kind, LeadsTo, Method,
    Need::{Inside, Some, Thing},
    method, through,
};

pub(super) const METHODS: &[Method] = &[
    through(
        "ec2-002",
        Kind::Instance,
        LeadsTo::ItsRole,
        &[Thing("ec2:ModifyInstanceAttribute"), Thing("ec2:StopInstances"), Thing("ec2:StartInstances")],
    ),
    through(
        "ec2-003",
        Kind::Instance,
        LeadsTo::ItsRole,
        &[Thing("ec2-instance-connect:SendSSHPublicKey"), Some("ec2:DescribeInstances")],
    ),
    through("ssm-001", Kind::ManagedNode, LeadsTo::ItsRole, &[Thing("ssm:StartSession")]),
    through("ssm-002", Kind::ManagedNode, LeadsTo::ItsRole, &[Thing("ssm:SendCommand")]),
    // An association runs its document on the node at once (AWS Systems Manager API Reference, "CreateAssociation").
    through("ssm-create-association", Kind::ManagedNode, LeadsTo::ItsRole, &[Thing("ssm:CreateAssociation")]),
    // Who replaces the metadata of a SAML provider signs the assertions that its roles trust (IAM API Reference,
    // "UpdateSAMLProvider").
    through(
        "iam-update-saml-provider",
        Kind::SamlProvider,
        LeadsTo::ItsRole,
        &[Thing("iam:UpdateSAMLProvider")],
    ),
    through(
        "lambda-004",
        Kind::Function,
        LeadsTo::ItsRole,
        &[Thing("lambda:UpdateFunctionCode"), Thing("lambda:InvokeFunction")],
    ),
    through(
        "lambda-005",
        Kind::Function,
        LeadsTo::ItsRole,
        &[Thing("lambda:UpdateFunctionCode"), Thing("lambda:AddPermission")],
    ),
    // The function's own triggers run the changed code sooner or later.
    through("lambda-003", Kind::Function, LeadsTo::ItsRole, &[Thing("lambda:UpdateFunctionCode")]),
    through(
        "lambda-configuration",
        Kind::Function,
        LeadsTo::ItsRole,
        &[Thing("lambda:UpdateFunctionConfiguration")],
    ),
    through("cloudformation-002", Kind::Stack, LeadsTo::ItsRole, &[Thing("cloudformation:UpdateStack")]),
    through(
        "cloudformation-005",
        Kind::Stack,
        LeadsTo::ItsRole,
        &[Thing("cloudformation:CreateChangeSet"), Thing("cloudformation:ExecuteChangeSet")],
    ),
    through("codebuild-002", Kind::Project, LeadsTo::ItsRole, &[Thing("codebuild:StartBuild")]),
    through("codebuild-003", Kind::Project, LeadsTo::ItsRole, &[Thing("codebuild:StartBuildBatch")]),
    through("ecs-006", Kind::ServiceWithExec, LeadsTo::ItsRole, &[Inside("ecs:ExecuteCommand")]),
    // Turning commands on replaces the tasks (Amazon ECS Developer Guide, "Using ECS Exec").
    through(
        "ecs-enable-exec",
        Kind::Service,
        LeadsTo::ItsRole,
        &[Thing("ecs:UpdateService"), Inside("ecs:ExecuteCommand")],
    ),
    through(
        "ec2-005",
        Kind::LaunchTemplate,
        LeadsTo::InstanceRole,
        &[Thing("ec2:CreateLaunchTemplateVersion"), Thing("ec2:ModifyLaunchTemplate")],
    ),
    through("apprunner-002", Kind::AppRunnerService, LeadsTo::ItsRole, &[Thing("apprunner:UpdateService")]),
    through(
        "bedrock-002",
        Kind::CodeInterpreter,
        LeadsTo::ItsRole,
        &[
            Thing("bedrock-agentcore:StartCodeInterpreterSession"),
            Thing("bedrock-agentcore:InvokeCodeInterpreter"),
        ],
    ),
    through(
        "sagemaker-004",
        Kind::RunningNotebook,
        LeadsTo::ItsRole,
        &[Thing("sagemaker:CreatePresignedNotebookInstanceUrl")],
    ),
    through(
        "sagemaker-005",
        Kind::Notebook,
        LeadsTo::ItsRole,
        &[
            Some("sagemaker:CreateNotebookInstanceLifecycleConfig"),
            Thing("sagemaker:StopNotebookInstance"),
            Thing("sagemaker:UpdateNotebookInstance"),
            Thing("sagemaker:StartNotebookInstance"),
        ],
    ),
    through(
        "stepfunctions-002",
        Kind::StateMachine,
        LeadsTo::ItsRole,
        &[Thing("states:UpdateStateMachine"), Thing("states:StartExecution")],
    ),
    method("bedrock-004", LeadsTo::Elsewhere, &[Some("bedrock-agentcore:InvokeAgentRuntimeCommand")]),
    method(
        "bedrock-007",
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
    // Services that take no new customers.
    method("glue-002", LeadsTo::Elsewhere, &[Some("glue:UpdateDevEndpoint")]),
];

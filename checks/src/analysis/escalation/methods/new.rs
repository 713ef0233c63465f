//! Handing a role to something new. Each is sure where the caller makes all of it; where it takes something that
//! must be there, such as a cluster or a job, the row says what it goes through.

use super::{
    Kind, LeadsTo, Method,
    Need::{Inside, Made, Pass, Some, Thing},
    method, through,
};

const EC2: &str = "ec2.amazonaws.com";
const LAMBDA: &str = "lambda.amazonaws.com";
const GLUE: &str = "glue.amazonaws.com";
const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";
const CODEBUILD: &str = "codebuild.amazonaws.com";
const ECS_TASKS: &str = "ecs-tasks.amazonaws.com";
const SAGEMAKER: &str = "sagemaker.amazonaws.com";
const AGENTCORE: &str = "bedrock-agentcore.amazonaws.com";

pub(super) const METHODS: &[Method] = &[
    method("ec2-001", LeadsTo::PassedInstanceRole, &[Pass(EC2), Some("ec2:RunInstances")]),
    method("ec2-004", LeadsTo::PassedInstanceRole, &[Pass(EC2), Some("ec2:RequestSpotInstances")]),
    // Another profile for an instance that is there: an association is made or replaced while it runs (Amazon EC2
    // User Guide, "Attach an IAM role to an instance"); then a command or its user data gets at the credentials.
    through(
        "ec2-associate-profile",
        Kind::InstanceWithoutProfile,
        LeadsTo::PassedInstanceRole,
        &[Pass(EC2), Thing("ec2:AssociateIamInstanceProfile"), Thing("ssm:SendCommand")],
    ),
    through(
        "ec2-associate-profile-user-data",
        Kind::InstanceWithoutProfile,
        LeadsTo::PassedInstanceRole,
        &[
            Pass(EC2),
            Thing("ec2:AssociateIamInstanceProfile"),
            Thing("ec2:ModifyInstanceAttribute"),
            Thing("ec2:StopInstances"),
            Thing("ec2:StartInstances"),
        ],
    ),
    through(
        "ec2-replace-profile",
        Kind::ManagedNode,
        LeadsTo::PassedInstanceRole,
        &[Pass(EC2), Thing("ec2:ReplaceIamInstanceProfileAssociation"), Thing("ssm:SendCommand")],
    ),
    through(
        "ec2-replace-profile-user-data",
        Kind::InstanceWithProfile,
        LeadsTo::PassedInstanceRole,
        &[
            Pass(EC2),
            Thing("ec2:ReplaceIamInstanceProfileAssociation"),
            Thing("ec2:ModifyInstanceAttribute"),
            Thing("ec2:StopInstances"),
            Thing("ec2:StartInstances"),
        ],
    ),
    method(
        "ec2-new-profile",
        LeadsTo::PassedRole,
        &[
            Pass(EC2),
            Made("iam:CreateInstanceProfile", "instance-profile/"),
            Made("iam:AddRoleToInstanceProfile", "instance-profile/"),
            Some("ec2:RunInstances"),
        ],
    ),
    // A profile holds one role at most (IAM User Guide, "Use instance profiles"): the one that is in it goes first.
    through(
        "ec2-fill-profile",
        Kind::EmptyInstanceProfile,
        LeadsTo::PassedRole,
        &[Pass(EC2), Thing("iam:AddRoleToInstanceProfile"), Some("ec2:RunInstances")],
    ),
    through(
        "ec2-swap-profile",
        Kind::InstanceProfile,
        LeadsTo::PassedRole,
        &[
            Pass(EC2),
            Thing("iam:RemoveRoleFromInstanceProfile"),
            Thing("iam:AddRoleToInstanceProfile"),
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
        &[
            Pass(LAMBDA),
            Made("lambda:CreateFunction", "function:"),
            Made("lambda:InvokeFunction", "function:"),
        ],
    ),
    method(
        "lambda-002",
        LeadsTo::PassedRole,
        &[Pass(LAMBDA), Made("lambda:CreateFunction", "function:"), Some("lambda:CreateEventSourceMapping")],
    ),
    method(
        "lambda-006",
        LeadsTo::PassedRole,
        &[
            Pass(LAMBDA),
            Made("lambda:CreateFunction", "function:"),
            Made("lambda:AddPermission", "function:"),
        ],
    ),
    // The new role and a layer with the code come in one request (AWS Lambda API Reference,
    // "UpdateFunctionConfiguration": Role, Layers).
    through(
        "lambda-swap-role",
        Kind::Function,
        LeadsTo::PassedRole,
        &[Pass(LAMBDA), Thing("lambda:UpdateFunctionConfiguration")],
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
    through(
        "cloudformation-004",
        Kind::StackSet,
        LeadsTo::PassedRole,
        &[Pass(CLOUDFORMATION), Thing("cloudformation:UpdateStackSet")],
    ),
    // An update gives the stack another role (AWS CloudFormation API Reference, "UpdateStack", "CreateChangeSet":
    // RoleARN).
    through(
        "cloudformation-swap-role",
        Kind::Stack,
        LeadsTo::PassedRole,
        &[Pass(CLOUDFORMATION), Thing("cloudformation:UpdateStack")],
    ),
    through(
        "cloudformation-swap-role-change-set",
        Kind::Stack,
        LeadsTo::PassedRole,
        &[
            Pass(CLOUDFORMATION),
            Thing("cloudformation:CreateChangeSet"),
            Thing("cloudformation:ExecuteChangeSet"),
        ],
    ),
    // A change set makes a stack too (AWS CloudFormation API Reference, "CreateChangeSet": ChangeSetType, RoleARN).
    method(
        "cloudformation-new-change-set",
        LeadsTo::PassedRole,
        &[
            Pass(CLOUDFORMATION),
            Made("cloudformation:CreateChangeSet", "stack/"),
            Made("cloudformation:ExecuteChangeSet", "stack/"),
        ],
    ),
    method(
        "codebuild-001",
        LeadsTo::PassedRole,
        &[
            Pass(CODEBUILD),
            Made("codebuild:CreateProject", "project/"),
            Made("codebuild:StartBuild", "project/"),
        ],
    ),
    method(
        "codebuild-004",
        LeadsTo::PassedRole,
        &[
            Pass(CODEBUILD),
            Made("codebuild:CreateProject", "project/"),
            Made("codebuild:StartBuildBatch", "project/"),
        ],
    ),
    // A build has another role and other commands than its project (AWS CodeBuild API Reference, "StartBuild",
    // "StartBuildBatch": serviceRoleOverride, buildspecOverride).
    through(
        "codebuild-override-role",
        Kind::Project,
        LeadsTo::PassedRole,
        &[Pass(CODEBUILD), Thing("codebuild:StartBuild")],
    ),
    through(
        "codebuild-override-role-batch",
        Kind::Project,
        LeadsTo::PassedRole,
        &[Pass(CODEBUILD), Thing("codebuild:StartBuildBatch")],
    ),
    method(
        "glue-003",
        LeadsTo::PassedRole,
        &[Pass(GLUE), Made("glue:CreateJob", "job/"), Made("glue:StartJobRun", "job/")],
    ),
    method(
        "glue-004",
        LeadsTo::PassedRole,
        &[Pass(GLUE), Made("glue:CreateJob", "job/"), Some("glue:CreateTrigger")],
    ),
    through(
        "glue-005",
        Kind::GlueJob,
        LeadsTo::PassedRole,
        &[Pass(GLUE), Thing("glue:UpdateJob"), Thing("glue:StartJobRun")],
    ),
    through(
        "glue-006",
        Kind::GlueJob,
        LeadsTo::PassedRole,
        &[Pass(GLUE), Thing("glue:UpdateJob"), Some("glue:CreateTrigger")],
    ),
    method(
        "glue-007",
        LeadsTo::PassedRole,
        &[Pass(GLUE), Made("glue:CreateSession", "session/"), Made("glue:RunStatement", "session/")],
    ),
    method(
        "ecs-001",
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Some("ecs:CreateCluster"),
            Made("ecs:RegisterTaskDefinition", "task-definition/"),
            Some("ecs:CreateService"),
        ],
    ),
    method(
        "ecs-002",
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Some("ecs:CreateCluster"),
            Made("ecs:RegisterTaskDefinition", "task-definition/"),
            Made("ecs:RunTask", "task-definition/"),
        ],
    ),
    // In a cluster that is there. The tasks' resource is the task definition, which the caller makes; the cluster is
    // a key of the request.
    through(
        "ecs-003",
        Kind::Cluster,
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Made("ecs:RegisterTaskDefinition", "task-definition/"),
            Inside("ecs:CreateService"),
        ],
    ),
    through(
        "ecs-004",
        Kind::Cluster,
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Made("ecs:RegisterTaskDefinition", "task-definition/"),
            Made("ecs:RunTask", "task-definition/"),
        ],
    ),
    through(
        "ecs-005",
        Kind::ClusterWithInstances,
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Made("ecs:RegisterTaskDefinition", "task-definition/"),
            Made("ecs:StartTask", "task-definition/"),
        ],
    ),
    // With a task definition that is there: its role and command are overridden.
    through("ecs-008", Kind::TaskDefinition, LeadsTo::PassedRole, &[Pass(ECS_TASKS), Thing("ecs:RunTask")]),
    through(
        "ecs-009",
        Kind::TaskDefinitionOnInstances,
        LeadsTo::PassedRole,
        &[Pass(ECS_TASKS), Thing("ecs:StartTask")],
    ),
    through(
        "ecs-007",
        Kind::TaskDefinitionForInstances,
        LeadsTo::PassedRole,
        &[Pass(ECS_TASKS), Inside("ecs:RegisterContainerInstance"), Thing("ecs:StartTask")],
    ),
    through(
        "ecs-update-service",
        Kind::Service,
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Made("ecs:RegisterTaskDefinition", "task-definition/"),
            Thing("ecs:UpdateService"),
        ],
    ),
    method(
        "sagemaker-001",
        LeadsTo::PassedRole,
        &[
            Pass(SAGEMAKER),
            Made("sagemaker:CreateNotebookInstance", "notebook-instance/"),
            Made("sagemaker:CreatePresignedNotebookInstanceUrl", "notebook-instance/"),
        ],
    ),
    method(
        "sagemaker-new-notebook",
        LeadsTo::PassedRole,
        &[Pass(SAGEMAKER), Some("sagemaker:CreateNotebookInstance")],
    ),
    // (Amazon SageMaker API Reference, "UpdateNotebookInstance": RoleArn, when it is stopped.)
    through(
        "sagemaker-swap-role",
        Kind::Notebook,
        LeadsTo::PassedRole,
        &[
            Pass(SAGEMAKER),
            Thing("sagemaker:StopNotebookInstance"),
            Thing("sagemaker:UpdateNotebookInstance"),
            Thing("sagemaker:StartNotebookInstance"),
            Thing("sagemaker:CreatePresignedNotebookInstanceUrl"),
        ],
    ),
    method("sagemaker-002", LeadsTo::PassedRole, &[Pass(SAGEMAKER), Some("sagemaker:CreateTrainingJob")]),
    method("sagemaker-003", LeadsTo::PassedRole, &[Pass(SAGEMAKER), Some("sagemaker:CreateProcessingJob")]),
    method(
        "apprunner-001",
        LeadsTo::PassedRole,
        &[Pass("tasks.apprunner.amazonaws.com"), Some("apprunner:CreateService")],
    ),
    // (AWS App Runner API Reference, "UpdateService": InstanceConfiguration.InstanceRoleArn.)
    through(
        "apprunner-swap-role",
        Kind::AppRunnerService,
        LeadsTo::PassedRole,
        &[Pass("tasks.apprunner.amazonaws.com"), Thing("apprunner:UpdateService")],
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
        "bedrock-003",
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
        "bedrock-005",
        LeadsTo::PassedRole,
        &[
            Pass(AGENTCORE),
            Some("bedrock-agentcore:CreateHarness"),
            Some("bedrock-agentcore:CreateAgentRuntime"),
            Some("bedrock-agentcore:CreateAgentRuntimeEndpoint"),
            Some("bedrock-agentcore:CreateWorkloadIdentity"),
            Some("bedrock-agentcore:GetAgentRuntime"),
            Some("bedrock-agentcore:InvokeAgentRuntimeCommand"),
        ],
    ),
    method(
        "bedrock-006",
        LeadsTo::PassedRole,
        &[
            Pass(AGENTCORE),
            Some("bedrock-agentcore:CreateBrowser"),
            Some("bedrock-agentcore:StartBrowserSession"),
            Some("bedrock-agentcore:ConnectBrowserAutomationStream"),
        ],
    ),
    method(
        "batch-003",
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Some("batch:CreateComputeEnvironment"),
            Some("batch:CreateJobQueue"),
            Made("batch:RegisterJobDefinition", "job-definition/"),
            Made("batch:SubmitJob", "job-definition/"),
        ],
    ),
    method(
        "batch-001",
        LeadsTo::PassedRole,
        &[
            Pass(ECS_TASKS),
            Made("batch:RegisterJobDefinition", "job-definition/"),
            Made("batch:SubmitJob", "job-definition/"),
        ],
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
        &[
            Pass("states.amazonaws.com"),
            Made("states:CreateStateMachine", "stateMachine:"),
            Made("states:StartExecution", "stateMachine:"),
        ],
    ),
    // (AWS Step Functions API Reference, "UpdateStateMachine": roleArn.)
    through(
        "stepfunctions-swap-role",
        Kind::StateMachine,
        LeadsTo::PassedRole,
        &[Pass("states.amazonaws.com"), Thing("states:UpdateStateMachine"), Thing("states:StartExecution")],
    ),
    // DAGs run with the environment's role (Amazon MWAA User Guide, "Amazon MWAA execution role").
    method(
        "mwaa-new-environment",
        LeadsTo::PassedRole,
        &[Pass("airflow-env.amazonaws.com"), Some("airflow:CreateEnvironment"), Some("s3:PutObject")],
    ),
    // Builds run with the app's role (AWS Amplify Hosting User Guide, "Adding a service role").
    method(
        "amplify-new-app",
        LeadsTo::PassedRole,
        &[
            Pass("amplify.amazonaws.com"),
            Some("amplify:CreateApp"),
            Some("amplify:CreateBranch"),
            Some("amplify:StartJob"),
        ],
    ),
    // An HTTP data source signs requests to any service with its role (AWS AppSync Developer Guide, "HTTP
    // resolvers").
    method(
        "appsync-new-data-source",
        LeadsTo::PassedRole,
        &[
            Pass("appsync.amazonaws.com"),
            Some("appsync:CreateGraphqlApi"),
            Some("appsync:CreateDataSource"),
            Some("appsync:CreateResolver"),
            Some("appsync:StartSchemaCreation"),
        ],
    ),
    // A role alias gives the role's credentials to whoever has the certificate (AWS IoT Core Developer Guide,
    // "Authorizing direct calls to AWS services using AWS IoT Core credential provider").
    method(
        "iot-new-role-alias",
        LeadsTo::PassedRole,
        &[
            Pass("credentials.iot.amazonaws.com"),
            Some("iot:CreateRoleAlias"),
            Some("iot:CreateKeysAndCertificate"),
            Some("iot:CreatePolicy"),
            Some("iot:AttachPolicy"),
        ],
    ),
    method(
        "cognitoidentity-001",
        LeadsTo::Elsewhere,
        &[Some("iam:PassRole"), Some("cognito-identity:SetIdentityPoolRoles")],
    ),
    // Services that take no new customers.
    method("glue-001", LeadsTo::Elsewhere, &[Pass(GLUE), Some("glue:CreateDevEndpoint")]),
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
];

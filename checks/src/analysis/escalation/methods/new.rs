//! Handing a role to something new. Each is sure where the caller makes all of it; where it takes something that
//! must be there, such as a cluster or a job, the row says what it goes through.

use super::{
    Kind, LeadsTo, Method,
    Need::{Inside, Pass, Some, Thing},
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
    through(
        "cloudformation-004",
        Kind::StackSet,
        LeadsTo::PassedRole,
        &[Pass(CLOUDFORMATION), Thing("cloudformation:UpdateStackSet")],
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
    // In a cluster that is there. The tasks' resource is the task definition, which the caller makes; the cluster is
    // a key of the request.
    through(
        "ecs-003",
        Kind::Cluster,
        LeadsTo::PassedRole,
        &[Pass(ECS_TASKS), Some("ecs:RegisterTaskDefinition"), Inside("ecs:CreateService")],
    ),
    through(
        "ecs-004",
        Kind::Cluster,
        LeadsTo::PassedRole,
        &[Pass(ECS_TASKS), Some("ecs:RegisterTaskDefinition"), Inside("ecs:RunTask")],
    ),
    through(
        "ecs-005",
        Kind::ClusterWithInstances,
        LeadsTo::PassedRole,
        &[Pass(ECS_TASKS), Some("ecs:RegisterTaskDefinition"), Inside("ecs:StartTask")],
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
        &[Pass(ECS_TASKS), Some("ecs:RegisterTaskDefinition"), Thing("ecs:UpdateService")],
    ),
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
            Some("batch:RegisterJobDefinition"),
            Some("batch:SubmitJob"),
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
    // Services that take no new customers, or are gone.
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
    method("codestar-001", LeadsTo::Elsewhere, &[Some("iam:PassRole"), Some("codestar:CreateProject")]),
];

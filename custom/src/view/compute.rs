//! What runs.

use aws_audit_checks::snapshot::{
    codebuild::Project,
    ec2::{Image, Instance, LaunchTemplate},
    ecr::Repository,
    ecs::{Container, Service, TaskDefinition},
    eks::{Cluster, ClusterDetails},
    lambda::{Function, FunctionUrl},
};

use super::{Bool, Int, List, MapOf, Maybe, Text, Time, noun, object, region};

object! {
    Url(it: FunctionUrl) {
        /// `NONE` or `AWS_IAM`.
        auth_type: Text = it.auth_type,
        /// The alias that it calls; null for the function itself.
        alias: Maybe<Text> = it.alias.as_ref().map(|alias| &alias.name),
    }
    OneContainer(it: Container) {
        /// Its name.
        name: Text = it.name,
        /// `awslogs`, `awsfirelens`, `splunk`, …; null without logs.
        log_driver: Maybe<Text> = it.log_driver,
    }
    Details(it: ClusterDetails) {
        /// Kubernetes version, e.g. `1.33`.
        version: Text = it.version,
        /// The API server has a public endpoint.
        endpoint_public_access: Bool = it.endpoint_public_access,
        /// Ranges that may use the public endpoint.
        public_access_cidrs: List<Text> = it.public_access_cidrs,
        /// Kubernetes secrets are encrypted with a KMS key of the account.
        secrets_encrypted: Bool = it.secrets_encrypted,
        /// The security groups of its control plane and nodes.
        security_group_ids: List<Text> = it.security_groups,
        /// Control plane logs that are on: `api`, `audit`, `authenticator`, …
        logging: List<Text> = it.logs,
        /// Tags.
        tags: MapOf<Text> = it.tags,
    }
}

noun! {
    EC2_INSTANCE = "ec2.instance", "EC2 instance that is not terminated", "終了していないEC2インスタンス": Instance, cx, it;
    sources &[Source::Ec2Instances];
    each regional |it| &it.ec2.instances;
    reached by "ec2-instance-internet-reachable";
    /// `pending`, `running`, `stopping` or `stopped`.
    state: Text = it.state,
    /// The image that it was launched from.
    image_id: Maybe<Text> = it.image,
    /// The key pair that it was launched with.
    key_name: Maybe<Text> = it.key_name,
    /// ARN of its instance profile.
    iam_instance_profile: Maybe<Text> = it.instance_profile,
    /// `HttpTokens` of its metadata options: `required` (IMDSv2 only) or `optional`.
    metadata_http_tokens: Maybe<Text> = it.metadata_http_tokens,
    /// `HttpEndpoint` of its metadata options: `enabled` or `disabled`.
    metadata_http_endpoint: Maybe<Text> = it.metadata_http_endpoint,
    /// Its public IPv4 address.
    public_ip_address: Maybe<Text> = it.public_ip,
    /// Its public name.
    public_dns_name: Maybe<Text> = it.public_dns,
    /// Its VPC.
    vpc_id: Maybe<Text> = it.vpc,
    /// Its subnet.
    subnet_id: Maybe<Text> = it.subnet,
    /// Its security groups.
    security_groups: List<Text> = it.security_groups,
    /// `windows`, or null for everything else.
    platform: Maybe<Text> = it.platform,
    /// When it was last started.
    launch_time: Maybe<Time> = it.launched,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EC2_IMAGE = "ec2.image", "Machine image of the account", "アカウントが所有するマシンイメージ": Image, cx, it;
    sources &[Source::Ec2Images];
    each regional |it| &it.ec2.images;
    public by "ec2-ami-public";
    /// Anyone may launch it.
    public: Bool = it.public,
}

noun! {
    EC2_LAUNCH_TEMPLATE = "ec2.launch_template", "Launch template", "起動テンプレート": LaunchTemplate, cx, it;
    sources &[Source::Ec2LaunchTemplates];
    each regional |it| &it.ec2.launch_templates;
    /// Number of the default version.
    default_version_number: Int = it.default_version,
    /// Number of the newest version.
    latest_version_number: Int = it.latest_version,
    /// `HttpTokens` of the default version; null when it says nothing.
    metadata_http_tokens: Maybe<Text> = it.metadata_http_tokens,
    /// `HttpEndpoint` of the default version; null when it says nothing.
    metadata_http_endpoint: Maybe<Text> = it.metadata_http_endpoint,
    /// Security groups that some version names, by id.
    security_group_ids: List<Text> = it.security_groups,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    ECR_REPOSITORY = "ecr.repository", "ECR repository", "ECRリポジトリ": Repository, cx, it;
    sources &[Source::EcrRepositories];
    each regional |it| &it.ecr.repositories;
    public by "ecr-public";
    /// Its own setting for scanning on push.
    scan_on_push: Bool = it.scan_on_push,
    /// `MUTABLE`, `IMMUTABLE`, or either with exclusions.
    image_tag_mutability: Text = it.tag_mutability,
    /// Tags for which the opposite holds, with `*` for anything.
    tag_mutability_exclusions: List<Text> = it.tag_exclusions,
    /// It has a lifecycle policy.
    has_lifecycle_policy: Bool [EcrLifecyclePolicies] =
        region(cx).and_then(|region| region.ecr.lifecycle_policies.of(&it.name)),
    /// Its policy, as JSON text; null without one.
    policy: Maybe<Text> [EcrRepositoryPolicies] = region(cx).and_then(|region| region.ecr.policies.of(&it.name)),
}

noun! {
    ECS_SERVICE = "ecs.service", "ECS service", "ECSサービス": Service, cx, it;
    sources &[Source::EcsServices];
    each regional |it| &it.ecs.services;
    /// Name of its cluster.
    cluster: Text = it.cluster,
    /// ARN of the task definition that it runs.
    task_definition: Maybe<Text> = it.task_definition,
    /// How many tasks it wants to run.
    desired_count: Int = it.desired_tasks,
    /// Commands can be run in the containers of its tasks.
    enable_execute_command: Bool = it.execute_command,
    /// Its tasks run on Fargate.
    is_fargate: Bool = it.on_fargate,
    /// `LATEST`, `1.4.0`, …
    platform_version: Maybe<Text> = it.platform_version,
    /// `Linux`, or a family of Windows.
    platform_family: Maybe<Text> = it.platform_family,
    /// The security groups of its tasks, where they have interfaces of their own.
    security_groups: List<Text> = it.security_groups,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    ECS_TASK_DEFINITION = "ecs.task_definition", "Latest active revision of an ECS task definition", "ECSタスク定義の最新のアクティブなリビジョン": TaskDefinition, cx, it;
    sources &[Source::EcsTaskDefinitions];
    each regional |it| &it.ecs.task_definitions;
    /// The family.
    family: Text = it.family,
    /// The revision in it.
    revision: Int = it.revision,
    /// Its containers.
    container_definitions: List<OneContainer> = it.containers,
    /// ARN of the role that its containers have.
    task_role_arn: Maybe<Text> = it.task_role,
    /// It can run on Fargate.
    is_fargate: Bool = it.for_fargate,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EKS_CLUSTER = "eks.cluster", "EKS cluster", "EKSクラスター": Cluster, cx, it;
    sources &[Source::EksClusters];
    each regional |it| &it.eks.clusters;
    public by "eks-endpoint-public";
    /// What `DescribeCluster` says of it.
    details: Details = it.details,
}

noun! {
    LAMBDA_FUNCTION = "lambda.function", "Lambda function", "Lambda関数": Function, cx, it;
    sources &[Source::LambdaFunctions];
    each regional |it| &it.lambda.functions;
    public by "lambda-public";
    /// ARN of its execution role.
    role: Text = it.role,
    /// Its runtime; null for a container image.
    runtime: Maybe<Text> = it.runtime,
    /// The log group that it writes to.
    log_group: Maybe<Text> = it.log_group,
    /// Its security groups, where it is attached to a VPC.
    security_group_ids: List<Text> = it.security_groups,
    /// Its resource policy, as JSON text; null without one.
    policy: Maybe<Text> [LambdaPolicies] = region(cx).and_then(|region| region.lambda.policies.of(&it.name)),
    /// The URLs of the function and of its aliases.
    function_urls: List<Url> [LambdaUrls] = region(cx).and_then(|region| region.lambda.function_urls.of(&it.name)),
}

noun! {
    CODEBUILD_PROJECT = "codebuild.project", "CodeBuild project", "CodeBuildプロジェクト": Project, cx, it;
    sources &[Source::CodeBuildProjects];
    each regional |it| &it.codebuild.projects;
    /// ARN of the role that builds run with.
    service_role: Maybe<Text> = it.service_role,
    /// The security groups of its builds, where they run in a VPC.
    security_group_ids: List<Text> = it.security_groups,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

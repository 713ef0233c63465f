//! What can be collected, and the operations that it takes: the one table behind the collection plan, the
//! read-only interceptor, `aws-audit policy` and the page on permissions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Whether a source is asked once for the account or once in every region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Once for the account.
    Global,
    /// Once in every scanned region.
    Regional,
}

/// Request limit shared by some operations, per account and region: a token bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Operations with one name share one bucket; an empty name means a bucket for each operation.
    pub group: &'static str,
    /// Most tokens that the bucket holds.
    pub burst: f64,
    /// Tokens that come back in a second.
    pub per_second: f64,
}

/// EC2's non-mutating operations, when paginated or filtered: a bucket for each operation
/// (EC2 Developer Guide, "Request throttling").
const EC2: Rate = Rate { group: "", burst: 100.0, per_second: 20.0 };
/// CloudTrail's Get, Describe and List operations (CloudTrail quotas).
const CLOUDTRAIL: Rate = Rate { group: "", burst: 10.0, per_second: 10.0 };
/// Lambda's control plane but for a few operations: one bucket for all (Lambda quotas).
const LAMBDA: Rate = Rate { group: "Lambda control plane", burst: 15.0, per_second: 15.0 };
/// Lambda's `GetPolicy` has a limit of its own (Lambda quotas).
const LAMBDA_POLICY: Rate = Rate { group: "", burst: 15.0, per_second: 15.0 };
/// IAM publishes no numbers; others found 15 a second to be safe for the slowest read operations.
const IAM: Rate = Rate { group: "", burst: 30.0, per_second: 15.0 };
/// WAF's Get and List operations (WAF quotas: five a second, a bucket for each).
const WAFV2: Rate = Rate { group: "", burst: 5.0, per_second: 5.0 };
/// WAF's `ListResourcesForWebACL` (WAF quotas: one a second).
const WAFV2_RESOURCES: Rate = Rate { group: "", burst: 1.0, per_second: 1.0 };
/// API Gateway's management: ten a second for all of it (API Gateway quotas).
const APIGATEWAY: Rate = Rate { group: "API Gateway", burst: 40.0, per_second: 10.0 };
/// Route 53: five a second for all of it (Route 53 quotas).
const ROUTE53: Rate = Rate { group: "Route 53", burst: 5.0, per_second: 5.0 };
/// KMS's lists; what is asked of one key has more (KMS request quotas).
const KMS: Rate = Rate { group: "", burst: 500.0, per_second: 500.0 };
/// Security Hub's operations but for a few (Security Hub API reference, "Throttling limits").
const SECURITYHUB: Rate = Rate { group: "", burst: 30.0, per_second: 10.0 };
/// Security Hub's `GetFindings` (the same list).
const SECURITYHUB_FINDINGS: Rate = Rate { group: "", burst: 6.0, per_second: 3.0 };
/// Nothing is published: start here and slow down on the first throttle.
const UNPUBLISHED: Rate = Rate { group: "", burst: 50.0, per_second: 20.0 };
/// S3 publishes no numbers for bucket-level reads; they bear far more than other control planes.
const S3: Rate = Rate { group: "", burst: 200.0, per_second: 100.0 };

/// One read operation of AWS.
#[derive(Debug, PartialEq)]
pub struct Operation {
    /// The SDK's name of the service, e.g. `Config Service`.
    pub service: &'static str,
    /// The operation's name in the service's API.
    pub name: &'static str,
    /// The service prefix of [`Operation::id`], e.g. `config`.
    pub prefix: &'static str,
    /// The IAM actions that allow it. Some operations ask another service, and need its permission too.
    pub actions: &'static [&'static str],
    /// The request limit that it falls under.
    pub rate: Rate,
}

impl Operation {
    /// The operation's name everywhere a user sees it, e.g. `s3:GetBucketEncryption`. Often the same as the
    /// one action that allows it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}:{}", self.prefix, self.name)
    }
}

macro_rules! sources {
    ($( $(#[doc = $doc:literal])+ $source:ident: $scope:ident $(needs $($need:ident)+)? {
        $( $service:literal $prefix:literal $name:literal $($action:literal)* $rate:ident; )+
    } )+) => {
        /// Something to collect with one operation, or with a few that belong together. A check names the
        /// sources it reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Source { $( $(#[doc = $doc])+ $source, )+ }

        impl Source {
            /// Every source.
            pub const ALL: &[Self] = &[ $( Self::$source, )+ ];

            /// Where it is asked.
            #[must_use]
            pub const fn scope(self) -> Scope {
                match self { $( Self::$source => Scope::$scope, )+ }
            }

            /// The operations that it takes.
            #[must_use]
            pub const fn operations(self) -> &'static [Operation] {
                match self { $( Self::$source => &[ $( Operation {
                    service: $service,
                    name: $name,
                    prefix: $prefix,
                    actions: sources!(@actions $prefix $name $($action)*),
                    rate: $rate,
                }, )+ ], )+ }
            }

            /// The sources that must be read first, because this one asks about what they list.
            #[must_use]
            pub const fn needs(self) -> &'static [Self] {
                match self { $( Self::$source => &[ $( $( Self::$need, )+ )? ], )+ }
            }
        }
    };
    (@actions $prefix:literal $name:literal) => { &[concat!($prefix, ":", $name)] };
    (@actions $prefix:literal $name:literal $($action:literal)+) => { &[$($action),+] };
}

sources! {
    /// Who is asking: account, ARN and partition. Always read.
    CallerIdentity: Global { "STS" "sts" "GetCallerIdentity" UNPUBLISHED; }
    /// The account's alias.
    AccountAlias: Global { "IAM" "iam" "ListAccountAliases" IAM; }
    /// The regions and whether they are enabled. Always read, unless `--regions` names them.
    Regions: Global { "EC2" "ec2" "DescribeRegions" EC2; }
    /// The alternate contact for security.
    AlternateContacts: Global { "Account" "account" "GetAlternateContact" UNPUBLISHED; }

    /// Users, groups, roles and customer-managed policies, with the documents of attached AWS-managed ones.
    IamAuthorization: Global { "IAM" "iam" "GetAccountAuthorizationDetails" IAM; }
    /// Counts for the account, among them root's access keys and MFA.
    IamSummary: Global { "IAM" "iam" "GetAccountSummary" IAM; }
    /// The password policy.
    IamPasswordPolicy: Global { "IAM" "iam" "GetAccountPasswordPolicy" IAM; }
    /// Passwords, keys and MFA of every user and of root; up to four hours old.
    IamCredentialReport: Global {
        "IAM" "iam" "GenerateCredentialReport" IAM;
        "IAM" "iam" "GetCredentialReport" IAM;
    }
    /// Instance profiles; those with a role are among what is told of roles, the others only here.
    IamInstanceProfiles: Global { "IAM" "iam" "ListInstanceProfiles" IAM; }
    /// The access keys of users that have an active one.
    IamAccessKeys: Global needs IamCredentialReport { "IAM" "iam" "ListAccessKeys" IAM; }
    /// Virtual MFA devices; what the report calls MFA and is not here is hardware.
    IamVirtualMfaDevices: Global { "IAM" "iam" "ListVirtualMFADevices" IAM; }
    /// Server certificates kept in IAM.
    IamServerCertificates: Global { "IAM" "iam" "ListServerCertificates" IAM; }
    /// SAML identity providers.
    IamSamlProviders: Global { "IAM" "iam" "ListSAMLProviders" IAM; }
    /// OpenID Connect identity providers, with the audiences that they accept.
    IamOidcProviders: Global {
        "IAM" "iam" "ListOpenIDConnectProviders" IAM;
        "IAM" "iam" "GetOpenIDConnectProvider" IAM;
    }

    /// Which features of centralized root access are on.
    IamOrganizationsFeatures: Global { "IAM" "iam" "ListOrganizationsFeatures" IAM; }

    /// The organization that the account is in.
    Organization: Global { "Organizations" "organizations" "DescribeOrganization" UNPUBLISHED; }
    /// The organization's accounts.
    OrganizationAccounts: Global needs Organization {
        "Organizations" "organizations" "ListAccounts" UNPUBLISHED;
    }
    /// The service control policies over the account.
    ServiceControlPolicies: Global needs Organization {
        "Organizations" "organizations" "ListParents" UNPUBLISHED;
        "Organizations" "organizations" "ListPoliciesForTarget" UNPUBLISHED;
        "Organizations" "organizations" "DescribePolicy" UNPUBLISHED;
    }
    /// Instances of IAM Identity Center.
    IdentityCenterInstances: Regional { "SSO Admin" "sso" "ListInstances" UNPUBLISHED; }

    /// The account's block-public-access settings.
    S3AccountPublicAccessBlock: Global {
        "S3 Control" "s3control" "GetPublicAccessBlock" "s3:GetAccountPublicAccessBlock" S3;
    }
    /// Names and regions of the buckets.
    S3Buckets: Global {
        "S3" "s3" "ListBuckets" "s3:ListAllMyBuckets" S3;
        "S3" "s3" "GetBucketLocation" S3;
    }
    /// Each bucket's block-public-access settings.
    S3BucketPublicAccessBlock: Global needs S3Buckets {
        "S3" "s3" "GetPublicAccessBlock" "s3:GetBucketPublicAccessBlock" S3;
    }
    /// Each bucket's policy.
    S3BucketPolicy: Global needs S3Buckets { "S3" "s3" "GetBucketPolicy" S3; }
    /// Each bucket's access control list.
    S3BucketAcl: Global needs S3Buckets { "S3" "s3" "GetBucketAcl" S3; }
    /// Each bucket's object ownership.
    S3BucketOwnership: Global needs S3Buckets {
        "S3" "s3" "GetBucketOwnershipControls" "s3:GetBucketOwnershipControls" S3;
    }
    /// Each bucket's versioning and MFA delete.
    S3BucketVersioning: Global needs S3Buckets { "S3" "s3" "GetBucketVersioning" S3; }
    /// Whether versioned buckets have lifecycle rules.
    S3BucketLifecycle: Global needs S3Buckets S3BucketVersioning {
        "S3" "s3" "GetBucketLifecycleConfiguration" "s3:GetLifecycleConfiguration" S3;
    }
    /// Each bucket's default encryption.
    S3BucketEncryption: Global needs S3Buckets {
        "S3" "s3" "GetBucketEncryption" "s3:GetEncryptionConfiguration" S3;
    }
    /// Each bucket's server access logging.
    S3BucketLogging: Global needs S3Buckets { "S3" "s3" "GetBucketLogging" S3; }
    /// Access points, with their settings and policies.
    S3AccessPoints: Regional {
        "S3 Control" "s3control" "ListAccessPoints" "s3:ListAccessPoints" S3;
        "S3 Control" "s3control" "GetAccessPoint" "s3:GetAccessPoint" S3;
        "S3 Control" "s3control" "GetAccessPointPolicy" "s3:GetAccessPointPolicy" S3;
    }

    /// VPCs.
    Ec2Vpcs: Regional { "EC2" "ec2" "DescribeVpcs" EC2; }
    /// Subnets.
    Ec2Subnets: Regional { "EC2" "ec2" "DescribeSubnets" EC2; }
    /// Route tables.
    Ec2RouteTables: Regional { "EC2" "ec2" "DescribeRouteTables" EC2; }
    /// Internet gateways.
    Ec2InternetGateways: Regional { "EC2" "ec2" "DescribeInternetGateways" EC2; }
    /// Network ACLs.
    Ec2NetworkAcls: Regional { "EC2" "ec2" "DescribeNetworkAcls" EC2; }
    /// Security groups and their rules.
    Ec2SecurityGroups: Regional { "EC2" "ec2" "DescribeSecurityGroups" EC2; }
    /// Network interfaces of every service.
    Ec2NetworkInterfaces: Regional { "EC2" "ec2" "DescribeNetworkInterfaces" EC2; }
    /// Instances.
    Ec2Instances: Regional { "EC2" "ec2" "DescribeInstances" EC2; }
    /// The images that instances run, and the account's own.
    Ec2Images: Regional { "EC2" "ec2" "DescribeImages" EC2; }
    /// Images that running instances were launched from.
    Ec2LaunchImages: Regional { "EC2" "ec2" "DescribeInstanceImageMetadata" EC2; }
    /// Launch templates, with their versions.
    Ec2LaunchTemplates: Regional {
        "EC2" "ec2" "DescribeLaunchTemplates" EC2;
        "EC2" "ec2" "DescribeLaunchTemplateVersions" EC2;
    }
    /// Volumes.
    Ec2Volumes: Regional { "EC2" "ec2" "DescribeVolumes" EC2; }
    /// The account's snapshots, and which of them anyone may restore.
    Ec2Snapshots: Regional { "EC2" "ec2" "DescribeSnapshots" EC2; }
    /// VPC endpoints.
    Ec2VpcEndpoints: Regional { "EC2" "ec2" "DescribeVpcEndpoints" EC2; }
    /// Whether the services of VPC endpoints know endpoint policies.
    Ec2VpcEndpointPolicySupport: Regional needs Ec2VpcEndpoints {
        "EC2" "ec2" "DescribeVpcEndpointServices" EC2;
    }
    /// The endpoint services that the account offers, and who may connect.
    Ec2VpcEndpointServices: Regional {
        "EC2" "ec2" "DescribeVpcEndpointServiceConfigurations" EC2;
        "EC2" "ec2" "DescribeVpcEndpointServicePermissions" EC2;
    }
    /// Flow logs.
    Ec2FlowLogs: Regional { "EC2" "ec2" "DescribeFlowLogs" EC2; }
    /// VPC peering connections.
    Ec2VpcPeerings: Regional { "EC2" "ec2" "DescribeVpcPeeringConnections" EC2; }
    /// Elastic IP addresses.
    Ec2Addresses: Regional { "EC2" "ec2" "DescribeAddresses" EC2; }
    /// Managed prefix lists; entries of the customer's own.
    Ec2PrefixLists: Regional {
        "EC2" "ec2" "DescribeManagedPrefixLists" EC2;
        "EC2" "ec2" "GetManagedPrefixListEntries" EC2;
    }
    /// Whether new volumes are encrypted by default.
    Ec2EbsEncryptionByDefault: Regional { "EC2" "ec2" "GetEbsEncryptionByDefault" EC2; }
    /// Whether sharing snapshots with everyone is blocked.
    Ec2SnapshotBlockPublicAccess: Regional { "EC2" "ec2" "GetSnapshotBlockPublicAccessState" EC2; }
    /// Whether sharing images with everyone is blocked.
    Ec2ImageBlockPublicAccess: Regional { "EC2" "ec2" "GetImageBlockPublicAccessState" EC2; }
    /// The account's defaults for instance metadata.
    Ec2InstanceMetadataDefaults: Regional { "EC2" "ec2" "GetInstanceMetadataDefaults" EC2; }
    /// VPC block-public-access.
    Ec2VpcBlockPublicAccess: Regional {
        "EC2" "ec2" "DescribeVpcBlockPublicAccessOptions" EC2;
        "EC2" "ec2" "DescribeVpcBlockPublicAccessExclusions" EC2;
    }

    /// Load balancers of the present generation, with listeners, target groups and targets.
    Elbv2LoadBalancers: Regional {
        "Elastic Load Balancing v2" "elasticloadbalancing" "DescribeLoadBalancers" UNPUBLISHED;
        "Elastic Load Balancing v2" "elasticloadbalancing" "DescribeListeners" UNPUBLISHED;
        "Elastic Load Balancing v2" "elasticloadbalancing" "DescribeTargetGroups" UNPUBLISHED;
        "Elastic Load Balancing v2" "elasticloadbalancing" "DescribeTargetHealth" UNPUBLISHED;
    }
    /// Classic Load Balancers.
    ElbLoadBalancers: Regional {
        "Elastic Load Balancing" "elasticloadbalancing-classic" "DescribeLoadBalancers" "elasticloadbalancing:DescribeLoadBalancers" UNPUBLISHED;
    }

    /// DB instances.
    RdsInstances: Regional { "RDS" "rds" "DescribeDBInstances" UNPUBLISHED; }
    /// DB clusters.
    RdsClusters: Regional { "RDS" "rds" "DescribeDBClusters" UNPUBLISHED; }
    /// Manual DB snapshots, and who may restore them.
    RdsSnapshots: Regional {
        "RDS" "rds" "DescribeDBSnapshots" UNPUBLISHED;
        "RDS" "rds" "DescribeDBSnapshotAttributes" UNPUBLISHED;
    }
    /// Manual cluster snapshots, and who may restore them.
    RdsClusterSnapshots: Regional {
        "RDS" "rds" "DescribeDBClusterSnapshots" UNPUBLISHED;
        "RDS" "rds" "DescribeDBClusterSnapshotAttributes" UNPUBLISHED;
    }

    /// The parameter groups that instances use.
    RdsParameterGroups: Regional needs RdsInstances { "RDS" "rds" "DescribeDBParameters" UNPUBLISHED; }
    /// The parameter groups that clusters use.
    RdsClusterParameterGroups: Regional needs RdsClusters {
        "RDS" "rds" "DescribeDBClusterParameters" UNPUBLISHED;
    }

    /// Systems Manager's managed nodes.
    SsmManagedNodes: Regional { "SSM" "ssm" "DescribeInstanceInformation" UNPUBLISHED; }
    /// Session Manager's preferences.
    SsmSessionPreferences: Regional { "SSM" "ssm" "GetDocument" UNPUBLISHED; }

    /// Functions.
    LambdaFunctions: Regional { "Lambda" "lambda" "ListFunctions" LAMBDA; }
    /// CloudFormation stacks.
    CloudFormationStacks: Regional { "CloudFormation" "cloudformation" "DescribeStacks" UNPUBLISHED; }
    /// CloudFormation stack sets.
    CloudFormationStackSets: Regional { "CloudFormation" "cloudformation" "ListStackSets" UNPUBLISHED; }
    /// CodeBuild projects.
    CodeBuildProjects: Regional {
        "CodeBuild" "codebuild" "ListProjects" UNPUBLISHED;
        "CodeBuild" "codebuild" "BatchGetProjects" UNPUBLISHED;
    }

    /// Jobs of AWS Glue, and their roles.
    GlueJobs: Regional { "Glue" "glue" "GetJobs" UNPUBLISHED; }
    /// Notebook instances, and their roles.
    SageMakerNotebooks: Regional {
        "SageMaker" "sagemaker" "ListNotebookInstances" UNPUBLISHED;
        "SageMaker" "sagemaker" "DescribeNotebookInstance" UNPUBLISHED;
    }
    /// Services of App Runner, and their roles.
    AppRunnerServices: Regional {
        "AppRunner" "apprunner" "ListServices" UNPUBLISHED;
        "AppRunner" "apprunner" "DescribeService" UNPUBLISHED;
    }
    /// Code interpreters of Bedrock AgentCore, and their roles.
    AgentCoreCodeInterpreters: Regional {
        "Bedrock AgentCore Control" "bedrock-agentcore" "ListCodeInterpreters" UNPUBLISHED;
        "Bedrock AgentCore Control" "bedrock-agentcore" "GetCodeInterpreter" UNPUBLISHED;
    }
    /// State machines, and their roles.
    StepFunctionsStateMachines: Regional {
        "SFN" "states" "ListStateMachines" UNPUBLISHED;
        "SFN" "states" "DescribeStateMachine" UNPUBLISHED;
    }

    /// Cognito user pools.
    CognitoUserPools: Regional {
        "Cognito Identity Provider" "cognito-idp" "ListUserPools" UNPUBLISHED;
        "Cognito Identity Provider" "cognito-idp" "DescribeUserPool" UNPUBLISHED;
    }

    /// Trails, with status and event selectors.
    CloudTrailTrails: Regional {
        "CloudTrail" "cloudtrail" "DescribeTrails" CLOUDTRAIL;
        "CloudTrail" "cloudtrail" "GetTrailStatus" CLOUDTRAIL;
        "CloudTrail" "cloudtrail" "GetEventSelectors" CLOUDTRAIL;
    }
    /// Configuration recorders and their status.
    ConfigRecorders: Regional {
        "Config Service" "config" "DescribeConfigurationRecorders" UNPUBLISHED;
        "Config Service" "config" "DescribeConfigurationRecorderStatus" UNPUBLISHED;
    }
    /// Delivery channels and their status.
    ConfigDeliveryChannels: Regional needs ConfigRecorders {
        "Config Service" "config" "DescribeDeliveryChannels" UNPUBLISHED;
        "Config Service" "config" "DescribeDeliveryChannelStatus" UNPUBLISHED;
    }
    /// GuardDuty detectors.
    GuardDutyDetectors: Regional {
        "GuardDuty" "guardduty" "ListDetectors" UNPUBLISHED;
        "GuardDuty" "guardduty" "GetDetector" UNPUBLISHED;
    }
    /// IAM Access Analyzer's analyzers.
    AccessAnalyzers: Regional { "AccessAnalyzer" "access-analyzer" "ListAnalyzers" UNPUBLISHED; }
    /// Active findings of the active external-access analyzers.
    AccessAnalyzerFindings: Regional needs AccessAnalyzers {
        "AccessAnalyzer" "access-analyzer" "ListFindings" UNPUBLISHED;
    }

    /// Each instance's user data.
    Ec2UserData: Regional needs Ec2Instances { "EC2" "ec2" "DescribeInstanceAttribute" EC2; }
    /// Rules of the listeners of Application Load Balancers.
    Elbv2ListenerRules: Regional needs Elbv2LoadBalancers {
        "Elastic Load Balancing v2" "elasticloadbalancing" "DescribeRules" UNPUBLISHED;
    }
    /// Attributes of the target groups of Network Load Balancers: whether targets see the addresses of clients.
    Elbv2TargetGroupAttributes: Regional needs Elbv2LoadBalancers {
        "Elastic Load Balancing v2" "elasticloadbalancing" "DescribeTargetGroupAttributes" UNPUBLISHED;
    }
    /// Attributes of load balancers of the present generation: access logs.
    Elbv2Attributes: Regional needs Elbv2LoadBalancers {
        "Elastic Load Balancing v2" "elasticloadbalancing" "DescribeLoadBalancerAttributes" UNPUBLISHED;
    }
    /// Attributes of Classic Load Balancers: access logs.
    ElbAttributes: Regional needs ElbLoadBalancers {
        "Elastic Load Balancing" "elasticloadbalancing-classic" "DescribeLoadBalancerAttributes" "elasticloadbalancing:DescribeLoadBalancerAttributes" UNPUBLISHED;
    }
    /// How long each major version of a database engine is supported.
    RdsMajorVersions: Regional { "RDS" "rds" "DescribeDBMajorEngineVersions" UNPUBLISHED; }
    /// Maintenance of databases that waits.
    RdsPendingMaintenance: Regional { "RDS" "rds" "DescribePendingMaintenanceActions" UNPUBLISHED; }
    /// Certificate authorities of databases.
    RdsCertificateAuthorities: Regional { "RDS" "rds" "DescribeCertificates" UNPUBLISHED; }
    /// The latest patch operation of each managed node.
    SsmPatchStates: Regional needs SsmManagedNodes { "SSM" "ssm" "DescribeInstancePatchStates" UNPUBLISHED; }
    /// How managed nodes comply with their associations.
    SsmAssociationCompliance: Regional { "SSM" "ssm" "ListResourceComplianceSummaries" UNPUBLISHED; }
    /// Names and types of parameters; never their values.
    SsmParameters: Regional { "SSM" "ssm" "DescribeParameters" UNPUBLISHED; }
    /// The account's own documents, and whom they are shared with.
    SsmDocuments: Regional {
        "SSM" "ssm" "ListDocuments" UNPUBLISHED;
        "SSM" "ssm" "DescribeDocumentPermission" UNPUBLISHED;
    }
    /// Each function's resource policy.
    LambdaPolicies: Regional needs LambdaFunctions { "Lambda" "lambda" "GetPolicy" LAMBDA_POLICY; }
    /// The URLs of each function and of its aliases; for aliases that have one, their policies too.
    LambdaUrls: Regional needs LambdaFunctions LambdaPolicies {
        "Lambda" "lambda" "ListFunctionUrlConfigs" LAMBDA;
    }
    /// Cognito identity pools.
    CognitoIdentityPools: Regional {
        "Cognito Identity" "cognito-identity" "ListIdentityPools" UNPUBLISHED;
        "Cognito Identity" "cognito-identity" "DescribeIdentityPool" UNPUBLISHED;
        "Cognito Identity" "cognito-identity" "GetIdentityPoolRoles" UNPUBLISHED;
    }
    /// CloudFront distributions.
    CloudFrontDistributions: Global { "CloudFront" "cloudfront" "ListDistributions" UNPUBLISHED; }
    /// What the list of distributions does not tell of each.
    CloudFrontDistributionConfigs: Global needs CloudFrontDistributions {
        "CloudFront" "cloudfront" "GetDistributionConfig" UNPUBLISHED;
    }
    /// Origin access controls, by which distributions sign their requests.
    CloudFrontOriginAccessControls: Global needs CloudFrontDistributions {
        "CloudFront" "cloudfront" "ListOriginAccessControls" UNPUBLISHED;
    }
    /// The legacy identities of CloudFront, under the names that S3 has for them.
    CloudFrontOriginAccessIdentities: Global {
        "CloudFront" "cloudfront" "ListCloudFrontOriginAccessIdentities" UNPUBLISHED;
    }
    /// Web ACLs with their rules.
    Wafv2WebAcls: Regional {
        "WAFV2" "wafv2" "ListWebACLs" WAFV2;
        "WAFV2" "wafv2" "GetWebACL" WAFV2;
    }
    /// The addresses that rules of web ACLs allow.
    Wafv2IpSets: Regional needs Wafv2WebAcls { "WAFV2" "wafv2" "GetIPSet" WAFV2; }
    /// The resources that each web ACL protects.
    Wafv2Resources: Regional needs Wafv2WebAcls {
        // Each resource type needs the permission of its own service (AWS managed policy AWSWAFReadOnlyAccess).
        "WAFV2" "wafv2" "ListResourcesForWebACL"
            "wafv2:ListResourcesForWebACL" "elasticloadbalancing:DescribeWebACLAssociation"
            "appsync:ListResourcesForWebACL" "cognito-idp:ListResourcesForWebACL"
            "apprunner:ListAssociatedServicesForWebAcl" "ec2:DescribeVerifiedAccessInstanceWebAclAssociations"
            "bedrock-agentcore:GatewayListResourcesForWebACL" "amplify:ListResourcesForWebACL"
            WAFV2_RESOURCES;
    }
    /// The account's own rule groups that web ACLs refer to.
    Wafv2RuleGroups: Regional needs Wafv2WebAcls { "WAFV2" "wafv2" "GetRuleGroup" WAFV2; }
    /// Rules of the managed rule groups that web ACLs have changed, and of those by vendors.
    Wafv2ManagedRuleGroups: Regional needs Wafv2WebAcls { "WAFV2" "wafv2" "DescribeManagedRuleGroup" WAFV2; }
    /// Which web ACLs log.
    Wafv2Logging: Regional { "WAFV2" "wafv2" "ListLoggingConfigurations" WAFV2; }
    /// Whether the account is subscribed to Shield Advanced.
    ShieldSubscription: Global { "Shield" "shield" "GetSubscriptionState" UNPUBLISHED; }
    /// What Shield Advanced protects.
    ShieldProtections: Global needs ShieldSubscription { "Shield" "shield" "ListProtections" UNPUBLISHED; }
    /// REST APIs with their stages.
    ApiGatewayRestApis: Regional {
        "API Gateway" "apigateway" "GetRestApis" "apigateway:GET" APIGATEWAY;
        "API Gateway" "apigateway" "GetStages" "apigateway:GET" APIGATEWAY;
    }
    /// HTTP and WebSocket APIs with their stages.
    ApiGatewayV2Apis: Regional {
        "ApiGatewayV2" "apigatewayv2" "GetApis" "apigateway:GET" APIGATEWAY;
        "ApiGatewayV2" "apigatewayv2" "GetStages" "apigateway:GET" APIGATEWAY;
    }
    /// The latest active task definition of each family.
    EcsTaskDefinitions: Regional {
        "ECS" "ecs" "ListTaskDefinitionFamilies" UNPUBLISHED;
        "ECS" "ecs" "DescribeTaskDefinition" UNPUBLISHED;
    }
    /// ECS clusters.
    EcsClusters: Regional { "ECS" "ecs" "ListClusters" UNPUBLISHED; }
    /// How many instances each cluster has.
    EcsClusterInstances: Regional needs EcsClusters { "ECS" "ecs" "DescribeClusters" UNPUBLISHED; }
    /// Services of all clusters.
    EcsServices: Regional needs EcsClusters {
        "ECS" "ecs" "ListServices" UNPUBLISHED;
        "ECS" "ecs" "DescribeServices" UNPUBLISHED;
    }
    /// EKS clusters.
    EksClusters: Regional {
        "EKS" "eks" "ListClusters" UNPUBLISHED;
        "EKS" "eks" "DescribeCluster" UNPUBLISHED;
    }
    /// How long each Kubernetes version is supported.
    EksVersions: Regional { "EKS" "eks" "DescribeClusterVersions" UNPUBLISHED; }
    /// ECR repositories.
    EcrRepositories: Regional { "ECR" "ecr" "DescribeRepositories" UNPUBLISHED; }
    /// How the registry scans.
    EcrRegistryScanning: Regional { "ECR" "ecr" "GetRegistryScanningConfiguration" UNPUBLISHED; }
    /// Whether each repository has a lifecycle policy.
    EcrLifecyclePolicies: Regional needs EcrRepositories { "ECR" "ecr" "GetLifecyclePolicy" UNPUBLISHED; }
    /// Each repository's policy.
    EcrRepositoryPolicies: Regional needs EcrRepositories { "ECR" "ecr" "GetRepositoryPolicy" UNPUBLISHED; }
    /// Each repository's newest image.
    EcrNewestImages: Regional needs EcrRepositories { "ECR" "ecr" "DescribeImages" UNPUBLISHED; }
    /// The scans of each repository's newest image.
    EcrImageScans: Regional needs EcrRepositories EcrNewestImages {
        "ECR" "ecr" "DescribeImageScanFindings" UNPUBLISHED;
    }
    /// Secrets, without their values.
    SecretsManagerSecrets: Regional { "Secrets Manager" "secretsmanager" "ListSecrets" UNPUBLISHED; }
    /// Each secret's resource policy.
    SecretsManagerPolicies: Regional needs SecretsManagerSecrets {
        "Secrets Manager" "secretsmanager" "GetResourcePolicy" UNPUBLISHED;
    }
    /// KMS keys with their aliases.
    KmsKeys: Regional {
        "KMS" "kms" "ListKeys" KMS;
        "KMS" "kms" "DescribeKey" KMS;
        "KMS" "kms" "ListAliases" KMS;
    }
    /// Whether each customer-managed key is rotated.
    KmsKeyRotation: Regional needs KmsKeys { "KMS" "kms" "GetKeyRotationStatus" KMS; }
    /// Each customer-managed key's policy.
    KmsKeyPolicies: Regional needs KmsKeys { "KMS" "kms" "GetKeyPolicy" KMS; }
    /// OpenSearch domains.
    OpenSearchDomains: Regional {
        "OpenSearch" "es" "ListDomainNames" UNPUBLISHED;
        "OpenSearch" "es" "DescribeDomains" UNPUBLISHED;
    }
    /// Certificates of Certificate Manager.
    AcmCertificates: Regional { "ACM" "acm" "ListCertificates" UNPUBLISHED; }

    /// Contact details of the account; only whether they are there is kept.
    ContactInformation: Global { "Account" "account" "GetContactInformation" UNPUBLISHED; }
    /// Names of the organization's service control policies.
    OrganizationControlPolicies: Global needs Organization {
        "Organizations" "organizations" "ListPolicies" UNPUBLISHED;
    }
    /// AWS Config's rules and what they found.
    ConfigRules: Regional {
        "Config Service" "config" "DescribeConfigRules" UNPUBLISHED;
        "Config Service" "config" "DescribeComplianceByConfigRule" UNPUBLISHED;
    }
    /// Which insights trails look for.
    CloudTrailInsights: Regional needs CloudTrailTrails {
        "CloudTrail" "cloudtrail" "GetInsightSelectors" CLOUDTRAIL;
    }
    /// Log groups.
    LogsLogGroups: Regional { "CloudWatch Logs" "logs" "DescribeLogGroups" UNPUBLISHED; }
    /// Metric filters.
    LogsMetricFilters: Regional { "CloudWatch Logs" "logs" "DescribeMetricFilters" UNPUBLISHED; }
    /// Deliveries of vended logs.
    LogsDeliveries: Regional {
        "CloudWatch Logs" "logs" "DescribeDeliveries" UNPUBLISHED;
        "CloudWatch Logs" "logs" "DescribeDeliverySources" UNPUBLISHED;
    }
    /// Alarms.
    CloudWatchAlarms: Regional { "CloudWatch" "cloudwatch" "DescribeAlarms" UNPUBLISHED; }
    /// Rules of the default event bus, with the targets of those that are enabled.
    EventBridgeRules: Regional {
        "EventBridge" "events" "ListRules" UNPUBLISHED;
        "EventBridge" "events" "ListTargetsByRule" UNPUBLISHED;
    }
    /// SNS topics.
    SnsTopics: Regional {
        "SNS" "sns" "ListTopics" UNPUBLISHED;
        "SNS" "sns" "GetTopicAttributes" UNPUBLISHED;
    }
    /// SQS queues.
    SqsQueues: Regional {
        "SQS" "sqs" "ListQueues" UNPUBLISHED;
        "SQS" "sqs" "GetQueueAttributes" UNPUBLISHED;
    }
    /// Whether Security Hub is enabled.
    SecurityHub: Regional { "SecurityHub" "securityhub" "DescribeHub" SECURITYHUB; }
    /// The standards that Security Hub checks.
    SecurityHubStandards: Regional needs SecurityHub {
        "SecurityHub" "securityhub" "GetEnabledStandards" SECURITYHUB;
    }
    /// Security Hub's active critical findings.
    SecurityHubFindings: Regional needs SecurityHub {
        "SecurityHub" "securityhub" "GetFindings" SECURITYHUB_FINDINGS;
    }
    /// The account that administers Security Hub.
    SecurityHubAdministrator: Regional needs SecurityHub {
        "SecurityHub" "securityhub" "GetAdministratorAccount" SECURITYHUB;
    }
    /// Whether the newer Security Hub is enabled too.
    SecurityHubV2: Regional needs SecurityHub {
        "SecurityHub" "securityhub" "DescribeSecurityHubV2" SECURITYHUB;
    }
    /// What Inspector scans.
    InspectorStatus: Regional { "Inspector2" "inspector2" "BatchGetAccountStatus" UNPUBLISHED; }
    /// Inspector's active critical findings with a fix.
    InspectorFindings: Regional needs InspectorStatus { "Inspector2" "inspector2" "ListFindings" UNPUBLISHED; }
    /// What Inspector does not scan.
    InspectorCoverage: Regional needs InspectorStatus { "Inspector2" "inspector2" "ListCoverage" UNPUBLISHED; }
    /// High findings of each detector.
    GuardDutyFindings: Regional needs GuardDutyDetectors {
        "GuardDuty" "guardduty" "ListFindings" UNPUBLISHED;
        "GuardDuty" "guardduty" "GetFindings" UNPUBLISHED;
    }
    /// The account that administers each detector.
    GuardDutyAdministrator: Regional needs GuardDutyDetectors {
        "GuardDuty" "guardduty" "GetAdministratorAccount" UNPUBLISHED;
    }
    /// Whether Macie is enabled.
    MacieSession: Regional { "Macie2" "macie2" "GetMacieSession" UNPUBLISHED; }
    /// Whether Macie discovers sensitive data by itself.
    MacieAutomatedDiscovery: Regional needs MacieSession {
        "Macie2" "macie2" "GetAdministratorAccount" UNPUBLISHED;
        "Macie2" "macie2" "GetAutomatedDiscoveryConfiguration" UNPUBLISHED;
    }
    /// Behavior graphs of Detective.
    DetectiveGraphs: Regional needs GuardDutyDetectors {
        "Detective" "detective" "ListGraphs" UNPUBLISHED;
        "Detective" "detective" "ListInvitations" UNPUBLISHED;
    }
    /// Incident Manager's response plans.
    IncidentResponsePlans: Regional {
        "SSM Incidents" "ssm-incidents" "ListResponsePlans" UNPUBLISHED;
        "SSM Incidents" "ssm-incidents" "GetResponsePlan" UNPUBLISHED;
    }
    /// Incident Manager's contacts, and how many of their channels are activated.
    IncidentContacts: Regional {
        "SSM Contacts" "ssm-contacts" "ListContacts" UNPUBLISHED;
        "SSM Contacts" "ssm-contacts" "ListContactChannels" UNPUBLISHED;
    }
    /// Memberships of AWS Security Incident Response.
    SecurityIrMemberships: Regional { "Security IR" "security-ir" "ListMemberships" UNPUBLISHED; }
    /// Backup plans.
    BackupPlans: Regional { "Backup" "backup" "ListBackupPlans" UNPUBLISHED; }
    /// Backup vaults.
    BackupVaults: Regional { "Backup" "backup" "ListBackupVaults" UNPUBLISHED; }
    /// Hosted zones.
    Route53HostedZones: Global { "Route 53" "route53" "ListHostedZones" ROUTE53; }
    /// Which zones' queries are logged.
    Route53QueryLogging: Global { "Route 53" "route53" "ListQueryLoggingConfigs" ROUTE53; }
    /// File systems.
    EfsFileSystems: Regional {
        "EFS" "elasticfilesystem" "DescribeFileSystems" UNPUBLISHED;
    }
    /// Each file system's policy.
    EfsPolicies: Regional needs EfsFileSystems {
        "EFS" "elasticfilesystem" "DescribeFileSystemPolicy" UNPUBLISHED;
    }
    /// DynamoDB tables.
    DynamoDbTables: Regional { "DynamoDB" "dynamodb" "ListTables" UNPUBLISHED; }
    /// Whether each table can be restored to any second.
    DynamoDbContinuousBackups: Regional needs DynamoDbTables {
        "DynamoDB" "dynamodb" "DescribeContinuousBackups" UNPUBLISHED;
    }
    /// Redshift clusters.
    RedshiftClusters: Regional { "Redshift" "redshift" "DescribeClusters" UNPUBLISHED; }
    /// Whether each cluster's audit logs go anywhere.
    RedshiftLogging: Regional needs RedshiftClusters { "Redshift" "redshift" "DescribeLoggingStatus" UNPUBLISHED; }
    /// Caches.
    ElastiCacheClusters: Regional {
        "ElastiCache" "elasticache" "DescribeReplicationGroups" UNPUBLISHED;
        "ElastiCache" "elasticache" "DescribeCacheClusters" UNPUBLISHED;
    }
}

/// The operation of that service (as the SDK names it) and name, if it is one that may be sent.
#[must_use]
pub fn operation(service: &str, name: &str) -> Option<&'static Operation> {
    Source::ALL
        .iter()
        .flat_map(|source| source.operations())
        .find(|operation| operation.service == service && operation.name == name)
}

/// What every scan asks, whatever the checks.
pub const ALWAYS: [Source; 3] = [Source::CallerIdentity, Source::AccountAlias, Source::Regions];

/// The IAM actions that allow reading these sources.
pub fn actions(sources: impl IntoIterator<Item = Source>) -> BTreeSet<&'static str> {
    sources
        .into_iter()
        .flat_map(Source::operations)
        .flat_map(|operation| operation.actions)
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_operation_reads() {
        for operation in Source::ALL.iter().flat_map(|source| source.operations()) {
            let reads = ["BatchGet", "Get", "List", "Describe", "GenerateCredentialReport"];
            assert!(reads.iter().any(|verb| operation.name.starts_with(verb)), "{}", operation.id());
        }
    }

    #[test]
    fn no_operation_belongs_to_two_sources() {
        let mut seen = HashSet::new();
        for operation in Source::ALL.iter().flat_map(|source| source.operations()) {
            assert!(seen.insert((operation.service, operation.name)), "{} twice", operation.id());
        }
    }

    #[test]
    fn a_global_source_needs_no_regional_one() {
        for source in Source::ALL.iter().filter(|source| source.scope() == Scope::Global) {
            assert!(source.needs().iter().all(|need| need.scope() == Scope::Global), "{source:?}");
        }
    }
}

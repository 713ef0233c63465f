//! What an account looks like: plain data in AWS's own terms, one file per service, which begins with its declaration.
//!
//! It holds what checks use and what evidence needs, not everything that AWS returns, and never a secret.

#[macro_use]
mod service;

pub mod access_analyzer;
pub mod account;
pub mod acm;
pub mod apigateway;
pub mod backup;
pub mod cloudformation;
pub mod cloudfront;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod codebuild;
pub mod cognito;
pub mod config;
pub mod detective;
pub mod dms;
pub mod dynamodb;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod efs;
pub mod eks;
pub mod elasticache;
pub mod elb;
pub mod eventbridge;
pub mod guardduty;
pub mod iam;
pub mod identity_center;
pub mod incident;
pub mod inspector;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod macie;
pub mod opensearch;
pub mod organizations;
pub mod rds;
pub mod redshift;
pub mod route53;
pub mod s3;
pub mod s3control;
pub mod secret;
pub mod secretsmanager;
pub mod securityhub;
pub mod shield;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod wafv2;
pub mod workloads;

mod read;
mod tags;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    gap::{Collected, Gap},
    source::Source,
};

pub use read::{ReadError, read, read_own};
pub use tags::Tags;

/// Version of the snapshot's format. It counts up when the format changes in a way that older programs would
/// misread; snapshots of later versions are refused, and those of earlier ones are read as [`read`] describes.
pub const SNAPSHOT_VERSION: u32 = 2;

/// What the snapshot's types looked like when it was written: a hash of their source, made by the build, so
/// that no change of a type can be forgotten.
pub const SHAPE: &str = env!("SNAPSHOT_SHAPE");

/// What was read of each resource, by its id.
pub type ById<T> = BTreeMap<String, Collected<T>>;

/// The list of services: what is global, and what each region has.
macro_rules! services {
    (
        global { $( $(#[doc = $global_doc:literal])+ $global:ident: $global_type:ty, )+ }
        regional { $( $(#[doc = $regional_doc:literal])+ $regional:ident: $regional_type:ty, )+ }
    ) => {
        /// An account as it was seen.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct Snapshot {
            /// [`SNAPSHOT_VERSION`].
            pub snapshot_version: u32,
            /// [`SHAPE`]; empty before version 2.
            pub shape: String,
            /// When the scan began; ages are counted up to here.
            pub started_at: Timestamp,
            /// When the scan ended.
            pub finished_at: Timestamp,
            /// Which account it is, and what is said of it as a whole.
            pub account: account::Account,
            // What an older snapshot lacks is by default not read.
            $( $(#[doc = $global_doc])+ #[serde(default)] pub $global: $global_type, )+
            /// Regional services, by the name of the scanned region.
            pub regions: BTreeMap<String, Region>,
            /// Everything that could not be read.
            pub gaps: Vec<Gap>,
            /// What the scan asked of AWS.
            pub calls: Calls,
        }

        /// The regional services of one region.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Region {
            $( $(#[doc = $regional_doc])+ pub $regional: $regional_type, )+
        }

        /// What all services declare.
        pub(crate) fn sources() -> impl Iterator<Item = Source> {
            let of_account = account::Account::SOURCES;
            [ of_account, $( <$global_type>::SOURCES, )+ $( <$regional_type>::SOURCES, )+ ].into_iter().flatten().copied()
        }

        #[cfg(test)]
        impl Snapshot {
            /// Everything was read, and nothing is there.
            pub(crate) fn empty(at: Timestamp) -> Self {
                Self {
                    snapshot_version: SNAPSHOT_VERSION,
                    shape: SHAPE.to_owned(),
                    started_at: at,
                    finished_at: at,
                    account: account::Account::empty(),
                    $( $global: <$global_type>::empty(), )+
                    regions: BTreeMap::new(),
                    gaps: Vec::new(),
                    calls: Calls::default(),
                }
            }

            /// Nothing of what the source reads could be read, nor of what needs it.
            pub(crate) fn forget(&mut self, source: Source, gap: &Gap) {
                self.account.forget(source, gap);
                $( self.$global.forget(source, gap); )+
                for region in self.regions.values_mut() {
                    $( region.$regional.forget(source, gap); )+
                }
                for dependent in Source::all().filter(|it| it.needs().contains(&source)) {
                    self.forget(dependent, gap);
                }
            }
        }

        #[cfg(test)]
        impl Region {
            /// Everything was read, and nothing is there.
            pub(crate) fn empty() -> Self {
                Self { $( $regional: <$regional_type>::empty(), )+ }
            }
        }
    };
}

services! {
    global {
        /// Identity and Access Management.
        iam: iam::Iam,
        /// AWS Organizations.
        organizations: organizations::Organizations,
        /// Simple Storage Service; bucket names are global.
        s3: s3::S3,
        /// CloudFront.
        cloudfront: cloudfront::CloudFront,
        /// AWS WAF, for CloudFront.
        wafv2: wafv2::Wafv2,
        /// AWS Shield.
        shield: shield::Shield,
        /// Route 53.
        route53: route53::Route53,
    }
    regional {
        /// IAM Access Analyzer.
        access_analyzer: access_analyzer::AccessAnalyzer,
        /// Certificate Manager.
        acm: acm::Acm,
        /// API Gateway.
        apigateway: apigateway::ApiGateway,
        /// AWS Backup.
        backup: backup::Backup,
        /// CloudFormation.
        cloudformation: cloudformation::CloudFormation,
        /// CloudTrail.
        cloudtrail: cloudtrail::CloudTrail,
        /// CloudWatch alarms.
        cloudwatch: cloudwatch::CloudWatch,
        /// CodeBuild.
        codebuild: codebuild::CodeBuild,
        /// Amazon Cognito.
        cognito: cognito::Cognito,
        /// AWS Config.
        config: config::Config,
        /// Detective.
        detective: detective::Detective,
        /// Database Migration Service.
        dms: dms::Dms,
        /// DynamoDB.
        dynamodb: dynamodb::DynamoDb,
        /// EC2 and VPC.
        ec2: ec2::Ec2,
        /// Elastic Container Registry.
        ecr: ecr::Ecr,
        /// Elastic Container Service.
        ecs: ecs::Ecs,
        /// Elastic File System.
        efs: efs::Efs,
        /// Elastic Kubernetes Service.
        eks: eks::Eks,
        /// ElastiCache.
        elasticache: elasticache::ElastiCache,
        /// Elastic Load Balancing.
        elb: elb::Elb,
        /// EventBridge.
        eventbridge: eventbridge::EventBridge,
        /// GuardDuty.
        guardduty: guardduty::GuardDuty,
        /// IAM Identity Center.
        identity_center: identity_center::IdentityCenter,
        /// Preparations for incidents.
        incident: incident::Incident,
        /// Inspector.
        inspector: inspector::Inspector,
        /// Key Management Service.
        kms: kms::Kms,
        /// AWS Lambda.
        lambda: lambda::Lambda,
        /// CloudWatch Logs.
        logs: logs::Logs,
        /// Macie.
        macie: macie::Macie,
        /// OpenSearch Service.
        opensearch: opensearch::OpenSearch,
        /// Relational Database Service.
        rds: rds::Rds,
        /// Redshift.
        redshift: redshift::Redshift,
        /// Simple Storage Service, as far as it is regional: access points.
        s3control: s3control::S3Control,
        /// Secrets Manager.
        secretsmanager: secretsmanager::SecretsManager,
        /// Security Hub.
        securityhub: securityhub::SecurityHub,
        /// Simple Notification Service.
        sns: sns::Sns,
        /// Simple Queue Service.
        sqs: sqs::Sqs,
        /// Systems Manager.
        ssm: ssm::Ssm,
        /// AWS WAF, for resources of the region.
        wafv2: wafv2::Wafv2,
        /// What runs with a role, of services of which nothing else is asked.
        workloads: workloads::Workloads,
    }
}

impl Snapshot {
    /// Whether something that was asked for could not be looked at.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.regions.is_empty() || !self.gaps.is_empty()
    }
}

/// How many requests the scan made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calls {
    /// Requests sent, retries included.
    pub total: u64,
    /// Requests that AWS refused as too many.
    pub throttled: u64,
    /// Requests sent again.
    pub retried: u64,
    /// Requests that AWS refused for lack of permission.
    pub denied: u64,
    /// Requests by operation, e.g. `ec2:DescribeVpcs`.
    pub by_operation: BTreeMap<String, u64>,
    /// Where the time went; none for a recording, and in what earlier versions wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
}

/// Where the time of a scan went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Time {
    /// How long requests waited for their turn within AWS's limits, by operation: those that waited notably.
    pub waited: BTreeMap<String, Waited>,
    /// The requests, each after another's answer, that the scan ended with: what it took so long for.
    pub longest_chain: Vec<Link>,
}

/// How long requests of one operation waited for their turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waited {
    /// Those that waited notably.
    pub calls: u64,
    /// All of their waits, in milliseconds.
    pub milliseconds: u64,
    /// The longest, in milliseconds.
    pub longest_milliseconds: u64,
}

/// A request in a chain of those that came after another's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// E.g. `ec2:DescribeVpcs`.
    pub operation: String,
    /// The region; none for global services.
    pub region: Option<String>,
    /// How long it waited for its turn, in milliseconds.
    pub waited_milliseconds: u64,
    /// How long the answer took, in milliseconds.
    pub milliseconds: u64,
}

/// Where a resource is.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: &'a str,
    /// The twelve digits of the account.
    pub account: &'a str,
    /// The region; empty for global services.
    pub region: &'a str,
}

impl Place<'_> {
    /// The ARN of something of this account in this place, e.g. `arn("ec2", "vpc/vpc-1")`.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, account, region } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The ARN that stands for the account as a whole.
    #[must_use]
    pub fn root_arn(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition, self.account)
    }
}

/// Something that checks judge: how AWS names it.
pub trait Judged {
    /// The CloudFormation type of the kind of resource, where one name fits all of them; what a finding
    /// about an unreadable list of them is about.
    const TYPE: &'static str;

    /// The types that a list of them can hold: every answer of [`Judged::kind`], [`Judged::TYPE`] first.
    const TYPES: &'static [&'static str] = &[Self::TYPE];

    /// What AWS calls its id: `sg-…`, a bucket's name, a user's name, a DB identifier. Unique in the
    /// account, region and type.
    fn id(&self) -> String;

    /// Its Amazon Resource Name.
    fn arn(&self, place: &Place<'_>) -> String;

    /// The CloudFormation type of this very resource.
    fn kind(&self) -> &'static str {
        Self::TYPE
    }

    /// Its name, where that is not the id.
    fn name(&self) -> Option<&str> {
        self.tags().and_then(|tags| tags.get("Name"))
    }

    /// Its tags.
    fn tags(&self) -> Option<&Tags> {
        None
    }

    /// The account that owns it, where lists also hold what other accounts share; none when that is this one or
    /// is not known. Checks say nothing of what belongs to others, who alone can change it.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// The region that it is in, where the list that names it is global.
    fn region(&self) -> Option<&str> {
        None
    }
}

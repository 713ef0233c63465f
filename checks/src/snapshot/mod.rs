//! What an account looks like: plain data in AWS's own terms, one file per service.
//!
//! It holds what checks use and what evidence needs, not everything that AWS returns, and never a secret.

pub mod access_analyzer;
pub mod account;
pub mod cloudformation;
pub mod cloudtrail;
pub mod codebuild;
pub mod cognito;
pub mod config;
pub mod ec2;
pub mod elb;
pub mod guardduty;
pub mod iam;
pub mod identity_center;
pub mod lambda;
pub mod organizations;
pub mod rds;
pub mod s3;
pub mod ssm;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gap::Gap;

/// Version of the snapshot's format. A snapshot of another version is refused.
pub const SNAPSHOT_VERSION: u32 = 1;

/// Tags by key. Hostile input, like every name in an account.
pub type Tags = BTreeMap<String, String>;

/// An account as it was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// [`SNAPSHOT_VERSION`].
    pub snapshot_version: u32,
    /// When the scan began; ages are counted up to here.
    pub started_at: Timestamp,
    /// When the scan ended.
    pub finished_at: Timestamp,
    /// Which account it is, and what is said of it as a whole.
    pub account: account::Account,
    /// Identity and Access Management.
    pub iam: iam::Iam,
    /// AWS Organizations.
    #[serde(default)]
    pub organizations: organizations::Organizations,
    /// Simple Storage Service; bucket names are global.
    pub s3: s3::S3,
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
    /// IAM Access Analyzer.
    pub access_analyzer: access_analyzer::AccessAnalyzer,
    /// CloudFormation.
    pub cloudformation: cloudformation::CloudFormation,
    /// CloudTrail.
    pub cloudtrail: cloudtrail::CloudTrail,
    /// CodeBuild.
    pub codebuild: codebuild::CodeBuild,
    /// Amazon Cognito.
    pub cognito: cognito::Cognito,
    /// AWS Config.
    pub config: config::Config,
    /// EC2 and VPC.
    pub ec2: ec2::Ec2,
    /// Elastic Load Balancing.
    pub elb: elb::Elb,
    /// GuardDuty.
    pub guardduty: guardduty::GuardDuty,
    /// IAM Identity Center.
    pub identity_center: identity_center::IdentityCenter,
    /// AWS Lambda.
    pub lambda: lambda::Lambda,
    /// Relational Database Service.
    pub rds: rds::Rds,
    /// Systems Manager.
    pub ssm: ssm::Ssm,
    /// S3 access points.
    pub access_points: crate::gap::Collected<Vec<s3::AccessPoint>>,
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
        self.tags().and_then(|tags| tags.get("Name")).map(String::as_str)
    }

    /// Its tags.
    fn tags(&self) -> Option<&Tags> {
        None
    }

    /// The region that it is in, where the list that names it is global.
    fn region(&self) -> Option<&str> {
        None
    }
}

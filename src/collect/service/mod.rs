//! The services: how each is collected, one file each. Nothing here judges.

mod access_analyzer;
pub(super) mod account;
mod acm;
mod apigateway;
mod backup;
mod cloudformation;
pub(super) mod cloudfront;
mod cloudtrail;
mod cloudwatch;
mod codebuild;
mod cognito;
mod config;
mod detective;
mod dms;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod eks;
mod elasticache;
mod elb;
mod eventbridge;
mod guardduty;
pub(super) mod iam;
pub(super) mod identity_center;
mod incident;
mod inspector;
mod kms;
mod lambda;
mod logs;
mod macie;
mod opensearch;
pub(super) mod organizations;
mod rds;
mod redshift;
pub(super) mod route53;
pub(super) mod s3;
mod s3control;
mod secretsmanager;
mod securityhub;
pub(super) mod shield;
mod sns;
mod sqs;
mod ssm;
pub(super) mod wafv2;
mod workloads;

use aws_audit_checks::snapshot::{Place, Region, account::Account};
use aws_sdk_wafv2::types::Scope;

use crate::collect::ask::Ask;

/// Collects all of them at once. Each on the heap: side by side on the stack, they would be more than it holds.
macro_rules! regional {
    ($( $service:ident $(and $with:ident)* = $work:expr, )+) => {{
        #[allow(unused_parens, reason = "a pattern of one or more")]
        let ($( ($service $(, $with)*), )+) = tokio::join!($( Box::pin($work), )+);
        Region { $( $service, $($with,)* )+ }
    }};
}

/// The regional services of the region that is asked. `is_first` is true of one of the `regions` that are scanned.
pub(super) async fn region(ask: &Ask, identity: &Account, regions: &[String], is_first: bool) -> Region {
    let (account, partition) = (identity.id.as_str(), identity.partition.as_str());
    regional! {
        access_analyzer = access_analyzer::collect(ask),
        acm = acm::collect(ask),
        apigateway = apigateway::collect(ask),
        backup = backup::collect(ask),
        cloudformation = cloudformation::collect(ask),
        cloudtrail = cloudtrail::collect(ask, account, regions, is_first),
        cloudwatch = cloudwatch::collect(ask),
        codebuild = codebuild::collect(ask),
        config = config::collect(ask),
        dms = dms::collect(ask),
        dynamodb = dynamodb::collect(ask),
        ec2 = ec2::collect(ask),
        ecr = ecr::collect(ask),
        ecs = ecs::collect(ask),
        efs = efs::collect(ask, account, partition),
        eks = eks::collect(ask),
        elasticache = elasticache::collect(ask),
        elb and cognito and workloads and wafv2 = async {
            let (elb, cognito, workloads, wafv2) = tokio::join!(
                Box::pin(elb::collect(ask)),
                Box::pin(cognito::collect(ask)),
                Box::pin(workloads::collect(ask, account, partition)),
                Box::pin(wafv2::collect(ask, Scope::Regional)),
            );
            let present = wafv2::Region {
                load_balancers: &elb.load_balancers,
                user_pools: &cognito.user_pools,
                app_runner_services: &workloads.app_runner_services,
            };
            let wafv2 = wafv2::protected(ask, wafv2, present, &Place { partition, account, region: &ask.region }).await;
            (elb, cognito, workloads, wafv2)
        },
        eventbridge = eventbridge::collect(ask),
        guardduty and detective = async {
            let guardduty = guardduty::collect(ask, account).await;
            let detective = detective::collect(ask, &guardduty.detectors).await;
            (guardduty, detective)
        },
        identity_center = identity_center::collect(ask, account),
        incident = incident::collect(ask),
        inspector = inspector::collect(ask, account),
        kms = kms::collect(ask),
        lambda = lambda::collect(ask),
        logs = logs::collect(ask),
        macie = macie::collect(ask),
        opensearch = opensearch::collect(ask),
        rds = rds::collect(ask, account, partition),
        redshift = redshift::collect(ask),
        s3control = s3control::collect(ask, account),
        secretsmanager = secretsmanager::collect(ask),
        securityhub = securityhub::collect(ask, account),
        sns = sns::collect(ask),
        sqs = sqs::collect(ask),
        ssm = ssm::collect(ask),
    }
}

//! The checks: `SERVICE/CHECK.rs`, each with its page `CHECK.md` and `CHECK.ja.md` beside it.

mod access_analyzer;
mod account;
mod apigateway;
mod cloudfront;
mod cloudtrail;
mod cognito;
mod config;
mod ebs;
mod ec2;
mod elbv2;
mod guardduty;
mod iam;
mod rds;
mod s3;
mod shield;
mod ssm;
mod vpc;
mod wafv2;

use crate::registry::Entry;

/// The checks of each service.
pub(crate) static SERVICES: &[&[&Entry]] = &[
    access_analyzer::CHECKS,
    account::CHECKS,
    apigateway::CHECKS,
    cloudfront::CHECKS,
    cloudtrail::CHECKS,
    cognito::CHECKS,
    config::CHECKS,
    ebs::CHECKS,
    ec2::CHECKS,
    elbv2::CHECKS,
    guardduty::CHECKS,
    iam::CHECKS,
    rds::CHECKS,
    s3::CHECKS,
    shield::CHECKS,
    ssm::CHECKS,
    vpc::CHECKS,
    wafv2::CHECKS,
];

/// The entries of a service's checks, from the names of their files.
macro_rules! checks {
    ($($file:ident)*) => {
        pub(crate) static CHECKS: &[&crate::registry::Entry] = &[ $( {
            static ENTRY: crate::registry::Entry = crate::registry::Entry::new(
                &$file::CHECK,
                include_str!(concat!(stringify!($file), ".md")),
                include_str!(concat!(stringify!($file), ".ja.md")),
            );
            &ENTRY
        }, )* ];
    };
}
pub(crate) use checks;

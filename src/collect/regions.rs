//! Which regions to scan.

use super::{Ask, CallError};

/// Regions that every account of the `aws` partition has, unless a policy forbids them (AWS General
/// Reference, "AWS Regions"). Scanned when the list of enabled regions cannot be read.
const ALWAYS_ENABLED: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The regions asked for, else those that are enabled for the account; sorted, each once.
pub(super) async fn regions(ask: &Ask, requested: Option<Vec<String>>) -> Vec<String> {
    let mut regions = match requested {
        Some(regions) => regions,
        None => match enabled(ask).await {
            Ok(regions) => regions,
            Err(error) => {
                // The gap tells that a region may be missing.
                let _ = ask.keep::<()>(Err(error));
                ALWAYS_ENABLED.map(str::to_owned).into()
            }
        },
    };
    regions.sort();
    regions.dedup();
    regions
}

async fn enabled(ask: &Ask) -> Result<Vec<String>, CallError> {
    let client = ask.aws.ec2();
    let answer = ask.call("ec2:DescribeRegions", None, || client.describe_regions().send()).await?;
    Ok(answer.regions().iter().filter_map(|region| region.region_name()).map(str::to_owned).collect())
}

//! Which regions to scan, and what is known of regions without asking.

use aws_audit_checks::snapshot::account::ec2 as ec2_op;

use super::{
    api::{EC2, Request},
    ask::Ask,
    call::CallError,
    region_names,
};

/// Services, by the prefix of their operations, and regions where they have no endpoint (AWS General Reference,
/// "Service endpoints and quotas", as the SDKs' `endpoints.json` has it, October 2025). Only asked where an
/// endpoint cannot be reached; a service that came to a region since answers there.
const NO_ENDPOINT: [(&str, &[&str]); 9] = [
    (
        "codebuild",
        &["ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "mx-central-1"],
    ),
    ("cognito-identity", &["ap-east-2", "ap-southeast-6", "cn-northwest-1"]),
    ("cognito-idp", &["ap-east-2", "ap-southeast-6", "cn-north-1", "cn-northwest-1"]),
    (
        "detective",
        &[
            "ap-east-2",
            "ap-northeast-3",
            "ap-south-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "cn-north-1",
            "cn-northwest-1",
            "eu-central-2",
            "eu-south-2",
            "me-central-1",
            "mx-central-1",
        ],
    ),
    ("inspector2", &["ap-east-2", "ap-southeast-6"]),
    (
        "macie2",
        &[
            "ap-east-2",
            "ap-south-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-west-1",
            "cn-north-1",
            "cn-northwest-1",
            "eu-central-2",
            "eu-south-2",
            "me-central-1",
            "mx-central-1",
            "us-gov-east-1",
            "us-gov-west-1",
        ],
    ),
    ("sso", &["ap-east-2", "ap-southeast-6"]),
    ("ssm-contacts", WITHOUT_INCIDENT_MANAGER),
    ("ssm-incidents", WITHOUT_INCIDENT_MANAGER),
];

const WITHOUT_INCIDENT_MANAGER: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-3",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "us-gov-east-1",
    "us-gov-west-1",
];

/// Whether a service, by the prefix of its operations, has an endpoint in a region; none where that is not known.
pub(super) fn has_endpoint(prefix: &str, region: &str) -> Option<bool> {
    let (_, without) = NO_ENDPOINT.iter().find(|(service, _)| *service == prefix)?;
    // Of regions that are newer than the table it says nothing.
    region_names::is_known(region).then(|| !without.contains(&region))
}

/// The regions asked for, else those that are enabled for the account; sorted, each once.
pub(super) async fn regions(ask: &Ask, partition: &str, requested: Option<Vec<String>>) -> Vec<String> {
    let mut regions = match requested {
        Some(regions) => regions,
        None => match enabled(ask).await {
            Ok(regions) => regions,
            Err(error) => {
                // The gap tells that a region may be missing.
                let _ = ask.keep::<()>(Err(error));
                let known: Vec<_> = region_names::always_enabled(partition).map(str::to_owned).collect();
                // A partition that is newer than this program has at least the region that answered.
                if known.is_empty() { vec![ask.aws.region().to_owned()] } else { known }
            }
        },
    };
    regions.sort();
    regions.dedup();
    regions
}

async fn enabled(ask: &Ask) -> Result<Vec<String>, CallError> {
    let operation = ec2_op::DescribeRegions;
    let answer = EC2.one(ask, operation, None, Request::new()).await?;
    let regions = ask.item(operation, None, answer.some("regionInfo", "regionName"))?;
    Ok(regions.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_known_or_not() {
        assert_eq!(has_endpoint("macie2", "me-central-1"), Some(false));
        assert_eq!(has_endpoint("macie2", "us-gov-west-1"), Some(false));
        assert_eq!(has_endpoint("macie2", "eu-west-1"), Some(true));
        // A region that is newer than the table, and services that it does not name.
        assert_eq!(has_endpoint("macie2", "ap-northeast-9"), None);
        assert_eq!(has_endpoint("kms", "eu-west-1"), None);
    }

    /// A typing error would be a region that is never met.
    #[test]
    fn the_table_of_endpoints_names_regions_that_are() {
        for (service, regions) in NO_ENDPOINT {
            assert!(regions.is_sorted(), "{service}");
            assert!(regions.iter().all(|region| region_names::is_known(region)), "{service}");
            assert!(crate::collect::call::is_prefix(service), "{service}");
        }
    }
}

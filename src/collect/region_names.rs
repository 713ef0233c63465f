//! Names of regions: whether one that the user typed exists, and which one was meant.
//!
//! The account's own list decides. Regions that every account has are not asked about, and where the list
//! cannot be read this table stands in for it (AWS Account Management Reference Guide, "AWS Regions in your
//! account"; AWS General Reference, "AWS Regions").

use aws_audit_checks::snapshot::account::ec2 as ec2_op;

use super::{
    api::{EC2, Request},
    ask::Ask,
};
use crate::error::{Error, Said, did_you_mean, said};

/// A region that is known without asking.
struct Known {
    name: &'static str,
    place: &'static str,
    /// Whether every account of the partition has it, and cannot turn it off.
    always_enabled: bool,
}

const fn always(name: &'static str, place: &'static str) -> Known {
    Known { name, place, always_enabled: true }
}

const fn opt_in(name: &'static str, place: &'static str) -> Known {
    Known { name, place, always_enabled: false }
}

const KNOWN: [Known; 46] = [
    always("us-east-1", "N. Virginia"),
    always("us-east-2", "Ohio"),
    always("us-west-1", "N. California"),
    always("us-west-2", "Oregon"),
    always("ap-northeast-1", "Tokyo"),
    always("ap-northeast-2", "Seoul"),
    always("ap-northeast-3", "Osaka"),
    always("ap-south-1", "Mumbai"),
    always("ap-southeast-1", "Singapore"),
    always("ap-southeast-2", "Sydney"),
    always("ca-central-1", "Canada"),
    always("eu-central-1", "Frankfurt"),
    always("eu-north-1", "Stockholm"),
    always("eu-west-1", "Ireland"),
    always("eu-west-2", "London"),
    always("eu-west-3", "Paris"),
    always("sa-east-1", "Sao Paulo"),
    opt_in("af-south-1", "Cape Town"),
    opt_in("ap-east-1", "Hong Kong"),
    opt_in("ap-east-2", "Taipei"),
    opt_in("ap-south-2", "Hyderabad"),
    opt_in("ap-southeast-3", "Jakarta"),
    opt_in("ap-southeast-4", "Melbourne"),
    opt_in("ap-southeast-5", "Malaysia"),
    opt_in("ap-southeast-6", "New Zealand"),
    opt_in("ap-southeast-7", "Thailand"),
    opt_in("ca-west-1", "Calgary"),
    opt_in("eu-central-2", "Zurich"),
    opt_in("eu-south-1", "Milan"),
    opt_in("eu-south-2", "Spain"),
    opt_in("il-central-1", "Tel Aviv"),
    opt_in("me-central-1", "UAE"),
    opt_in("me-south-1", "Bahrain"),
    opt_in("mx-central-1", "Mexico"),
    always("cn-north-1", "Beijing"),
    always("cn-northwest-1", "Ningxia"),
    always("us-gov-east-1", "GovCloud East"),
    always("us-gov-west-1", "GovCloud West"),
    always("eusc-de-east-1", "Brandenburg"),
    always("us-iso-east-1", "US ISO East"),
    always("us-iso-west-1", "US ISO West"),
    always("us-isob-east-1", "US ISOB East"),
    always("us-isob-west-1", "US ISOB West"),
    always("eu-isoe-west-1", "EU ISOE West"),
    always("us-isof-east-1", "US ISOF East"),
    always("us-isof-south-1", "US ISOF South"),
];

/// The partition of a region, by its name (IAM User Guide, "Amazon Resource Names": partitions).
fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ if region.starts_with("us-iso-") => "aws-iso",
        _ if region.starts_with("us-isob-") => "aws-iso-b",
        _ if region.starts_with("eu-isoe-") => "aws-iso-e",
        _ if region.starts_with("us-isof-") => "aws-iso-f",
        _ => "aws",
    }
}

/// Regions that every account of a partition has, unless a policy forbids them.
pub(super) fn always_enabled(account_partition: &str) -> impl Iterator<Item = &'static str> {
    let known = KNOWN.iter().filter(move |known| partition(known.name) == account_partition);
    known.filter(|known| known.always_enabled).map(|known| known.name)
}

/// Whether the region was there when this program was written.
pub(super) fn is_known(region: &str) -> bool {
    KNOWN.iter().any(|known| known.name == region)
}

/// Where to ask global services when no configuration names a region: in the partition of the first region that
/// is to be scanned.
pub(super) fn home(regions: &[String]) -> &'static str {
    match regions.first().map_or("aws", |region| partition(region)) {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => "us-east-1",
    }
}

/// Whether the text has the form of a region's name, such as `eu-west-1`. Asked before anything is sent.
///
/// # Errors
/// When it has not; the error names the nearest region.
pub fn check_form(text: &str) -> Result<(), Error> {
    let mut parts: Vec<_> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let are_words = parts.len() >= 2
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
    if is_number && are_words { Ok(()) } else { Err(unknown(text, KNOWN.iter().map(|known| known.name))) }
}

/// Whether the account has these regions.
///
/// # Errors
/// When one does not exist, or is not enabled for the account.
pub(super) async fn check(ask: &Ask, account_partition: &str, requested: &[String]) -> Result<(), Error> {
    let known = |name: &str| {
        KNOWN.iter().find(|known| known.name == name && partition(known.name) == account_partition)
    };
    let doubtful = |name: &&String| !known(name).is_some_and(|known| known.always_enabled);
    let doubtful: Vec<_> = requested.iter().filter(doubtful).collect();
    if doubtful.is_empty() {
        return Ok(());
    }
    let request = Request::new().with("AllRegions", true);
    // Without an answer, the table alone decides; what is said of it then is true all the same.
    let answer = EC2.one(ask, ec2_op::DescribeRegions, None, request).await.unwrap_or_default();
    let listed = answer.list("regionInfo").unwrap_or_default().into_iter().filter_map(|region| {
        let status = region.text("optInStatus").ok()?.unwrap_or_default();
        Some((region.text("regionName").ok()??, status))
    });
    let listed: Vec<_> = listed.collect();
    for name in doubtful {
        match listed.iter().find(|(region, _)| region == name) {
            Some((_, "not-opted-in")) => {
                let what = said(
                    format!("region {name} is not enabled for this account"),
                    format!("リージョン {name} はこのアカウントで有効になっていません"),
                );
                let command = format!("aws account enable-region --region-name {name}");
                return Err(Error::usage(what.with_help(said(
                    format!("leave it out of --regions, or enable it: {command}"),
                    format!("--regions から外すか、有効にしてください：{command}"),
                ))));
            }
            Some(_) => {}
            None if known(name).is_some() => {}
            None if partition(name) != account_partition => {
                let of_region = partition(name);
                let what = said(
                    format!(
                        "region {name} is of partition {of_region}, and the account is of {account_partition}"
                    ),
                    format!(
                        "リージョン {name} はパーティション {of_region} にありますが、アカウントは \
                         {account_partition} のものです"
                    ),
                );
                return Err(Error::usage(what.with_help(said(
                    "use credentials of an account of that partition",
                    "そのパーティションのアカウントの認証情報を使ってください",
                ))));
            }
            None => {
                let of_table = KNOWN.iter().map(|known| known.name);
                let of_table = of_table.filter(|name| partition(name) == account_partition);
                return Err(unknown(name, of_table.chain(listed.iter().map(|(name, _)| *name))));
            }
        }
    }
    Ok(())
}

/// The error about a name that is no region, with the nearest one by its name or its place.
fn unknown<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let wanted = text.to_lowercase();
    let mut nearest: Option<(f64, &str, Option<&str>)> = None;
    for name in names {
        let place = KNOWN.iter().find(|known| known.name == name).map(|known| known.place);
        let as_typed = |known: &str| strsim::normalized_damerau_levenshtein(&wanted, &known.to_lowercase());
        let likeness = place.map_or(0.0, as_typed).max(as_typed(name));
        if nearest.is_none_or(|(best, ..)| likeness > best) {
            nearest = Some((likeness, name, place));
        }
    }
    let help = match nearest.filter(|(likeness, ..)| *likeness >= 0.5) {
        Some((_, name, Some(place))) => {
            said(format!("did you mean `{name}` ({place})?"), format!("`{name}`（{place}）ではありませんか"))
        }
        Some((_, name, None)) => did_you_mean(name),
        None => example(),
    };
    let text = text.escape_debug();
    let what = said(format!("`{text}` is no region"), format!("`{text}` はリージョンではありません"));
    Error::usage(what.with_help(help))
}

/// The help that shows what the name of a region looks like.
pub(super) fn example() -> Said {
    said("regions look like eu-west-1", "リージョンは eu-west-1 のような名前です")
}

/// The region of AWS that a configured name may have been meant for, where it is none that is known.
pub(super) fn meant(text: &str) -> Option<&'static str> {
    if is_known(text) {
        return None;
    }
    let likeness = |name: &str| strsim::normalized_damerau_levenshtein(text, name);
    let mut nearest = KNOWN.iter().map(|known| (likeness(known.name), known.name)).collect::<Vec<_>>();
    nearest.sort_by(|a, b| b.0.total_cmp(&a.0));
    nearest.first().filter(|(likeness, _)| *likeness >= 0.5).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        check_form(text).unwrap_err().to_string()
    }

    #[test]
    fn what_has_the_form_of_a_region_is_asked_about() {
        for name in
            KNOWN.iter().map(|known| known.name).chain(["us-east-9", "us-iso-east-1", "xx-new-place-1"])
        {
            assert!(check_form(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn each_partition_has_its_own_regions() {
        assert_eq!(always_enabled("aws").count(), 17);
        assert_eq!(always_enabled("aws-cn").collect::<Vec<_>>(), ["cn-north-1", "cn-northwest-1"]);
        assert_eq!(always_enabled("aws-us-gov").collect::<Vec<_>>(), ["us-gov-east-1", "us-gov-west-1"]);
        assert_eq!(always_enabled("aws-moon").count(), 0);
    }

    #[test]
    fn the_nearest_region_is_named_by_name_or_place() {
        assert_eq!(told("tokyo"), "`tokyo` is no region\nhelp: did you mean `ap-northeast-1` (Tokyo)?");
        assert!(told("EU-WEST-1").ends_with("did you mean `eu-west-1` (Ireland)?"));
        assert!(told("us-east-1a").ends_with("did you mean `us-east-1` (N. Virginia)?"));
        assert!(told("virginia").ends_with("did you mean `us-east-1` (N. Virginia)?"));
        assert!(told("eu-west-1 ").contains("`eu-west-1`"));
        assert!(told("").ends_with("regions look like eu-west-1"));
        assert!(!told("\u{1b}[2J").contains('\u{1b}'));
    }

    #[test]
    fn without_a_configured_region_the_partition_is_that_of_what_is_scanned() {
        assert_eq!(home(&[]), "us-east-1");
        assert_eq!(home(&["eu-west-1".into()]), "us-east-1");
        assert_eq!(home(&["cn-northwest-1".into()]), "cn-north-1");
        assert_eq!(home(&["us-gov-east-1".into()]), "us-gov-west-1");
    }

    #[test]
    fn a_configured_region_that_is_none_has_a_nearest() {
        assert_eq!(meant("us-esat-1"), Some("us-east-1"));
        assert_eq!(meant("us-east-1"), None);
        assert_eq!(meant("garage"), None);
    }
}

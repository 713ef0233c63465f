use super::{is_recording, own};
use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{self, Gap, NotJudged},
    snapshot::config::{Recorder, op},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-recorder-all-resources",
    severity: Severity::Low,
    sources: &[Source::ConfigRecorders],
    run: |cx| {
        let global = records_global_types(cx);
        cx.each_region(|cx, region| {
            cx.whole("AWS::Config::ConfigurationRecorder", |cx| {
                let recorder = own(region.config.recorders.get()?).next().ok_or(NotJudged::NotApplicable)?;
                let (home, place) = (home_region(cx), cx.place().region);
                let elsewhere = |kind: &String| is_global(kind) || is_recorded_elsewhere(kind, home, place);
                let all = if leaves_out(recorder) {
                    recorder.excluded_types.iter().all(elsewhere)
                } else {
                    recorder.all_supported
                };
                let verdict = |failed| {
                    Verdict::fail_if(failed)
                        .with("recorder", &recorder.name)
                        .with("resource_types", &recorder.resource_types)
                        .with("excluded_types", &recorder.excluded_types)
                };
                if all && !global.clone()? {
                    return Ok(verdict(true).told_as("global"));
                }
                Ok(verdict(!all))
            });
        });
    },
};

/// Types that AWS Config records once for all regions.
const GLOBAL: [&str; 4] = ["AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"];

fn is_global(kind: &str) -> bool {
    GLOBAL.contains(&kind)
}

/// Whether the type is one of those that AWS Config records in one region only, and this is another: to leave it
/// out leaves out nothing (AWS Config Developer Guide, "Recording AWS resources", global resources).
fn is_recorded_elsewhere(kind: &str, home: Option<&str>, region: &str) -> bool {
    const AT_HOME: [&str; 4] =
        ["AWS::CloudFront::", "AWS::ECR::PublicRepository", "AWS::Route53::", "AWS::WAF::"];
    const IN_OREGON: [&str; 3] =
        ["AWS::GlobalAccelerator::", "AWS::NetworkManager::", "AWS::Route53RecoveryControl::"];
    home == Some("us-east-1")
        && (region != "us-east-1" && AT_HOME.iter().any(|start| kind.starts_with(start))
            || region != "us-west-2" && IN_OREGON.iter().any(|start| kind.starts_with(start)))
}

/// Regions that came to AWS Config after February 2022, where it records no global types (AWS Config Developer
/// Guide, "iam-policy-in-use").
const WITHOUT_GLOBAL: [&str; 12] = [
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "mx-central-1",
];

/// Whether the recorder records all types but some: a strategy of its own, which says `all_supported: false`.
fn leaves_out(recorder: &Recorder) -> bool {
    recorder.strategy.as_deref() == Some("EXCLUSION_BY_RESOURCE_TYPES") || !recorder.excluded_types.is_empty()
}

/// Whether some region's recorder records the global types: that is enough.
fn records_global_types(cx: &Context<'_>) -> Result<bool, NotJudged> {
    let by_region = cx.snapshot.regions.iter().map(|(name, region)| {
        let can_record = !WITHOUT_GLOBAL.contains(&name.as_str());
        let recorders = own(region.config.recorders.get()?);
        let recorders = recorders.filter(|recorder| can_record && has_global_types(recorder));
        gap::any(recorders.map(|recorder| is_recording(recorder, name)))
    });
    gap::any(by_region.chain([in_home_region_left_out(cx)]))
}

/// The setting for global types counts for a recorder of all types only: one that leaves types out records
/// them unless it leaves them out, and one that lists types records what it lists.
fn has_global_types(recorder: &Recorder) -> bool {
    if leaves_out(recorder) {
        !recorder.excluded_types.iter().any(|kind| is_global(kind))
    } else if recorder.all_supported {
        recorder.include_global_resource_types
    } else {
        GLOBAL.iter().all(|kind| recorder.resource_types.iter().any(|recorded| recorded == kind))
    }
}

/// The region that records what the partition has once.
fn home_region(cx: &Context<'_>) -> Option<&'static str> {
    match cx.snapshot.account.partition.as_str() {
        "aws" => Some("us-east-1"),
        "aws-cn" => Some("cn-north-1"),
        "aws-us-gov" => Some("us-gov-west-1"),
        _ => None,
    }
}

/// A gap where a scan leaves out the partition's home region, which nobody can disable and where the global types
/// are mostly recorded: only some regions were selected.
fn in_home_region_left_out(cx: &Context<'_>) -> Result<bool, NotJudged> {
    match home_region(cx).filter(|home| !cx.snapshot.regions.contains_key(*home)) {
        Some(home) => Err(Gap::not_scanned(op::DescribeConfigurationRecorders, home, None).into()),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::config::testing::with,
        finding::Status,
        snapshot::{Snapshot, config::Recorder},
        testing::{empty, failing, fails, findings, passes, silent, unknown},
    };

    #[test]
    fn fails_when_types_are_left_out() {
        fails(
            &CHECK,
            &with(|r, _| {
                r.all_supported = false;
                r.resource_types = vec!["AWS::EC2::Instance".into()];
            }),
        );
        fails(
            &CHECK,
            &with(|r, _| {
                r.all_supported = false;
                r.excluded_types = vec!["AWS::S3::Bucket".into()];
            }),
        );
    }

    #[test]
    fn passes_when_all_are_recorded() {
        passes(&CHECK, &with(|_, _| ()));
    }

    #[test]
    fn strategies() {
        let leaving_out = |region: &str, excluded: &[&str]| {
            let mut account = with(|r, _| {
                (r.all_supported, r.include_global_resource_types) = (false, false);
                r.strategy = Some("EXCLUSION_BY_RESOURCE_TYPES".into());
                r.excluded_types = excluded.iter().map(|kind| (*kind).to_owned()).collect();
            });
            let other = account.regions.remove("eu-west-1").unwrap();
            account.regions = [(region.to_owned(), other)].into();
            if region != "us-east-1" {
                account.regions.insert("us-east-1".into(), with(|_, _| ()).regions["eu-west-1"].clone());
            }
            failing(&CHECK, &account).len()
        };
        assert_eq!(leaving_out("eu-west-1", &[]), 0);
        assert_eq!(leaving_out("us-east-1", &[]), 0);
        assert_eq!(leaving_out("eu-west-1", &["AWS::IAM::Role", "AWS::CloudFront::Distribution"]), 0);
        assert_eq!(leaving_out("us-east-1", &["AWS::CloudFront::Distribution"]), 1);
        assert_eq!(leaving_out("us-west-2", &["AWS::GlobalAccelerator::Listener"]), 1);
        assert_eq!(leaving_out("eu-west-1", &["AWS::S3::Bucket"]), 1);
        // A service's own recorder records for that service.
        silent(&CHECK, &with(|r, _| r.service_principal = Some("config-conforms.amazonaws.com".into())));
    }

    #[test]
    fn newer_regions_record_no_global_types() {
        let mut account = with_home(|r| r.include_global_resource_types = false);
        let recorder = with(|_, _| ()).regions.remove("eu-west-1").unwrap();
        account.regions.insert("il-central-1".into(), recorder.clone());
        assert_eq!(without_global(&account).len(), 3);
        account.regions.insert("us-west-2".into(), recorder);
        assert_eq!(without_global(&account), [""; 0]);
    }

    /// The recorder of eu-west-1 leaves global types to the one of us-east-1.
    fn with_home(change: impl FnOnce(&mut Recorder)) -> Snapshot {
        let mut account = with(|r, _| r.include_global_resource_types = false);
        let mut home = with(|r, _| change(r));
        account.regions.insert("us-east-1".into(), home.regions.remove("eu-west-1").unwrap());
        account
    }

    /// Ids of regions that fail because no region records global types.
    fn without_global(account: &Snapshot) -> Vec<String> {
        let findings = findings(&CHECK, account).into_iter();
        findings.filter(|f| f.variant == Some("global")).filter_map(|f| f.resource.region).collect()
    }

    #[test]
    fn passes_when_another_region_records_global_types() {
        assert_eq!(failing(&CHECK, &with_home(|_| ())), [""; 0]);
        // By leaving out others only.
        let leaving_out = with_home(|r| {
            (r.all_supported, r.include_global_resource_types) = (false, false);
            r.excluded_types = vec!["AWS::S3::Bucket".into()];
        });
        assert_eq!(without_global(&leaving_out), [""; 0]);
        // By listing them.
        let listing = with_home(|r| {
            (r.all_supported, r.include_global_resource_types) = (false, false);
            r.resource_types = super::GLOBAL.map(str::to_owned).into();
        });
        assert_eq!(without_global(&listing), [""; 0]);
    }

    #[test]
    fn fails_when_no_region_records_global_types() {
        let both = ["eu-west-1", "us-east-1"];
        assert_eq!(without_global(&with_home(|r| r.include_global_resource_types = false)), both);
        assert_eq!(without_global(&with_home(|r| r.recording = Some(false))), both);
        let leaving_out = with_home(|r| {
            r.all_supported = false;
            r.excluded_types = vec!["AWS::IAM::Role".into()];
        });
        assert_eq!(without_global(&leaving_out), both);
        let listing = with_home(|r| {
            r.all_supported = false;
            r.resource_types = vec!["AWS::IAM::Role".into()];
        });
        assert_eq!(without_global(&listing), ["eu-west-1"]);
    }

    #[test]
    fn another_region_may_record_the_global_types() {
        let unknowns = |account: &Snapshot| {
            findings(&CHECK, account).into_iter().filter(|f| f.status == Status::Unknown).count()
        };
        assert_eq!(unknowns(&with_home(|r| r.recording = None)), 2);
        // Not scanned.
        unknown(&CHECK, &with(|r, _| r.include_global_resource_types = false));
    }

    #[test]
    fn says_nothing_without_a_recorder() {
        silent(&CHECK, &empty());
    }
}

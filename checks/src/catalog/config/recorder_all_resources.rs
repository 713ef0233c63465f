use super::{is_recording, own};
use crate::{
    check::{Check, Context},
    finding::{Severity, Verdict},
    gap::{Gap, GapKind, NotJudged},
    snapshot::config::Recorder,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-recorder-all-resources",
    severity: Severity::Low,
    sources: &[Source::ConfigRecorders],
    run: |cx| {
        let global = records_global_types(cx);
        cx.each_region(|cx, region| {
            cx.whole("AWS::Config::ConfigurationRecorder", |_| {
                let recorder = own(region.config.recorders.get()?).next().ok_or(NotJudged::NotApplicable)?;
                let excluded: Vec<_> =
                    recorder.excluded_types.iter().filter(|kind| !is_global(kind)).collect();
                // All types but some is a strategy of its own, and says `all_supported: false`.
                let all =
                    recorder.all_supported || !recorder.excluded_types.is_empty() && excluded.is_empty();
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

/// Whether some region's recorder records the global types: that is enough.
fn records_global_types(cx: &Context<'_>) -> Result<bool, NotJudged> {
    let mut unread = None;
    for (name, region) in &cx.snapshot.regions {
        let recorders = match region.config.recorders.get() {
            Ok(recorders) => recorders,
            Err(NotJudged::NotApplicable) => continue,
            Err(why) => {
                unread = Some(why);
                continue;
            }
        };
        for recorder in own(recorders).filter(|recorder| has_global_types(recorder)) {
            match is_recording(recorder, name) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(why) => unread = Some(why),
            }
        }
    }
    unread.or_else(|| selected_regions_only(cx)).map_or(Ok(false), Err)
}

/// The setting for global types counts for a recorder of all types only: one that leaves types out records
/// them unless it leaves them out, and one that lists types records what it lists.
fn has_global_types(recorder: &Recorder) -> bool {
    if recorder.all_supported {
        recorder.include_global_resource_types
    } else if recorder.excluded_types.is_empty() {
        GLOBAL.iter().all(|kind| recorder.resource_types.iter().any(|recorded| recorded == kind))
    } else {
        !recorder.excluded_types.iter().any(|kind| is_global(kind))
    }
}

/// The gap where a scan leaves out the partition's home region, which nobody can disable and where the global
/// types are mostly recorded: only some regions were selected.
fn selected_regions_only(cx: &Context<'_>) -> Option<NotJudged> {
    let home = match cx.snapshot.account.partition.as_str() {
        "aws" => "us-east-1",
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => return None,
    };
    let gap = || Gap {
        operation: "config:DescribeConfigurationRecorders".into(),
        region: Some(home.into()),
        resource: None,
        kind: GapKind::NotSelected,
        refused_by: None,
        message: "the region was not scanned".into(),
    };
    (!cx.snapshot.regions.contains_key(home)).then(|| gap().into())
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::config::testing::with,
        finding::Status,
        snapshot::{Snapshot, config::Recorder},
        testing::{denied, empty, failing, fails, findings, passes, region, silent, unknown},
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
    fn unknown_when_the_region_that_may_record_global_types_is() {
        let unknowns = |account: &Snapshot| {
            findings(&CHECK, account).into_iter().filter(|f| f.status == Status::Unknown).count()
        };
        let mut account = with_home(|_| ());
        account.regions.get_mut("us-east-1").unwrap().config.recorders = denied();
        assert_eq!(unknowns(&account), 2);
        assert_eq!(unknowns(&with_home(|r| r.recording = None)), 2);
        // Not scanned.
        unknown(&CHECK, &with(|r, _| r.include_global_resource_types = false));
    }

    #[test]
    fn says_nothing_without_a_recorder() {
        silent(&CHECK, &empty());
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).config.recorders = denied();
        unknown(&CHECK, &account);
    }
}

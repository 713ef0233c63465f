use super::own;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-recorder-all-resources",
    severity: Severity::Low,
    sources: &[Source::ConfigRecorders],
    run: |cx| {
        // Global types (IAM) are recorded once: enough if the recorder of any region has them.
        let regions = cx.snapshot.regions.values();
        let global_somewhere =
            regions.filter_map(|region| region.config.recorders.get().ok()).any(|recorders| {
                own(recorders)
                    .any(|recorder| recorder.all_supported && recorder.include_global_resource_types)
            });
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
                if all && !global_somewhere {
                    return Ok(verdict(true).told_as("global"));
                }
                Ok(verdict(!all))
            });
        });
    },
};

/// Types that AWS Config records once for all regions.
fn is_global(kind: &str) -> bool {
    ["AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::config::testing::with,
        testing::{denied, empty, fails, passes, region, silent, unknown},
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
        fails(&CHECK, &with(|r, _| r.include_global_resource_types = false));
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

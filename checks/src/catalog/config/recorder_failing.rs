use super::{is_recording, own};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-recorder-failing",
    severity: Severity::Medium,
    sources: &[Source::ConfigRecorders],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Config::ConfigurationRecorder", |cx| {
                let recorder = own(region.config.recorders.get()?).next().ok_or(NotJudged::NotApplicable)?;
                // Without a status nothing is known of the last one either.
                is_recording(recorder, cx.place().region)?;
                let failed =
                    recorder.last_status.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("failure"));
                let verdict = Verdict::fail_if(failed)
                    .with("recorder", &recorder.name)
                    .with("last_status", &recorder.last_status)
                    .with("error", &recorder.last_error);
                let explained = recorder.last_error.as_ref().is_some_and(|error| !error.is_empty());
                Ok(if explained { verdict } else { verdict.told_as("unexplained") })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::config::testing::with,
        testing::{empty, fails, passes, silent, unknown},
    };

    #[test]
    fn fails_after_a_failure() {
        fails(&CHECK, &with(|r, _| r.last_status = Some("FAILURE".into())));
    }

    #[test]
    fn passes_after_a_success() {
        passes(&CHECK, &with(|_, _| ()));
        passes(&CHECK, &with(|r, _| r.last_status = Some("PENDING".into())));
    }

    #[test]
    fn says_nothing_without_a_recorder() {
        silent(&CHECK, &empty());
    }

    #[test]
    fn a_recorder_without_a_status_is_not_fine() {
        unknown(
            &CHECK,
            &with(|r, _| {
                r.recording = None;
                r.last_status = None;
            }),
        );
    }
}

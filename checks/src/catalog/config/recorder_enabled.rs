use super::{is_recording, own};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-recorder-enabled",
    severity: Severity::Medium,
    sources: &[Source::ConfigRecorders],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Config::ConfigurationRecorder", |cx| {
                let recorders: Vec<_> = own(region.config.recorders.get()?).collect();
                let names: Vec<_> = recorders.iter().map(|recorder| &recorder.name).collect();
                if recorders.iter().any(|recorder| recorder.recording == Some(true)) {
                    return Ok(Verdict::pass());
                }
                for recorder in &recorders {
                    is_recording(recorder, cx.place().region)?;
                }
                let verdict = Verdict::fail().with("recorders", &names);
                Ok(if names.is_empty() { verdict.told_as("no_recorder") } else { verdict })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with, CHECK};
    use crate::testing::{empty, fails, passes, unknown};

    #[test]
    fn fails_without_a_recorder() {
        assert_eq!(fails(&CHECK, &empty()).variant, Some("no_recorder"));
    }

    #[test]
    fn fails_when_stopped() {
        fails(&CHECK, &with(|recorder, _| recorder.recording = Some(false)));
    }

    #[test]
    fn a_service_linked_recorder_does_not_count() {
        fails(
            &CHECK,
            &with(|recorder, _| recorder.service_principal = Some("config-conforms.amazonaws.com".into())),
        );
    }

    #[test]
    fn passes_when_recording() {
        passes(&CHECK, &with(|_, _| ()));
    }

    #[test]
    fn a_recorder_without_a_status_is_not_fine() {
        unknown(&CHECK, &with(|recorder, _| recorder.recording = None));
    }
}

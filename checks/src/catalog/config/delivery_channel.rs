use super::own;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "config-delivery-channel",
    severity: Severity::Medium,
    sources: &[Source::ConfigDeliveryChannels, Source::ConfigRecorders],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::Config::DeliveryChannel", |_| {
                // Without a recorder there is nothing to deliver.
                if own(region.config.recorders.get()?).next().is_none() {
                    return Err(NotJudged::NotApplicable);
                }
                let Some(channel) = region.config.delivery_channels.get()?.first() else {
                    return Ok(Verdict::fail().told_as("no_channel"));
                };
                let failed = |status: &Option<String>| status.as_deref() == Some("FAILURE");
                let failed = failed(&channel.history_status) || failed(&channel.snapshot_status);
                let error = channel.history_error.as_ref().or(channel.snapshot_error.as_ref());
                let verdict = Verdict::fail_if(failed)
                    .with("channel", &channel.name)
                    .with("bucket", &channel.bucket)
                    .with("error", error);
                let explained = error.is_some_and(|error| !error.is_empty()) && channel.bucket.is_some();
                Ok(if explained { verdict } else { verdict.told_as("unexplained") })
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with, CHECK};
    use crate::testing::{empty, fails, passes, read, region, silent};

    #[test]
    fn fails_without_a_channel() {
        let mut account = with(|_, _| ());
        region(&mut account).config.delivery_channels = read(vec![]);
        assert_eq!(fails(&CHECK, &account).variant, Some("no_channel"));
    }

    #[test]
    fn fails_when_the_last_delivery_failed() {
        let finding = fails(
            &CHECK,
            &with(|_, channel| {
                channel.history_status = Some("FAILURE".into());
                channel.history_error = Some("AccessDenied".into());
            }),
        );
        assert_eq!(finding.evidence["error"], "AccessDenied");
        fails(&CHECK, &with(|_, channel| channel.snapshot_status = Some("FAILURE".into())));
    }

    #[test]
    fn passes_when_delivering_or_not_yet() {
        passes(&CHECK, &with(|_, _| ()));
        passes(&CHECK, &with(|_, channel| channel.history_status = None));
    }

    #[test]
    fn says_nothing_without_a_recorder() {
        silent(&CHECK, &empty());
    }
}

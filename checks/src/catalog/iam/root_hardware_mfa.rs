use super::{root_signs_in, summary};
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-root-hardware-mfa",
    severity: Severity::Medium,
    sources: &[Source::IamSummary, Source::IamVirtualMfaDevices],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            root_signs_in(cx)?;
            // Without any MFA there is something worse to report: `iam-root-mfa`.
            if summary(cx, "AccountMFAEnabled")? == 0 {
                return Err(NotJudged::NotApplicable);
            }
            let root = cx.place().root_arn();
            let devices = cx.snapshot.iam.virtual_mfa_devices.get()?;
            let device = devices.iter().find(|device| device.user_arn == root);
            Ok(Verdict::fail_if(device.is_some())
                .with("serial_number", device.map(|device| &device.serial_number)))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::{Snapshot, iam::VirtualMfaDevice},
        testing::{empty, fails, passes, read, silent},
    };

    fn with_device_of(user_arn: &str) -> Snapshot {
        let mut account = empty();
        account.iam.virtual_mfa_devices = read(vec![VirtualMfaDevice {
            serial_number: "arn:aws:iam::111122223333:mfa/root-account-mfa-device".into(),
            user_arn: user_arn.into(),
        }]);
        account
    }

    #[test]
    fn fails_when_roots_device_is_virtual() {
        let finding = fails(&CHECK, &with_device_of("arn:aws:iam::111122223333:root"));
        assert_eq!(
            finding.evidence["serial_number"],
            "arn:aws:iam::111122223333:mfa/root-account-mfa-device"
        );
    }

    #[test]
    fn passes_when_it_is_not() {
        passes(&CHECK, &empty());
        passes(&CHECK, &with_device_of("arn:aws:iam::111122223333:user/alice"));
    }

    #[test]
    fn says_nothing_without_mfa() {
        let mut account = with_device_of("arn:aws:iam::111122223333:root");
        if let Collected::Value(summary) = &mut account.iam.summary {
            summary.insert("AccountMFAEnabled".into(), 0);
        }
        silent(&CHECK, &account);
    }

    #[test]
    fn says_nothing_in_govcloud() {
        let mut account = with_device_of("arn:aws-us-gov:iam::111122223333:root");
        account.account.partition = "aws-us-gov".into();
        silent(&CHECK, &account);
    }
}

use super::root;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-root-certificate",
    severity: Severity::Medium,
    sources: &[Source::IamCredentialReport],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            Ok(Verdict::fail_if(root(cx)?.certificate_active).with("report_generated", super::generated(cx)?))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        gap::Collected,
        snapshot::Snapshot,
        testing::{empty, fails, passes, unknown},
    };

    fn with_certificate(active: bool) -> Snapshot {
        let mut account = empty();
        if let Collected::Value(report) = &mut account.iam.credential_report {
            report.root.as_mut().unwrap().certificate_active = active;
        }
        account
    }

    #[test]
    fn fails_with_an_active_certificate() {
        fails(&CHECK, &with_certificate(true));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_certificate(false));
    }

    #[test]
    fn a_report_without_root_is_not_fine() {
        let mut account = empty();
        if let Collected::Value(report) = &mut account.iam.credential_report {
            report.root = None;
        }
        unknown(&CHECK, &account);
    }
}

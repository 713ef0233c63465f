use crate::{
    analysis::identity::Who,
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    index::Index,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-user-hardware-mfa",
    severity: Severity::Info,
    sources: &[
        Source::IamAuthorization,
        Source::IamCredentialReport,
        Source::IamVirtualMfaDevices,
        Source::Organization,
        Source::ServiceControlPolicies,
    ],
    run: |cx| match cx.analyses.identities() {
        Err(not_judged) => cx.whole("AWS::::Account", |_| Err(not_judged)),
        Ok(identities) => {
            let devices = Index::of(&cx.snapshot.iam.virtual_mfa_devices, |device| &device.user_arn);
            for principal in &identities.principals {
                let Who::User(user) = principal.who else { continue };
                cx.one(user, |cx| {
                    if !principal.is_administrator() {
                        return Err(principal.unread.clone().unwrap_or(NotJudged::NotApplicable));
                    }
                    let report = cx.snapshot.iam.credential_report.get()?;
                    let row = report.users.get(&user.name);
                    let row = row.ok_or_else(|| super::not_in_report(&user.name, "mfa_active"))?;
                    // Without any MFA there is something worse to report: `iam-admin-mfa`.
                    if !row.credentials.mfa_active {
                        return Err(NotJudged::NotApplicable);
                    }
                    let device = devices.find(&user.arn)?;
                    Ok(Verdict::fail_if(device.is_some())
                        .with("serial_number", device.map(|device| &device.serial_number))
                        .with("report_generated", report.generated_at))
                });
            }
        }
    },
};

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, MODEST, inline, user, with_authorization},
        CHECK,
    };
    use crate::{
        gap::Collected,
        snapshot::{
            Snapshot,
            iam::{ReportedUser, VirtualMfaDevice},
        },
        testing::{credentials, fails, passes, read, silent},
    };

    fn alice(document: &str, mfa: bool, virtual_of: Option<&str>) -> Snapshot {
        let mut alice = user("alice");
        alice.inline_policies = vec![inline("p", document)];
        let mut account = with_authorization(|authorization| authorization.users.push(alice));
        let mut row = credentials("arn:aws:iam::111122223333:user/alice");
        row.mfa_active = mfa;
        if let Collected::Value(report) = &mut account.iam.credential_report {
            report.users.insert("alice".into(), ReportedUser { name: "alice".into(), credentials: row });
        }
        let device = |name: &str| VirtualMfaDevice {
            serial_number: format!("arn:aws:iam::111122223333:mfa/{name}"),
            user_arn: format!("arn:aws:iam::111122223333:user/{name}"),
        };
        account.iam.virtual_mfa_devices = read(virtual_of.map(device).into_iter().collect());
        account
    }

    #[test]
    fn fails_when_an_administrator_has_a_virtual_device() {
        let finding = fails(&CHECK, &alice(ADMIN, true, Some("alice")));
        assert_eq!(finding.evidence["serial_number"], "arn:aws:iam::111122223333:mfa/alice");
    }

    #[test]
    fn passes_with_another_kind_of_device() {
        passes(&CHECK, &alice(ADMIN, true, None));
        passes(&CHECK, &alice(ADMIN, true, Some("bob")));
    }

    #[test]
    fn says_nothing_of_others() {
        silent(&CHECK, &alice(MODEST, true, Some("alice")));
        silent(&CHECK, &alice(ADMIN, false, None));
    }
}

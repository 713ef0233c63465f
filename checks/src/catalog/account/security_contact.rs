use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "account-security-contact",
    severity: Severity::Medium,
    sources: &[Source::AlternateContacts],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let contact = cx.snapshot.account.security_contact.get()?.as_ref();
            let reachable = contact.is_some_and(|contact| contact.has_email || contact.has_phone);
            Ok(Verdict::fail_if(!reachable)
                .with("alternate_contact_type", "SECURITY")
                .with("registered", contact.is_some()))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, account::AlternateContact},
        testing::{denied, empty, fails, passes, read, unknown},
    };

    fn with_contact(has_email: bool, has_phone: bool) -> Snapshot {
        let mut account = empty();
        account.account.security_contact = read(Some(AlternateContact { has_email, has_phone }));
        account
    }

    #[test]
    fn fails_without_a_contact() {
        let finding = fails(&CHECK, &empty());
        assert_eq!(finding.resource.kind, "AWS::::Account");
        assert_eq!(finding.resource.id, "111122223333");
        assert_eq!(finding.evidence["registered"], false);
    }

    #[test]
    fn fails_when_nobody_can_be_reached() {
        assert_eq!(fails(&CHECK, &with_contact(false, false)).evidence["registered"], true);
    }

    #[test]
    fn passes_with_a_contact() {
        passes(&CHECK, &with_contact(true, true));
        passes(&CHECK, &with_contact(true, false));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        account.account.security_contact = denied();
        unknown(&CHECK, &account);
    }
}

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
            let contact = cx.snapshot.account.security_contact.get()?;
            Ok(Verdict::fail_if(contact.is_none()))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::account::AlternateContact,
        testing::{empty, fails, passes, read},
    };

    #[test]
    fn fails_without_a_contact() {
        fails(&CHECK, &empty());
    }

    #[test]
    fn passes_with_one() {
        let mut account = empty();
        account.account.security_contact = read(Some(AlternateContact { has_email: true, has_phone: true }));
        passes(&CHECK, &account);
    }
}

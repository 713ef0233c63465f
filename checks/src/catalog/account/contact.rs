use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "account-contact",
    severity: Severity::Low,
    sources: &[Source::ContactInformation],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            Ok(Verdict::fail_if(!*cx.snapshot.account.has_contact_information.get()?))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::testing::{empty, fails, passes, read};

    #[test]
    fn fails_without_details() {
        let mut account = empty();
        account.account.has_contact_information = read(false);
        fails(&CHECK, &account);
        passes(&CHECK, &empty());
    }
}

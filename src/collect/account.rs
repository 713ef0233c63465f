//! STS and Account: which account it is, and what is said of it as a whole.

use aws_audit_checks::{
    gap::GapKind,
    snapshot::account::{Account, AlternateContact},
    source::Source,
};
use aws_sdk_account::types::AlternateContactType;

use super::{Ask, CallError};
use crate::error::Error;

/// Asks who is asking. Without an answer to this there is nothing to scan.
pub(super) async fn identity(ask: &Ask) -> Result<Account, Error> {
    let client = ask.aws.sts();
    let answer = ask.call("sts:GetCallerIdentity", None, || client.get_caller_identity().send()).await;
    let answer = answer.map_err(|CallError { gap, .. }| {
        let help = match gap.kind {
            GapKind::InvalidCredentials | GapKind::AccessDenied => {
                "the credentials were refused: check them with `aws sts get-caller-identity`"
            }
            GapKind::WrongClock => {
                "this machine's clock is wrong: set it (date and time zone), then scan again"
            }
            GapKind::Interrupted => "the scan was ended before anything was read",
            _ => "AWS could not be reached: check the network, the proxy and --endpoint-url",
        };
        Error::nothing(format!("nothing could be read: sts:GetCallerIdentity: {}\nhelp: {help}", gap.message))
    })?;
    let (Some(id), Some(arn)) = (answer.account(), answer.arn()) else {
        return Err(Error::nothing("nothing could be read: sts:GetCallerIdentity named no account"));
    };
    let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
    Ok(Account { id: id.to_owned(), partition, ..Account::default() })
}

pub(super) async fn collect(ask: &Ask, identity: Account) -> Account {
    let (alias, security_contact, has_contact_information) = tokio::join!(
        ask.source(Source::AccountAlias, alias(ask)),
        ask.source(Source::AlternateContacts, security_contact(ask)),
        ask.source(Source::ContactInformation, has_contact_information(ask)),
    );
    Account { alias, security_contact, has_contact_information, ..identity }
}

async fn has_contact_information(ask: &Ask) -> Result<bool, CallError> {
    let client = ask.aws.account();
    let send = || client.get_contact_information().send();
    let answer = ask.call("account:GetContactInformation", None, send).await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.as_ref().and_then(|answer| answer.contact_information()).is_some_and(|contact| {
        let needed = [contact.full_name(), contact.phone_number(), contact.address_line1()];
        needed.iter().all(|text| !text.trim().is_empty())
    }))
}

async fn alias(ask: &Ask) -> Result<Option<String>, CallError> {
    let client = ask.aws.iam();
    let answer = ask.call("iam:ListAccountAliases", None, || client.list_account_aliases().send()).await?;
    Ok(answer.account_aliases().first().cloned())
}

async fn security_contact(ask: &Ask) -> Result<Option<AlternateContact>, CallError> {
    let client = ask.aws.account();
    let answer = ask
        .call("account:GetAlternateContact", None, || {
            client.get_alternate_contact().alternate_contact_type(AlternateContactType::Security).send()
        })
        .await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.as_ref().and_then(|answer| answer.alternate_contact()).map(|contact| AlternateContact {
        has_email: contact.email_address().is_some_and(|email| !email.is_empty()),
        has_phone: contact.phone_number().is_some_and(|phone| !phone.is_empty()),
    }))
}

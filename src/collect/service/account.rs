//! STS and Account: which account it is, and what is said of it as a whole.

use std::time::Duration;

use aws_audit_checks::{
    gap::{Collected, GapKind},
    page::Lang,
    snapshot::account::{Account, AlternateContact, account, iam, sts},
    source::Source,
};
use aws_sdk_account::types::AlternateContactType;
use tokio::task::JoinHandle;

use crate::collect::{
    ask::{Ask, joined},
    aws,
    call::CallError,
    region_names,
};
use crate::{
    error::{Error, Said, said},
    output,
};

/// How long the account's alias is waited for, to tell it with the account.
const ALIAS_WAIT: Duration = Duration::from_secs(2);

/// The account's alias, which is told with the account if it is known by then.
#[derive(Debug)]
pub(in crate::collect) enum Alias {
    Known(Collected<Option<String>>),
    Later(JoinHandle<Collected<Option<String>>>),
}

/// Asks who is asking, and tells it. Without an answer to this there is nothing to scan.
pub(in crate::collect) async fn identity(
    ask: &Ask,
    announce: Option<Lang>,
) -> Result<(Account, Alias), Error> {
    let mut asked_alias = tokio::spawn({
        let ask = ask.clone();
        async move { ask.source(Source::AccountAlias, alias(&ask)).await }
    });
    let client = ask.aws.sts();
    let answer = ask.call(sts::GetCallerIdentity, None, || client.get_caller_identity().send()).await;
    let answer = answer.map_err(|CallError { gap, .. }| {
        let help = match gap.kind {
            GapKind::InvalidCredentials | GapKind::AccessDenied => said(
                "the credentials were refused: check them with `aws sts get-caller-identity`",
                "認証情報が拒否されました。`aws sts get-caller-identity` で確認してください",
            ),
            GapKind::WrongClock => said(
                "this machine's clock is wrong: set it (date and time zone), then scan again",
                "このマシンの時計が間違っています。日時とタイムゾーンを直してから、もう一度スキャンしてください",
            ),
            GapKind::Interrupted => said(
                "the scan was ended before anything was read",
                "何も読まないうちにスキャンが終了しました",
            ),
            _ => unreachable_help(ask, &gap.message),
        };
        let why = match ask.run.caller.stopped() {
            Some(stop) => stop.said(),
            None => Said::words(&gap.message),
        };
        let what = why.within(
            |why| format!("nothing could be read: sts:GetCallerIdentity: {why}"),
            |why| format!("何も読み取れません：sts:GetCallerIdentity：{why}"),
        );
        Error::nothing(what.with_help(help))
    })?;
    let (Some(id), Some(arn)) = (answer.account(), answer.arn()) else {
        return Err(Error::nothing(said(
            "nothing could be read: sts:GetCallerIdentity named no account",
            "何も読み取れません：sts:GetCallerIdentityの応答にアカウントがありません",
        )));
    };
    let alias = match tokio::time::timeout(ALIAS_WAIT, &mut asked_alias).await {
        Ok(alias) => Alias::Known(joined(alias)?),
        Err(_) => Alias::Later(asked_alias),
    };
    if let Some((lang, source)) = announce.and_then(|lang| Some((lang, ask.aws.source(lang)?))) {
        let known = match &alias {
            Alias::Known(alias) => alias.get().ok().and_then(|alias| alias.as_deref()),
            Alias::Later(_) => None,
        };
        output::account(id, known, arn, &source, lang);
    }
    let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
    Ok((Account { id: id.to_owned(), partition, ..Account::default() }, alias))
}

/// What helps when there is no answer.
fn unreachable_help(ask: &Ask, why: &str) -> Said {
    if let Some(help) = aws::help_for(why) {
        return help;
    }
    let region = ask.aws.region();
    match (region_names::meant(region), ask.aws.region_origin()) {
        (Some(meant), Some(origin)) => origin.within(
            |origin| {
                format!(
                    "AWS could not be reached in region `{region}` of {origin}, which is none that is known: did \
                     you mean `{meant}`?"
                )
            },
            |origin| {
                format!(
                    "{origin} のリージョン `{region}` でAWSに接続できません。既知のリージョンではありません。\
                     `{meant}` ではありませんか"
                )
            },
        ),
        _ => said(
            "AWS could not be reached: check the network, the proxy and --endpoint-url",
            "AWSに接続できません。ネットワーク、プロキシ、--endpoint-url を確認してください",
        ),
    }
}

pub(in crate::collect) async fn collect(
    ask: &Ask,
    identity: Account,
    alias: Alias,
) -> Result<Account, Error> {
    let (security_contact, has_contact_information) = tokio::join!(
        ask.source(Source::AlternateContacts, security_contact(ask)),
        ask.source(Source::ContactInformation, has_contact_information(ask)),
    );
    let alias = match alias {
        Alias::Known(alias) => alias,
        Alias::Later(alias) => joined(alias.await)?,
    };
    Ok(Account { alias, security_contact, has_contact_information, ..identity })
}

async fn has_contact_information(ask: &Ask) -> Result<bool, CallError> {
    let client = ask.aws.account();
    let send = || client.get_contact_information().send();
    let answer = ask.call(account::GetContactInformation, None, send).await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.as_ref().and_then(|answer| answer.contact_information()).is_some_and(|contact| {
        let needed = [contact.full_name(), contact.phone_number(), contact.address_line1()];
        needed.iter().all(|text| !text.trim().is_empty())
    }))
}

async fn alias(ask: &Ask) -> Result<Option<String>, CallError> {
    let client = ask.aws.iam();
    let answer = ask.call(iam::ListAccountAliases, None, || client.list_account_aliases().send()).await?;
    Ok(answer.account_aliases().first().cloned())
}

async fn security_contact(ask: &Ask) -> Result<Option<AlternateContact>, CallError> {
    let client = ask.aws.account();
    let answer = ask
        .call(account::GetAlternateContact, None, || {
            client.get_alternate_contact().alternate_contact_type(AlternateContactType::Security).send()
        })
        .await;
    let answer = CallError::unless_absent(answer)?;
    Ok(answer.as_ref().and_then(|answer| answer.alternate_contact()).map(|contact| AlternateContact {
        has_email: contact.email_address().is_some_and(|email| !email.is_empty()),
        has_phone: contact.phone_number().is_some_and(|phone| !phone.is_empty()),
    }))
}

//! Macie. A region where it is off costs one call.

use aws_audit_checks::{
    snapshot::macie::{Macie, op},
    source::Source,
};

use crate::collect::{
    api::{MACIE, Node, Request},
    ask::Ask,
    call::CallError,
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Macie {
    let status = ask.source(Source::MacieSession, async {
        let operation = op::GetMacieSession;
        let answer = MACIE.one(ask, operation, None, Request::get("/macie")).await;
        let Some(session) = CallError::unless_absent(answer)? else { return Ok(None) };
        let status = ask.item(operation, None, session.text("status"))?;
        Ok(Some(status.unwrap_or_default().to_owned()))
    });
    let status = status.await;
    let automated_discovery = ask.after(Source::MacieAutomatedDiscovery, &status, |status| async {
        if status.as_deref() == Some("ENABLED") { automated_discovery(ask).await } else { Ok(None) }
    });
    let automated_discovery = automated_discovery.await;
    Macie { status, automated_discovery }
}

async fn automated_discovery(ask: &Ask) -> Result<Option<bool>, CallError> {
    let operation = op::GetAdministratorAccount;
    let answer = MACIE.one(ask, operation, None, Request::get("/administrator")).await;
    // An account without an administrator is answered with an error that says so.
    let answer = CallError::unless_absent(answer)?.unwrap_or_default();
    let administrator = answer.get("administrator");
    ask.item(operation, None, administrator.text("accountId"))?;
    if *administrator != Node::Null {
        // The administrator's to decide, and the operation below is refused to others.
        return Ok(None);
    }
    let operation = op::GetAutomatedDiscoveryConfiguration;
    let request = Request::get("/automated-discovery/configuration");
    let answer = MACIE.one(ask, operation, None, request).await?;
    Ok(Some(ask.item(operation, None, answer.text("status"))? == Some("ENABLED")))
}

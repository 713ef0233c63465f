//! Macie. A region where it is off costs one call.

use aws_audit_checks::{
    snapshot::macie::{Macie, op},
    source::Source,
};
use aws_sdk_macie2::types::AutomatedDiscoveryStatus;

use crate::collect::{ask::Ask, call::CallError};

pub(in crate::collect) async fn collect(ask: &Ask) -> Macie {
    let client = &ask.aws.macie();
    let status = ask.source(Source::MacieSession, async {
        let answer = ask.call(op::GetMacieSession, None, || client.get_macie_session().send()).await;
        let session = CallError::unless_absent(answer)?;
        Ok(session.map(|session| session.status().map_or("", |status| status.as_str()).to_owned()))
    });
    let status = status.await;
    let automated_discovery = ask.after(Source::MacieAutomatedDiscovery, &status, |status| async {
        if status.as_deref() != Some("ENABLED") {
            return Ok(None);
        }
        let send = || client.get_administrator_account().send();
        let answer = ask.call(op::GetAdministratorAccount, None, send).await;
        // An account without an administrator is answered with an error that says so.
        if CallError::unless_absent(answer)?.is_some_and(|answer| answer.administrator().is_some()) {
            // The administrator's to decide, and the operation below is refused to others.
            return Ok(None);
        }
        let send = || client.get_automated_discovery_configuration().send();
        let answer = ask.call(op::GetAutomatedDiscoveryConfiguration, None, send).await?;
        Ok(Some(answer.status() == Some(&AutomatedDiscoveryStatus::Enabled)))
    });
    let automated_discovery = automated_discovery.await;
    Macie { status, automated_discovery }
}

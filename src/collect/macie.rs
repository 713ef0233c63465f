//! Macie. A region where it is off costs one call.

use aws_audit_checks::{gap::GapKind, snapshot::macie::Macie, source::Source};
use aws_sdk_macie2::types::AutomatedDiscoveryStatus;

use super::Ask;

pub(super) async fn collect(ask: &Ask) -> Macie {
    let client = &ask.aws.macie();
    let status = ask.source(Source::MacieSession, async {
        match ask.call("macie2:GetMacieSession", None, || client.get_macie_session().send()).await {
            Ok(answer) => Ok(Some(answer.status().map_or("", |status| status.as_str()).to_owned())),
            // Macie refuses with the code of a missing permission; only its words tell that it is off.
            Err(error)
                if error.gap.kind == GapKind::AccessDenied && error.gap.message.contains("not enabled") =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    });
    let status = status.await;
    let automated_discovery = ask.after(Source::MacieAutomatedDiscovery, &status, |status| async {
        if status.as_deref() != Some("ENABLED") {
            return Ok(None);
        }
        let send = || client.get_administrator_account().send();
        let answer = ask.call("macie2:GetAdministratorAccount", None, send).await?;
        if answer.administrator().is_some() {
            // The administrator's to decide, and the operation below is refused to others.
            return Ok(None);
        }
        let send = || client.get_automated_discovery_configuration().send();
        let answer = ask.call("macie2:GetAutomatedDiscoveryConfiguration", None, send).await?;
        Ok(Some(answer.status() == Some(&AutomatedDiscoveryStatus::Enabled)))
    });
    let automated_discovery = automated_discovery.await;
    Macie { status, automated_discovery }
}

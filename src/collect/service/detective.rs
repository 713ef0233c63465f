//! Detective, which works on what GuardDuty finds: a region without an enabled detector costs no call.

use aws_audit_checks::snapshot::detective::op;
use aws_audit_checks::{
    gap::Collected,
    snapshot::{detective::Detective, guardduty::Detector},
    source::Source,
};

use crate::collect::{
    api::{DETECTIVE, Request, Token},
    ask::{Ask, sorted},
    call::CallError,
};

const NEXT: Token = Token::named("NextToken");

pub(in crate::collect) async fn collect(ask: &Ask, detectors: &Collected<Vec<Detector>>) -> Detective {
    let graphs = ask.after(Source::DetectiveGraphs, detectors, |detectors| graphs(ask, detectors));
    Detective { graphs: graphs.await }
}

async fn graphs(ask: &Ask, detectors: &[Detector]) -> Result<Vec<String>, CallError> {
    if !detectors.iter().any(|detector| detector.enabled) {
        return Ok(Vec::new());
    }
    let operation = op::ListGraphs;
    let request = Request::post("/graphs/list").with("MaxResults", 200);
    let own = DETECTIVE.list(ask, operation, None, request, ("GraphList", NEXT)).await?;
    let own = ask.all_items(operation, None, &own, |graph| graph.required("Arn"))?;
    if !own.is_empty() {
        return Ok(sorted(own, Clone::clone));
    }
    let operation = op::ListInvitations;
    let request = Request::post("/invitations/list").with("MaxResults", 200);
    let invitations = DETECTIVE.list(ask, operation, None, request, ("Invitations", NEXT)).await?;
    // What is no status is told below.
    let joined =
        invitations.iter().filter(|it| !matches!(it.text("Status"), Ok(status) if status != Some("ENABLED")));
    let joined = ask.all_items(operation, None, joined, |invitation| {
        invitation.text("Status")?;
        invitation.required("GraphArn")
    });
    Ok(sorted(joined?, Clone::clone))
}

//! Detective, which works on what GuardDuty finds: a region without an enabled detector costs no call.

use aws_audit_checks::snapshot::detective::op;
use aws_audit_checks::{
    gap::Collected,
    snapshot::{detective::Detective, guardduty::Detector},
    source::Source,
};
use aws_sdk_detective::types::MemberStatus;

use crate::collect::{
    ask::{Ask, sorted},
    call::CallError,
    items::text,
};

pub(in crate::collect) async fn collect(ask: &Ask, detectors: &Collected<Vec<Detector>>) -> Detective {
    let graphs = ask.after(Source::DetectiveGraphs, detectors, |detectors| graphs(ask, detectors));
    Detective { graphs: graphs.await }
}

async fn graphs(ask: &Ask, detectors: &[Detector]) -> Result<Vec<String>, CallError> {
    if !detectors.iter().any(|detector| detector.enabled) {
        return Ok(Vec::new());
    }
    let client = &ask.aws.detective();
    let own = ask
        .pages(
            op::ListGraphs,
            None,
            |token| client.list_graphs().max_results(200).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let own = own.iter().flat_map(|page| page.graph_list());
    let own = ask.all_items(op::ListGraphs, None, own, |graph| text(graph.arn(), "Arn"))?;
    if !own.is_empty() {
        return Ok(sorted(own, Clone::clone));
    }
    let invitations = ask
        .pages(
            op::ListInvitations,
            None,
            |token| client.list_invitations().max_results(200).set_next_token(token).send(),
            |page| page.next_token(),
        )
        .await?;
    let joined = invitations.iter().flat_map(|page| page.invitations());
    let joined = joined.filter(|invitation| invitation.status() == Some(&MemberStatus::Enabled));
    let joined = ask
        .all_items(op::ListInvitations, None, joined, |invitation| text(invitation.graph_arn(), "GraphArn"));
    Ok(sorted(joined?, Clone::clone))
}

//! Detective.

use aws_audit_checks::{snapshot::detective::Detective, source::Source};
use aws_sdk_detective::types::MemberStatus;

use super::{Ask, sorted};

pub(super) async fn collect(ask: &Ask) -> Detective {
    let client = &ask.aws.detective();
    let graphs = ask.source(Source::DetectiveGraphs, async {
        let (own, joined) = tokio::try_join!(
            ask.pages(
                "detective:ListGraphs",
                None,
                |token| client.list_graphs().max_results(200).set_next_token(token).send(),
                |page| page.next_token(),
            ),
            ask.pages(
                "detective:ListInvitations",
                None,
                |token| client.list_invitations().max_results(200).set_next_token(token).send(),
                |page| page.next_token(),
            ),
        )?;
        let own = own.iter().flat_map(|page| page.graph_list()).filter_map(|graph| graph.arn());
        let joined = joined.iter().flat_map(|page| page.invitations());
        let joined = joined.filter(|invitation| invitation.status() == Some(&MemberStatus::Enabled));
        let joined = joined.filter_map(|invitation| invitation.graph_arn());
        Ok(sorted(own.chain(joined).map(str::to_owned), Clone::clone))
    });
    Detective { graphs: graphs.await }
}

//! IAM Identity Center.

use aws_audit_checks::{snapshot::identity_center::IdentityCenter, source::Source};

use super::{Ask, sorted};

pub(super) async fn collect(ask: &Ask) -> IdentityCenter {
    let client = &ask.aws.sso_admin();
    let instances = ask.source(Source::IdentityCenterInstances, async {
        let pages = ask
            .pages(
                "sso:ListInstances",
                None,
                |token| client.list_instances().max_results(100).set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let arns = pages.iter().flat_map(|page| page.instances()).filter_map(|found| found.instance_arn());
        Ok(sorted(arns.map(str::to_owned), Clone::clone))
    });
    IdentityCenter { instances: instances.await }
}

//! IAM Identity Center.

use aws_audit_checks::{
    snapshot::identity_center::{IdentityCenter, op},
    source::Source,
};

use crate::collect::{ask::Ask, items::text};

pub(in crate::collect) async fn collect(ask: &Ask) -> IdentityCenter {
    let client = &ask.aws.sso_admin();
    let instances = ask.list(Source::IdentityCenterInstances, async {
        let operation = op::ListInstances;
        let pages = ask
            .pages(
                operation,
                None,
                |token| client.list_instances().max_results(100).set_next_token(token).send(),
                |page| page.next_token(),
            )
            .await?;
        let listed = pages.iter().flat_map(|page| page.instances());
        let arns = ask.items(operation, listed, |found| text(found.instance_arn(), "InstanceArn"));
        Ok(arns.sorted(Clone::clone))
    });
    IdentityCenter { instances: instances.await }
}

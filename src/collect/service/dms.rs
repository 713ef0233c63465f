//! Database Migration Service.

use aws_audit_checks::{
    snapshot::dms::{Dms, ReplicationInstance, op},
    source::Source,
};

use crate::collect::{
    api::{DMS, Request, Token},
    ask::Ask,
    items::Lacks,
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Dms {
    let replication_instances = ask.list(Source::DmsReplicationInstances, async {
        let operation = op::DescribeReplicationInstances;
        let list = ("ReplicationInstances", Token { sent: "Marker", told: "Marker" });
        let listed = DMS.list(ask, operation, None, Request::new(), list).await?;
        let replication_instances = ask.items(operation, &listed, |instance| {
            let id = instance.required("ReplicationInstanceIdentifier")?;
            let groups = instance.list("VpcSecurityGroups")?;
            let groups = groups.into_iter().filter_map(|it| it.text("VpcSecurityGroupId").transpose());
            let public = instance.flag("PubliclyAccessible")?.ok_or(Lacks::field("PubliclyAccessible"));
            Ok(ReplicationInstance {
                arn: instance.required("ReplicationInstanceArn").map_err(Lacks::of(&id))?,
                publicly_accessible: public.map_err(Lacks::of(&id))?,
                security_groups: groups.map(|group| group.map(str::to_owned)).collect::<Result<_, _>>()?,
                id,
            })
        });
        Ok(replication_instances.sorted(|item| item.arn.clone()))
    });
    Dms { replication_instances: replication_instances.await }
}

//! Database Migration Service.

use aws_audit_checks::{
    snapshot::dms::{Dms, ReplicationInstance, op},
    source::Source,
};
use serde_json::{Value, json};

use crate::collect::{
    ask::Ask,
    items::{Lacks, text},
    json_api::{self, JsonApi, JsonRequest, Protocol},
};

const API: JsonApi = JsonApi {
    host: "dms",
    signing_name: "dms",
    protocol: Protocol::Target { prefix: "AmazonDMSv20160101", content_type: "application/x-amz-json-1.1" },
};

pub(in crate::collect) async fn collect(ask: &Ask) -> Dms {
    let replication_instances = ask.list(Source::DmsReplicationInstances, async {
        let operation = op::DescribeReplicationInstances;
        let listed = API
            .list(ask, operation, JsonRequest::body(json!({})), ("ReplicationInstances", "NextToken"))
            .await?;
        let replication_instances = ask.items(operation, &listed, |item| {
            let id =
                text(json_api::text(item, "ReplicationInstanceIdentifier"), "ReplicationInstanceIdentifier")?;
            let lacks = |field| Lacks::of(&id)(Lacks::field(field));
            let public = item.get("PubliclyAccessible").and_then(Value::as_bool);
            let groups = item.get("VpcSecurityGroups").and_then(Value::as_array).into_iter().flatten();
            Ok(ReplicationInstance {
                arn: text(json_api::text(item, "ReplicationInstanceArn"), "ReplicationInstanceArn")
                    .map_err(Lacks::of(&id))?,
                publicly_accessible: public.ok_or_else(|| lacks("PubliclyAccessible"))?,
                security_groups: groups
                    .filter_map(|group| json_api::text(group, "VpcSecurityGroupId").map(str::to_owned))
                    .collect(),
                id,
            })
        });
        Ok(replication_instances.sorted(|item| item.arn.clone()))
    });
    Dms { replication_instances: replication_instances.await }
}

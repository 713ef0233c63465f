//! DynamoDB.

use aws_audit_checks::{
    snapshot::dynamodb::{DynamoDb, Table, op},
    source::Source,
};
use aws_sdk_dynamodb::types::PointInTimeRecoveryStatus;

use crate::collect::ask::{Ask, sorted};

pub(in crate::collect) async fn collect(ask: &Ask) -> DynamoDb {
    let client = &ask.aws.dynamodb();
    let tables = ask.source(Source::DynamoDbTables, async {
        let pages = ask
            .pages(
                op::ListTables,
                None,
                |last| client.list_tables().limit(100).set_exclusive_start_table_name(last).send(),
                |page| page.last_evaluated_table_name(),
            )
            .await?;
        let names = pages.iter().flat_map(|page| page.table_names());
        Ok(sorted(names.map(|name| Table { name: name.clone() }), |table| table.name.clone()))
    });
    let tables = tables.await;
    let recovery = ask.each(
        Source::DynamoDbContinuousBackups,
        &tables,
        |table| &table.name,
        |name| async move {
            let send = || client.describe_continuous_backups().table_name(name).send();
            let answer = ask.call(op::DescribeContinuousBackups, Some(name), send).await?;
            let backups = answer.continuous_backups_description();
            let recovery = backups.and_then(|backups| backups.point_in_time_recovery_description());
            Ok(recovery.and_then(|recovery| recovery.point_in_time_recovery_status())
                == Some(&PointInTimeRecoveryStatus::Enabled))
        },
    );
    let point_in_time_recovery = recovery.await;
    DynamoDb { tables, point_in_time_recovery }
}

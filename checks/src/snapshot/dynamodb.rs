//! DynamoDB.

use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place};

service! {
    /// Tables of one region.
    DynamoDb, Regional;

    op("DynamoDB", "dynamodb", UNPUBLISHED) {
        DynamoDbTables [ListTables] =>
            /// Tables.
            tables: Vec<Table>;
        DynamoDbContinuousBackups needs DynamoDbTables [DescribeContinuousBackups] =>
            /// Whether each table can be restored to any second, by its name.
            point_in_time_recovery: ById<bool>;
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
}

impl Judged for Table {
    const TYPE: &'static str = "AWS::DynamoDB::Table";
    fn id(&self) -> String {
        self.name.clone()
    }
    fn arn(&self, place: &Place<'_>) -> String {
        place.arn("dynamodb", &format!("table/{}", self.name))
    }
}

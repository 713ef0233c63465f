//! DynamoDB.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place};
use crate::gap::Collected;

/// Tables of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DynamoDb {
    /// Tables.
    pub tables: Collected<Vec<Table>>,
    /// Whether each table can be restored to any second, by its name.
    pub point_in_time_recovery: Collected<BTreeMap<String, Collected<bool>>>,
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

//! Elastic File System.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Judged, Place, Tags};
use crate::gap::Collected;

/// File systems of one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Efs {
    /// File systems.
    pub file_systems: Collected<Vec<FileSystem>>,
    /// Each file system's policy as JSON text, by its id.
    pub policies: Collected<BTreeMap<String, Collected<Option<String>>>>,
}

/// A file system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FileSystem {
    /// `fs-…`
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// It is encrypted at rest.
    pub encrypted: bool,
    /// How many mount targets it has.
    pub mount_targets: i32,
    /// Tags.
    pub tags: Tags,
}

impl Judged for FileSystem {
    const TYPE: &'static str = "AWS::EFS::FileSystem";
    fn id(&self) -> String {
        self.id.clone()
    }
    fn arn(&self, _: &Place<'_>) -> String {
        self.arn.clone()
    }
    fn tags(&self) -> Option<&Tags> {
        Some(&self.tags)
    }
}

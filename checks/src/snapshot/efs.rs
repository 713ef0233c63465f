//! Elastic File System.

use serde::{Deserialize, Serialize};

use super::{ById, Judged, Place, Tags};

service! {
    /// File systems of one region.
    Efs, Regional;

    op("EFS", "elasticfilesystem", UNPUBLISHED) {
        EfsFileSystems [DescribeFileSystems] =>
            /// File systems.
            file_systems: Vec<FileSystem>;
        EfsPolicies needs EfsFileSystems [DescribeFileSystemPolicy] =>
            /// Each file system's policy as JSON text, by its id.
            policies: ById<Option<String>>;
    }
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

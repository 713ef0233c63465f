//! Where data is kept, and the keys that it is encrypted with.

use aws_audit_checks::snapshot::{
    dynamodb::Table,
    ec2::{Snapshot as EbsSnapshot, Volume},
    efs::FileSystem,
    elasticache::Cache,
    kms::{Key, KeyDetails},
    opensearch::Domain,
    rds::{DbCluster, DbInstance, DbSnapshot},
    redshift::Cluster,
    s3::{AclGrant, Bucket, PublicAccessBlock, Versioning},
    secretsmanager::StoredSecret,
};

use super::{Bool, Int, List, MapOf, Maybe, Text, Time, noun, object, region};

pub(super) use block::BlockPublicAccess;

mod block {
    use super::{Bool, PublicAccessBlock};

    pub(in crate::view) struct BlockPublicAccess;

    impl crate::view::Shaped for BlockPublicAccess {
        fn shape() -> crate::shape::Shape {
            Inner::shape()
        }
    }

    impl crate::view::View<PublicAccessBlock> for BlockPublicAccess {
        fn view(source: &PublicAccessBlock) -> crate::node::Node {
            <Inner as crate::view::View<_>>::view(source)
        }
    }

    crate::view::object! {
        Inner(it: PublicAccessBlock) {
            /// Refuses calls that would set a public ACL.
            block_public_acls: Bool = it.block_public_acls,
            /// Ignores the public ACLs there are.
            ignore_public_acls: Bool = it.ignore_public_acls,
            /// Refuses calls that would set a public policy.
            block_public_policy: Bool = it.block_public_policy,
            /// Cuts a public policy down to AWS services and the bucket's account.
            restrict_public_buckets: Bool = it.restrict_public_buckets,
        }
    }
}

object! {
    Grant(it: AclGrant) {
        /// The group's URI, or the account's canonical id.
        grantee: Text = it.grantee,
        /// `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`.
        permission: Text = it.permission,
    }
    Versions(it: Versioning) {
        /// Enabled: not suspended, not never set.
        enabled: Bool = it.enabled,
        /// Deleting a version needs MFA.
        mfa_delete: Bool = it.mfa_delete,
    }
    Details(it: KeyDetails) {
        /// The customer manages it; otherwise AWS does.
        is_customer_managed: Bool = it.is_customer_managed,
        /// `Enabled`, `Disabled`, `PendingDeletion`, …
        key_state: Text = it.state,
        /// `SYMMETRIC_DEFAULT`, `RSA_2048`, …
        key_spec: Text = it.spec,
        /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, …
        key_usage: Text = it.usage,
        /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM` or `EXTERNAL_KEY_STORE`.
        origin: Text = it.origin,
        /// It is a replica of a multi-region key.
        is_replica: Bool = it.is_replica,
        /// When it is deleted.
        deletion_date: Maybe<Time> = it.deletion_date,
    }
}

noun! {
    S3_BUCKET = "s3.bucket", "S3 bucket", "S3バケット": Bucket, cx, it;
    sources &[Source::S3Buckets];
    each global |it| &it.s3.buckets;
    public by "s3-bucket-public-read" "s3-bucket-public-write";
    /// Its own block public access settings; all off when never set.
    public_access_block: BlockPublicAccess [S3BucketPublicAccessBlock] = it.public_access_block,
    /// Its policy, as JSON text; null without one.
    policy: Maybe<Text> [S3BucketPolicy] = it.policy,
    /// Grants of its access control list.
    acl: List<Grant> [S3BucketAcl] = it.acl,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`; null for a bucket from before the setting existed.
    object_ownership: Maybe<Text> [S3BucketOwnership] = it.object_ownership,
    /// Versioning.
    versioning: Versions [S3BucketVersioning] = it.versioning,
    /// It has lifecycle rules. Asked of versioned buckets without MFA delete only.
    has_lifecycle: Bool [S3BucketLifecycle] = it.has_lifecycle,
    /// Default encryption: `AES256`, `aws:kms`, `aws:kms:dsse`; null when there is none.
    sse_algorithm: Maybe<Text> [S3BucketEncryption] = it.encryption,
    /// The bucket that server access logs go to; null without logging.
    logging_target_bucket: Maybe<Text> [S3BucketLogging] = it.logging_target,
}

noun! {
    EC2_VOLUME = "ec2.volume", "EBS volume", "EBSボリューム": Volume, cx, it;
    sources &[Source::Ec2Volumes];
    each regional |it| &it.ec2.volumes;
    /// It is encrypted.
    encrypted: Bool = it.encrypted,
    /// What it is attached to: ids of instances, ARNs of what AWS manages.
    attachments: List<Text> = it.attached_to,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    EC2_SNAPSHOT = "ec2.snapshot", "EBS snapshot of the account", "アカウントが所有するEBSスナップショット": EbsSnapshot, cx, it;
    sources &[Source::Ec2Snapshots];
    each regional |it| &it.ec2.snapshots;
    public by "ebs-snapshot-public";
    /// Anyone may make a volume from it.
    public: Bool = it.public,
    /// It is encrypted.
    encrypted: Bool = it.encrypted,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    RDS_DB_INSTANCE = "rds.db_instance", "DB instance of RDS, DocumentDB or Neptune", "RDS、DocumentDB、NeptuneのDBインスタンス": DbInstance, cx, it;
    sources &[Source::RdsInstances];
    each regional |it| &it.rds.instances;
    public by "rds-instance-public";
    reached by "rds-instance-public";
    /// `postgres`, `aurora-mysql`, …
    engine: Text = it.engine,
    /// The engine's version.
    engine_version: Text = it.engine_version,
    /// `available`, `stopped`, …
    db_instance_status: Text = it.status,
    /// Its name resolves to a public address from outside the VPC.
    publicly_accessible: Bool = it.publicly_accessible,
    /// Storage is encrypted.
    storage_encrypted: Bool = it.storage_encrypted,
    /// Minor engine upgrades are applied in the maintenance window.
    auto_minor_version_upgrade: Bool = it.auto_minor_version_upgrade,
    /// There is a standby in another zone.
    multi_az: Bool = it.multi_az,
    /// Port of the endpoint.
    port: Maybe<Int> = it.port,
    /// The cluster that it is a member of.
    db_cluster_identifier: Maybe<Text> = it.cluster,
    /// The instance or cluster that it replicates.
    read_replica_source: Maybe<Text> = it.read_replica_source,
    /// Its VPC.
    vpc_id: Maybe<Text> = it.vpc,
    /// Subnets of its subnet group.
    subnet_ids: List<Text> = it.subnets,
    /// Security groups that are active on it.
    vpc_security_group_ids: List<Text> = it.security_groups,
    /// Days that automated backups are kept; zero when off.
    backup_retention_period: Int = it.backup_retention_days,
    /// It cannot be deleted.
    deletion_protection: Bool = it.deletion_protection,
    /// IAM database authentication.
    iam_database_authentication_enabled: Bool = it.iam_authentication,
    /// Name of the master user.
    master_username: Maybe<Text> = it.master_username,
    /// Logs exported to CloudWatch Logs.
    enabled_cloudwatch_logs_exports: List<Text> = it.log_exports,
    /// Names of its parameter groups.
    db_parameter_groups: List<Text> = it.parameter_groups,
    /// Identifier of the certificate authority.
    ca_certificate_identifier: Maybe<Text> = it.ca_certificate,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    RDS_DB_CLUSTER = "rds.db_cluster", "DB cluster of RDS, DocumentDB or Neptune", "RDS、DocumentDB、NeptuneのDBクラスター": DbCluster, cx, it;
    sources &[Source::RdsClusters];
    each regional |it| &it.rds.clusters;
    /// `aurora-postgresql`, `mysql` (a Multi-AZ DB cluster), …
    engine: Text = it.engine,
    /// The engine's version.
    engine_version: Text = it.engine_version,
    /// The cluster as such is public (Multi-AZ DB clusters).
    publicly_accessible: Bool = it.publicly_accessible,
    /// Storage is encrypted.
    storage_encrypted: Bool = it.storage_encrypted,
    /// Minor engine upgrades are applied in the maintenance window (Multi-AZ DB clusters).
    auto_minor_version_upgrade: Bool = it.auto_minor_version_upgrade,
    /// Instances in more than one zone.
    multi_az: Bool = it.multi_az,
    /// Days that automated backups are kept.
    backup_retention_period: Int = it.backup_retention_days,
    /// It cannot be deleted.
    deletion_protection: Bool = it.deletion_protection,
    /// IAM database authentication.
    iam_database_authentication_enabled: Bool = it.iam_authentication,
    /// Name of the master user.
    master_username: Maybe<Text> = it.master_username,
    /// Logs exported to CloudWatch Logs.
    enabled_cloudwatch_logs_exports: List<Text> = it.log_exports,
    /// Name of its parameter group.
    db_cluster_parameter_group: Maybe<Text> = it.parameter_group,
    /// Its security groups.
    vpc_security_group_ids: List<Text> = it.security_groups,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    RDS_DB_SNAPSHOT = "rds.db_snapshot", "Manual snapshot of a DB instance or cluster", "DBインスタンスまたはクラスターの手動スナップショット": DbSnapshot, cx, it;
    sources &[Source::RdsSnapshots, Source::RdsClusterSnapshots];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a DbSnapshot) -> _| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.rds.snapshots, |cx, it| judge(cx, it));
            cx.each_known(&region.rds.cluster_snapshots, |cx, it| judge(cx, it));
        });
    };
    public by "rds-snapshot-public";
    /// What it was taken of.
    source: Text = it.source,
    /// The engine of that; empty where it is not known.
    engine: Text = it.engine,
    /// It is encrypted.
    encrypted: Bool = it.encrypted,
    /// Accounts that may restore it; `all` is everyone.
    restorable_by: List<Text> = it.restorable_by,
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    DYNAMODB_TABLE = "dynamodb.table", "DynamoDB table", "DynamoDBテーブル": Table, cx, it;
    sources &[Source::DynamoDbTables];
    each regional |it| &it.dynamodb.tables;
    /// It can be restored to any second.
    point_in_time_recovery: Bool [DynamoDbContinuousBackups] =
        region(cx).and_then(|region| region.dynamodb.point_in_time_recovery.of(&it.name)),
}

noun! {
    EFS_FILE_SYSTEM = "efs.file_system", "EFS file system", "EFSファイルシステム": FileSystem, cx, it;
    sources &[Source::EfsFileSystems];
    each regional |it| &it.efs.file_systems;
    public by "efs-public";
    /// It is encrypted at rest.
    encrypted: Bool = it.encrypted,
    /// How many mount targets it has.
    number_of_mount_targets: Int = it.mount_targets,
    /// Its policy, as JSON text; null without one.
    policy: Maybe<Text> [EfsPolicies] = region(cx).and_then(|region| region.efs.policies.of(&it.id)),
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    ELASTICACHE_CACHE = "elasticache.cache", "ElastiCache replication group, or cluster in none", "ElastiCacheのレプリケーショングループ、または属さないクラスター": Cache, cx, it;
    sources &[Source::ElastiCacheClusters];
    each with |cx: &mut Context<'a>, judge: &mut dyn FnMut(&Context<'a>, &'a Cache) -> _| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.elasticache.replication_groups, |cx, it| judge(cx, it));
            cx.each_known(&region.elasticache.clusters, |cx, it| judge(cx, it));
        });
    };
    /// `valkey`, `redis` or `memcached`.
    engine: Text = it.engine,
    /// It is encrypted at rest.
    at_rest_encryption_enabled: Bool = it.at_rest_encryption,
    /// Clients can use TLS.
    transit_encryption_enabled: Bool = it.transit_encryption,
    /// `required` or `preferred`; null where AWS does not say.
    transit_encryption_mode: Maybe<Text> = it.transit_encryption_mode,
}

noun! {
    OPENSEARCH_DOMAIN = "opensearch.domain", "OpenSearch or Elasticsearch domain", "OpenSearchまたはElasticsearchのドメイン": Domain, cx, it;
    sources &[Source::OpenSearchDomains];
    each regional |it| &it.opensearch.domains;
    public by "opensearch-public";
    /// `OpenSearch_2.19`, `Elasticsearch_7.10`, …
    engine_version: Text = it.engine_version,
    /// Its endpoint is in a VPC.
    in_vpc: Bool = it.in_vpc,
    /// Its security groups, where it is in a VPC.
    security_group_ids: List<Text> = it.security_groups,
    /// Its access policy, as JSON text; null without one.
    access_policies: Maybe<Text> = it.access_policy,
    /// Fine-grained access control is on.
    advanced_security_enabled: Bool = it.fine_grained_access,
    /// Storage is encrypted.
    encryption_at_rest: Bool = it.encrypted_at_rest,
    /// Traffic between nodes is encrypted.
    node_to_node_encryption: Bool = it.node_to_node_encryption,
    /// Clients must use HTTPS.
    enforce_https: Bool = it.enforces_https,
    /// Logs that are published to CloudWatch Logs: `AUDIT_LOGS`, …
    log_publishing: List<Text> = it.logs,
}

noun! {
    REDSHIFT_CLUSTER = "redshift.cluster", "Redshift cluster", "Redshiftクラスター": Cluster, cx, it;
    sources &[Source::RedshiftClusters];
    each regional |it| &it.redshift.clusters;
    public by "redshift-public";
    /// It is encrypted at rest.
    encrypted: Bool = it.encrypted,
    /// Its endpoint has a public address.
    publicly_accessible: Bool = it.publicly_accessible,
    /// Port of the endpoint.
    port: Maybe<Int> = it.port,
    /// Its VPC.
    vpc_id: Maybe<Text> = it.vpc,
    /// Its security groups.
    vpc_security_group_ids: List<Text> = it.security_groups,
    /// Its audit logs go somewhere.
    logging_enabled: Bool [RedshiftLogging] = region(cx).and_then(|region| region.redshift.logging.of(&it.id)),
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    SECRETSMANAGER_SECRET = "secretsmanager.secret", "Secret of Secrets Manager", "Secrets Managerのシークレット": StoredSecret, cx, it;
    sources &[Source::SecretsManagerSecrets];
    each regional |it| &it.secretsmanager.secrets;
    public by "secretsmanager-public";
    /// It is rotated by a schedule.
    rotation_enabled: Bool = it.rotation_enabled,
    /// The service that manages it, e.g. `rds`.
    owning_service: Maybe<Text> = it.owning_service,
    /// It is a copy of a secret in another region.
    is_replica: Bool = it.is_replica,
    /// When it was made.
    created_date: Maybe<Time> = it.created,
    /// When it was last rotated.
    last_rotated_date: Maybe<Time> = it.last_rotated,
    /// When it should next be rotated at the latest.
    next_rotation_date: Maybe<Time> = it.next_rotation,
    /// The day that it was last read; null when it never was.
    last_accessed_date: Maybe<Time> = it.last_accessed,
    /// Its resource policy, as JSON text; null without one.
    policy: Maybe<Text> [SecretsManagerPolicies] =
        region(cx).and_then(|region| region.secretsmanager.policies.of(&it.arn)),
    /// Tags.
    tags: MapOf<Text> = it.tags,
}

noun! {
    KMS_KEY = "kms.key", "KMS key", "KMSキー": Key, cx, it;
    sources &[Source::KmsKeys];
    each regional |it| &it.kms.keys;
    public by "kms-key-public";
    /// Its aliases: `alias/…`.
    aliases: List<Text> = it.aliases,
    /// What `DescribeKey` says of it.
    metadata: Details = it.details,
    /// Automatic rotation is on. AWS has no answer for keys other than symmetric customer managed ones.
    key_rotation_enabled: Bool [KmsKeyRotation] = region(cx).and_then(|region| region.kms.rotation.of(&it.id)),
    /// The key policy of a customer managed key, as JSON text.
    policy: Text [KmsKeyPolicies] = region(cx).and_then(|region| region.kms.policies.of(&it.id)),
}

//! Database Migration Service.

mod replication_instance_public;

super::checks! {
    replication_instance_public
}

//! DynamoDB.

mod point_in_time_recovery;

super::checks! {
    point_in_time_recovery
}

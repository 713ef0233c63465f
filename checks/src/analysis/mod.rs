//! What takes thinking: questions about an account that no single field answers.

pub mod network;
pub mod policy;
pub mod s3_exposure;
pub mod secrets;

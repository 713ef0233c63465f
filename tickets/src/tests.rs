mod exec;
mod github;
mod plan;
mod text;

#[allow(dead_code, reason = "the formats' tests use more of it")]
#[path = "../../report/src/hostile.rs"]
mod hostile;

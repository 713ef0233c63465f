//! IAM policy documents and the questions that checks ask of them.
pub mod pattern {
    //! p
    /// m
    pub fn matches(glob: &str, id: &str) -> bool {
        glob == id
            || glob.strip_suffix('*').is_some_and(|p| id.starts_with(p))
            || glob.strip_prefix('*').is_some_and(|p| id.ends_with(p))
    }
}

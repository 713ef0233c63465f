use super::path;
use crate::check::Check;

/// A distribution whose bucket anyone may make.
pub(super) const CHECK: Check = path("path-takeover");

#[cfg(test)]
mod tests {
    use super::{super::testing::Account, CHECK};
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        assert_eq!(fails(&CHECK, &Account::new().site(false).0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        passes(&CHECK, &Account::new().site(true).0);
    }
}

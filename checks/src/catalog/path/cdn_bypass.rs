use super::path;
use crate::check::Check;

/// A server behind a distribution, reached around it.
pub(super) const CHECK: Check = path("path-cdn-bypass");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, Account},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new().role("web", "ec2", ADMIN).instance(443, "web").distribution(Some("acl"));
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        // Nothing is gone around.
        let account = Account::new().role("web", "ec2", ADMIN).instance(443, "web").distribution(None);
        passes(&CHECK, &account.0);
    }
}

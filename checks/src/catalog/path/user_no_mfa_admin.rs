use super::path;
use crate::check::Check;

/// A user with one factor who becomes an administrator.
pub(super) const CHECK: Check = path("path-user-no-mfa-admin");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new().user("alice", &allow("iam:PutUserPolicy", "*"), true, false);
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Medium);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new().user("alice", &allow("iam:PutUserPolicy", "*"), true, true);
        passes(&CHECK, &account.0);
    }
}

use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// A key that can be read, of an administrator or of somebody who becomes one.
pub(super) const CHECK: Check =
    Check { id: "path-leaked-key-admin", severity: Severity::Info, sources: SOURCES, run: tell };

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{denied, fails, passes, unknown},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new()
            .user("alice", ADMIN, false, false)
            .key("alice", 10)
            .role("job", "lambda", &allow("logs:*", "*"))
            .function("job")
            .leak();
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new()
            .user("alice", &allow("logs:*", "*"), false, false)
            .key("alice", 10)
            .function("job")
            .leak();
        passes(&CHECK, &account.0);
    }

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| s.iam.access_keys = denied());
        unknown(&CHECK, &account.0);
    }
}

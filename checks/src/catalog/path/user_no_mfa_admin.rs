use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// A user with one factor who becomes an administrator.
pub(super) const CHECK: Check =
    Check { id: "path-user-no-mfa-admin", severity: Severity::Info, sources: SOURCES, run: tell };

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{denied, fails, passes, unknown},
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

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| s.iam.authorization = denied());
        unknown(&CHECK, &account.0);
    }
}

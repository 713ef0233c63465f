use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// An entry from which every trail is stopped.
pub(super) const CHECK: Check =
    Check { id: "path-blind", severity: Severity::Info, sources: SOURCES, run: tell };

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
        let account = Account::new()
            .role("job", "lambda", &allow("cloudtrail:StopLogging", "*"))
            .function("job")
            .trail();
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account =
            Account::new().role("job", "lambda", &allow("cloudtrail:GetTrail", "*")).function("job").trail();
        passes(&CHECK, &account.0);
    }

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| s.iam.authorization = denied());
        unknown(&CHECK, &account.0);
    }
}

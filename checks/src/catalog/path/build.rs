use super::path;
use crate::check::Check;

/// A build project that builds what strangers send, and what its role reaches.
pub(super) const CHECK: Check = path("path-build");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::codebuild::Webhook,
        testing::{fails, passes},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new()
            .role("build", "codebuild", ADMIN)
            .build("build", |project| project.webhook = Some(Webhook::default()));
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new()
            .role("build", "codebuild", &allow("logs:*", "*"))
            .build("build", |project| project.webhook = Some(Webhook::default()));
        passes(&CHECK, &account.0);
    }
}

use super::{SOURCES, tell};
use crate::{check::Check, finding::Severity};

/// A role that guests get, and what it reaches.
pub(super) const CHECK: Check =
    Check { id: "path-guest-role", severity: Severity::Info, sources: SOURCES, run: tell };

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        testing::{denied, fails, passes, region, unknown},
    };

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new()
            .trusted(
                "guest",
                r#"{"Federated": "cognito-identity.amazonaws.com"}"#,
                "sts:AssumeRoleWithWebIdentity",
                &allow("s3:GetObject", "*"),
            )
            .bucket("customer-data")
            .pool("guest");
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new()
            .trusted(
                "guest",
                r#"{"Federated": "cognito-identity.amazonaws.com"}"#,
                "sts:AssumeRoleWithWebIdentity",
                &allow("mobileanalytics:PutEvents", "*"),
            )
            .bucket("customer-data")
            .pool("guest");
        passes(&CHECK, &account.0);
    }

    #[test]
    fn unknown_when_not_readable() {
        let account = Account::new().change(|s| region(s).cognito.identity_pools = denied());
        unknown(&CHECK, &account.0);
    }
}

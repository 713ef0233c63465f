use super::path;
use crate::check::Check;

/// A role that guests get, or users who sign themselves up, and what it reaches.
pub(super) const CHECK: Check = path("path-guest-role");

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
}

use super::path;
use crate::check::Check;

/// A role that any CI tenant assumes, and that is an administrator or becomes one.
pub(super) const CHECK: Check = path("path-oidc-admin");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{ADMIN, Account, allow},
        CHECK,
    };
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, iam::OidcProvider},
        testing::{fails, passes, read},
    };

    fn github(account: &mut Snapshot) {
        let arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com".into();
        account.iam.oidc_providers =
            read(vec![OidcProvider { arn, client_ids: read(vec!["sts.amazonaws.com".into()]) }]);
    }

    #[test]
    fn fails_where_there_is_a_path() {
        let account = Account::new().trusted("deploy", r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#, "sts:AssumeRoleWithWebIdentity", ADMIN).change(github);
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::Critical);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new().trusted("deploy", r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#, "sts:AssumeRoleWithWebIdentity", &allow("logs:*", "*")).change(github);
        passes(&CHECK, &account.0);
    }
}

use super::path;
use crate::check::Check;

/// A role that any CI tenant assumes, and that reads data.
pub(super) const CHECK: Check = path("path-oidc-data");

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{Account, allow},
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
        let account = Account::new().trusted("deploy", r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#, "sts:AssumeRoleWithWebIdentity", &allow("s3:GetObject", "*")).bucket("customer-data").change(github);
        assert_eq!(fails(&CHECK, &account.0).severity, Severity::High);
    }

    #[test]
    fn passes_at_a_dead_end() {
        let account = Account::new().trusted("deploy", r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}"#, "sts:AssumeRoleWithWebIdentity", &allow("logs:*", "*")).bucket("customer-data").change(github);
        passes(&CHECK, &account.0);
    }
}

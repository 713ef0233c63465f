use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-users-not-federated",
    severity: Severity::Low,
    sources: &[Source::IamCredentialReport, Source::IamSamlProviders, Source::IdentityCenterInstances],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let users = &cx.snapshot.iam.credential_report.get()?.users;
            let with_password: Vec<_> = users
                .values()
                .filter(|user| user.credentials.password_enabled == Some(true))
                .map(|user| &user.name)
                .collect();
            if with_password.is_empty() {
                return Ok(Verdict::pass());
            }
            let saml = cx.snapshot.iam.saml_providers.get().map(|providers| !providers.is_empty());
            // An organization has one instance, in one region; the account may have one of its own.
            let instances = cx.snapshot.regions.values().map(|region| region.identity_center.instances.get());
            let instances = instances.map(|instances| instances.map(|instances| !instances.is_empty()));
            if gap::any([saml].into_iter().chain(instances))? {
                return Ok(Verdict::pass());
            }
            Ok(Verdict::fail()
                .with("count", with_password.len())
                .with("users", with_password)
                .with("regions", cx.snapshot.regions.keys().collect::<Vec<_>>()))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_reported, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{denied, empty, fails, passes, read, region},
    };

    fn with_password() -> Snapshot {
        with_reported(|row| row.password_enabled = Some(true))
    }

    #[test]
    fn fails_when_passwords_are_all_there_is() {
        let finding = fails(&CHECK, &with_password());
        assert_eq!((&finding.evidence["count"], &finding.evidence["users"][0]), (&1.into(), &"alice".into()));
    }

    #[test]
    fn passes_with_federation_or_without_passwords() {
        let mut account = with_password();
        account.iam.saml_providers = read(vec!["arn:aws:iam::111122223333:saml-provider/directory".into()]);
        passes(&CHECK, &account);
        let mut account = with_password();
        region(&mut account).identity_center.instances = read(vec!["arn:aws:sso:::instance/ssoins-1".into()]);
        account.iam.saml_providers = denied();
        passes(&CHECK, &account);
        passes(&CHECK, &with_reported(|_| ()));
        passes(&CHECK, &empty());
    }
}

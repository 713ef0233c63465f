use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

const MANAGEMENT: &str = "RootCredentialsManagement";

pub(super) const CHECK: Check = Check {
    id: "iam-root-central-management",
    severity: Severity::Low,
    sources: &[Source::Organization, Source::IamOrganizationsFeatures],
    run: |cx| {
        cx.whole("AWS::::Account", |cx| {
            let organization = cx.snapshot.organizations.organization.get()?;
            // Only the management account can switch it on.
            let is_management =
                organization.as_ref().is_some_and(|it| it.management_account == cx.snapshot.account.id);
            if !is_management {
                return Err(NotJudged::NotApplicable);
            }
            let features = cx.snapshot.iam.organizations_features.get()?.as_deref().unwrap_or_default();
            Ok(Verdict::fail_if(!features.iter().any(|feature| feature == MANAGEMENT))
                .with("enabled_features", features)
                .with("organization", organization.as_ref().map(|organization| &organization.id)))
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, organizations::Organization},
        testing::{empty, fails, passes, read, silent},
    };

    fn management(account: &str, features: Option<&[&str]>) -> Snapshot {
        let mut snapshot = empty();
        snapshot.organizations.organization =
            read(Some(Organization { id: "o-a1b2c3d4e5".into(), management_account: account.into() }));
        let features =
            features.map(|features| features.iter().map(|feature| (*feature).to_owned()).collect());
        snapshot.iam.organizations_features = read(features);
        snapshot
    }

    #[test]
    fn fails_when_off_in_the_management_account() {
        fails(&CHECK, &management("111122223333", Some(&[])));
        fails(&CHECK, &management("111122223333", None));
        fails(&CHECK, &management("111122223333", Some(&["RootSessions"])));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &management("111122223333", Some(&["RootCredentialsManagement"])));
    }

    #[test]
    fn says_nothing_elsewhere() {
        silent(&CHECK, &management("444455556666", None));
        silent(&CHECK, &empty());
    }
}

use crate::{
    analysis::secrets::named_as_secret,
    check::Check,
    finding::{Severity, Verdict},
    snapshot::ssm::Parameter,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ssm-parameter-plaintext",
    severity: Severity::Medium,
    sources: &[Source::SsmParameters],
    run: |cx| {
        cx.each_region(|cx, region| {
            let readable =
                |parameter: &&Parameter| parameter.kind != "SecureString" && parameter.data_type == "text";
            let parameters = region.ssm.parameters.get();
            cx.each(parameters.map(|all| all.iter().filter(readable)), |_, parameter| {
                // Its own name decides; the folders only say whose it is.
                let name = parameter.name.rsplit('/').next().unwrap_or_default();
                Ok(Verdict::fail_if(named_as_secret(name)).with("parameter_type", &parameter.kind))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ssm::Parameter},
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_parameter(name: &str, kind: &str) -> Snapshot {
        let mut account = empty();
        region(&mut account).ssm.parameters =
            read(vec![Parameter { name: name.into(), kind: kind.into(), data_type: "text".into() }]);
        account
    }

    #[test]
    fn fails_when_the_name_says_secret() {
        fails(&CHECK, &with_parameter("/prod/db/password", "String"));
        fails(&CHECK, &with_parameter("API_KEY", "String"));
    }

    #[test]
    fn passes_when_it_does_not() {
        passes(&CHECK, &with_parameter("/prod/db/host", "String"));
        passes(&CHECK, &with_parameter("/password/hint-page", "String"));
    }

    #[test]
    fn says_nothing_of_encrypted_ones() {
        silent(&CHECK, &with_parameter("/prod/db/password", "SecureString"));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ssm.parameters = denied();
        unknown(&CHECK, &account);
    }
}

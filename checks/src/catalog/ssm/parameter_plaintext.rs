use crate::{
    check::Check,
    finding::{Severity, Verdict},
    secrets::named_as_secret,
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
                let fails = named_as_secret(own_name(&parameter.name));
                Ok(Verdict::fail_if(fails).with("parameter_type", &parameter.kind))
            });
        });
    },
};

/// The part of the path that says what it is: the last, as the folders only say whose it is; but the one before
/// of what is only the current one of some.
fn own_name(path: &str) -> &str {
    const ONE_OF_SOME: [&str; 8] =
        ["current", "default", "latest", "main", "previous", "primary", "secondary", "value"];
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or_default();
    let is_version = |name: &str| {
        let number = name.strip_prefix(['v', 'V']).unwrap_or(name);
        !number.is_empty() && number.bytes().all(|c| c.is_ascii_digit())
    };
    if is_version(last) || ONE_OF_SOME.iter().any(|word| last.eq_ignore_ascii_case(word)) {
        parts.next().unwrap_or(last)
    } else {
        last
    }
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ssm::Parameter},
        testing::{empty, fails, passes, read, region, silent},
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
        fails(&CHECK, &with_parameter("/prod/db/password/current", "String"));
        fails(&CHECK, &with_parameter("/prod/db/password/v2", "String"));
        fails(&CHECK, &with_parameter("/prod/client-secrets", "String"));
    }

    #[test]
    fn passes_when_it_does_not() {
        passes(&CHECK, &with_parameter("/prod/db/host", "String"));
        passes(&CHECK, &with_parameter("/password/hint-page", "String"));
        passes(&CHECK, &with_parameter("/prod/endpoints/auth", "String"));
        passes(&CHECK, &with_parameter("/image-tags/user-auth", "String"));
        passes(&CHECK, &with_parameter("/prod/salt", "String"));
        passes(&CHECK, &with_parameter("/db/version/current", "String"));
        passes(&CHECK, &with_parameter("current", "String"));
    }

    #[test]
    fn says_nothing_of_encrypted_ones() {
        silent(&CHECK, &with_parameter("/prod/db/password", "SecureString"));
    }
}

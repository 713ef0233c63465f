use crate::{
    catalog::secrets_verdict,
    check::Check,
    finding::Severity,
    gap,
    snapshot::secret::{Location, Secret},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-launch-template-secret",
    severity: Severity::High,
    sources: &[Source::Ec2LaunchTemplates],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.launch_templates, |_, template| {
                let found = gap::collect(template.user_data.iter().map(|data| {
                    let place =
                        |secret: &Secret| Location { version: Some(data.version), ..secret.place.clone() };
                    let secrets = data.secrets.get()?.iter();
                    Ok(secrets.map(move |secret| Secret { place: place(secret), ..secret.clone() }))
                }))?;
                Ok(secrets_verdict(&found))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        secrets,
        snapshot::secret::Secret,
        snapshot::{
            Snapshot,
            ec2::{LaunchTemplate, VersionUserData},
        },
        testing::{denied, empty, fails, passes, read, region},
    };

    fn with_template(versions: Vec<VersionUserData>) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.launch_templates = read(vec![LaunchTemplate {
            id: "lt-1".into(),
            name: "web".into(),
            user_data: versions,
            ..LaunchTemplate::default()
        }]);
        account
    }

    fn version(version: i64, secrets: Vec<Secret>) -> VersionUserData {
        VersionUserData { version, secrets: read(secrets) }
    }

    #[test]
    fn fails_with_one() {
        fails(
            &CHECK,
            &with_template(vec![
                version(1, vec![]),
                version(2, vec![secrets::in_text("DB_PASSWORD=Tr0ub4dor&3xyz").remove(0)]),
            ]),
        );
    }

    #[test]
    fn tells_of_every_version() {
        let secret = || vec![secrets::in_text("DB_PASSWORD=Tr0ub4dor&3xyz").remove(0)];
        let gap = VersionUserData { version: 2, secrets: denied() };
        let found = fails(&CHECK, &with_template(vec![version(1, secret()), gap, version(3, secret())]));
        let places = serde_json::json!([{"version": 1, "line": 1}, {"version": 3, "line": 1}]);
        assert_eq!(found.evidence["places"], places);
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_template(vec![version(1, vec![])]));
        passes(&CHECK, &with_template(vec![]));
    }
}

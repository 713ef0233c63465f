use crate::{
    catalog::told_secrets,
    check::Check,
    finding::Severity,
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
                let mut found = Vec::new();
                let mut unread = None;
                for data in &template.user_data {
                    let place =
                        |secret: &Secret| Location { version: Some(data.version), ..secret.place.clone() };
                    match data.secrets.get() {
                        Ok(secrets) => {
                            found.extend(secrets.iter().map(|s| Secret { place: place(s), ..s.clone() }));
                        }
                        Err(why) => unread = Some(why),
                    }
                }
                match unread {
                    Some(why) if found.is_empty() => Err(why),
                    _ => Ok(told_secrets(&found)),
                }
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

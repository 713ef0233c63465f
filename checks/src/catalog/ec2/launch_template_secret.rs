use crate::{
    catalog::told_secrets,
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-launch-template-secret",
    severity: Severity::High,
    sources: &[Source::Ec2LaunchTemplates],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.launch_templates.get(), |_, template| {
                let mut unread = None;
                for data in &template.user_data {
                    match data.secrets.get() {
                        Ok(secrets) if secrets.is_empty() => {}
                        Ok(secrets) => return Ok(told_secrets(secrets).with("version", data.version)),
                        Err(why) => unread = Some(why),
                    }
                }
                unread.map_or_else(|| Ok(Verdict::pass()), Err)
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        analysis::secrets::Secret,
        catalog::a_secret,
        snapshot::{
            Snapshot,
            ec2::{LaunchTemplate, VersionUserData},
        },
        testing::{denied, empty, fails, passes, read, region, unknown},
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
        fails(&CHECK, &with_template(vec![version(1, vec![]), version(2, vec![a_secret("DB_PASSWORD")])]));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_template(vec![version(1, vec![])]));
        passes(&CHECK, &with_template(vec![]));
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = empty();
        region(&mut account).ec2.launch_templates = denied();
        unknown(&CHECK, &account);
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-launch-template-imdsv1",
    severity: Severity::Low,
    sources: &[Source::Ec2LaunchTemplates, Source::Ec2InstanceMetadataDefaults],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.launch_templates, |_, template| {
                if template.metadata_http_endpoint.as_deref() == Some("disabled") {
                    return Ok(Verdict::pass());
                }
                // What the template leaves open, the account's default decides (EC2 User Guide, "Order of
                // precedence for instance metadata options"); the image's own wish comes before that, and is
                // not looked at here.
                let (tokens, source) = match template.metadata_http_tokens.as_deref() {
                    Some(tokens) => (Some(tokens), "launch_template"),
                    None => (region.ec2.instance_metadata_http_tokens.get()?.as_deref(), "account"),
                };
                Ok(Verdict::fail_if(tokens != Some("required"))
                    .with("http_tokens", tokens.unwrap_or("optional"))
                    .with("decided_by", source)
                    .with("default_version", template.default_version))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::LaunchTemplate},
        testing::{denied, empty, fails, passes, read, region},
    };

    fn with(tokens: Option<&str>, endpoint: Option<&str>, account: Option<&str>) -> Snapshot {
        let mut snapshot = empty();
        let ec2 = &mut region(&mut snapshot).ec2;
        ec2.instance_metadata_http_tokens = read(account.map(Into::into));
        ec2.launch_templates = read(vec![LaunchTemplate {
            id: "lt-1".into(),
            name: "web".into(),
            default_version: 3,
            latest_version: 3,
            metadata_http_tokens: tokens.map(Into::into),
            metadata_http_endpoint: endpoint.map(Into::into),
            ..LaunchTemplate::default()
        }]);
        snapshot
    }

    #[test]
    fn fails_when_version_1_is_possible() {
        fails(&CHECK, &with(Some("optional"), None, Some("required")));
        assert_eq!(fails(&CHECK, &with(None, None, None)).evidence["decided_by"], "account");
        fails(&CHECK, &with(None, Some("enabled"), Some("optional")));
    }

    #[test]
    fn passes_when_version_2_is_required_or_there_is_no_endpoint() {
        passes(&CHECK, &with(Some("required"), None, None));
        passes(&CHECK, &with(None, None, Some("required")));
        passes(&CHECK, &with(Some("optional"), Some("disabled"), None));
    }

    #[test]
    fn a_template_that_says_so_needs_no_default() {
        let mut account = with(Some("required"), None, None);
        region(&mut account).ec2.instance_metadata_http_tokens = denied();
        passes(&CHECK, &account);
    }
}

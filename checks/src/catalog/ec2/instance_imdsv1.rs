use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-instance-imdsv1",
    severity: Severity::Medium,
    sources: &[Source::Ec2Instances],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.instances, |_, instance| {
                // EC2's own defaults, where nothing is said.
                let tokens = instance.metadata_http_tokens.as_deref().unwrap_or("optional");
                let endpoint = instance.metadata_http_endpoint.as_deref().unwrap_or("enabled");
                // EC2.8 and CIS 6.7 ask for `required`. Without an endpoint there is no version to ask for.
                Ok(Verdict::fail_if(tokens != "required" && endpoint != "disabled")
                    .with("http_tokens", tokens)
                    .with("http_endpoint", endpoint)
                    .with("state", &instance.state)
                    .with("instance_profile", &instance.instance_profile))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Instance},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_options(tokens: Option<&str>, endpoint: Option<&str>) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.instances = read(vec![Instance {
            public_dns: None,
            id: "i-1".into(),
            state: "stopped".into(),
            image: None,
            key_name: None,
            instance_profile: None,
            metadata_http_tokens: tokens.map(Into::into),
            metadata_http_endpoint: endpoint.map(Into::into),
            public_ip: None,
            vpc: None,
            subnet: None,
            security_groups: vec![],
            platform: None,
            launched: None,
            tags: [].into(),
        }]);
        account
    }

    #[test]
    fn fails_when_tokens_are_optional() {
        let finding = fails(&CHECK, &with_options(Some("optional"), Some("enabled")));
        assert_eq!(finding.evidence["http_tokens"], "optional");
    }

    #[test]
    fn fails_when_nothing_is_said() {
        assert_eq!(fails(&CHECK, &with_options(None, None)).evidence["http_endpoint"], "enabled");
    }

    #[test]
    fn passes_when_tokens_are_required() {
        passes(&CHECK, &with_options(Some("required"), Some("enabled")));
    }

    #[test]
    fn passes_without_an_endpoint() {
        passes(&CHECK, &with_options(Some("optional"), Some("disabled")));
    }

    #[test]
    fn says_nothing_where_there_is_no_instance() {
        silent(&CHECK, &empty());
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-imds-account-default",
    severity: Severity::Low,
    sources: &[Source::Ec2InstanceMetadataDefaults],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::EC2::Instance", |_| {
                let tokens = region.ec2.instance_metadata_http_tokens.get()?.as_deref();
                Ok(Verdict::fail_if(tokens != Some("required"))
                    .with("http_tokens", tokens.unwrap_or("no-preference")))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::Snapshot,
        testing::{empty, fails, passes, read, region},
    };

    fn with(tokens: Option<&str>) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.instance_metadata_http_tokens = read(tokens.map(Into::into));
        account
    }

    #[test]
    fn fails_when_not_required() {
        assert_eq!(fails(&CHECK, &with(None)).evidence["http_tokens"], "no-preference");
        assert_eq!(fails(&CHECK, &with(Some("optional"))).resource.id, "eu-west-1");
    }

    #[test]
    fn passes_when_required() {
        passes(&CHECK, &with(Some("required")));
    }
}

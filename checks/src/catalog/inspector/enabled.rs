use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "inspector-enabled",
    severity: Severity::Medium,
    sources: &[
        Source::InspectorStatus,
        Source::Ec2Instances,
        Source::EcrRepositories,
        Source::LambdaFunctions,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::InspectorV2::Filter", |_| {
                let present = [
                    ("ec2", !region.ec2.instances.get()?.is_empty()),
                    ("ecr", !region.ecr.repositories.get()?.is_empty()),
                    ("lambda", !region.lambda.functions.get()?.is_empty()),
                ];
                if !present.iter().any(|(_, there)| *there) {
                    return Err(NotJudged::NotApplicable);
                }
                let status = region.inspector.status.get()?;
                let off: Vec<_> = present
                    .iter()
                    .filter(|(kind, there)| {
                        *there && status.get(*kind).map(String::as_str) != Some("ENABLED")
                    })
                    .map(|(kind, _)| *kind)
                    .collect();
                Ok(Verdict::fail_if(!off.is_empty()).with("off", off).with("status", status))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Instance},
        testing::{denied, empty, fails, passes, read, region, silent, unknown},
    };

    fn with_status(ec2: &str) -> Snapshot {
        let mut account = empty();
        let region = region(&mut account);
        region.ec2.instances = read(vec![Instance { id: "i-1".into(), ..Instance::default() }]);
        region.inspector.status = read([("ec2".to_owned(), ec2.to_owned())].into());
        account
    }

    #[test]
    fn fails_when_off() {
        fails(&CHECK, &with_status("DISABLED"));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_status("ENABLED"));
    }

    #[test]
    fn says_nothing_without_anything_to_scan() {
        silent(&CHECK, &empty());
    }

    #[test]
    fn unknown_when_not_readable() {
        let mut account = with_status("ENABLED");
        region(&mut account).inspector.status = denied();
        unknown(&CHECK, &account);
    }
}

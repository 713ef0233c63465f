use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{self, Gaps, NotJudged},
    snapshot::Region,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "inspector-enabled",
    severity: Severity::Medium,
    sources: &[
        Source::InspectorStatus,
        Source::Ec2Instances,
        Source::EcrRepositories,
        Source::EcrNewestImages,
        Source::LambdaFunctions,
    ],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.whole("AWS::InspectorV2::Filter", |_| {
                let present = [
                    ("ec2", region.ec2.instances.get().map(|instances| !instances.is_empty())),
                    ("ecr", has_images(region)),
                    ("lambda", region.lambda.functions.get().map(|functions| !functions.is_empty())),
                ];
                if present.iter().all(|(_, there)| matches!(there, Ok(false) | Err(NotJudged::NotApplicable)))
                {
                    return Err(NotJudged::NotApplicable);
                }
                let status = region.inspector.status.get()?;
                let (mut off, mut gaps) = (Vec::new(), Gaps::default());
                for (kind, there) in present {
                    if status.get(kind).is_some_and(|status| status == "ENABLED") {
                        continue;
                    }
                    if gaps.known(there) == Some(true) {
                        off.push(kind);
                    }
                }
                // One kind that is known to be off decides.
                gaps.unless(!off.is_empty())?;
                let types: Vec<_> = off.iter().map(|kind| kind.to_uppercase()).collect();
                Ok(Verdict::fail_if(!off.is_empty())
                    .in_aspects(&off)
                    .with("off", &off)
                    .with("resource_types", types)
                    .with("status", status))
            });
        });
    },
};

/// Whether some repository of the region has an image.
fn has_images(region: &Region) -> Result<bool, NotJudged> {
    gap::any(region.ecr.newest_images.get()?.values().map(|image| Ok(image.get()?.is_some())))
}

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Instance, ecr::Image},
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
    fn a_kind_that_is_off_decides_whatever_another_is() {
        let mut account = with_status("DISABLED");
        region(&mut account).lambda.functions = denied();
        region(&mut account).ecr.newest_images = denied();
        let finding = fails(&CHECK, &account);
        assert_eq!(finding.evidence["resource_types"], serde_json::json!(["EC2"]));
        region(&mut account).inspector.status = read([("ec2".to_owned(), "ENABLED".to_owned())].into());
        unknown(&CHECK, &account);
    }

    #[test]
    fn a_repository_without_images_needs_no_scan() {
        let mut account = empty();
        region(&mut account).ecr.newest_images = read([("app".to_owned(), read(None))].into());
        silent(&CHECK, &account);
        region(&mut account).ecr.newest_images =
            read([("app".to_owned(), read(Some(Image::default())))].into());
        assert_eq!(fails(&CHECK, &account).evidence["off"], serde_json::json!(["ecr"]));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_status("ENABLED"));
    }

    #[test]
    fn says_nothing_without_anything_to_scan() {
        silent(&CHECK, &empty());
    }
}

use super::each_running;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    index::Index,
    snapshot::ec2::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-instance-old-image",
    severity: Severity::Low,
    sources: &[Source::Ec2Instances, Source::Ec2LaunchImages],
    run: |cx| {
        cx.each_region(|cx, region| {
            let images = Index::of(&region.ec2.launch_images, |image| &image.id);
            each_running(cx, region, |cx, instance| {
                let Some(id) = &instance.image else { return Err(NotJudged::NotApplicable) };
                let image = images.find(id)?.ok_or_else(|| {
                    let operation = op::DescribeInstanceImageMetadata;
                    Gap::unreadable(operation, Some(cx.place().region), Some(id), "not among the images")
                })?;
                let verdict =
                    |failed| Verdict::fail_if(failed).with("image", id).with("image_name", &image.name);
                if let Some(deprecated) = image.deprecated.get()?.filter(|then| cx.days_since(*then) >= 0) {
                    return Ok(verdict(true).with("deprecated", deprecated).told_as("deprecated"));
                }
                let age = cx.days_since(*image.created.get()?);
                Ok(verdict(age > cx.settings.max_image_age_days).with("image_age_days", age))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{
            Snapshot,
            ec2::{Instance, LaunchImage},
        },
        testing::{ago, empty, fails, passes, read, region, unknown},
    };

    fn with_image(created: i64, deprecated: Option<i64>) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.instances = read(vec![Instance {
            id: "i-1".into(),
            state: "running".into(),
            image: Some("ami-1".into()),
            ..Instance::default()
        }]);
        ec2.launch_images = read(vec![LaunchImage {
            id: "ami-1".into(),
            name: None,
            created: read(ago(created)),
            deprecated: read(deprecated.map(ago)),
        }]);
        account
    }

    #[test]
    fn fails_when_old_or_deprecated() {
        fails(&CHECK, &with_image(366, None));
        fails(&CHECK, &with_image(10, Some(1)));
    }

    #[test]
    fn passes_when_young() {
        passes(&CHECK, &with_image(365, None));
        passes(&CHECK, &with_image(10, Some(-100)));
    }

    #[test]
    fn an_image_that_is_not_described_is_not_fine() {
        let mut account = with_image(1, None);
        region(&mut account).ec2.launch_images = read(vec![]);
        unknown(&CHECK, &account);
    }
}

use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-ami-public",
    severity: Severity::High,
    sources: &[Source::Ec2Images],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each(region.ec2.images.get(), |_, image| Ok(Verdict::fail_if(image.public)));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, ec2::Image},
        testing::{empty, fails, passes, read, region, silent},
    };

    fn with_own_image(owner: &str, public: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).ec2.images =
            read(vec![Image { id: "ami-1".into(), owner: Some(owner.into()), public, ..Image::default() }]);
        account
    }

    #[test]
    fn fails_when_public() {
        fails(&CHECK, &with_own_image("111122223333", true));
    }

    #[test]
    fn passes_when_private() {
        passes(&CHECK, &with_own_image("111122223333", false));
    }

    #[test]
    fn says_nothing_of_others_images() {
        silent(&CHECK, &with_own_image("444455556666", true));
    }
}

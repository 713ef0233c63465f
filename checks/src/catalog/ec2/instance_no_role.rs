use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ec2-instance-no-role",
    severity: Severity::Medium,
    sources: &[Source::Ec2Instances],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_running(cx, region, |_, instance| {
                Ok(Verdict::fail_if(instance.instance_profile.is_none()).with("launched", instance.launched))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_instance, CHECK};
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_without_an_instance_profile() {
        fails(&CHECK, &with_instance(|instance| instance.instance_profile = None));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_instance(|_| ()));
    }

    #[test]
    fn says_nothing_of_instances_that_do_not_run() {
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.state, instance.instance_profile) = ("stopped".into(), None);
            }),
        );
    }
}

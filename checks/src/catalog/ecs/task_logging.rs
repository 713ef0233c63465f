use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecs-task-logging",
    severity: Severity::Low,
    sources: &[Source::EcsTaskDefinitions],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ecs.task_definitions, |_, definition| {
                let silent = definition.containers.iter().filter(|container| container.log_driver.is_none());
                let names: Vec<_> = silent.map(|container| container.name.as_str()).collect();
                Ok(Verdict::fail_if(!names.is_empty()).with("containers", names))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_container, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_container(|c| c.log_driver = None));
    }

    #[test]
    fn passes_with_one() {
        passes(&CHECK, &with_container(|_| ()));
    }
}

//! Elastic Container Service.

mod fargate_platform;
mod task_env_secret;
mod task_logging;

super::checks! {
    fargate_platform
    task_env_secret
    task_logging
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{
            Snapshot,
            ecs::{Container, TaskDefinition},
        },
        testing::{empty, read, region},
    };

    /// An account with a task definition with one container that logs, changed.
    pub(super) fn with_container(change: impl FnOnce(&mut Container)) -> Snapshot {
        let mut container =
            Container { name: "app".into(), log_driver: Some("awslogs".into()), ..Container::default() };
        change(&mut container);
        let mut account = empty();
        region(&mut account).ecs.task_definitions = read(vec![TaskDefinition {
            arn: "arn:aws:ecs:eu-west-1:111122223333:task-definition/app:3".into(),
            family: "app".into(),
            revision: 3,
            containers: vec![container],
            ..TaskDefinition::default()
        }]);
        account
    }
}

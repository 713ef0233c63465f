use crate::{
    catalog::secrets_verdict,
    check::Check,
    finding::Severity,
    snapshot::secret::{Location, Secret},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "ecs-task-env-secret",
    severity: Severity::High,
    sources: &[Source::EcsTaskDefinitions],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ecs.task_definitions, |_, definition| {
                let secrets: Vec<_> = definition
                    .containers
                    .iter()
                    .flat_map(|container| {
                        container.secrets.iter().map(|secret| Secret {
                            place: Location {
                                container: Some(container.name.clone()),
                                ..secret.place.clone()
                            },
                            ..secret.clone()
                        })
                    })
                    .collect();
                Ok(secrets_verdict(&secrets))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_container, CHECK};
    use crate::{
        catalog::a_secret,
        testing::{fails, passes},
    };

    #[test]
    fn fails_with_one() {
        fails(&CHECK, &with_container(|c| c.secrets = vec![a_secret("DB_PASSWORD")]));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_container(|_| ()));
    }
}

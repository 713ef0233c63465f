use crate::{catalog::secrets_verdict, check::Check, finding::Severity, source::Source};

pub(super) const CHECK: Check = Check {
    id: "codebuild-env-secret",
    severity: Severity::High,
    sources: &[Source::CodeBuildProjects],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.codebuild.projects, |_, project| Ok(secrets_verdict(&project.secrets)));
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::a_secret,
        snapshot::secret::Secret,
        snapshot::{Snapshot, codebuild::Project},
        testing::{empty, fails, passes, read, region},
    };

    fn with_project(secrets: Vec<Secret>) -> Snapshot {
        let mut account = empty();
        region(&mut account).codebuild.projects =
            read(vec![Project { name: "build".into(), secrets, ..Project::default() }]);
        account
    }

    #[test]
    fn fails_with_one() {
        fails(&CHECK, &with_project(vec![a_secret("NPM_PASSWORD")]));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_project(vec![]));
    }
}

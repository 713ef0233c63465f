use crate::{catalog::secrets_verdict, check::Check, finding::Severity, source::Source};

pub(super) const CHECK: Check = Check {
    id: "ec2-user-data-secret",
    severity: Severity::High,
    sources: &[Source::Ec2Instances, Source::Ec2UserData],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.ec2.instances, |_, instance| {
                Ok(secrets_verdict(region.ec2.user_data.of(&instance.id)?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        catalog::a_secret,
        snapshot::secret::Secret,
        snapshot::{Snapshot, ec2::Instance},
        testing::{empty, fails, passes, read, region},
    };

    fn with_user_data(secrets: Vec<Secret>) -> Snapshot {
        let mut account = empty();
        let ec2 = &mut region(&mut account).ec2;
        ec2.instances = read(vec![Instance { id: "i-1".into(), ..Instance::default() }]);
        ec2.user_data = read([("i-1".to_owned(), read(secrets))].into());
        account
    }

    #[test]
    fn fails_with_one() {
        fails(&CHECK, &with_user_data(vec![a_secret("DB_PASSWORD")]));
    }

    #[test]
    fn passes_without() {
        passes(&CHECK, &with_user_data(vec![]));
    }
}

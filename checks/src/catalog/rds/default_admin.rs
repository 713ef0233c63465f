use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-default-admin",
    severity: Severity::Info,
    sources: &[Source::RdsClusters, Source::RdsInstances],
    run: |cx| {
        cx.each_region(|cx, region| {
            super::each_own_instance(cx, region, |_, instance| {
                Ok(named(instance.master_username.as_deref()))
            });
            super::each_cluster(cx, region, |_, cluster| Ok(named(cluster.master_username.as_deref())));
        });
    },
};

/// The names that the console proposes (RDS.24 and RDS.25: `admin`, and `postgres` for PostgreSQL).
fn named(master_username: Option<&str>) -> Verdict {
    let is_default = master_username
        .is_some_and(|name| ["admin", "postgres"].iter().any(|it| name.eq_ignore_ascii_case(it)));
    Verdict::fail_if(is_default).with("master_username", master_username)
}

#[cfg(test)]
mod tests {

    use super::{
        super::testing::{with_cluster, with_instance},
        CHECK,
    };
    use crate::testing::{fails, passes, silent};

    #[test]
    fn fails_with_the_consoles_default_name() {
        for name in ["admin", "postgres", "Admin"] {
            let finding =
                fails(&CHECK, &with_instance(|instance| instance.master_username = Some(name.into())));
            assert_eq!(finding.evidence["master_username"], name);
        }
        fails(&CHECK, &with_cluster(|cluster| cluster.master_username = Some("admin".into())));
    }

    #[test]
    fn passes_with_a_name_of_its_own() {
        passes(&CHECK, &with_instance(|_| ()));
        passes(&CHECK, &with_instance(|instance| instance.master_username = Some("administrator".into())));
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn says_nothing_of_members() {
        silent(
            &CHECK,
            &with_instance(|instance| {
                (instance.cluster, instance.master_username) = (Some("events".into()), Some("admin".into()));
            }),
        );
    }
}

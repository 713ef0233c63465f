use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "redshift-audit-logs",
    severity: Severity::Low,
    sources: &[Source::RedshiftClusters, Source::RedshiftLogging],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.redshift.clusters, |_, cluster| {
                Ok(Verdict::fail_if(!*region.redshift.logging.of(&cluster.id)?))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read, region},
    };

    fn with_logging(on: bool) -> Snapshot {
        let mut account = with_cluster(|_| ());
        region(&mut account).redshift.logging = read([("dwh".to_owned(), read(on))].into());
        account
    }

    #[test]
    fn fails_without() {
        fails(&CHECK, &with_logging(false));
    }

    #[test]
    fn passes_with() {
        passes(&CHECK, &with_logging(true));
    }
}

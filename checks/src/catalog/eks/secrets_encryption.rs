use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "eks-secrets-encryption",
    severity: Severity::Low,
    sources: &[Source::EksClusters],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.eks.clusters, |_, cluster| {
                let details = cluster.details.get()?;
                let verdict = Verdict::fail_if(!details.secrets_encrypted).with("version", &details.version);
                // From 1.28 on EKS encrypts all data with a key of its own.
                Ok(if is_encrypted_anyway(&details.version) { verdict.at(Severity::Info) } else { verdict })
            });
        });
    },
};

fn is_encrypted_anyway(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    (parts.next(), parts.next()) >= (Some(1), Some(28))
}

#[cfg(test)]
mod tests {
    use super::{super::testing::with_cluster, CHECK};
    use crate::{
        finding::Severity,
        testing::{fails, passes},
    };

    #[test]
    fn passes_with_a_key() {
        passes(&CHECK, &with_cluster(|_| ()));
    }

    #[test]
    fn fails_without_a_key() {
        let old = |c: &mut crate::snapshot::eks::ClusterDetails| {
            c.secrets_encrypted = false;
            c.version = "1.27".into();
        };
        assert_eq!(fails(&CHECK, &with_cluster(old)).severity, Severity::Low);
        assert_eq!(fails(&CHECK, &with_cluster(|c| c.secrets_encrypted = false)).severity, Severity::Info);
    }
}

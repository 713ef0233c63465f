use crate::{
    check::Check,
    finding::{Severity, Verdict},
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "opensearch-encryption",
    severity: Severity::Medium,
    sources: &[Source::OpenSearchDomains],
    run: |cx| {
        cx.each_region(|cx, region| {
            cx.each_known(&region.opensearch.domains, |_, domain| {
                let kinds = [
                    ("EncryptionAtRest", domain.encrypted_at_rest),
                    ("NodeToNodeEncryption", domain.node_to_node_encryption),
                    ("EnforceHTTPS", domain.enforces_https),
                ];
                let missing: Vec<_> = kinds.iter().filter(|(_, on)| !on).map(|(kind, _)| *kind).collect();
                Ok(Verdict::fail_if(!missing.is_empty()).in_aspects(&missing).with("missing", missing))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::{super::testing::with_domain, CHECK};
    use crate::testing::{fails, passes};

    #[test]
    fn fails_when_one_is_off() {
        fails(&CHECK, &with_domain(|d| d.encrypted_at_rest = false));
        fails(&CHECK, &with_domain(|d| d.node_to_node_encryption = false));
        fails(&CHECK, &with_domain(|d| d.enforces_https = false));
    }

    #[test]
    fn passes_when_on() {
        passes(&CHECK, &with_domain(|_| ()));
    }
}

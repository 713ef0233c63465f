//! OpenSearch Service.

mod audit_logs;
mod encryption;
mod public;
mod software_update;

super::checks! {
    audit_logs
    encryption
    public
    software_update
}

#[cfg(test)]
mod testing {
    use crate::{
        snapshot::{Snapshot, opensearch::Domain},
        testing::{empty, read, region},
    };

    /// An account with a well kept domain, changed.
    pub(super) fn with_domain(change: impl FnOnce(&mut Domain)) -> Snapshot {
        let mut domain = Domain {
            name: "logs".into(),
            arn: "arn:aws:es:eu-west-1:111122223333:domain/logs".into(),
            in_vpc: true,
            fine_grained_access: true,
            encrypted_at_rest: true,
            node_to_node_encryption: true,
            enforces_https: true,
            logs: vec!["AUDIT_LOGS".into()],
            ..Domain::default()
        };
        change(&mut domain);
        let mut account = empty();
        region(&mut account).opensearch.domains = read(vec![domain]);
        account
    }
}

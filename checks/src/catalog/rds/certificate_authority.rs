use super::each_own_or_member;
use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::{Gap, NotJudged},
    snapshot::rds::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "rds-certificate-authority",
    severity: Severity::Medium,
    sources: &[Source::RdsInstances, Source::RdsCertificateAuthorities],
    run: |cx| {
        cx.each_region(|cx, region| {
            each_own_or_member(cx, region, |cx, instance| {
                let authority = instance.ca_certificate.as_deref().ok_or(NotJudged::NotApplicable)?;
                let authorities = region.rds.certificate_authorities.get()?;
                // RDS lists every authority that still lives.
                let Some(expires) = authorities.get(authority) else {
                    return Ok(Verdict::fail().with("authority", authority).told_as("gone"));
                };
                let expires = expires.ok_or_else(|| {
                    let operation = op::DescribeCertificates;
                    Gap::unreadable(operation, Some(cx.place().region), Some(authority), "no end date")
                })?;
                let soon = -cx.days_since(expires) <= cx.settings.certificate_warning_days;
                Ok(Verdict::fail_if(soon).with("authority", authority).with("valid_till", expires))
            });
        });
    },
};

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, rds::DbInstance},
        testing::{ago, empty, fails, passes, read, region, unknown},
    };

    fn with_authority(name: &str) -> Snapshot {
        let mut account = empty();
        let rds = &mut region(&mut account).rds;
        rds.instances = read(vec![DbInstance {
            id: "db".into(),
            engine: "mysql".into(),
            ca_certificate: Some(name.into()),
            ..DbInstance::default()
        }]);
        rds.certificate_authorities =
            read([("old".to_owned(), Some(ago(-89))), ("new".to_owned(), Some(ago(-91)))].into());
        account
    }

    #[test]
    fn fails_when_it_expires_soon_or_is_gone() {
        fails(&CHECK, &with_authority("old"));
        fails(&CHECK, &with_authority("rds-ca-2019"));
    }

    #[test]
    fn passes_when_later() {
        passes(&CHECK, &with_authority("new"));
    }

    #[test]
    fn an_authority_without_a_date_is_not_fine() {
        let mut account = with_authority("new");
        region(&mut account).rds.certificate_authorities = read([("new".to_owned(), None)].into());
        unknown(&CHECK, &account);
    }
}

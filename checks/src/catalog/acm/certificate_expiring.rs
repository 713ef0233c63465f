use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::NotJudged,
    snapshot::acm::Certificate,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "acm-certificate-expiring",
    severity: Severity::Medium,
    sources: &[Source::AcmCertificates],
    run: |cx| {
        cx.each_region(|cx, region| {
            let in_use = |certificate: &&Certificate| certificate.in_use && certificate.not_after.is_some();
            let certificates = region.acm.certificates.get();
            cx.each(certificates.map(|all| all.iter().filter(in_use)), |cx, certificate| {
                let expires = certificate.not_after.ok_or(NotJudged::NotApplicable)?;
                let left = -cx.days_since(expires);
                let warn = match certificate.kind.as_str() {
                    "IMPORTED" => cx.settings.certificate_warning_days,
                    _ => cx.settings.certificate_warning_days.min(RENEWAL_FAILED_DAYS),
                };
                let verdict = Verdict::fail_if(left <= warn)
                    .with("certificate_type", &certificate.kind)
                    .with("not_after", expires)
                    .with("days_left", left);
                let expired = expires <= cx.snapshot.started_at;
                Ok(if expired { verdict.at(Severity::High).told_as("expired") } else { verdict })
            });
        });
    },
};

/// Certificate Manager renews its own certificates 45 days or more before they expire: when less than this is
/// left, the renewal has failed.
const RENEWAL_FAILED_DAYS: i64 = 30;

#[cfg(test)]
mod tests {
    use super::CHECK;
    use crate::{
        finding::Severity,
        snapshot::{Snapshot, acm::Certificate},
        testing::{ago, empty, fails, passes, read, region, silent},
    };

    fn with_certificate(kind: &str, days: i64, in_use: bool) -> Snapshot {
        let mut account = empty();
        region(&mut account).acm.certificates = read(vec![Certificate {
            arn: "arn:certificate".into(),
            domain: "www.example.com".into(),
            status: "ISSUED".into(),
            kind: kind.into(),
            in_use,
            not_after: Some(ago(-days)),
        }]);
        account
    }

    #[test]
    fn fails_when_soon() {
        fails(&CHECK, &with_certificate("IMPORTED", 90, true));
        fails(&CHECK, &with_certificate("AMAZON_ISSUED", 30, true));
    }

    #[test]
    fn fails_worse_when_expired() {
        assert_eq!(fails(&CHECK, &with_certificate("IMPORTED", 1, true)).severity, Severity::Medium);
        let expired = fails(&CHECK, &with_certificate("IMPORTED", -1, true));
        assert_eq!((expired.severity, expired.variant), (Severity::High, Some("expired")));
    }

    #[test]
    fn passes_when_later() {
        passes(&CHECK, &with_certificate("IMPORTED", 91, true));
        passes(&CHECK, &with_certificate("AMAZON_ISSUED", 60, true));
    }

    #[test]
    fn says_nothing_of_unused_ones() {
        silent(&CHECK, &with_certificate("IMPORTED", 1, false));
    }
}

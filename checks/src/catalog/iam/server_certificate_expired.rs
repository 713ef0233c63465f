use crate::{
    check::Check,
    finding::{Severity, Verdict},
    gap::Gap,
    snapshot::iam::op,
    source::Source,
};

pub(super) const CHECK: Check = Check {
    id: "iam-server-certificate-expired",
    severity: Severity::Medium,
    sources: &[Source::IamServerCertificates],
    run: |cx| {
        cx.each(cx.snapshot.iam.server_certificates.get(), |cx, certificate| {
            let expires = certificate.expires.ok_or_else(|| {
                Gap::unreadable(
                    op::ListServerCertificates,
                    None,
                    Some(&certificate.name),
                    "no expiration date",
                )
            })?;
            Ok(Verdict::fail_if(expires <= cx.snapshot.started_at).with("expired", expires))
        });
    },
};

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::CHECK;
    use crate::{
        snapshot::{Snapshot, iam::ServerCertificate},
        testing::{ago, empty, fails, now, passes, read, silent, unknown},
    };

    fn expiring(expires: Option<Timestamp>) -> Snapshot {
        let mut account = empty();
        let arn = "arn:aws:iam::111122223333:server-certificate/site".to_owned();
        account.iam.server_certificates = read(vec![ServerCertificate { name: "site".into(), arn, expires }]);
        account
    }

    #[test]
    fn fails_when_expired() {
        assert_eq!(fails(&CHECK, &expiring(Some(ago(1)))).resource.id, "site");
        fails(&CHECK, &expiring(Some(now())));
    }

    #[test]
    fn passes_before_that() {
        passes(&CHECK, &expiring(Some(ago(-1))));
        silent(&CHECK, &empty());
    }

    #[test]
    fn a_certificate_without_a_date_is_not_fine() {
        unknown(&CHECK, &expiring(None));
    }
}

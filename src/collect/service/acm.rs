//! Certificate Manager.

use aws_audit_checks::{
    snapshot::acm::{Acm, Certificate, op},
    source::Source,
};
use aws_sdk_acm::types::{Filters, KeyAlgorithm};

use crate::collect::{
    ask::{Ask, timestamp},
    items::text,
};

/// Without a filter, the list has RSA-2048 certificates only.
const KEY_TYPES: [KeyAlgorithm; 7] = [
    KeyAlgorithm::Rsa1024,
    KeyAlgorithm::Rsa2048,
    KeyAlgorithm::Rsa3072,
    KeyAlgorithm::Rsa4096,
    KeyAlgorithm::EcPrime256v1,
    KeyAlgorithm::EcSecp384r1,
    KeyAlgorithm::EcSecp521r1,
];

pub(in crate::collect) async fn collect(ask: &Ask) -> Acm {
    let client = &ask.aws.acm();
    let certificates = ask.list(Source::AcmCertificates, async {
        let filters = Filters::builder().set_key_types(Some(KEY_TYPES.to_vec())).build();
        let operation = op::ListCertificates;
        let pages = ask
            .pages(
                operation,
                None,
                |token| {
                    let list = client.list_certificates().includes(filters.clone()).max_items(1000);
                    list.set_next_token(token).send()
                },
                |page| page.next_token(),
            )
            .await?;
        let listed = pages.iter().flat_map(|page| page.certificate_summary_list());
        let certificates = ask.items(operation, listed, |certificate| {
            Ok(Certificate {
                arn: text(certificate.certificate_arn(), "CertificateArn")?,
                domain: certificate.domain_name().unwrap_or_default().to_owned(),
                status: certificate.status().map_or("", |status| status.as_str()).to_owned(),
                kind: certificate.r#type().map_or("", |kind| kind.as_str()).to_owned(),
                in_use: certificate.in_use().unwrap_or_default(),
                not_after: certificate.not_after().and_then(timestamp),
            })
        });
        Ok(certificates.sorted(|certificate| certificate.arn.clone()))
    });
    Acm { certificates: certificates.await }
}

//! Certificate Manager.

use aws_audit_checks::{
    snapshot::acm::{Acm, Certificate, op},
    source::Source,
};
use serde_json::json;

use crate::collect::{
    api::{ACM, Request, Token},
    ask::Ask,
};

/// Without a filter, the list has RSA-2048 certificates only.
const KEY_TYPES: [&str; 7] =
    ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

pub(in crate::collect) async fn collect(ask: &Ask) -> Acm {
    let certificates = ask.list(Source::AcmCertificates, async {
        let operation = op::ListCertificates;
        let request = Request::new().with("Includes", json!({"keyTypes": KEY_TYPES})).with("MaxItems", 1000);
        let list = ("CertificateSummaryList", Token::named("NextToken"));
        let listed = ACM.list(ask, operation, None, request, list).await?;
        let certificates = ask.items(operation, &listed, |certificate| {
            Ok(Certificate {
                arn: certificate.required("CertificateArn")?,
                domain: certificate.text("DomainName")?.unwrap_or_default().to_owned(),
                status: certificate.text("Status")?.unwrap_or_default().to_owned(),
                kind: certificate.text("Type")?.unwrap_or_default().to_owned(),
                in_use: certificate.flag("InUse")?.unwrap_or_default(),
                not_after: certificate.time("NotAfter")?,
            })
        });
        Ok(certificates.sorted(|certificate| certificate.arn.clone()))
    });
    Acm { certificates: certificates.await }
}

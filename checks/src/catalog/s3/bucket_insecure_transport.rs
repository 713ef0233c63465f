use crate::{
    analysis::policy::{Principals, Statement},
    check::Check,
    finding::{Severity, Verdict},
    snapshot::s3::op,
    source::Source,
};

/// What AWS Config's rule `s3-bucket-ssl-requests-only` asks for.
pub(super) const CHECK: Check = Check {
    id: "s3-bucket-insecure-transport",
    severity: Severity::Medium,
    sources: &[Source::S3BucketPolicy],
    run: |cx| {
        let partition = cx.place().partition;
        cx.each_known(&cx.snapshot.s3.buckets, |cx, bucket| {
            let Some(text) = bucket.policy.get()? else {
                return Ok(Verdict::fail().told_as("without_policy"));
            };
            let region = Some(bucket.region.as_str());
            let policy = cx.analyses.documents.read(text, op::GetBucketPolicy, region, &bucket.name)?;
            let arn = format!("arn:{partition}:s3:::{}", bucket.name);
            let open: Vec<_> = [arn.clone(), format!("{arn}/*")]
                .into_iter()
                .filter(|target| !policy.denies().any(|deny| denies_http(deny, target)))
                .collect();
            Ok(Verdict::fail_if(!open.is_empty()).with("open_resources", open))
        });
    },
};

/// Whether the statement denies everyone every action on the resource when the request is not over TLS. A
/// further condition, or a narrower list of actions, would let some requests through.
fn denies_http(deny: &Statement, resource: &str) -> bool {
    let not_over_tls = match &deny.conditions[..] {
        [condition] => {
            // IfExists changes nothing: every request has the key.
            let operator = condition.operator.to_ascii_lowercase();
            ["bool", "boolifexists"].contains(&operator.as_str())
                && condition.key.eq_ignore_ascii_case("aws:SecureTransport")
                && condition.values.iter().any(|value| value.eq_ignore_ascii_case("false"))
        }
        _ => false,
    };
    not_over_tls
        && matches!(&deny.principals, Some(principals @ Principals::Any(_)) if principals.is_everyone())
        && deny.actions.covers("s3:*")
        && deny.resources.covers(resource)
}

#[cfg(test)]
mod tests {
    use super::{
        super::testing::{policy, with_bucket},
        CHECK,
    };
    use crate::{
        snapshot::Snapshot,
        testing::{fails, passes, read},
    };

    fn denying(principal: &str, action: &str, resource: &str, condition: &str) -> Snapshot {
        let statement = format!(
            r#"{{"Effect": "Deny", "Principal": {principal}, "Action": {action}, "Resource": {resource},
                "Condition": {condition}}}"#
        );
        with_bucket(|bucket| bucket.policy = read(policy(&statement)))
    }

    const BOTH: &str = r#"["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]"#;
    const HTTP: &str = r#"{"Bool": {"aws:SecureTransport": "false"}}"#;

    #[test]
    fn fails_without_a_policy() {
        fails(&CHECK, &with_bucket(|_| ()));
    }

    #[test]
    fn passes_when_everything_is_denied_over_http() {
        passes(&CHECK, &denying(r#""*""#, r#""s3:*""#, BOTH, HTTP));
        passes(
            &CHECK,
            &denying(
                r#"{"AWS": "*"}"#,
                r#"["*"]"#,
                r#""*""#,
                r#"{"Bool": {"aws:securetransport": [false]}}"#,
            ),
        );
        passes(&CHECK, &denying(r#""*""#, r#""s3:*""#, r#""arn:aws:s3:::reports*""#, HTTP));
    }

    #[test]
    fn fails_when_bucket_or_objects_are_left_out() {
        let finding = fails(&CHECK, &denying(r#""*""#, r#""s3:*""#, r#""arn:aws:s3:::reports/*""#, HTTP));
        assert_eq!(finding.evidence["open_resources"][0], "arn:aws:s3:::reports");
        fails(&CHECK, &denying(r#""*""#, r#""s3:*""#, r#""arn:aws:s3:::reports""#, HTTP));
        fails(&CHECK, &denying(r#""*""#, r#""s3:*""#, r#""arn:aws:s3:::other*""#, HTTP));
    }

    #[test]
    fn fails_when_some_requests_get_through() {
        let more =
            r#"{"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-a"}}"#;
        fails(&CHECK, &denying(r#""*""#, r#""s3:*""#, BOTH, more));
        fails(&CHECK, &denying(r#""*""#, r#""s3:*""#, BOTH, r#"{"Bool": {"aws:SecureTransport": "true"}}"#));
        fails(&CHECK, &denying(r#""*""#, r#"["s3:GetObject", "s3:PutObject"]"#, BOTH, HTTP));
        fails(&CHECK, &denying(r#"{"AWS": "111122223333"}"#, r#""s3:*""#, BOTH, HTTP));
    }
}

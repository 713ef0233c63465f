//! Tests of calls.

use std::sync::atomic::AtomicU32;

use aws_sdk_sts::operation::get_caller_identity::GetCallerIdentityError;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::{body::SdkBody, error::ErrorMetadata};

use aws_audit_checks::snapshot::{account, ec2, iam, kms, macie, sns};

use super::*;

type Error = SdkError<GetCallerIdentityError, HttpResponse>;

fn caller() -> Caller {
    Caller::new(1_000.0, false, Identities::default(), IN_FLIGHT)
}

fn target(operation: &'static Operation, region: &'static str) -> Target<'static> {
    Target { operation, region, resource: None }
}

fn unreachable(name: &str) -> Error {
    SdkError::dispatch_failure(ConnectorError::io(Box::new(Unresolved::new(name))))
}

fn answer(status: u16, code: &str, date: Option<&str>) -> Error {
    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::empty());
    if let Some(date) = date {
        response.headers_mut().insert("date", date.to_owned());
    }
    let metadata = ErrorMetadata::builder().code(code).message("no").build();
    SdkError::service_error(GetCallerIdentityError::generic(metadata), response)
}

/// What comes of a call that fails so each time, and how often it was sent.
async fn fails(caller: &Caller, target: Target<'_>, error: impl Fn() -> Error) -> (CallError, u32) {
    let sent = AtomicU32::new(0);
    let send = || {
        sent.fetch_add(1, Ordering::Relaxed);
        let error = error();
        async { Err::<(), _>(error) }
    };
    let error = caller.call(target, send).await.unwrap_err();
    (error, sent.into_inner())
}

#[tokio::test]
async fn a_service_without_an_endpoint_is_not_offered() {
    let caller = caller();
    // Through a proxy, nothing tells why the endpoint cannot be reached.
    let refused = || SdkError::dispatch_failure(ConnectorError::io("tunnel unsuccessful".into()));
    let target_there = target(macie::op::GetMacieSession, "eu-west-1");
    let (error, _) = fails(&caller, target_there, refused).await;
    assert_eq!((error.meaning, error.gap.kind), (Meaning::Other, GapKind::Unreachable));
    let without = target(macie::op::GetMacieSession, "me-central-1");
    let (error, sent) = fails(&caller, without, refused).await;
    assert_eq!((error.meaning, sent), (Meaning::NotOffered, FAULTY_ATTEMPTS));
    // Once that is known, nothing more is sent, and nothing of it becomes a gap.
    let administrator = target(macie::op::GetAdministratorAccount, "me-central-1");
    let (error, sent) = fails(&caller, administrator, refused).await;
    assert_eq!((error.meaning, sent), (Meaning::NotOffered, 0));
}

#[tokio::test]
async fn a_name_without_an_address_is_no_service_where_others_answer() {
    let caller = caller();
    let kms = target(kms::op::ListKeys, "eu-west-9");
    for name in ["proxy.example.com", "kms-fips.eu-west-9.amazonaws.com"] {
        let (error, _) = fails(&caller, kms, || unreachable(name)).await;
        assert_eq!((error.meaning, error.gap.kind), (Meaning::Other, GapKind::Unreachable), "{name}");
    }
    let caller = self::caller();
    fails(&caller, target(ec2::op::DescribeVpcs, "eu-west-9"), || answer(403, "UnauthorizedOperation", None))
        .await;
    let (error, _) = fails(&caller, kms, || unreachable("kms.eu-west-9.amazonaws.com")).await;
    assert_eq!(error.meaning, Meaning::NotOffered);
}

#[tokio::test]
async fn expired_credentials_are_renewed_once_before_they_end_the_scan() {
    let caller = caller();
    let target = target(account::sts::GetCallerIdentity, "");
    let sent = AtomicU32::new(0);
    let send = || {
        let first = sent.fetch_add(1, Ordering::Relaxed) == 0;
        async move { if first { Err(answer(403, "ExpiredToken", None)) } else { Ok(()) } }
    };
    assert!(caller.call(target, send).await.is_ok());
    assert_eq!(caller.stopped(), None);
    let (error, sent) = fails(&caller, target, || answer(403, "ExpiredToken", None)).await;
    assert_eq!((error.gap.kind, sent), (GapKind::InvalidCredentials, EXPIRED_ATTEMPTS));
    assert_eq!(caller.stopped(), Some(Stop::CredentialsExpired));
}

#[tokio::test]
async fn a_wrong_clock_is_told_as_one() {
    let caller = caller();
    let target = target(ec2::op::DescribeVpcs, "eu-west-1");
    // Keys that are no session's do not expire.
    let (error, _) = fails(&caller, target, || answer(400, "RequestExpired", None)).await;
    assert_eq!(error.gap.kind, GapKind::WrongClock);
    let old = Some("Sat, 28 Nov 2020 12:00:00 GMT");
    let (error, _) = fails(&caller, target, || answer(403, "SignatureDoesNotMatch", old)).await;
    assert_eq!(error.gap.kind, GapKind::WrongClock);
    assert!(error.gap.message.contains("minutes ahead of AWS's"), "{}", error.gap.message);
    let (error, sent) = fails(&caller, target, || answer(403, "SignatureDoesNotMatch", None)).await;
    assert_eq!((error.gap.kind, sent), (GapKind::InvalidCredentials, 1));
    assert_eq!(caller.stopped(), None);
}

#[tokio::test]
async fn what_is_unknown_in_a_region_is_wrong_outside_regions() {
    let caller = caller();
    let unknown = || answer(403, "InvalidClientTokenId", None);
    let (error, _) = fails(&caller, target(sns::op::ListTopics, "ap-east-1"), unknown).await;
    assert_eq!(error.gap.kind, GapKind::RegionDisabled);
    let (error, _) = fails(&caller, target(iam::op::GetAccountSummary, ""), unknown).await;
    assert_eq!(error.gap.kind, GapKind::InvalidCredentials);
}

#[test]
fn long_messages_keep_their_beginning_and_their_end() {
    let deny = "with an explicit deny in a service control policy";
    let long = format!("User: {} is not authorized {deny}", "é".repeat(2000));
    let kept = shortened(&long);
    assert!(kept.starts_with("User: é") && kept.ends_with(deny), "{kept}");
    assert!(kept.chars().count() < MESSAGE_CHARS + 10);
    let encoded =
        format!("not authorized {deny}. Encoded authorization failure message: {}", "x".repeat(900));
    assert_eq!(shortened(&encoded).trim_end(), format!("not authorized {deny}."));
    assert_eq!(shortened("short"), "short");
}

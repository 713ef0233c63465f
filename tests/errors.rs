//! The error answers of `src/collect/meaning.toml`, sent to the collector in the place of the demo's own, in each
//! service's protocol: what is an answer is no gap, and what is a gap says what it means.

use std::collections::BTreeMap;

use aws_audit::{
    collect::{Collection, Stop},
    demo::{self, Recording},
    error::Error,
};
use aws_audit_checks::{
    gap::{Collected, Gap, GapKind, Refusal},
    source::Source,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Corpus {
    answer: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    operation: String,
    status: u16,
    code: String,
    message: String,
    means: String,
}

async fn scan(recording: Recording) -> Result<Collection, Error> {
    recording.collect(Source::all().collect()).await
}

/// Answers every request for the operation with this error; tells how many there are.
fn answer(recording: &mut Recording, operation: &str, status: u16, code: &str, message: &str) -> usize {
    let (service, name) = operation.split_once(':').unwrap();
    let mut asked = 0;
    for exchange in recording.exchanges.iter_mut().filter(|it| it.service == service && it.operation == name)
    {
        let is_json = exchange.content_type.contains("json") || exchange.body.trim_start().starts_with('{');
        let told = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
        exchange.status = status;
        exchange.body = match service {
            _ if is_json && service != "s3" => {
                serde_json::json!({"__type": code, "message": message}).to_string()
            }
            "ec2" => format!("<Response><Errors>{told}</Errors><RequestID>1</RequestID></Response>"),
            "s3" => told,
            _ => format!("<ErrorResponse>{told}</ErrorResponse>"),
        };
        asked += 1;
    }
    asked
}

fn run(test: impl Future<Output = ()> + Send + 'static) {
    let runtime = aws_audit::runtime().unwrap();
    runtime.block_on(runtime.spawn(test)).unwrap();
}

#[test]
fn every_known_error_is_understood() {
    run(each_answer());
}

async fn each_answer() {
    let corpus: Corpus = toml::from_str(include_str!("../src/collect/meaning.toml")).unwrap();
    let recording = demo::recording().unwrap();
    // Throttles are waited for, in tests of their own.
    for Known { operation, status, code, message, means } in
        corpus.answer.into_iter().filter(|known| known.means != "throttled")
    {
        let mut recording = recording.clone();
        if answer(&mut recording, &operation, status, &code, &message) == 0 {
            let of_permission_sets = operation.starts_with("sso:");
            assert!(
                operation == "shield:ListProtections" || of_permission_sets,
                "the demo asks for {operation}"
            );
            continue;
        }
        let about = format!("{operation} {code}: {message}");
        let recorded = recording.exchanges.clone();
        let collection = match scan(recording).await {
            Ok(collection) => collection,
            Err(error) => {
                let clock = means == "wrong clock";
                assert!(operation == "sts:GetCallerIdentity" && error.exit_code == 4, "{about}: {error}");
                assert_eq!(error.to_string().contains("clock is wrong"), clock, "{about}: {error}");
                continue;
            }
        };
        // Where something is gone, the scan may ask about what is not in the recording.
        let is_recorded = |gap: &&Gap| {
            gap.resource.as_ref().is_none_or(|id| recorded.iter().any(|exchange| exchange.is_about(id)))
        };
        let gaps: Vec<&Gap> =
            collection.snapshot.gaps.iter().filter(|gap| gap.operation == operation).collect();
        let gaps: Vec<&Gap> = gaps.into_iter().filter(is_recorded).collect();
        let stopped = (means == "expired").then_some(Stop::CredentialsExpired);
        assert_eq!(collection.stopped, stopped, "{about}");
        let refused_by = means.strip_prefix("denied by ");
        let refused_by: Option<Refusal> =
            refused_by.map(|by| serde_json::from_value(by.into()).expect("a refusal"));
        let is_global = gaps.iter().all(|gap| gap.region.is_none());
        let kind = match means.as_str() {
            "absent" | "gone" | "not offered" | "elsewhere" => {
                assert!(gaps.is_empty(), "{about}: {gaps:#?}");
                continue;
            }
            // The demo is of a member account, which its organization tells little.
            _ if operation == "organizations:ListAccounts" => {
                assert!(gaps.is_empty(), "{about}: {gaps:#?}");
                continue;
            }
            "unknown here" if is_global => GapKind::InvalidCredentials,
            "unknown here" => GapKind::RegionDisabled,
            "expired" | "bad credentials" => GapKind::InvalidCredentials,
            "wrong clock" | "stale" => GapKind::WrongClock,
            "other" => GapKind::ServerError,
            _ => GapKind::AccessDenied,
        };
        assert!(!gaps.is_empty(), "{about}: no gap");
        for gap in gaps {
            assert_eq!((gap.kind, gap.refused_by), (kind, refused_by), "{about}: {gap:#?}");
            if message.contains("explicit deny") {
                assert!(gap.message.contains("explicit deny"), "{gap:#?}");
            }
        }
    }
}

#[test]
fn a_denied_list_of_regions_leaves_those_of_the_partition() {
    run(async {
        for (partition, regions) in
            [("aws-us-gov", ["us-gov-east-1", "us-gov-west-1"]), ("aws-cn", ["cn-north-1", "cn-northwest-1"])]
        {
            let mut recording = demo::recording().unwrap();
            answer(&mut recording, "ec2:DescribeRegions", 403, "UnauthorizedOperation", "no");
            for exchange in recording.exchanges.iter_mut().filter(|it| it.operation == "GetCallerIdentity") {
                exchange.body = exchange.body.replace("arn:aws:", &format!("arn:{partition}:"));
            }
            let snapshot = scan(recording).await.unwrap().snapshot;
            assert_eq!(snapshot.regions.keys().collect::<Vec<_>>(), regions);
            assert!(snapshot.gaps.iter().any(|gap| gap.operation == "ec2:DescribeRegions"));
        }
    });
}

/// The regions of buckets, where the list of buckets does not tell them.
async fn regions_of_buckets(
    change: impl Fn(&mut Recording, &BTreeMap<String, String>),
) -> Option<BTreeMap<String, String>> {
    let mut recording = demo::recording().unwrap();
    let known = buckets(&scan(recording.clone()).await.unwrap()).unwrap();
    let list = recording.exchanges.iter_mut().find(|it| it.operation == "ListBuckets").unwrap();
    for region in known.values() {
        list.body = list.body.replace(&format!("<BucketRegion>{region}</BucketRegion>"), "");
    }
    assert!(!list.body.contains("BucketRegion"));
    change(&mut recording, &known);
    buckets(&scan(recording).await.unwrap())
}

fn buckets(collection: &Collection) -> Option<BTreeMap<String, String>> {
    let Collected::Value(buckets) = &collection.snapshot.s3.buckets else { return None };
    Some(buckets.iter().map(|bucket| (bucket.name.clone(), bucket.region.clone())).collect())
}

/// Who may not ask where a bucket is still learns it: S3 names the region to who asks elsewhere.
#[test]
fn buckets_whose_region_may_not_be_asked_for_are_read_all_the_same() {
    run(async {
        let known = buckets(&scan(demo::recording().unwrap()).await.unwrap()).unwrap();
        assert!(known.values().any(|region| region != "us-east-1"), "a bucket elsewhere: {known:?}");
        let found = regions_of_buckets(|recording, known| {
            let asked = |it: &&demo::Exchange| it.operation == "GetBucketVersioning";
            let elsewhere: Vec<_> = recording.exchanges.iter().filter(asked).cloned().collect();
            for mut exchange in elsewhere.into_iter().filter(|it| it.region != "us-east-1") {
                let message = format!("the region 'us-east-1' is wrong; expecting '{}'", exchange.region);
                exchange.body = format!(
                    "<Error><Code>AuthorizationHeaderMalformed</Code><Message>{message}</Message></Error>"
                );
                (exchange.status, exchange.region) = (400, "us-east-1".into());
                recording.exchanges.push(exchange);
            }
            assert!(!known.is_empty());
        });
        // The demo has no answer to GetBucketLocation of its own buckets: every one is refused with an error.
        assert_eq!(found.await, Some(known));
    });
}

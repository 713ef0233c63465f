//! Collecting: everything that the plan asks for, from all regions and services at once. Nothing here
//! judges.

mod access_analyzer;
mod account;
mod acm;
mod apigateway;
mod aws;
mod backup;
mod call;
mod cloudformation;
mod cloudfront;
mod cloudtrail;
mod cloudwatch;
mod codebuild;
mod cognito;
mod config;
mod detective;
mod dynamodb;
mod ec2;
mod ecr;
mod ecs;
mod efs;
mod eks;
mod elasticache;
mod elb;
mod eventbridge;
mod guardduty;
mod iam;
mod identity_center;
mod incident;
mod inspector;
mod items;
mod json_api;
mod kms;
mod lambda;
mod limits;
mod logs;
mod macie;
mod meaning;
mod opensearch;
mod organizations;
mod progress;
mod rds;
mod read_only;
mod redshift;
pub mod region_names;
mod regions;
mod route53;
mod s3;
mod secretsmanager;
mod securityhub;
mod shield;
mod sns;
mod sqs;
mod ssm;
mod wafv2;
mod workloads;

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error as StdError,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_audit_checks::{
    analysis::cloudfront::{own_bucket, s3_endpoint},
    gap::{Collected, Gap, GapKind},
    page::Lang,
    snapshot::{Region, SHAPE, SNAPSHOT_VERSION, Snapshot, account::Account},
    source::Source,
};
use aws_sdk_wafv2::types::Scope;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::future::join_all;
use jiff::Timestamp;

pub use self::aws::{Aws, Connection};
pub use self::call::Stop;
use self::{
    call::{CallError, Caller, Target, operation},
    items::{Lacks, Read, known, part, text, texts},
    meaning::Meaning,
};
use crate::error::{Error, said};

/// Where services that know no regions keep what is not of one region.
const GLOBAL_REGION: &str = "us-east-1";

/// What to collect, and how hard to try.
#[derive(Debug)]
pub struct Request {
    /// What the checks read.
    pub sources: BTreeSet<Source>,
    /// The regions; those enabled for the account when none.
    pub regions: Option<Vec<String>>,
    /// The share of AWS's request limits to take, 0 to 1.
    pub api_share: f64,
    /// When to end the scan with what there is.
    pub timeout: Option<Duration>,
    /// Tell of each call on standard error.
    pub verbose: bool,
    /// Show progress on standard error when it is a terminal.
    pub progress: bool,
    /// Tell which account it is before anything else, in this language.
    pub announce: Option<Lang>,
    /// Stands in for the time of the scan (the demo's recording).
    pub now: Option<Timestamp>,
}

/// What was collected, and why it is not all, if the scan ended early.
#[derive(Debug)]
pub struct Collection {
    /// The account.
    pub snapshot: Snapshot,
    /// Why the scan ended early, if it did.
    pub stopped: Option<Stop>,
}

/// Collects.
///
/// # Errors
/// When nothing can be read at all: the credentials are refused, or AWS is not reachable.
pub async fn collect(aws: Aws, request: Request) -> Result<Collection, Error> {
    let started_at = request.now.unwrap_or_else(Timestamp::now);
    let caller = Caller::new(request.api_share, request.verbose, aws.identities());
    let run = Arc::new(Run {
        caller,
        aws,
        plan: request.sources,
        gaps: Mutex::default(),
        regions: AtomicUsize::default(),
        regions_done: AtomicUsize::default(),
    });
    let watchdogs = [
        tokio::spawn(stop_on_interrupt(Arc::clone(&run))),
        tokio::spawn(stop_after(Arc::clone(&run), request.timeout)),
        tokio::spawn(progress::show(
            Arc::clone(&run),
            request.progress,
            request.announce.unwrap_or_default(),
        )),
    ];
    let snapshot = everything(&run, request.regions, request.announce, started_at).await;
    for watchdog in watchdogs {
        watchdog.abort();
        // The progress line wipes itself away as its task ends.
        let _ = watchdog.await;
    }
    let mut snapshot = snapshot?;
    snapshot.finished_at = request.now.unwrap_or_else(Timestamp::now);
    snapshot.gaps = std::mem::take(&mut *run.gaps.lock().unwrap_or_else(PoisonError::into_inner));
    snapshot.gaps.sort();
    snapshot.gaps.dedup();
    snapshot.calls = run.caller.calls();
    Ok(Collection { snapshot, stopped: run.caller.stopped() })
}

async fn everything(
    run: &Arc<Run>,
    regions: Option<Vec<String>>,
    announce: Option<Lang>,
    started_at: Timestamp,
) -> Result<Snapshot, Error> {
    let global = Ask::global(run);
    let (identity, alias) = account::identity(&global, announce).await?;
    if let Some(requested) = &regions {
        region_names::check(&global, &identity.partition, requested).await?;
    }
    let regions = regions::regions(&global, &identity.partition, regions).await;
    run.regions.store(regions.len(), Ordering::Relaxed);
    let first = regions.first().cloned().unwrap_or_default();
    let regional: Vec<_> = regions
        .iter()
        .map(|name| {
            let ask = Ask::regional(run, name);
            let names = regions.clone();
            let identity = identity.clone();
            let is_first = *name == first;
            let task = async move {
                let region = region(&ask, &identity, &names, is_first).await;
                ask.run.regions_done.fetch_add(1, Ordering::Relaxed);
                region
            };
            (name.clone(), tokio::spawn(task))
        })
        .collect();
    let account = tokio::spawn({
        let (ask, identity) = (Ask::global(run), identity.clone());
        async move { account::collect(&ask, identity, alias).await }
    });
    let organizations = tokio::spawn({
        let (ask, id) = (Ask::global(run), identity.id.clone());
        async move { organizations::collect(&ask, &id).await }
    });
    let iam = tokio::spawn({
        let ask = Ask::global(run);
        async move { iam::collect(&ask).await }
    });
    let cloudfront = tokio::spawn({
        let (ask, home) = (Ask::global(run), Ask::regional(run, GLOBAL_REGION));
        async move { cloudfront::collect(&ask, &home).await }
    });
    let route53 = tokio::spawn({
        let (ask, partition) = (Ask::global(run), identity.partition.clone());
        async move { route53::collect(&ask, &partition).await }
    });
    // Both keep in us-east-1 what is not of one region. Partitions without that region have only regional
    // web ACLs, and no Shield.
    let is_offered = identity.partition == "aws";
    let wafv2 = tokio::spawn({
        let ask = Ask::regional(run, GLOBAL_REGION);
        async move {
            if is_offered { wafv2::collect(&ask, Scope::Cloudfront).await } else { wafv2::not_offered() }
        }
    });
    let shield = tokio::spawn({
        let ask = Ask::regional(run, GLOBAL_REGION);
        async move { if is_offered { shield::collect(&ask).await } else { shield::not_offered() } }
    });
    let s3 = s3::collect(run, &identity.id).await;
    let mut snapshot = Snapshot {
        snapshot_version: SNAPSHOT_VERSION,
        shape: SHAPE.to_owned(),
        started_at,
        finished_at: started_at,
        account: joined(account.await)??,
        iam: joined(iam.await)?,
        organizations: joined(organizations.await)?,
        s3,
        cloudfront: joined(cloudfront.await)?,
        wafv2: joined(wafv2.await)?,
        shield: joined(shield.await)?,
        route53: joined(route53.await)?,
        regions: BTreeMap::new(),
        gaps: Vec::new(),
        calls: aws_audit_checks::snapshot::Calls::default(),
    };
    for (name, region) in regional {
        snapshot.regions.insert(name, joined(region.await)?);
    }
    snapshot.s3.foreign_buckets = foreign_buckets(&global, &snapshot).await;
    Ok(snapshot)
}

/// Whether the buckets exist that origins and trails name, where the account's own are known.
async fn foreign_buckets(ask: &Ask, snapshot: &Snapshot) -> Collected<BTreeMap<String, Collected<bool>>> {
    // Of a list of buckets that is not whole, those that it lacks seem to be somebody else's: asked about, they
    // are there.
    let Some(buckets) = snapshot.s3.buckets.known() else {
        return snapshot.s3.buckets.as_ref().map(|_| BTreeMap::new());
    };
    let distributions = snapshot.cloudfront.distributions.get().ok().into_iter().flatten();
    let origins = distributions.flat_map(|distribution| &distribution.origins);
    let of_origins = origins.filter_map(|origin| s3_endpoint(&origin.domain_name)?.bucket);
    let trails = snapshot.regions.values().filter_map(|region| region.cloudtrail.trails.get().ok()).flatten();
    let of_trails = trails.filter_map(|trail| trail.bucket.as_deref());
    let foreign = of_origins.chain(of_trails).filter(|name| own_bucket(buckets, name).is_none());
    Collected::Value(s3::foreign_buckets(ask, foreign.map(str::to_owned).collect()).await)
}

async fn region(ask: &Ask, identity: &Account, regions: &[String], is_first: bool) -> Region {
    let (account, partition) = (identity.id.as_str(), identity.partition.as_str());
    let (
        access_analyzer,
        access_points,
        acm,
        apigateway,
        backup,
        cloudformation,
        cloudtrail,
        cloudwatch,
        codebuild,
        cognito,
        config,
        dynamodb,
        ec2,
        ecr,
        ecs,
        efs,
        eks,
        elasticache,
        elb,
        eventbridge,
        (guardduty, detective),
        identity_center,
        incident,
        inspector,
        kms,
        lambda,
        logs,
        macie,
        opensearch,
        rds,
        redshift,
        secretsmanager,
        securityhub,
        sns,
        sqs,
        ssm,
        wafv2,
        workloads,
    ) = tokio::join!(
        Box::pin(access_analyzer::collect(ask)),
        Box::pin(s3::access_points(ask, account)),
        Box::pin(acm::collect(ask)),
        Box::pin(apigateway::collect(ask)),
        Box::pin(backup::collect(ask)),
        Box::pin(cloudformation::collect(ask)),
        Box::pin(cloudtrail::collect(ask, account, regions, is_first)),
        Box::pin(cloudwatch::collect(ask)),
        Box::pin(codebuild::collect(ask)),
        Box::pin(cognito::collect(ask)),
        Box::pin(config::collect(ask)),
        Box::pin(dynamodb::collect(ask)),
        Box::pin(ec2::collect(ask)),
        Box::pin(ecr::collect(ask)),
        Box::pin(ecs::collect(ask)),
        Box::pin(efs::collect(ask, account, partition)),
        Box::pin(eks::collect(ask)),
        Box::pin(elasticache::collect(ask)),
        Box::pin(elb::collect(ask)),
        Box::pin(eventbridge::collect(ask)),
        Box::pin(async {
            let guardduty = guardduty::collect(ask, account).await;
            let detective = detective::collect(ask, &guardduty.detectors).await;
            (guardduty, detective)
        }),
        Box::pin(identity_center::collect(ask)),
        Box::pin(incident::collect(ask)),
        Box::pin(inspector::collect(ask, account)),
        Box::pin(kms::collect(ask)),
        Box::pin(lambda::collect(ask)),
        Box::pin(logs::collect(ask)),
        Box::pin(macie::collect(ask)),
        Box::pin(opensearch::collect(ask)),
        Box::pin(rds::collect(ask, account, partition)),
        Box::pin(redshift::collect(ask)),
        Box::pin(secretsmanager::collect(ask)),
        Box::pin(securityhub::collect(ask, account)),
        Box::pin(sns::collect(ask)),
        Box::pin(sqs::collect(ask)),
        Box::pin(ssm::collect(ask)),
        Box::pin(wafv2::collect(ask, Scope::Regional)),
        Box::pin(workloads::collect(ask, account, partition)),
    );
    Region {
        access_analyzer,
        access_points,
        acm,
        apigateway,
        backup,
        cloudformation,
        cloudtrail,
        cloudwatch,
        codebuild,
        cognito,
        config,
        detective,
        dynamodb,
        ec2,
        ecr,
        ecs,
        efs,
        eks,
        elasticache,
        elb,
        eventbridge,
        guardduty,
        identity_center,
        incident,
        inspector,
        kms,
        lambda,
        logs,
        macie,
        opensearch,
        rds,
        redshift,
        secretsmanager,
        securityhub,
        sns,
        sqs,
        ssm,
        wafv2,
        workloads,
    }
}

/// A task's result; its panic is a bug that must not look like an empty region.
fn joined<T>(result: Result<T, tokio::task::JoinError>) -> Result<T, Error> {
    result.map_err(|error| {
        Error::nothing(said(
            format!("internal error while collecting: {error}"),
            format!("収集中に内部エラーが発生しました：{error}"),
        ))
    })
}

async fn stop_on_interrupt(run: Arc<Run>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        run.caller.stop(Stop::Interrupted);
    }
}

async fn stop_after(run: Arc<Run>, timeout: Option<Duration>) {
    if let Some(timeout) = timeout {
        tokio::time::sleep(timeout).await;
        run.caller.stop(Stop::TimedOut);
    }
}

/// What all parts of one collection share.
#[derive(Debug)]
struct Run {
    caller: Caller,
    aws: Aws,
    plan: BTreeSet<Source>,
    gaps: Mutex<Vec<Gap>>,
    /// Regions to scan, and those that are done: for the progress line.
    regions: AtomicUsize,
    regions_done: AtomicUsize,
}

/// Asks in one region, or outside regions.
#[derive(Clone, Debug)]
struct Ask {
    run: Arc<Run>,
    /// The region to name in gaps and limits; empty for global services.
    region: String,
    aws: Aws,
}

impl Ask {
    fn global(run: &Arc<Run>) -> Self {
        Self { run: Arc::clone(run), region: String::new(), aws: run.aws.clone() }
    }

    fn regional(run: &Arc<Run>, region: &str) -> Self {
        Self { run: Arc::clone(run), region: region.to_owned(), aws: run.aws.in_region(region) }
    }

    /// Reads a source when the plan has it. On the heap: a region's sources, side by side on the stack, would
    /// be more than a thread's stack holds.
    fn source<'a, T: Send + 'a>(
        &'a self,
        source: Source,
        work: impl Future<Output = Result<T, CallError>> + Send + 'a,
    ) -> Pin<Box<dyn Future<Output = Collected<T>> + Send + 'a>> {
        if self.run.plan.contains(&source) {
            Box::pin(async move { self.keep_all(work.await) })
        } else {
            Box::pin(std::future::ready(Collected::default()))
        }
    }

    /// Reads a source of one thing, when the plan has it; on the heap like [`Self::source`].
    fn of_one<'a, T: Send + 'a>(
        &'a self,
        source: Source,
        work: impl Future<Output = Result<T, CallError>> + Send + 'a,
    ) -> Pin<Box<dyn Future<Output = Collected<T>> + Send + 'a>> {
        if self.run.plan.contains(&source) {
            Box::pin(async move { self.keep(work.await) })
        } else {
            Box::pin(std::future::ready(Collected::default()))
        }
    }

    /// Reads a source that asks about what another one listed, when the plan has it. Where that list could
    /// not be read, neither can this: its gap is this one's too.
    async fn after<'a, L, T, Work>(
        &self,
        source: Source,
        list: &'a Collected<L>,
        work: impl FnOnce(&'a L) -> Work,
    ) -> Collected<T>
    where
        Work: Future<Output = Result<T, CallError>>,
    {
        match list {
            _ if !self.run.plan.contains(&source) => Collected::default(),
            Collected::Value(list) => self.keep_all(Box::pin(work(list)).await),
            Collected::Part { value, gap } => part(self.keep_all(Box::pin(work(value)).await), Some(gap)),
            Collected::Gap(gap) => Collected::Gap(gap.clone()),
            Collected::NotOffered => Collected::NotOffered,
        }
    }

    /// Asks about each of a list of resources, when the plan has the source: answers by the resource's id, each
    /// a gap by itself.
    async fn each<'a, L, T, Work>(
        &self,
        source: Source,
        list: &'a Collected<Vec<L>>,
        id: impl Fn(&'a L) -> &'a String,
        work: impl Fn(&'a str) -> Work,
    ) -> Collected<BTreeMap<String, Collected<T>>>
    where
        Work: Future<Output = Result<T, CallError>>,
    {
        self.after(source, list, |list| async {
            let answers = list.iter().map(|thing| async {
                let id = id(thing);
                (id.clone(), self.keep(work(id).await))
            });
            Ok(join_all(answers).await.into_iter().collect())
        })
        .await
    }

    /// What was asked about one thing, as it goes into the snapshot; a gap is also noted for the report. Of what
    /// went away since it was listed there is nothing to read.
    fn keep<T>(&self, result: Result<T, CallError>) -> Collected<T> {
        match result {
            Ok(value) => Collected::Value(value),
            Err(error) if matches!(error.meaning, Meaning::NotOffered | Meaning::Gone) => {
                Collected::NotOffered
            }
            Err(error) => self.gap(error),
        }
    }

    /// A whole source, as it goes into the snapshot. What went wrong about one of its things is no reason to take
    /// all of it for not offered.
    fn keep_all<T>(&self, result: Result<T, CallError>) -> Collected<T> {
        match result {
            Ok(value) => Collected::Value(value),
            Err(error) if error.meaning == Meaning::NotOffered && error.gap.resource.is_none() => {
                Collected::NotOffered
            }
            Err(error) => self.gap(error),
        }
    }

    fn gap<T>(&self, error: CallError) -> Collected<T> {
        let gap = *error.gap;
        if gap.kind == GapKind::AccessDenied {
            self.run.caller.denied();
        }
        self.note(gap.clone());
        Collected::Gap(gap)
    }

    /// Notes a gap for the report.
    fn note(&self, gap: Gap) {
        self.run.gaps.lock().unwrap_or_else(PoisonError::into_inner).push(gap);
    }

    /// Calls the operation of that id.
    async fn call<T, E, Sent>(
        &self,
        id: &str,
        resource: Option<&str>,
        send: impl Fn() -> Sent,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let target = Target { operation: operation(id), region: &self.region, resource };
        self.run.caller.call(target, send).await
    }

    /// Calls the operation page by page, to the end.
    async fn pages<T, E, Sent>(
        &self,
        id: &str,
        resource: Option<&str>,
        send: impl Fn(Option<String>) -> Sent,
        next: impl Fn(&T) -> Option<&str>,
    ) -> Result<Vec<T>, CallError>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut pages = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let page = self.call(id, resource, || send(token.clone())).await?;
            let following = next(&page).filter(|next| !next.is_empty()).map(str::to_owned);
            pages.push(page);
            if following.is_none() {
                return Ok(pages);
            }
            if following == token {
                return Err(self.unreadable(
                    id,
                    resource,
                    "the service repeats its page token: there may be more",
                ));
            }
            token = following;
        }
    }

    /// An answer that lacks what it must have.
    fn unreadable(&self, id: &str, resource: Option<&str>, message: impl Into<String>) -> CallError {
        CallError {
            code: None,
            meaning: Meaning::Other,
            bucket_region: None,
            gap: Box::new(Gap::unreadable(
                id,
                Some(self.region.as_str()).filter(|region| !region.is_empty()),
                resource,
                message,
            )),
        }
    }
}

/// AWS's timestamp.
fn timestamp(time: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// Key and value pairs of any service's tags.
fn tags<'a>(
    pairs: impl IntoIterator<Item = (Option<&'a str>, Option<&'a str>)>,
) -> aws_audit_checks::snapshot::Tags {
    pairs
        .into_iter()
        .filter_map(|(key, value)| Some((key?.to_owned(), value.unwrap_or_default().to_owned())))
        .collect()
}

/// Sorted, so that two snapshots of one account are the same text whatever order AWS answers in.
fn sorted<T, K: Ord>(things: impl IntoIterator<Item = T>, key: impl FnMut(&T) -> K) -> Vec<T> {
    let mut things: Vec<_> = things.into_iter().collect();
    things.sort_by_cached_key(key);
    things
}

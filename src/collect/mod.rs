//! Collecting: everything that the plan asks for, from all regions and services at once. Nothing here
//! judges.

mod api;
mod ask;
mod aws;
mod call;
mod items;
mod limits;
mod meaning;
pub mod organization;
mod progress;
mod read_only;
pub mod region_names;
mod regions;
mod service;
mod trace;
mod whole;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_audit_checks::{
    analysis::cloudfront::{own_bucket, s3_endpoint},
    gap::Collected,
    page::Lang,
    snapshot::{ById, Calls, SHAPE, SNAPSHOT_VERSION, Snapshot},
    source::Source,
};
use aws_sdk_wafv2::types::Scope;
use jiff::Timestamp;

use self::{
    ask::{Ask, GLOBAL_REGION, Run, joined},
    call::Caller,
    service::{account, cloudfront, iam, identity_center, organizations, route53, s3, shield, wafv2},
};
pub use self::{
    aws::{
        Aws, Connection,
        member::{Assume, NotAssumed},
    },
    call::{IN_FLIGHT, Stop},
};
use crate::{error::Error, interrupt::Interruptible};

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
    /// Requests under way at once: [`IN_FLIGHT`], or the account's part of that where others are scanned too.
    pub in_flight: usize,
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
    let caller = Caller::new(request.api_share, request.verbose, aws.identities(), request.in_flight);
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
    // In a task of its own: its panic ends the scan of this account, and not of others.
    let snapshot = tokio::spawn({
        let (run, regions, announce) = (Arc::clone(&run), request.regions, request.announce);
        async move { everything(&run, regions, announce, started_at).await }
    });
    let snapshot = joined(snapshot.await).and_then(|snapshot| snapshot);
    for watchdog in watchdogs {
        watchdog.abort();
        // The progress line wipes itself away as its task ends.
        let _ = watchdog.await;
    }
    if snapshot.is_err() {
        // What is still under way of it must not go on behind the scans of others.
        run.caller.stop(Stop::Interrupted);
    }
    let mut snapshot = snapshot?;
    snapshot.finished_at = request.now.unwrap_or_else(Timestamp::now);
    snapshot.gaps = std::mem::take(&mut *run.gaps.lock().unwrap_or_else(PoisonError::into_inner));
    snapshot.gaps.sort();
    snapshot.gaps.dedup();
    snapshot.calls = run.caller.calls();
    if request.now.is_some() {
        // A recording's answers take no time of AWS's.
        snapshot.calls.time = None;
    }
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
    #[cfg(debug_assertions)]
    if std::env::var("AWS_AUDIT_TEST_PANIC").is_ok_and(|account| account == identity.id) {
        joined(tokio::spawn(async { panic!("AWS_AUDIT_TEST_PANIC") }).await)?;
    }
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
                let region = service::region(&ask, &identity, &names, is_first).await;
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
    let route53 = tokio::spawn({
        let (ask, partition) = (Ask::global(run), identity.partition.clone());
        async move { route53::collect(&ask, &partition).await }
    });
    // Both keep in us-east-1 what is not of one region. Partitions without that region have only regional
    // web ACLs, and no Shield.
    let is_offered = identity.partition == "aws";
    let cloudfront_and_waf = tokio::spawn({
        let (ask, home) = (Ask::global(run), Ask::regional(run, GLOBAL_REGION));
        async move {
            if !is_offered {
                return (cloudfront::collect(&ask, &home).await, wafv2::not_offered());
            }
            let (cloudfront, wafv2) =
                tokio::join!(cloudfront::collect(&ask, &home), wafv2::collect(&home, Scope::Cloudfront));
            let wafv2 = wafv2::protected_globally(&home, wafv2, &cloudfront.distributions).await;
            (cloudfront, wafv2)
        }
    });
    let shield = tokio::spawn({
        let ask = Ask::regional(run, GLOBAL_REGION);
        async move { if is_offered { shield::collect(&ask).await } else { shield::not_offered() } }
    });
    let s3 = s3::collect(run, &identity.id).await;
    let (cloudfront, wafv2) = joined(cloudfront_and_waf.await)?;
    let mut snapshot = Snapshot {
        snapshot_version: SNAPSHOT_VERSION,
        shape: SHAPE.to_owned(),
        started_at,
        finished_at: started_at,
        account: joined(account.await)??,
        iam: joined(iam.await)?,
        organizations: joined(organizations.await)?,
        s3,
        cloudfront,
        wafv2,
        shield: joined(shield.await)?,
        route53: joined(route53.await)?,
        regions: BTreeMap::new(),
        gaps: Vec::new(),
        calls: Calls::default(),
    };
    for (name, region) in regional {
        snapshot.regions.insert(name, joined(region.await)?);
    }
    snapshot.s3.foreign_buckets = foreign_buckets(&global, &snapshot).await;
    identity_center::permission_sets(run, &mut snapshot).await;
    Ok(snapshot)
}

/// Whether the buckets exist that origins and trails name, where the account's own are known.
async fn foreign_buckets(ask: &Ask, snapshot: &Snapshot) -> Collected<ById<bool>> {
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

async fn stop_on_interrupt(run: Arc<Run>) {
    Interruptible::begin().interrupted().await;
    run.caller.stop(Stop::Interrupted);
    // Until the snapshot is whole: what is under way has only to end.
    std::future::pending().await
}

async fn stop_after(run: Arc<Run>, timeout: Option<Duration>) {
    if let Some(timeout) = timeout {
        tokio::time::sleep(timeout).await;
        run.caller.stop(Stop::TimedOut);
    }
}

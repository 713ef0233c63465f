//! The ground that all services stand on: asking for a source, keeping what came of it, calling page by page.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    error::Error as StdError,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicUsize},
};

use aws_audit_checks::{
    gap::{Collected, Gap, GapKind},
    snapshot::Tags,
    source::{Operation, Source},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::{
    future::BoxFuture,
    stream::{self, StreamExt as _},
};
use jiff::Timestamp;

use super::{
    aws::Aws,
    call::{CallError, Caller, IN_FLIGHT, Target},
    items::part,
    meaning::Meaning,
};
use crate::error::{Error, said};

/// Where services that know no regions keep what is not of one region.
pub(super) const GLOBAL_REGION: &str = "us-east-1";

/// What all parts of one collection share.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) caller: Caller,
    pub(super) aws: Aws,
    pub(super) plan: BTreeSet<Source>,
    pub(super) gaps: Mutex<Vec<Gap>>,
    /// Regions to scan, and those that are done: for the progress line.
    pub(super) regions: AtomicUsize,
    pub(super) regions_done: AtomicUsize,
}

/// Asks in one region, or outside regions.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) run: Arc<Run>,
    /// The region to name in gaps and limits; empty for global services.
    pub(super) region: String,
    pub(super) aws: Aws,
}

/// Longer lists never end: 100,000 log groups are 2,000 pages, and no list has smaller ones (API references).
const MOST_PAGES: usize = 2_000;

impl Ask {
    pub(super) fn global(run: &Arc<Run>) -> Self {
        Self { run: Arc::clone(run), region: String::new(), aws: run.aws.clone() }
    }

    pub(super) fn regional(run: &Arc<Run>, region: &str) -> Self {
        Self { run: Arc::clone(run), region: region.to_owned(), aws: run.aws.in_region(region) }
    }

    /// Reads a source when the plan has it. On the heap: a region's sources, side by side on the stack, would
    /// be more than a thread's stack holds.
    pub(super) fn source<'a, T: Send + 'a>(
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
    pub(super) fn of_one<'a, T: Send + 'a>(
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
    pub(super) async fn after<'a, L, T, Work>(
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
    pub(super) async fn each<'a, L, T, Work>(
        &self,
        source: Source,
        list: &'a Collected<Vec<L>>,
        id: impl Fn(&'a L) -> &'a String + Sync,
        work: impl Fn(&'a str) -> Work + Sync,
    ) -> Collected<BTreeMap<String, Collected<T>>>
    where
        L: Sync,
        T: Send,
        Work: Future<Output = Result<T, CallError>> + Send,
    {
        self.after(source, list, |list| async {
            let answers = list.iter().map(|thing| async {
                let id = id(thing);
                (id.clone(), self.keep(work(id).await))
            });
            Ok(each_of(answers).await.into_iter().collect())
        })
        .await
    }

    /// What was asked about one thing, as it goes into the snapshot; a gap is also noted for the report. Of what
    /// went away since it was listed there is nothing to read.
    pub(super) fn keep<T>(&self, result: Result<T, CallError>) -> Collected<T> {
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
    pub(super) fn keep_all<T>(&self, result: Result<T, CallError>) -> Collected<T> {
        match result {
            Ok(value) => Collected::Value(value),
            Err(error) if error.meaning == Meaning::NotOffered && error.gap.resource.is_none() => {
                Collected::NotOffered
            }
            Err(error) => self.gap(error),
        }
    }

    pub(super) fn gap<T>(&self, error: CallError) -> Collected<T> {
        let gap = *error.gap;
        if gap.kind == GapKind::AccessDenied {
            self.run.caller.denied();
        }
        self.note(gap.clone());
        Collected::Gap(gap)
    }

    /// Notes a gap for the report.
    pub(super) fn note(&self, gap: Gap) {
        self.run.gaps.lock().unwrap_or_else(PoisonError::into_inner).push(gap);
    }

    /// Calls an operation.
    pub(super) async fn call<T, E, Sent>(
        &self,
        operation: &'static Operation,
        resource: Option<&str>,
        send: impl Fn() -> Sent,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let target = Target { operation, region: &self.region, resource };
        self.run.caller.call(target, send).await
    }

    /// Calls the operation page by page, to the end.
    pub(super) async fn pages<T, E, Sent>(
        &self,
        operation: &'static Operation,
        resource: Option<&str>,
        send: impl Fn(Option<String>) -> Sent,
        next: impl Fn(&T) -> Option<&str>,
    ) -> Result<Vec<T>, CallError>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        self.pages_until(operation, resource, send, next, |_| false).await
    }

    /// Calls the operation page by page, until the pages are enough.
    pub(super) async fn pages_until<T, E, Sent>(
        &self,
        operation: &'static Operation,
        resource: Option<&str>,
        send: impl Fn(Option<String>) -> Sent,
        next: impl Fn(&T) -> Option<&str>,
        are_enough: impl Fn(&[T]) -> bool,
    ) -> Result<Vec<T>, CallError>
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        Sent: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut pages = Vec::new();
        let mut tokens = HashSet::new();
        let mut token: Option<String> = None;
        loop {
            let page = self.call(operation, resource, || send(token.clone())).await?;
            let Some(following) = next(&page).filter(|next| !next.is_empty()).map(str::to_owned) else {
                pages.push(page);
                return Ok(pages);
            };
            pages.push(page);
            if are_enough(&pages) {
                return Ok(pages);
            }
            // Whichever page it names again, the pages go in a circle from here.
            let why = if !tokens.insert(following.clone()) {
                "the service repeats its page token: there may be more"
            } else if pages.len() >= MOST_PAGES {
                "there are more pages than any list has"
            } else {
                token = Some(following);
                continue;
            };
            return Err(self.unreadable(operation, resource, why));
        }
    }

    /// An answer that lacks what it must have.
    pub(super) fn unreadable(
        &self,
        operation: &'static Operation,
        resource: Option<&str>,
        message: impl Into<String>,
    ) -> CallError {
        CallError {
            code: None,
            meaning: Meaning::Other,
            bucket_region: None,
            gap: Box::new(Gap::unreadable(
                operation,
                Some(self.region.as_str()).filter(|region| !region.is_empty()),
                resource,
                message,
            )),
        }
    }
}

/// Asks about each of many things, and tells in their order: no more of them at once than can be under way, for each
/// takes kilobytes from when it is begun, and there can be tens of thousands.
// Boxed: the compiler cannot see through a future that holds an iterator over borrowed things
// (rust-lang/rust#102211).
pub(super) fn each_of<'a, Asked, Work>(asked: Asked) -> BoxFuture<'a, Vec<Work::Output>>
where
    Asked: IntoIterator<Item = Work>,
    Asked::IntoIter: Send + 'a,
    Work: Future + Send + 'a,
    Work::Output: Send + 'a,
{
    let numbered = asked.into_iter().enumerate().map(|(at, work)| async move { (at, work.await) });
    let told = stream::iter(numbered).buffer_unordered(IN_FLIGHT).collect::<Vec<_>>();
    Box::pin(async move {
        let mut told = told.await;
        told.sort_unstable_by_key(|(at, _)| *at);
        told.into_iter().map(|(_, output)| output).collect()
    })
}

/// What is told by the work, unless it is about things of which there are none: then there is nothing to ask for.
pub(super) async fn unless<T: Default>(
    nothing: bool,
    work: impl Future<Output = Collected<T>>,
) -> Collected<T> {
    if nothing { Collected::Value(T::default()) } else { work.await }
}

/// Whether a list was read, all of it, and nothing is in it.
pub(super) fn is_empty<T>(list: &Collected<Vec<T>>) -> bool {
    list.get().is_ok_and(Vec::is_empty)
}

/// AWS's timestamp.
pub(super) fn timestamp(time: &aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// Key and value pairs of any service's tags.
pub(super) fn tags<'a>(pairs: impl IntoIterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Tags {
    pairs.into_iter().filter_map(|(key, value)| Some((key?, value.unwrap_or_default()))).collect()
}

/// Sorted, so that two snapshots of one account are the same text whatever order AWS answers in.
pub(super) fn sorted<T, K: Ord>(things: impl IntoIterator<Item = T>, key: impl FnMut(&T) -> K) -> Vec<T> {
    let mut things: Vec<_> = things.into_iter().collect();
    things.sort_by_cached_key(key);
    things
}

/// A task's result; its panic is a bug that must not look like an empty region.
pub(super) fn joined<T>(result: Result<T, tokio::task::JoinError>) -> Result<T, Error> {
    result.map_err(|error| {
        Error::internal(said(
            format!("internal error while collecting: {error}"),
            format!("収集中に内部エラーが発生しました：{error}"),
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[tokio::test]
    async fn many_things_are_asked_about_a_part_at_a_time_and_told_in_order() {
        let (now, most) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
        let numbers: Vec<usize> = (0..3 * IN_FLIGHT).collect();
        let told = each_of(numbers.iter().map(|number| async move {
            most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            // Later ones are done earlier.
            for _ in *number..2 * IN_FLIGHT {
                tokio::task::yield_now().await;
            }
            now.fetch_sub(1, Ordering::Relaxed);
            *number
        }));
        assert_eq!(told.await, numbers);
        assert_eq!(most.load(Ordering::Relaxed), IN_FLIGHT);
    }
}

//! Items of answers. Each is read by itself; one of which nothing can be told for want of a field is a gap,
//! never a silence, and the others stay.
//!
//! A list of resources is read with [`Ask::items`] and collected with [`Ask::list`]: it becomes
//! [`Collected::Part`], so that a check which asks for the whole list is `unknown`, while one that judges each
//! resource by itself ([`Collected::known`]) still judges the others. A list that belongs to one resource (the
//! listeners of a load balancer, the grants of a bucket) is read with [`Ask::all_items`]: it is whole or a gap.
//! Fields that one item holds within itself are asked for with `?`, so that half an item is no item.

use std::{future::Future, pin::Pin};

use aws_audit_checks::{
    gap::{Collected, Gap},
    source::{Operation, Source},
};

use super::{
    ask::{Ask, each_of, sorted},
    call::CallError,
};

/// What is told of a value that is not known.
const VALUE_CHARS: usize = 60;

/// Why an item cannot be read: a field is missing or empty, or its value is none that this program knows and
/// decides what the item is.
#[derive(Debug)]
pub(super) struct Lacks {
    field: &'static str,
    /// The field's value, where it has one that is not known.
    unknown: Option<String>,
    of: Option<String>,
}

impl Lacks {
    /// An item without that field.
    pub(super) const fn field(field: &'static str) -> Self {
        Self { field, unknown: None, of: None }
    }

    /// An item whose field has a value that is not known, or of another kind than it must be.
    pub(super) fn unknown(field: &'static str, value: &str) -> Self {
        Self { unknown: Some(value.chars().take(VALUE_CHARS).collect()), ..Self::field(field) }
    }

    pub(super) fn told(&self) -> String {
        match &self.unknown {
            Some(value) => format!("has a {} that is not known: {value}", self.field),
            None => format!("lacks {}", self.field),
        }
    }

    /// Which item it is, where its name is told and something else is missing.
    pub(super) fn of(name: &str) -> impl Fn(Self) -> Self + use<> {
        let of = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
        move |lacks| Self { of: of.clone(), ..lacks }
    }
}

/// A text that an item must have. The SDK fills what its model calls required with an empty text where an
/// answer lacks it.
pub(super) fn text<'a>(value: impl Into<Option<&'a str>>, field: &'static str) -> Result<String, Lacks> {
    filled(value.into()).ok_or(Lacks::field(field))
}

/// A text that is not there when it is empty.
pub(super) fn filled(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A value of an enumeration on which something rests. One that is not among those that are known might mean
/// anything, and is never taken for a good one.
pub(super) fn known<'a>(
    value: impl Into<Option<&'a str>>,
    values: &[&str],
    field: &'static str,
) -> Result<Option<String>, Lacks> {
    match value.into() {
        // AWS Config answers in capitals what its model lists otherwise.
        Some(value) if !values.iter().any(|known| known.eq_ignore_ascii_case(value)) => {
            Err(Lacks::unknown(field, value))
        }
        value => Ok(value.map(str::to_owned)),
    }
}

/// The same of each.
pub(super) fn texts<'a>(
    values: impl IntoIterator<Item = Option<&'a str>>,
    field: &'static str,
) -> Result<Vec<String>, Lacks> {
    values.into_iter().map(|value| text(value, field)).collect()
}

/// What could be read, and the first gap where that is not all.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) value: T,
    pub(super) unread: Option<Gap>,
}

impl<T> Read<T> {
    /// The same of what is made from the value.
    pub(super) fn map<U>(self, make: impl FnOnce(T) -> U) -> Read<U> {
        Read { value: make(self.value), unread: self.unread }
    }
}

impl<T> Read<Vec<T>> {
    /// See [`sorted`].
    pub(super) fn sorted<K: Ord>(self, key: impl FnMut(&T) -> K) -> Self {
        self.map(|items| sorted(items, key))
    }

    /// Asks more about each, all at once.
    pub(super) async fn then<'a, U, Work>(self, work: impl FnMut(T) -> Work + Send + 'a) -> Read<Vec<U>>
    where
        T: Send + 'a,
        U: Send + 'a,
        Work: Future<Output = U> + Send + 'a,
    {
        Read { value: each_of(self.value.into_iter().map(work)).await, unread: self.unread }
    }

    /// Asks more about each, all at once: none for what is gone by now, and a gap for what cannot be told.
    pub(super) async fn try_then<'a, U, Work>(
        self,
        ask: &Ask,
        work: impl FnMut(T) -> Work + Send + 'a,
    ) -> Read<Vec<U>>
    where
        T: Send + 'a,
        U: Send + 'a,
        Work: Future<Output = Result<Option<U>, CallError>> + Send + 'a,
    {
        let Read { value: answers, mut unread } = self.then(work).await;
        let mut value = Vec::new();
        for answer in answers {
            match ask.keep(answer) {
                Collected::Value(item) | Collected::Part { value: item, .. } => value.extend(item),
                Collected::Gap(gap) => {
                    unread.get_or_insert(gap);
                }
                Collected::NotOffered => {}
            }
        }
        Read { value, unread }
    }

    /// Two lists as one.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.value.extend(other.value);
        Self { unread: self.unread.or(other.unread), ..self }
    }
}

impl<T> From<T> for Read<T> {
    fn from(value: T) -> Self {
        Self { value, unread: None }
    }
}

impl Ask {
    /// Reads the items of an operation's answer. Each that cannot be read is noted as a gap.
    pub(super) fn items<I, T>(
        &self,
        operation: &'static Operation,
        items: impl IntoIterator<Item = I>,
        mut read: impl FnMut(I) -> Result<T, Lacks>,
    ) -> Read<Vec<T>> {
        let mut value = Vec::new();
        let mut unread = None;
        for (at, item) in items.into_iter().enumerate() {
            match read(item) {
                Ok(item) => value.push(item),
                Err(lacks) => {
                    let gap = *self.lacking(operation, None, at, lacks).gap;
                    self.note(gap.clone());
                    unread.get_or_insert(gap);
                }
            }
        }
        Read { value, unread }
    }

    /// Reads the items of an answer that is of no use without each of them.
    pub(super) fn all_items<I, T>(
        &self,
        operation: &'static Operation,
        resource: Option<&str>,
        items: impl IntoIterator<Item = I>,
        mut read: impl FnMut(I) -> Result<T, Lacks>,
    ) -> Result<Vec<T>, CallError> {
        let items = items.into_iter().enumerate();
        items
            .map(|(at, item)| read(item).map_err(|lacks| self.lacking(operation, resource, at, lacks)))
            .collect()
    }

    /// One item that an answer is about.
    pub(super) fn item<T>(
        &self,
        operation: &'static Operation,
        resource: Option<&str>,
        read: Result<T, Lacks>,
    ) -> Result<T, CallError> {
        read.map_err(|lacks| self.unreadable(operation, resource, format!("the answer {}", lacks.told())))
    }

    fn lacking(
        &self,
        operation: &'static Operation,
        resource: Option<&str>,
        at: usize,
        lacks: Lacks,
    ) -> CallError {
        let message = match (&lacks.of, resource) {
            // The gap's resource is what was asked about; without one, it is the item itself.
            (Some(of), Some(_)) => format!("item {} ({of}) {}", at + 1, lacks.told()),
            _ => format!("item {} {}", at + 1, lacks.told()),
        };
        self.unreadable(operation, resource.or(lacks.of.as_deref()), message)
    }

    /// Reads a source that is a list, when the plan has it; see [`Ask::source`].
    pub(super) fn list<'a, T: Send + 'a>(
        &'a self,
        source: Source,
        work: impl Future<Output = Result<Read<T>, CallError>> + Send + 'a,
    ) -> Pin<Box<dyn Future<Output = Collected<T>> + Send + 'a>> {
        if self.run.plan.contains(&source) {
            Box::pin(async move { self.keep_read(work.await) })
        } else {
            Box::pin(std::future::ready(Collected::default()))
        }
    }
}

impl Ask {
    /// Reads a source that is a list and asks about what another one listed, when the plan has it; see
    /// [`Ask::after`].
    pub(super) async fn list_after<'a, L, T, Work>(
        &self,
        source: Source,
        list: &'a Collected<L>,
        work: impl FnOnce(&'a L) -> Work,
    ) -> Collected<T>
    where
        Work: Future<Output = Result<Read<T>, CallError>>,
    {
        match list {
            _ if !self.run.plan.contains(&source) => Collected::default(),
            Collected::Value(list) => self.keep_read(Box::pin(work(list)).await),
            Collected::Part { value, gap } => part(self.keep_read(Box::pin(work(value)).await), Some(gap)),
            Collected::Gap(gap) => Collected::Gap(gap.clone()),
            Collected::NotOffered => Collected::NotOffered,
        }
    }

    fn keep_read<T>(&self, read: Result<Read<T>, CallError>) -> Collected<T> {
        match read {
            Ok(Read { value, unread }) => part(Collected::Value(value), unread.as_ref()),
            Err(error) => self.keep_all(Err(error)),
        }
    }
}

/// A value that is a part of what there is, where there is a gap.
pub(super) fn part<T>(collected: Collected<T>, gap: Option<&Gap>) -> Collected<T> {
    match (collected, gap) {
        (Collected::Value(value), Some(gap)) => Collected::Part { value, gap: gap.clone() },
        (collected, _) => collected,
    }
}

//! What is left to do of a plan, given the tickets that there are.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    apply::{State, Ticket},
    marker::{Marker, report_of},
    plan::{Action, Header, Item, KEEP, Plan, Why, closing, others_key},
    tell,
};

/// A ticket, and what it says of itself.
struct Known<'a> {
    ticket: &'a Ticket,
    marker: Option<Marker>,
}

impl Known<'_> {
    fn is_open(&self) -> bool {
        self.ticket.state == State::Open
    }

    fn is_kept(&self) -> bool {
        self.ticket.labels.iter().any(|label| label == KEEP)
    }
}

/// Compares the plan with the tickets that there are, oldest first: what is left to do, exactly. Applied to what a plan has
/// made of the tickets, nothing is left.
///
/// What fails and has no open ticket gets one, or has its closed one opened again, up to the ceiling; of several open
/// tickets with one key, all but the first are closed. What does not fail has its ticket closed if the plan says so, or if
/// the report has looked at every place that the ticket names.
#[must_use]
pub fn resolve(plan: &Plan, known: &[Ticket]) -> Plan {
    let header = &plan.header;
    let mut of_key: BTreeMap<String, Vec<Known<'_>>> = BTreeMap::new();
    for ticket in known {
        let marker = Marker::find(&ticket.text);
        let is_of_account = marker.as_ref().is_none_or(|marker| marker.account == header.account);
        let key = marker.as_ref().map(|marker| marker.key.clone()).or_else(|| ticket.key.clone());
        if let Some(key) = key.filter(|_| is_of_account) {
            of_key.entry(key).or_default().push(Known { ticket, marker });
        }
    }
    let none = Vec::new();
    let of = |key: &str| of_key.get(key).unwrap_or(&none);
    let others_key = others_key(&header.account);
    let mut closes = Vec::new();
    let mut left = Plan { header: header.clone(), items: Vec::new() };
    for item in plan.items.iter().filter(|item| item.key != others_key) {
        if item.action == Action::Close {
            closes.extend(closed(item, of(&item.key), header));
        } else {
            left.items.extend(failing(item, of(&item.key), header));
            closes.extend(duplicates(of(&item.key), header));
        }
    }
    let planned: BTreeSet<&str> = plan.items.iter().map(|item| item.key.as_str()).collect();
    for (key, tickets) in &of_key {
        let is_told = planned.contains(key.as_str()) || header.below.contains(key) || *key == others_key;
        if !is_told {
            closes.extend(unheard_of(tickets, header));
        }
    }
    // What this plan has opened already counts: applied again, it opens no more.
    let report = report_of(header.started_at);
    let is_opened = |known: &&Known<'_>| {
        let of = |marker: &Marker| marker.report.as_ref() == Some(&report) && marker.key != others_key;
        known.is_open() && known.marker.as_ref().is_some_and(of)
    };
    let opened = of_key.values().flatten().filter(is_opened).count();
    left.defer(header.max.saturating_sub(u32::try_from(opened).unwrap_or(u32::MAX)));
    let others = left.items.pop_if(|item| item.key == others_key);
    left.items.extend(closes);
    match others {
        Some(item) => {
            left.items.extend(failing(&item, of(&others_key), header));
            left.items.extend(duplicates(of(&others_key), header));
        }
        None => {
            let nothing_left = unheard_of(of(&others_key), header).into_iter();
            left.items.extend(nothing_left.map(|item| match item.why {
                Why::Fixed => Item {
                    why: Why::Others,
                    comment: Some(tell::closed(Why::Others, &[], header.started_at, header.lang)),
                    ..item
                },
                _ => item,
            }));
        }
    }
    left
}

/// What to do about something that fails.
fn failing(item: &Item, tickets: &[Known<'_>], header: &Header) -> Option<Item> {
    let mut item = item.clone();
    if let Some(open) = tickets.iter().find(|known| known.is_open()) {
        item.ticket = Some(open.ticket.id.clone());
        let is_current = match &open.marker {
            Some(marker) => marker.content == item.marker.content,
            // It does not say what it is about; the reports do.
            None => item.action != Action::Update,
        };
        if is_current {
            let (action, why) = (Action::None, Why::Same);
            return Some(Item { action, why, comment: None, ..item });
        }
        if let Some(earlier) = &open.marker {
            item.marker = item.marker.with_unseen_of(earlier, &header.looked);
            item.marker.report.clone_from(&earlier.report);
            item.body = item.body.map(|body| body.remarked(&item.marker.to_string()));
        }
        if item.action != Action::Update {
            item.comment = None;
        }
        let why = if item.why == Why::Below { Why::Below } else { Why::Changed };
        return Some(Item { action: Action::Update, why, ..item });
    }
    if !item.opens {
        return None;
    }
    let Some(closed) = tickets.last() else {
        return Some(Item { action: Action::Create, why: why_new(&item), comment: None, ..item });
    };
    item.ticket = Some(closed.ticket.id.clone());
    let left_alone = match closed.ticket.state {
        _ if closed.is_kept() => Some(Why::Kept),
        State::Declined => Some(Why::Declined),
        State::Open | State::Closed => None,
    };
    if let Some(why) = left_alone {
        return Some(Item { action: Action::None, why, comment: None, ..item });
    }
    let comment = Some(tell::again(header.started_at, header.lang));
    Some(Item { action: Action::Reopen, why: Why::Again, comment, ..item })
}

/// Why a ticket is new: it lists others, or it is.
fn why_new(item: &Item) -> Why {
    if item.why == Why::Others { Why::Others } else { Why::New }
}

/// The tickets to close of something that the plan closes; one that is closed already is told, with nothing to do. A ticket
/// may tell of places that the earlier report did not see either: it stays.
fn closed(item: &Item, tickets: &[Known<'_>], header: &Header) -> Vec<Item> {
    let told = |known: &Known<'_>, action, why| {
        let (ticket, title) = (Some(known.ticket.id.clone()), item.title.clone());
        let comment = item.comment.clone().filter(|_| action == Action::Close);
        Item { action, why, ticket, title, comment, ..item.clone() }
    };
    let is_unseen = |known: &&Known<'_>| {
        known.marker.as_ref().is_some_and(|it| it.severity.is_some() && !it.is_fine(&header.looked))
    };
    let open: Vec<_> = tickets.iter().filter(|known| known.is_open()).collect();
    match (open.as_slice(), tickets.last()) {
        ([], None) => Vec::new(),
        ([], Some(last)) => vec![told(last, Action::None, item.why)],
        (open, _) => {
            let seen = open.iter().filter(|known| !is_unseen(known));
            let each = seen.map(|known| match known.is_kept() {
                true => told(known, Action::None, Why::Kept),
                false => told(known, Action::Close, item.why),
            });
            each.collect()
        }
    }
}

/// Open tickets beside the first one with the same key: two runs at once have made them.
fn duplicates(tickets: &[Known<'_>], header: &Header) -> Vec<Item> {
    let open = tickets.iter().filter(|known| known.is_open());
    let others = open.skip(1).filter(|known| !known.is_kept());
    others.filter_map(|known| close_known(known, Why::Duplicate, header)).collect()
}

/// Tickets of which the plan says nothing. Those whose every place the report has looked at are of what is mended.
fn unheard_of(tickets: &[Known<'_>], header: &Header) -> Vec<Item> {
    let open = tickets.iter().filter(|known| known.is_open());
    let is_fine =
        |known: &&Known<'_>| known.marker.as_ref().is_some_and(|marker| marker.is_fine(&header.looked));
    let fine = open.filter(is_fine).filter(|_| !header.closes_nothing);
    fine.filter_map(|known| {
        let item = close_known(known, Why::Fixed, header)?;
        Some(match known.is_kept() {
            true => Item { action: Action::None, why: Why::Kept, comment: None, ..item },
            false => item,
        })
    })
    .collect()
}

fn close_known(known: &Known<'_>, why: Why, header: &Header) -> Option<Item> {
    let marker = known.marker.clone()?;
    let severity = marker.severity;
    let item = closing(marker, why, &[], None, header.started_at, header.lang);
    let severity = severity.unwrap_or(item.severity);
    Some(Item {
        ticket: Some(known.ticket.id.clone()),
        title: known.ticket.title.clone(),
        severity,
        priority: severity.into(),
        ..item
    })
}

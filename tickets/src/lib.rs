//! Tickets about what a report says. [`plan()`] is a pure function of reports: what to create, update, reopen and close.
//! [`apply()`] does it in a [`Tracker`]: GitHub's issues ([`github`]), or whatever a command talks to ([`exec`]).
//! `docs/tickets.md` explains the rules.
//!
//! The tracker is the ledger: which tickets there are is read from it, by the key that each ticket carries ([`Marker`]). No
//! file remembers what was done. What a scan could not read closes nothing.
//!
//! This crate writes to other systems, so nothing of a scan depends on it, and it brings no client of its own: the program
//! hands in a [`http::Transport`].

pub mod exec;
pub mod github;
pub mod http;

mod apply;
mod marker;
mod plan;
mod resolve;
mod tell;
mod text;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use self::{
    apply::{Done, Failure, Outcome, Result, State, Ticket, Tracker, apply, rehearse, told, told_plan},
    marker::Marker,
    plan::{
        Action, Cause, FORMAT_VERSION, Header, Item, KEEP, LABEL, Options, Owner, OwnerRule, Plan, PlanError,
        Previous, Priority, ReadError, Settings, Why, plan,
    },
    resolve::resolve,
    text::Text,
};

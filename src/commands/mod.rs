//! The subcommands, one file each.

pub mod checks;
pub mod collect;
pub mod completions;
pub mod diff;
pub mod evaluate;
pub mod explain;
pub mod merge;
pub mod org;
pub mod paths;
pub mod policy;
pub mod scan;
pub mod tickets;
pub mod verify;

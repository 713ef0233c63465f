//! An endpoint that answers as AWS would for an account of any size, and measures who asks: behind
//! `cargo xtask bench`.
//!
//! # The account
//!
//! "Medium" is described in `testbed/python/bench_account.py` in AWS's own terms, and compiled by
//! `testbed/python/bench.py` with botocore's service descriptions into `testbed/bench/answers.jsonl`: a line for
//! each operation that aws-audit sends, with the answer where there is nothing, and where there is something, the text
//! of an item to be filled in with its number. [`Settings::scale`] multiplies the numbers; items are made when they are
//! asked for, page by page, in pages of the size that AWS has. Names, ids and policies are made up of an item's number,
//! so that every run sees the same account.
//!
//! # Limits
//!
//! Every operation (or group that AWS limits together) has a token bucket in each region, of the size and rate that
//! [`Settings::limits`] says. A request without a token gets the service's own throttling error, after the same latency.
//! [`Settings::competitor`] is production: a client that takes this share of every bucket that is asked for, from the
//! first request on, its burst at once and then evenly. It takes its tokens from the same bucket without sending
//! anything, and what it does not get is counted.
//!
//! # The lower bound
//!
//! Nobody can answer faster than what follows from the calls that were made; the bound says how fast a perfect client
//! could have made *these* calls. It is not what another client could do that needs fewer.
//!
//! - *Chain.* A call depends on another when it asks with something that only the other's answer told: an id, an ARN, a
//!   name, a page token, a region. The endpoint sees this by itself: it remembers for each distinctive word (eight
//!   characters and more, letters and digits) of an answer how long the chain was that led to it, the shortest if several
//!   answers told it. A call's chain is one longer than the longest of the words in its path, query, body and region.
//!   Words that the client has from its configuration (the home region) have a chain of nothing. What a client needs to
//!   know without naming it in the request (that there is an organization at all, say) is not seen, so that the bound is
//!   rather too low. The longest chain times the latency is the first part of the bound.
//! - *Buckets.* A bucket from which `n` calls were answered, at the client's share `s` of burst `b` and rate `r`, cannot
//!   have been emptied faster than `(n - max(1, s b)) / (s r)`, after what led to its first call, and with the latency
//!   of the last one. The greatest of these is the second part.
//!
//! The bound is the greater of the two. Processor time is not part of it.

mod account;
mod answers;
mod fault;
mod limits;
mod measure;
mod members;
mod server;

pub use answers::{Table, known};
pub use fault::Fault;
pub use limits::Limit;
pub use measure::{Bucket, Call, Outcome, Record, Usage};
pub use members::{Members, THROTTLED_PER_SECOND};
pub use server::{Endpoint, Settings};

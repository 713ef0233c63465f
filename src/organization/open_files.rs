//! How many accounts the limit of open files leaves room for: each request under way takes a socket, and so does each
//! connection that waits for the next.

use super::MOST_IN_FLIGHT;

/// Files that are open besides: standard streams, reports that are being written, accounts at the door.
const RESERVED: u64 = 96;

/// Connections for each request under way: its own, and one that is kept for the next.
const PER_REQUEST: u64 = 2;

/// The files that the process may have open; none where nobody says.
#[cfg(unix)]
pub(super) fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// Here nobody says.
#[cfg(not(unix))]
pub(super) const fn limit() -> Option<u64> {
    None
}

/// Requests that may be under way at once in the whole process.
pub(super) fn in_flight(limit: Option<u64>) -> usize {
    let Some(limit) = limit else { return MOST_IN_FLIGHT };
    let room = limit.saturating_sub(RESERVED) / PER_REQUEST;
    usize::try_from(room).map_or(MOST_IN_FLIGHT, |room| room.min(MOST_IN_FLIGHT))
}

/// Accounts at once, of those that are wanted, where each has so many requests under way at least.
pub(super) fn accounts(wanted: usize, limit: Option<u64>, least: usize) -> usize {
    wanted.min((in_flight(limit) / least).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_limit_holds_the_default_and_a_low_one_fewer() {
        for (limit, requests, accounts_of_20) in [
            (None, MOST_IN_FLIGHT, 20),
            (Some(1024), MOST_IN_FLIGHT, 20),
            (Some(256), 80, 5),
            (Some(128), 16, 1),
            // Fewer than it takes: one account at a time is the least there is.
            (Some(32), 0, 1),
            (Some(u64::MAX), MOST_IN_FLIGHT, 20),
        ] {
            assert_eq!((in_flight(limit), accounts(20, limit, 16)), (requests, accounts_of_20), "{limit:?}");
        }
        assert_eq!(accounts(2, None, 16), 2);
    }

    #[cfg(unix)]
    #[test]
    fn the_system_tells_its_limit() {
        assert!(limit().is_none_or(|limit| limit > 2));
    }
}

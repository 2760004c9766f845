//! The limit on open files, of which each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::handoff::MAX_REFUSALS;

/// Descriptors besides connections: listeners, polls, wakers, log, newcomers that
/// are refused, and the files that are open while they are sent.
const RESERVE: u64 = MAX_REFUSALS as u64 + 128;

/// Raises the limit as far as the system allows and as `max_connections` needs.
/// Gives the number of connections that fit.
pub fn raise_limit(max_connections: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    // Each connection may be sending a file.
    let wanted = 2 * max_connections as u64 + RESERVE;
    let highest = limit.maximum.unwrap_or(u64::MAX);
    let current = limit.current.unwrap_or(u64::MAX);
    if current < wanted {
        let raised = Rlimit { current: Some(wanted.min(highest)), maximum: limit.maximum };
        // Where the system refuses, the old limit stands and is counted with.
        let _ = setrlimit(Resource::Nofile, raised);
    }
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let fitting = allowed.saturating_sub(RESERVE).max(allowed / 2);
    usize::try_from(fitting).map_or(max_connections, |fitting| fitting.min(max_connections))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_gives_more_than_was_asked_for() {
        assert_eq!(raise_limit(1), 1);
        assert!(raise_limit(usize::MAX / 4) > 0);
    }
}

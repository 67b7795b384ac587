//! The bounds of connections, from the settings and from what the system allows.

use std::time::Duration;

use crate::config::Limits;

/// Descriptors that connections never take: files of history, the database, whoever is sent away and
/// has not gone yet. At least so many, and a quarter of all.
const RESERVE_MIN: u64 = 256;
/// Fewer connections than this are of no use, whatever is left for the rest.
const CONNECTIONS_MIN: usize = 16;

/// See the module.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Connections at one time.
    pub connections_max: usize,
    /// Of one address. None where a proxy stands between: all come from its address.
    pub connections_per_address_max: Option<usize>,
    /// Bytes of a request's head.
    pub head_bytes_max: usize,
    /// Until a head is complete.
    pub head_max: Duration,
    /// Between two requests.
    pub idle_max: Duration,
    /// Until a body is complete.
    pub body_max: Duration,
    /// Without the client taking anything of its answer.
    pub stall_max: Duration,
}

impl Bounds {
    /// What the settings say, so far as `descriptors` allow it.
    #[must_use]
    pub fn new(limits: &Limits, has_proxy: bool, descriptors: Option<u64>) -> Self {
        let per_address = limits.connections_per_address_max;
        Self {
            connections_max: fitting(limits.connections_max, descriptors),
            connections_per_address_max: (per_address > 0 && !has_proxy).then_some(per_address),
            head_bytes_max: limits.head_bytes_max,
            head_max: Duration::from_secs(limits.head_seconds_max),
            idle_max: Duration::from_secs(limits.idle_seconds_max),
            body_max: Duration::from_secs(limits.body_seconds_max),
            stall_max: Duration::from_secs(limits.stall_seconds_max),
        }
    }
}

/// As many connections as leave enough descriptors for everything else.
fn fitting(wanted: usize, descriptors: Option<u64>) -> usize {
    let Some(all) = descriptors else { return wanted };
    let left = all.saturating_sub((all / 4).max(RESERVE_MIN));
    wanted.min(usize::try_from(left).unwrap_or(usize::MAX)).max(CONNECTIONS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        assert_eq!(fitting(10_000, None), 10_000);
        assert_eq!(fitting(10_000, Some(1_048_576)), 10_000);
        assert_eq!(fitting(10_000, Some(8_192)), 6_144);
        assert_eq!(fitting(10_000, Some(1_024)), 768);
        assert_eq!(fitting(10_000, Some(512)), 256);
        assert_eq!(fitting(10_000, Some(64)), CONNECTIONS_MIN);
    }
}

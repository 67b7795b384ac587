//! A job: a plain value that says what is done, and when.

use std::time::Duration;

use super::lease::Leases;

/// Something that is done again and again, beside the payloads.
pub(super) struct Job {
    /// As metrics and the log name it.
    pub(super) name: &'static str,
    /// How long after a run that went well the next one is due, unless that run says otherwise. The
    /// first is due so long after the start.
    pub(super) every: Duration,
    /// How long it waits after a failure; each further one in a row doubles it, up to a bound.
    pub(super) pause: Duration,
    /// One run. It should be short where it can be: it is what a stop waits for.
    pub(super) work: Work,
}

/// What a job does, with the leases that it may take for it.
pub(super) type Work = Box<dyn FnMut(&Leases) -> Done + Send>;
/// How a run ended.
pub(super) type Done = Result<Next, Fault>;
/// Why it failed: something to say, and to try again.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// When a job is due again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// At its usual time.
    AsUsual,
    /// After so long.
    After(Duration),
}

impl Next {
    /// More waits. Others of the thread, and a stop, get their turn first.
    pub(super) const AT_ONCE: Self = Self::After(Duration::ZERO);
}

//! Every payload ends in exactly one outcome, and each is counted.

use std::sync::Arc;

use crate::telemetry::Telemetry;
use crate::telemetry::traces::{Request, RoundTimes};

/// How a payload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done and durable.
    Kept,
    /// Not let in, with the stable code of the reason.
    Refused(&'static str),
    /// Let in, but not done; the sender was told to try again.
    Failed(&'static str),
}

impl Outcome {
    fn count(self, telemetry: &Telemetry) {
        match self {
            Self::Kept => telemetry.payload_kept(),
            Self::Refused(code) => telemetry.payload_refused(code),
            Self::Failed(code) => telemetry.payload_failed(code),
        }
    }
}

const FORGOTTEN: Outcome = Outcome::Failed("forgotten");

/// One payload's account: opened when it arrives, settled once. Dropped unsettled, it counts as
/// failed with the code `forgotten`, which is a defect of ours and fails the tests.
#[derive(Debug)]
pub struct Ticket {
    telemetry: Arc<Telemetry>,
    /// What it counts as when it is dropped; none once it is settled.
    dropped: Option<Outcome>,
    /// The request that brought it, if that is traced.
    request: Option<Arc<Request>>,
}

impl Ticket {
    /// Opens an account for a payload that is still coming in. Until it [has
    /// arrived](Self::arrived), whoever drops it has stopped waiting for its sender: that is how a
    /// request ends that takes longer than it may.
    #[must_use]
    pub fn open(telemetry: &Arc<Telemetry>) -> Self {
        telemetry.payload_accepted();
        Self {
            telemetry: Arc::clone(telemetry),
            dropped: Some(Outcome::Refused("too_slow")),
            request: None,
        }
    }

    /// From now on it is ours to settle.
    #[must_use]
    pub fn arrived(mut self) -> Self {
        self.dropped = Some(FORGOTTEN);
        self
    }

    /// It came with this request.
    #[must_use]
    pub(crate) fn with(mut self, request: Option<Arc<Request>>) -> Self {
        self.request = request;
        self
    }

    /// The round that it was in is on disk.
    pub(crate) fn was_in_round(&self, times: &RoundTimes) {
        if let Some(request) = &self.request {
            request.was_in_round(times);
        }
    }

    /// Settles it.
    pub fn settle(mut self, outcome: Outcome) {
        self.dropped = None;
        outcome.count(&self.telemetry);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let Some(outcome) = self.dropped else { return };
        // A panic is never the sender's fault.
        let outcome = if std::thread::panicking() { FORGOTTEN } else { outcome };
        outcome.count(&self.telemetry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(end: impl FnOnce(Ticket), expected: &str) {
        let telemetry = Arc::new(Telemetry::new());
        end(Ticket::open(&telemetry));
        let shown = telemetry.render();
        assert!(shown.contains(&format!("{expected}}} 1\n")), "{shown}");
        assert!(shown.contains("kith_payloads_total 1\n"));
    }

    #[test]
    fn whoever_drops_it_decides_how_it_ended() {
        check(drop, r#"outcome="refused",reason="too_slow""#);
        check(|ticket| drop(ticket.arrived()), r#"outcome="failed",reason="forgotten""#);
        check(|ticket| ticket.arrived().settle(Outcome::Kept), r#"outcome="kept",reason="""#);
        let broken = |ticket| {
            let panics = std::panic::AssertUnwindSafe(move || {
                let _held: Ticket = ticket;
                std::panic::resume_unwind(Box::new("a defect"));
            });
            assert!(std::panic::catch_unwind(panics).is_err());
        };
        check(broken, r#"outcome="failed",reason="forgotten""#);
    }
}

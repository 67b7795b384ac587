//! Every payload ends in exactly one outcome, and each is counted.

use std::sync::Arc;

use crate::telemetry::Telemetry;

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

/// One payload's account: opened when it arrives, settled once. Dropped unsettled, it counts as
/// failed with the code `forgotten`, which is a defect of ours and fails the tests.
#[derive(Debug)]
pub struct Ticket {
    telemetry: Arc<Telemetry>,
    settled: bool,
}

impl Ticket {
    /// Opens an account.
    #[must_use]
    pub fn open(telemetry: &Arc<Telemetry>) -> Self {
        telemetry.payload_accepted();
        Self { telemetry: Arc::clone(telemetry), settled: false }
    }

    /// Settles it.
    pub fn settle(mut self, outcome: Outcome) {
        self.settled = true;
        self.telemetry.payload_ended(outcome);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.settled {
            self.telemetry.payload_ended(Outcome::Failed("forgotten"));
        }
    }
}

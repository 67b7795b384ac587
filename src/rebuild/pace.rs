//! How much a rebuild takes from those who work at the same time.

use std::time::Duration;

use crate::app::App;

/// How long it rests after each piece of work, as a part of what that took: trackers keep seven tenths of their
/// pace, and a shadow takes in a million events a minute (docs/benchmarks.md).
const REST: f64 = 0.6;

/// Whether others work at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// A server's: trackers come first.
    GivingWay,
    /// A command's, or of somebody who waits for the answer.
    AtOnce,
}

impl Pace {
    /// After work that began at `begun` (`Clock::elapsed`).
    #[expect(clippy::disallowed_methods, reason = "what is left to others is real time")]
    pub(super) async fn rest(self, app: &App, begun: Duration) {
        if self == Self::GivingWay {
            let took = app.clock.elapsed().saturating_sub(begun);
            tokio::time::sleep(took.mul_f64(REST)).await;
        }
    }
}

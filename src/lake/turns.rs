//! Whose turn it is, where several nodes share a database: leases, taken over after a time.
//!
//! A node flushes its own stream and those of nodes that died; one node at a time merges, expires,
//! erases and sweeps. Where there is one process, it is always its turn.

use std::sync::Arc;
use std::time::Duration;

use super::{Lake, LakeError};
use crate::committer::Committer;
use crate::model::Time;

/// How long a stream is left to a node that says nothing.
const STREAM: Duration = Duration::from_secs(15);
/// How long the care for the files is left to a node that says nothing.
const CARE: Duration = Duration::from_secs(60);
/// The lease for it.
const LAKE: &str = "lake";
/// How long after somebody was hidden no round can be under way any more that has not noticed.
const SETTLED: Duration = Duration::from_secs(60);

/// This node.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    node: Arc<str>,
    is_shared: bool,
}

impl Turns {
    pub(super) fn new(lake: &Lake) -> Self {
        let node = Arc::from(lake.ids.uuid(lake.now()).to_string());
        Self { node, is_shared: lake.storage.is_shared() }
    }

    fn take(&self, lake: &Lake, name: &str, length: Duration) -> Result<bool, LakeError> {
        Ok(lake.storage.lease(name, &self.node, lake.now(), length)?)
    }

    /// Says that this node lives, so that nobody takes its stream.
    pub(super) fn keep_own(&self, lake: &Lake, committer: &Committer) -> Result<(), LakeError> {
        if self.is_shared {
            self.take(lake, &committer.stream(), STREAM)?;
        }
        Ok(())
    }

    /// The streams that this node may flush now; none means all.
    pub(super) fn streams(&self, lake: &Lake) -> Result<Option<Vec<Arc<str>>>, LakeError> {
        if !self.is_shared {
            return Ok(None);
        }
        let mut ours = Vec::new();
        for stream in lake.storage.streams_waiting()? {
            if self.take(lake, &stream, STREAM)? {
                ours.push(stream);
            }
        }
        Ok(Some(ours))
    }

    /// Whether it is this node that cares for the files.
    pub(super) fn may_care(&self, lake: &Lake) -> Result<bool, LakeError> {
        Ok(!self.is_shared || self.take(lake, LAKE, CARE)?)
    }

    /// The same for somebody's erasure: rounds of other nodes that were under way when it was asked
    /// for must be on disk, or they would be overlooked.
    pub(super) fn may_erase(&self, lake: &Lake, asked: Time) -> Result<bool, LakeError> {
        let is_settled = !self.is_shared || asked.plus(SETTLED) <= lake.now();
        Ok(is_settled && self.may_care(lake)?)
    }

    /// Lets others go on at once.
    pub(super) fn end(&self, lake: &Lake, committer: &Committer) {
        if !self.is_shared {
            return;
        }
        for name in [committer.stream().as_ref(), LAKE] {
            if let Err(error) = self.take(lake, name, Duration::ZERO) {
                tracing::debug!(%error, "others will notice by themselves");
            }
        }
    }
}

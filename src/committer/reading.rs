//! What readers ask of the committer: what was acknowledged and is in no row yet.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::{Committer, Unavailable};
use crate::model::{ProfileId, Session};
use crate::storage::StorageError;
use crate::working_set::Command;

/// Rows of people that are written at once because somebody asks for them: others wait no longer than that takes.
const WRITTEN_OUT_AT_ONCE: usize = 32;
/// So long the storage may take for what a round asks of it, before whoever watches is told.
const HANGS: Duration = Duration::from_secs(10);

impl Committer {
    /// The session as acknowledged, if it is newer than its row.
    #[must_use]
    pub fn held_back(&self, id: &str) -> Option<Arc<Session>> {
        self.shared.overlay().get(id).cloned()
    }

    /// The same for those who outlive the door: they do not keep the committer running.
    pub fn overlay(&self) -> impl Fn(&str) -> Option<Arc<Session>> + Send + Sync + use<> {
        let shared = Arc::clone(&self.shared);
        move |id| shared.overlay().get(id).cloned()
    }

    /// Whether anybody's row is older than what was acknowledged of them: less is counted in it.
    #[must_use]
    pub fn counts_ahead(&self) -> bool {
        !self.shared.counted().is_empty()
    }

    /// Brings the rows of these people up to what was acknowledged, of all who wait where none are named.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub async fn write_out(&self, people: Option<&[ProfileId]>) -> Result<(), Unavailable> {
        for some in self.counted_of(people).chunks(WRITTEN_OUT_AT_ONCE) {
            self.command(Command::WriteOut(some.to_vec())).await?;
        }
        Ok(())
    }

    /// The same, on a thread that may block.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub fn blocking_write_out(&self, people: Option<&[ProfileId]>) -> Result<(), Unavailable> {
        for some in self.counted_of(people).chunks(WRITTEN_OUT_AT_ONCE) {
            self.blocking_command(Command::WriteOut(some.to_vec()))?;
        }
        Ok(())
    }

    fn counted_of(&self, people: Option<&[ProfileId]>) -> Vec<ProfileId> {
        let counted = self.shared.counted();
        match people {
            Some(people) => people.iter().filter(|id| counted.contains(*id)).cloned().collect(),
            None => counted.iter().cloned().collect(),
        }
    }

    /// The stream that is written at present.
    #[must_use]
    pub fn stream(&self) -> Arc<str> {
        Arc::clone(&self.shared.stream.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why nothing is accepted at the moment: the storage is down, or does not come back from what it was asked.
    #[must_use]
    pub fn down(&self) -> Option<StorageError> {
        self.shared.down().or_else(|| {
            let seconds = self.hangs()?.as_secs();
            Some(StorageError::Failed(format!("it has not answered for {seconds} seconds")))
        })
    }

    /// How long the storage has not come back from what a round asked of it, where that is longer than any disk
    /// takes that works: nobody is answered meanwhile, and nothing has failed.
    #[must_use]
    pub fn hangs(&self) -> Option<Duration> {
        let since = [self.shared.loading.at(), self.shared.writing.at()];
        let since = since.into_iter().flatten().min()?;
        Some(self.clock.elapsed().saturating_sub(since)).filter(|waited| *waited >= HANGS)
    }

    /// What waits at this moment: payloads in the queue, and sessions and people whose rows are older than what was
    /// acknowledged.
    #[must_use]
    pub fn waits(&self) -> [usize; 3] {
        let payloads = self.waiting.payloads.load(Ordering::Relaxed);
        [payloads, self.shared.overlay().len(), self.shared.counted().len()]
    }
}

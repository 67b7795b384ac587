//! After a failure: refusing, and opening the storage anew until it works.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::fold::{Folder, TICK};
use super::{Unavailable, recovery};
use crate::storage::StorageError;
use crate::working_set::WorkingSet;

/// First pause between attempts to open a failed storage.
const PAUSE: Duration = Duration::from_millis(100);
/// The longest: of our own files the whole log may have to be read each time.
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// The same of a database that is elsewhere, which is only asked whether it is there.
const PAUSE_MAX_ELSEWHERE: Duration = Duration::from_secs(1);
/// How often it is looked whether the database is there, while nobody sends.
const ASK: Duration = Duration::from_secs(5);

/// When to try again.
#[derive(Debug, Default)]
pub(super) struct Retry {
    /// The last round on disk at the last attempt.
    committed: Option<u64>,
    pause: Duration,
}

impl Retry {
    /// At once after a round that was committed; otherwise later each time. A full disk opens well, and
    /// then fails with the next round.
    fn pause(&mut self, committed: u64, longest: Duration) -> Duration {
        let before = self.committed.replace(committed);
        let is_first = before != Some(committed);
        self.pause = if is_first { Duration::ZERO } else { (self.pause * 2).clamp(PAUSE, longest) };
        self.pause
    }
}

impl Folder {
    /// A round that panics is a defect of ours and ends as one whose storage failed: nothing of it is
    /// kept, and the next begins from what is on disk. Others must not stand still for it.
    pub(super) fn guard(&mut self, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.fail(&StorageError::Failed("a round panicked".to_owned()));
        }
    }

    /// Looks what a round would find, where there was none for a while: a balancer and whoever watches are to know of a
    /// database that is gone before the first payload comes.
    pub(super) fn look_whether_it_is_there(&mut self) {
        let now = self.parts.clock.elapsed();
        let heard = self.last_round.max(self.asked);
        if self.is_under_way() || now.saturating_sub(heard) < ASK {
            return;
        }
        self.asked = now;
        match self.parts.storage.is_there() {
            Ok(()) | Err(StorageError::Again(_)) => {}
            Err(error) => self.fail(&error),
        }
    }

    pub(super) fn fail(&self, error: &StorageError) {
        tracing::error!(%error, "the storage failed; nothing is accepted until it is open again");
        self.parts.telemetry.storage_is_up(false);
        self.shared.set_down(Some(error.clone()));
    }

    /// Opens the storage anew until it works. Meanwhile everybody is told to come back later.
    pub(super) fn recover(&mut self) {
        while let Some(why) = self.shared.down() {
            let held = self.stuck.take_all();
            held.into_iter().for_each(|work| work.refuse(Unavailable::from(&why)));
            if matches!(why, StorageError::Lost) {
                self.refuse_for(TICK, Unavailable::Stopping);
                return;
            }
            let is_elsewhere = self.parts.storage.is_shared();
            let longest = if is_elsewhere { PAUSE_MAX_ELSEWHERE } else { PAUSE_MAX };
            let pause = self.retry.pause(self.writer.committed.load(Ordering::Acquire), longest);
            if !pause.is_zero() && !self.refuse_for(pause, Unavailable::from(&why)) {
                return;
            }
            let is_full = matches!(why, StorageError::Full(_));
            match self.parts.storage.reopen().and_then(|()| self.begin(is_full)) {
                Ok(()) => self.up(),
                Err(error) => self.shared.set_down(Some(error)),
            }
        }
    }

    /// Starts a life of the committer: a new stream, nothing in memory, everything folded. What was full opens
    /// well, and takes a little in room that it has already: so `was_full` needs to be seen to have more.
    pub(super) fn begin(&mut self, was_full: bool) -> Result<(), StorageError> {
        let round = self.people.round;
        self.people = WorkingSet::new(&self.parts.config, self.parts.storage.is_shared());
        self.people.round = round;
        self.writer.epoch.fetch_add(1, Ordering::AcqRel);
        let now = self.parts.clock.now();
        self.stream = Arc::from(self.parts.ids.uuid(now).to_string());
        self.parts.storage.claim(&self.stream, now)?;
        if was_full {
            self.parts.storage.try_room()?;
        }
        recovery::fold_again(&self.parts, &self.stream, now)?;
        self.shared.overlay().clear();
        self.shared.counted().clear();
        self.shared.set_stream(&self.stream);
        self.sent = self.writer.committed.load(Ordering::Acquire);
        Ok(())
    }

    fn up(&self) {
        tracing::info!("the storage is open again");
        self.parts.telemetry.storage_is_up(true);
        self.shared.set_down(None);
    }

    /// Refuses whatever comes; false when nobody is left who could send.
    fn refuse_for(&self, pause: Duration, why: Unavailable) -> bool {
        let until = self.parts.clock.elapsed() + pause;
        loop {
            let left = until.saturating_sub(self.parts.clock.elapsed()).min(pause);
            match self.work.recv_timeout(left) {
                Ok(work) => {
                    self.waiting.remove(&work);
                    work.refuse(why);
                }
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_round_in_between_the_next_attempt_waits_longer() {
        let mut retry = Retry::default();
        let pauses: Vec<_> = [7, 7, 7, 7, 8, 8].map(|round| retry.pause(round, PAUSE_MAX)).into();
        assert_eq!(pauses, [0, 100, 200, 400, 0, 100].map(Duration::from_millis));
        for _ in 0..20 {
            retry.pause(8, PAUSE_MAX);
        }
        assert_eq!(retry.pause(8, PAUSE_MAX), Duration::from_secs(5));
        assert_eq!(retry.pause(8, PAUSE_MAX_ELSEWHERE), Duration::from_secs(1));
    }
}

//! Rounds that another node was faster than: they come back and are folded again.
//!
//! A round was decided on rows as they were when it was loaded. Where several nodes write, the
//! commit compares them, and writes nothing when one has moved. The round is folded again over what
//! is there now, with those rows locked, so that it cannot lose them a second time: whoever loses
//! is the next to win. What was folded over the lost round comes back with it.

use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::fold::{Folder, Handed};
use super::{Unavailable, Work};
use crate::storage::{Moved, StorageError};

/// How often a round is folded before those in it are told to come back
/// (docs/decisions/0006-several-nodes.md).
const ATTEMPTS_MAX: usize = 8;
/// How long, after a round was lost, rows are loaded that are remembered: other nodes have the same
/// visitors at present. Loading is cheaper than losing.
const DISTRUST: Duration = Duration::from_secs(10);
/// How often a round under way is looked after.
const LOOK: Duration = Duration::from_millis(1);

/// A round that is not on disk and can be folded again.
pub(super) struct Lost {
    pub(super) number: u64,
    pub(super) work: Vec<Work>,
    pub(super) moved: Moved,
    /// Rows that somebody holds for longer than a round waits.
    pub(super) locked: Moved,
}

impl Lost {
    fn join(&mut self, later: Self) {
        self.number = later.number;
        self.work.extend(later.work);
        self.moved.join(later.moved);
        self.locked.join(later.locked);
    }
}

impl Folder {
    /// Whether a round that was handed over is not on disk yet and may still be lost to others.
    pub(super) fn is_under_way(&self) -> bool {
        self.people.is_shared && self.writer.committed.load(Ordering::Acquire) < self.sent
    }

    /// Folds again whatever has come back, until it is on disk or was tried often enough.
    pub(super) fn fold_lost_again(&mut self) {
        let Ok(lost) = self.writer.lost.try_recv() else { return };
        let mut lost = self.all_of(lost);
        self.distrusts_until = self.parts.clock.elapsed() + DISTRUST;
        let mut moved = Moved::default();
        for attempt in 1..ATTEMPTS_MAX {
            self.writer.epoch.fetch_add(1, Ordering::AcqRel);
            self.people.undo(self.writer.committed.load(Ordering::Acquire), &lost.moved);
            if !lost.locked.is_empty() {
                lost = self.hold_locked(lost, attempt);
            }
            moved.join(lost.moved);
            moved = self.stuck.without(&moved);
            self.parts.telemetry.folded_again(lost.work.len());
            if self.fold_round(lost.work, Some(&moved)) == Handed::Not {
                self.sent = self.writer.committed.load(Ordering::Acquire);
                return;
            }
            match self.outcome() {
                Some(again) => lost = self.all_of(again),
                None => return,
            }
        }
        self.writer.epoch.fetch_add(1, Ordering::AcqRel);
        self.people.undo(self.writer.committed.load(Ordering::Acquire), &lost.moved);
        self.sent = self.writer.committed.load(Ordering::Acquire);
        lost.work.into_iter().for_each(|work| work.refuse(Unavailable::Contended));
    }

    /// What can be locked of `rows`, where a load that locks them was in somebody's way: from now on whoever
    /// needs the others waits by itself. None where nobody holds any.
    pub(super) fn without_held(
        &mut self,
        work: &[Work],
        rows: Option<&Moved>,
        error: &StorageError,
    ) -> Option<Moved> {
        let rows = rows.filter(|_| matches!(error, StorageError::Again(_)))?;
        let mut asked = rows.clone();
        asked.sessions.extend(work.iter().filter_map(|work| match work {
            Work::Payload(payload, ..) => payload.session.clone(),
            Work::Command(..) => None,
        }));
        let held = self.parts.storage.locked(&asked).ok()?;
        let is_new = !self.stuck.without(&held).is_empty();
        self.stuck.hold(held.clone());
        // Else it would be tried in vain again.
        (is_new && self.stuck.without(&held).is_empty()).then(|| self.stuck.without(rows))
    }

    /// From now on whoever needs these rows waits by itself. A command does not always say which it needs:
    /// one that stood in such a round twice is told to come back.
    fn hold_locked(&mut self, mut lost: Lost, attempt: usize) -> Lost {
        let rows = std::mem::take(&mut lost.locked);
        tracing::warn!(
            sessions = rows.sessions.len(),
            profiles = rows.profiles.len(),
            identifiers = rows.identifiers.len(),
            "rows are locked by somebody else; whoever needs them waits, and nobody else does"
        );
        self.people.undo(self.writer.committed.load(Ordering::Acquire), &rows);
        self.stuck.hold(rows);
        if attempt > 2 {
            let is_command = |work: &mut Work| matches!(work, Work::Command(..));
            let refused = lost.work.extract_if(.., is_command).collect::<Vec<_>>();
            refused.into_iter().for_each(|work| work.refuse(Unavailable::Contended));
        }
        lost
    }

    /// Waits for what is under way, at the end.
    pub(super) fn finish(&mut self) {
        while self.is_under_way() && self.shared.down().is_none() {
            self.fold_lost_again();
            std::thread::sleep(LOOK);
        }
    }

    /// A lost round with those that were folded over it, which the writer gives back too. Not those
    /// of a later life, which may get on disk: when the storage was opened anew meanwhile.
    fn all_of(&self, mut lost: Lost) -> Lost {
        while lost.number < self.sent && self.shared.down().is_none() {
            match self.writer.lost.recv_timeout(LOOK) {
                Ok(later) => lost.join(later),
                Err(RecvTimeoutError::Timeout) if self.is_under_way() => {}
                Err(_) => break,
            }
        }
        lost
    }

    /// Waits until the round under way is on disk or lost; nothing when it is settled.
    fn outcome(&self) -> Option<Lost> {
        while self.is_under_way() && self.shared.down().is_none() {
            if let Ok(lost) = self.writer.lost.recv_timeout(LOOK) {
                return Some(lost);
            }
        }
        self.writer.lost.try_recv().ok()
    }
}

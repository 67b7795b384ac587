//! What was done and looked at, on its way into the audit log.
//!
//! Whoever is about to do something that the log must have takes a place in a queue first, and leaves
//! an entry there in the end, however it ends. So there is nothing that the log has no room for, and
//! nobody waits for the disk: a job writes what has gathered. Without a place nothing is done.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::ids::Ids;
use crate::storage::{AuditRow, AuditSearch, Storage, StorageError};

/// Entries that wait and places that are taken, together.
const WAITING_MAX: usize = 4096;
/// Entries that are written in one transaction.
const WRITTEN_AT_ONCE: usize = 256;
/// Longest of what an entry says was asked, in bytes.
pub const DETAIL_BYTES_MAX: usize = 4096;
/// Longest of who did something, and of what it was done to, in bytes: no name and no id is longer. What strangers and
/// addresses say may be, and a database finds entries by it, for which it may be no longer than so.
const NAME_BYTES_MAX: usize = 512;
/// Failures to sign in that are written one by one in a minute; how many more there were is said by
/// the next one that is. Strangers must not fill the log.
const FAILURES_PER_MINUTE_MAX: u32 = 100;
const MINUTE: Duration = Duration::from_secs(60);

/// What was done, by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deed {
    /// A user's e-mail address, or what else did it.
    pub who: String,
    /// Where from.
    pub address: Option<String>,
    /// `look`, `ask`, `export` and the like.
    pub action: &'static str,
    /// The kind of what it was done to.
    pub kind: &'static str,
    /// The id of what it was done to; empty where there are many.
    pub subject: String,
    /// What was asked; cut off past [`DETAIL_BYTES_MAX`].
    pub detail: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
}

/// The queue.
#[derive(Debug)]
pub struct Audit {
    clock: Clock,
    ids: Ids,
    waiting: Mutex<Waiting>,
    /// One at a time writes.
    writing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    entries: VecDeque<AuditRow>,
    places: usize,
    /// How many there were.
    count: u32,
    failures: Failures,
}

/// Failures to sign in, in this minute.
#[derive(Debug, Default)]
struct Failures {
    since: Duration,
    written: u32,
    passed_over: u64,
}

/// Room for one entry, which is given back when it is dropped.
#[derive(Debug)]
pub struct Place(Arc<Audit>);

impl Audit {
    /// Empty.
    #[must_use]
    pub fn new(clock: &Clock, ids: &Ids) -> Self {
        let (waiting, writing) = Default::default();
        Self { clock: clock.clone(), ids: ids.clone(), waiting, writing }
    }

    /// Room for one entry; none while the log cannot be written and too much waits for that.
    #[must_use]
    pub fn place(self: &Arc<Self>) -> Option<Place> {
        let mut waiting = self.waiting();
        if waiting.entries.len() + waiting.places >= WAITING_MAX {
            return None;
        }
        waiting.places += 1;
        Some(Place(Arc::clone(self)))
    }

    /// Writes what has gathered. What cannot be written waits on.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn flush(&self, storage: &dyn Storage) -> Result<(), StorageError> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let some: Vec<AuditRow> =
                self.waiting().entries.iter().take(WRITTEN_AT_ONCE).cloned().collect();
            if some.is_empty() {
                return Ok(());
            }
            storage.note(&some)?;
            self.waiting().entries.drain(..some.len());
        }
    }

    /// What `search` finds, the latest first, at most `limit`. Reading does not need writing: what cannot be written
    /// now is found where it waits.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn find(
        &self,
        storage: &dyn Storage,
        search: &AuditSearch,
        limit: usize,
    ) -> Result<Vec<AuditRow>, StorageError> {
        let unwritten: Vec<AuditRow> = if self.flush(storage).is_ok() {
            Vec::new()
        } else {
            let waiting = self.waiting();
            waiting.entries.iter().filter(|row| search.takes(row)).cloned().collect()
        };
        let mut found = storage.audit(search, limit)?;
        found.extend(unwritten);
        found.sort_by(|one, other| other.id.cmp(&one.id));
        // Of what could not be written nobody knows whether it was.
        found.dedup_by(|one, other| one.id == other.id);
        found.truncate(limit);
        Ok(found)
    }

    /// How many entries wait to be written.
    #[must_use]
    pub fn many(&self) -> usize {
        self.waiting().entries.len()
    }

    /// A row of a deed, with a number that rises.
    #[must_use]
    pub fn row(&self, deed: Deed) -> AuditRow {
        let count = {
            let mut waiting = self.waiting();
            waiting.count = waiting.count.wrapping_add(1);
            waiting.count
        };
        self.numbered(deed, count)
    }

    fn numbered(&self, deed: Deed, count: u32) -> AuditRow {
        let at = self.clock.now();
        // By time; then changes of the configuration, whose versions are small; then by their order
        // here. Other servers draw other numbers.
        let (micros, chance) = (at.micros(), u32::from_ne_bytes(self.ids.bytes()));
        AuditRow {
            id: format!("{micros:016x}{:08x}{chance:08x}", count | 1 << 31),
            at,
            who: cut(deed.who, NAME_BYTES_MAX),
            action: deed.action.to_owned(),
            kind: deed.kind.to_owned(),
            subject: cut(deed.subject, NAME_BYTES_MAX),
            version: 0,
            before: None,
            after: None,
            address: deed.address,
            detail: deed.detail.map(|detail| cut(detail, DETAIL_BYTES_MAX)),
            status: deed.status.map(i64::from),
        }
    }

    /// Whether one more failure to sign in is written, and how many were not since the last one.
    fn failure(&self) -> Option<u64> {
        let now = self.clock.elapsed();
        let failures = &mut self.waiting().failures;
        if now.saturating_sub(failures.since) >= MINUTE {
            (failures.since, failures.written) = (now, 0);
        }
        if failures.written >= FAILURES_PER_MINUTE_MAX {
            failures.passed_over += 1;
            return None;
        }
        failures.written += 1;
        Some(std::mem::take(&mut failures.passed_over))
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Leaves an entry.
    pub fn note(self, deed: Deed) {
        let row = self.0.row(deed);
        self.0.waiting().entries.push_back(row);
    }

    /// Leaves an entry about somebody who could not sign in, unless there were very many just now.
    pub fn note_failure(self, mut deed: Deed) {
        let Some(others) = self.0.failure() else { return };
        if others > 0 {
            deed.detail = Some(format!("and {others} others before, which were not written"));
        }
        self.note(deed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting().places -= 1;
    }
}

/// Cut off between two characters.
fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    fn audit() -> Arc<Audit> {
        Arc::new(Audit::new(&Clock::set_to(Time::default()), &Ids::seeded(1)))
    }

    #[test]
    fn there_is_room_for_so_many_and_then_for_nobody() {
        let audit = audit();
        let places: Vec<_> = std::iter::from_fn(|| audit.place()).collect();
        assert_eq!(places.len(), WAITING_MAX);
        places.into_iter().for_each(|place| place.note(Deed::default()));
        assert!(audit.place().is_none(), "they wait to be written");
        audit.waiting().entries.pop_front();
        drop(audit.place().unwrap());
        assert!(audit.place().is_some(), "given back");
    }

    #[test]
    fn numbers_rise_and_what_was_asked_is_bounded() {
        let audit = audit();
        let detail = Some("ż".repeat(DETAIL_BYTES_MAX));
        for _ in 0..300 {
            audit.place().unwrap().note(Deed { detail: detail.clone(), ..Deed::default() });
        }
        let entries = &audit.waiting().entries;
        assert!(entries.iter().map(|row| &row.id).is_sorted_by(|one, next| one < next));
        let detail = entries[0].detail.as_ref().unwrap();
        assert!(detail.len() <= DETAIL_BYTES_MAX + 3 && detail.ends_with("ż…"));
    }

    #[test]
    fn names_and_ids_are_no_longer_than_any_is() {
        let (audit, long) = (audit(), "ż".repeat(5000));
        let deed = Deed { who: long.clone(), subject: long, ..Deed::default() };
        audit.place().unwrap().note(deed);
        let row = audit.waiting().entries[0].clone();
        for said in [row.who, row.subject] {
            assert!(said.len() <= NAME_BYTES_MAX + 3 && said.ends_with("ż…"), "{said}");
        }
    }

    #[test]
    fn strangers_do_not_fill_the_log() {
        let audit = audit();
        let fail = || audit.place().unwrap().note_failure(Deed::default());
        (0..250).for_each(|_| fail());
        assert_eq!(audit.many(), 100);
        audit.clock.advance(MINUTE);
        fail();
        let last = audit.waiting().entries.back().cloned().unwrap();
        assert_eq!(last.detail.unwrap(), "and 150 others before, which were not written");
    }
}

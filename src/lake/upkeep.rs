//! What history needs from time to time: when it is due, and doing it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::compact::Eagerness;
use super::{CacheUse, Erasure, Flushed, Lake, LakeError};
use crate::registry::Snapshot;
use crate::storage::TailSize;
use crate::telemetry::traces::Value;

/// How long after somebody was hidden no round can be under way any more that has not noticed.
const SETTLED: Duration = Duration::from_secs(60);

/// For which day, and which version of the configuration, retention was applied: it counts in whole
/// days, and looks into every old file.
#[derive(Debug, Default)]
pub struct Retained(Option<(i64, i64)>);

impl Lake {
    /// Whether the tail is full, or its events have waited too long; the last flush was `waited` ago.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn is_flush_due(&self, waited: Duration) -> Result<bool, LakeError> {
        let tail = self.storage.tail_size()?;
        self.telemetry.lake(tail.events, tail.files, tail.file_bytes);
        let is_full = self.is_full(&tail, 1);
        let is_old = waited >= Duration::from_secs(self.config.flush_seconds);
        Ok(tail.bytes > 0 && (is_full || is_old))
    }

    /// Whether the tail has so many times as much as a flush waits for.
    pub(super) fn is_full(&self, tail: &TailSize, times: u64) -> bool {
        tail.events >= self.config.flush_events.saturating_mul(times)
            || tail.bytes >= self.config.flush_bytes.saturating_mul(times)
    }

    /// [`Lake::flush_of`], counted.
    ///
    /// # Errors
    /// As there.
    pub fn flush_portion(&self, streams: Option<&[Arc<str>]>) -> Result<Flushed, LakeError> {
        let begun = self.clock.elapsed();
        let flushed = self.flush_of(streams);
        self.telemetry.flush_ended(match &flushed {
            Ok(flushed) if flushed.is_overtaken => "overtaken",
            Ok(_) => "done",
            Err(_) => "failed",
        });
        self.traced("flush", begun, flushed.as_ref().map(|flushed| flushed.events));
        let flushed = flushed?;
        self.telemetry.flushed(flushed.events, self.clock.elapsed().saturating_sub(begun));
        Ok(flushed)
    }

    /// Merges what is worth it, removes what is older than its source keeps it, and files that were
    /// replaced. When one of them fails, the others are done all the same.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn care(&self, known: &Snapshot, retained: &mut Retained) -> Result<(), LakeError> {
        let begun = self.clock.elapsed();
        let compacted = self.compact(Eagerness::WhenWorthIt);
        self.traced("merge", begun, compacted.as_ref().map(|done| done.replaced as u64));
        let expired = self.retain(known, retained);
        let swept = self.sweep();
        let replaced = compacted.as_ref().map_or(0, |done| done.replaced);
        let (gone, removed) = (expired.as_ref().ok(), swept.as_ref().ok());
        let count = (gone.copied().unwrap_or(0), removed.copied().unwrap_or(0));
        self.telemetry.cared(replaced, count.0, count.1);
        compacted.map(drop).and(expired.map(drop)).and(swept.map(drop))
    }

    /// Tells whoever collects traces of a job that has done something: moved events, or replaced files.
    fn traced(&self, job: &'static str, begun: Duration, done: Result<u64, &LakeError>) {
        let many = done.unwrap_or(0);
        if many > 0 || done.is_err() {
            let of = if job == "flush" { "kith.events" } else { "kith.files" };
            let attributes = vec![(of, Value::Number(many))];
            self.telemetry.traces().job(job, begun, done.is_err(), attributes);
        }
    }

    /// How many events were too old.
    fn retain(&self, known: &Snapshot, retained: &mut Retained) -> Result<u64, LakeError> {
        let due = (self.now().day(), known.version());
        if retained.0 == Some(due) {
            return Ok(0);
        }
        let expired = self.expire(known)?.events;
        retained.0 = Some(due);
        Ok(expired)
    }

    /// The erasure that was asked for first, of those that can be done. Where nodes share a database,
    /// rounds of others that were under way when it was asked for must be on disk: they would be
    /// overlooked.
    ///
    /// # Errors
    /// See [`LakeError`].
    pub fn next_erasure(&self) -> Result<Option<Erasure>, LakeError> {
        let (is_shared, now) = (self.storage.is_shared(), self.now());
        let asked = self.storage.erasures()?;
        let due = asked.into_iter().find(|row| !is_shared || row.asked.plus(SETTLED) <= now);
        Ok(due.map(Erasure::from))
    }

    /// How the cache of files goes.
    #[must_use]
    pub fn cache(&self) -> CacheUse {
        self.files.cache()
    }

    /// Nobody waits for S3 from now on: what is under way there ends soon, and nothing begins.
    pub fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
        self.files.close();
    }

    /// Ends the process that writes files, whatever it is in the middle of: its job has failed then, and what it was to
    /// do is done after the next start. No other begins.
    pub fn end_writing(&self) {
        self.workshops.end();
    }

    /// Whether the server ends: whoever looks at all of history gives up, and begins anew after the next
    /// start.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }
}

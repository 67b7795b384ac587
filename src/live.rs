//! What happens at this moment, for those who look: events as they are kept, payloads as they are refused.
//!
//! Whoever sends never waits for whoever looks. Of a round at most so much is handed on, only so many rounds
//! wait for the slowest of those who look, and each hears how many events it has missed. While nobody looks,
//! it costs a look at a number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Semaphore, broadcast, watch};

use crate::events::Rows;
use crate::model::Time;

/// Rounds and refusals that wait for the slowest of those who look.
pub const MOMENTS_MAX: usize = 64;
/// What is handed on of one round, in events and in bytes.
pub const ROUND_EVENTS_MAX: usize = 500;
/// See [`ROUND_EVENTS_MAX`].
pub const ROUND_BYTES_MAX: usize = 512 * 1024;
/// How many may look at one time.
pub const WATCHERS_MAX: usize = 32;

/// What has just happened.
#[derive(Clone, Debug)]
pub enum Moment {
    /// A round is on disk.
    Kept(Arc<Kept>),
    /// A payload was refused, or could not be kept.
    Refused(Arc<Refused>),
}

/// Events of one round.
#[derive(Debug)]
pub struct Kept {
    /// All events that were told of up to and with this round, handed on or not.
    pub total: u64,
    /// Those that are handed on, the latest of the round, as the tail has them.
    pub lines: Vec<Vec<u8>>,
}

/// A payload that was not kept.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    /// All refusals up to and with this one.
    pub total: u64,
    /// When.
    pub at: Time,
    /// Stable, for programs.
    pub code: &'static str,
    /// The answer's status.
    pub status: u16,
    /// A sentence. Never holds anything of the payload.
    pub message: String,
    /// Where in the payload, and what is wrong there.
    pub problems: Vec<(String, String)>,
    /// Who says to have sent it; empty where that could not be read.
    pub source: String,
}

/// The one place that tells of what happens.
#[derive(Debug)]
pub struct Live {
    moments: broadcast::Sender<Moment>,
    events: AtomicU64,
    refusals: AtomicU64,
    places: Arc<Semaphore>,
    end: watch::Sender<bool>,
}

/// Somebody who looks.
#[derive(Debug)]
pub struct Watcher {
    /// What happens from now on.
    pub moments: broadcast::Receiver<Moment>,
    /// Events and refusals that were told of before.
    pub seen: (u64, u64),
    end: watch::Receiver<bool>,
    _place: tokio::sync::OwnedSemaphorePermit,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            moments: broadcast::Sender::new(MOMENTS_MAX),
            events: AtomicU64::new(0),
            refusals: AtomicU64::new(0),
            places: Arc::new(Semaphore::new(WATCHERS_MAX)),
            end: watch::Sender::new(false),
        }
    }
}

impl Live {
    /// A place to look from; none while as many look as may.
    #[must_use]
    pub fn watch(&self) -> Option<Watcher> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        // The counts come last: what happens in between is in both, and never counts as missed.
        let moments = self.moments.subscribe();
        let seen = (self.events.load(Ordering::Acquire), self.refusals.load(Ordering::Acquire));
        Some(Watcher { moments, seen, end: self.end.subscribe(), _place: place })
    }

    /// A round is on disk. Called by the thread that has written it.
    pub(crate) fn kept(&self, rows: &Rows) {
        if rows.count == 0 || !self.has_watchers() {
            return;
        }
        let total = self.events.fetch_add(rows.count, Ordering::AcqRel) + rows.count;
        self.tell(Moment::Kept(Arc::new(Kept { total, lines: latest(rows) })));
    }

    /// A payload was refused; `refused` is only made when somebody looks.
    pub(crate) fn refused(&self, refused: impl FnOnce() -> Refused) {
        if !self.has_watchers() {
            return;
        }
        let total = self.refusals.fetch_add(1, Ordering::AcqRel) + 1;
        self.tell(Moment::Refused(Arc::new(Refused { total, ..refused() })));
    }

    /// Nobody looks from now on: a server that stops waits for nobody who looks.
    pub fn end(&self) {
        self.end.send_replace(true);
    }

    fn has_watchers(&self) -> bool {
        self.moments.receiver_count() > 0
    }

    fn tell(&self, moment: Moment) {
        // The last of those who look may have gone this instant.
        drop(self.moments.send(moment));
    }
}

impl Watcher {
    /// What happens next, and how many have been missed before it; none when it is over.
    pub async fn next(&mut self) -> Option<Result<Moment, broadcast::error::RecvError>> {
        if *self.end.borrow() {
            return None;
        }
        tokio::select! {
            moment = self.moments.recv() => Some(moment),
            _ = self.end.changed() => None,
        }
    }
}

/// The latest events of a round, as many as are handed on, in their order.
fn latest(rows: &Rows) -> Vec<Vec<u8>> {
    let mut bytes = 0;
    let mut lines: Vec<_> = rows
        .iter()
        .rev()
        .take(ROUND_EVENTS_MAX)
        .take_while(|line| {
            bytes += line.len();
            bytes <= ROUND_BYTES_MAX
        })
        .map(<[u8]>::to_vec)
        .collect();
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[String]) -> Rows {
        let all: String = lines.iter().map(|line| format!("{line}\n")).collect();
        Rows { lines: all.into_bytes(), count: lines.len() as u64 }
    }

    fn kept(watcher: &mut Watcher) -> Arc<Kept> {
        match watcher.moments.try_recv() {
            Ok(Moment::Kept(kept)) => kept,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_told_while_nobody_looks() {
        let live = Live::default();
        live.kept(&rows(&["{}".to_owned()]));
        live.refused(|| unreachable!("nobody looks"));
        assert_eq!(live.watch().unwrap().seen, (0, 0));
    }

    #[test]
    fn of_a_large_round_the_latest_are_told_and_all_are_counted() {
        let live = Live::default();
        let mut watcher = live.watch().unwrap();
        let lines: Vec<_> = (0..ROUND_EVENTS_MAX + 7).map(|n| n.to_string()).collect();
        live.kept(&rows(&lines));
        let told = kept(&mut watcher);
        assert_eq!(told.lines.first().unwrap(), b"7");
        assert_eq!((told.lines.len(), told.total), (ROUND_EVENTS_MAX, lines.len() as u64));
        live.kept(&rows(&["a".repeat(ROUND_BYTES_MAX), "b".to_owned()]));
        assert_eq!(kept(&mut watcher).lines, [b"b"], "and no more bytes than may be");
    }

    #[test]
    fn whoever_is_slow_misses_the_oldest_and_can_count_them() {
        let live = Live::default();
        let mut watcher = live.watch().unwrap();
        (0..MOMENTS_MAX + 3).for_each(|n| live.kept(&rows(&[n.to_string()])));
        let missed = watcher.moments.try_recv();
        assert!(matches!(missed, Err(broadcast::error::TryRecvError::Lagged(3))), "{missed:?}");
        let told = kept(&mut watcher);
        assert_eq!((told.total, told.lines.concat()), (4, b"3".to_vec()));
    }

    #[test]
    fn only_so_many_look_at_one_time() {
        let live = Live::default();
        let mut all: Vec<_> = (0..WATCHERS_MAX).map(|_| live.watch().unwrap()).collect();
        assert!(live.watch().is_none());
        all.pop();
        assert!(live.watch().is_some());
    }
}

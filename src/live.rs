//! What happens at this moment, for those who look: events as they are kept, payloads as they are refused.
//!
//! Whoever sends never waits for whoever looks. Of a round at most so much is handed on, only so many rounds
//! wait for the slowest of those who look, and each hears how many events it has missed. Whoever has heard
//! all that they may for now rests: while all do, rounds are only counted, and nobody is woken. While nobody
//! looks, it costs a look at a number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

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
    counts: Arc<Counts>,
    places: Arc<Semaphore>,
    end: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Events of rounds that were told of.
    events: AtomicU64,
    refusals: AtomicU64,
    /// Events that were not told of, since all who look rested.
    slept: AtomicU64,
    /// How many look and do not rest.
    awake: AtomicUsize,
}

/// Somebody who looks. Awake, until it rests.
#[derive(Debug)]
pub struct Watcher {
    /// What happens from now on.
    pub moments: broadcast::Receiver<Moment>,
    /// Events and refusals that were told of before.
    pub seen: (u64, u64),
    counts: Arc<Counts>,
    /// Of [`Counts::slept`], what was counted before.
    slept: u64,
    is_awake: bool,
    end: watch::Receiver<bool>,
    _place: tokio::sync::OwnedSemaphorePermit,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            moments: broadcast::Sender::new(MOMENTS_MAX),
            counts: Arc::default(),
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
        let counts = Arc::clone(&self.counts);
        counts.awake.fetch_add(1, Ordering::AcqRel);
        let seen = (counts.events.load(Ordering::Acquire), counts.refusals.load(Ordering::Acquire));
        let slept = counts.slept.load(Ordering::Acquire);
        let end = self.end.subscribe();
        Some(Watcher { moments, seen, counts, slept, is_awake: true, end, _place: place })
    }

    /// A round is on disk. Called by the thread that has written it.
    pub(crate) fn kept(&self, rows: &Rows) {
        if rows.count == 0 || !self.has_watchers() {
            return;
        }
        if self.counts.awake.load(Ordering::Acquire) == 0 {
            self.counts.slept.fetch_add(rows.count, Ordering::AcqRel);
            return;
        }
        let total = self.counts.events.fetch_add(rows.count, Ordering::AcqRel) + rows.count;
        self.tell(Moment::Kept(Arc::new(Kept { total, lines: latest(rows) })));
    }

    /// A payload was refused; `refused` is only made when somebody looks.
    pub(crate) fn refused(&self, refused: impl FnOnce() -> Refused) {
        if !self.has_watchers() {
            return;
        }
        let total = self.counts.refusals.fetch_add(1, Ordering::AcqRel) + 1;
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
    /// Hears of no more events, so that nobody is woken for them; of refusals it still does, and of the
    /// events that somebody else is awake for.
    pub fn rest(&mut self) {
        if std::mem::take(&mut self.is_awake) {
            self.counts.awake.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Hears of events again.
    pub fn wake(&mut self) {
        if !std::mem::replace(&mut self.is_awake, true) {
            self.counts.awake.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Whether it rests.
    #[must_use]
    pub const fn rests(&self) -> bool {
        !self.is_awake
    }

    /// Events that nobody was told of, since all rested; those since the last time.
    pub fn slept(&mut self) -> u64 {
        let all = self.counts.slept.load(Ordering::Acquire);
        all - std::mem::replace(&mut self.slept, all)
    }

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

impl Drop for Watcher {
    fn drop(&mut self) {
        self.rest();
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
        Rows::of(all.into_bytes(), lines.len() as u64)
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
    fn while_all_rest_rounds_are_only_counted() {
        let live = Live::default();
        let (mut one, mut other) = (live.watch().unwrap(), live.watch().unwrap());
        one.rest();
        live.kept(&rows(&["a".to_owned()]));
        assert_eq!((kept(&mut one).total, one.slept()), (1, 0), "somebody else is awake");
        other.rest();
        live.kept(&rows(&["b".to_owned(), "c".to_owned()]));
        live.refused(Refused::default);
        assert!(matches!(one.moments.try_recv(), Ok(Moment::Refused(_))), "refusals are told");
        assert!(one.moments.is_empty());
        assert_eq!((one.slept(), one.slept(), other.slept()), (2, 0, 2));
        assert_eq!(
            live.watch().unwrap().slept(),
            0,
            "what was before, whoever comes has not missed"
        );
        one.wake();
        live.kept(&rows(&["d".to_owned()]));
        assert_eq!((kept(&mut one).total, one.slept()), (2, 0));
        drop(one);
        live.kept(&rows(&["e".to_owned()]));
        assert_eq!(other.slept(), 1, "whoever goes is awake no more");
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

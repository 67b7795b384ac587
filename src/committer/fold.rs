//! The first thread: gathers a round and folds it, while the round before is being committed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::aside::Aside;
use super::reopen::Retry;
use super::stuck::{self, Stuck};
use super::writer::{Answer, Hand, Kept, Round};
use super::{Parts, Shared, Unavailable, Waiting, Work};
use crate::storage::{Moved, StorageError, Wanted};
use crate::telemetry::traces::RoundTimes;
use crate::track;
use crate::working_set::{Patience, Waits, WorkingSet};

/// How often the committer looks up when nothing arrives, to write what it holds back.
pub(super) const TICK: Duration = Duration::from_millis(500);
/// The same while a round is on its way and others may be faster: it has to be folded again soon.
const TICK_UNDER_WAY: Duration = Duration::from_millis(1);
/// Shortest time from one round's beginning to the next one's. Where the disk takes longer it is not
/// felt: rounds gather while the one before is being committed.
const PACE: Duration = Duration::from_micros(300);
/// The same while many send, who wait for each other anyway: at half of what two cores can do, a payload then takes 164
/// µs of them and not 175, and 99 of 100 are answered in 11 ms and not in 18.
const PACE_OF_MANY: Duration = Duration::from_millis(1);
/// Payloads of a round, on the mean of the last eight or so, from which on many send.
const MANY: f64 = 2.0;

/// Whether the writer has got a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    Over,
    Not,
}

pub(super) struct Folder {
    pub(super) parts: Parts,
    pub(super) work: Receiver<Work>,
    pub(super) writer: Hand,
    pub(super) shared: Arc<Shared>,
    pub(super) waiting: Arc<Waiting>,
    pub(super) people: WorkingSet,
    /// Payloads of somebody who stands still.
    pub(super) aside: Aside,
    /// Payloads whose rows somebody else holds.
    pub(super) stuck: Stuck,
    pub(super) stream: Arc<str>,
    /// The last round handed over.
    pub(super) sent: u64,
    /// Until then, by the clock's `elapsed`, other nodes change what is remembered here.
    pub(super) distrusts_until: Duration,
    /// When the last round began, by the clock's `elapsed`.
    pub(super) last_round: Duration,
    /// When the database was asked last whether it is there.
    pub(super) asked: Duration,
    /// Payloads of a round, on the mean of the last ones.
    crowd: f64,
    times: RoundTimes,
    pub(super) retry: Retry,
}

impl Folder {
    pub(super) fn new(
        parts: Parts,
        work: Receiver<Work>,
        writer: Hand,
        shared: &Arc<Shared>,
        waiting: &Arc<Waiting>,
    ) -> Result<Self, StorageError> {
        let people = WorkingSet::new(&parts.config, parts.storage.is_shared());
        let stuck = Stuck::new(parts.request_max);
        let (shared, waiting) = (Arc::clone(shared), Arc::clone(waiting));
        let stream = Arc::from("");
        let (sent, never) = (0, Duration::ZERO);
        let (distrusts_until, last_round) = (never, never);
        let mut folder = Self {
            parts,
            work,
            writer,
            shared,
            waiting,
            people,
            aside: Aside::default(),
            stuck,
            stream,
            sent,
            distrusts_until,
            last_round,
            asked: never,
            crowd: 0.0,
            times: RoundTimes::default(),
            retry: Retry::default(),
        };
        folder.begin(false)?;
        Ok(folder)
    }

    /// Until the last sender is gone: then everything held back is written, and the writer ends
    /// with the channel.
    pub(super) fn run(mut self) {
        loop {
            match self.work.recv_timeout(self.tick()) {
                Ok(first) => {
                    self.pace();
                    self.guard(|folder| folder.round(first));
                }
                Err(RecvTimeoutError::Timeout) => self.guard(Self::catch_up),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.guard(Self::fold_lost_again);
            self.guard(Self::look_after_stuck);
            if self.shared.down().is_some() {
                self.recover();
            }
        }
        let mut waiting = self.aside.take_all();
        waiting.extend(self.stuck.take_all());
        self.guard(|folder| folder.fold_all(waiting));
        self.finish();
        let held = self.stuck.take_all();
        held.into_iter().for_each(|work| work.refuse(Unavailable::Stopping));
        self.send(Vec::new(), Waits::OVER);
    }

    /// How long to wait for somebody.
    fn tick(&self) -> Duration {
        if self.aside.is_over(self.parts.clock.elapsed()) {
            Duration::ZERO
        } else if self.is_under_way() {
            TICK_UNDER_WAY
        } else if !self.stuck.is_empty() {
            stuck::LOOK
        } else {
            TICK
        }
    }

    /// Lets a round gather when the last one has only just begun. A commit costs nearly the same
    /// for one payload as for ten: many small ones would take the processor from everybody else.
    /// A single client does not wait.
    fn pace(&mut self) {
        let since = self.parts.clock.elapsed().saturating_sub(self.last_round);
        let pace = if self.crowd < MANY { PACE } else { PACE_OF_MANY };
        if let Some(wait) = pace.checked_sub(since).filter(|wait| !wait.is_zero()) {
            std::thread::sleep(wait);
        }
        self.last_round = self.parts.clock.elapsed();
    }

    fn round(&mut self, first: Work) {
        let mut work = self.aside.take(self.parts.clock.elapsed());
        work.extend(self.take(first));
        self.crowd += (f64::from(u32::try_from(work.len()).unwrap_or(u32::MAX)) - self.crowd) / 8.0;
        self.fold_round(work, None);
    }

    /// When nothing has arrived: whoever has waited goes on, and what is held back is written.
    fn catch_up(&mut self) {
        let waited = self.aside.take(self.parts.clock.elapsed());
        self.fold_all(waited);
        self.write_held_back();
        self.look_whether_it_is_there();
    }

    pub(super) fn fold_all(&mut self, work: Vec<Work>) {
        if !work.is_empty() {
            self.fold_round(work, None);
        }
    }

    /// Loads, folds and hands over; `locked` is what an earlier attempt has lost. When others are in
    /// the way of the load for too long, nothing has failed: those in the round are told to come back.
    pub(super) fn fold_round(&mut self, work: Vec<Work>, locked: Option<&Moved>) -> Handed {
        let started = self.parts.clock.elapsed();
        let work = self.unless_stuck(work);
        if let Err(error) = self.load(&work, locked) {
            if let Some(free) = self.without_held(&work, locked, &error) {
                return self.fold_round(work, Some(&free));
            }
            if !matches!(error, StorageError::Again(_)) {
                self.fail(&error);
            }
            work.into_iter().for_each(|work| work.refuse(Unavailable::from(&error)));
            return Handed::Not;
        }
        let (loaded, payloads) = (self.parts.clock.elapsed(), work.len());
        let answers = work.into_iter().filter_map(|work| self.fold(work)).collect();
        self.people.forget_absent();
        let folded = self.parts.clock.elapsed();
        let took = folded.saturating_sub(started);
        let (begun, is_shared) = (started, self.people.is_shared);
        self.times = RoundTimes { begun, loaded, folded, payloads, is_shared, ..self.times };
        self.parts.telemetry.folded(payloads, took);
        self.send(answers, self.patience());
        Handed::Over
    }

    /// Takes what waits, up to the bounds of a round.
    fn take(&self, first: Work) -> Vec<Work> {
        let config = &self.parts.config;
        let (mut bytes, mut work) = (first.bytes(), vec![first]);
        while work.len() < config.round_payloads_max && bytes < config.round_bytes_max {
            let Ok(next) = self.work.try_recv() else { break };
            bytes += next.bytes();
            work.push(next);
        }
        work.iter().for_each(|work| self.waiting.remove(work));
        work
    }

    /// Loads the keys of the whole round at once.
    fn load(&mut self, work: &[Work], locked: Option<&Moved>) -> Result<(), StorageError> {
        self.people.round += 1;
        self.people.began = self.parts.clock.elapsed();
        self.people.age(self.writer.committed.load(Ordering::Acquire));
        self.people.trust(self.parts.clock.elapsed() >= self.distrusts_until);
        let mut wanted = Wanted { locked: locked.cloned(), ..Wanted::default() };
        for work in work {
            match work {
                Work::Payload(payload, ..) => self.people.want(payload, &mut wanted),
                Work::Command(command, _) => self.people.want_command(command, &mut wanted),
            }
        }
        let loading = self.shared.loading.begin(self.parts.clock.elapsed());
        let loaded = self.parts.storage.load(&wanted);
        drop(loading);
        let loaded = loaded?;
        self.people.learn(wanted, loaded);
        Ok(())
    }

    /// No answer of what is set aside. Where others may be faster, what was asked is kept until it is done.
    fn fold(&mut self, work: Work) -> Option<Answer> {
        let is_shared = self.people.is_shared;
        let work = self.unless_about_stuck(work)?;
        match self.unless_set_aside(work)? {
            Work::Payload(payload, ticket, answer) => {
                let kept = is_shared.then(|| payload.clone());
                let response = track::track(*payload, &mut self.people);
                Some(Answer::Payload(Box::new(response), Kept(kept), ticket, answer))
            }
            Work::Command(command, answer) => {
                let kept = is_shared.then(|| Box::new(command.clone()));
                Some(Answer::Command(self.command(command), Kept(kept), answer))
            }
        }
    }

    fn write_held_back(&mut self) {
        let patience = self.patience();
        if self.people.is_any_due(self.parts.clock.elapsed(), patience) {
            self.people.round += 1;
            self.send(Vec::new(), patience);
        }
    }

    /// Half of the longest time: the other half is for getting through them. Rows of people are long, some
    /// ten times those of sessions.
    fn patience(&self) -> Waits {
        const PEOPLE_OF_SESSIONS: usize = 4;
        let config = &self.parts.config;
        let sessions = Patience {
            age: Duration::from_secs(config.held_back_seconds_max) / 2,
            rows_max: config.held_back_rows_per_round_max,
            most: config.held_back_sessions_max,
            bytes_max: usize::MAX,
        };
        let people = Patience {
            rows_max: (config.held_back_rows_per_round_max / PEOPLE_OF_SESSIONS).max(1),
            bytes_max: config.cache_bytes_max / 4 * 3,
            ..sessions
        };
        Waits { sessions, people }
    }

    /// Hands the round to the writer; waits while the writer has one.
    fn send(&mut self, answers: Vec<Answer>, patience: Waits) {
        let due = self.people.due(self.parts.clock.elapsed(), patience);
        let gathered = self.people.gather(&self.stream, self.parts.clock.now(), due);
        let round = Round {
            epoch: self.writer.epoch.load(Ordering::Relaxed),
            number: self.people.round,
            times: self.times,
            changes: gathered.changes,
            touched: gathered.touched,
            counted: gathered.counted,
            answers,
        };
        self.sent = round.number;
        if let Err(unsent) = self.writer.rounds.send(round) {
            unsent.0.refuse(Unavailable::Stopping);
        }
    }
}

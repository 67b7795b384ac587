//! The second thread: commits rounds, one after the other, and then answers everybody in them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::again::Lost;
use super::{Parts, Shared, Unavailable, Work, spawn};
use crate::clock::Clock;
use crate::live::Live;
use crate::model::{Payload, ProfileId, Session};
use crate::outcome::{Outcome, Ticket};
use crate::response::Response;
use crate::storage::{Changes, Committed, Edit, Moved, Storage, StorageError};
use crate::telemetry::Telemetry;
use crate::telemetry::traces::RoundTimes;
use crate::working_set::Command;

/// A folded round.
pub(super) struct Round {
    pub(super) epoch: u64,
    pub(super) number: u64,
    pub(super) times: RoundTimes,
    pub(super) changes: Changes,
    pub(super) touched: Vec<Arc<Session>>,
    pub(super) counted: Vec<ProfileId>,
    pub(super) answers: Vec<Answer>,
}

/// What will be answered once the round is on disk.
pub(super) enum Answer {
    Payload(Box<Response>, Kept<Payload>, Ticket, oneshot::Sender<Result<Response, Unavailable>>),
    Command(bool, Kept<Command>, oneshot::Sender<Result<bool, Unavailable>>),
}

/// What was asked, where it may have to be folded again.
pub(super) struct Kept<T>(pub(super) Option<Box<T>>);

/// How the folder speaks with the writer: rounds go one way, the number of the last one on disk
/// comes the other.
pub(super) struct Hand {
    pub(super) rounds: SyncSender<Round>,
    pub(super) committed: Arc<AtomicU64>,
    /// Rounds that another node was faster than, in order.
    pub(super) lost: Receiver<Lost>,
    /// The folder's life. Grows with every recovery; rounds folded before it are void.
    pub(super) epoch: Arc<AtomicU64>,
}

/// Starts the writer. The channel holds nothing: the folder hands over a round when the writer is
/// free, so that at most one round is ahead of the disk.
pub(super) fn start(
    parts: &Parts,
    shared: &Arc<Shared>,
) -> Result<(Hand, JoinHandle<()>), StorageError> {
    let (sender, receiver) = sync_channel(0);
    let (give_back, lost) = channel();
    let committed = Arc::new(AtomicU64::new(0));
    let epoch = Arc::new(AtomicU64::new(0));
    let writer = Writer {
        storage: Arc::clone(&parts.storage),
        telemetry: Arc::clone(&parts.telemetry),
        live: Arc::clone(&parts.live),
        clock: parts.clock.clone(),
        shared: Arc::clone(shared),
        committed: Arc::clone(&committed),
        epoch: Arc::clone(&epoch),
        give_back,
        void: (0, Void::Failed),
    };
    let handle = spawn("kith-commit", move || writer.run(&receiver))?;
    Ok((Hand { rounds: sender, committed, lost, epoch }, handle))
}

struct Writer {
    storage: Arc<dyn Storage>,
    telemetry: Arc<Telemetry>,
    live: Arc<Live>,
    clock: Clock,
    shared: Arc<Shared>,
    committed: Arc<AtomicU64>,
    epoch: Arc<AtomicU64>,
    give_back: Sender<Lost>,
    /// Rounds of this epoch and before were folded over what is not on disk, and why it is not.
    void: (u64, Void),
}

/// Why rounds are void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Void {
    /// The storage failed.
    Failed,
    /// Another node was faster.
    Moved,
}

impl Writer {
    fn run(mut self, rounds: &Receiver<Round>) {
        for mut round in rounds {
            if round.epoch <= self.void.0 {
                match self.void.1 {
                    Void::Failed => round.refuse(self.why()),
                    Void::Moved => self.give_back(round, Moved::default(), Moved::default()),
                }
                continue;
            }
            let started = self.clock.elapsed();
            let shared = Arc::clone(&self.shared);
            let writing = shared.writing.begin(started);
            let committed = self.commit(&round.changes);
            drop(writing);
            match committed {
                Ok(Committed::Moved(moved)) => {
                    self.void = (round.epoch, Void::Moved);
                    self.give_back(round, moved, Moved::default());
                }
                Ok(Committed::Locked(rows)) => {
                    self.void = (round.epoch, Void::Moved);
                    self.give_back(round, Moved::default(), rows);
                }
                Ok(Committed::Done) => {
                    let took = self.clock.elapsed().saturating_sub(started);
                    self.telemetry.committed(round.changes.rows.count, took);
                    round.times.commit = [started, started + took];
                    self.committed.store(round.number, Ordering::Release);
                    self.show(&round);
                    // Before the answers: whoever has one finds the event told of already.
                    self.live.kept(&round.changes.rows);
                    round.answer();
                }
                Err(error) => self.fail(round, error),
            }
        }
    }

    /// One that panics is a defect of ours and has failed.
    fn commit(&self, changes: &Changes) -> Result<Committed, StorageError> {
        catch_unwind(AssertUnwindSafe(|| self.storage.commit(changes)))
            .unwrap_or_else(|_| Err(StorageError::Failed("a commit panicked".to_owned())))
    }

    /// What was acknowledged is what readers see, also where the row is older.
    fn show(&self, round: &Round) {
        let mut overlay = self.shared.overlay();
        for (session, _) in &round.changes.sessions {
            overlay.remove(&session.id);
        }
        for edit in &round.changes.edits {
            if let Edit::RemoveSession(id) = edit {
                overlay.remove(id);
            }
        }
        for session in &round.touched {
            overlay.insert(session.id.clone(), Arc::clone(session));
        }
        drop(overlay);
        self.show_counted(round);
    }

    /// Whose rows are older than what was acknowledged.
    fn show_counted(&self, round: &Round) {
        let mut counted = self.shared.counted();
        if counted.is_empty() && round.counted.is_empty() {
            return;
        }
        let changes = &round.changes;
        let written = changes.profiles.iter().map(|(profile, _)| &profile.id);
        written.chain(changes.ended.iter().map(|(id, _)| id)).for_each(|id| {
            counted.remove(id);
        });
        for edit in &changes.edits {
            if let Edit::RemoveProfile(ids) = edit {
                ids.iter().for_each(|id| {
                    counted.remove(id);
                });
            }
        }
        counted.extend(round.counted.iter().cloned());
    }

    fn give_back(&self, round: Round, moved: Moved, locked: Moved) {
        let number = round.number;
        let mut work = Vec::new();
        for answer in round.answers {
            match answer.into_work() {
                Ok(again) => work.push(again),
                Err(answer) => answer.refuse(Unavailable::Storage),
            }
        }
        if let Err(unsent) = self.give_back.send(Lost { number, work, moved, locked }) {
            unsent.0.work.into_iter().for_each(|work| work.refuse(Unavailable::Stopping));
        }
    }

    /// After a failed commit nobody knows what is on disk. Nothing is accepted until the folder
    /// has opened the storage anew and started from what it finds there.
    fn fail(&mut self, round: Round, error: StorageError) {
        tracing::error!(%error, "a round could not be committed; its senders were told so");
        self.void = (round.epoch, Void::Failed);
        if round.epoch < self.epoch.load(Ordering::Acquire) {
            // The folder has begun anew in the meantime and owns the data by another name.
            return round.refuse(Unavailable::Storage);
        }
        self.telemetry.storage_is_up(false);
        let why = Unavailable::from(&error);
        self.shared.set_down(Some(error));
        round.refuse(why);
    }

    fn why(&self) -> Unavailable {
        self.shared.down().as_ref().map_or(Unavailable::Storage, Unavailable::from)
    }
}

impl Round {
    fn answer(self) {
        // Whoever asked may have gone; the payload is kept all the same.
        for answer in self.answers {
            match answer {
                Answer::Payload(response, _, ticket, to) => {
                    ticket.was_in_round(&self.times);
                    ticket.settle(Outcome::Kept);
                    drop(to.send(Ok(*response)));
                }
                Answer::Command(done, _, to) => drop(to.send(Ok(done))),
            }
        }
    }

    pub(super) fn refuse(self, why: Unavailable) {
        self.answers.into_iter().for_each(|answer| answer.refuse(why));
    }
}

impl Answer {
    fn refuse(self, why: Unavailable) {
        match self {
            Self::Payload(_, _, ticket, to) => {
                ticket.settle(Outcome::Failed(why.code()));
                drop(to.send(Err(why)));
            }
            Self::Command(_, _, to) => drop(to.send(Err(why))),
        }
    }

    /// What was asked, to be folded again; itself when that was not kept.
    fn into_work(self) -> Result<Work, Self> {
        match self {
            Self::Payload(_, Kept(Some(payload)), ticket, to) => {
                Ok(Work::Payload(payload, ticket, to))
            }
            Self::Command(_, Kept(Some(command)), to) => Ok(Work::Command(*command, to)),
            Self::Payload(..) | Self::Command(..) => Err(self),
        }
    }
}

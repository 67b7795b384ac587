//! The round: take everything that waits, load, fold, commit once, answer everybody.
//!
//! Two threads. The first folds a round while the second commits the one before, so the disk and
//! the processor work at the same time. Group commit, write coalescing and the identity lock are
//! one thing: there is one folder, and it sees every payload before any other has changed it.

mod unavailable;
mod aside;
mod trying;
mod stuck;
mod fold;
mod again;
mod writer;
mod reopen;
mod recovery;
mod shared;
mod reading;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::admission::Admitted;
use crate::clock::Clock;
use crate::config::CommitterConfig;
use crate::ids::Ids;
use crate::live::Live;
use crate::model::{Mark, Payload, ProfileId, SessionId, Watching};
use crate::outcome::Ticket;
use crate::response::Response;
use crate::storage::{Edit, Storage, StorageError};
use crate::telemetry::Telemetry;
use crate::working_set::{Command, Look, Previewed, RemovedEvents, Restand, Restood, Split, Warm};

pub use unavailable::Unavailable;

pub(crate) use crate::working_set::{Turn, Verdict};
use shared::{Shared, Waiting};

/// The door to the committer. Cheap to clone; when the last clone is dropped, the committer
/// finishes what it has, writes what it holds back, and ends.
#[derive(Clone, Debug)]
pub struct Committer {
    queue: SyncSender<Work>,
    waiting: Arc<Waiting>,
    bytes_max: usize,
    shared: Arc<Shared>,
    clock: Clock,
}

/// One thing to do.
pub(crate) enum Work {
    Payload(Box<Payload>, Ticket, oneshot::Sender<Result<Response, Unavailable>>),
    Command(Command, oneshot::Sender<Result<bool, Unavailable>>),
}

/// What the committer is built of.
pub(crate) struct Parts {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) config: CommitterConfig,
    /// How long a sender is answered.
    pub(crate) request_max: Duration,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) telemetry: Arc<Telemetry>,
    /// Those who look hear of what is kept.
    pub(crate) live: Arc<Live>,
    /// What is counted of people, as it is configured now.
    pub(crate) watching: AskWatching,
}

/// Says what is counted of people at this moment; nothing where nothing is set up.
pub(crate) type AskWatching =
    Box<dyn Fn() -> Result<Option<Arc<dyn Watching>>, StorageError> + Send>;

impl Committer {
    /// Claims the storage, folds what the last life left unfolded, and starts.
    ///
    /// # Errors
    /// What the storage says.
    pub(crate) fn start(parts: Parts) -> Result<(Self, Vec<JoinHandle<()>>), StorageError> {
        let (queue, work) = sync_channel(parts.config.queue_payloads_max);
        let shared = Arc::new(Shared::new());
        let waiting = Arc::new(Waiting::default());
        let (bytes_max, clock) = (parts.config.queue_bytes_max, parts.clock.clone());
        let (hand, writer) = writer::start(&parts, &shared)?;
        let folder = fold::Folder::new(parts, work, hand, &shared, &waiting)?;
        let folder = spawn("kith-fold", move || folder.run())?;
        Ok((Self { queue, waiting, bytes_max, shared, clock }, vec![folder, writer]))
    }

    /// Queues a payload that was let in. The answer comes when it is on disk.
    ///
    /// # Errors
    /// [`Unavailable`] at once when it cannot be accepted; the ticket is settled then.
    pub fn submit(
        &self,
        admitted: Admitted,
        ticket: Ticket,
    ) -> Result<oneshot::Receiver<Result<Response, Unavailable>>, Unavailable> {
        self.waiting.hear(self.clock.elapsed());
        let (answer, answered) = oneshot::channel();
        self.send(Work::Payload(admitted.into_payload(), ticket, answer)).map(|()| answered)
    }

    /// For how long nobody has sent a payload; before the first one, since the start.
    #[must_use]
    pub fn quiet(&self) -> Duration {
        self.waiting.quiet(self.clock.elapsed())
    }

    /// Stores an administrator's change.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn edit(&self, edit: Edit) -> Result<(), Unavailable> {
        self.command(Command::Edit(edit)).await.map(|_| ())
    }

    /// Removes the profile that `id` leads to; false when there is none.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn remove_profile(&self, id: ProfileId) -> Result<bool, Unavailable> {
        self.command(Command::RemoveProfile(id)).await
    }

    /// Removes a session; false when there is none.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn remove_session(&self, id: SessionId) -> Result<bool, Unavailable> {
        self.command(Command::RemoveSession(id, None)).await
    }

    /// Removes the person that `ids` lead to, and from now on hides their history, which `erasure`
    /// is to erase. Nobody needs to live there: history may have been left by somebody removed.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn erase_person(
        &self,
        erasure: String,
        ids: Vec<ProfileId>,
    ) -> Result<(), Unavailable> {
        self.command(Command::ErasePerson(erasure, ids)).await.map(|_| ())
    }

    /// Lets a person stand still until it is [`split`](Self::split), for three seconds at most: payloads of
    /// theirs wait, everybody else's do not. False where another person stands still already.
    ///
    /// Where several nodes write, those that come to the others do not wait.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn hold_still(&self, person: ProfileId) -> Result<bool, Unavailable> {
        self.command(Command::HoldStill(person)).await
    }

    /// Lets a person stand as several again; false when it has changed meanwhile, and nothing is done.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn split(&self, split: Split) -> Result<bool, Unavailable> {
        self.command(Command::Split(Box::new(split))).await
    }

    /// Lets people stand otherwise: each of these by itself, all of them in one commit. Says of each whether
    /// it was done: not where somebody has changed meanwhile.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub async fn restand(&self, all: Vec<Restand>) -> Result<Vec<bool>, Unavailable> {
        let done = Restood::default();
        self.command(Command::Restand(all, done.clone())).await?;
        Ok(done.take())
    }

    /// As [`Committer::edit`], on a thread that may block.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn blocking_edit(&self, edit: Edit) -> Result<(), Unavailable> {
        self.blocking_command(Command::Edit(edit)).map(|_| ())
    }

    /// As [`Committer::remove_session`], if it is a session of these people, on a thread that may block.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn blocking_remove_session(
        &self,
        id: SessionId,
        of: Vec<ProfileId>,
    ) -> Result<bool, Unavailable> {
        self.blocking_command(Command::RemoveSession(id, Some(of)))
    }

    /// These people are not kept apart any more from others who are gone, on a thread that may block.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn blocking_forget_apart(
        &self,
        people: Vec<ProfileId>,
        gone: Vec<ProfileId>,
    ) -> Result<(), Unavailable> {
        self.blocking_command(Command::ForgetApart(people, gone)).map(|_| ())
    }

    /// Lets a session of somebody who was only named forget its visitor, who is gone, on a thread that may
    /// block.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn blocking_forget_visitor(
        &self,
        id: SessionId,
        gone: Vec<ProfileId>,
    ) -> Result<(), Unavailable> {
        self.blocking_command(Command::ForgetVisitor(id, gone)).map(|_| ())
    }

    /// Removes events from a round of the tail, on a thread that may block. Their sessions are
    /// written first: touches that are held back could no longer be folded again from what was
    /// removed.
    ///
    /// # Errors
    /// [`Unavailable`].
    pub fn blocking_remove_events(&self, events: RemovedEvents) -> Result<(), Unavailable> {
        self.blocking_command(Command::RemoveEvents(events)).map(|_| ())
    }

    /// What a payload would do to people, as they are after everything before it.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub async fn preview(&self, payload: Box<Payload>) -> Result<Previewed, Unavailable> {
        let seen = Previewed::default();
        self.command(Command::Preview(payload, seen.clone())).await?;
        Ok(seen)
    }

    /// Whether any of the events that are known by these is kept already.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub async fn are_kept(&self, marks: Vec<Mark>) -> Result<bool, Unavailable> {
        self.command(Command::AreKept(marks)).await
    }

    /// Two people who wait are one, or never will be; false when they cannot be one.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub async fn decide(&self, verdict: Verdict) -> Result<bool, Unavailable> {
        self.command(Command::Decide(Box::new(verdict))).await
    }

    /// Looks at people again, whose audiences may have changed. False when they have not.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub fn blocking_look(&self, look: Look) -> Result<bool, Unavailable> {
        self.blocking_command(Command::Look(Box::new(look)))
    }

    /// The same, for whoever may not block.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub async fn look(&self, look: Look) -> Result<bool, Unavailable> {
        self.command(Command::Look(Box::new(look))).await
    }

    /// Lets people have what history says of them for rules that are new.
    ///
    /// # Errors
    /// See [`Unavailable`].
    pub async fn warm(&self, warm: Warm) -> Result<bool, Unavailable> {
        self.command(Command::Warm(warm)).await
    }

    async fn command(&self, command: Command) -> Result<bool, Unavailable> {
        let (answer, answered) = oneshot::channel();
        self.send(Work::Command(command, answer))?;
        answered.await.unwrap_or(Err(Unavailable::Stopping))
    }

    fn blocking_command(&self, command: Command) -> Result<bool, Unavailable> {
        let (answer, answered) = oneshot::channel();
        self.send(Work::Command(command, answer))?;
        answered.blocking_recv().unwrap_or(Err(Unavailable::Stopping))
    }

    fn send(&self, work: Work) -> Result<(), Unavailable> {
        let refuse = |work: Work, why| {
            self.waiting.remove(&work);
            work.refuse(why);
            Err(why)
        };
        self.waiting.add(&work);
        if self.waiting.bytes.load(Ordering::Relaxed) > self.bytes_max {
            return refuse(work, Unavailable::Overloaded);
        }
        match self.queue.try_send(work) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(work)) => refuse(work, Unavailable::Overloaded),
            Err(TrySendError::Disconnected(work)) => refuse(work, Unavailable::Stopping),
        }
    }
}

impl Work {
    /// What it takes in the tail, about.
    fn bytes(&self) -> usize {
        match self {
            Self::Payload(payload, ..) => payload.bytes,
            Self::Command(..) => 0,
        }
    }

    /// Answers that it was not done.
    fn refuse(self, why: Unavailable) {
        // Whoever asked may have gone; the account is settled all the same.
        match self {
            Self::Payload(_, ticket, answer) => {
                ticket.settle(crate::outcome::Outcome::Failed(why.code()));
                drop(answer.send(Err(why)));
            }
            Self::Command(_, answer) => drop(answer.send(Err(why))),
        }
    }
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Payload(..) => "Payload",
            Self::Command(..) => "Command",
        })
    }
}

/// A thread whose handle the caller joins.
fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StorageError> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder.spawn(run).map_err(|error| StorageError::Failed(error.to_string()))
}

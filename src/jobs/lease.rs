//! What only one node does at a time, where several share a database, and whose turn it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::ids::Ids;
use crate::model::Time;
use crate::storage::{Storage, StorageError};

/// The lease for whatever changes files that are there.
pub(super) const FILES: &str = "lake";
/// How long they are left to a node that says nothing.
pub(super) const FILES_LENGTH: Duration = Duration::from_secs(60);
/// How long a stream is left to a node that says nothing. The lease has the stream's name.
pub(super) const STREAM_LENGTH: Duration = Duration::from_secs(15);

/// The leases of this node, as one job sees them. Where nobody shares the database it is always its
/// turn, and nothing is written.
///
/// A lease has a name, a holder and a length: others take it over when its holder has said nothing
/// for that long. While the run that took it goes on it is kept, however long that takes; after it,
/// it runs out unless it is taken again. Nothing depends on a lease: what is done is compared when it
/// is committed (see decision 7), so one that is lost costs work, no data.
#[derive(Clone, Debug)]
pub(super) struct Leases {
    node: Arc<Node>,
    job: &'static str,
}

/// This node, as others see it.
#[derive(Debug)]
struct Node {
    storage: Arc<dyn Storage>,
    clock: Clock,
    holder: String,
    held: Mutex<BTreeMap<Key, Held>>,
}

/// The job that took a lease, and the lease's name.
type Key = (&'static str, Arc<str>);

#[derive(Clone, Copy, Debug)]
struct Held {
    length: Duration,
    until: Time,
    /// The run that took it goes on.
    is_used: bool,
}

impl Leases {
    /// Those of a new node, which has none.
    pub(super) fn new(storage: &Arc<dyn Storage>, clock: &Clock, ids: &Ids) -> Self {
        let node = Node {
            storage: Arc::clone(storage),
            clock: clock.clone(),
            holder: ids.uuid(clock.now()).to_string(),
            held: Mutex::default(),
        };
        Self { node: Arc::new(node), job: "" }
    }

    /// The same node's, for this job.
    pub(super) fn of(&self, job: &'static str) -> Self {
        Self { node: Arc::clone(&self.node), job }
    }

    /// Takes the lease, or keeps it; false while another node has it.
    ///
    /// # Errors
    /// What the storage says.
    pub(super) fn take(&self, name: &str, length: Duration) -> Result<bool, StorageError> {
        if !self.node.storage.is_shared() {
            return Ok(true);
        }
        let key = (self.job, Arc::from(name));
        let until = self.node.ask(name, length)?;
        let mut held = self.node.held();
        match until {
            Some(until) => drop(held.insert(key, Held { length, until, is_used: true })),
            None => drop(held.remove(&key)),
        }
        Ok(until.is_some())
    }

    /// Keeps what is in use, whichever job uses it. Called more often than any lease is long.
    ///
    /// # Errors
    /// What the storage says.
    pub(super) fn keep(&self) -> Result<(), StorageError> {
        for (key, length) in self.node.in_use() {
            let kept = self.node.ask(&key.1, length)?;
            let mut held = self.node.held();
            match (kept, held.get_mut(&key)) {
                (Some(until), Some(held)) => held.until = until,
                (None, Some(_)) => drop(held.remove(&key)),
                (_, None) => {}
            }
        }
        Ok(())
    }

    /// The run is over: what it held runs out, unless the next one takes it again.
    pub(super) fn rest(&self) {
        let now = self.node.clock.now();
        let mut held = self.node.held();
        held.retain(|(job, _), held| *job != self.job || held.until > now);
        let own = held.iter_mut().filter(|((job, _), _)| *job == self.job);
        own.for_each(|(_, held)| held.is_used = false);
    }

    /// How many the job holds.
    pub(super) fn count(&self) -> usize {
        self.node.held().keys().filter(|(job, _)| *job == self.job).count()
    }

    /// Lets others go on at once: this node ends.
    pub(super) fn give_up(&self) {
        let held = std::mem::take(&mut *self.node.held());
        for (_, name) in held.into_keys() {
            if let Err(error) = self.node.ask(&name, Duration::ZERO) {
                tracing::debug!(%error, "others will notice by themselves");
            }
        }
    }
}

impl Node {
    /// Asks for the lease, and until when it is ours.
    fn ask(&self, name: &str, length: Duration) -> Result<Option<Time>, StorageError> {
        let now = self.clock.now();
        let is_ours = self.storage.lease(name, &self.holder, now, length)?;
        Ok(is_ours.then(|| now.plus(length)))
    }

    fn in_use(&self) -> Vec<(Key, Duration)> {
        let held = self.held();
        let used = held.iter().filter(|(_, held)| held.is_used);
        used.map(|(key, held)| (key.clone(), held.length)).collect()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<Key, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

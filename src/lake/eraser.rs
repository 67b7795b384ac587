//! The thread that erases people: it looks into every file, and flushes do not wait for that.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::erase::Erasure;
use super::turns::Turns;
use super::{Lake, LakeError};
use crate::committer::Committer;
use crate::hashing::Hashing;

/// How often it looks whether somebody is to be erased.
const TICK: Duration = Duration::from_millis(500);
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(5);

/// The thread. Stopped, it ends after what it is doing.
#[derive(Debug)]
pub(super) struct Eraser {
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
}

struct Work {
    lake: Arc<Lake>,
    committer: Committer,
    hashing: Hashing,
    turns: Turns,
    /// Said once, not every few seconds.
    complained: bool,
}

impl Eraser {
    pub(super) fn start(
        lake: Arc<Lake>,
        committer: Committer,
        hashing: Hashing,
        turns: Turns,
    ) -> Result<Self, LakeError> {
        let (wake, woken) = sync_channel(1);
        let work = Work { lake, committer, hashing, turns, complained: false };
        let builder = std::thread::Builder::new().name("kith-lake-erase".to_owned());
        let thread = builder.spawn(move || work.run(&woken)).map_err(LakeError::disk)?;
        Ok(Self { wake, thread })
    }

    pub(super) fn stop(self) {
        drop(self.wake);
        if self.thread.join().is_err() {
            tracing::error!("the thread that erases people had panicked");
        }
    }
}

impl Work {
    fn run(mut self, woken: &Receiver<()>) {
        let mut wait = TICK;
        while matches!(woken.recv_timeout(wait), Ok(()) | Err(RecvTimeoutError::Timeout)) {
            let done = self.erase_all();
            wait = if done.is_ok() { TICK } else { PAUSE };
            match done {
                Ok(()) => self.complained = false,
                Err(_) if self.complained => {}
                Err(error) => {
                    tracing::warn!(%error, "erasing a person failed; it is tried again");
                    self.complained = true;
                }
            }
        }
    }

    fn erase_all(&self) -> Result<(), LakeError> {
        for row in self.lake.storage.erasures()? {
            if !self.turns.may_erase(&self.lake, row.asked)? {
                continue;
            }
            let erasure = Erasure::from(row);
            let erased = self.lake.erase(&erasure, &self.committer, &self.hashing)?;
            tracing::info!(erasure.id, ?erased, "a person was erased");
        }
        Ok(())
    }
}

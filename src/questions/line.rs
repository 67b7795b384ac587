//! The line from a worker to its server: what the worker asks for while it answers.

use std::io::{Stdout, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::frames::{FromWorker, ToWorker};
use crate::apart;
use crate::lake::{AtHand, Held, LakeError, NewerSession};
use crate::storage::DataFile;

/// The server speaks only when it was asked, and asks one thing at a time.
const UNHEARD_MAX: usize = 2;

/// See the module. DuckDB's threads share it: one speaks at a time.
pub(super) struct Line(Mutex<Ends>);

struct Ends {
    to: Stdout,
    replies: Receiver<ToWorker>,
}

/// What was asked of a worker, one after the other.
pub(super) type Asked = Receiver<ToWorker>;

/// Opens the line. A thread listens: when the server is gone, so is this process, whatever it does.
pub(super) fn open() -> std::io::Result<(Arc<Line>, Asked)> {
    let (asks, asked) = sync_channel(UNHEARD_MAX);
    let (answers, replies) = sync_channel(UNHEARD_MAX);
    let thread = std::thread::Builder::new().name("kith-line".to_owned());
    thread.spawn(move || listen(&asks, &answers))?;
    Ok((Arc::new(Line(Mutex::new(Ends { to: stdout(), replies }))), asked))
}

fn listen(asks: &SyncSender<ToWorker>, replies: &SyncSender<ToWorker>) {
    let mut from = stdin().lock();
    while let Ok(frame) = apart::read(&mut from) {
        let is_ask = matches!(frame, ToWorker::Begin(_) | ToWorker::Ask(_));
        let to = if is_ask { asks } else { replies };
        if to.send(frame).is_err() {
            break;
        }
    }
    apart::end();
}

impl Line {
    /// Says something that needs no reply.
    pub(super) fn say(&self, frame: &FromWorker) -> std::io::Result<()> {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        apart::write(&mut ends.to, frame)
    }

    fn call(&self, frame: &FromWorker) -> Result<ToWorker, LakeError> {
        let gone = |_| LakeError::Nobody("the server has gone".to_owned());
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        apart::write(&mut ends.to, frame).map_err(|error| LakeError::Nobody(error.to_string()))?;
        ends.replies.recv().map_err(gone)
    }

    /// Of these sessions, those that are newer in the server's memory.
    pub(super) fn newer(&self, ids: &[&str]) -> Result<Vec<NewerSession>, LakeError> {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        let reply = self.call(&FromWorker::Newer(ids))?;
        let ToWorker::Newer(newer) = reply else { return Err(unexpected(&reply)) };
        Ok(newer)
    }

    fn files(
        &self,
        files: &[&DataFile],
        may_fetch: bool,
    ) -> Result<Option<Vec<PathBuf>>, LakeError> {
        let files = files.iter().map(|file| (*file).clone()).collect();
        let reply = self.call(&FromWorker::Files { files, may_fetch })?;
        let ToWorker::Files(lent) = reply else { return Err(unexpected(&reply)) };
        lent
    }
}

fn unexpected(frame: &ToWorker) -> LakeError {
    LakeError::Defect(format!("the server said {frame:?}"))
}

/// Files that the server keeps for us while we read them.
pub(super) struct Lent {
    pub(super) folder: PathBuf,
    pub(super) line: Arc<Line>,
}

impl AtHand for Lent {
    fn reach(&self) -> &Path {
        &self.folder
    }

    fn at_hand(&self, files: &[&DataFile]) -> Result<Option<Held>, LakeError> {
        let paths = self.line.files(files, false)?;
        Ok(paths.map(|paths| Held::elsewhere(paths, files)))
    }

    /// The server knows how long.
    fn fetch(&self, files: &[&DataFile], _: Duration) -> Result<Held, LakeError> {
        let paths = self.line.files(files, true)?;
        Ok(Held::elsewhere(paths.unwrap_or_default(), files))
    }
}

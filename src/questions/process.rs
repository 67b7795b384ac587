//! A worker as its server has it: a process that is asked one question at a time.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use tokio::io::BufReader;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::frames::{Asking, Beginning, FromWorker, ToWorker};
use super::pool::Common;
use super::within;
use crate::apart;
use crate::lake::LakeError;
use crate::lake::ask::Asker;

/// The command that makes this program a worker.
const COMMAND: &str = "answer-questions";
/// How long a process that has closed its end may take to be gone.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// See the module. Dropped, the process is killed.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts one, which is ready when this returns.
    pub(super) async fn start(common: &Common, asker: Asker) -> Result<Self, LakeError> {
        let mut command = Command::from(apart::command(&common.program, COMMAND));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(nobody)?;
        let gone = || nobody(io::ErrorKind::BrokenPipe.into());
        let to = child.stdin.take().ok_or_else(gone)?;
        let from = BufReader::new(child.stdout.take().ok_or_else(gone)?);
        let mut worker = Self { child, to, from };
        let begin = ToWorker::Begin(Box::new(Beginning { asker, ..common.beginning.clone() }));
        let begun = async {
            apart::send(&mut worker.to, &begin).await?;
            apart::receive(&mut worker.from).await
        };
        match begun.await {
            Ok(FromWorker::Ready(ready)) => ready.map(|()| worker),
            Ok(_) => Err(nobody(io::ErrorKind::InvalidData.into())),
            Err(error) => {
                let LakeError::Broke(said) = worker.how_it_ended(&error).await else {
                    return Err(nobody(error));
                };
                Err(LakeError::Nobody(said))
            }
        }
    }

    /// Asks, and does meanwhile what the worker asks for. An error of its own is part of the answer;
    /// after one of the conversation it cannot be asked again.
    pub(super) async fn ask(
        &mut self,
        common: &Arc<Common>,
        asking: Asking,
    ) -> Result<Result<Box<RawValue>, LakeError>, LakeError> {
        match self.converse(common, asking).await {
            Ok(answer) => Ok(answer),
            Err(error) => Err(self.how_it_ended(&error).await),
        }
    }

    async fn converse(
        &mut self,
        common: &Arc<Common>,
        asking: Asking,
    ) -> io::Result<Result<Box<RawValue>, LakeError>> {
        apart::send(&mut self.to, &ToWorker::Ask(asking)).await?;
        // Kept until it is answered, so that nothing of it is put out meanwhile.
        let mut _held = None;
        loop {
            let reply = match apart::receive(&mut self.from).await? {
                FromWorker::Answer(answer) => return Ok(answer),
                FromWorker::Ready(_) => return Err(io::ErrorKind::InvalidData.into()),
                FromWorker::Newer(ids) => common.lending.newer(&ids),
                FromWorker::Files { files, may_fetch } => {
                    let common = Arc::clone(common);
                    let work = move || common.lending.lend(&files, may_fetch);
                    let lent = tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?;
                    let paths = |held: &crate::lake::Held| held.paths().to_vec();
                    let reply = lent.as_ref().map(|held| held.as_ref().map(paths));
                    let reply = ToWorker::Files(reply.map_err(Clone::clone));
                    if let Ok(Some(held)) = lent {
                        _held = Some(held);
                    }
                    reply
                }
            };
            apart::send(&mut self.to, &reply).await?;
        }
    }

    /// What became of a worker that does not talk any more.
    async fn how_it_ended(&mut self, error: &io::Error) -> LakeError {
        match within(LAST_WORDS, self.child.wait()).await {
            Some(Ok(status)) => meaning(status),
            _ => LakeError::Broke(error.to_string()),
        }
    }
}

/// What the end of a process says of the question that it was asked.
fn meaning(status: ExitStatus) -> LakeError {
    const ABORT: i32 = 6;
    const KILL: i32 = 9;
    const SEGV: i32 = 11;
    const CPU: i32 = 24;
    match status.signal() {
        Some(CPU) => LakeError::Stopped,
        // We kill it only when nobody is listening.
        Some(KILL) => {
            LakeError::Broke("the system has killed it, as it does when memory is short".into())
        }
        Some(SEGV) => {
            LakeError::Broke("it is nested too deeply, or meets a fault of DuckDB".into())
        }
        Some(ABORT) => LakeError::Broke(
            "it needs more memory than it may take at once, or meets a fault of DuckDB".into(),
        ),
        _ => LakeError::Broke(status.to_string()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn nobody(error: io::Error) -> LakeError {
    LakeError::Nobody(error.to_string())
}

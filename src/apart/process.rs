//! A process apart as its server has it: on one line in both directions, gone with whoever has it.

use std::io::{self, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How often it is looked whether a process that was killed is gone, and how often before nobody waits for it any more:
/// one that the kernel holds, such as over a disk that does not answer, may never be.
const LOOK: Duration = Duration::from_millis(5);
const LOOKS_MAX: usize = 200;

/// See the module. Dropped, the process is killed.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) to: UnixStream,
    pub(crate) from: BufReader<UnixStream>,
}

impl Process {
    /// Starts what `command` says, with the other end of the line as its standard input (see
    /// [`super::listened`]).
    ///
    /// # Errors
    /// When the system gives no process or no descriptor.
    pub(crate) fn start(command: &mut Command) -> io::Result<Self> {
        let (to, theirs) = UnixStream::pair()?;
        let from = BufReader::new(to.try_clone()?);
        command.stdin(OwnedFd::from(theirs)).stdout(Stdio::null());
        Ok(Self { child: command.spawn()?, to, from })
    }
}

impl Process {
    /// Kills it, and says how it ended; none where it does not end soon, whatever it is told.
    pub(crate) fn end(&mut self) -> Option<ExitStatus> {
        if let Err(error) = self.child.kill() {
            tracing::debug!(%error, "a process apart is gone already");
        }
        for _ in 0..LOOKS_MAX {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            std::thread::sleep(LOOK);
        }
        self.ended()
    }

    /// How it ended, where it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.end().is_none() {
            tracing::warn!(pid = self.child.id(), "a process that was killed does not end");
        }
    }
}

//! A process apart as its server has it: on one line in both directions, gone with whoever has it.

use std::io::{self, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};

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

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            tracing::debug!(%error, "a process apart is gone already");
        }
    }
}

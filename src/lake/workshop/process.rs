//! The process as its server has it.

use std::borrow::Cow;
use std::io::{self, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Stdio};

use serde::de::DeserializeOwned;

use super::wire::{Packed, Row, Slice, ToWorkshop};
use crate::apart;
use crate::lake::LakeError;
use crate::storage::TailRow;

/// The command that makes this program the process.
pub(super) const COMMAND: &str = "write-files";

/// See the module. Dropped, the process is killed.
pub(super) struct Process {
    child: Child,
    to: UnixStream,
    from: BufReader<UnixStream>,
    is_there: bool,
}

/// It is gone, and what it was told can be told to another.
pub(super) fn ended(why: impl std::fmt::Display) -> LakeError {
    LakeError::Again(format!("the process that writes files has ended: {why}"))
}

impl Process {
    /// Starts one.
    pub(super) fn start(program: &Path) -> Result<Self, LakeError> {
        let nobody = |error: io::Error| {
            LakeError::Again(format!("no process that writes files can be had: {error}"))
        };
        Self::spawn(program).map_err(nobody)
    }

    fn spawn(program: &Path) -> io::Result<Self> {
        let (to, theirs) = UnixStream::pair()?;
        let mut command = apart::command(program, COMMAND);
        command.stdin(OwnedFd::from(theirs)).stdout(Stdio::null());
        // Whoever stops the server at a terminal does not stop it as well: a job ends in order.
        let child = command.process_group(0).spawn()?;
        let from = BufReader::new(to.try_clone()?);
        Ok(Self { child, to, from, is_there: true })
    }

    /// Whether it can be told more.
    pub(super) fn is_there(&self) -> bool {
        self.is_there
    }

    /// Says something, and waits for the answer.
    pub(super) fn call<T: DeserializeOwned>(
        &mut self,
        said: &ToWorkshop<'_>,
    ) -> Result<T, LakeError> {
        self.say(said, &[])?;
        self.hear()
    }

    /// Hands rows of the tail over as they are: there they are unpacked.
    pub(super) fn take(&mut self, rows: &[TailRow]) -> Result<Vec<Slice>, LakeError> {
        let packed = rows.iter().map(|row| Packed {
            stream: Cow::Borrowed(&row.at.stream),
            seq: row.at.seq,
            bytes: row.packed.len(),
        });
        self.say(&ToWorkshop::Take(packed.collect()), rows)?;
        self.hear()
    }

    /// All rows of an answer.
    pub(super) fn rows(&mut self, sql: String) -> Result<Vec<Row>, LakeError> {
        self.say(&ToWorkshop::Rows(sql), &[])?;
        let mut all = Vec::new();
        loop {
            let some: Vec<Row> = self.hear()?;
            if some.is_empty() {
                return Ok(all);
            }
            all.extend(some);
        }
    }

    fn say(&mut self, said: &ToWorkshop<'_>, rows: &[TailRow]) -> Result<(), LakeError> {
        let mut say = || {
            apart::write(&mut self.to, said)?;
            rows.iter().try_for_each(|row| self.to.write_all(&row.packed))
        };
        say().map_err(|error| self.how_it_ended(&error))
    }

    fn hear<T: DeserializeOwned>(&mut self) -> Result<T, LakeError> {
        apart::read(&mut self.from).map_err(|error| self.how_it_ended(&error))?
    }

    /// After a word that did not come through whatever comes next would be taken for its answer.
    fn how_it_ended(&mut self, error: &io::Error) -> LakeError {
        self.is_there = false;
        // It has closed its end, or is of no use any more.
        drop(self.child.kill());
        match self.child.wait() {
            Ok(status) => ended(status),
            Err(_) => ended(error),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already.
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            tracing::debug!(%error, "the process that writes files is gone already");
        }
    }
}

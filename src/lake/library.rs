//! Whether DuckDB can be loaded: asked when a server begins.
//!
//! Its library is not in a server's memory: the program is linked to steps that load it at the first call
//! (`scripts/duckdb/late.c`), and only processes apart call it. One that is missing would be found when files are to be
//! written, while events wait in the tail.

use std::path::Path;
use std::process::Child;

use duckdb::Connection;

use crate::apart;

/// What starts a process that does [`load`].
const COMMAND: &str = "load-duckdb";

/// What a server says that does not begin.
const MISSING: &str =
    "DuckDB, which writes history, does not work: libduckdb.so is looked for beside the program";

/// A process that loads it and ends; whoever has it does something else meanwhile.
#[derive(Debug)]
pub struct Loading(Child);

impl Loading {
    /// Of this program.
    ///
    /// # Errors
    /// A sentence for people.
    pub fn begin(program: &Path) -> Result<Self, String> {
        let begun = apart::command(program, COMMAND).spawn();
        begun.map(Self).map_err(|error| format!("this program cannot start itself: {error}"))
    }

    /// Once it is over.
    ///
    /// # Errors
    /// A sentence for people, where it does not work; what the loader has to say has been printed.
    pub fn end(mut self) -> Result<(), String> {
        let ended = self.0.wait().map_err(|error| error.to_string())?;
        if ended.success() { Ok(()) } else { Err(MISSING.to_owned()) }
    }
}

/// Loads it, and sees it work.
///
/// # Errors
/// A sentence for people. Where there is no library, the process ends.
pub fn load() -> Result<(), String> {
    Connection::open_in_memory().map(drop).map_err(|error| error.to_string())
}

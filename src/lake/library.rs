//! Whether DuckDB can be loaded: asked when a server begins.
//!
//! Its library is not in a server's memory: the program is linked to steps that load it at the first call
//! (`scripts/duckdb/late.c`), and only processes apart call it. One that is missing would be found when files are to be
//! written, while events wait in the tail.

use std::path::Path;

use duckdb::Connection;

use crate::apart;

/// What starts a process that does [`load`].
const COMMAND: &str = "load-duckdb";

/// Has `program` load it in a process that ends.
///
/// # Errors
/// A sentence for people; what the loader has to say has been printed.
pub fn look(program: &Path) -> Result<(), String> {
    let loaded = apart::command(program, COMMAND).status();
    if loaded.map_err(|error| format!("this program cannot start itself: {error}"))?.success() {
        return Ok(());
    }
    Err("DuckDB, which writes history, does not work: libduckdb.so is looked for beside the program".to_owned())
}

/// Loads it, and sees it work.
///
/// # Errors
/// A sentence for people. Where there is no library, the process ends.
pub fn load() -> Result<(), String> {
    Connection::open_in_memory().map(drop).map_err(|error| error.to_string())
}

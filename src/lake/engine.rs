//! DuckDB, held within bounds: memory, threads, and which files it can reach.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use duckdb::{Config, Connection};

use super::LakeError;
use super::people::{self, People};
use super::tail;
use crate::config::QueryConfig;

/// How much less than the rest of the process DuckDB's threads weigh (see `nice(2)`): questions
/// take what is left over.
const NICE: i32 = 10;

/// One DuckDB in memory, shared by all questions; each has a connection of its own.
pub(super) struct Engine {
    root: Mutex<Connection>,
}

impl Engine {
    /// Opens it. It reaches `files` and `scratch` and nothing else, ever.
    pub(super) fn open(
        files: &Path,
        scratch: &Path,
        bounds: &QueryConfig,
        people: &people::Registered,
    ) -> Result<Self, LakeError> {
        // Its threads are made now, and inherit what this one weighs.
        let root = on_light_thread(|| memory(scratch, bounds))??;
        root.register_table_function::<People>("kith_people")?;
        root.execute_batch("CREATE SCHEMA kith;")?;
        root.execute_batch(&tail::schema())?;
        root.execute_batch(&people::views(people))?;
        let (files, scratch) =
            (literal(&files.to_string_lossy()), literal(&scratch.to_string_lossy()));
        root.execute_batch(&format!(
            "SET GLOBAL TimeZone = 'UTC'; \
             SET GLOBAL allowed_directories = [{files}, {scratch}]; \
             SET GLOBAL enable_external_access = false; \
             SET GLOBAL lock_configuration = true;"
        ))?;
        Ok(Self { root: Mutex::new(root) })
    }

    /// A connection of its own over the same memory.
    pub(super) fn connect(&self) -> Result<Connection, LakeError> {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(root.try_clone()?)
    }
}

/// DuckDB in memory, with room in `scratch`.
fn memory(scratch: &Path, bounds: &QueryConfig) -> Result<Connection, LakeError> {
    let config = Config::default()
        .max_memory(&format!("{}B", bounds.memory_bytes_max))?
        .threads(threads(bounds))?
        .with("temp_directory", scratch.to_string_lossy())?
        .with("max_temp_directory_size", format!("{}B", bounds.scratch_bytes_max))?
        // What it has freed goes back to the system soon: flushes come and go.
        .with("allocator_flush_threshold", "16MB")?
        .with("allocator_bulk_deallocation_flush_threshold", "16MB")?
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")?
        .with("allow_community_extensions", "false")?;
    Ok(Connection::open_in_memory_with_flags(config)?)
}

fn threads(bounds: &QueryConfig) -> i64 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = if bounds.threads_max == 0 { cores } else { bounds.threads_max };
    i64::try_from(threads).unwrap_or(1)
}

/// `text` as a literal of SQL.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Runs `work` on a thread that weighs less than those that answer trackers.
pub(super) fn on_light_thread<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, LakeError> {
    std::thread::scope(|scope| {
        let work = move || {
            weigh_less();
            work()
        };
        let builder = std::thread::Builder::new().name("kith-lake-work".to_owned());
        let thread = builder.spawn_scoped(scope, work).map_err(LakeError::disk)?;
        thread.join().map_err(|_| LakeError::Disk("a thread of the lake has panicked".to_owned()))
    })
}

/// From now on this thread takes what others leave.
pub fn weigh_less() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the thread keeps its weight");
    }
}

//! DuckDB, held within bounds: memory, threads, and which files it can reach.

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use duckdb::{Config, Connection};

use super::members::{self, Members};
use super::people::{self, People};
use super::tail;
use super::{LakeError, found, lines, masked, named};

/// How much less than the rest of the process DuckDB's threads weigh (see `nice(2)`): questions
/// take what is left over.
const NICE: i32 = 10;

/// What one question may take when the settings leave it open: an eighth of the machine's memory,
/// within these bounds.
const MEMORY: std::ops::RangeInclusive<u64> = (256 << 20)..=(2 << 30);

/// What a DuckDB that stays has freed goes back to the system soon: questions come and go.
const KEPT_FREE: &str = "16MB";
/// That of a job goes with its process.
const KEPT_FREE_OF_JOB: &str = "1GB";

/// Descriptors that are held for a DuckDB until the moment it is made. It takes one at a time then; the
/// rest is what others would have to take within that millisecond.
const DESCRIPTORS_HELD: usize = 64;

/// The memory for a question, in bytes; `said` is what the settings say, and 0 leaves it open.
pub(super) fn memory(said: u64) -> u64 {
    if said > 0 {
        return said;
    }
    #[cfg(target_os = "linux")]
    let machine = {
        let info = rustix::system::sysinfo();
        info.totalram.saturating_mul(u64::from(info.mem_unit))
    };
    #[cfg(not(target_os = "linux"))]
    let machine = 0_u64;
    (machine / 8).clamp(*MEMORY.start(), *MEMORY.end())
}

/// Descriptors that nobody else has. A DuckDB that cannot open a file while it is made throws out of its
/// own destructor, and that ends the process. At work it fails as it should, whatever it cannot open.
fn hold_descriptors() -> Result<Vec<File>, LakeError> {
    let held = (0..DESCRIPTORS_HELD).map(|_| File::open("/dev/null"));
    let held: Result<_, _> = held.collect();
    held.map_err(|error| LakeError::Disk(format!("no file can be opened: {error}")))
}

/// What one DuckDB may take, and which files it can reach.
pub(super) struct Bounds<'a> {
    /// Memory, in bytes. What needs more is put aside in `scratch`.
    pub(super) memory: u64,
    /// Room in `scratch`, in bytes.
    pub(super) scratch_bytes: u64,
    /// Threads that work at one question. With one, whoever asks is the one.
    pub(super) threads: usize,
    /// The lake's files.
    pub(super) files: &'a Path,
    /// What DuckDB puts aside lies here.
    pub(super) scratch: &'a Path,
    /// Answers are written here.
    pub(super) answers: &'a Path,
}

impl Bounds<'_> {
    /// A DuckDB in memory; its threads weigh what this one weighs. Of what it has freed it keeps about so much.
    fn open(&self, kept_free: &str) -> Result<Connection, LakeError> {
        let descriptors = hold_descriptors()?;
        let config = Config::default()
            .max_memory(&format!("{}B", self.memory))?
            .threads(i64::try_from(self.threads).unwrap_or(1))?
            .with("temp_directory", self.scratch.to_string_lossy())?
            .with("max_temp_directory_size", format!("{}B", self.scratch_bytes))?
            .with("allocator_flush_threshold", kept_free)?
            .with("allocator_bulk_deallocation_flush_threshold", kept_free)?
            .with("autoinstall_known_extensions", "false")?
            .with("autoload_known_extensions", "false")?
            .with("allow_community_extensions", "false")?;
        drop(descriptors);
        Ok(Connection::open_in_memory_with_flags(config)?)
    }

    /// From now on it reaches these folders and nothing else, ever.
    fn lock(&self, connection: &Connection) -> Result<(), LakeError> {
        let folders = [self.files, self.scratch, self.answers];
        let folders = folders.map(|path| literal(&path.to_string_lossy())).join(", ");
        connection.execute_batch(&format!(
            "SET GLOBAL TimeZone = 'UTC'; \
             SET GLOBAL allowed_directories = [{folders}]; \
             SET GLOBAL enable_external_access = false; \
             SET GLOBAL lock_configuration = true;"
        ))?;
        Ok(())
    }
}

/// A DuckDB for one job on files, gone with it, and with it all of its memory. On one thread: with
/// more, the one that asked polls the others for news, which took a fifth of the processor.
pub(super) fn for_a_job(bounds: &Bounds<'_>) -> Result<Connection, LakeError> {
    let connection = bounds.open(KEPT_FREE_OF_JOB)?;
    bounds.lock(&connection)?;
    Ok(connection)
}

/// One DuckDB in memory, shared by all questions; each has a connection of its own.
pub(super) struct Engine {
    root: Mutex<Connection>,
}

impl Engine {
    /// Opens it, with the tables that questions are about.
    pub(super) fn open(
        bounds: &Bounds<'_>,
        people: &people::Registered,
    ) -> Result<Self, LakeError> {
        // Its threads inherit what the thread weighs that makes them.
        let root = lightly(|| bounds.open(KEPT_FREE))?;
        root.register_table_function::<People>("kith_people")?;
        lines::register(&root)?;
        root.register_table_function::<Members>("kith_members")?;
        masked::register(&root)?;
        found::register(&root, people)?;
        root.execute_batch("CREATE SCHEMA kith;")?;
        root.execute_batch(&tail::schema())?;
        root.execute_batch(people::ZONES)?;
        root.execute_batch(&people::views(people))?;
        root.execute_batch(&named::visits(people.number()))?;
        root.execute_batch(&members::named(people))?;
        bounds.lock(&root)?;
        Ok(Self { root: Mutex::new(root) })
    }

    /// A connection of its own over the same memory.
    pub(super) fn connect(&self) -> Result<Connection, LakeError> {
        let root = self.root.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(root.try_clone()?)
    }
}

/// `text` as a literal of SQL. No statement can hold a null character, so that is put in as what it is.
#[must_use]
pub(super) fn literal(text: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    if !text.contains('\0') {
        return quoted(text);
    }
    let parts: Vec<String> = text.split('\0').map(quoted).collect();
    format!("({})", parts.join(" || chr(0) || "))
}

/// The same of several, with commas between them.
pub(super) fn literals<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts = texts.into_iter().map(|text| literal(text.as_ref()));
    texts.collect::<Vec<String>>().join(", ")
}

/// The name of a column, or of anything else, as SQL has it.
pub(super) fn named(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Runs `work` on a thread that weighs less than those that answer trackers; so do those that it starts.
fn lightly<T: Send>(work: impl FnOnce() -> Result<T, LakeError> + Send) -> Result<T, LakeError> {
    let work = || {
        weigh_less();
        work()
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("kith-lake-work".to_owned());
        let begun = thread.spawn_scoped(scope, work);
        let begun = begun.map_err(|error| LakeError::NoThread(error.to_string()))?;
        begun.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// From now on this thread takes what others leave.
pub fn weigh_less() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the thread keeps its weight");
    }
}

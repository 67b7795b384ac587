//! The data, opened for a command beside a server that may be running.

use std::sync::Arc;

use super::first_start::without_secrets;
use super::privacy::make_private;
use super::restore::must_be_whole;
use super::say_wrong;
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::registry::Registry;
use crate::storage::{self, Postgres, Sqlite, StillHeld, Storage, StorageError};

/// Whether others may have the data too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Having {
    /// Whoever opens it has the folder for itself, or is one more node: it may bring the data to the newest format.
    Alone,
    /// A server may be running, of another version: the format stays as it is. Nothing is made where nothing is.
    Beside,
    /// The same for whoever adds something, and may be the first of all.
    First,
}

impl Having {
    /// What a command has that does what a server does: the folder for itself, or a database at a URL beside nodes.
    pub(super) fn of(config: &Config) -> Self {
        if config.database_url.is_empty() { Self::Alone } else { Self::Beside }
    }
}

/// What a command needs.
pub(super) struct Folder {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
}

impl Folder {
    /// Opens the database, in the folder or at the URL, making it if need be and if it may be.
    pub(super) fn open(config: &Config, having: Having) -> Result<Self, String> {
        Self::try_open(config, having)?.map_err(|error| told(config, &error))
    }

    /// The same; what a database at a URL says is told apart.
    pub(super) fn try_open(
        config: &Config,
        having: Having,
    ) -> Result<Result<Self, StorageError>, String> {
        let (clock, ids) = (Clock::system(), Ids::system());
        let key = ids.bytes();
        let storage: Arc<dyn Storage> = if config.database_url.is_empty() {
            make_private(&config.data_dir)?;
            must_be_whole(&config.data_dir)?;
            let opened = opened(config, having, |having| {
                let open = if having == Having::Alone { Sqlite::open } else { Sqlite::open_beside };
                open(&config.data_dir, &config.storage, clock.now(), key)
            });
            Arc::new(opened.map_err(|error| told(config, &error))?)
        } else {
            let opened = opened(config, having, |having| {
                let open =
                    if having == Having::Alone { Postgres::open } else { Postgres::open_beside };
                open(&config.database_url, &config.storage, &clock, key)
            });
            match opened {
                Ok(storage) => {
                    make_private(&config.data_dir)?;
                    Arc::new(storage)
                }
                Err(error) => return Ok(Err(error)),
            }
        };
        Ok(Ok(Self { storage, clock, ids }))
    }

    /// The same for a command that only makes sense where there is data already: in a wrong place it makes
    /// nothing.
    pub(super) fn existing(config: &Config) -> Result<Self, String> {
        Self::must_exist(config)?;
        Self::open(config, Having::Beside)
    }

    /// The data for a command that only looks: it works where nothing can be written, and changes nothing.
    pub(super) fn to_look(config: &Config) -> Result<Self, String> {
        Self::must_exist(config)?;
        if config.data_dir.exists() {
            make_private(&config.data_dir)?;
        }
        let storage = storage::to_look(config).map_err(|error| told(config, &error))?;
        let clock = Clock::system();
        storage.set_clock(&clock).map_err(|error| error.to_string())?;
        Ok(Self { storage, clock, ids: Ids::system() })
    }

    /// Whether there is data already, as far as the folder tells: of a database at a URL, opening it does.
    pub(super) fn must_exist(config: &Config) -> Result<(), String> {
        let is_lacking =
            config.database_url.is_empty() && !config.data_dir.join("kith.db").is_file();
        if is_lacking { Err(told(config, &StorageError::Unmade)) } else { Ok(()) }
    }

    /// Takes the folder for this process, where there is data already; `instead` says what to do where another one
    /// has it. Beside a database at a URL it may be a new one.
    pub(super) fn hold(config: &Config, instead: &str) -> Result<StillHeld, String> {
        Self::must_exist(config)?;
        make_private(&config.data_dir)?;
        StillHeld::take(&config.data_dir, instead)
    }

    /// The data for a command that does what a server does, and its folder for this process alone. Where another
    /// database is named than the one that was meant, nothing is made.
    pub(super) fn open_and_hold(
        config: &Config,
        instead: &str,
    ) -> Result<(Self, StillHeld), String> {
        let having = Having::of(config);
        if having == Having::Alone {
            let lock = Self::hold(config, instead)?;
            return Ok((Self::open(config, having)?, lock));
        }
        let folder = Self::open(config, having)?;
        Ok((folder, Self::hold(config, instead)?))
    }

    /// The configuration, as it is stored.
    pub(super) fn registry(&self) -> Result<Registry, String> {
        let registry = Registry::open(Arc::clone(&self.storage), self.clock.clone());
        registry.map_err(|error| error.to_string())
    }
}

/// What `open` opens, which makes only for those who have it alone. Whoever is the first is told so: they may have
/// meant another place.
fn opened<S>(
    config: &Config,
    having: Having,
    open: impl Fn(Having) -> Result<S, StorageError>,
) -> Result<S, StorageError> {
    match open(having) {
        Err(StorageError::Unmade) if having == Having::First => {
            say_wrong(&format!("there was no data in {} yet; it begins here", place(config)));
            open(Having::Alone)
        }
        opened => opened,
    }
}

/// Where the data lies, for people.
fn place(config: &Config) -> String {
    let url = &config.database_url;
    if url.is_empty() {
        return config.data_dir.display().to_string();
    }
    format!("the database {}", without_secrets(url))
}

/// What is wrong with the data, and where it lies.
fn told(config: &Config, error: &StorageError) -> String {
    let place = place(config);
    let is_here = config.database_url.is_empty();
    let is_unmade = matches!(error, StorageError::Unmade);
    match (is_unmade, is_here) {
        (true, true) => format!("there is no data in {place}; --data-dir names another folder"),
        (true, false) => format!(
            "there is no data in {place}; database_url names another, `kith serve` begins there"
        ),
        (false, true) => format!("{place}: {error}"),
        (false, false) => error.to_string(),
    }
}

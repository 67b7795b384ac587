//! The data, opened for a command beside a server that may be running.

use std::sync::Arc;

use super::privacy::make_private;
use super::restore::must_be_whole;
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::registry::Registry;
use crate::storage::{Postgres, Sqlite, StillHeld, Storage, StorageError};

/// What a command needs.
pub(super) struct Folder {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
}

impl Folder {
    /// Opens the database, in the folder or at the URL, making it if need be.
    pub(super) fn open(config: &Config) -> Result<Self, String> {
        Self::try_open(config)?.map_err(|error| error.to_string())
    }

    /// The same; what a database at a URL says is told apart.
    pub(super) fn try_open(config: &Config) -> Result<Result<Self, StorageError>, String> {
        let (clock, ids) = (Clock::system(), Ids::system());
        make_private(&config.data_dir)?;
        let (now, key) = (clock.now(), ids.bytes());
        let storage: Arc<dyn Storage> = if config.database_url.is_empty() {
            must_be_whole(&config.data_dir)?;
            let storage = Sqlite::open(&config.data_dir, &config.storage, now, key);
            let fault = |error: StorageError| format!("{}: {error}", config.data_dir.display());
            Arc::new(storage.map_err(fault)?)
        } else {
            match Postgres::open(&config.database_url, &config.storage, now, key) {
                Ok(storage) => Arc::new(storage),
                Err(error) => return Ok(Err(error)),
            }
        };
        Ok(Ok(Self { storage, clock, ids }))
    }

    /// The same for a command that only makes sense where there is data already: in a wrong place it makes
    /// nothing.
    pub(super) fn existing(config: &Config) -> Result<Self, String> {
        Self::must_exist(config)?;
        Self::open(config)
    }

    /// Whether there is data already.
    pub(super) fn must_exist(config: &Config) -> Result<(), String> {
        if config.database_url.is_empty() && !config.data_dir.join("kith.db").is_file() {
            let place = config.data_dir.display();
            return Err(format!("there is no data in {place}; --data-dir names another folder"));
        }
        Ok(())
    }

    /// Takes the folder for this process, where there is data already; `instead` says what to do where another one
    /// has it. Beside a database at a URL it may be a new one.
    pub(super) fn hold(config: &Config, instead: &str) -> Result<StillHeld, String> {
        Self::must_exist(config)?;
        make_private(&config.data_dir)?;
        StillHeld::take(&config.data_dir, instead)
    }

    /// The configuration, as it is stored.
    pub(super) fn registry(&self) -> Result<Registry, String> {
        let registry = Registry::open(Arc::clone(&self.storage), self.clock.clone());
        registry.map_err(|error| error.to_string())
    }
}

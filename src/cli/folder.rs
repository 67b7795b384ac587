//! The data folder, opened for a command beside a server that may be running.

use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::storage::{Changes, Edit, Sqlite, Storage, StorageError};

/// What a command needs.
pub(super) struct Folder {
    pub(super) storage: Sqlite,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
}

impl Folder {
    /// Opens the folder, making it if need be.
    pub(super) fn open(config: &Config) -> Result<Self, String> {
        let (clock, ids) = (Clock::system(), Ids::system());
        make_private(&config.data_dir)?;
        let (now, key) = (clock.now(), ids.bytes());
        let storage = Sqlite::open(&config.data_dir, &config.storage, now, key);
        let fault = |error: StorageError| format!("{}: {error}", config.data_dir.display());
        Ok(Self { storage: storage.map_err(fault)?, clock, ids })
    }

    /// Stores one change. A running server sees it within half a second.
    pub(super) fn edit(&self, edit: Edit) -> Result<(), String> {
        let changes = Changes::by_hand(self.clock.now(), vec![edit]);
        self.storage.commit(&changes).map(|_| ()).map_err(|error| error.to_string())
    }
}

/// The folder, readable by its owner only: it holds what people have told.
pub(super) fn make_private(folder: &std::path::Path) -> Result<(), String> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

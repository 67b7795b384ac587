//! The database under a test: the embedded one, or PostgreSQL when `TEST_ENGINE` says so, so that the
//! same tests hold for both.

use std::path::Path;
use std::sync::Arc;

use kith::config::Config;
use kith::model::Time;
use kith::storage::{Postgres, Sqlite, Storage};

use super::postgres;

/// Whether the tests run on PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    match std::env::var("TEST_ENGINE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("TEST_ENGINE is sqlite or postgres, not {other}"),
    }
}

/// Opens the database that belongs to the data folder.
pub(crate) fn open(config: &Config, now: Time, key: [u8; 32]) -> Arc<dyn Storage> {
    if is_postgres() {
        let url = database_of(&config.data_dir);
        Arc::new(Postgres::open(&url, &config.storage, now, key).unwrap())
    } else {
        Arc::new(Sqlite::open(&config.data_dir, &config.storage, now, key).unwrap())
    }
}

/// A folder keeps its database when it is opened again.
pub(crate) fn database_of(folder: &Path) -> String {
    let note = folder.join("database_url");
    std::fs::read_to_string(&note).unwrap_or_else(|_| {
        let url = postgres::shared().create_database();
        std::fs::write(&note, &url).unwrap();
        url
    })
}

/// Leaves a test that is about the embedded engine alone.
macro_rules! embedded_only {
    ($why:literal) => {
        if $crate::support::engine::is_postgres() {
            eprintln!("left out on PostgreSQL: {}", $why);
            return;
        }
    };
}

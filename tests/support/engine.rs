//! The database under a test: the embedded one, or PostgreSQL when `TEST_ENGINE` says so.

use std::path::Path;
use std::sync::Arc;

use kith::config::Config;
use kith::model::Time;
use kith::storage::{Postgres, Sqlite, Storage};
use tempfile::TempDir;

use super::postgres;

/// The file in a data folder that says where its database is, when it is not in the folder.
const NOTE: &str = "database_url";

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
    if is_postgres() && url_of(&config.data_dir).is_none() {
        note(&config.data_dir, &postgres::shared().create_database());
    }
    match url_of(&config.data_dir) {
        Some(url) => Arc::new(Postgres::open(&url, &config.storage, now, key).unwrap()),
        None => Arc::new(Sqlite::open(&config.data_dir, &config.storage, now, key).unwrap()),
    }
}

/// A data folder whose database is at `url`.
pub(crate) fn folder_for(url: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    note(folder.path(), url);
    folder
}

fn note(folder: &Path, url: &str) {
    std::fs::write(folder.join(NOTE), url).unwrap();
}

fn url_of(folder: &Path) -> Option<String> {
    std::fs::read_to_string(folder.join(NOTE)).ok()
}

/// Where others find the database of a data folder: its URL, or its file.
pub(crate) fn place(folder: &Path) -> String {
    url_of(folder).unwrap_or_else(|| folder.join("kith.db").display().to_string())
}

/// What the database of a data folder answers, as texts.
pub(crate) fn rows(folder: &Path, sql: &str) -> Vec<Vec<String>> {
    match url_of(folder) {
        Some(url) => postgres::rows(&url, sql),
        None => rows_of_sqlite(folder, sql),
    }
}

fn rows_of_sqlite(folder: &Path, sql: &str) -> Vec<Vec<String>> {
    let database = rusqlite::Connection::open(folder.join("kith.db")).unwrap();
    let mut statement = database.prepare(sql).unwrap();
    let columns = statement.column_count();
    let text = |row: &rusqlite::Row<'_>, column| match row.get_ref(column).unwrap() {
        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
        rusqlite::types::ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
        rusqlite::types::ValueRef::Null => "null".to_owned(),
        other @ (rusqlite::types::ValueRef::Real(_) | rusqlite::types::ValueRef::Blob(_)) => {
            panic!("{other:?} is not asked for")
        }
    };
    let rows = statement.query_map([], |row| Ok((0..columns).map(|at| text(row, at)).collect()));
    rows.unwrap().map(Result::unwrap).collect()
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

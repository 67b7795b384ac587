//! The database under a test: the embedded one, or PostgreSQL when `TEST_ENGINE` says so.

use std::path::Path;
use std::sync::Arc;

use kith::clock::Clock;
use kith::config::Config;
use kith::model::Time;
use kith::storage::{Postgres, Sqlite, Storage, StorageError};
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
pub(crate) fn open(config: &Config, clock: &Clock, key: [u8; 32]) -> Arc<dyn Storage> {
    if is_postgres() && url_of(&config.data_dir).is_none() {
        note(&config.data_dir, &postgres::create_database());
    }
    match url_of(&config.data_dir) {
        Some(url) => Arc::new(patiently(|| Postgres::open(&url, &config.storage, clock, key))),
        None => {
            Arc::new(Sqlite::open(&config.data_dir, &config.storage, clock.now(), key).unwrap())
        }
    }
}

/// As the server's start does: on a machine that has much to do the database may not answer at once.
fn patiently<T>(open: impl Fn() -> Result<T, StorageError>) -> T {
    const TIMES: usize = 5;
    let is_away = |opened: &Result<T, StorageError>| matches!(opened, Err(StorageError::Away(_)));
    let last = (1..TIMES).map(|_| open()).find(|opened| !is_away(opened));
    last.unwrap_or_else(open).unwrap()
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

/// The URL of a data folder's database, when it is not in the folder.
pub(crate) fn url_of(folder: &Path) -> Option<String> {
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

/// Whether a folder has its database in itself.
pub(crate) fn is_embedded(folder: &Path) -> bool {
    url_of(folder).is_none()
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

/// A data folder with what is in this one, whose database is a file: on the engine under test.
pub(crate) fn moved_from(folder: &Path) -> TempDir {
    let copy = TempDir::new().unwrap();
    crate::committer::recovery::copy_folder(folder, copy.path());
    if is_postgres() {
        let file = copy.path().join("kith.db");
        let url = postgres::create_database();
        let config = Config::for_testing(copy.path().to_owned()).storage;
        // Both have the tables of the newest format then.
        drop(Sqlite::open(copy.path(), &config, Time::default(), [7; 32]).unwrap());
        drop(Postgres::open(&url, &config, &Clock::set_to(Time::default()), [7; 32]).unwrap());
        postgres::ask(&url, &statements(&file)).unwrap();
        std::fs::remove_file(file).unwrap();
        note(copy.path(), &url);
    }
    copy
}

/// What puts the rows of a SQLite file into tables that are there, in place of theirs.
fn statements(file: &Path) -> String {
    let database = rusqlite::Connection::open(file).unwrap();
    let ask = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let mut tables = database.prepare(ask).unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = String::new();
    // Marks wait in a file alone; none do in one of before they did.
    let waiting = "SELECT count(*) FROM mark_batch";
    assert_eq!(database.query_row(waiting, [], |row| row.get(0)), Ok(0));
    for table in tables.into_iter().filter(|table| table != "mark_batch") {
        all.push_str(&format!("DELETE FROM \"{table}\";"));
        let mut rows = database.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = rows.column_names().collect::<Vec<_>>().join("\", \"");
        let many = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<String> =
                (0..many).map(|at| literal(row.get_ref(at).unwrap())).collect();
            let values = values.join(", ");
            all.push_str(&format!("INSERT INTO \"{table}\" (\"{columns}\") VALUES ({values});"));
        }
    }
    all
}

/// A value as PostgreSQL is told it.
fn literal(value: rusqlite::types::ValueRef<'_>) -> String {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => format!("'{}'", str::from_utf8(text).unwrap().replace('\'', "''")),
        ValueRef::Blob(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("'\\x{hex}'")
        }
    }
}

/// Changes the database of a data folder behind Kith's back.
pub(crate) fn change(folder: &Path, sql: &str) {
    if let Some(url) = url_of(folder) {
        drop(postgres::ask(&url, sql).unwrap());
        return;
    }
    let database = rusqlite::Connection::open(folder.join("kith.db")).unwrap();
    database.execute_batch(sql).unwrap();
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

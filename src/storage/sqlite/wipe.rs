//! What was deleted leaves the disk too: SQLite only forgets where it was.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::{Sqlite, checkpoint, lock};
use crate::storage::StorageError;

/// How often the log is tried to be emptied, and the pause between: as long as a question may take.
const TRIES_MAX: usize = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// So much free space is overwritten in one commit, in bytes: rounds wait for no longer than that
/// takes.
const STEP_BYTES: i64 = 4 << 20;

/// Fills the free pages with zeroes and gives them back. Within pages nothing is left over: those
/// who delete overwrite (`secure_delete`, see `open`). Then the log starts anew, which also holds
/// old pages.
pub(super) fn run(engine: &Sqlite) -> Result<(), StorageError> {
    engine.write(|writer| {
        writer.execute_batch("CREATE TABLE IF NOT EXISTS wipe (zeroes BLOB NOT NULL)")?;
        Ok(())
    })?;
    let filled = loop {
        match engine.write(|writer| fill(writer)) {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    // What was taken is given back whatever happens: others need the room.
    engine.write(|writer| {
        writer.execute_batch("DROP TABLE wipe")?;
        Ok(())
    })?;
    filled?;
    drop(lock(&engine.readers).drain(..).collect::<Vec<_>>());
    for _ in 0..TRIES_MAX {
        if engine.write(|writer| checkpoint::truncate(writer))? {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    Err(StorageError::Failed("somebody reads from the log for too long".to_owned()))
}

/// One step. False when nothing free is left, or what is left cannot be filled.
fn fill(writer: &Connection) -> Result<bool, StorageError> {
    let number = |sql| writer.query_row(sql, [], |row| row.get::<_, i64>(0));
    let (free, page) = (number("PRAGMA freelist_count")?, number("PRAGMA page_size")?);
    if free == 0 {
        return Ok(false);
    }
    // One more than there are: the end of the last may keep what it was, and is new then. In a database that may
    // not grow, all but one.
    for pages in [free + 1, free - 1].into_iter().filter(|pages| *pages > 0) {
        let bytes = (pages * page).min(STEP_BYTES);
        match writer.execute("INSERT INTO wipe VALUES (zeroblob($1))", [bytes]) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {}
            done => return Ok(done? > 0),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A database of which so many pages of text were freed, and are only forgotten.
    fn forgotten(path: &std::path::Path, pages: i64) -> Connection {
        let database = Connection::open(path).unwrap();
        let made = "PRAGMA secure_delete = FAST; CREATE TABLE wipe (zeroes BLOB NOT NULL);
                    CREATE TABLE said (text TEXT); CREATE TABLE kept (text TEXT);
                    INSERT INTO kept VALUES ('kept')";
        database.execute_batch(made).unwrap();
        let text = "Ann of Kaunas ".repeat(usize::try_from(pages).unwrap() * 290);
        database.execute("INSERT INTO said VALUES ($1)", [text]).unwrap();
        database.execute_batch("DROP TABLE said").unwrap();
        database
    }

    #[test]
    fn a_database_that_may_not_grow_is_filled_but_for_one_page() {
        for pages in [1, 2, 7, 500] {
            let folder = tempfile::tempdir().unwrap();
            let database = forgotten(&folder.path().join("kith.db"), pages);
            let number = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0));
            let size = number("PRAGMA page_count").unwrap();
            number(&format!("PRAGMA max_page_count = {size}")).unwrap();
            while fill(&database).unwrap() {}
            assert!(number("PRAGMA freelist_count").unwrap() <= 1, "{pages} pages");
        }
    }

    #[test]
    fn no_free_page_keeps_what_it_was() {
        for pages in [0, 1, 2, 7, 2_000] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("kith.db");
            let database = forgotten(&path, pages);
            while fill(&database).unwrap() {}
            database.execute_batch("DROP TABLE wipe").unwrap();
            drop(database);
            let bytes = std::fs::read(&path).unwrap();
            let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
            assert!(!holds(b"Kaunas") && holds(b"kept"), "{pages} pages");
        }
    }
}

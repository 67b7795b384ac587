//! From the tail into files: one file for each day the events are of.

use duckdb::Connection;

use super::engine::on_light_thread;
use super::parquet::Selection;
use super::{Lake, LakeError};
use crate::storage::{LakeChange, Landed, NewFile, Through};

/// Days that get a file of their own in one flush, those with most events first; events of all
/// others share one. Clients choose the time of their events, and must not choose how many files we
/// have.
const DAYS_MAX: usize = 32;

/// What a flush did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// Events that moved.
    pub events: u64,
    /// Files they moved into.
    pub files: usize,
}

/// Files that hold what was in the tail.
struct Written {
    edition: i64,
    flushed: Vec<(Through, u64)>,
    added: Vec<NewFile>,
}

impl Lake {
    /// Moves everything that is in the tail now into files. In one commit the files enter the
    /// catalogue and the tail's marks move: before it nobody knows of the files, after it nobody
    /// reads the rounds. When that commit fails, nobody knows whether it is on disk, so the files
    /// stay, and the sweep decides.
    ///
    /// # Errors
    /// See [`LakeError`]; nothing was moved then, as far as anybody can know.
    pub fn flush(&self) -> Result<Flushed, LakeError> {
        let _job = self.job();
        let Written { edition, flushed, added } = on_light_thread(|| self.write_tail())??;
        if flushed.is_empty() {
            return Ok(Flushed::default());
        }
        let events = added.iter().map(|file| file.rows).sum();
        let change = LakeChange {
            time: self.now(),
            edition: Some(edition),
            flushed,
            added,
            ..LakeChange::default()
        };
        match self.storage.commit_lake(&change)? {
            Landed::Done => Ok(Flushed { events, files: change.added.len() }),
            Landed::Overtaken => {
                self.discard(&change.added);
                Ok(Flushed::default())
            }
        }
    }

    /// All that takes long. The commit is not in it: it must not be slow, since rounds wait for it.
    fn write_tail(&self) -> Result<Written, LakeError> {
        let duck = self.duck()?;
        let connection = duck.engine.connect()?;
        let mut tail = duck.tail();
        let view = tail.sync(self.storage.as_ref())?;
        connection.execute_batch("BEGIN TRANSACTION READ ONLY; FROM kith.tail LIMIT 0;")?;
        let flushed = tail.unflushed(&view);
        drop(tail);
        let added = if flushed.is_empty() { Vec::new() } else { self.write_days(&connection)? };
        Ok(Written { edition: view.edition, flushed, added })
    }

    fn write_days(&self, connection: &Connection) -> Result<Vec<NewFile>, LakeError> {
        let sql = "SELECT epoch_us(time) // 86400000000 AS day FROM kith.tail \
                   GROUP BY day ORDER BY count(*) DESC, day";
        let mut statement = connection.prepare(sql)?;
        let days = statement.query_map([], |row| row.get::<_, i64>(0))?;
        let days = days.collect::<Result<Vec<i64>, _>>()?;
        let (own, shared) = days.split_at(days.len().min(DAYS_MAX));
        let of = |days: &[i64]| {
            let days: Vec<String> = days.iter().map(ToString::to_string).collect();
            let days = days.join(", ");
            format!("SELECT * FROM kith.tail WHERE epoch_us(time) // 86400000000 IN ({days})")
        };
        let mut selections: Vec<Selection> =
            own.iter().map(|day| Selection { sql: of(&[*day]), day: Some(*day) }).collect();
        if !shared.is_empty() {
            selections.push(Selection { sql: of(shared), day: None });
        }
        let mut files = Vec::new();
        for selection in &selections {
            match self.write(connection, selection) {
                Ok(file) => files.push(file),
                Err(error) => {
                    self.discard(&files);
                    return Err(error);
                }
            }
        }
        Ok(files)
    }
}

//! The lake's half of the contract, fulfilled.

use std::sync::Arc;
use std::time::Duration;

use super::{LONG, Postgres};
use crate::model::Time;
use crate::storage::sql::{Sql, values};
use crate::storage::{
    DataFile, ErasureReport, ErasureRow, LakeChange, LakeStorage, LakeView, Landed, PeopleKind,
    PeopleRow, Portion, StorageError, TailSeen, TailSize, Waiting, sql,
};

/// Tables that may hold what was erased, until they are cleaned.
const CLEANED: [&str; 8] =
    ["profile", "alias", "identifier", "session", "seen", "tail", "merge", "erasure"];

impl LakeStorage for Postgres {
    fn lake(&self, seen: &TailSeen) -> Result<LakeView, StorageError> {
        self.look(|database| sql::view(database, seen))
    }

    fn waiting(
        &self,
        portion: Portion,
        streams: Option<&[Arc<str>]>,
    ) -> Result<Waiting, StorageError> {
        self.look(|database| sql::waiting(database, portion, streams))
    }

    fn commit_lake(&self, change: &LakeChange) -> Result<Landed, StorageError> {
        self.change_if(|database| {
            let landed = sql::commit(database, change)?;
            if landed == Landed::Done {
                trim(database, change)?;
            }
            Ok((landed, landed == Landed::Done))
        })
    }

    fn files(&self) -> Result<Vec<DataFile>, StorageError> {
        self.ask(sql::files)
    }

    fn locate(&self, folder: &str) -> Result<(), StorageError> {
        self.change(|database| sql::locate(database, folder))
    }

    fn expire_snapshots(&self, now: Time, grace: Duration) -> Result<Vec<String>, StorageError> {
        self.change(|database| sql::expire_old(database, now, grace))
    }

    fn forget_files(&self, paths: &[String]) -> Result<(), StorageError> {
        if paths.is_empty() {
            return Ok(());
        }
        self.change(|database| sql::forget_files(database, paths))
    }

    fn known_paths(&self) -> Result<Vec<String>, StorageError> {
        self.look(sql::known_paths)
    }

    fn tail_size(&self) -> Result<TailSize, StorageError> {
        self.ask(sql::tail_size)
    }

    fn people(
        &self,
        kind: PeopleKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<PeopleRow>, StorageError> {
        self.ask(|database| sql::people(database, kind, after, limit))
    }

    fn erasures(&self) -> Result<Vec<ErasureRow>, StorageError> {
        self.ask(sql::erasures)
    }

    fn erasure(&self, id: &str) -> Result<Option<ErasureReport>, StorageError> {
        self.ask(|database| sql::erasure(database, id))
    }

    fn lease(
        &self,
        name: &str,
        holder: &str,
        now: Time,
        length: Duration,
    ) -> Result<bool, StorageError> {
        self.change(|database| sql::lease(database, name, holder, now, length))
    }

    fn streams_waiting(&self) -> Result<Vec<Arc<str>>, StorageError> {
        self.ask(sql::streams_waiting)
    }

    /// The server gives the room of deleted rows to new ones. When it is written over is the
    /// server's business (see `docs/operations.md`).
    fn wipe(&self) -> Result<(), StorageError> {
        // Not in a transaction, and as long as it takes: this connection is not used again.
        let client = deadpool_postgres::Object::take(self.connection()?);
        self.wait(async { Ok(client.batch_execute("SET statement_timeout = 0").await?) })?;
        for table in CLEANED {
            let clean = format!("VACUUM \"{table}\"");
            let cleaned = self.wait_for(LONG, async { Ok(client.batch_execute(&clean).await?) });
            if let Err(error) = cleaned {
                tracing::debug!(%error, table, "the database cleans up by itself");
            }
        }
        Ok(())
    }
}

/// Rounds that are in files now leave the tail: nothing has to be counted again from them.
fn trim(database: &mut dyn Sql, change: &LakeChange) -> Result<(), StorageError> {
    let trim = "DELETE FROM tail WHERE stream = $1 AND seq <= $2";
    for (from, to) in &change.flushed {
        database.execute(trim, values![from.stream.as_ref(), *to])?;
    }
    Ok(())
}

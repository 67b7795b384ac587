//! The lake's half of the contract, fulfilled.

use std::sync::Arc;
use std::time::Duration;

use super::{Sqlite, wipe};
use crate::model::Time;
use crate::storage::{
    DataFile, ErasureReport, ErasureRow, LakeChange, LakeStorage, LakeView, Landed, PeopleKind,
    PeopleRow, Portion, StorageError, TailSeen, TailSize, Waiting, sql,
};

impl LakeStorage for Sqlite {
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
            Ok((landed, landed == Landed::Done))
        })
    }

    fn files(&self) -> Result<Vec<DataFile>, StorageError> {
        self.look(sql::files)
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
        self.look(sql::tail_size)
    }

    fn people(
        &self,
        kind: PeopleKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<PeopleRow>, StorageError> {
        self.look(|database| sql::people(database, kind, after, limit))
    }

    fn erasures(&self) -> Result<Vec<ErasureRow>, StorageError> {
        self.look(sql::erasures)
    }

    fn erasure(&self, id: &str) -> Result<Option<ErasureReport>, StorageError> {
        self.look(|database| sql::erasure(database, id))
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
        self.look(sql::streams_waiting)
    }

    fn wipe(&self) -> Result<(), StorageError> {
        wipe::run(self)
    }
}

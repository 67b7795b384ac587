//! History in the database: the tail, the catalogue of files, and who is being erased.

mod lake;
mod view;
mod waiting;
mod columns;
mod files;
mod snapshots;
mod founding;
mod erasures;

pub use erasures::{ErasureReport, ErasureRow};
pub(super) use erasures::{begin as begin_erasure, end as end_erasure};
pub(super) use files::files;
pub(super) use founding::{BESIDE, found, locate};
pub use lake::{
    ColumnRange, DataFile, LakeChange, LakeView, Landed, Merged, NewFile, Portion, TailSeen,
    TailSize, Waiting,
};
pub(super) use snapshots::{expire_old, forget_files};

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::sql::{Sql, rows, values};
use super::{Settled, Storage, StorageError, TailRow};
use crate::model::Time;

impl dyn Storage + '_ {
    /// Tail rows, newest round first, until `visit` breaks off.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn tail(
        &self,
        visit: &mut dyn FnMut(TailRow) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        let ask = "SELECT stream, seq, rows FROM tail ORDER BY stream DESC, seq DESC";
        self.look(|database| database.each(ask, &[], &mut |row| Ok(visit(rows::tail(row)?))))
    }

    /// Tail rows whose touches may be missing from their sessions, oldest first (see
    /// [`super::Changes::written_through`]). There are none where nothing is held back.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn unfolded(&self, visit: &mut dyn FnMut(TailRow)) -> Result<(), StorageError> {
        if self.is_shared() {
            return Ok(());
        }
        self.look(|database| unfolded(database, visit))
    }

    /// See [`LakeView::edition`].
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn edition(&self) -> Result<i64, StorageError> {
        self.ask(view::edition)
    }

    /// History at this moment, without what the reader has `seen`: one moment of the database.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn lake(&self, seen: &TailSeen) -> Result<LakeView, StorageError> {
        self.look(|database| view::view(database, seen))
    }

    /// The oldest rounds that are in no file, of some streams or of all: one moment of the database.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn waiting(
        &self,
        portion: Portion,
        streams: Option<&[Arc<str>]>,
    ) -> Result<Waiting, StorageError> {
        self.look(|database| waiting::waiting(database, portion, streams))
    }

    /// Streams that have rounds in no file.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn streams_waiting(&self) -> Result<Vec<Arc<str>>, StorageError> {
        let ask = "SELECT id FROM stream WHERE bytes > 0 ORDER BY id";
        self.ask(|database| database.all(ask, &[], |row| Ok(Arc::from(row.text(0)?))))
    }

    /// How much is where.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn tail_size(&self) -> Result<TailSize, StorageError> {
        self.ask(view::tail_size)
    }

    /// All of `change` or nothing, on disk when this returns. Rounds that are in files leave the
    /// tail at once where nothing has to be counted again from them.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it is on disk.
    pub fn commit_lake(&self, change: &LakeChange) -> Result<Landed, StorageError> {
        let is_shared = self.is_shared();
        self.change_if(|database| {
            let landed = snapshots::commit(database, change)?;
            if landed == Landed::Overtaken {
                return Ok((landed, Settled::Dropped));
            }
            if is_shared {
                snapshots::trim(database, change)?;
            }
            Ok((landed, Settled::Kept))
        })
    }

    /// The files that hold history.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn files(&self) -> Result<Vec<DataFile>, StorageError> {
        self.ask(files)
    }

    /// Where the files lie, as the catalogue tells readers from outside; none where nobody has said it yet.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn located(&self) -> Result<Option<String>, StorageError> {
        self.ask(founding::located)
    }

    /// Whether the catalogue has the columns that this Kith knows, for whoever may not add them.
    ///
    /// # Errors
    /// [`StorageError::LacksColumn`] and [`StorageError::UnknownColumn`] when it has not; otherwise see
    /// [`StorageError`].
    pub fn must_have_columns(&self) -> Result<(), StorageError> {
        self.ask(columns::must_be_all)
    }

    /// Tells readers from outside where the files lie, and which columns history has: from `now` on
    /// all that this Kith knows. Changes nothing when the catalogue says both.
    ///
    /// # Errors
    /// See [`StorageError`]; [`StorageError::UnknownColumn`] when it has columns that this Kith does not know.
    pub fn locate(&self, folder: &str, now: Time) -> Result<(), StorageError> {
        self.change(|database| {
            columns::grow(database, now)?;
            locate(database, folder)
        })
    }

    /// Forgets snapshots older than `grace` but the newest, and returns files that have waited that
    /// long for nobody to need them.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn expire_snapshots(
        &self,
        now: Time,
        grace: Duration,
    ) -> Result<Vec<String>, StorageError> {
        self.change(|database| expire_old(database, now, grace))
    }

    /// These files have left the disk.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn forget_files(&self, paths: &[String]) -> Result<(), StorageError> {
        if paths.is_empty() {
            return Ok(());
        }
        self.change(|database| forget_files(database, paths))
    }

    /// Every file that the catalogue knows, also those that wait to leave the disk.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn known_paths(&self) -> Result<Vec<String>, StorageError> {
        let ask = "SELECT path FROM ducklake_data_file \
                   UNION ALL SELECT path FROM ducklake_files_scheduled_for_deletion";
        self.look(|database| database.all(ask, &[], |row| row.string(0)))
    }
}

/// Stream by stream: by itself a database may go through the whole tail, and rounds wait meanwhile.
fn unfolded(sql: &mut dyn Sql, visit: &mut dyn FnMut(TailRow)) -> Result<(), StorageError> {
    let streams = "SELECT id, written_through FROM stream ORDER BY id";
    let streams = sql.all(streams, &[], |row| Ok((row.string(0)?, row.count(1)?)))?;
    let ask = "SELECT stream, seq, rows FROM tail WHERE stream = $1 AND seq > $2 ORDER BY seq";
    for (stream, through) in streams {
        sql.each(ask, values![&stream, through], &mut |row| {
            visit(rows::tail(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(())
}

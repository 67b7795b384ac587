//! Servers that run, and which version of the configuration each works with.

use std::time::Duration;

use super::sql::{Row, values};
use super::{Storage, StorageError};
use crate::model::Time;

/// How long a node that says nothing is taken to live, where several share a database. Where there is
/// one process, its row is there as long as it runs.
const SILENT: Duration = Duration::from_secs(15);

/// A server that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRow {
    /// The name of its stream.
    pub id: String,
    /// When it said last that it lives.
    pub seen: Time,
    /// The version of the configuration that it works with.
    pub version: i64,
}

impl dyn Storage + '_ {
    /// Says that `node` runs and works with this version. Where a folder has one process, rows that
    /// earlier ones left without saying farewell go.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn greet(&self, node: &str, version: i64, now: Time) -> Result<(), StorageError> {
        let is_shared = self.is_shared();
        let put = "INSERT INTO node (id, seen_at, config_version) VALUES ($1, $2, $3) \
                   ON CONFLICT (id) DO UPDATE SET \
                   seen_at = excluded.seen_at, config_version = excluded.config_version";
        let gone = "DELETE FROM node WHERE id <> $1 AND ($2 = 0 OR seen_at < $3)";
        self.change(|database| {
            database.execute(put, values![node, now.micros(), version])?;
            let silent = now.minus(SILENT).micros();
            database.execute(gone, values![node, i64::from(is_shared), silent])?;
            Ok(())
        })
    }

    /// `node` ends.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn farewell(&self, node: &str) -> Result<(), StorageError> {
        let gone = "DELETE FROM node WHERE id = $1";
        self.change(|database| database.execute(gone, values![node]).map(|_| ()))
    }

    /// How many of the living nodes work with an older version than this.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn nodes_behind(&self, version: i64, now: Time) -> Result<u64, StorageError> {
        let behind = "SELECT count(*) FROM node \
                      WHERE config_version < $1 AND ($2 = 0 OR seen_at >= $3)";
        let silent = now.minus(SILENT).micros();
        let values = values![version, i64::from(self.is_shared()), silent];
        let count = self.ask(|database| database.number(behind, values))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// How many nodes live.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn nodes_alive(&self, now: Time) -> Result<u64, StorageError> {
        let alive = "SELECT count(*) FROM node WHERE seen_at >= $1";
        let count =
            self.ask(|database| database.number(alive, values![now.minus(SILENT).micros()]))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Every server that has said that it runs, sorted by name.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn nodes(&self) -> Result<Vec<NodeRow>, StorageError> {
        let ask = "SELECT id, seen_at, config_version FROM node";
        let read = |row: &dyn Row| {
            let seen = Time::from_micros(row.number(1)?);
            Ok(NodeRow { id: row.string(0)?, seen, version: row.number(2)? })
        };
        self.ask(|database| database.all_sorted(ask, &[], read, |node| node.id.clone()))
    }
}

//! Identifiers that wait for a decision.

use super::sql::{Row, Sql, values};
use super::{Storage, StorageError};
use crate::identification::Doubt;
use crate::model::{EventId, IdentifierKey, Namespace, ProfileId, SourceId, Time};

/// Most entries of one identifier: whoever sees so many need not see more to decide.
const ENTRIES_OF_ONE_MAX: usize = 100;

/// Somebody waits for a decision.
#[derive(Clone, Debug)]
pub struct Quarantined {
    /// Who was named by what, and why nobody was united.
    pub doubt: Doubt,
    /// Who named it.
    pub visitor: ProfileId,
    /// The source that said so.
    pub source: SourceId,
    /// The event that did.
    pub event: Option<EventId>,
}

/// An entry, read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Its number.
    pub id: String,
    /// What both are known by.
    pub key: IdentifierKey,
    /// Who named it.
    pub visitor: ProfileId,
    /// Who holds it.
    pub holder: ProfileId,
    /// Why nobody was united.
    pub reason: String,
    /// The source that said so.
    pub source: String,
    /// The event that did.
    pub event: Option<String>,
    /// When.
    pub asked: Time,
}

const COLUMNS: &str = "SELECT id, namespace, hash, visitor, holder, reason, source, event, asked_at \
                       FROM quarantine";

impl dyn Storage + '_ {
    /// Those who wait for the longest, at most `limit`, and how many wait in all.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn quarantine(&self, limit: usize) -> Result<(Vec<QuarantineRow>, u64), StorageError> {
        let ask = format!("{COLUMNS} ORDER BY asked_at, id LIMIT $1");
        self.look(|database| {
            let count = database.number("SELECT count(*) FROM quarantine", &[])?;
            let rows = database.all(&ask, values![limit], row)?;
            Ok((rows, u64::try_from(count).unwrap_or(0)))
        })
    }

    /// An entry, and the others of its identifier.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn quarantined(
        &self,
        id: &str,
    ) -> Result<Option<(QuarantineRow, Vec<QuarantineRow>)>, StorageError> {
        let (one, same) = (
            format!("{COLUMNS} WHERE id = $1"),
            format!("{COLUMNS} WHERE namespace = $1 AND hash = $2 AND id <> $3 ORDER BY id"),
        );
        self.look(|database| {
            let Some(entry) = database.one(&one, values![id], row)? else { return Ok(None) };
            let key = &entry.key;
            let others =
                database.all(&same, values![key.namespace.as_str(), &key.hash, id], row)?;
            Ok(Some((entry, others)))
        })
    }
}

fn row(row: &dyn Row) -> Result<QuarantineRow, StorageError> {
    Ok(QuarantineRow {
        id: row.string(0)?,
        key: IdentifierKey { namespace: Namespace::new(row.string(1)?), hash: row.string(2)? },
        visitor: ProfileId::new(row.string(3)?),
        holder: ProfileId::new(row.string(4)?),
        reason: row.string(5)?,
        source: row.string(6)?,
        event: row.maybe_text(7)?.map(str::to_owned),
        asked: Time::from_micros(row.number(8)?),
    })
}

/// Enters somebody, unless they wait already or as many as may.
pub(super) fn enter(sql: &mut dyn Sql, one: &Quarantined, now: Time) -> Result<(), StorageError> {
    let key = &one.doubt.key;
    let (namespace, hash) = (key.namespace.as_str(), &key.hash);
    let count = "SELECT count(*) FROM quarantine WHERE namespace = $1 AND hash = $2";
    let waiting = sql.number(count, values![namespace, hash])?;
    if usize::try_from(waiting).unwrap_or(0) >= ENTRIES_OF_ONE_MAX {
        return Ok(());
    }
    let insert = "INSERT INTO quarantine \
                  (id, namespace, hash, visitor, holder, reason, source, event, asked_at) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING";
    let (id, event) = (one.doubt.id(&one.visitor), one.event.as_ref().map(EventId::as_str));
    let (visitor, holder) = (one.visitor.as_str(), one.doubt.holder.as_str());
    let (reason, source) = (one.doubt.reason.as_str(), one.source.as_str());
    let values =
        values![&id, namespace, hash, visitor, holder, reason, source, event, now.micros()];
    sql.execute(insert, values).map(|_| ())
}

/// It is decided.
pub(super) fn leave(sql: &mut dyn Sql, id: &str) -> Result<(), StorageError> {
    sql.execute("DELETE FROM quarantine WHERE id = $1", values![id]).map(|_| ())
}

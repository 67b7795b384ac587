//! The configuration: records of every kind, changed all at once or not at all.

use super::audit::{self, Entry};
use super::sql::{Row, Sql, values};
use super::{Settled, Storage, StorageError};
use crate::model::Time;

/// Kinds of records that say who may say who somebody is: the rules of identity.
const OF_IDENTITY: [&str; 3] = ["identity", "namespace", "source"];

/// All of the configuration at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configured {
    /// Grows with every change, whoever makes it.
    pub version: i64,
    /// The version with which the rules of identity became what they are.
    pub identity: i64,
    /// Sorted by kind and id.
    pub records: Vec<ConfigRecord>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRecord {
    /// What it is.
    pub kind: String,
    /// Unique among those of its kind.
    pub id: String,
    /// The configuration's version with which it became what it is.
    pub version: i64,
    /// JSON.
    pub body: String,
}

/// One change of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigEdit {
    /// Stores a record, new or instead of the one that is there.
    Put {
        /// What it is.
        kind: &'static str,
        /// Which one.
        id: String,
        /// JSON.
        body: String,
    },
    /// Removes a record.
    Remove {
        /// What it is.
        kind: &'static str,
        /// Which one.
        id: String,
    },
}

/// Who changes the configuration, and when.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// A user's e-mail address, or what else changes it.
    pub who: &'a str,
    /// The address that their request came from, where it is one.
    pub address: Option<&'a str>,
    /// When.
    pub at: Time,
}

impl dyn Storage + '_ {
    /// All records and their version: one moment of the database.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn configured(&self) -> Result<Configured, StorageError> {
        let ask = "SELECT kind, id, version, body FROM config ORDER BY kind, id";
        self.look(|database| {
            let (version, identity) = (version(database)?, identity(database)?);
            Ok(Configured { version, identity, records: database.all(ask, &[], record)? })
        })
    }

    /// See [`Configured::version`]. Cheap: asked twenty times a second.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn config_version(&self) -> Result<i64, StorageError> {
        self.ask(version)
    }

    /// Does all of `edits` and writes them into the audit log, if the configuration still has the version
    /// `seen`: so whatever was checked against that version holds. Each has a version of its own, the first
    /// the one after `seen`. The new version, or none when somebody was faster and nothing was done.
    ///
    /// # Errors
    /// See [`StorageError`]; nobody knows then whether it was done.
    pub fn configure(
        &self,
        seen: i64,
        edits: &[ConfigEdit],
        by: By<'_>,
    ) -> Result<Option<i64>, StorageError> {
        let announcement = self.announcement();
        self.change_if(|database| {
            let mut version = seen;
            for edit in edits {
                let Some(next) = grow(database, version)? else {
                    return Ok((None, Settled::Dropped));
                };
                apply(database, edit, next, by)?;
                version = next;
            }
            if let Some(statement) = announcement {
                database.execute(statement, &[])?;
            }
            Ok((Some(version), Settled::Kept))
        })
    }
}

fn record(row: &dyn Row) -> Result<ConfigRecord, StorageError> {
    let (kind, id) = (row.string(0)?, row.string(1)?);
    Ok(ConfigRecord { kind, id, version: row.number(2)?, body: row.string(3)? })
}

fn version(sql: &mut dyn Sql) -> Result<i64, StorageError> {
    let version = sql.text("SELECT value FROM meta WHERE key = 'config_version'", &[])?;
    Ok(version.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Kept by itself, since what was removed is in no record. Older builds have not kept it.
fn identity(sql: &mut dyn Sql) -> Result<i64, StorageError> {
    let kept = sql.text("SELECT value FROM meta WHERE key = 'identity_version'", &[])?;
    if let Some(version) = kept.and_then(|text| text.parse().ok()) {
        return Ok(version);
    }
    let newest = "SELECT coalesce(max(version), 0) FROM config \
                  WHERE kind = $1 OR kind = $2 OR kind = $3";
    let [settings, namespaces, sources] = OF_IDENTITY;
    sql.number(newest, values![settings, namespaces, sources])
}

/// The next version, if the present one is `seen`.
pub(super) fn grow(sql: &mut dyn Sql, seen: i64) -> Result<Option<i64>, StorageError> {
    let next = "INSERT INTO meta (key, value) VALUES ('config_version', '1') \
               ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS BIGINT) + 1 \
               WHERE meta.value = $1 RETURNING value";
    let version = sql.text(next, values![&seen.to_string()])?;
    Ok(version.and_then(|text| text.parse().ok()))
}

fn apply(
    sql: &mut dyn Sql,
    edit: &ConfigEdit,
    version: i64,
    by: By<'_>,
) -> Result<(), StorageError> {
    let (ConfigEdit::Put { kind, id, .. } | ConfigEdit::Remove { kind, id }) = edit;
    let find = "SELECT body FROM config WHERE kind = $1 AND id = $2";
    let before = sql.text(find, values![*kind, id])?;
    let (action, after) = match edit {
        ConfigEdit::Put { body, .. } => {
            let put = "INSERT INTO config (kind, id, version, body) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (kind, id) DO UPDATE SET \
                       version = excluded.version, body = excluded.body";
            sql.execute(put, values![*kind, id, version, body])?;
            ("put", Some(body))
        }
        ConfigEdit::Remove { .. } => {
            let remove = "DELETE FROM config WHERE kind = $1 AND id = $2";
            sql.execute(remove, values![*kind, id])?;
            ("remove", None)
        }
    };
    if OF_IDENTITY.contains(kind) {
        let since = "INSERT INTO meta (key, value) VALUES ('identity_version', $1) \
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        sql.execute(since, values![&version.to_string()])?;
    }
    let (before, after) = (before.as_deref(), after.map(String::as_str));
    audit::remember(sql, by, &Entry { action, kind, subject: id, version, before, after })
}

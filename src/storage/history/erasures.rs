//! People whose history is to be erased, and how far that is.

use serde::Deserialize;
use serde_json::json;

use crate::model::{ProfileId, Time};
use crate::storage::sql::{IDS_AT_ONCE, Row, Sql, one_of, rows, values};
use crate::storage::{Storage, StorageError, edits, held, removed};

/// An erasure that was asked for and is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureRow {
    /// Its number.
    pub id: String,
    /// When it was asked for.
    pub asked: Time,
    /// Every id of the person.
    pub people: Vec<ProfileId>,
}

/// How far an erasure is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureReport {
    /// When it was asked for.
    pub asked: Time,
    /// When it was done.
    pub done: Option<Time>,
    /// What was removed, as JSON, once it is done.
    pub report: Option<String>,
}

impl dyn Storage + '_ {
    /// Erasures to be done, oldest first.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn erasures(&self) -> Result<Vec<ErasureRow>, StorageError> {
        self.ask(erasures)
    }

    /// Whether somebody of this id is being erased: nobody sees anything of them.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn is_being_erased(&self, id: &ProfileId) -> Result<bool, StorageError> {
        Ok(self.erasures()?.iter().any(|row| row.people.contains(id)))
    }

    /// How many sessions are of people who are being erased: nobody is shown them. Looks through all of them.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn hidden_sessions(&self) -> Result<u64, StorageError> {
        self.look(|database| {
            let people: Vec<_> =
                erasures(database)?.into_iter().flat_map(|row| row.people).collect();
            let mut hidden = 0;
            for some in people.chunks(IDS_AT_ONCE) {
                let (places, ids) = one_of(some.iter().map(ProfileId::as_str));
                let ask = format!("SELECT count(*) FROM session WHERE profile_id IN ({places})");
                hidden += u64::try_from(database.number(&ask, &ids)?).unwrap_or(0);
            }
            Ok(hidden)
        })
    }

    /// How far an erasure is.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn erasure(&self, id: &str) -> Result<Option<ErasureReport>, StorageError> {
        let ask = "SELECT asked_at, done_at, body FROM erasure WHERE id = $1";
        self.ask(|database| database.one(ask, values![id], report))
    }

    /// Erasures with their numbers, those asked for last first, at most `limit`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn latest_erasures(
        &self,
        limit: usize,
    ) -> Result<Vec<(String, ErasureReport)>, StorageError> {
        let ask = "SELECT asked_at, done_at, body, id FROM erasure ORDER BY asked_at DESC LIMIT $1";
        self.ask(|database| {
            database.all(ask, values![limit], |row| Ok((row.string(3)?, report(row)?)))
        })
    }
}

/// The body of an `erasure` row.
#[derive(Deserialize)]
struct ErasureBody {
    people: Vec<String>,
}

/// For those who look at one moment of all history, too.
pub(super) fn erasures(sql: &mut dyn Sql) -> Result<Vec<ErasureRow>, StorageError> {
    let ask = "SELECT id, asked_at, body FROM erasure WHERE done_at IS NULL ORDER BY asked_at";
    sql.all(ask, &[], |row| {
        let body: ErasureBody =
            serde_json::from_str(row.text(2)?).map_err(rows::damaged("erasure"))?;
        let people = body.people.into_iter().map(ProfileId::new).collect();
        Ok(ErasureRow { id: row.string(0)?, asked: Time::from_micros(row.number(1)?), people })
    })
}

fn report(row: &dyn Row) -> Result<ErasureReport, StorageError> {
    let done = row.maybe_number(1)?.map(Time::from_micros);
    let report = done.map(|_| row.string(2)).transpose()?;
    Ok(ErasureReport { asked: Time::from_micros(row.number(0)?), done, report })
}

/// Hides these people from every reader, under every id they had when they were removed.
pub(in crate::storage) fn begin(
    sql: &mut dyn Sql,
    id: &str,
    people: &[ProfileId],
    now: Time,
) -> Result<(), StorageError> {
    let people = removed::with_removed(sql, people)?;
    held::forget(sql, &people)?;
    // Whoever has read their events must not say any more what they were.
    edits::new_edition(sql)?;
    let ids: Vec<&str> = people.iter().map(ProfileId::as_str).collect();
    let body = json!({"people": ids}).to_string();
    let put = "INSERT INTO erasure (id, asked_at, body) VALUES ($1, $2, $3)";
    sql.execute(put, values![id, now.micros(), &body]).map(|_| ())
}

/// The report names nobody. It comes after spaces as long as the body that did, so that they are
/// written over it.
pub(in crate::storage) fn end(
    sql: &mut dyn Sql,
    id: &str,
    people: &[ProfileId],
    report: &str,
    now: Time,
) -> Result<(), StorageError> {
    // Whoever was in the middle of a round elsewhere may have bound an identifier meanwhile, or kept apart
    // what was sent.
    held::forget(sql, people)?;
    let bound = "DELETE FROM identifier WHERE profile_id = $1";
    people.iter().try_for_each(|id| sql.execute(bound, values![id.as_str()]).map(|_| ()))?;
    removed::forget(sql, people)?;
    let old = sql.text("SELECT body FROM erasure WHERE id = $1", values![id])?;
    let blank = " ".repeat(old.map_or(0, |body| body.len()));
    sql.execute("UPDATE erasure SET body = $1 WHERE id = $2", values![&blank, id])?;
    let done = "UPDATE erasure SET done_at = $1, body = $2 WHERE id = $3";
    sql.execute(done, values![now.micros(), report, id]).map(|_| ())
}

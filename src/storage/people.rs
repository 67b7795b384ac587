//! People read back: profiles, sessions, how many there are, and all of them page by page.

use std::collections::HashMap;

use super::sql::{IDS_AT_ONCE, Row, Sql, one_of, rows, values};
use super::{SessionRow, Storage, StorageError, StoredSession, Through};
use crate::model::Profile;

/// Things that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Living profiles.
    Profiles,
    /// Sessions.
    Sessions,
    /// Events.
    Events,
}

/// Rows of people that a question reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleKind {
    /// Living profiles.
    Profiles,
    /// Sessions.
    Sessions,
}

/// A row of people, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeopleRow {
    /// Its id.
    pub id: String,
    /// A session's profile id, of the time it was written.
    pub profile: Option<String>,
    /// JSON.
    pub body: String,
}

/// Whose a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRow {
    /// Its id.
    pub id: String,
    /// Its profile id, of the time it was written.
    pub profile: Option<String>,
    /// Who visits in it, where it is of somebody who was only named.
    pub visitor: Option<String>,
}

/// A stored profile.
#[derive(Clone, Debug)]
pub struct ProfileRow {
    /// The profile.
    pub profile: Profile,
    /// Grows with every write.
    pub version: i64,
    /// The last round of which everything is counted in it, where it says so.
    pub counted: Option<Through>,
}

impl dyn Storage + '_ {
    /// The row of the living profile that `id` leads to.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn profile_row(&self, id: &str) -> Result<Option<ProfileRow>, StorageError> {
        let ask = "SELECT body, version FROM profile WHERE id = $1";
        self.look(|database| {
            let Some(living) = living(database, id)? else { return Ok(None) };
            database
                .one(ask, values![&living], |row| rows::profile_row(row.text(0)?, row.number(1)?))
        })
    }

    /// The living profile that `id` leads to.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn profile(&self, id: &str) -> Result<Option<Profile>, StorageError> {
        self.look(|database| profile(database, id))
    }

    /// A session.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn session(&self, id: &str) -> Result<Option<SessionRow>, StorageError> {
        let ask = format!("{} WHERE id = $1", rows::SESSION);
        self.ask(|database| database.one(&ask, values![id], rows::session))
    }

    /// How many profiles, sessions and events there are.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn count(&self, what: Counted) -> Result<u64, StorageError> {
        self.ask(|database| count(database, what))
    }

    /// How many profiles have ids after `after`, up to `upto` and with it.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn count_between(&self, after: &str, upto: &str) -> Result<u64, StorageError> {
        let ask = "SELECT count(*) FROM profile WHERE id > $1 AND id <= $2";
        let many = self.ask(|database| database.number(ask, values![after, upto]))?;
        Ok(u64::try_from(many).unwrap_or(0))
    }

    /// Rows of people with ids after `after`, in their order, at most `limit`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn people(
        &self,
        kind: PeopleKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<PeopleRow>, StorageError> {
        let ask = match kind {
            PeopleKind::Profiles => {
                "SELECT id, NULL, body FROM profile WHERE id > $1 ORDER BY id LIMIT $2"
            }
            PeopleKind::Sessions => {
                "SELECT id, profile_id, body FROM session WHERE id > $1 ORDER BY id LIMIT $2"
            }
        };
        self.ask(|database| database.all(ask, values![after, limit], people_row))
    }

    /// Whose sessions with ids after `after` are, in their order, at most `limit`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn visits(&self, after: &str, limit: usize) -> Result<Vec<VisitRow>, StorageError> {
        // Bodies of others do not leave the database.
        let ask = "SELECT id, profile_id, CASE WHEN body LIKE $1 THEN body ELSE '' END \
                   FROM session WHERE id > $2 ORDER BY id LIMIT $3";
        self.ask(|database| database.all(ask, values![VISITED, after, limit], visit_row))
    }

    /// The living profiles of these ids, as stored. Those that are nobody's, or lead to somebody else, are
    /// left out.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn profile_bodies(&self, ids: &[&str]) -> Result<HashMap<String, String>, StorageError> {
        let mut bodies = HashMap::with_capacity(ids.len());
        for some in ids.chunks(IDS_AT_ONCE) {
            let (places, ids) = one_of(some.iter().copied());
            let ask = format!("SELECT id, body FROM profile WHERE id IN ({places})");
            let body = |row: &dyn Row| Ok((row.string(0)?, row.string(1)?));
            bodies.extend(self.ask(|database| database.all(&ask, &ids, body))?);
        }
        Ok(bodies)
    }
}

/// In the body of a session of somebody who was only named, and perhaps in a few others.
const VISITED: &str = "%\"visitor\"%";

fn visit_row(row: &dyn Row) -> Result<VisitRow, StorageError> {
    // One that is damaged says nothing of anybody.
    let session = StoredSession::with_visitor(row.text(2)?).ok().flatten();
    let visitor = session.and_then(|session| session.visitor().map(str::to_owned));
    Ok(VisitRow { id: row.string(0)?, profile: row.maybe_text(1)?.map(str::to_owned), visitor })
}

fn people_row(row: &dyn Row) -> Result<PeopleRow, StorageError> {
    let profile = row.maybe_text(1)?.map(str::to_owned);
    Ok(PeopleRow { id: row.string(0)?, profile, body: row.string(2)? })
}

fn profile(sql: &mut dyn Sql, id: &str) -> Result<Option<Profile>, StorageError> {
    let Some(living) = living(sql, id)? else { return Ok(None) };
    let body = sql.text("SELECT body FROM profile WHERE id = $1", values![&living])?;
    body.map(|body| rows::profile(&body)).transpose()
}

fn living(sql: &mut dyn Sql, id: &str) -> Result<Option<String>, StorageError> {
    sql.text("SELECT profile_id FROM alias WHERE id = $1", values![id])
}

/// For those who read without an engine, too.
pub(super) fn count(sql: &mut dyn Sql, what: Counted) -> Result<u64, StorageError> {
    let ask = match what {
        Counted::Profiles => "SELECT count(*) FROM profile",
        Counted::Sessions => "SELECT count(*) FROM session",
        Counted::Events => {
            "SELECT (SELECT record_count FROM ducklake_table_stats) + \
             (SELECT CAST(coalesce(sum(events), 0) AS BIGINT) FROM stream)"
        }
    };
    Ok(u64::try_from(sql.number(ask, &[])?).unwrap_or(0))
}

//! Where people stand: who is in which audience, and when somebody has to be looked at again.

use super::sql::{Row, Sql, values};
use super::{Storage, StorageError};
use crate::model::{ProfileId, Time};

/// Somebody in an audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub profile: ProfileId,
    /// Since when.
    pub since: Time,
}

/// How far history has been asked for what new rules count.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Warmth {
    /// Keys of tallies that everybody has.
    pub warm: Vec<String>,
    /// The version of the configuration by which they had them.
    #[serde(default)]
    pub through: Option<i64>,
    /// Keys that people are being given, each with since when it is counted.
    pub warming: Vec<String>,
    /// The rules that everybody was held against last.
    pub settled: String,
    /// The rules that people are being held against.
    pub settling: String,
    /// The last of those who were seen.
    pub after: String,
    /// When the pass that is under way began, in microseconds since 1970.
    pub began: i64,
    /// How many people there are up to the last of those.
    pub people: u64,
    /// How many there were when it began.
    #[serde(default)]
    pub of: u64,
    /// Everybody has what lists say.
    #[serde(default)]
    pub listed: bool,
}

impl Warmth {
    /// Whoever comes first is next.
    pub fn rewind(&mut self) {
        (self.after, self.people) = (String::new(), 0);
    }
}

impl dyn Storage + '_ {
    /// Those who have to be looked at by now, the longest due first.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn due(&self, now: Time, limit: usize) -> Result<Vec<ProfileId>, StorageError> {
        let ask = "SELECT profile_id FROM alarm WHERE at <= $1 ORDER BY at, profile_id LIMIT $2";
        self.ask(|database| {
            database.all(ask, values![now.micros(), limit], |row| Ok(ProfileId::new(row.text(0)?)))
        })
    }

    /// How many are in each audience.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn audience_sizes(&self) -> Result<Vec<(String, u64)>, StorageError> {
        let ask = "SELECT audience, count(*) FROM membership GROUP BY audience";
        self.ask(|database| database.all(ask, &[], |row| Ok((row.string(0)?, row.count(1)?))))
    }

    /// Those in an audience, by their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn audience_members(
        &self,
        audience: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<MemberRow>, StorageError> {
        let ask = "SELECT profile_id, since FROM membership \
                   WHERE audience = $1 AND profile_id > $2 ORDER BY profile_id LIMIT $3";
        self.ask(|database| database.all(ask, values![audience, after, limit], member))
    }

    /// How many of an audience are in each other one, too; those that share nobody with it are left out.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn audience_overlap(&self, audience: &str) -> Result<Vec<(String, u64)>, StorageError> {
        let ask = "SELECT other.audience, count(*) FROM membership AS one \
                   JOIN membership AS other ON other.profile_id = one.profile_id \
                   WHERE one.audience = $1 AND other.audience <> $1 \
                   GROUP BY other.audience";
        let pair = |row: &dyn Row| Ok((row.string(0)?, row.count(1)?));
        self.ask(|database| database.all_sorted(ask, values![audience], pair, |(id, _)| id.clone()))
    }

    /// Whoever has become one with somebody since then.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn united_since(&self, since: Time) -> Result<Vec<String>, StorageError> {
        let ask = "SELECT DISTINCT winner FROM merge WHERE merged_at >= $1";
        self.ask(|database| database.all(ask, values![since.micros()], |row| row.string(0)))
    }

    /// How far history has been asked.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn warmth(&self) -> Result<Warmth, StorageError> {
        let ask = "SELECT value FROM meta WHERE key = 'warmth'";
        let found = self.ask(|database| database.text(ask, &[]))?;
        let damaged = |error: serde_json::Error| StorageError::Failed(error.to_string());
        found.map_or_else(
            || Ok(Warmth::default()),
            |text| serde_json::from_str(&text).map_err(damaged),
        )
    }

    /// Remembers how far history has been asked.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn put_warmth(&self, warmth: &Warmth) -> Result<(), StorageError> {
        let put = "INSERT INTO meta (key, value) VALUES ('warmth', $1) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let text = super::sql::rows::to_json(warmth)?;
        self.change(|database| database.execute(put, values![&text]).map(|_| ()))
    }
}

fn member(row: &dyn Row) -> Result<MemberRow, StorageError> {
    let profile = ProfileId::new(row.text(0)?);
    Ok(MemberRow { profile, since: Time::from_micros(row.number(1)?) })
}

/// Somebody has to be looked at then; none: not any more.
const SET_ALARM: &str = "INSERT INTO alarm (profile_id, at) VALUES ($1, $2) \
    ON CONFLICT (profile_id) DO UPDATE SET at = excluded.at";
const END_ALARM: &str = "DELETE FROM alarm WHERE profile_id = $1";
/// Somebody is in an audience.
const ENTER: &str = "INSERT INTO membership (audience, profile_id, since) \
    VALUES ($1, $2, $3) ON CONFLICT (audience, profile_id) DO UPDATE SET since = excluded.since";
const LEAVE: &str = "DELETE FROM membership WHERE audience = $1 AND profile_id = $2";

/// Writes where people stand from now on.
pub(super) fn write(sql: &mut dyn Sql, changes: &super::Changes) -> Result<(), StorageError> {
    for (id, at) in &changes.alarms {
        match at {
            Some(at) => sql.execute(SET_ALARM, values![id.as_str(), at.micros()])?,
            None => sql.execute(END_ALARM, values![id.as_str()])?,
        };
    }
    for (audience, id, since) in &changes.memberships {
        let audience = audience.as_ref();
        match since {
            Some(since) => sql.execute(ENTER, values![audience, id.as_str(), since.micros()])?,
            None => sql.execute(LEAVE, values![audience, id.as_str()])?,
        };
    }
    Ok(())
}

//! Events that did not fit, kept apart.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::sql::{IDS_AT_ONCE, Row, Sql, one_of, values};
use super::{Storage, StorageError};
use crate::model::{
    EventId, EventOptions, Found, HeldEvent, JSON_DEPTH_READABLE, Json, Mark, Options, ProfileId,
    SessionId, SourceId, Time,
};

/// Most of one type: of more, the oldest go.
const OF_TYPE_MAX: usize = 1000;
/// Most that are forgotten in one go.
const FORGOTTEN_MAX: usize = 1000;
/// How long they are kept.
const KEPT: Duration = Duration::from_secs(30 * 86_400);

const COLUMNS: &str = "SELECT key, id, type, source, session_id, profile_id, time, received_at, body, \
                       faults FROM held_event";

/// What of it is only carried.
#[derive(Serialize, Deserialize)]
struct Body {
    properties: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    context: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    request: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    config: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asked: Vec<Asked>,
}

/// What its sender asked for that is not usual, and how it was found whose it is. A newer server's word that
/// this one does not know says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    ProfileLess,
    StaticProfileId,
    NoProfile,
    NoSession,
    NotInSession,
    AddsNothing,
    Found,
    Linked,
    Doubted,
    #[serde(other)]
    Unknown,
}

impl Asked {
    fn of(held: &HeldEvent) -> Vec<Self> {
        let HeldEvent { asked, options, .. } = held;
        let all = [
            (asked.profile_less, Self::ProfileLess),
            (asked.static_profile_id, Self::StaticProfileId),
            (!asked.save_profile, Self::NoProfile),
            (!asked.save_session, Self::NoSession),
            (!options.save_session, Self::NotInSession),
            (asked.adds_nothing, Self::AddsNothing),
            (asked.found == Some(Found::Own), Self::Found),
            (matches!(asked.found, Some(Found::Linked | Found::Doubted)), Self::Linked),
            // Beside it, for servers that do not know this word.
            (asked.found == Some(Found::Doubted), Self::Doubted),
        ];
        all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, one)| one).collect()
    }

    fn read(all: &[Self]) -> (Options, EventOptions) {
        let has = |one| all.contains(&one);
        let found = [
            (Self::Found, Found::Own),
            (Self::Doubted, Found::Doubted),
            (Self::Linked, Found::Linked),
        ];
        let found = found.into_iter().find(|(one, _)| has(*one)).map(|(_, found)| found);
        let payload = Options {
            profile_less: has(Self::ProfileLess),
            static_profile_id: has(Self::StaticProfileId),
            save_profile: !has(Self::NoProfile),
            save_session: !has(Self::NoSession),
            adds_nothing: has(Self::AddsNothing),
            found,
            ..Options::default()
        };
        let save_session = !has(Self::NotInSession);
        (payload, EventOptions { save_session, ..EventOptions::default() })
    }
}

impl dyn Storage + '_ {
    /// Events that are kept apart, the newest first, at most `limit`, of one type or of all; and how many
    /// there are of those.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn held_events(
        &self,
        kind: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<HeldEvent>, u64), StorageError> {
        let ordered = "ORDER BY received_at DESC, key";
        self.look(|database| {
            let (count, rows) = if let Some(kind) = kind {
                let count = "SELECT count(*) FROM held_event WHERE type = $1";
                let ask = format!("{COLUMNS} WHERE type = $1 {ordered} LIMIT $2");
                (
                    database.number(count, values![kind])?,
                    database.all(&ask, values![kind, limit], row)?,
                )
            } else {
                let count = "SELECT count(*) FROM held_event";
                let ask = format!("{COLUMNS} {ordered} LIMIT $1");
                (database.number(count, &[])?, database.all(&ask, values![limit], row)?)
            };
            Ok((rows, u64::try_from(count).unwrap_or(0)))
        })
    }

    /// Those that were kept for as long as they may be go, some at a time. Says whether there were any.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn forget_old_held_events(&self, now: Time) -> Result<bool, StorageError> {
        let before = now.minus(KEPT).micros();
        let old = "SELECT key FROM held_event WHERE received_at < $1 LIMIT 1";
        // Mostly there are none, and whoever only looks makes nobody wait.
        if self.look(|database| database.one(old, values![before], |_| Ok(())))?.is_none() {
            return Ok(false);
        }
        let forget = "DELETE FROM held_event WHERE key IN \
                      (SELECT key FROM held_event WHERE received_at < $1 LIMIT $2)";
        self.change(|database| {
            database.execute(forget, values![before, FORGOTTEN_MAX]).map(|_| ())
        })?;
        Ok(true)
    }

    /// Those of somebody with these ids, and of these visits of theirs that came before anybody knew who was
    /// in them: what goes when they are erased. The newest first.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn held_events_of(
        &self,
        people: &[ProfileId],
        sessions: &[String],
    ) -> Result<Vec<HeldEvent>, StorageError> {
        let people: Vec<&str> = people.iter().map(ProfileId::as_str).collect();
        let sessions: Vec<&str> = sessions.iter().map(String::as_str).collect();
        let of = [("profile_id", "", people), ("session_id", " AND profile_id IS NULL", sessions)];
        let mut held = self.look(|database| {
            let mut held = Vec::new();
            for (column, more, ids) in &of {
                for some in ids.chunks(IDS_AT_ONCE) {
                    let (places, ids) = one_of(some.iter().copied());
                    let ask = format!("{COLUMNS} WHERE {column} IN ({places}){more}");
                    held.extend(database.all(&ask, &ids, row)?);
                }
            }
            Ok(held)
        })?;
        held.sort_by_key(|one: &HeldEvent| (std::cmp::Reverse(one.received_at), one.key()));
        Ok(held)
    }

    /// One of them.
    ///
    /// # Errors
    /// See [`StorageError`].
    pub fn held_event(&self, key: &str) -> Result<Option<HeldEvent>, StorageError> {
        let ask = format!("{COLUMNS} WHERE key = $1");
        self.look(|database| database.one(&ask, values![key], row))
    }
}

/// Keeps one apart, in place of a repetition of it.
pub(super) fn hold(sql: &mut dyn Sql, one: &HeldEvent) -> Result<(), StorageError> {
    let fault = |error: serde_json::Error| StorageError::Failed(error.to_string());
    let text = |json: &Json| {
        if json.is_empty() { String::new() } else { json.as_str().to_owned() }
    };
    let body = Body {
        properties: one.properties.as_str().to_owned(),
        context: text(&one.context),
        request: text(&one.request),
        config: text(&one.config),
        tags: one.tags.clone(),
        asked: Asked::of(one),
    };
    let (body, faults) = (serde_json::to_string(&body), serde_json::to_string(&one.faults));
    let (body, faults) = (body.map_err(fault)?, faults.map_err(fault)?);
    let (key, session) = (one.key(), one.session.as_ref().map(SessionId::as_str));
    let (id, profile) = (one.id.as_str(), one.profile.as_ref().map(ProfileId::as_str));
    let put = "INSERT INTO held_event (key, id, type, source, session_id, profile_id, time, received_at, \
               body, faults) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
               ON CONFLICT (key) DO UPDATE SET type = excluded.type, session_id = excluded.session_id, \
               profile_id = excluded.profile_id, time = excluded.time, \
               received_at = excluded.received_at, body = excluded.body, faults = excluded.faults";
    let (time, received_at) = (one.time.micros(), one.received_at.micros());
    let (kind, source) = (one.kind.as_str(), one.source.as_str());
    let all = values![&key, id, kind, source, session, profile, time, received_at, &body, &faults];
    sql.execute(put, all)?;
    let beyond = "DELETE FROM held_event WHERE key IN (SELECT key FROM held_event WHERE type = $1 \
                  ORDER BY received_at DESC, key LIMIT 1000 OFFSET $2)";
    sql.execute(beyond, values![kind, OF_TYPE_MAX]).map(|_| ())
}

/// Those of somebody who is erased go.
pub(super) fn forget(sql: &mut dyn Sql, people: &[ProfileId]) -> Result<(), StorageError> {
    let forget = "DELETE FROM held_event WHERE profile_id = $1";
    people.iter().try_for_each(|id| sql.execute(forget, values![id.as_str()]).map(|_| ()))
}

/// Those of these visits that came by then, and before anybody knew who was in them.
pub(super) fn forget_of(
    sql: &mut dyn Sql,
    sessions: &[SessionId],
    through: Time,
) -> Result<(), StorageError> {
    // Those of nobody are found by an index, and looked through: many visits at a time.
    sessions.chunks(IDS_AT_ONCE).try_for_each(|some| {
        let (places, mut all) = one_of(some.iter().map(SessionId::as_str));
        all.push(through.micros().into());
        let forget = format!(
            "DELETE FROM held_event WHERE session_id IN ({places}) AND profile_id IS NULL \
             AND received_at <= ${}",
            all.len()
        );
        sql.execute(&forget, &all).map(|_| ())
    })
}

/// It is let in, or thrown away.
pub(super) fn let_go(sql: &mut dyn Sql, key: &str) -> Result<(), StorageError> {
    sql.execute("DELETE FROM held_event WHERE key = $1", values![key]).map(|_| ())
}

fn row(row: &dyn Row) -> Result<HeldEvent, StorageError> {
    let fault = |error: serde_json::Error| StorageError::Failed(error.to_string());
    let body: Body = serde_json::from_str(row.text(8)?).map_err(fault)?;
    let (asked, options) = Asked::read(&body.asked);
    let json = |text: &str| {
        let text = if text.is_empty() { "{}" } else { text };
        Json::compact(text, JSON_DEPTH_READABLE).unwrap_or_default()
    };
    Ok(HeldEvent {
        mark: Mark(u128::from_str_radix(row.text(0)?, 16).unwrap_or_default()),
        id: EventId::new(row.string(1)?),
        kind: row.string(2)?,
        place: 0,
        source: SourceId::new(row.string(3)?),
        session: row.maybe_text(4)?.map(SessionId::new),
        profile: row.maybe_text(5)?.map(ProfileId::new),
        time: Time::from_micros(row.number(6)?),
        received_at: Time::from_micros(row.number(7)?),
        asked,
        options,
        properties: json(&body.properties),
        context: json(&body.context),
        request: json(&body.request),
        config: json(&body.config),
        tags: body.tags,
        faults: serde_json::from_str(row.text(9)?).map_err(fault)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_doubt_stays_so_and_is_linked_for_servers_of_before() {
        let found = |all: &[Asked]| Asked::read(all).0.found;
        assert_eq!(found(&[Asked::Linked, Asked::Doubted]), Some(Found::Doubted));
        assert_eq!(found(&[Asked::Linked, Asked::Unknown]), Some(Found::Linked));
        assert_eq!(found(&[Asked::Found]), Some(Found::Own));
        assert_eq!(found(&[]), None);
    }
}

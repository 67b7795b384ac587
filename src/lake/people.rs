//! The tables `profiles` and `sessions`: read row by row from the database while DuckDB asks.
//!
//! DuckDB never opens our SQLite file itself: it would bring a second SQLite into the process, and
//! each of the two drops the other's locks.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use duckdb::core::{DataChunkHandle, Inserter as _, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};

use serde::{Deserialize, Serialize};

use super::LakeError;
use super::numbered::Numbered;
use crate::model::{ProfileId, Session, SessionId};
use crate::storage::{PeopleKind, PeopleRow, Storage, StorageError, StoredSession};

/// Of the sessions with these ids, those that are newer in memory than in the database.
pub type HeldBack = Box<dyn Fn(&[&str]) -> Result<Vec<NewerSession>, LakeError> + Send + Sync>;

/// A session as it was acknowledged last.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewerSession {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub profile: Option<String>,
    /// As it will be stored.
    pub body: String,
}

impl NewerSession {
    /// As it would be stored now; none when it cannot be.
    #[must_use]
    pub fn of(session: &Session) -> Option<Self> {
        let body = serde_json::to_string(&StoredSession::from(session)).ok()?;
        let profile = session.profile.as_ref().map(ToString::to_string);
        Some(Self { id: session.id.to_string(), profile, body })
    }
}

pub(super) type Failure = Box<dyn std::error::Error>;

/// Where a table's rows come from.
pub(super) struct Source {
    pub(super) storage: Arc<dyn Storage>,
    held_back: HeldBack,
}

static SOURCES: Numbered<Source> = Numbered::new();

/// A storage that DuckDB can find, until this is dropped.
pub(super) struct Registered(u64);

impl Registered {
    /// What leads to it.
    pub(super) fn number(&self) -> u64 {
        self.0
    }
}

/// The storage that a number leads to.
pub(super) fn source(number: u64) -> Result<Arc<Source>, Failure> {
    SOURCES.get(number).ok_or_else(|| "the lake is closed".into())
}

pub(super) fn register(storage: Arc<dyn Storage>, held_back: HeldBack) -> Registered {
    Registered(SOURCES.put(Source { storage, held_back }))
}

impl Drop for Registered {
    fn drop(&mut self) {
        SOURCES.remove(self.0);
    }
}

/// The zones that DuckDB knows. One that it does not know, as older versions have kept some, would fail
/// whatever question converts a time by it, for everybody.
pub(super) const ZONES: &str =
    "CREATE TABLE kith.zones AS SELECT DISTINCT name FROM pg_timezone_names();";

/// People as rows of `body`, with what stands in the bodies as columns. What is NULL is nobody.
pub(super) fn profiles(bodies: &str) -> String {
    const PROFILE: &str = r#"{"id":"VARCHAR","ids":["VARCHAR"],"primary_id":"VARCHAR",
        "created":"TIMESTAMPTZ","updated":"TIMESTAMPTZ",
        "visit":{"last":"TIMESTAMPTZ","current":"TIMESTAMPTZ","count":"BIGINT","tz":"VARCHAR"},
        "traits":"JSON","segments":["VARCHAR"],"interests":"JSON","consents":"JSON",
        "aux":"JSON","data":"JSON"}"#;
    format!(
        "SELECT r.id, r.ids, r.primary_id, \
         r.data->'contact'->'email'->>'main' AS email, r.created, r.updated, \
         coalesce(r.visit.count, 0) AS visits, r.visit.current AS last_visit, \
         r.visit.last AS previous_visit, z.name AS time_zone, true AS active, \
         coalesce(r.segments, []) AS segments, coalesce(r.interests, '{{}}') AS interests, \
         coalesce(r.consents, '{{}}') AS consents, coalesce(r.traits, '{{}}') AS traits, \
         coalesce(r.data, '{{}}') AS data, CAST('{{}}' AS JSON) AS stats \
         FROM (SELECT from_json(body, '{PROFILE}') AS r FROM {bodies}) \
         LEFT JOIN kith.zones AS z ON z.name = r.visit.tz"
    )
}

/// The two tables, with what stands in the bodies as columns.
pub(super) fn views(registered: &Registered) -> String {
    const SESSION: &str = r#"{"source_id":"VARCHAR","created":"TIMESTAMPTZ","touched":"TIMESTAMPTZ",
        "events":"BIGINT","status":"VARCHAR","channel":"VARCHAR",
        "device":{"type":"VARCHAR","brand":"VARCHAR","model":"VARCHAR"},
        "os":{"name":"VARCHAR","version":"VARCHAR"},
        "app":{"name":"VARCHAR","version":"VARCHAR","language":"VARCHAR","bot":"BOOLEAN"},
        "utm":{"source":"VARCHAR","medium":"VARCHAR","campaign":"VARCHAR","term":"VARCHAR","content":"VARCHAR"},
        "geo":{"country_code":"VARCHAR","country_name":"VARCHAR","city":"VARCHAR"},
        "timezone":"VARCHAR","ip":"VARCHAR","context":"JSON","properties":"JSON"}"#;
    let number = registered.0;
    format!(
        "CREATE VIEW profiles AS {profiles}; \
         CREATE VIEW sessions AS SELECT s.id, coalesce(m.profile_id, s.profile_id) AS profile_id, \
         r.source_id, r.created, r.touched AS updated, \
         epoch_us(r.touched - r.created) / 1e6 AS duration, r.events, r.status, r.channel, \
         r.device.type AS device_type, r.device.brand AS device_brand, r.device.model AS device_model, \
         r.os.name AS os_name, r.os.version AS os_version, r.app.name AS app_name, \
         r.app.version AS app_version, r.app.language AS app_language, r.app.bot AS bot, \
         r.utm.source AS utm_source, r.utm.medium AS utm_medium, r.utm.campaign AS utm_campaign, \
         r.utm.term AS utm_term, r.utm.content AS utm_content, \
         coalesce(r.geo.country_code, r.geo.country_name) AS country, r.geo.city AS city, \
         z.name AS time_zone, r.ip, r.context, r.properties \
         FROM (SELECT id, profile_id, from_json(body, '{SESSION}') AS r \
         FROM kith_people({number}, 'session')) AS s \
         LEFT JOIN kith.merged AS m ON m.id = s.profile_id \
         LEFT JOIN kith.zones AS z ON z.name = r.timezone;",
        profiles = profiles(&format!("kith_people({number}, 'profile')")),
    )
}

/// `kith_people(number, 'profile' | 'session')`: `(id, profile_id, body)` of every row.
pub(super) struct People;

/// Which rows.
pub(super) struct Which {
    source: Arc<Source>,
    kind: PeopleKind,
    /// Of these nobody sees anything.
    erased: HashSet<ProfileId>,
}

/// How far it is: the last id, and whether there is more.
pub(super) struct Place {
    after: Mutex<Option<String>>,
}

impl Place {
    pub(super) fn at_the_beginning() -> Self {
        Self { after: Mutex::new(Some(String::new())) }
    }

    /// The next rows, as many as there is room for; none when all were read. `ask` is given the last `id`.
    pub(super) fn next<R>(
        &self,
        room: usize,
        ask: impl FnOnce(&str, usize) -> Result<Vec<R>, StorageError>,
        id: impl Fn(&R) -> &str,
    ) -> Result<Vec<R>, StorageError> {
        let mut after = self.after.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = after.as_deref() else { return Ok(Vec::new()) };
        let rows = ask(last, room)?;
        let last = rows.last().filter(|_| rows.len() == room);
        *after = last.map(|row| id(row).to_owned());
        Ok(rows)
    }
}

impl VTab for People {
    type InitData = Place;
    type BindData = Which;

    fn bind(bind: &BindInfo) -> Result<Which, Failure> {
        let text = || LogicalTypeHandle::from(LogicalTypeId::Varchar);
        for name in ["id", "profile_id", "body"] {
            bind.add_result_column(name, text());
        }
        let number = u64::try_from(bind.get_parameter(0).to_int64())?;
        let source = source(number)?;
        let kind = match bind.get_parameter(1).to_string().as_str() {
            "profile" => PeopleKind::Profiles,
            _ => PeopleKind::Sessions,
        };
        let erased = source.storage.erasures()?.into_iter().flat_map(|row| row.people).collect();
        Ok(Which { source, kind, erased })
    }

    fn init(_: &InitInfo) -> Result<Place, Failure> {
        Ok(Place::at_the_beginning())
    }

    fn func(
        function: &TableFunctionInfo<Self>,
        output: &mut DataChunkHandle,
    ) -> Result<(), Failure> {
        let (which, place) = (function.get_bind_data(), function.get_init_data());
        let rows = shown(which, place, output.flat_vector(0).capacity())?;
        let (id, profile, body) =
            (output.flat_vector(0), output.flat_vector(1), output.flat_vector(2));
        let mut profile = profile;
        for (at, row) in rows.iter().enumerate() {
            id.insert(at, row.id.as_str());
            body.insert(at, row.body.as_str());
            put(&mut profile, at, row.profile.as_deref());
        }
        output.set_len(rows.len());
        Ok(())
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![
            LogicalTypeHandle::from(LogicalTypeId::Bigint),
            LogicalTypeHandle::from(LogicalTypeId::Varchar),
        ])
    }
}

fn put(vector: &mut duckdb::core::FlatVector<'_>, at: usize, text: Option<&str>) {
    match text {
        Some(text) => vector.insert(at, text),
        None => vector.set_null(at),
    }
}

/// The next rows as acknowledged, without those of people who are being erased; none when all were read.
fn shown(which: &Which, place: &Place, room: usize) -> Result<Vec<PeopleRow>, Failure> {
    loop {
        let ask = |last: &str, room| which.source.storage.people(which.kind, last, room);
        let mut rows = place.next(room, ask, |row| row.id.as_str())?;
        let are_all = rows.is_empty();
        let mut newer = newer(which, &rows)?;
        for row in &mut rows {
            if let Some(newer) = newer.remove(&row.id) {
                (row.profile, row.body) = (newer.profile, newer.body);
            }
        }
        rows.retain(|row| row.profile.as_deref().is_none_or(|id| !which.erased.contains(id)));
        if which.kind == PeopleKind::Sessions && !which.erased.is_empty() {
            rows.iter_mut().try_for_each(|row| hide_visitor(row, &which.erased))?;
        }
        if are_all || !rows.is_empty() {
            return Ok(rows);
        }
    }
}

/// A visit of somebody who was only named shows nothing of a visitor who is being erased.
fn hide_visitor(row: &mut PeopleRow, erased: &HashSet<ProfileId>) -> serde_json::Result<()> {
    let Some(body) = StoredSession::with_visitor(&row.body)? else { return Ok(()) };
    if !body.visitor().is_some_and(|id| erased.contains(id)) {
        return Ok(());
    }
    let profile = row.profile.clone().map(ProfileId::new);
    let mut session = body.into_session(SessionId::new(&*row.id), profile);
    session.forget_visitor();
    row.body = serde_json::to_string(&StoredSession::from(&session))?;
    Ok(())
}

/// The sessions as acknowledged, where their rows are older.
fn newer(which: &Which, rows: &[PeopleRow]) -> Result<HashMap<String, NewerSession>, LakeError> {
    if which.kind == PeopleKind::Profiles || rows.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let newer = (which.source.held_back)(&ids)?;
    Ok(newer.into_iter().map(|session| (session.id.clone(), session)).collect())
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;

    use super::*;
    use crate::model::Zone;

    #[test]
    fn every_zone_that_a_person_may_have_can_be_converted_by() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&format!("CREATE SCHEMA kith; {ZONES}")).unwrap();
        for name in Zone::names() {
            let zone: Zone = name.parse().unwrap();
            let sql = "SELECT now() AT TIME ZONE name IS NOT NULL FROM kith.zones WHERE name = ?";
            let told = connection.query_row(sql, [zone.name()], |row| row.get::<_, bool>(0));
            assert_eq!(told.ok(), Some(true), "{name} {zone}");
        }
    }
}

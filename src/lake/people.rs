//! The tables `profiles` and `sessions`: read row by row from the database while DuckDB asks.
//!
//! DuckDB never opens our SQLite file itself: it would bring a second SQLite into the process, and
//! each of the two drops the other's locks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use duckdb::core::{DataChunkHandle, Inserter as _, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};

use crate::model::Session;
use crate::storage::{PeopleKind, Storage, StoredSession};

/// Sessions that are newer in memory than in the database, by id.
pub type HeldBack = Box<dyn Fn(&str) -> Option<Arc<Session>> + Send + Sync>;
type Failure = Box<dyn std::error::Error>;

/// Where a table's rows come from.
struct Source {
    storage: Arc<dyn Storage>,
    held_back: HeldBack,
}

/// DuckDB's functions know nothing but their arguments: a number leads them to their storage.
static SOURCES: Mutex<BTreeMap<u64, Arc<Source>>> = Mutex::new(BTreeMap::new());
static NUMBERS: AtomicU64 = AtomicU64::new(1);

fn sources() -> MutexGuard<'static, BTreeMap<u64, Arc<Source>>> {
    SOURCES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A storage that DuckDB can find, until this is dropped.
pub(super) struct Registered(u64);

pub(super) fn register(storage: Arc<dyn Storage>, held_back: HeldBack) -> Registered {
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    sources().insert(number, Arc::new(Source { storage, held_back }));
    Registered(number)
}

impl Registered {
    /// No other in this process has it.
    pub(super) fn number(&self) -> u64 {
        self.0
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        sources().remove(&self.0);
    }
}

/// The two tables, with what stands in the bodies as columns.
pub(super) fn views(registered: &Registered) -> String {
    const PROFILE: &str = r#"{"id":"VARCHAR","ids":["VARCHAR"],"primary_id":"VARCHAR",
        "created":"TIMESTAMPTZ","updated":"TIMESTAMPTZ",
        "visit":{"last":"TIMESTAMPTZ","current":"TIMESTAMPTZ","count":"BIGINT","tz":"VARCHAR"},
        "traits":"JSON","segments":["VARCHAR"],"interests":"JSON","consents":"JSON",
        "aux":"JSON","data":"JSON"}"#;
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
        "CREATE VIEW profiles AS SELECT r.id, r.ids, r.primary_id, \
         r.data->'contact'->'email'->>'main' AS email, r.created, r.updated, \
         coalesce(r.visit.count, 0) AS visits, r.visit.current AS last_visit, \
         r.visit.last AS previous_visit, r.visit.tz AS time_zone, true AS active, \
         coalesce(r.segments, []) AS segments, coalesce(r.interests, '{{}}') AS interests, \
         coalesce(r.consents, '{{}}') AS consents, coalesce(r.traits, '{{}}') AS traits, \
         coalesce(r.data, '{{}}') AS data, CAST('{{}}' AS JSON) AS stats \
         FROM (SELECT from_json(body, '{PROFILE}') AS r FROM kith_people({number}, 'profile')); \
         CREATE VIEW sessions AS SELECT s.id, coalesce(m.profile_id, s.profile_id) AS profile_id, \
         r.source_id, r.created, r.touched AS updated, \
         epoch_us(r.touched - r.created) / 1e6 AS duration, r.events, r.status, r.channel, \
         r.device.type AS device_type, r.device.brand AS device_brand, r.device.model AS device_model, \
         r.os.name AS os_name, r.os.version AS os_version, r.app.name AS app_name, \
         r.app.version AS app_version, r.app.language AS app_language, r.app.bot AS bot, \
         r.utm.source AS utm_source, r.utm.medium AS utm_medium, r.utm.campaign AS utm_campaign, \
         r.utm.term AS utm_term, r.utm.content AS utm_content, \
         coalesce(r.geo.country_code, r.geo.country_name) AS country, r.geo.city AS city, \
         r.timezone AS time_zone, r.ip, r.context, r.properties \
         FROM (SELECT id, profile_id, from_json(body, '{SESSION}') AS r \
         FROM kith_people({number}, 'session')) AS s \
         LEFT JOIN kith.merged AS m ON m.id = s.profile_id;"
    )
}

/// `kith_people(number, 'profile' | 'session')`: `(id, profile_id, body)` of every row.
pub(super) struct People;

/// Which rows.
pub(super) struct Which {
    source: Arc<Source>,
    kind: PeopleKind,
}

/// How far it is: the last id, and whether there is more.
#[derive(Default)]
pub(super) struct Place {
    after: Mutex<Option<String>>,
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
        let source = sources().get(&number).cloned().ok_or("the lake is closed")?;
        let kind = match bind.get_parameter(1).to_string().as_str() {
            "profile" => PeopleKind::Profiles,
            _ => PeopleKind::Sessions,
        };
        Ok(Which { source, kind })
    }

    fn init(_: &InitInfo) -> Result<Place, Failure> {
        Ok(Place { after: Mutex::new(Some(String::new())) })
    }

    fn func(
        function: &TableFunctionInfo<Self>,
        output: &mut DataChunkHandle,
    ) -> Result<(), Failure> {
        let (which, place) = (function.get_bind_data(), function.get_init_data());
        let mut after = place.after.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(last) = after.as_deref() else {
            output.set_len(0);
            return Ok(());
        };
        let room = output.flat_vector(0).capacity();
        let rows = which.source.storage.people(which.kind, last, room)?;
        let (id, profile, body) =
            (output.flat_vector(0), output.flat_vector(1), output.flat_vector(2));
        let mut profile = profile;
        for (at, row) in rows.iter().enumerate() {
            id.insert(at, row.id.as_str());
            let newer = newer(which, &row.id);
            let (text, whose) = newer.unwrap_or_else(|| (row.body.clone(), row.profile.clone()));
            body.insert(at, text.as_str());
            put(&mut profile, at, whose.as_deref());
        }
        output.set_len(rows.len());
        *after = (rows.len() == room).then(|| rows.last().map(|row| row.id.clone())).flatten();
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

/// The session as acknowledged, where its row is older.
fn newer(which: &Which, id: &str) -> Option<(String, Option<String>)> {
    if which.kind == PeopleKind::Profiles {
        return None;
    }
    let session = (which.source.held_back)(id)?;
    let body = serde_json::to_string(&StoredSession::from(session.as_ref())).ok()?;
    Some((body, session.profile.as_ref().map(ToString::to_string)))
}

//! `/api/versions`: how a rule or an audience became what it is, for those who change them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::rule::IDLE;
use super::{
    ask, audience, compliance, computed_trait, consent_type, currency_table, event_to_profile,
    event_type, function, reshaping, tracking_plan, validator,
};
use crate::app::App;
use crate::http::ApiError;
use crate::http::answers::{Nothing, Rows};
use crate::model::{
    Audience, Compliance, ComputedTrait, ConsentType, CurrencyTable, EventToProfile, EventType,
    Function, Reshaping, TrackingPlan, Validator,
};
use crate::registry::{Entity, Stored};
use crate::storage::{AuditRow, AuditSearch};
use crate::warming::Progress;

/// Most versions of one answer.
const VERSIONS_MAX: usize = 200;
/// Whatever those who configure may see of the audit log. What other kinds were before may hold secrets.
const KINDS: [Kind; 11] = [
    Kind::of::<Audience>(|id, body| {
        let told = |one: &_| audience::document(one, &HashMap::new(), Progress::default());
        shown(id, body, told, audience::KIND.idle)
    }),
    Kind::of::<ComputedTrait>(|id, body| {
        let told = |one: &_| computed_trait::document(one, Progress::default());
        shown(id, body, told, computed_trait::KIND.idle)
    }),
    Kind::of::<EventType>(|id, body| shown(id, body, event_type::document, &IDLE)),
    Kind::of::<EventToProfile>(|id, body| shown(id, body, event_to_profile::document, &IDLE)),
    Kind::of::<Validator>(|id, body| shown(id, body, validator::document, &IDLE)),
    Kind::of::<TrackingPlan>(|id, body| shown(id, body, tracking_plan::document, &IDLE)),
    Kind::of::<Reshaping>(|id, body| shown(id, body, reshaping::document, &IDLE)),
    Kind::of::<Function>(|id, body| shown(id, body, function::document, &IDLE)),
    Kind::of::<CurrencyTable>(|id, body| shown(id, body, currency_table::document, &IDLE)),
    Kind::of::<Compliance>(|id, body| shown(id, body, compliance::document, &IDLE)),
    Kind::of::<ConsentType>(|id, body| shown(id, body, consent_type::document, &IDLE)),
];

/// A kind whose changes are told.
struct Kind {
    name: &'static str,
    /// How an id is looked for.
    normal: for<'a> fn(&'a str) -> Cow<'a, str>,
    shown: Show,
}

/// What was stored under an id, as its own address shows it; none of what cannot be read any more.
type Show = fn(&str, &str) -> Option<Value>;

impl Kind {
    const fn of<T: Entity>(shown: Show) -> Self {
        Self { name: T::KIND, normal: T::normal, shown }
    }
}

/// A change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Version)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct VersionDocument {
    /// Its `ETag` since then.
    version: i64,
    /// When, as RFC 3339.
    at: String,
    /// Who did it.
    who: String,
    /// As its own address showed it before, without what means nothing when it is posted; null when there was nothing.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    before: Option<Value>,
    /// The same since then; null when it was removed.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    after: Option<Value>,
}

/// How something that is configured became what it is: the latest 200 changes, the latest first. It is what
/// the audit log has of them.
///
/// # Errors
/// 401 without a token, 404 for a kind that is none of these.
#[utoipa::path(
    get, path = "/api/versions/{kind}/{id}", tag = "rules",
    params(
        ("kind" = String, Path, description = "What the audit log calls it: `validator`, `audience`"),
        ("id" = String, Path, description = "Its id"),
    ),
    responses(
        (status = 200, description = "Its changes", body = Rows<VersionDocument>),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    Path((kind, subject)): Path<(String, String)>,
) -> Result<Json<Rows<VersionDocument>>, ApiError> {
    let kind = KINDS.iter().find(|known| known.name == kind).ok_or_else(ApiError::not_found)?;
    let audit = Arc::clone(&app.audit);
    let search = AuditSearch {
        kind: Some(kind.name.to_owned()),
        subject: Some((kind.normal)(&subject).into_owned()),
        ..AuditSearch::default()
    };
    let rows = ask(&app, move |storage| audit.find(storage, &search, VERSIONS_MAX));
    let changes = rows.await?.into_iter().filter(|row| row.version > 0);
    Ok(Json(Rows { result: changes.map(|row| version(row, kind.shown)).collect() }))
}

fn version(row: AuditRow, shown: Show) -> VersionDocument {
    let told = |body: Option<String>| {
        let body = body?;
        // Of what no release reads any more it is better to see how it was stored than nothing.
        shown(&row.subject, &body).or_else(|| serde_json::from_str(&body).ok())
    };
    VersionDocument {
        version: row.version,
        at: row.at.to_string(),
        who: row.who,
        before: told(row.before),
        after: told(row.after),
    }
}

/// As the entity's own address shows it, without what may be posted and means nothing.
fn shown<T: Entity, D: Serialize>(
    id: &str,
    body: &str,
    document: impl Fn(&Stored<T>) -> D,
    idle: &[&str],
) -> Option<Value> {
    let entity = Arc::new(T::from_body(id.to_owned(), serde_json::from_str(body).ok()?));
    let Value::Object(mut said) = json!(document(&Stored { entity, version: 0 })) else {
        return None;
    };
    said.retain(|key, _| !idle.contains(&key.as_str()));
    Some(Value::Object(said))
}

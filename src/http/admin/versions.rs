//! `/api/versions`: how a rule or an audience became what it is, for those who change them.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::ask;
use crate::app::App;
use crate::http::ApiError;
use crate::http::answers::{Nothing, Rows};
use crate::model::{
    Audience, Compliance, ComputedTrait, ConsentType, CurrencyTable, EventToProfile, EventType,
    Function, Reshaping, TrackingPlan, Validator,
};
use crate::registry::Entity;
use crate::storage::{AuditRow, AuditSearch};

/// Most versions of one answer.
const VERSIONS_MAX: usize = 200;
/// Whatever those who configure may see of the audit log. What other kinds were before may hold secrets.
const KINDS: [(&str, Normal); 11] = [
    (Audience::KIND, Audience::normal),
    (ComputedTrait::KIND, ComputedTrait::normal),
    (EventType::KIND, EventType::normal),
    (EventToProfile::KIND, EventToProfile::normal),
    (Validator::KIND, Validator::normal),
    (TrackingPlan::KIND, TrackingPlan::normal),
    (Reshaping::KIND, Reshaping::normal),
    (Function::KIND, Function::normal),
    (CurrencyTable::KIND, CurrencyTable::normal),
    (Compliance::KIND, Compliance::normal),
    (ConsentType::KIND, ConsentType::normal),
];

/// How an id is looked for.
type Normal = for<'a> fn(&'a str) -> Cow<'a, str>;

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
    /// As it was stored before; null when there was nothing.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    before: Option<Value>,
    /// As it is stored since then; null when it was removed.
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
    let (_, normal) =
        KINDS.iter().find(|(known, _)| *known == kind).ok_or_else(ApiError::not_found)?;
    let audit = Arc::clone(&app.audit);
    let subject = normal(&subject).into_owned();
    let search = AuditSearch { kind: Some(kind), subject: Some(subject), ..AuditSearch::default() };
    let rows = ask(&app, move |storage| audit.find(storage, &search, VERSIONS_MAX));
    let changes = rows.await?.into_iter().filter(|row| row.version > 0);
    Ok(Json(Rows { result: changes.map(VersionDocument::from).collect() }))
}

impl From<AuditRow> for VersionDocument {
    fn from(row: AuditRow) -> Self {
        let read = |body: Option<String>| body.and_then(|body| serde_json::from_str(&body).ok());
        Self {
            version: row.version,
            at: row.at.to_string(),
            who: row.who,
            before: read(row.before),
            after: read(row.after),
        }
    }
}

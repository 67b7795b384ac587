//! `/api/audit`: who did what, when, and what it was before and after.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask;
use crate::app::App;
use crate::http::ApiError;
use crate::http::api::moment;
use crate::storage::{AuditRow, AuditSearch};

/// Entries of one answer, unless fewer are asked for.
const LIMIT_DEFAULT: usize = 100;
/// Most entries of one answer.
const LIMIT_MAX: usize = 1000;

/// Which entries. All that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Search {
    /// Done by this one: a user's e-mail address, `command line`, `first start`.
    who: Option<String>,
    /// Done to this kind: `source`, `redirect`.
    kind: Option<String>,
    /// Done to what has this id.
    id: Option<String>,
    /// From this moment on (RFC 3339).
    from: Option<String>,
    /// Before this moment (RFC 3339).
    to: Option<String>,
    /// At most so many; 100 unless said, 1000 at most.
    limit: Option<usize>,
    /// The `next` of the answer before.
    cursor: Option<String>,
}

/// One thing that was done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AuditEntry {
    /// Its number; those of later ones are greater.
    number: String,
    /// When, as RFC 3339.
    at: String,
    /// Who did it.
    who: String,
    /// `put` or `remove`.
    action: String,
    /// The kind of what it was done to.
    kind: String,
    /// The id of what it was done to.
    id: String,
    /// The configuration's version afterwards, which is the entity's `ETag` since then.
    version: i64,
    /// As it was stored before; null when there was nothing.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    before: Option<Value>,
    /// As it is stored since then; null when it was removed.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    after: Option<Value>,
}

/// A page of the audit log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AuditPage {
    /// The latest first.
    result: Vec<AuditEntry>,
    /// The cursor of the page after, or null.
    next: Option<String>,
}

/// Who changed what of the configuration, the latest first.
///
/// # Errors
/// 401 without a token, 422 for parameters that cannot be read.
#[utoipa::path(
    get, path = "/api/audit", tag = "audit", params(Search),
    responses((status = 200, description = "What was done, the latest first", body = AuditPage)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    Query(search): Query<Search>,
) -> Result<Json<AuditPage>, ApiError> {
    let limit = search.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let wanted = AuditSearch {
        from: moment("from", search.from.as_deref())?,
        to: moment("to", search.to.as_deref())?,
        who: search.who,
        kind: search.kind,
        subject: search.id,
        before: search.cursor,
    };
    let mut rows = ask(&app, move |storage| storage.audit(&wanted, limit + 1)).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    Ok(Json(AuditPage { result: rows.into_iter().map(AuditEntry::from).collect(), next }))
}

impl From<AuditRow> for AuditEntry {
    fn from(row: AuditRow) -> Self {
        let read = |body: Option<String>| body.and_then(|body| serde_json::from_str(&body).ok());
        Self {
            number: row.id,
            at: row.at.to_string(),
            who: row.who,
            action: row.action,
            kind: row.kind,
            id: row.subject,
            version: row.version,
            before: read(row.before),
            after: read(row.after),
        }
    }
}

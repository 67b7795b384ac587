//! `/api/audit`: who did what, when, and what it was before and after.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask;
use crate::app::App;
use crate::http::api::{file, moment};
use crate::http::{ApiError, Code};
use crate::lake::Format;
use crate::storage::{AuditRow, AuditSearch, Storage, StorageError};

/// Entries of one answer, unless fewer are asked for.
const LIMIT_DEFAULT: usize = 100;
/// Most entries of one answer.
const LIMIT_MAX: usize = 1000;

/// Which entries. All that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Search {
    /// Done by this one: a user's e-mail address, `command line`, `first start`.
    who: Option<String>,
    /// This was done: `put`, `remove`, `sign-in`, `sign-in-failed`, `ask`, `look`, `export`, `erase`.
    action: Option<String>,
    /// Done to this kind: `source`, `redirect`, `user`, `profile`, `session`, `event`, `sql`, `audit`.
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
    /// `put` or `remove` for a change; `sign-in`, `sign-in-failed`, `ask`, `look`, `export`, `erase`.
    action: String,
    /// The kind of what it was done to.
    kind: String,
    /// The id of what it was done to; empty where there may be many.
    id: String,
    /// The configuration's version afterwards, which is the entity's `ETag` since then; 0 for what has
    /// not changed the configuration.
    version: i64,
    /// As it was stored before; null when there was nothing.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    before: Option<Value>,
    /// As it is stored since then; null when it was removed.
    #[schema(value_type = Option<BTreeMap<String, Value>>)]
    after: Option<Value>,
    /// The address that the request came from, where it was one.
    address: Option<String>,
    /// What was asked: method and address, and what was posted, as it was sent, cut off after 4096 bytes.
    detail: Option<String>,
    /// The status of the answer; null for a change, and where nobody waited for the answer.
    status: Option<i64>,
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

/// Who changed what of the configuration, who signed in, looked at people, asked, exported and erased:
/// the latest first.
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
    let wanted = search.wanted()?;
    let audit = Arc::clone(&app.audit);
    let mut rows = ask(&app, move |storage| {
        audit.flush(storage)?;
        storage.audit(&wanted, limit + 1)
    })
    .await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    Ok(Json(AuditPage { result: rows.into_iter().map(AuditEntry::from).collect(), next }))
}

impl Search {
    fn wanted(self) -> Result<AuditSearch, ApiError> {
        Ok(AuditSearch {
            from: moment("from", self.from.as_deref())?,
            to: moment("to", self.to.as_deref())?,
            who: self.who,
            action: self.action,
            kind: self.kind,
            subject: self.id,
            before: self.cursor,
        })
    }
}

/// All entries that the same search finds, the latest first: an object a line, or as a table.
///
/// # Errors
/// 401 without a token, 422 for parameters that cannot be read.
#[utoipa::path(
    get, path = "/api/audit/export", tag = "audit", params(Search, Written),
    responses((
        status = 200, description = "All of them, in the format asked for",
        content((String = "application/x-ndjson"), (String = "text/csv")),
    )),
)]
pub(in crate::http) async fn export(
    State(app): State<Arc<App>>,
    Query(search): Query<Search>,
    Query(written): Query<Written>,
) -> Result<Response, ApiError> {
    let limit = search.limit.unwrap_or(usize::MAX);
    let (format, media) = match written.format.as_deref() {
        None | Some("jsonl") => (Format::JsonLines, "application/x-ndjson"),
        Some("csv") => (Format::Csv, "text/csv"),
        Some(_) => {
            let said = "format is one of jsonl and csv";
            return Err(ApiError::new(Code::QuestionInvalid, said));
        }
    };
    let wanted = search.wanted()?;
    let file = app.lake.scratch_file(format.ending());
    let (audit, path) = (Arc::clone(&app.audit), file.path().to_owned());
    ask(&app, move |storage| {
        audit.flush(storage)?;
        write(storage, wanted, (format, limit), &path)
    })
    .await?;
    file::send(file, media).await
}

/// How the entries are to be written.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Written {
    /// `jsonl` (the default) or `csv`.
    format: Option<String>,
}

/// Page by page: nobody holds all of them at once.
fn write(
    storage: &dyn Storage,
    mut wanted: AuditSearch,
    (format, mut left): (Format, usize),
    path: &Path,
) -> Result<(), StorageError> {
    let fault = |error: std::io::Error| StorageError::Failed(error.to_string());
    let mut to = BufWriter::new(File::create(path).map_err(fault)?);
    if format == Format::Csv {
        writeln!(to, "{}\r", COLUMNS.join(",")).map_err(fault)?;
    }
    while left > 0 {
        let rows = storage.audit(&wanted, left.min(LIMIT_MAX))?;
        let Some(last) = rows.last() else { break };
        wanted.before = Some(last.id.clone());
        left -= rows.len();
        for row in rows {
            let line = if format == Format::Csv {
                format!("{}\r\n", csv(row))
            } else {
                format!("{}\n", serde_json::json!(AuditEntry::from(row)))
            };
            to.write_all(line.as_bytes()).map_err(fault)?;
        }
    }
    to.flush().map_err(fault)
}

const COLUMNS: [&str; 12] = [
    "number", "at", "who", "action", "kind", "id", "version", "before", "after", "address",
    "detail", "status",
];

/// A line of the table (RFC 4180).
fn csv(row: AuditRow) -> String {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let texts = [
        row.id,
        row.at.to_string(),
        row.who,
        row.action,
        row.kind,
        row.subject,
        number(Some(row.version)),
        row.before.unwrap_or_default(),
        row.after.unwrap_or_default(),
        row.address.unwrap_or_default(),
        row.detail.unwrap_or_default(),
        number(row.status),
    ];
    texts.map(|text| cell(&text)).join(",")
}

/// Programs that show tables work out what begins like a formula, and strangers write into the log.
fn cell(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
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
            address: row.address,
            detail: row.detail,
            status: row.status,
        }
    }
}

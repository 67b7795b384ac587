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
use crate::http::api::{file, time, zone};
use crate::http::{ApiError, Code, limit};
use crate::lake::ask::Invalid;
use crate::lake::{FORMULA_BEGINS, Format};
use crate::model::lower_case;
use crate::storage::{AUDIT_KINDS, AuditRow, AuditSearch, Storage, StorageError};
use crate::suggestion::nearest;

/// Entries of one answer, unless fewer are asked for.
const LIMIT_DEFAULT: usize = 100;
/// Most entries of one answer.
const LIMIT_MAX: usize = 1000;

/// All that is done, as the log calls it; `docs/api.md` has the same, which a test compares.
const ACTIONS: [&str; 12] = [
    "put",
    "remove",
    "sign-in",
    "sign-in-failed",
    "sign-out",
    "look",
    "ask",
    "export",
    "undo",
    "rebuild",
    "decide",
    "erase",
];

/// Which entries. All that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Search {
    /// Done by this one: a user's e-mail address, `command line`, `first start`.
    who: Option<String>,
    /// This was done: `put`, `remove`, `sign-in`, `sign-in-failed`, `sign-out`, `ask`, `look`, `export`, `undo`,
    /// `rebuild`, `decide`, `erase`.
    action: Option<String>,
    /// Done to this kind: `audience`, `audit`, `compliance`, `computed_trait`, `consent_type`, `currency_table`,
    /// `dashboard`, `event`, `event_to_profile`, `event_type`, `file`, `function`, `identity`, `key`, `list`, `merge`,
    /// `namespace`, `profile`, `question`, `redirect`, `reshaping`, `session`, `source`, `sql`, `tracking_plan`,
    /// `user`, `validator`.
    kind: Option<String>,
    /// Done to what has this id.
    id: Option<String>,
    /// From this moment on: RFC 3339, a day, or seconds or milliseconds since 1970.
    from: Option<String>,
    /// Before this moment.
    to: Option<String>,
    /// Whose days are meant: a name of the IANA list; `query.time_zone` unless said.
    tz: Option<String>,
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
    /// `put` or `remove` for a change; `sign-in`, `sign-in-failed`, `sign-out`, `ask`, `look`, `export`, `undo`,
    /// `rebuild`, `decide`, `erase`.
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
    let limit = limit::rows(search.limit, (LIMIT_DEFAULT, LIMIT_MAX));
    let wanted = search.wanted(&app)?;
    let audit = Arc::clone(&app.audit);
    let mut rows = ask(&app, move |storage| audit.find(storage, &wanted, limit + 1)).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    Ok(Json(AuditPage { result: rows.into_iter().map(AuditEntry::from).collect(), next }))
}

impl Search {
    fn wanted(self, app: &App) -> Result<AuditSearch, ApiError> {
        let zone = zone(app, self.tz.as_deref())?;
        let (from, to) = time(("from", "to"), (&self.from, &self.to), &zone)?;
        known("action", self.action.as_deref(), &ACTIONS)?;
        known("kind", self.kind.as_deref(), &AUDIT_KINDS)?;
        if self.cursor.as_deref().is_some_and(|cursor| !AuditRow::is_id(cursor)) {
            return Err(Invalid("the cursor is none of ours".to_owned()).into());
        }
        Ok(AuditSearch {
            from,
            to,
            who: self.who.as_deref().map(as_kept),
            action: self.action,
            kind: self.kind,
            subject: self.id,
            before: self.cursor,
        })
    }
}

/// Whoever did something is a user's e-mail address, which is kept in lower case, or something else; behind
/// the address a key may have a name.
fn as_kept(who: &str) -> String {
    let (name, key) = who.split_at(who.find(' ').unwrap_or(who.len()));
    if name.contains('@') { format!("{}{key}", lower_case(name)) } else { who.to_owned() }
}

fn known(what: &str, said: Option<&str>, all: &[&str]) -> Result<(), Invalid> {
    let Some(unknown) = said.filter(|said| !all.contains(said)) else { return Ok(()) };
    let instead = match nearest(unknown, all.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}", all.join(", ")),
    };
    Err(Invalid(format!("there is no such {what}; {instead}")))
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
    let wanted = search.wanted(&app)?;
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
    let mark = if text.starts_with(FORMULA_BEGINS) { "'" } else { "" };
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use utoipa::IntoParams as _;

    use super::*;

    const MANUAL: &str = include_str!("../../../docs/api.md");

    #[test]
    fn the_manual_names_every_action() {
        let table =
            MANUAL.split("| `action` | `kind` |").nth(1).unwrap().split("\n\n").next().unwrap();
        let rows = table.lines().filter(|row| row.starts_with("| `"));
        let named = rows.filter_map(|row| row.split('|').nth(1)).flat_map(|cell| cell.split(','));
        let named: BTreeSet<&str> = named.map(|name| name.trim().trim_matches('`')).collect();
        assert_eq!(named, BTreeSet::from(ACTIONS));
    }

    #[test]
    fn the_manual_and_the_document_name_every_kind() {
        let named = |text: &str| -> Vec<String> {
            text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let manual = MANUAL.split("`kind` is one of ").nth(1).unwrap().split('.').next().unwrap();
        assert_eq!(named(manual), AUDIT_KINDS);
        let parameters = Search::into_params(|| None);
        let kind = parameters.into_iter().find(|one| one.name == "kind").unwrap();
        assert_eq!(named(&kind.description.unwrap()), AUDIT_KINDS);
    }

    #[test]
    fn addresses_are_looked_for_as_they_are_kept() {
        assert_eq!(as_kept("ADMIN@Kith.Local"), "admin@kith.local");
        assert_eq!(as_kept("Ann@x.example by key Night (K1)"), "ann@x.example by key Night (K1)");
        assert_eq!(as_kept("command line"), "command line");
    }
}

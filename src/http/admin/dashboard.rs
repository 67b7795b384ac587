//! `/api/dashboards`: saved questions beside each other.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Editor, Tagged, tagged};
use super::{Kind, configured, kept};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, Code, SignedIn};
use crate::lake::ask::Filter;
use crate::model::{Dashboard, Tile};
use crate::registry::Stored;

/// The code of a dashboard that does not fit.
const INVALID: Code = Code::SavedInvalid;
/// Columns and rows of a tile that does not say.
const WIDTH_DEFAULT: u8 = 2;
const HEIGHT_DEFAULT: u8 = 1;

const KIND: Kind =
    Kind { what: "dashboard", invalid: INVALID, idle: &["owner", "version", "created", "changed"] };

/// A dashboard as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = DashboardPosted)]
pub(in crate::http) struct Posted {
    /// Drawn when absent.
    id: Option<String>,
    /// For people.
    name: String,
    /// For people.
    #[serde(default)]
    note: Option<String>,
    /// Its questions, in the order in which they are read.
    #[serde(default)]
    tiles: Option<Vec<PostedTile>>,
    /// The range for all of them, as the console's address has it: `30d`, `today`, `2026-01-05..2026-01-12`.
    #[serde(default)]
    range: Option<String>,
    /// A filter for all of them, in the filter language.
    #[serde(default, rename = "where")]
    #[schema(rename = "where")]
    filter: Option<String>,
    /// How often the console asks anew, in seconds: 10 to 86400; 0, or absent: when somebody says so.
    #[serde(default)]
    refresh_seconds: Option<u64>,
}

/// A question on a dashboard.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = DashboardPostedTile)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedTile {
    /// The id of a saved question.
    question: String,
    /// Columns of the grid, 1 to 4; 2 unless said.
    #[serde(default)]
    width: Option<u8>,
    /// Rows of the grid, 1 to 4; 1 unless said.
    #[serde(default)]
    height: Option<u8>,
}

/// A dashboard, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct DashboardDocument {
    /// Stands in links.
    id: String,
    /// For people.
    name: String,
    /// For people.
    note: String,
    /// Who may change it, beside administrators.
    owner: String,
    /// Its questions, in the order in which they are read.
    tiles: Vec<DashboardTile>,
    /// The range for all of them; empty: each has its own.
    range: String,
    /// A filter for all of them; empty: none.
    #[serde(rename = "where")]
    #[schema(rename = "where")]
    filter: String,
    /// How often the console asks anew, in seconds; 0: when somebody says so.
    refresh_seconds: u64,
    /// Grows whenever it is changed; the `ETag` of the dashboard.
    version: i64,
    /// When it was first saved, as RFC 3339.
    created: String,
    /// When it was saved last.
    changed: String,
}

/// A question on a dashboard.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DashboardTile {
    /// The id of a saved question.
    question: String,
    /// Columns of the grid, 1 to 4.
    width: u8,
    /// Rows of the grid, 1 to 4.
    height: u8,
}

/// All dashboards, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/dashboards", tag = "saved", operation_id = "list_dashboards",
    responses((status = 200, description = "All of them", body = All<DashboardDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<DashboardDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<Dashboard>().into_iter().map(document).collect()))
}

/// One dashboard.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/dashboards/{id}", tag = "saved", operation_id = "show_dashboard",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The dashboard", body = DashboardDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<DashboardDocument>, ApiError> {
    let stored = entities::one::<Dashboard>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Saves a dashboard, or changes one. Whoever saves it first owns it.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 422 when it does not fit, 503 when nothing
/// can be stored now.
#[utoipa::path(
    post, path = "/api/dashboards", tag = "saved", operation_id = "put_dashboard",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is saved", body = Saved),
        (status = 422, description = "It does not fit"),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged<Saved>, ApiError> {
    let posted: Posted = configured(&app, &headers, body, &KIND).await?;
    let id = entities::id(&app, posted.id.as_deref());
    let known = entities::known(&app).await?;
    let before = known.get::<Dashboard>(&id).map(|stored| &stored.entity.about);
    let about = kept::about(&app, &user, (&posted.name, posted.note), before)?;
    let filter = posted.filter.unwrap_or_default();
    if let Err(unreadable) = Filter::read(&filter, app.clock.now()) {
        return Err(ApiError::new(INVALID, format!("where: {unreadable}")));
    }
    let dashboard = Dashboard {
        id,
        about,
        tiles: posted.tiles.unwrap_or_default().into_iter().map(tile).collect(),
        range: posted.range.unwrap_or_default(),
        filter,
        refresh_seconds: posted.refresh_seconds.unwrap_or(0),
    };
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, dashboard).await
}

/// Removes a dashboard; its questions stay.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 404 when there is none.
#[utoipa::path(
    delete, path = "/api/dashboards/{id}", tag = "saved", operation_id = "remove_dashboard",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    kept::remove::<Dashboard>(&app, &user, &headers, id, |one| &one.about.owner).await
}

fn tile(posted: PostedTile) -> Tile {
    let PostedTile { question, width, height } = posted;
    let (width, height) = (width.unwrap_or(WIDTH_DEFAULT), height.unwrap_or(HEIGHT_DEFAULT));
    Tile { question, width, height }
}

fn document(stored: &Stored<Dashboard>) -> DashboardDocument {
    let Dashboard { id, about, tiles, range, filter, refresh_seconds } =
        stored.entity.as_ref().clone();
    let tiles = tiles.into_iter();
    let tiles =
        tiles.map(|Tile { question, width, height }| DashboardTile { question, width, height });
    DashboardDocument {
        id,
        name: about.name,
        note: about.note,
        owner: about.owner,
        tiles: tiles.collect(),
        range,
        filter,
        refresh_seconds,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}

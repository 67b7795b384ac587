//! Events: listed, counted by time, by value, by person; funnels, retention and paths.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use serde::Deserialize;

use super::page::{Most, Page};
use super::scope::{Filters, filter};
use crate::app::App;
use crate::http::admin::posted;
use crate::http::answers::{Listed, Rows};
use crate::http::ask::history;
use crate::http::documents::{self, EventDocument};
use crate::http::{ApiError, Code, SignedIn};
use crate::lake::ask::{
    Calendar, EventsPage, Filter, Funnel, FunnelRow, Histogram, HistogramRow, Interval, PathRow,
    Paths, People, PeopleRow, Retention, RetentionRow, Top, TopRow, field,
};

/// Events, newest first: of those at one moment, what came in later first, and what stands further back
/// in one payload.
///
/// # Errors
/// 401 without a token, 422 for a filter or cursor that cannot be read.
#[utoipa::path(
    get, path = "/api/events", tag = "history", params(Filters, Page),
    responses((status = 200, description = "Event documents, and the cursor of the page after, or null", body = Listed<EventDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
    Query(page): Query<Page>,
) -> Result<Json<Listed<EventDocument>>, ApiError> {
    let scope = filters.scope(&app).await?;
    let found = history(&app, &user, EventsPage { scope, part: page.part()? }).await?;
    let result = found.rows.into_iter().map(documents::event).collect();
    Ok(Json(Listed { result, next: found.next.map(|next| next.to_string()) }))
}

/// How to count by time.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Counting {
    /// `minute`, `hour`, `day` (unless said), `week` or `month`.
    interval: Option<String>,
    /// A field to tell events apart by; the 20 most frequent values are told, all others are one.
    group: Option<String>,
}

/// How many events there were in each interval of time.
///
/// # Errors
/// 401 without a token, 422 for a filter or field that cannot be read, or more than 10,000 intervals.
#[utoipa::path(
    get, path = "/api/events/histogram", tag = "history",
    params(Filters, Counting),
    responses((status = 200, description = "In order; with `from` and `to`, intervals without events as well", body = Rows<HistogramRow>)),
)]
pub(in crate::http) async fn histogram(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
    Query(counting): Query<Counting>,
) -> Result<Json<Rows<HistogramRow>>, ApiError> {
    let zone = filters.zone(&app)?;
    let scope = filters.scope(&app).await?;
    let interval = Interval::named(counting.interval.as_deref().unwrap_or("day"))?;
    let group = counting.group.as_deref().map(field).transpose()?;
    let calendar = Calendar { interval, zone };
    let result = history(&app, &user, Histogram { scope, calendar, group }).await?;
    Ok(Json(Rows { result }))
}

/// Of which field.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Counted {
    /// A column or a path: `type`, `utm.source`, `properties.category`.
    field: String,
}

/// The most frequent values of any field.
///
/// # Errors
/// 401 without a token, 422 for a filter or field that cannot be read.
#[utoipa::path(
    get, path = "/api/events/top", tag = "history",
    params(Filters, Counted, Most),
    responses((status = 200, description = "The most frequent first", body = Rows<TopRow>)),
)]
pub(in crate::http) async fn top(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
    Query(counted): Query<Counted>,
    Query(most): Query<Most>,
) -> Result<Json<Rows<TopRow>>, ApiError> {
    let scope = filters.scope(&app).await?;
    let field = field(&counted.field)?;
    let result = history(&app, &user, Top { scope, field, limit: most.limit() }).await?;
    Ok(Json(Rows { result }))
}

/// How many events, distinct people and sessions there are.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/events/people", tag = "history", params(Filters),
    responses((status = 200, description = "One row", body = Rows<PeopleRow>)),
)]
pub(in crate::http) async fn people(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Json<Rows<PeopleRow>>, ApiError> {
    let scope = filters.scope(&app).await?;
    let result = history(&app, &user, People { scope }).await?;
    Ok(Json(Rows { result }))
}

/// A funnel's steps.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Steps {
    /// What each step is, in the filter language: `type = "purchase"`. Two to ten.
    steps: Vec<String>,
    /// The longest time from the first step to the last, in seconds; 86400 unless said.
    window_seconds: Option<u64>,
}

/// How many people went through steps, in order, within a time.
///
/// # Errors
/// 401 without a token, 422 for steps or filters that cannot be read.
#[utoipa::path(
    post, path = "/api/events/funnel", tag = "history", params(Filters),
    request_body(content = Steps),
    responses((status = 200, description = "One row of `step_1`, `step_2`, …: the people who came so far", body = Rows<FunnelRow>)),
)]
pub(in crate::http) async fn funnel(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Rows<FunnelRow>>, ApiError> {
    let asked: Steps = posted(&app, &headers, body, Code::QuestionInvalid, "funnel").await?;
    let scope = filters.scope(&app).await?;
    let now = app.clock.now();
    let steps: Result<Vec<_>, _> = asked.steps.iter().map(|step| Filter::read(step, now)).collect();
    let window_seconds = asked.window_seconds.unwrap_or(86_400);
    let row = history(&app, &user, Funnel { scope, steps: steps?, window_seconds }).await?;
    Ok(Json(Rows { result: vec![row] }))
}

/// Who is followed, and how.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Following {
    /// What begins, in the filter language; any event unless said.
    first: Option<String>,
    /// What is a return, in the filter language; any event unless said.
    again: Option<String>,
    /// `day`, `week` (unless said) or `month`.
    interval: Option<String>,
    /// Periods after the first; 12 unless said, 60 at most.
    periods: Option<u64>,
}

/// How many of those who came for the first time come back.
///
/// # Errors
/// 401 without a token, 422 for parameters that cannot be read.
#[utoipa::path(
    get, path = "/api/events/retention", tag = "history",
    params(Filters, Following),
    responses((status = 200, description = "In order; period 0 is the first", body = Rows<RetentionRow>)),
)]
pub(in crate::http) async fn retention(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
    Query(asked): Query<Following>,
) -> Result<Json<Rows<RetentionRow>>, ApiError> {
    let zone = filters.zone(&app)?;
    let interval = Interval::named(asked.interval.as_deref().unwrap_or("week"))?;
    let retention = Retention {
        scope: filters.scope(&app).await?,
        first: filter(&app, asked.first.as_deref())?,
        again: filter(&app, asked.again.as_deref())?,
        calendar: Calendar { interval, zone },
        periods: asked.periods.unwrap_or(12),
        recurring: false,
    };
    Ok(Json(Rows { result: history(&app, &user, retention).await? }))
}

/// Which paths.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Walking {
    /// Where paths begin, in the filter language; anywhere unless said.
    start: Option<String>,
    /// Events of a path; 3 unless said, 2 to 6. Those at the end of a session are shorter, down to two.
    length: Option<usize>,
}

/// The most frequent sequences of events within a session.
///
/// # Errors
/// 401 without a token, 422 for parameters that cannot be read.
#[utoipa::path(
    get, path = "/api/events/paths", tag = "history",
    params(Filters, Walking, Most),
    responses((status = 200, description = "The most frequent first", body = Rows<PathRow>)),
)]
pub(in crate::http) async fn paths(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(filters): Query<Filters>,
    Query(asked): Query<Walking>,
    Query(most): Query<Most>,
) -> Result<Json<Rows<PathRow>>, ApiError> {
    let paths = Paths {
        scope: filters.scope(&app).await?,
        start: filter(&app, asked.start.as_deref())?,
        length: asked.length.unwrap_or(3),
        limit: most.limit(),
    };
    Ok(Json(Rows { result: history(&app, &user, paths).await? }))
}

//! Events: listed, counted by time, by value, by person; funnels, retention and paths.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::scope::{Filters, span};
use crate::app::App;
use crate::http::admin::SignedIn;
use crate::http::ask::history;
use crate::http::{ApiError, documents};
use crate::lake::ask::{
    Funnel, Histogram, Interval, Invalid, Paths, People, Retention, Scope, Top, condition, field,
};
use crate::lake::literal;
use crate::model::{Map, Time};

/// Rows of one answer, unless fewer are asked for.
const LIMIT_DEFAULT: usize = 20;
/// Most rows of one answer.
pub(super) const LIMIT_MAX: usize = 1000;

/// Which part of a list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Page {
    /// At most so many; 20 unless said, 1000 at most.
    limit: Option<usize>,
    /// The `next` of the answer before.
    cursor: Option<String>,
}

impl Page {
    pub(super) fn limit(&self) -> usize {
        self.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX)
    }

    /// A condition of SQL: only what comes after the cursor, which names a time in microseconds (as
    /// `time` has it in SQL) and an id.
    pub(super) fn after(&self, time: &str) -> Result<String, ApiError> {
        let Some(cursor) = &self.cursor else { return Ok("true".to_owned()) };
        let wrong = || Invalid("the cursor is none of ours".to_owned());
        let (micros, id) = cursor.split_once('-').ok_or_else(wrong)?;
        let micros: i64 = micros.parse().map_err(|_| wrong())?;
        Ok(format!("({time}, id) < ({micros}, {})", literal(id)))
    }
}

/// Events, newest first.
///
/// # Errors
/// 401 without a token, 422 for a filter or cursor that cannot be read.
#[utoipa::path(
    get, path = "/api/events", tag = "history", security(("bearer" = [])), params(Filters, Page),
    responses((status = 200, description = "`{result, next}`: event documents, and the cursor of the page after, or null", body = Value)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(filters): Query<Filters>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    let mut scope = filters.scope(&app).await?;
    scope.condition = format!("{} AND {}", scope.condition, page.after("epoch_us(time)")?);
    let limit = page.limit();
    let (sql, span) = (scope.sql(), span(&scope));
    let found = history(&app, span, move |_, moment| moment.events(&sql, &[], limit + 1)).await?;
    let next = found.get(limit).and_then(|_| found.get(limit - 1)).and_then(cursor);
    let result: Vec<Value> = found.iter().take(limit).map(documents::event).collect();
    Ok(Json(json!({"result": result, "next": next})))
}

/// The place right after an event: its time in microseconds, and its id.
fn cursor(event: &Map) -> Option<String> {
    let time = Time::parse(event.get("time")?.as_str()?)?;
    Some(format!("{}-{}", time.micros(), event.get("id")?.as_str()?))
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
    get, path = "/api/events/histogram", tag = "history", security(("bearer" = [])),
    params(Filters, Counting),
    responses((status = 200, description = "`{result: [{date, group, count}]}`, in order; with `from` and `to`, intervals without events as well", body = Value)),
)]
pub(in crate::http) async fn histogram(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(filters): Query<Filters>,
    Query(counting): Query<Counting>,
) -> Result<Json<Value>, ApiError> {
    let scope = filters.scope(&app).await?;
    let interval = Interval::named(counting.interval.as_deref().unwrap_or("day"))?;
    let group = counting.group.as_deref().map(field).transpose()?;
    let sql = Histogram { scope: scope.clone(), interval, group }.sql()?;
    answer(&app, &scope, sql).await
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
    get, path = "/api/events/top", tag = "history", security(("bearer" = [])),
    params(Filters, Counted, Page),
    responses((status = 200, description = "`{result: [{value, count, people}]}`, the most frequent first", body = Value)),
)]
pub(in crate::http) async fn top(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(filters): Query<Filters>,
    Query(counted): Query<Counted>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    let scope = filters.scope(&app).await?;
    let field = field(&counted.field)?;
    let sql = Top { scope: scope.clone(), field, limit: page.limit() }.sql();
    answer(&app, &scope, sql).await
}

/// How many events, distinct people and sessions there are.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/events/people", tag = "history", security(("bearer" = [])), params(Filters),
    responses((status = 200, description = "`{result: [{events, people, sessions}]}`", body = Value)),
)]
pub(in crate::http) async fn people(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(filters): Query<Filters>,
) -> Result<Json<Value>, ApiError> {
    let scope = filters.scope(&app).await?;
    let sql = People { scope: scope.clone() }.sql();
    answer(&app, &scope, sql).await
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
    post, path = "/api/events/funnel", tag = "history", security(("bearer" = [])), params(Filters),
    request_body(content = Steps),
    responses((status = 200, description = "`{result: [{step_1, step_2, …}]}`: the people who came so far", body = Value)),
)]
pub(in crate::http) async fn funnel(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(filters): Query<Filters>,
    Json(asked): Json<Steps>,
) -> Result<Json<Value>, ApiError> {
    let scope = filters.scope(&app).await?;
    let now = app.clock.now();
    let steps: Result<Vec<_>, _> = asked.steps.iter().map(|step| condition(step, now)).collect();
    let window_seconds = asked.window_seconds.unwrap_or(86_400);
    let funnel = Funnel { scope, steps: steps?, window_seconds };
    funnel.check()?;
    let span = span(&funnel.scope);
    let row = history(&app, span, move |_, moment| moment.funnel(&funnel)).await?;
    Ok(Json(json!({"result": [row]})))
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
    get, path = "/api/events/retention", tag = "history", security(("bearer" = [])),
    params(Filters, Following),
    responses((status = 200, description = "`{result: [{cohort, period, people}]}`, in order; period 0 is the first", body = Value)),
)]
pub(in crate::http) async fn retention(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(filters): Query<Filters>,
    Query(asked): Query<Following>,
) -> Result<Json<Value>, ApiError> {
    let scope = filters.scope(&app).await?;
    let now = app.clock.now();
    let retention = Retention {
        scope: scope.clone(),
        first: condition(asked.first.as_deref().unwrap_or_default(), now)?,
        again: condition(asked.again.as_deref().unwrap_or_default(), now)?,
        interval: Interval::named(asked.interval.as_deref().unwrap_or("week"))?,
        periods: asked.periods.unwrap_or(12),
    };
    answer(&app, &scope, retention.sql()?).await
}

/// Which paths.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Walking {
    /// Where paths begin, in the filter language; anywhere unless said.
    start: Option<String>,
    /// Events of a path; 3 unless said, 2 to 6.
    length: Option<usize>,
}

/// The most frequent sequences of events within a session.
///
/// # Errors
/// 401 without a token, 422 for parameters that cannot be read.
#[utoipa::path(
    get, path = "/api/events/paths", tag = "history", security(("bearer" = [])),
    params(Filters, Walking, Page),
    responses((status = 200, description = "`{result: [{path, count, people}]}`, the most frequent first", body = Value)),
)]
pub(in crate::http) async fn paths(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(filters): Query<Filters>,
    Query(asked): Query<Walking>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    let scope = filters.scope(&app).await?;
    let paths = Paths {
        scope: scope.clone(),
        start: condition(asked.start.as_deref().unwrap_or_default(), app.clock.now())?,
        length: asked.length.unwrap_or(3),
        limit: page.limit(),
    };
    answer(&app, &scope, paths.sql()?).await
}

/// `{result: rows}`.
async fn answer(app: &Arc<App>, scope: &Scope, sql: String) -> Result<Json<Value>, ApiError> {
    let rows = history(app, span(scope), move |_, moment| moment.rows(&sql, &[])).await?;
    Ok(Json(json!({"result": rows})))
}

//! `/event/select` and what is below it: the reference's own questions (spec §7.4).

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::SignedIn;
use crate::app::App;
use crate::http::ask::history;
use crate::http::{ApiError, documents};
use crate::lake::Span;
use crate::lake::ask::{Histogram, Interval, Invalid, Scope, condition, field};
use crate::model::Time;

/// Most events in one answer.
const LIMIT_MAX: usize = 1000;
/// Events of a page that is asked for by its number.
const PAGE_EVENTS: usize = 25;

/// What is wanted. Dates are the reference's: an absolute one, moved by a delta, or now.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::http) struct Selection {
    /// In the filter language; empty: all.
    r#where: Option<String>,
    /// At most so many; 20 unless said, 1000 at most.
    limit: Option<usize>,
    /// Not before this.
    #[schema(value_type = Object)]
    min_date: Option<Date>,
    /// Not after this.
    #[schema(value_type = Object)]
    max_date: Option<Date>,
}

/// A date as the reference's console writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http) struct Date {
    absolute: Option<Absolute>,
    delta: Option<Delta>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Absolute {
    year: i16,
    month: i8,
    date: i8,
    hour: i8,
    minute: i8,
    second: i8,
    meridiem: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    value: i64,
    entity: String,
}

impl Date {
    /// The absolute date, or else now, moved by the delta.
    fn time(&self, now: Time) -> Result<Time, Invalid> {
        let base = self.absolute.as_ref().map_or(Ok(now), Absolute::time)?;
        let Some(delta) = &self.delta else { return Ok(base) };
        let days = match delta.entity.trim_end_matches('s') {
            "second" | "minute" | "hour" => 0,
            "day" => 1,
            "week" => 7,
            "month" => 30,
            "year" => 365,
            _ => return Err(Invalid("a date is moved by seconds up to years".to_owned())),
        };
        let seconds = match delta.entity.trim_end_matches('s') {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            _ => days * 86_400,
        };
        // Down is written as a negative value, whatever `type` says.
        let by = Duration::from_secs(delta.value.unsigned_abs().saturating_mul(seconds));
        Ok(if delta.value < 0 { base.minus(by) } else { base.plus(by) })
    }
}

impl Absolute {
    fn time(&self) -> Result<Time, Invalid> {
        let wrong = || Invalid("an absolute date does not exist".to_owned());
        let hour = match self.meridiem.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("pm") if self.hour < 12 => self.hour + 12,
            Some("am") if self.hour == 12 => 0,
            _ => self.hour,
        };
        let text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            self.year, self.month, self.date, hour, self.minute, self.second
        );
        Time::parse(&text).ok_or_else(wrong)
    }
}

impl Selection {
    fn scope(&self, now: Time) -> Result<Scope, Invalid> {
        let time = |date: &Option<Date>| date.as_ref().map(|date| date.time(now)).transpose();
        let (from, to) = (time(&self.min_date)?, time(&self.max_date)?);
        let to = to.map(|to| to.plus(Duration::from_micros(1)));
        let condition = condition(self.r#where.as_deref().unwrap_or_default(), now)?;
        Ok(Scope { from, to, condition })
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(20).min(LIMIT_MAX)
    }
}

/// Events that a filter picks, newest first.
///
/// # Errors
/// 401 without a token, 422 for a filter or date that cannot be read.
#[utoipa::path(
    post, path = "/event/select", tag = "events", security(("bearer" = [])),
    request_body(content = Selection),
    responses((status = 200, description = "`{total, result}`", body = Value)),
)]
pub(in crate::http) async fn select(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Json(selection): Json<Selection>,
) -> Result<Json<Value>, ApiError> {
    let limit = selection.limit();
    page(&app, &selection, limit, 0).await
}

/// The same within two dates.
///
/// # Errors
/// As [`select`].
#[utoipa::path(
    post, path = "/event/select/range", tag = "events", security(("bearer" = [])),
    request_body(content = Selection),
    responses((status = 200, description = "`{total, result}`", body = Value)),
)]
pub(in crate::http) async fn range(
    State(app): State<Arc<App>>,
    user: SignedIn,
    selection: Json<Selection>,
) -> Result<Json<Value>, ApiError> {
    select(State(app), user, selection).await
}

/// The same by pages of 25, the first is 0.
///
/// # Errors
/// As [`select`].
#[utoipa::path(
    post, path = "/event/select/range/page/{page}", tag = "events", security(("bearer" = [])),
    params(("page" = usize, Path, description = "From 0")),
    request_body(content = Selection),
    responses((status = 200, description = "`{total, result}`", body = Value)),
)]
pub(in crate::http) async fn range_page(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Path(number): Path<usize>,
    Json(selection): Json<Selection>,
) -> Result<Json<Value>, ApiError> {
    page(&app, &selection, PAGE_EVENTS, number.saturating_mul(PAGE_EVENTS)).await
}

async fn page(
    app: &Arc<App>,
    selection: &Selection,
    limit: usize,
    skip: usize,
) -> Result<Json<Value>, ApiError> {
    let sql = selection.scope(app.clock.now())?.sql();
    let (total, events) = history(app, Span::ALWAYS, move |_, moment| {
        let total = moment.number(&format!("SELECT count(*) FROM events WHERE {sql}"), &[])?;
        Ok((total, moment.events_after(&sql, &[], limit, skip)?))
    })
    .await?;
    let result: Vec<Value> = events.iter().map(documents::event).collect();
    Ok(Json(json!({"total": total, "result": result})))
}

/// How a histogram tells events apart.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Grouping {
    /// A field of the event document.
    group_by: Option<String>,
}

/// Counts by time, in intervals that fit the dates.
///
/// # Errors
/// As [`select`].
#[utoipa::path(
    post, path = "/event/select/histogram", tag = "events", security(("bearer" = [])),
    params(Grouping), request_body(content = Selection),
    responses((status = 200, description = "`{total, result: [{date, interval, …}], buckets}`: without `group_by` each row has `count`, with it a key for each value", body = Value)),
)]
pub(in crate::http) async fn histogram(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(grouping): Query<Grouping>,
    Json(selection): Json<Selection>,
) -> Result<Json<Value>, ApiError> {
    let scope = selection.scope(app.clock.now())?;
    let interval = fitting(&scope);
    let group = grouping.group_by.as_deref().map(field).transpose()?;
    let is_grouped = group.is_some();
    let sql = Histogram { scope, interval, group }.sql()?;
    let rows = history(&app, Span::ALWAYS, move |_, moment| moment.rows(&sql, &[])).await?;
    let (mut dates, mut buckets, mut total) = (Vec::<Value>::new(), Vec::new(), 0);
    for row in rows {
        let date = row.get("date").cloned().unwrap_or_default();
        let count = row.get("count").and_then(Value::as_u64).unwrap_or(0);
        let group = row.get("group").and_then(Value::as_str).unwrap_or("other");
        let key = if is_grouped { group } else { "count" }.to_owned();
        total += count;
        if dates.last().is_none_or(|last| last["date"] != date) {
            dates.push(json!({"date": date, "interval": interval.as_str()}));
        }
        if let Some(last) = dates.last_mut().filter(|_| count > 0 || !is_grouped) {
            last[key.as_str()] = count.into();
            if !buckets.contains(&key) {
                buckets.push(key);
            }
        }
    }
    Ok(Json(json!({"total": total, "result": dates, "buckets": buckets})))
}

/// So that there are tens of intervals, not thousands.
fn fitting(scope: &Scope) -> Interval {
    let (Some(from), Some(to)) = (scope.from, scope.to) else { return Interval::Day };
    match (to.micros() - from.micros()) / 1_000_000 {
        ..7_200 => Interval::Minute,
        7_200..259_200 => Interval::Hour,
        259_200..10_368_000 => Interval::Day,
        10_368_000..63_072_000 => Interval::Week,
        _ => Interval::Month,
    }
}

//! `/event/select` and what is below it: the reference's own questions (docs/wire.md §8.4).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::http::api::zone;
use crate::http::ask::{AskedAsThere, history};
use crate::http::documents::{self, EventDocument};
use crate::http::{ApiError, SignedIn, limit};
use crate::lake::ask::{
    self, Calendar, Filter, Histogram, HistogramRow, Interval, Invalid, Scope, field,
};
use crate::model::{Time, Zone};

/// Events in one answer, unless others are asked for.
const LIMIT_DEFAULT: usize = 20;
/// Most events in one answer.
const LIMIT_MAX: usize = 1000;
/// Events of a page that is asked for by its number.
const PAGE_EVENTS: usize = 25;

/// What is wanted. Dates are the reference's: an absolute one, moved by a delta, or now.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct Selection {
    /// In the filter language; empty: all.
    r#where: Option<String>,
    /// At most so many; 20 unless said, 1000 at most.
    limit: Option<usize>,
    /// Not before this.
    min_date: Option<Date>,
    /// Not after this.
    max_date: Option<Date>,
    /// Whose clocks show the dates: a name of the IANA list; `query.time_zone` unless said.
    time_zone: Option<String>,
}

/// A date as the reference's console writes it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = SelectionDate)]
pub(in crate::http) struct Date {
    absolute: Option<Absolute>,
    delta: Option<Delta>,
}

/// What clocks show.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = SelectionMoment)]
struct Absolute {
    #[serde(default)]
    year: i16,
    #[serde(default)]
    month: i8,
    #[serde(default)]
    date: i8,
    #[serde(default)]
    hour: i8,
    #[serde(default)]
    minute: i8,
    #[serde(default)]
    second: i8,
    /// `AM` or `PM`, with hours up to 12.
    meridiem: Option<String>,
}

/// A way from a moment to another.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = SelectionDelta)]
struct Delta {
    /// `minus` or `plus`. The sign of the value counts.
    #[serde(rename = "type")]
    #[schema(value_type = Option<String>)]
    _kind: Option<IgnoredAny>,
    /// So many; back in time when negative.
    #[serde(default)]
    value: i64,
    /// `second`, `minute`, `hour`, `day`, `week`, `month` or `year`, or several of them.
    #[serde(default)]
    entity: String,
}

impl Date {
    /// The absolute date, or else now, moved by the delta.
    fn time(&self, now: Time, zone: &Zone) -> Result<Time, Invalid> {
        let base = self.absolute.as_ref().map_or(Ok(now), |absolute| absolute.time(zone))?;
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
    fn time(&self, zone: &Zone) -> Result<Time, Invalid> {
        let wrong = || Invalid("an absolute date does not exist".to_owned());
        let hour = match self.meridiem.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("pm") if self.hour < 12 => self.hour + 12,
            Some("am") if self.hour == 12 => 0,
            _ => self.hour,
        };
        let text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year, self.month, self.date, hour, self.minute, self.second
        );
        Time::read(&text, Some(zone)).ok_or_else(wrong)
    }
}

impl Selection {
    fn zone(&self, app: &App) -> Result<Zone, Invalid> {
        zone(app, self.time_zone.as_deref())
    }

    fn scope(&self, app: &App) -> Result<Scope, Invalid> {
        let (now, zone) = (app.clock.now(), self.zone(app)?);
        let time =
            |date: &Option<Date>| date.as_ref().map(|date| date.time(now, &zone)).transpose();
        let (from, to) = (time(&self.min_date)?, time(&self.max_date)?);
        let to = to.map(|to| to.plus(Duration::from_micros(1)));
        let filter = Filter::read(self.r#where.as_deref().unwrap_or_default(), now)?;
        Ok(Scope { from, to, filter, ..Scope::default() })
    }

    fn limit(&self) -> usize {
        limit::rows(self.limit, (LIMIT_DEFAULT, LIMIT_MAX))
    }
}

/// Events that were picked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventsSelected)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Selected {
    /// How many there are, in this answer or not.
    total: i64,
    /// Those that were asked for.
    result: Vec<EventDocument>,
}

/// Events that a filter picks, newest first.
///
/// # Errors
/// 401 without a token, 422 for a filter or date that cannot be read.
#[utoipa::path(
    post, path = "/event/select", tag = "events",
    request_body(content = Selection),
    responses((status = 200, description = "The events", body = Selected)),
)]
pub(in crate::http) async fn select(
    State(app): State<Arc<App>>,
    user: SignedIn,
    AskedAsThere(selection): AskedAsThere<Selection>,
) -> Result<Json<Selected>, ApiError> {
    let limit = selection.limit();
    page(&app, &user, &selection, (limit, 0)).await
}

/// The same within two dates.
///
/// # Errors
/// As [`select`].
#[utoipa::path(
    post, path = "/event/select/range", tag = "events",
    request_body(content = Selection),
    responses((status = 200, description = "The events", body = Selected)),
)]
pub(in crate::http) async fn range(
    State(app): State<Arc<App>>,
    user: SignedIn,
    selection: AskedAsThere<Selection>,
) -> Result<Json<Selected>, ApiError> {
    select(State(app), user, selection).await
}

/// The same by pages of 25, the first is 0.
///
/// # Errors
/// As [`select`].
#[utoipa::path(
    post, path = "/event/select/range/page/{page}", tag = "events",
    params(("page" = usize, Path, description = "From 0")),
    request_body(content = Selection),
    responses((status = 200, description = "The events", body = Selected)),
)]
pub(in crate::http) async fn range_page(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(number): Path<usize>,
    AskedAsThere(selection): AskedAsThere<Selection>,
) -> Result<Json<Selected>, ApiError> {
    page(&app, &user, &selection, (PAGE_EVENTS, number.saturating_mul(PAGE_EVENTS))).await
}

async fn page(
    app: &Arc<App>,
    user: &SignedIn,
    selection: &Selection,
    (limit, skip): (usize, usize),
) -> Result<Json<Selected>, ApiError> {
    let scope = selection.scope(app)?;
    let found = history(app, user, ask::Selection { scope, skip, limit }).await?;
    let result = found.events.into_iter().map(documents::event).collect();
    Ok(Json(Selected { total: found.total, result }))
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
    post, path = "/event/select/histogram", tag = "events",
    params(Grouping), request_body(content = Selection),
    responses((status = 200, description = "The counts, in order", body = Counts)),
)]
pub(in crate::http) async fn histogram(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(grouping): Query<Grouping>,
    AskedAsThere(selection): AskedAsThere<Selection>,
) -> Result<Json<Counts>, ApiError> {
    let scope = selection.scope(&app)?;
    let interval = fitting(&scope, app.clock.now());
    let zone = selection.zone(&app)?;
    let calendar = Calendar { interval, zone: zone.clone() };
    let group = grouping.group_by.as_deref().map(field).transpose()?;
    let is_grouped = group.is_some();
    let rows = history(&app, &user, Histogram { scope, calendar, group }).await?;
    let mut counts = Counts::default();
    for mut row in rows {
        // As the reference writes it, and not as RFC 3339.
        if let Some(at) = Time::parse(&row.date) {
            row.date = zone.written(at);
        }
        counts.add(row, interval, is_grouped);
    }
    Ok(Json(counts))
}

/// Counts by time, a row for each interval.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = EventsCounted)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Counts {
    /// How many events there are.
    total: u64,
    /// Each has the texts `date` and `interval`, and numbers: `count` without `group_by`, with it one
    /// for each value that there is in this interval, `other` for all values that are rare and for events without
    /// any. A value that is called `date`, `interval` or `other` itself is written `=date`, and one that is called
    /// that, `==date`.
    result: Vec<BTreeMap<String, Cell>>,
    /// The keys of the numbers.
    buckets: Vec<String>,
}

/// A date or the name of an interval, or a count.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = EventsCountedCell)]
enum Cell {
    Text(String),
    Count(u64),
}

/// The keys of a row that are no values.
const OWN_KEYS: [&str; 3] = ["date", "interval", OTHER];
/// The key of all values that are rare.
const OTHER: &str = "other";

/// The key of a value. All stand in one object, so one that is called as a key of the row itself is written with a
/// mark before it; so is what looks like that already, and no two values have one key.
fn key(value: Option<String>) -> String {
    let Some(value) = value else { return OTHER.to_owned() };
    if OWN_KEYS.contains(&value.trim_start_matches('=')) { format!("={value}") } else { value }
}

impl Counts {
    fn add(&mut self, row: HistogramRow, interval: Interval, is_grouped: bool) {
        let key = if is_grouped { key(row.group) } else { "count".to_owned() };
        let date = Cell::Text(row.date);
        self.total += row.count;
        if self.result.last().is_none_or(|last| last.get("date") != Some(&date)) {
            let interval = Cell::Text(interval.as_str().to_owned());
            let named = [("date".to_owned(), date), ("interval".to_owned(), interval)];
            self.result.push(BTreeMap::from(named));
        }
        if let Some(last) = self.result.last_mut().filter(|_| row.count > 0 || !is_grouped) {
            last.insert(key.clone(), Cell::Count(row.count));
            if !self.buckets.contains(&key) {
                self.buckets.push(key);
            }
        }
    }
}

/// So that there are tens of intervals, not thousands. What has no end ends now; where nobody has said when it
/// begins, it is not known before it is asked.
fn fitting(scope: &Scope, now: Time) -> Interval {
    let Some(from) = scope.from else { return Interval::Day };
    let to = scope.to.unwrap_or(now);
    match (to.micros() - from.micros()) / 1_000_000 {
        ..7_200 => Interval::Minute,
        7_200..259_200 => Interval::Hour,
        259_200..10_368_000 => Interval::Day,
        10_368_000..63_072_000 => Interval::Week,
        _ => Interval::Month,
    }
}

//! How many are in an audience: over time, and beside the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::scope::{moment, zone};
use crate::app::App;
use crate::http::admin::ask;
use crate::http::admin::entities;
use crate::http::answers::{Nothing, Rows};
use crate::http::ask::history;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{Calendar, Growth, GrowthRow, Interval, in_order};
use crate::model::Audience;

/// Without a beginning, so long is told of.
const USUAL: Duration = Duration::from_secs(90 * 86_400);

/// Of which time.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Over {
    /// From the interval of this moment on: RFC 3339, a day, or seconds or milliseconds since 1970. 90 days
    /// before the end unless said.
    from: Option<String>,
    /// Before this moment; now unless said.
    to: Option<String>,
    /// Whose days are meant: a name of the IANA list; `query.time_zone` unless said.
    tz: Option<String>,
    /// `day` (unless said), `week` or `month`.
    interval: Option<String>,
}

/// How many were in an audience at the end of each interval, and how many entered it and left it.
///
/// As its events tell of those who are people now: who became one with somebody is told of as if they always had
/// been, and whoever is in no more without having left, since they were removed, as if they never had been. So
/// it ends with how many are in it now.
///
/// # Errors
/// 401 without a token, 404 when there is no such audience, 422 for a time that cannot be read.
#[utoipa::path(
    get, path = "/api/audiences/{id}/growth", tag = "audiences", operation_id = "audience_growth",
    params(("id" = String, Path, description = "Its id"), Over),
    responses(
        (status = 200, description = "In order; intervals in which nothing happened as well", body = Rows<GrowthRow>),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn growth(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
    Query(over): Query<Over>,
) -> Result<Json<Rows<GrowthRow>>, ApiError> {
    entities::one::<Audience>(&app, &id).await?;
    let zone = zone(&app, over.tz.as_deref())?;
    // What is so now is told of as well.
    let now = || app.clock.now().plus(Duration::from_micros(1));
    let to = moment("to", over.to.as_deref(), &zone)?.unwrap_or_else(now);
    let from = moment("from", over.from.as_deref(), &zone)?.unwrap_or_else(|| to.minus(USUAL));
    in_order(("from", "to"), Some(from), Some(to))?;
    let interval = Interval::named(over.interval.as_deref().unwrap_or("day"))?;
    let growth = Growth { audience: id, from, to, calendar: Calendar { interval, zone } };
    Ok(Json(Rows { result: history(&app, &user, growth).await? }))
}

/// Another audience, and how many are in both.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AudienceOverlap)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct OverlapRow {
    /// The other one.
    id: String,
    /// How many are in it.
    members: u64,
    /// How many are in both.
    both: u64,
}

/// How many of an audience are in each other one, too.
///
/// # Errors
/// 401 without a token, 404 when there is no such audience.
#[utoipa::path(
    get, path = "/api/audiences/{id}/overlap", tag = "audiences", operation_id = "audience_overlap",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "All others, sorted by id", body = Rows<OverlapRow>),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn overlap(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Rows<OverlapRow>>, ApiError> {
    entities::one::<Audience>(&app, &id).await?;
    let asked = id.clone();
    let (sizes, both) = ask(&app, move |storage| {
        Ok((storage.audience_sizes()?, storage.audience_overlap(&asked)?))
    })
    .await?;
    let count = |of: Vec<(String, u64)>| of.into_iter().collect::<HashMap<_, _>>();
    let (sizes, both) = (count(sizes), count(both));
    let of = |counts: &HashMap<String, u64>, id: &str| counts.get(id).copied().unwrap_or_default();
    let known = app.registry.now();
    let others = known.all::<Audience>().into_iter().map(|one| one.entity.id.clone());
    let rows = others.filter(|other| *other != id).map(|other| OverlapRow {
        members: of(&sizes, &other),
        both: of(&both, &other),
        id: other,
    });
    Ok(Json(Rows { result: rows.collect() }))
}

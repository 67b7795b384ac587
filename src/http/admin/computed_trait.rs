//! `/api/computed-traits`: what is worked out of what people did.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::audience::INVALID;
use super::entities::{self, Editor, Tagged, tagged};
use super::progress::{ProgressDocument, of_history, progress};
use super::rule::event_type;
use super::{Kind, configured};
use crate::app::App;
use crate::conditions::{duration, written};
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn, masked};
use crate::model::{ComputedTrait, CountedSince, Marks, Measure, MeasureOf, Time};
use crate::registry::Stored;
use crate::warming::Progress;

/// The greatest mark of money.
const MARK_MAX: f64 = 9e12;
pub(super) const KIND: Kind = Kind {
    what: "computed trait",
    invalid: INVALID,
    idle: &["state", "progress", "version", "created", "changed"],
};

/// A computed trait as it is posted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ComputedTraitPosted)]
pub(in crate::http) struct Posted {
    /// Its name: 1 to 64 of a-z, 0-9, _ and -.
    id: String,
    /// For people.
    #[serde(default)]
    description: Option<String>,
    /// `count`, `sum`, `average`, `min`, `max`, `first`, `last`, `first_at`, `last_at`, `most_frequent`,
    /// `distinct`, `values`, `halving`, `interests`, `rfm` or `formula`.
    function: String,
    /// Of events of this type; for all but formulas.
    #[serde(default)]
    event_type: Option<String>,
    /// Of which this holds: `event@properties.paid = true`.
    #[serde(default, rename = "where")]
    filter: Option<String>,
    /// Of which place of an event: `properties.total`.
    #[serde(default)]
    of: Option<String>,
    /// Of the last `30d`, `90m` or `2y`; of all time without it.
    #[serde(default)]
    within: Option<String>,
    /// From this moment on, as RFC 3339.
    #[serde(default)]
    since: Option<String>,
    /// Of what halves: after `7d` an event counts half.
    #[serde(default)]
    half_life: Option<String>,
    /// Of `rfm`: where marks begin.
    #[serde(default)]
    marks: Option<MarksDocument>,
    /// Of a formula: `computed.spent / max(computed.orders, 1)`.
    #[serde(default)]
    formula: Option<String>,
}

/// Where marks begin, in rising order.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ComputedTraitMarks)]
struct MarksDocument {
    /// The last event was sooner than that ago: `["7d", "30d"]`.
    recency: Vec<String>,
    /// There are so many events.
    frequency: Vec<u64>,
    /// They come to so much.
    #[serde(default)]
    monetary: Vec<f64>,
}

/// A computed trait, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ComputedTraitDocument {
    /// Its name: `profile@computed.ID` in conditions.
    id: String,
    /// For people.
    description: String,
    /// What is worked out.
    function: &'static str,
    /// Of events of this type.
    event_type: String,
    /// Of which this holds; empty: of all.
    #[serde(rename = "where")]
    filter: String,
    /// Of which place of an event.
    #[schema(required)]
    of: Option<String>,
    /// Of the last `30d`; null: of all time.
    #[schema(required)]
    within: Option<String>,
    /// From this moment on.
    #[schema(required)]
    since: Option<String>,
    /// After so long an event counts half.
    #[schema(required)]
    half_life: Option<String>,
    /// Where marks begin.
    #[schema(required)]
    marks: Option<MarksDocument>,
    /// Of which other traits it is made, and how.
    #[schema(required)]
    formula: Option<String>,
    /// `live`, or `warming` while history is asked: until then what was before counts.
    state: &'static str,
    /// How far that has come, while it is under way.
    #[schema(required)]
    progress: Option<ProgressDocument>,
    /// Grows whenever it is changed; the `ETag` of the trait.
    version: i64,
    /// When it was first stored, as RFC 3339.
    created: String,
    /// When somebody changed it last.
    changed: String,
}

/// All computed traits.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/computed-traits", tag = "audiences", operation_id = "list_computed_traits",
    responses((status = 200, description = "All of them", body = All<ComputedTraitDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<ComputedTraitDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let progress = progress(&app).await?;
    let all = known.all::<ComputedTrait>().into_iter();
    Ok(Json(all.map(|stored| document(stored, progress)).collect()))
}

/// One computed trait.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/computed-traits/{id}", tag = "audiences", operation_id = "show_computed_trait",
    params(("id" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The trait", body = ComputedTraitDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<ComputedTraitDocument>, ApiError> {
    let stored = entities::one::<ComputedTrait>(&app, &id).await?;
    Ok(tagged(stored.said(), document(&stored, progress(&app).await?)))
}

/// Makes or changes a computed trait. It counts once history was asked for what it needs; until then what
/// was before counts.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/computed-traits", tag = "audiences", operation_id = "put_computed_trait",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is stored", body = Saved),
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
    let known = entities::known(&app).await?;
    let before = known.get::<ComputedTrait>(posted.id.trim()).map(|stored| &stored.entity);
    let now = app.clock.now();
    let computed = ComputedTrait {
        id: posted.id.trim().to_owned(),
        description: posted.description.clone().unwrap_or_default(),
        live: None,
        written: None,
        counted: CountedSince::default(),
        created: before.map_or(now, |before| before.created),
        changed: now,
        measure: measure(posted)?,
    };
    masked::refuse_trait(&app, &user, INVALID, &computed.measure)?;
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, computed).await
}

/// Removes a computed trait.
///
/// # Errors
/// 401 without a token, 404 when there is none, 409 while an audience looks at it.
#[utoipa::path(
    delete, path = "/api/computed-traits/{id}", tag = "audiences",
    operation_id = "remove_computed_trait",
    params(("id" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
        (status = 409, description = "An audience looks at it; `message` says which"),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::remove::<ComputedTrait>(&app, editor, id).await
}

fn measure(posted: Posted) -> Result<Measure, ApiError> {
    let wrong = |said: &str| ApiError::new(INVALID, said);
    let function = MeasureOf::named(posted.function.trim()).ok_or_else(|| {
        let names = MeasureOf::names();
        ApiError::new(INVALID, format!("function must be one of {names}"))
    })?;
    let time = |place: &str, text: Option<&str>| {
        let read = |text: &str| {
            let wanted = format!("{place} must be a time such as 30d, 90m or 2y");
            duration(text.trim()).ok_or_else(|| ApiError::new(INVALID, wanted))
        };
        text.map(read).transpose()
    };
    let since = posted.since.as_deref().map(|text| {
        Time::parse(text.trim())
            .ok_or_else(|| wrong("since must be a moment such as 2026-01-05T10:00:00Z"))
    });
    Ok(Measure {
        function,
        event_type: event_type(posted.event_type.as_deref().unwrap_or_default()),
        filter: posted.filter.unwrap_or_default().trim().to_owned(),
        of: posted.of.map(|of| of.trim().trim_start_matches("event@").to_owned()),
        within_seconds: time("within", posted.within.as_deref())?,
        since: since.transpose()?,
        half_life_seconds: time("half_life", posted.half_life.as_deref())?,
        marks: posted.marks.map(marks).transpose()?,
        formula: posted.formula.map(|formula| formula.trim().to_owned()),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "bounded")]
fn marks(posted: MarksDocument) -> Result<Marks, ApiError> {
    let wrong = || ApiError::new(INVALID, "marks.recency must be times such as 30d");
    let recency = posted.recency.iter().map(|text| duration(text.trim()).ok_or_else(wrong));
    let monetary = posted.monetary.iter().map(|much| {
        let wanted = || ApiError::new(INVALID, "marks.monetary must be at most 9e12");
        (much.abs() <= MARK_MAX).then(|| (much * 1e6).round() as i64).ok_or_else(wanted)
    });
    Ok(Marks {
        recency: recency.collect::<Result<_, _>>()?,
        frequency: posted.frequency,
        monetary: monetary.collect::<Result<_, _>>()?,
    })
}

#[expect(clippy::cast_precision_loss, reason = "it was posted as such a number")]
fn shown(marks: &Marks) -> MarksDocument {
    MarksDocument {
        recency: marks.recency.iter().copied().map(written).collect(),
        frequency: marks.frequency.clone(),
        monetary: marks.monetary.iter().map(|much| *much as f64 / 1e6).collect(),
    }
}

pub(super) fn document(
    stored: &Stored<ComputedTrait>,
    progress: Progress,
) -> ComputedTraitDocument {
    let one = stored.entity.as_ref();
    let is_live = one.live.as_ref() == Some(&one.measure);
    ComputedTraitDocument {
        id: one.id.clone(),
        description: one.description.clone(),
        function: one.measure.function.as_str(),
        event_type: one.measure.event_type.clone(),
        filter: one.measure.filter.clone(),
        of: one.measure.of.clone(),
        within: one.measure.within_seconds.map(written),
        since: one.measure.since.map(|since| since.to_string()),
        half_life: one.measure.half_life_seconds.map(written),
        marks: one.measure.marks.as_ref().map(shown),
        formula: one.measure.formula.clone(),
        state: if is_live { "live" } else { "warming" },
        progress: of_history(progress).filter(|_| !is_live),
        version: stored.said(),
        created: one.created.to_string(),
        changed: one.changed.to_string(),
    }
}

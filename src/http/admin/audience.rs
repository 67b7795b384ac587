//! `/api/audiences`: people of whom a condition holds.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entities::{self, Editor, Tagged, tagged};
use super::progress::{ProgressDocument, of_history, of_members, progress};
use super::{Kind, ask, configured};
use crate::app::App;
use crate::audiences::{check_condition, lists_of, read_json};
use crate::http::answers::{All, Deleted, Listed, Nothing, Saved};
use crate::http::{ApiError, Code, SignedIn, limit};
use crate::model::{Audience, ComputedTrait, CountedSince, Segment};
use crate::registry::{Stored, Written};
use crate::warming::Progress;

/// The code of what does not fit.
pub(in crate::http) const INVALID: Code = Code::AudienceInvalid;

pub(super) const KIND: Kind = Kind {
    what: "audience",
    invalid: INVALID,
    idle: &["state", "progress", "live", "members", "version", "created", "changed"],
};

/// Members of one answer, unless fewer are asked for, and most of them.
const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 1_000;

/// An audience as it is posted.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = AudiencePosted)]
pub(in crate::http) struct Posted {
    /// Drawn when absent: 1 to 64 of a-z, 0-9, _ and -.
    id: Option<String>,
    /// For people.
    name: String,
    /// For people.
    #[serde(default)]
    description: Option<String>,
    /// Of whom it is to hold: a text, or the same as JSON (`docs/api.md`).
    condition: Value,
    /// Whoever is in it stays, and has its id among the segments of the profile.
    #[serde(default)]
    sticky: Option<bool>,
    /// On unless said. Off: nobody is in it, and nothing is counted for it.
    #[serde(default)]
    enabled: Option<bool>,
}

/// An audience, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AudienceDocument {
    /// Stands in conditions, in events and in links.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Of whom it is to hold, as text.
    condition: String,
    /// The condition that counts at this moment; null while there is none yet.
    #[schema(required)]
    live: Option<String>,
    /// `off`, `live`, or `warming` while history is asked for what the condition needs: until then what was before
    /// counts.
    state: &'static str,
    /// How far it has come, while something is under way; until it is null, `members` may be on its way as well.
    #[schema(required)]
    progress: Option<ProgressDocument>,
    /// Whoever is in it stays.
    sticky: bool,
    /// Off: nobody is in it.
    enabled: bool,
    /// How many are in it.
    members: u64,
    /// Grows whenever it is changed; the `ETag` of the audience.
    version: i64,
    /// When it was first stored, as RFC 3339.
    created: String,
    /// When somebody changed it last.
    changed: String,
}

/// Somebody in an audience.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AudienceMember {
    /// The id that lives.
    id: String,
    /// Since when, as RFC 3339.
    since: String,
}

/// Which part of the members.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Part {
    /// At most so many; 100 unless said, 1,000 at most.
    limit: Option<usize>,
    /// The `next` of the answer before.
    cursor: Option<String>,
}

/// All audiences, with how many are in each.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/audiences", tag = "audiences", operation_id = "list_audiences",
    responses((status = 200, description = "All of them", body = All<AudienceDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<AudienceDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let (sizes, progress) = (sizes(&app).await?, progress(&app).await?);
    let all = known.all::<Audience>().into_iter();
    Ok(Json(all.map(|stored| document(stored, &sizes, progress)).collect()))
}

/// One audience.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/audiences/{id}", tag = "audiences", operation_id = "show_audience",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The audience", body = AudienceDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<AudienceDocument>, ApiError> {
    let stored = entities::one::<Audience>(&app, &id).await?;
    let (sizes, progress) = (sizes(&app).await?, progress(&app).await?);
    Ok(tagged(stored.said(), document(&stored, &sizes, progress)))
}

/// Makes or changes an audience. It counts once history was asked for what it needs; until then what was
/// before counts.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/audiences", tag = "audiences", operation_id = "put_audience",
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
    let id = entities::id(&app, posted.id.as_deref());
    let known = entities::known(&app).await?;
    let before = known.get::<Audience>(&id).map(|stored| &stored.entity);
    let now = app.clock.now();
    let (text, enabled) = (condition(&posted.condition)?, posted.enabled.unwrap_or(true));
    lists_are_there(&app, &text).await?;
    let segment = before.and_then(|before| still(before, &text));
    let audience = Audience {
        name: posted.name.trim().to_owned(),
        description: posted.description.unwrap_or_default(),
        condition: text,
        sticky: sticky(posted.sticky, segment.as_ref())?,
        segment,
        live: None,
        written: None,
        counted: CountedSince::default(),
        enabled,
        created: before.map_or(now, |before| before.created),
        changed: now,
        id,
    };
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, audience).await
}

/// Removes an audience. Everybody leaves it.
///
/// # Errors
/// 401 without a token, 404 when there is none, 409 while another audience names it.
#[utoipa::path(
    delete, path = "/api/audiences/{id}", tag = "audiences", operation_id = "remove_audience",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
        (status = 409, description = "Another audience names it; `message` says which"),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::remove::<Audience>(&app, editor, id).await
}

/// Who is in an audience, sorted by id.
///
/// # Errors
/// 401 without a token, 404 when there is no such audience.
#[utoipa::path(
    get, path = "/api/audiences/{id}/members", tag = "audiences", operation_id = "audience_members",
    params(("id" = String, Path, description = "Its id"), Part),
    responses(
        (status = 200, description = "People, and the cursor of the part after, or null",
            body = Listed<AudienceMember>),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn members(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(part): Query<Part>,
) -> Result<Json<Listed<AudienceMember>>, ApiError> {
    entities::one::<Audience>(&app, &id).await?;
    let limit = limit::rows(part.limit, (LIMIT_DEFAULT, LIMIT_MAX));
    let after = part.cursor.unwrap_or_default();
    let found = ask(&app, move |storage| storage.audience_members(&id, &after, limit + 1));
    let mut found = found.await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|row| row.profile.to_string());
    let result = found
        .into_iter()
        .map(|row| AudienceMember { id: row.profile.to_string(), since: row.since.to_string() });
    Ok(Json(Listed { result: result.collect(), next }))
}

/// What it is as a segment of the reference's: as it was, with the condition that it has now.
fn still(before: &Audience, condition: &str) -> Option<Segment> {
    let segment = before.segment.clone()?;
    if before.condition == condition {
        return Some(segment);
    }
    Some(Segment { event_types: Vec::new(), condition: condition.to_owned(), ..segment })
}

/// Whether whoever is in it stays. Of a segment its kind says so, and nobody else.
fn sticky(posted: Option<bool>, segment: Option<&Segment>) -> Result<bool, ApiError> {
    let Some(segment) = segment else { return Ok(posted.unwrap_or(false)) };
    let is_sticky = !segment.is_live;
    if posted.is_some_and(|posted| posted != is_sticky) {
        let kind = if segment.is_live { "a live segment" } else { "a segment" };
        let message = format!("sticky: must be {is_sticky}, since the audience is {kind}");
        return Err(ApiError::new(INVALID, message));
    }
    Ok(is_sticky)
}

/// The condition as text, however it was posted: as it is printed again.
pub(in crate::http) fn condition(posted: &Value) -> Result<String, ApiError> {
    let condition = read_json(posted);
    let condition = condition.map_err(|why| ApiError::new(INVALID, format!("condition: {why}")))?;
    Ok(condition.to_string())
}

/// Whether all that a condition names is there: what is checked when it is stored, of one that is not.
pub(in crate::http) async fn all_are_there(
    app: &Arc<App>,
    condition: &str,
    id: Option<&str>,
) -> Result<(), ApiError> {
    let refuse = |said: String| Err(ApiError::new(INVALID, said));
    let known = entities::known(app).await?;
    if let Some(id) = id {
        let is_live = known.get::<Audience>(id).is_some_and(|one| one.entity.is_live_segment());
        let checked = Audience::check_condition((id, condition), is_live, &known);
        checked.or_else(|misfit| refuse(misfit.to_string()))?;
    }
    let [audiences, traits] = check_condition(condition)
        .map_err(|unfit| ApiError::new(INVALID, format!("{} {}", unfit.place, unfit.wanted)))?;
    if let Some(name) = audiences.iter().find(|name| known.get::<Audience>(name).is_none()) {
        return refuse(format!("condition: there is no audience {name}"));
    }
    if let Some(name) = traits.iter().find(|name| known.get::<ComputedTrait>(name).is_none()) {
        return refuse(format!("condition: there is no computed trait {name}"));
    }
    let written = Written { place: "condition", text: condition, of_people: true };
    known.check_written(written).map_err(|misfit| ApiError::new(INVALID, misfit.to_string()))?;
    lists_are_there(app, condition).await
}

/// Lists are no part of the configuration: whether there is such a one is looked up.
pub(super) async fn lists_are_there(app: &Arc<App>, condition: &str) -> Result<(), ApiError> {
    for list in lists_of(condition) {
        let asked = list.clone();
        if ask(app, move |storage| storage.list(&asked)).await?.is_none() {
            let message = format!("condition: there is no list {list}");
            return Err(ApiError::new(INVALID, message));
        }
    }
    Ok(())
}

async fn sizes(app: &Arc<App>) -> Result<HashMap<String, u64>, ApiError> {
    Ok(ask(app, |storage| storage.audience_sizes()).await?.into_iter().collect())
}

pub(super) fn document(
    stored: &Stored<Audience>,
    sizes: &HashMap<String, u64>,
    progress: Progress,
) -> AudienceDocument {
    let one = stored.entity.as_ref();
    let is_live = one.live.as_ref() == Some(&one.condition);
    let (state, progress) = match (one.enabled, is_live) {
        (false, _) => ("off", None),
        (true, true) => ("live", of_members(progress)),
        (true, false) => ("warming", of_history(progress)),
    };
    AudienceDocument {
        id: one.id.clone(),
        name: one.name.clone(),
        description: one.description.clone(),
        condition: one.condition.clone(),
        live: one.live.clone(),
        state,
        progress,
        sticky: one.sticky,
        enabled: one.enabled,
        members: sizes.get(&one.id).copied().unwrap_or_default(),
        version: stored.said(),
        created: one.created.to_string(),
        changed: one.changed.to_string(),
    }
}

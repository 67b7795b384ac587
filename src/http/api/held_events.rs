//! `/api/held-events`: events that did not fit, to be looked at, mended and let in.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::http::admin::{ask, posted_if_any};
use crate::http::answers::{Deleted, Nothing};
use crate::http::intake::{self, Incoming, IncomingEvent, Intake, Object};
use crate::http::{ApiError, Code, SignedIn, import, limit, masked, masked_rules};
use crate::model::{HeldEvent, Map, Mark, Masking, Source, Warning, kept_type};
use crate::registry::Snapshot;
use crate::storage::Edit;

/// Events of one answer, unless said.
const LIMIT_DEFAULT: usize = 100;
/// Most events of one answer.
const LIMIT_MAX: usize = 1000;
/// Warnings that say that it does not fit yet.
const STILL: [&str; 2] = ["event_quarantined", "event_refused"];
/// The warning that says that a function has left it out, or a part of it.
const DROPPED: &str = "event_dropped";
/// The warning that says that it is kept already: there is nothing to let in.
const KEPT: &str = "event_repeated";

/// Which, and how many.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Wanted {
    /// Only those of this type.
    r#type: Option<String>,
    /// At most so many; 100 unless said, 1000 at most.
    limit: Option<usize>,
}

/// Events that are kept apart.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct HeldEvents {
    /// How many there are.
    total: u64,
    /// The newest come first.
    result: Vec<HeldEventDocument>,
}

/// An event that is kept apart.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct HeldEventDocument {
    /// Its name here.
    key: String,
    /// The client's id for it, or one that was drawn.
    id: String,
    /// What happened.
    r#type: String,
    /// Who sent it.
    source: String,
    /// The visit that it was sent with.
    #[schema(required)]
    session: Option<String>,
    /// Whose it is, by an id of the time; null of somebody of whom nothing else is known.
    #[schema(required)]
    profile: Option<String>,
    /// When it happened, as RFC 3339.
    time: String,
    /// When it was received.
    received: String,
    /// Where it does not fit, and what is wanted there.
    faults: Vec<HeldFault>,
    /// As sent.
    #[schema(value_type = BTreeMap<String, Value>)]
    properties: Map,
    /// As sent, with what the payload says of all its events.
    #[schema(value_type = BTreeMap<String, Value>)]
    context: Map,
    /// As sent.
    tags: Vec<String>,
}

/// Where an event does not fit.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct HeldFault {
    /// Where.
    place: String,
    /// What is wanted there.
    wanted: String,
}

/// How an event is mended. What is absent stays as it was sent.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Mended {
    /// Its type.
    #[serde(default)]
    r#type: Option<String>,
    /// All of its properties.
    #[serde(default)]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    properties: Option<Map>,
}

/// What became of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct LetIn {
    /// It is kept as any other, and not apart any more. One that is kept already is not let in again: the
    /// warning `event_repeated` says so, and it does not wait any more.
    released: bool,
    /// What was found wrong with it.
    warnings: Vec<HeldWarning>,
}

/// Something that was found wrong.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct HeldWarning {
    /// Stable, for programs.
    code: &'static str,
    /// A sentence.
    message: String,
}

/// Events that are kept apart, the newest first. Needs `events:read` as well.
///
/// # Errors
/// 401 without a token, 403 for whoever may not read events.
#[utoipa::path(
    get, path = "/api/held-events", tag = "rules", params(Wanted),
    operation_id = "list_held_events",
    responses((status = 200, description = "Those", body = HeldEvents)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(Wanted { r#type, limit }): Query<Wanted>,
) -> Result<Json<HeldEvents>, ApiError> {
    let limit = limit::rows(limit, (LIMIT_DEFAULT, LIMIT_MAX));
    let kind = r#type.as_deref().map(kept_type);
    let asked = ask(&app, move |storage| storage.held_events(kind.as_deref(), limit));
    let (rows, total) = asked.await?;
    let masking = masked::from(&app, &user);
    let result = rows.into_iter().map(|row| document(row, &masking)).collect();
    Ok(Json(HeldEvents { total, result }))
}

/// One of them. Needs `events:read` as well.
///
/// # Errors
/// 401 without a token, 403 for whoever may not read events, 404 when there is none.
#[utoipa::path(
    get, path = "/api/held-events/{key}", tag = "rules", operation_id = "show_held_event",
    params(("key" = String, Path, description = "Its name here")),
    responses(
        (status = 200, description = "The event", body = HeldEventDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(key): Path<String>,
) -> Result<Json<HeldEventDocument>, ApiError> {
    let row = one(&app, key).await?;
    Ok(Json(document(row, &masked::from(&app, &user))))
}

/// Lets an event in, mended or as it is: it is received now, and happened when it did. It is believed as
/// far as its source is. One that does not fit yet stays where it is, as it was mended; one that is kept already
/// is not let in again, and waits no more. Without a body it is let in as it is.
///
/// # Errors
/// 401 without a token, 404 when there is none, and what `POST /track` is refused with.
#[utoipa::path(
    post, path = "/api/held-events/{key}/release", tag = "rules", operation_id = "release_held_event",
    params(("key" = String, Path, description = "Its name here")),
    request_body(content = Option<Mended>),
    responses(
        (status = 200, description = "What became of it", body = LetIn),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn release(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(key): Path<String>,
    body: Body,
) -> Result<Json<LetIn>, ApiError> {
    let what = "mended event";
    let mut mended: Mended = posted_if_any(&app, &headers, body, Code::RuleInvalid, what).await?;
    let held = one(&app, key.clone()).await?;
    let posted = mended.properties.take();
    mended.properties = posted.map(|all| with_hidden(&app, &user, &held, all)).transpose()?;
    let known = app.registry.now();
    let (headers, door) = (HeaderMap::new(), import::door_of(source(&known, &held)));
    let intake = Intake::begin(&app, &headers, None, door).handed_in().recorded();
    let (mark, incoming) = (held.mark, incoming(held, mended));
    let answered = intake::take_one(&app, async { intake.understand(incoming) }).await;
    let answered = answered.map_err(not_let_in)?;
    let warnings = answered.map_or_else(|| vec![nothing_left()], |response| response.warnings);
    let says = |codes: &[&str]| warnings.iter().any(|warning| codes.contains(&warning.code));
    let waits = says(&STILL) || says(&[DROPPED]) && !says(&[KEPT]) && !is_kept(&app, mark).await?;
    let released = !waits && !says(&[KEPT]);
    if !waits {
        app.committer.edit(Edit::LetGo(key)).await?;
    }
    let warnings = warnings
        .into_iter()
        .map(|warning| HeldWarning { code: warning.code, message: warning.message.into_owned() });
    Ok(Json(LetIn { released, warnings: warnings.collect() }))
}

/// Throws an event away.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/api/held-events/{key}", tag = "rules", operation_id = "remove_held_event",
    params(("key" = String, Path, description = "Its name here")),
    responses(
        (status = 200, description = "It is gone", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    one(&app, key.clone()).await?;
    app.committer.edit(Edit::LetGo(key)).await?;
    Ok(Json(Deleted { deleted: 1 }))
}

async fn one(app: &Arc<App>, key: String) -> Result<HeldEvent, ApiError> {
    let found = ask(app, move |storage| storage.held_event(&key)).await?;
    found.ok_or_else(ApiError::not_found)
}

/// What was posted by whoever was shown `***` in the place of what is kept, with that.
fn with_hidden(app: &App, user: &SignedIn, held: &HeldEvent, posted: Map) -> Result<Map, ApiError> {
    if masked::may_see(user) {
        return Ok(posted);
    }
    let (mut posted, kept) = (Value::Object(posted), Value::Object(held.properties.read()));
    let shown = document(held.clone(), &masked::from(app, user));
    let mut shown = serde_json::to_value(shown).map_err(|_| Code::Defect)?;
    masked_rules::hide(app, user, &mut shown);
    let known = (&shown["properties"], &kept);
    masked::put_back(app, user, Code::RuleInvalid, &mut posted, known)?;
    let Value::Object(posted) = posted else { return Err(Code::Defect.into()) };
    Ok(posted)
}

fn source<'a>(known: &'a Snapshot, held: &HeldEvent) -> Option<&'a Arc<Source>> {
    known.get::<Source>(held.source.as_str()).map(|stored| &stored.entity)
}

/// What its source is refused with is no word about whoever lets it in: they are known.
fn not_let_in(error: ApiError) -> ApiError {
    if error.code.status() != StatusCode::UNAUTHORIZED {
        return error;
    }
    let message = format!("Not let in, since its source would not be: {}", error.told());
    ApiError::new(Code::RuleInvalid, message)
}

/// Whether anything is kept under its id: functions may have left nothing of it.
async fn is_kept(app: &App, mark: Mark) -> Result<bool, ApiError> {
    Ok(app.committer.are_kept(vec![mark]).await?)
}

/// What is told where functions leave nothing of it: it is not lost, and waits.
fn nothing_left() -> Warning {
    Warning::new(DROPPED, "a function has left the event out")
}

/// As it was sent, with what its sender asked for, and whose it was then.
fn incoming(held: HeldEvent, mended: Mended) -> Incoming<'static> {
    let properties = mended.properties.map_or(Object::Kept(held.properties), Object::Map);
    let event = IncomingEvent {
        kind: Cow::Owned(mended.r#type.unwrap_or(held.kind)),
        id: Some(Cow::Owned(held.id.to_string())),
        time: Some(held.time),
        properties,
        config: Object::Kept(held.config),
        request: Object::Kept(held.request),
        options: held.options,
        tags: held.tags,
        ..IncomingEvent::default()
    };
    Incoming {
        source: Cow::Owned(held.source.to_string()),
        session: held.session.map(|id| Cow::Owned(id.to_string())),
        profile: held.profile.map(|id| Cow::Owned(id.to_string())),
        context: Object::Kept(held.context),
        options: held.asked,
        events: vec![event],
        ..Incoming::default()
    }
}

pub(super) fn document(held: HeldEvent, masking: &Masking) -> HeldEventDocument {
    let (mut properties, mut context) = (held.properties.read(), held.context.read());
    masking.hide_in("properties", &mut properties);
    masking.hide_in("context", &mut context);
    HeldEventDocument {
        key: held.key(),
        id: held.id.to_string(),
        r#type: held.kind,
        source: held.source.to_string(),
        session: held.session.map(|id| id.to_string()),
        profile: held.profile.map(|id| id.to_string()),
        time: held.time.to_string(),
        received: held.received_at.to_string(),
        faults: held
            .faults
            .into_iter()
            .map(|(place, wanted)| HeldFault { place, wanted })
            .collect(),
        properties,
        context,
        tags: held.tags,
    }
}

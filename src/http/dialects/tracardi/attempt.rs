//! `POST /api/rules/try`: what rules would make of a payload, without doing it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::assumed::{Consent, assumed};
use super::preview::is_about_people;
use super::{translate, wire};
use crate::app::App;
use crate::committer::Turn;
use crate::events::{Rows, whole};
use crate::http::admin::drafts::Drafts;
use crate::http::admin::{Sent, of_parts};
use crate::http::body;
use crate::http::code::Code;
use crate::http::documents::{self, EventDocument};
use crate::http::error::ApiError;
use crate::http::intake::{Bounds, Call, Intake, called};
use crate::http::{SignedIn, masked};
use crate::model::{Bridge, Event, Masking, Profile, Warning};
use crate::processing::ProfileChange;

/// What is posted.
const WHAT: &str = "payload with rules to try on it";

/// A payload, and rules to try on it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    payload: Box<RawValue>,
    #[serde(default)]
    rules: Option<Drafts>,
    /// By consent: what the person is taken to have said, in place of all that they have.
    #[serde(default)]
    consents: Option<BTreeMap<String, Consent>>,
}

/// What would become of a payload.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tried {
    /// One for each person who follows another in it; most payloads have one.
    turns: Vec<TriedTurn>,
    /// What would be found wrong.
    warnings: Vec<TriedWarning>,
}

/// What would become of what one person says.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TriedTurn {
    /// Whose the events would be: of somebody `known`, of somebody `new`, of somebody who is only
    /// named (`linked`), or `nobody`'s.
    person: &'static str,
    /// Their id; null when they are new, or nobody.
    #[schema(required)]
    profile: Option<String>,
    /// Ids of the people who would become one with them, before anything else is made of it.
    unites: Vec<String>,
    /// The events that would be kept, as they would be shown, those that Kith adds at the end.
    events: Vec<EventDocument>,
    /// Where the profile would be another, sorted by place.
    changes: Vec<TriedChange>,
}

/// A place of the profile document that would have another value.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TriedChange {
    /// Where.
    place: String,
    /// The value now; null where there is none.
    before: Value,
    /// The value then.
    after: Value,
}

/// Something that would be found wrong.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TriedWarning {
    /// Stable, for programs.
    code: &'static str,
    /// A sentence.
    message: String,
    /// The event concerned, if it is one.
    #[schema(required)]
    event_id: Option<String>,
}

/// Says what the rules would make of a payload: the events as they would be kept, and what of the
/// profile would change. `{"payload": …, "rules": {"event_types": […], "event_to_profile": […]}}` does
/// it as if these rules, each as it is posted to its own address, were stored and on, and `consents`
/// as if the person had said just that: `{"ads": true, "news": {"purposes": ["marketing"]}}`. Nothing is
/// kept.
/// It counts as one of what its source may send. A payload of somebody who is known needs `profiles:read` as
/// well: what would change says what is there.
///
/// # Errors
/// As `POST /track`, 403 for a payload of somebody who is known from whoever may not read people, and 422 when a
/// rule does not fit.
#[utoipa::path(
    post, path = "/api/rules/try", tag = "rules", operation_id = "try_rules",
    request_body(content = Value, description = "A payload and rules", content_type = "application/json"),
    responses((status = 200, description = "What would become of it", body = Tried)),
)]
pub(crate) async fn attempt(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Call { peer, headers, body, .. }: Call,
) -> Result<Json<Tried>, ApiError> {
    let limits = &app.config.limits;
    let body = body::read(&headers, body, &app).await?;
    let Posted { payload, rules, consents } = of_parts(&body, Code::RuleInvalid, Sent::body(WHAT))?;
    let mut intake = Intake::begin(&app, &headers, peer, Bridge::Rest).handed_in();
    if let Some(rules) = rules {
        let would_be = rules.over(&app, &intake.known, &user)?;
        intake = intake.under(would_be);
    }
    let ready = wire::read(payload.get().as_bytes(), &Bounds::from(limits), |wire| {
        intake.understand(translate::incoming(wire, limits.json_depth_max))
    })??;
    let Some(admitted) = called(&app, ready).await? else {
        return Ok(Json(Tried { turns: Vec::new(), warnings: Vec::new() }));
    };
    let mut payload = admitted.into_payload();
    payload.assumes = consents.map(|said| assumed(said, &payload)).transpose()?;
    let looked = app.committer.preview(payload).await?.take();
    if looked.iter().any(|turn| turn.was.is_some() || is_about_people(&turn.decision)) {
        user.looks_at_people()?;
    }
    let masking = masked::from(&app, &user);
    let warnings = looked.iter().flat_map(|turn| &turn.after.warnings).map(warning).collect();
    let turns = looked.into_iter().map(|turn| shown(turn, &masking)).collect();
    Ok(Json(Tried { turns, warnings }))
}

fn shown(turn: Turn, masking: &Masking) -> TriedTurn {
    let Turn { decision, was, after } = turn;
    let whose = &decision.whose;
    TriedTurn {
        person: whose.name(),
        profile: whose.profile().filter(|_| whose.is_known()).map(ToString::to_string),
        unites: decision.merges.iter().map(|union| union.loser.to_string()).collect(),
        events: after.events.iter().filter_map(|event| document(event, masking)).collect(),
        changes: match after
            .profile
            .as_deref()
            .filter(|_| after.profile_change != ProfileChange::None)
        {
            Some(then) => changes(was.as_deref(), then, masking),
            None => Vec::new(),
        },
    }
}

/// The event by way of its line in the tail, as whoever asks for it later would see it.
fn document(event: &Event, masking: &Masking) -> Option<EventDocument> {
    let mut rows = Rows::default();
    rows.push(event).ok()?;
    let mut columns = whole(&rows.lines)?;
    masking.hide_columns(&mut columns);
    Some(documents::event(columns))
}

fn changes(was: Option<&Profile>, then: &Profile, masking: &Masking) -> Vec<TriedChange> {
    let leaves = |profile: &Profile| {
        let document = documents::profile(profile).masked(masking);
        let mut leaves = BTreeMap::new();
        let value = serde_json::to_value(document).unwrap_or_default();
        collect(&value, String::new(), &mut leaves);
        leaves
    };
    let mut before = was.map(leaves).unwrap_or_default();
    let mut after = leaves(then);
    let mut places: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    places.sort_unstable();
    places.dedup();
    let change = places.into_iter().map(|place| {
        let (before, after) = (before.remove(&place), after.remove(&place));
        TriedChange { before: before.unwrap_or_default(), after: after.unwrap_or_default(), place }
    });
    // The log of changes says again what stands there, and a new profile has hundreds of empty places. When somebody
    // was changed says whether a guess of what is hidden is right.
    let hides = *masking != Masking::default();
    let is_news = |change: &TriedChange| {
        let says_again = change.place.starts_with("metadata.fields.");
        let tells = hides && change.place == "metadata.time.update";
        change.before != change.after && !says_again && !tells
    };
    change.filter(is_news).collect()
}

/// Every value at the end of a way of objects; lists are values. What is empty is as if it were not
/// there.
fn collect(value: &Value, place: String, leaves: &mut BTreeMap<String, Value>) {
    match value {
        // A consent for good has no end, and nothing else.
        Value::Object(map) if is_consent(&place) && map.values().all(Value::is_null) => {
            leaves.insert(place, value.clone());
        }
        Value::Object(map) => {
            for (key, value) in map {
                let dot = if place.is_empty() { "" } else { "." };
                collect(value, format!("{place}{dot}{key}"), leaves);
            }
        }
        Value::Null => {}
        Value::Array(list) if list.is_empty() => {}
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            leaves.insert(place, value.clone());
        }
    }
}

fn is_consent(place: &str) -> bool {
    place.starts_with("consents.")
}

fn warning(warning: &Warning) -> TriedWarning {
    TriedWarning {
        code: warning.code,
        message: warning.message.to_string(),
        event_id: warning.event.as_ref().map(ToString::to_string),
    }
}

//! In which audiences somebody is and why, what is computed of them, and what a condition would say.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::audiences::{Done, Part, Rules, Why};
use crate::http::admin::person;
use crate::http::answers::Nothing;
use crate::http::{ApiError, SignedIn, masked};
use crate::model::{Masking, Membership, Profile, Time};
use crate::warming::{self, EventsSeen};

/// Where somebody stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct StandingDocument {
    /// The id that lives.
    id: String,
    /// Every audience, sorted by id.
    audiences: Vec<InAudience>,
    /// What is computed of them, at this moment.
    #[schema(value_type = BTreeMap<String, Value>)]
    computed: BTreeMap<String, Value>,
    /// Which of that is a guess, since there are more events than are known one by one.
    approximate: Vec<String>,
}

/// Whether somebody is in an audience.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct InAudience {
    /// Which.
    id: String,
    /// In, or out.
    is_in: bool,
    /// Since when they are in, or null.
    #[schema(required)]
    since: Option<String>,
    /// The event that brought them in; null where it was time, a merger or the rule.
    #[schema(required)]
    event: Option<String>,
    /// When it may be otherwise, should nothing happen; or null.
    #[schema(required)]
    changes: Option<String>,
    why: WhyDocument,
}

/// A part of a condition, held against somebody. What does not hold is what is missing.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WhyDocument {
    /// As text; `***` where any of it looks at what is hidden from whoever asks.
    text: String,
    /// Whether it is so; null where it is hidden.
    #[schema(required)]
    holds: Option<bool>,
    /// `all`, `any` or `not` of the parts; null where there are none.
    #[schema(required)]
    of: Option<&'static str>,
    /// What it is made of.
    #[schema(no_recursion)]
    parts: Vec<WhyDocument>,
    /// What they did, where it is about that.
    #[schema(required)]
    did: Option<DoneDocument>,
}

/// What somebody did, as far as it counts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DoneDocument {
    /// The type of the events.
    event_type: String,
    /// So often is asked for.
    wanted: u16,
    /// So often it was, as far as that is counted.
    found: usize,
    /// When those that count happened, the last one first, as RFC 3339.
    at: Vec<String>,
    /// Those events, in the same order.
    events: Vec<SeenDocument>,
}

/// An event that counts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AudienceEventSeen)]
#[serde(deny_unknown_fields)]
struct SeenDocument {
    /// Its id; null where history does not have it any more.
    #[schema(required)]
    id: Option<String>,
    /// Its type.
    r#type: String,
    /// When it happened, as RFC 3339.
    at: String,
}

/// In which audiences somebody is and why, what is missing where they are not, and what is computed of them.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere.
#[utoipa::path(
    get, path = "/api/profiles/{id}/audiences", tag = "audiences", operation_id = "profile_audiences",
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 200, description = "Where they stand", body = StandingDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<StandingDocument>, ApiError> {
    let profile = person(&app, id).await?;
    let profile = profile.ok_or_else(ApiError::not_found)?;
    let snapshot = app.registry.now();
    let rules = snapshot.audiences().cloned().unwrap_or_default();
    let hidden = masked::from(&app, &user);
    let now = app.clock.now();
    let mut whys: Vec<(&str, Why)> = rules
        .ids()
        .filter_map(|id| Some((&**id, rules.why(id, &profile, now, &hidden)?)))
        .collect();
    whys.sort_by_key(|(id, _)| *id);
    let parts: Vec<&Part> = whys.iter().map(|(_, why)| &why.part).collect();
    let events = warming::events_of(&app, ids_of(&profile).collect(), &parts).await?;
    let audiences = whys.into_iter().map(|(id, why)| {
        let why = (why.changes, document(why.part, &events));
        in_audience(id, profile.audiences.get(id), why)
    });
    Ok(Json(standing((&rules, &profile, now), &hidden, audiences.collect())))
}

/// Every id under which somebody may have done something.
pub(super) fn ids_of(profile: &Profile) -> impl Iterator<Item = String> {
    profile.ids.iter().map(ToString::to_string)
}

fn standing(
    (rules, profile, now): (&Rules, &Profile, Time),
    hidden: &Masking,
    audiences: Vec<InAudience>,
) -> StandingDocument {
    let computed = rules.computed_of(profile, now, hidden);
    let is_guess = |id: &&String| {
        rules.computed(id).is_some_and(|computed| !computed.is_exact(rules, profile))
    };
    StandingDocument {
        id: profile.id.to_string(),
        audiences,
        approximate: computed.keys().filter(is_guess).cloned().collect(),
        computed,
    }
}

fn in_audience(
    id: &str,
    membership: Option<&Membership>,
    (changes, why): (Option<Time>, WhyDocument),
) -> InAudience {
    InAudience {
        id: id.to_owned(),
        is_in: membership.is_some(),
        since: membership.map(|one| one.since.to_string()),
        event: membership.and_then(|one| one.event.as_ref()).map(ToString::to_string),
        changes: changes.map(|at| at.to_string()),
        why,
    }
}

pub(super) fn document(part: Part, known: &EventsSeen) -> WhyDocument {
    let (of, parts) = part.of.map_or((None, Vec::new()), |(of, parts)| (Some(of), parts));
    WhyDocument {
        text: part.text,
        holds: part.holds,
        of,
        parts: parts.into_iter().map(|part| document(part, known)).collect(),
        did: part.did.map(|did| done(did, known)),
    }
}

fn done(did: Done, known: &EventsSeen) -> DoneDocument {
    let events = did.seen.into_iter().map(|(kind, sighting)| SeenDocument {
        id: known.id(&kind, &sighting),
        at: sighting.at.to_string(),
        r#type: kind,
    });
    let events: Vec<SeenDocument> = events.collect();
    DoneDocument {
        event_type: did.kind,
        wanted: did.wanted,
        found: did.found,
        at: events.iter().map(|event| event.at.clone()).collect(),
        events,
    }
}

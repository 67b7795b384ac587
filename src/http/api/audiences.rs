//! In which audiences somebody is and why, what is computed of them, and what a condition would say.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::App;
use crate::audiences::{Part, Rules, Why};
use crate::http::admin::audience::{INVALID, condition};
use crate::http::admin::{ask, posted};
use crate::http::answers::Nothing;
use crate::http::{ApiError, SignedIn, masked};
use crate::model::{Masking, Membership, Profile, Time};
use crate::warming::{self, NotWarmed};

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
struct WhyDocument {
    /// As text.
    text: String,
    /// Whether it is so.
    holds: bool,
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
    let profile = ask(&app, move |storage| storage.profile(&id)).await?;
    let profile = profile.ok_or_else(ApiError::not_found)?;
    let snapshot = app.registry.now();
    let rules = snapshot.audiences().cloned().unwrap_or_default();
    let hidden = masked::from(&app, &user);
    Ok(Json(standing(&rules, &profile, app.clock.now(), &hidden)))
}

fn standing(rules: &Rules, profile: &Profile, now: Time, hidden: &Masking) -> StandingDocument {
    let mut audiences: Vec<InAudience> = rules
        .ids()
        .filter_map(|id| {
            let why = rules.why(id, profile, now)?;
            Some(in_audience(id, profile.audiences.get(id), why))
        })
        .collect();
    audiences.sort_by(|one, other| one.id.cmp(&other.id));
    let computed = rules.computed_of(profile, now, hidden);
    let is_guess = |id: &&String| {
        rules.computed(id).is_some_and(|computed| !computed.is_exact(&profile.tallies))
    };
    StandingDocument {
        id: profile.id.to_string(),
        audiences,
        approximate: computed.keys().filter(is_guess).cloned().collect(),
        computed,
    }
}

fn in_audience(id: &str, membership: Option<&Membership>, why: Why) -> InAudience {
    InAudience {
        id: id.to_owned(),
        is_in: membership.is_some(),
        since: membership.map(|one| one.since.to_string()),
        event: membership.and_then(|one| one.event.as_ref()).map(ToString::to_string),
        changes: why.changes.map(|at| at.to_string()),
        why: document(why.part),
    }
}

fn document(part: Part) -> WhyDocument {
    let (of, parts) = part.of.map_or((None, Vec::new()), |(of, parts)| (Some(of), parts));
    WhyDocument {
        text: part.text,
        holds: part.holds,
        of,
        parts: parts.into_iter().map(document).collect(),
        did: part.did.map(|did| DoneDocument {
            event_type: did.kind,
            wanted: did.wanted,
            found: did.found,
            at: did.sightings.iter().map(|sighting| sighting.at.to_string()).collect(),
        }),
    }
}

/// A condition that is to be tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AudienceTried)]
pub(in crate::http) struct Tried {
    /// A text, or the same as JSON.
    condition: Value,
    /// The audience that it would be of, where there is one: who would enter it, and who would leave.
    #[serde(default)]
    id: Option<String>,
}

/// What a condition would say of everybody.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct AudiencePreview {
    /// The condition as it would be stored.
    condition: String,
    /// People who were looked at.
    people: u64,
    /// Of whom it holds.
    members: u64,
    /// Of those, who are not in the audience now.
    enter: u64,
    /// Who are in the audience now, and would not be.
    leave: u64,
    /// There are more people than are looked at for whoever waits.
    is_cut: bool,
    /// Some of whom it holds.
    sample: Vec<SampleDocument>,
}

/// Somebody of whom it holds.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SampleDocument {
    /// The id that lives.
    id: String,
    why: WhyDocument,
}

/// What a condition would say now of everybody, over all of history. Nothing is stored.
///
/// # Errors
/// 401 without a token, 422 for what cannot be read, 503 when history cannot be asked now.
#[utoipa::path(
    post, path = "/api/audiences/preview", tag = "audiences", operation_id = "preview_audience",
    request_body(content = Tried),
    responses(
        (status = 200, description = "So many, and some of them", body = AudiencePreview),
        (status = 422, description = "It cannot be read"),
    ),
)]
pub(in crate::http) async fn preview(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<AudiencePreview>, ApiError> {
    let tried: Tried = posted(&app, &headers, body, INVALID, "condition").await?;
    let condition = condition(&tried.condition)?;
    crate::audiences::check_condition(&condition)
        .map_err(|unfit| ApiError::new(INVALID, format!("{} {}", unfit.place, unfit.wanted)))?;
    let previewed = warming::preview(&app, &condition, tried.id.as_deref().unwrap_or_default());
    let preview = previewed.await.map_err(refusal)?;
    let preview = preview.map_err(|why| ApiError::new(INVALID, format!("condition: {why}")))?;
    let sample = preview
        .sample
        .into_iter()
        .map(|one| SampleDocument { id: one.profile.id.to_string(), why: document(one.why.part) });
    Ok(Json(AudiencePreview {
        condition,
        people: preview.people,
        members: preview.members,
        enter: preview.enter,
        leave: preview.leave,
        is_cut: preview.is_cut,
        sample: sample.collect(),
    }))
}

fn refusal(why: NotWarmed) -> ApiError {
    match why {
        NotWarmed::Unavailable(why) => why.into(),
        NotWarmed::Storage(error) => error.into(),
        NotWarmed::Lake(error) => error.into(),
    }
}

//! What a condition would say of everybody: tried on history before anybody is in.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::audiences::{WhyDocument, document, ids_of};
use crate::app::App;
use crate::http::admin::audience::{INVALID, all_are_there, condition};
use crate::http::admin::posted;
use crate::http::{ApiError, SignedIn, masked};
use crate::warming::{self, NotWarmed};

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
    /// Who are in the audience now, and would not be; 0 of a sticky one.
    leave: u64,
    /// There are more people than are looked at for whoever waits.
    is_cut: bool,
    /// Some of whom it holds; none for whoever may not read people (`profiles:read`).
    sample: Vec<SampleDocument>,
    /// Of how many it held thirty days ago.
    month_ago: MonthAgo,
}

/// What it is compared with: of what people had done by then, with the rest of them as it is now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AudienceMonthAgo)]
#[serde(deny_unknown_fields)]
struct MonthAgo {
    /// When, as RFC 3339.
    at: String,
    /// Of whom it held.
    members: u64,
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
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<AudiencePreview>, ApiError> {
    let tried: Tried = posted(&app, &headers, body, INVALID, "condition").await?;
    let condition = condition(&tried.condition)?;
    all_are_there(&app, &condition, tried.id.as_deref()).await?;
    masked::refuse(&app, &user, INVALID, ("condition", &condition))?;
    let previewed = warming::preview(&app, &condition, tried.id.as_deref().unwrap_or_default());
    let preview = previewed.await.map_err(refusal)?;
    let mut preview = preview.map_err(|why| ApiError::new(INVALID, format!("condition: {why}")))?;
    if user.looks_at_people().is_err() {
        preview.sample.clear();
    }
    let ids = preview.sample.iter().flat_map(|one| ids_of(&one.profile)).collect();
    let parts: Vec<_> = preview.sample.iter().map(|one| &one.why.part).collect();
    let known = warming::events_of(&app, ids, &parts).await?;
    let sample = preview.sample.into_iter().map(|one| {
        let id = one.profile.id.to_string();
        SampleDocument { id, why: document(one.why.part, &known) }
    });
    Ok(Json(AudiencePreview {
        condition,
        people: preview.people,
        members: preview.members,
        enter: preview.enter,
        leave: preview.leave,
        is_cut: preview.is_cut,
        sample: sample.collect(),
        month_ago: MonthAgo { at: preview.then.to_string(), members: preview.members_then },
    }))
}

pub(in crate::http) fn refusal(why: NotWarmed) -> ApiError {
    match why {
        NotWarmed::Unavailable(why) => why.into(),
        NotWarmed::Storage(error) => error.into(),
        NotWarmed::Lake(error) => error.into(),
    }
}

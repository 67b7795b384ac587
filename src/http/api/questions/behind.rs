//! `POST /api/people/behind`: whoever is behind a number of any question.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::number::Of;
use crate::app::App;
use crate::http::api::page::part;
use crate::http::ask::{Asked, history};
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{self as asked, BehindRow};

/// Which number, and which part of the people behind it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PeopleBehind)]
pub(in crate::http) struct Posted {
    /// A question as it was asked, and which of its numbers.
    of: Of,
    /// At most so many; 20 unless said, 1000 at most.
    limit: Option<usize>,
    /// The `next` of the answer before.
    cursor: Option<String>,
}

/// The people behind a number.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct People {
    /// How many there are in all.
    total: u64,
    /// At most as many as were asked for.
    result: Vec<BehindRow>,
    /// The cursor of the part after, or null at the end.
    #[schema(required)]
    next: Option<String>,
}

/// The people behind a number of any question, those seen last first.
///
/// # Errors
/// 401 without a token, 422 for a question that cannot be read, or a number that it does not have.
#[utoipa::path(
    post, path = "/api/people/behind", tag = "history", request_body(content = Posted),
    responses((status = 200, description = "How many there are, some of them, and the cursor of the page after, or null", body = People)),
)]
pub(in crate::http) async fn ask(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Asked(posted): Asked<Posted>,
) -> Result<Json<People>, ApiError> {
    let part = part(posted.limit, posted.cursor.as_deref())?;
    let of = posted.of.read(&app).await?;
    let asked::BehindPage { total, page } =
        history(&app, &user, asked::Behind { of, part }).await?;
    Ok(Json(People { total, result: page.rows, next: page.next.map(|next| next.to_string()) }))
}

//! What a person has agreed to, shown as proof.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};

use crate::app::App;
use crate::http::admin::ask;
use crate::http::answers::Nothing;
use crate::http::documents::{self, ConsentsDocument};
use crate::http::{ApiError, SignedIn, masked};

/// Where each consent of a person stands, and the words that made it so: who granted or denied what,
/// when, by which event and source, and under which version of the text.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere.
#[utoipa::path(
    get, path = "/api/profiles/{id}/consents", tag = "profiles",
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 200, description = "The consents", body = ConsentsDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<ConsentsDocument>, ApiError> {
    let profile = ask(&app, move |storage| storage.profile(&id)).await?;
    let profile = profile.ok_or_else(ApiError::not_found)?;
    Ok(Json(documents::consents(&profile, app.clock.now(), &masked::from(&app, &user))))
}

//! What administrators ask and change: the reference's addresses, one file per resource.
//!
//! See docs/wire.md §8.

mod entities;
mod sign_in;
pub(super) mod audit;
pub(super) mod info;
pub(super) mod user;
pub(super) mod user_account;
pub(super) mod users;
pub(super) mod keys;
pub(super) mod oidc;
pub(super) mod event_source;
pub(super) mod event_redirect;
pub(super) mod namespace;
pub(super) mod identity;
pub(super) mod quarantine;
pub(super) mod profile;
pub(super) mod session;
pub(super) mod event;
pub(super) mod select;

use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;

use super::answers::Count;
use super::{ApiError, Code, body};
use crate::app::App;
use crate::storage::{Counted, Storage, StorageError};

/// Asks the storage on a thread that may block.
pub(in crate::http) async fn ask<T: Send + 'static>(
    app: &Arc<App>,
    question: impl FnOnce(&dyn Storage) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, ApiError> {
    let storage = Arc::clone(&app.storage);
    let answered = tokio::task::spawn_blocking(move || question(storage.as_ref())).await;
    match answered {
        Ok(answer) => Ok(answer?),
        Err(error) => Err(StorageError::Failed(error.to_string()).into()),
    }
}

/// The id that lives of whoever has this one; the id itself when nobody has.
pub(in crate::http) async fn living(app: &Arc<App>, id: String) -> Result<String, ApiError> {
    let named = id.clone();
    let person = ask(app, move |storage| storage.profile(&named)).await?;
    Ok(person.map_or(id, |person| person.id.to_string()))
}

/// What was posted, as `what` is to be; `code` is the refusal's when it is none. It says only the place:
/// the parser's own words may hold what was posted.
pub(in crate::http) async fn posted<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    code: Code,
    what: &str,
) -> Result<T, ApiError> {
    let body = body::read(headers, body, app).await?;
    serde_json::from_slice(&body).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        ApiError::new(code, format!("The body is no {what}: see {place}."))
    })
}

/// How many there are.
async fn count(app: &Arc<App>, what: Counted) -> Result<axum::Json<Count>, ApiError> {
    let count = ask(app, move |storage| storage.count(what)).await?;
    Ok(axum::Json(Count { count }))
}

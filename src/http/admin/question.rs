//! `/api/saved-questions`: questions that people have kept, for themselves and for others.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Editor, Tagged, tagged};
use super::{Kind, configured, kept};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, Code, SignedIn};
use crate::model::SavedQuestion;
use crate::registry::Stored;

/// The code of a question that does not fit.
const INVALID: Code = Code::SavedInvalid;

const KIND: Kind = Kind {
    what: "saved question",
    invalid: INVALID,
    idle: &["owner", "version", "created", "changed"],
};

/// A question as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = QuestionPosted)]
pub(in crate::http) struct Posted {
    /// Drawn when absent.
    id: Option<String>,
    /// For people.
    name: String,
    /// For people.
    #[serde(default)]
    note: Option<String>,
    /// The screen of the console that asks it: `trends`, `funnel`, `sql`.
    view: String,
    /// What the screen shows, as its address has it: `{"series": "type = order", "by": "source"}`.
    #[serde(default)]
    state: Option<BTreeMap<String, String>>,
}

/// A saved question, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct QuestionDocument {
    /// Stands in links.
    id: String,
    /// For people.
    name: String,
    /// For people.
    note: String,
    /// Who may change it, beside administrators.
    owner: String,
    /// The screen that asks it.
    view: String,
    /// What the screen shows, as its address has it.
    state: BTreeMap<String, String>,
    /// Grows whenever it is changed; the `ETag` of the question.
    version: i64,
    /// When it was first saved, as RFC 3339.
    created: String,
    /// When it was saved last.
    changed: String,
}

/// All saved questions, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/saved-questions", tag = "saved", operation_id = "list_questions",
    responses((status = 200, description = "All of them", body = All<QuestionDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<QuestionDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<SavedQuestion>().into_iter().map(document).collect()))
}

/// One saved question.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/saved-questions/{id}", tag = "saved", operation_id = "show_question",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The question", body = QuestionDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<QuestionDocument>, ApiError> {
    let stored = entities::one::<SavedQuestion>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Saves a question, or changes one. Whoever saves it first owns it.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 422 when it does not fit, 503 when nothing
/// can be stored now.
#[utoipa::path(
    post, path = "/api/saved-questions", tag = "saved", operation_id = "put_question",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is saved", body = Saved),
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
    let before = known.get::<SavedQuestion>(&id).map(|stored| &stored.entity.about);
    let about = kept::about(&app, &user, (&posted.name, posted.note), before)?;
    let state = posted.state.unwrap_or_default();
    let question = SavedQuestion { id, about, view: posted.view, state };
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, question).await
}

/// Removes a saved question.
///
/// # Errors
/// 401 without a token, 403 when it belongs to somebody else, 404 when there is none, 409 while a
/// dashboard shows it.
#[utoipa::path(
    delete, path = "/api/saved-questions/{id}", tag = "saved", operation_id = "remove_question",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
        (status = 409, description = "A dashboard shows it; `message` says which"),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    kept::remove::<SavedQuestion>(&app, &user, &headers, id, |one| &one.about.owner).await
}

fn document(stored: &Stored<SavedQuestion>) -> QuestionDocument {
    let SavedQuestion { id, about, view, state } = stored.entity.as_ref().clone();
    QuestionDocument {
        id,
        name: about.name,
        note: about.note,
        owner: about.owner,
        view,
        state,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}

//! What all kinds of configuration have in common over HTTP: versions, refusals, waiting.
//!
//! A read says the entity's version as its `ETag`; a write may say in `If-Match` which version it is
//! based on, and is refused when that is no longer the one (RFC 9110 §13.1.1).

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::app::App;
use crate::http::answers::{Deleted, Saved};
use crate::http::{ApiError, Code, SignedIn, Who, masked};
use crate::registry::{Author, Entity, Misfit, NotSaved, Registry, Snapshot, Stored};
use crate::storage::StorageError;

/// An answer, and the version of what it shows.
pub(in crate::http) type Tagged<T> = ([(HeaderName, HeaderValue); 1], Json<T>);

/// Somebody who changes something, and what their request says.
pub(super) struct Editor<'a> {
    pub(super) user: &'a SignedIn,
    pub(super) headers: &'a HeaderMap,
    /// The refusal's code for what does not fit.
    pub(super) invalid: Code,
}

/// What is done to an entity that is no more.
const REMOVED: &str = "removed";

/// The configuration, whoever has changed it last.
pub(super) async fn known(app: &Arc<App>) -> Result<Arc<Snapshot>, ApiError> {
    Ok(block(app, |registry| registry.renew().map(|()| registry.now())).await??)
}

/// One entity.
pub(in crate::http) async fn one<T: Entity>(
    app: &Arc<App>,
    id: &str,
) -> Result<Stored<T>, ApiError> {
    known(app).await?.get::<T>(id).cloned().ok_or_else(ApiError::not_found)
}

/// The id that was posted; a new one when there is none.
pub(super) fn id(app: &App, posted: Option<&str>) -> String {
    let given = posted.map(str::trim).filter(|id| !id.is_empty());
    given.map_or_else(|| app.ids.uuid(app.clock.now()).to_string(), str::to_owned)
}

/// Stores an entity. All servers that run know it when this is answered.
pub(super) async fn put<T: Entity>(
    app: &Arc<App>,
    editor: Editor<'_>,
    entity: T,
) -> Result<Tagged<Saved>, ApiError> {
    put_for(app, editor, entity, |_| Ok(None)).await
}

/// The same, and the entity that it was until now under another id is gone with that, or nothing is done: see
/// [`Registry::put_for`].
pub(super) async fn put_for<T: Entity>(
    app: &Arc<App>,
    editor: Editor<'_>,
    entity: T,
    former: impl Fn(&Snapshot) -> Result<Option<String>, Misfit> + Send + 'static,
) -> Result<Tagged<Saved>, ApiError> {
    // What is done for everybody could have what is hidden shown to whoever writes it, or told letter by letter.
    masked::refuse_entity(app, editor.user, editor.invalid, &entity)?;
    store(app, editor, entity, former).await
}

/// The same of what says nothing that it has not said before.
pub(super) async fn put_again<T: Entity>(
    app: &Arc<App>,
    editor: Editor<'_>,
    entity: T,
) -> Result<Tagged<Saved>, ApiError> {
    store(app, editor, entity, |_| Ok(None)).await
}

async fn store<T: Entity>(
    app: &Arc<App>,
    editor: Editor<'_>,
    entity: T,
    former: impl Fn(&Snapshot) -> Result<Option<String>, Misfit> + Send + 'static,
) -> Result<Tagged<Saved>, ApiError> {
    let id = entity.id().to_owned();
    // Of what is stored under the id that it has, nothing is taken from others.
    let put =
        move |registry: &Registry, author: Author<'_>| registry.put_for(&entity, former, author);
    let version = change(app, editor, "renamed", put).await?;
    Ok(tagged(version, Saved { saved: 1, errors: Vec::new(), ids: vec![id] }))
}

/// An entity as it would be stored over what is known; what is refused when it is stored is refused here, in the same
/// words.
pub(super) fn tried<T: Entity>(
    app: &App,
    user: &SignedIn,
    invalid: Code,
    known: &Snapshot,
    entity: &T,
) -> Result<T, ApiError> {
    masked::refuse_entity(app, user, invalid, entity)?;
    let written = app.registry.as_written(known, entity);
    written.map_err(|why| refusal(why, invalid, "stored"))
}

/// Removes an entity.
pub(super) async fn remove<T: Entity>(
    app: &Arc<App>,
    editor: Editor<'_>,
    id: String,
) -> Result<Json<Deleted>, ApiError> {
    let remove = move |registry: &Registry, author: Author<'_>| registry.remove::<T>(&id, author);
    change(app, editor, REMOVED, remove).await?;
    Ok(Json(Deleted { deleted: 1 }))
}

/// Removes a list of people, which no entity is but some need.
pub(super) async fn remove_list(
    app: &Arc<App>,
    invalid: Code,
    id: String,
) -> Result<Json<Deleted>, ApiError> {
    let removed = block(app, move |registry| registry.remove_list(&id)).await?;
    removed.map_err(|why| refusal(why, invalid, REMOVED))?;
    Ok(Json(Deleted { deleted: 1 }))
}

/// `document`, which shows something of this version.
pub(super) fn tagged<T>(version: i64, document: T) -> Tagged<T> {
    let tag = HeaderValue::try_from(format!("\"{version}\""));
    let tag = tag.unwrap_or_else(|_| HeaderValue::from_static("\"0\""));
    ([(header::ETAG, tag)], Json(document))
}

async fn change<T: Send + 'static>(
    app: &Arc<App>,
    editor: Editor<'_>,
    done: &'static str,
    change: impl FnOnce(&Registry, Author<'_>) -> Result<T, NotSaved> + Send + 'static,
) -> Result<T, ApiError> {
    let (who, based_on) = (editor.user.who(), based_on(editor.headers));
    let work = move |registry: &Registry| {
        let Who { name, address } = &who;
        change(registry, Author { who: name, address: address.as_deref(), based_on })
    };
    let changed = block(app, work).await?;
    changed.map_err(|why| refusal(why, editor.invalid, done))
}

/// Work on the registry waits for the disk, and for other servers.
async fn block<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&Registry) -> T + Send + 'static,
) -> Result<T, ApiError> {
    let registry = Arc::clone(&app.registry);
    let done = tokio::task::spawn_blocking(move || work(&registry)).await;
    Ok(done.map_err(|error| StorageError::Failed(error.to_string()))?)
}

/// The version in `If-Match`; `*` and no header are whatever there is. A proxy that compresses answers makes weak tags
/// of ours: what they name is the same.
fn based_on(headers: &HeaderMap) -> Option<i64> {
    let said = headers.get(header::IF_MATCH)?.to_str().unwrap_or_default().trim();
    let tag = said.strip_prefix("W/").unwrap_or(said);
    let version = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // A tag that was never ours is that of nothing that is there.
    let version = version.and_then(|text| text.parse().ok()).unwrap_or(-1);
    (said != "*").then_some(version)
}

/// `done` is what would have been done to what others need.
fn refusal(why: NotSaved, invalid: Code, done: &str) -> ApiError {
    match why {
        NotSaved::Misfit(misfit) => ApiError::new(invalid, misfit.to_string()),
        NotSaved::Dangling(reference) => ApiError::new(invalid, reference.dangles().to_string()),
        NotSaved::InUse(_) => ApiError::new(Code::InUse, format!("Not {done}: {why}.")),
        NotSaved::Overtaken => Code::VersionConflict.into(),
        NotSaved::Missing => ApiError::not_found(),
        NotSaved::Storage(error) => error.into(),
    }
}

//! `/api/keys`: keys for programs, made by whoever has signed in, with no more than they may.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::user::{Secret, secret};
use super::{ask, posted, users};
use crate::accounts::{self, Role};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing};
use crate::http::{ApiError, Code, Group, SignedIn};
use crate::storage::{KeyAdded, StoredKey};

/// The longest name of a key, in bytes.
const NAME_BYTES_MAX: usize = 128;
/// The longest time that a key may be said to last, in days: beyond it there is "until revoked".
const DAYS_MAX: u64 = 3650;

/// A new key. It opens the doors of its roles, and those of its scopes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewKey {
    /// For people: what it is for.
    name: String,
    /// `admin`, `developer`, `marketer`, `maintainer`.
    #[serde(default)]
    roles: Vec<String>,
    /// Single groups of doors, such as `events:read`.
    #[serde(default)]
    scopes: Vec<String>,
    /// How long it is valid, in days, at most 3650; until it is revoked unless said.
    expires_days: Option<u64>,
}

/// A key, without what proves it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Key)]
pub(in crate::http) struct KeyDocument {
    /// By which it is revoked.
    id: String,
    /// What it is for.
    name: String,
    /// The user who has made it; empty for the command line.
    owner: String,
    /// Whose doors it opens.
    roles: Vec<String>,
    /// Single groups of doors that it opens beside those.
    scopes: Vec<String>,
    /// When it was made.
    created: String,
    /// Not valid from then on; null: until it is revoked.
    #[schema(required)]
    expires: Option<String>,
    /// When it was used last, to the minute.
    #[schema(required)]
    last_used: Option<String>,
}

/// A key that was just made.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MadeKey {
    /// For the `Authorization: Bearer` header; shown only now.
    key: String,
    /// What it is.
    made: KeyDocument,
}

impl From<StoredKey> for KeyDocument {
    fn from(key: StoredKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            owner: key.owner,
            roles: key.roles,
            scopes: key.scopes,
            created: key.created.to_string(),
            expires: key.expires.map(|time| time.to_string()),
            last_used: key.used.map(|time| time.to_string()),
        }
    }
}

/// One's own keys; an administrator sees everybody's.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/keys", tag = "keys",
    responses((status = 200, description = "The oldest first", body = All<KeyDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    by: SignedIn,
) -> Result<Json<All<KeyDocument>>, ApiError> {
    let all = ask(&app, |storage| storage.keys()).await?;
    let own = own(&by);
    let shown = all.into_iter().filter(|key| own.as_ref().is_none_or(|own| *own == key.owner));
    Ok(Json(shown.map(KeyDocument::from).collect()))
}

/// Makes a key. It is shown only in this answer.
///
/// # Errors
/// 403 for more than whoever makes it may, 409 when there are as many as may be, 422 for what does
/// not fit.
#[utoipa::path(
    post, path = "/api/keys", tag = "keys",
    request_body(content = NewKey, content_type = "application/json"),
    responses(
        (status = 200, description = "The key, shown only now", body = MadeKey),
        (status = 409, description = "There are too many"),
    ),
)]
pub(in crate::http) async fn add(
    State(app): State<Arc<App>>,
    by: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Secret<MadeKey>, ApiError> {
    let new: NewKey = posted(&app, &headers, body, Code::KeyInvalid, "key").await?;
    let now = app.clock.now();
    let days = new.expires_days;
    let key = key(&new.name, new.roles, new.scopes, days).map_err(|sentence| {
        ApiError::new(Code::KeyInvalid, format!("The key does not fit: {sentence}."))
    })?;
    let roles: Vec<_> = key.roles.iter().filter_map(|name| Role::named(name)).collect();
    let mut opens = Group::scopes().filter(|(group, _)| group.admits_key(&roles, &key.scopes));
    if let Some((_, name)) = opens.find(|(group, _)| !by.may(*group)) {
        let message =
            format!("A key may no more than whoever makes it: none of your roles has {name}.");
        return Err(ApiError::new(Code::RoleMissing, message));
    }
    let expires = days.map(|days| now.plus(Duration::from_secs(days * 86_400)));
    let key = StoredKey { owner: by.email.clone(), expires, ..key };
    let (shown, key) = accounts::new_key(&app.ids, &app.hashing, now, key);
    let stored = key.clone();
    let added = users::edit(&app, by.who(), move |storage, by| storage.add_key(&stored, by));
    match added.await? {
        KeyAdded::Done => {}
        KeyAdded::TooMany => return Err(Code::TooManyKeys.into()),
        KeyAdded::OwnerGone => return Err(Code::TokenInvalid.into()),
    }
    Ok(secret(MadeKey { key: shown, made: key.into() }))
}

/// Revokes a key: one's own, or as an administrator anybody's. It is refused from now on, on every
/// node.
///
/// # Errors
/// 404 when there is none of one's own.
#[utoipa::path(
    delete, path = "/api/keys/{id}", tag = "keys", params(("id" = String, Path)),
    responses(
        (status = 200, description = "Revoked", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    by: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let own = own(&by);
    let is_done =
        users::edit(&app, by.who(), move |storage, by| storage.remove_key(&id, own.as_deref(), by));
    if !is_done.await? {
        return Err(ApiError::not_found());
    }
    Ok(Json(Deleted { deleted: 1 }))
}

/// Whose keys somebody may see and revoke; none for everybody's.
fn own(by: &SignedIn) -> Option<String> {
    (!by.may(Group::Administering)).then(|| by.email.clone())
}

/// A key of this name, with these roles and scopes, which is yet to be drawn.
///
/// # Errors
/// What does not fit, as a sentence's end.
pub fn key(
    name: &str,
    roles: Vec<String>,
    scopes: Vec<String>,
    days: Option<u64>,
) -> Result<StoredKey, String> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(char::is_control) {
        return Err(format!("`name` must have 1 to {NAME_BYTES_MAX} bytes, none of them control"));
    }
    if roles.iter().any(|name| Role::named(name).is_none()) {
        return Err(format!("`roles` must be of {}", Role::ALL.map(Role::as_str).join(", ")));
    }
    let known: Vec<_> = Group::scopes().map(|(_, name)| name).collect();
    if scopes.iter().any(|name| !known.contains(&name.as_str())) {
        return Err(format!("`scopes` must be of {}", known.join(", ")));
    }
    if roles.is_empty() && scopes.is_empty() {
        return Err("it must have a role or a scope".to_owned());
    }
    if days.is_some_and(|days| !(1..=DAYS_MAX).contains(&days)) {
        return Err(format!("`expires_days` must be 1 to {DAYS_MAX}"));
    }
    Ok(StoredKey { name, roles, scopes, ..StoredKey::default() })
}

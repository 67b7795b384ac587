//! `/users` and `/user/{id}`: who may come in, and what they may do (docs/wire.md §8.1).

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::{ask, posted, sign_in};
use crate::accounts::{Account, Role};
use crate::app::App;
use crate::http::answers::{All, Deleted, Inserted, Nothing, Saved};
use crate::http::{ApiError, Code, SignedIn, Who};
use crate::storage::{By, Storage, StorageError, StoredUser, UserChange, UserChanged};

/// The longest name of a user, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// A new user.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewUser {
    /// What they sign in with.
    email: String,
    /// For people; the e-mail address unless said.
    name: Option<String>,
    /// Without one they can only be let in by others, such as a company's own sign-in.
    password: Option<String>,
    /// `admin`, `developer`, `marketer`, `maintainer`.
    roles: Vec<String>,
    /// Whether they may sign in; they may unless said.
    enabled: Option<bool>,
}

/// What becomes of a user; what is absent stays as it is.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ChangedUser {
    /// For people.
    name: Option<String>,
    /// A new one, which ends the user's tokens.
    password: Option<String>,
    /// Instead of those that they have. One taken away ends the user's tokens.
    roles: Option<Vec<String>>,
    /// `false` ends the user's tokens, and keeps their keys from working.
    enabled: Option<bool>,
}

/// A user, without what proves who they are.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = User)]
pub(in crate::http) struct UserDocument {
    /// The e-mail address.
    id: String,
    /// What they sign in with.
    email: String,
    /// For people.
    name: String,
    /// What they may do.
    roles: Vec<String>,
    /// Whether they may sign in.
    enabled: bool,
    /// Whether a password lets them in.
    has_password: bool,
    /// Whether a one-time code is asked for beside the password.
    has_totp: bool,
    /// When they were added.
    created: String,
    /// When they signed in last.
    #[schema(required)]
    last_sign_in: Option<String>,
}

impl From<StoredUser> for UserDocument {
    fn from(user: StoredUser) -> Self {
        Self {
            id: user.email.clone(),
            has_totp: user.asks_for_codes(),
            email: user.email,
            name: user.name,
            roles: user.roles,
            enabled: user.enabled,
            has_password: !user.password_hash.is_empty(),
            created: user.created.to_string(),
            last_sign_in: user.signed_in.map(|time| time.to_string()),
        }
    }
}

/// All users.
///
/// # Errors
/// 401 without a token, 403 for those who are no administrators.
#[utoipa::path(
    get, path = "/users", tag = "users",
    responses((status = 200, description = "All of them, by e-mail", body = All<UserDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<UserDocument>>, ApiError> {
    let users = ask(&app, |storage| storage.users()).await?;
    Ok(Json(users.into_iter().map(UserDocument::from).collect()))
}

/// Some of the users, in the order of their e-mail addresses.
///
/// # Errors
/// 400 for what is no number.
#[utoipa::path(
    get, path = "/users/{start}/{limit}", tag = "users",
    params(
        ("start" = usize, Path, description = "How many to leave out"),
        ("limit" = usize, Path, description = "At most so many"),
    ),
    responses((status = 200, description = "`total` counts all", body = All<UserDocument>)),
)]
pub(in crate::http) async fn range(
    State(app): State<Arc<App>>,
    Path((start, limit)): Path<(usize, usize)>,
) -> Result<Json<All<UserDocument>>, ApiError> {
    let users = ask(&app, |storage| storage.users()).await?;
    let total = users.len();
    let some = users.into_iter().skip(start).take(limit);
    Ok(Json(All { total, result: some.map(UserDocument::from).collect() }))
}

/// One user.
///
/// # Errors
/// 404 when there is none.
#[utoipa::path(
    get, path = "/user/{id}", tag = "users", params(("id" = String, Path)),
    responses(
        (status = 200, description = "The user", body = UserDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<UserDocument>, ApiError> {
    let account = Account::named(&id).ok_or_else(ApiError::not_found)?;
    let user = ask(&app, move |storage| storage.user(account.as_str())).await?;
    Ok(Json(user.ok_or_else(ApiError::not_found)?.into()))
}

/// Adds a user.
///
/// # Errors
/// 409 when there is one with this e-mail address, 422 for what does not fit.
#[utoipa::path(
    post, path = "/user", tag = "users",
    request_body(content = NewUser, content_type = "application/json"),
    responses(
        (status = 200, description = "Added", body = Saved),
        (status = 409, description = "There is one already"),
    ),
)]
pub(in crate::http) async fn add(
    State(app): State<Arc<App>>,
    by: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Saved>, ApiError> {
    let new: NewUser = posted(&app, &headers, body, Code::UserInvalid, "user").await?;
    let account = Account::address(&new.email);
    let account = account.ok_or_else(|| invalid("`email` must be an e-mail address"))?;
    let email = account.as_str().to_owned();
    let name = new.name.as_deref().map_or_else(|| Ok(email.clone()), good_name)?;
    let roles = good_roles(&new.roles)?;
    let password_hash = match new.password {
        Some(password) => sign_in::new_hash(&app, &by.email, password).await?,
        None => String::new(),
    };
    let user = StoredUser {
        email: email.clone(),
        name,
        password_hash,
        roles,
        enabled: new.enabled.unwrap_or(true),
        created: app.clock.now(),
        totp: None,
        epoch: app.ids.secret(),
        signed_in: None,
    };
    let is_new = edit(&app, by.who(), move |storage, by| storage.add_user(&user, by)).await?;
    if !is_new {
        return Err(Code::UserExists.into());
    }
    Ok(Json(Saved { saved: 1, errors: Vec::new(), ids: vec![email] }))
}

/// Changes a user: name, password, roles, whether they may sign in. Less than before, or another
/// password, ends their tokens at once.
///
/// # Errors
/// 404 when there is none, 409 when no administrator would be left, 422 for what does not fit.
#[utoipa::path(
    post, path = "/user/{id}", tag = "users", params(("id" = String, Path)),
    request_body(content = ChangedUser, content_type = "application/json"),
    responses(
        (status = 200, description = "Changed", body = Inserted),
        (status = 404, description = "`null`", body = Nothing),
        (status = 409, description = "They are the last administrator"),
    ),
)]
pub(in crate::http) async fn change(
    State(app): State<Arc<App>>,
    by: SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Inserted>, ApiError> {
    let changed: ChangedUser = posted(&app, &headers, body, Code::UserInvalid, "user").await?;
    let account = Account::named(&id).ok_or_else(ApiError::not_found)?;
    let roles = changed.roles.map(|roles| good_roles(&roles)).transpose()?;
    let name = changed.name.as_deref().map(good_name).transpose()?;
    let password_hash = match changed.password {
        Some(password) => Some(sign_in::new_hash(&app, &by.email, password).await?),
        None => None,
    };
    let change = UserChange { name, password_hash, roles, enabled: changed.enabled, was: None };
    apply(&app, by.who(), account, change).await?;
    Ok(Json(Inserted { inserted: 1 }))
}

/// Removes a user, with their tokens and keys.
///
/// # Errors
/// 404 when there is none, 409 when no administrator would be left.
#[utoipa::path(
    delete, path = "/user/{id}", tag = "users", params(("id" = String, Path)),
    responses(
        (status = 200, description = "Removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
        (status = 409, description = "They are the last administrator"),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    by: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let account = Account::named(&id).ok_or_else(ApiError::not_found)?;
    let removed =
        edit(&app, by.who(), move |storage, by| storage.remove_user(account.as_str(), by)).await?;
    told(removed)?;
    Ok(Json(Deleted { deleted: 1 }))
}

/// Does a change of a user.
pub(super) async fn apply(
    app: &Arc<App>,
    who: Who,
    account: Account,
    change: UserChange,
) -> Result<(), ApiError> {
    let epoch = app.ids.secret();
    let changed = edit(app, who, move |storage, by| {
        storage.change_user(account.as_str(), &change, &epoch, by)
    });
    told(changed.await?)
}

/// Changes users or keys, on a thread that may block.
pub(super) async fn edit<T: Send + 'static>(
    app: &Arc<App>,
    who: Who,
    change: impl FnOnce(&dyn Storage, By<'_>) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, ApiError> {
    let at = app.clock.now();
    ask(app, move |storage| {
        let Who { name, address } = &who;
        change(storage, By { who: name, address: address.as_deref(), at })
    })
    .await
}

fn told(changed: UserChanged) -> Result<(), ApiError> {
    match changed {
        UserChanged::Done => Ok(()),
        UserChanged::Missing => Err(ApiError::not_found()),
        UserChanged::LastAdministrator => Err(Code::LastAdministrator.into()),
    }
}

fn invalid(sentence: &str) -> ApiError {
    ApiError::new(Code::UserInvalid, format!("The user does not fit: {sentence}."))
}

pub(super) fn good_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim().to_owned();
    let fits = !name.is_empty() && name.len() <= NAME_BYTES_MAX && !name.contains(char::is_control);
    let sentence = format!("`name` must have 1 to {NAME_BYTES_MAX} bytes, none of them control");
    fits.then_some(name).ok_or_else(|| invalid(&sentence))
}

/// Roles that there are, each once, in the order of the table.
fn good_roles(names: &[String]) -> Result<Vec<String>, ApiError> {
    let known = Role::ALL.map(Role::as_str);
    if names.iter().any(|name| !known.contains(&name.as_str())) {
        return Err(invalid(&format!("`roles` must be of {}", known.join(", "))));
    }
    let given = known.into_iter().filter(|role| names.iter().any(|name| name == role));
    Ok(given.map(str::to_owned).collect())
}

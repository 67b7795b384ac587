//! `/user-account`: whoever has signed in looks at their own account and changes it.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;

use super::sign_in::{self, Second, Shown};
use super::users::{self, UserDocument};
use super::{ask, posted};
use crate::accounts::Account;
use crate::app::App;
use crate::http::answers::{Inserted, Nothing};
use crate::http::{ApiError, Code, SignedIn};
use crate::storage::UserChange;

/// What becomes of one's own account; what is absent stays as it is.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ChangedAccount {
    /// For people.
    name: Option<String>,
    /// A new password, which ends all of the user's tokens, this one too.
    password: Option<String>,
    /// The password until now; needed for a new one.
    old_password: Option<String>,
}

/// One's own account.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/user-account", tag = "users",
    responses(
        (status = 200, description = "The user", body = UserDocument),
        (status = 404, description = "Removed at this moment; `null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    by: SignedIn,
) -> Result<Json<UserDocument>, ApiError> {
    let user = ask(&app, move |storage| storage.user(&by.email)).await?;
    Ok(Json(user.ok_or_else(ApiError::not_found)?.into()))
}

/// Changes one's own name, or, with the old one, one's password. A new password ends all tokens of
/// the user, this one too.
///
/// # Errors
/// 400 for a wrong old password, 422 for what does not fit, 429 after too many wrong ones.
#[utoipa::path(
    post, path = "/user-account", tag = "users",
    request_body(content = ChangedAccount, content_type = "application/json"),
    responses(
        (status = 200, description = "Changed", body = Inserted),
        (status = 400, description = "The old password is wrong"),
        (status = 404, description = "Removed or changed at this moment; `null`", body = Nothing),
        (status = 429, description = "Too many wrong ones"),
    ),
)]
pub(in crate::http) async fn change(
    State(app): State<Arc<App>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    by: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Inserted>, ApiError> {
    let changed: ChangedAccount =
        posted(&app, &headers, body, Code::UserInvalid, "account").await?;
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let account = Account::named(&by.email).ok_or(Code::TokenInvalid)?;
    let mut change = UserChange {
        name: changed.name.as_deref().map(users::good_name).transpose()?,
        ..UserChange::default()
    };
    if let Some(password) = changed.password {
        let old = changed.old_password.ok_or_else(|| {
            ApiError::new(Code::UserInvalid, "A new password needs `old_password`.")
        })?;
        let attempt = sign_in::begin(&app, &account, (&headers, peer)).await?;
        let shown = Shown { password: old, second: Second::NotAsked };
        let user = sign_in::check(&app, attempt, shown).await??;
        change.password_hash = Some(sign_in::new_hash(&app, &by.email, password).await?);
        // Should somebody else have given them another meanwhile, that one stays.
        change.was = Some(user.password_hash);
    }
    users::apply(&app, by.who(), account, change).await?;
    Ok(Json(Inserted { inserted: 1 }))
}

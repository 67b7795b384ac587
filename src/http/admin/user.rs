//! `/user/token` and `/user/logout`: signing in and out (docs/wire.md §8.1).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::FormRejection;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::{Extension, Form, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ask;
use crate::accounts::{self, Account};
use crate::app::App;
use crate::http::answers::Nothing;
use crate::http::{ApiError, Code, audited};
use crate::storage::{Edit, StoredUser};

/// Name and password, as a form (OAuth2 password grant).
#[derive(Deserialize, utoipa::ToSchema)]
pub(in crate::http) struct Credentials {
    /// The e-mail address.
    username: String,
    /// The password.
    password: String,
}

/// A token, shown only now.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Token {
    /// For the `Authorization: Bearer` header.
    access_token: String,
    /// `bearer`.
    token_type: &'static str,
    /// What the user may do.
    roles: Vec<String>,
    /// Empty; consoles of the reference expect it.
    #[schema(value_type = Object)]
    preference: Map<String, Value>,
}

/// Signs in: a token for the `Authorization: Bearer` header.
///
/// # Errors
/// 400 for wrong credentials, 429 after too many attempts, 503 while too many sign in at one time.
#[utoipa::path(
    post, path = "/user/token", tag = "users",
    request_body(content = Credentials, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A new token", body = Token),
        (status = 400, description = "Wrong name or password"),
        (status = 429, description = "Too many attempts"),
        (status = 503, description = "Too many sign in; see `Retry-After`"),
    ),
)]
pub(in crate::http) async fn token(
    State(app): State<Arc<App>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    form: Result<Form<Credentials>, FormRejection>,
) -> Result<Json<Token>, ApiError> {
    let Form(sent) = form.map_err(|_| Code::CredentialsMissing)?;
    let place = app.audit.place().ok_or(Code::AuditUnavailable)?;
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let (name, address) = (sent.username.clone(), app.client_address(&headers, peer));
    let entered = enter(&app, sent, address.clone().unwrap_or_default()).await;
    audited::signed_in(place, (&name, address), &entered);
    entered
}

async fn enter(
    app: &Arc<App>,
    sent: Credentials,
    address: String,
) -> Result<Json<Token>, ApiError> {
    let account = Account::named(&sent.username).ok_or(Code::CredentialsWrong)?;
    if !app.logins.allows(&account, &address) {
        return Err(Code::LoginAttempts.into());
    }
    let user = user(app, account, sent.password).await?.ok_or(Code::CredentialsWrong)?;
    let lasts = Duration::from_secs(app.config.accounts.token_hours_max * 3600);
    let valid = (app.clock.now(), lasts);
    let (token, stored) = accounts::new_token(&app.ids, &app.hashing, &user, valid);
    app.committer.edit(Edit::PutToken(stored)).await?;
    Ok(Json(Token {
        access_token: token,
        token_type: "bearer",
        roles: user.roles,
        preference: Map::new(),
    }))
}

/// Signs out: this token ends, others live on.
///
/// # Errors
/// 401 without an `Authorization` header; 200 for any other, as the reference.
#[utoipa::path(
    post, path = "/user/logout", tag = "users", security(("bearer" = [])),
    responses(
        (status = 200, description = "The token is no longer valid; `null`", body = Nothing),
        (status = 401, description = "No `Authorization` header"),
    ),
)]
pub(in crate::http) async fn logout(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Nothing>, ApiError> {
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Err(Code::NotAuthenticated.into());
    };
    let token = header.to_str().unwrap_or("").split_whitespace().nth(1).unwrap_or("");
    app.committer.edit(Edit::RemoveToken(app.hashing.token(token))).await?;
    Ok(Json(Nothing))
}

/// The user with these credentials. An unknown name takes as long as a wrong password, so that
/// names cannot be found out by the clock.
async fn user(
    app: &Arc<App>,
    account: Account,
    password: String,
) -> Result<Option<StoredUser>, ApiError> {
    const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                          AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let place = app.logins.place().await.ok_or_else(|| {
        let message = "As many wait to sign in as may; try again later.";
        ApiError::new(Code::Overloaded, message)
    })?;
    ask(app, move |storage| {
        let user = storage.user(account.as_str())?;
        let hash = user.as_ref().map_or(NOBODY, |user| &user.password_hash);
        let good = accounts::verify(&password, hash);
        drop(place);
        Ok(user.filter(|user| good && user.enabled))
    })
    .await
}

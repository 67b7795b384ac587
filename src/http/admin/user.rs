//! `/user/token` and `/user/logout`: signing in and out (docs/wire.md §8.1).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::{Map, Value};

use super::sign_in::{self, Second, Shown, Try};
use crate::accounts::Account;
use crate::app::App;
use crate::http::answers::Nothing;
use crate::http::{ApiError, Code, audited, body};
use crate::storage::{Edit, StoredUser};

/// Name and password, as a form (OAuth2 password grant).
#[derive(utoipa::ToSchema)]
pub(in crate::http) struct Credentials {
    /// The e-mail address.
    username: String,
    /// The password.
    password: String,
    /// A one-time code or a recovery code, of those who have such.
    code: Option<String>,
}

impl Credentials {
    /// Of a form; none when it has no name and password.
    fn read(form: &[u8]) -> Option<Self> {
        // Read one by one: strangers may send any number of others.
        let (mut username, mut password, mut code) = (None, None, None);
        for (field, value) in form_urlencoded::parse(form) {
            match &*field {
                "username" => username = Some(value.into_owned()),
                "password" => password = Some(value.into_owned()),
                "code" => code = Some(value.into_owned()),
                _ => {}
            }
        }
        // An empty field of a form says nothing.
        let code = code.filter(|code: &String| !code.trim().is_empty());
        Some(Self { username: username?, password: password?, code })
    }
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

/// A secret that no cache may keep.
pub(super) type Secret<T> = ([(HeaderName, HeaderValue); 1], Json<T>);

/// `shown`, which no cache may keep.
pub(super) fn secret<T>(shown: T) -> Secret<T> {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(shown))
}

impl Token {
    pub(super) fn of(access_token: String, user: StoredUser) -> Self {
        Self { access_token, token_type: "bearer", roles: user.roles, preference: Map::new() }
    }
}

/// Signs in: a token for the `Authorization: Bearer` header.
///
/// # Errors
/// 400 for wrong credentials and where a code is needed, 429 after too many wrong ones, 503 while too many sign in at one time.
#[utoipa::path(
    post, path = "/user/token", tag = "users",
    request_body(content = Credentials, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A new token", body = Token),
        (status = 400, description = "Wrong name, password or code, or a code is needed"),
        (status = 429, description = "Too many wrong ones"),
        (status = 503, description = "Too many sign in; see `Retry-After`"),
    ),
)]
pub(in crate::http) async fn token(
    State(app): State<Arc<App>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Secret<Token>, ApiError> {
    let sent = body::read(&headers, body, &app).await?;
    let sent = Credentials::read(&sent).ok_or(Code::CredentialsMissing)?;
    let place = app.audit.place().ok_or(Code::AuditUnavailable)?;
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let (name, address) = (sent.username.clone(), app.client_address(&headers, peer));
    let entered = enter(&app, sent, (&headers, peer)).await;
    audited::signed_in(place, (&name, address), &entered);
    entered
}

async fn enter(
    app: &Arc<App>,
    sent: Credentials,
    from: (&HeaderMap, Option<SocketAddr>),
) -> Result<Secret<Token>, ApiError> {
    let account = Account::named(&sent.username).ok_or(Code::CredentialsWrong)?;
    let attempt = sign_in::begin(app, &account, from).await?;
    let network = attempt.network().clone();
    let shown = Shown { password: sent.password, second: Second::Code(sent.code) };
    let outcome = sign_in::check(app, attempt, shown).await?;
    let tried = Try { network: &network, way: "password" };
    sign_in::settled(app, &tried, &outcome);
    let user = outcome?;
    Ok(secret(Token::of(sign_in::token(app, &user).await?, user)))
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

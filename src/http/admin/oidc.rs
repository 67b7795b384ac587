//! `/user/oidc`: signing in with an OpenID provider.
//!
//! A browser goes to the provider and comes back with a code. The token then waits for a minute in a
//! cookie that no script reads, and that is sent to one address only, by pages of the same origin only;
//! there the console takes it. So it stands in no URL, no page and no log.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use super::sign_in::{self, Try};
use super::user::Token;
use super::{ask, users};
use crate::accounts::{self, Caller, Identity, Network, Oidc, OidcError};
use crate::app::App;
use crate::http::{ApiError, Code, Who, audited};
use crate::storage::{StoredUser, UserChange};
use crate::telemetry::Line;

/// The cookie of a sign-in that has begun.
const ATTEMPT: &str = "kith_oidc";
/// The cookie that the token waits in.
const WAITING: &str = "kith_oidc_token";
/// Where each of them is sent to.
const BEGIN_PATH: &str = "/user/oidc";
const TOKEN_PATH: &str = "/user/oidc/token";
/// How long a token waits, in seconds.
const WAITING_SECONDS_MAX: u64 = 60;
/// Who changes the users that a provider knows, for the audit log.
const AUTHOR: &str = "OpenID provider";

/// What the provider sends back.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct SentBack {
    /// What is changed for a token.
    code: Option<String>,
    /// By which the browser is known to be the one that began.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Begins: sends the browser to the provider.
///
/// # Errors
/// 404 where no provider is set, 503 when it cannot be reached.
#[utoipa::path(
    get, path = "/user/oidc", tag = "users",
    responses(
        (status = 303, description = "To the provider, with a cookie"),
        (status = 404, description = "No provider is set"),
    ),
)]
pub(in crate::http) async fn begin(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let oidc = provider(&app)?;
    let (attempt, location) = oidc
        .begin(&app.ids, &app.hashing, app.clock.now())
        .await
        .map_err(|error| told(&app, &error))?;
    let lasts = accounts::ATTEMPT_TIME_MAX.as_secs();
    // Lax: it must come back from the provider's page.
    let cookie = cookie(oidc, (ATTEMPT, &attempt), (BEGIN_PATH, "Lax"), lasts);
    Ok(elsewhere(&location, &[cookie]))
}

/// Ends: lets in whom the provider sends back, and sends the browser to the console.
///
/// # Errors
/// 403 for whoever is not let in, 404 where no provider is set, 503 when it cannot be reached.
#[utoipa::path(
    get, path = "/user/oidc/callback", tag = "users", params(SentBack),
    responses(
        (status = 303, description = "To the console, with a cookie that `POST /user/oidc/token` takes"),
        (status = 403, description = "Not let in"),
        (status = 404, description = "No provider is set"),
    ),
)]
pub(in crate::http) async fn callback(
    State(app): State<Arc<App>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    sent: Result<Query<SentBack>, QueryRejection>,
) -> Result<Response, ApiError> {
    let oidc = provider(&app)?;
    let Query(sent) = sent.map_err(|_| Code::RequestInvalid)?;
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let place = app.audit.place().ok_or(Code::AuditUnavailable)?;
    let network = app.network(&headers, peer);
    let tried = Try { network: &network, way: "oidc" };
    let (name, entered) = match identity(&app, (oidc, &network), &headers, &sent).await {
        Ok(identity) => {
            let name = identity.account.as_str().to_owned();
            (name, enter(&app, &tried, &identity).await)
        }
        Err(error) => {
            sign_in::settled(&app, &tried, &Err(error.code));
            (String::new(), Err(error))
        }
    };
    audited::signed_in(place, (&name, app.client_address(&headers, peer)), &entered);
    let token = entered?;
    let cookies = [
        cookie(oidc, (WAITING, &token), (TOKEN_PATH, "Strict"), WAITING_SECONDS_MAX),
        cookie(oidc, (ATTEMPT, ""), (BEGIN_PATH, "Lax"), 0),
    ];
    Ok(elsewhere(oidc.return_path(), &cookies))
}

/// A token for whoever the provider has named, if they may come in.
async fn enter(app: &Arc<App>, tried: &Try<'_>, identity: &Identity) -> Result<String, ApiError> {
    let outcome = admitted(app, identity).await?;
    sign_in::settled(app, tried, &outcome);
    sign_in::token(app, &outcome?).await
}

/// Takes the token that waits in the browser's cookie.
///
/// # Errors
/// 401 when none waits, 404 where no provider is set.
#[utoipa::path(
    post, path = "/user/oidc/token", tag = "users",
    responses(
        (status = 200, description = "The token", body = Token),
        (status = 401, description = "None waits"),
        (status = 404, description = "No provider is set"),
    ),
)]
pub(in crate::http) async fn token(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let oidc = provider(&app)?;
    let token = taken(&headers, WAITING).ok_or(Code::NotAuthenticated)?;
    let (state, shown, now) = (Arc::clone(&app), token.clone(), app.clock.now());
    let caller =
        ask(&app, move |storage| accounts::authenticate(storage, &state.hashing, now, &shown));
    let Some(Caller::User(user)) = caller.await? else { return Err(Code::TokenInvalid.into()) };
    let mut response = Json(Token::of(token, user)).into_response();
    let gone = cookie(oidc, (WAITING, ""), (TOKEN_PATH, "Strict"), 0);
    response.headers_mut().append(header::SET_COOKIE, gone);
    Ok(uncached(response))
}

fn provider(app: &App) -> Result<&Oidc, ApiError> {
    Ok(app.oidc.as_ref().ok_or(Code::OidcOff)?)
}

/// Whom the provider has sent back, to the browser that has begun.
async fn identity(
    app: &App,
    (oidc, network): (&Oidc, &Network),
    headers: &HeaderMap,
    sent: &SentBack,
) -> Result<Identity, ApiError> {
    let (attempt, now) = (taken(headers, ATTEMPT).unwrap_or_default(), app.clock.now());
    let state = sent.state.as_deref().unwrap_or_default();
    if !Oidc::is_begun(&app.hashing, &attempt, state, now) {
        return Err(told(app, &OidcError::Refused("this browser has not begun to sign in")));
    }
    let code = sent.code.as_deref().filter(|_| sent.error.is_none());
    let code =
        code.ok_or_else(|| told(app, &OidcError::Refused("the provider has let nobody in")))?;
    let place = app.logins.place_at_provider(network).await;
    let _place = place.ok_or_else(|| told(app, &OidcError::Busy))?;
    oidc.end(&app.hashing, &attempt, code, now).await.map_err(|error| told(app, &error))
}

/// The user of whoever the provider has let in. Their roles are the provider's, unless they have a
/// password here: then they were given them here.
async fn admitted(
    app: &Arc<App>,
    identity: &Identity,
) -> Result<Result<StoredUser, Code>, ApiError> {
    let account = identity.account.clone();
    let find = account.clone();
    let known = ask(app, move |storage| storage.user(find.as_str())).await?;
    match known {
        Some(user) if !user.enabled => Ok(Err(Code::OidcRefused)),
        Some(user) if !user.password_hash.is_empty() || user.roles == identity.roles => {
            Ok(Ok(user))
        }
        Some(_) => {
            let roles = Some(identity.roles.clone());
            let change = UserChange { roles, ..UserChange::default() };
            users::apply(app, Who::named(AUTHOR), account.clone(), change).await?;
            let user = ask(app, move |storage| storage.user(account.as_str())).await?;
            Ok(user.ok_or(Code::OidcRefused))
        }
        None if identity.roles.is_empty() => Ok(Err(Code::OidcRefused)),
        None => added(app, identity).await,
    }
    .map(|outcome| outcome.and_then(|user| with_a_role(user).ok_or(Code::OidcRefused)))
}

/// Whoever has no role could do nothing here.
fn with_a_role(user: StoredUser) -> Option<StoredUser> {
    (!user.roles.is_empty()).then_some(user)
}

async fn added(app: &Arc<App>, identity: &Identity) -> Result<Result<StoredUser, Code>, ApiError> {
    let email = identity.account.as_str().to_owned();
    let name = identity.name.as_deref().and_then(|name| users::good_name(name).ok());
    let user = StoredUser {
        name: name.unwrap_or_else(|| email.clone()),
        email,
        password_hash: String::new(),
        roles: identity.roles.clone(),
        enabled: true,
        created: app.clock.now(),
        totp: None,
        epoch: app.ids.secret(),
        signed_in: None,
    };
    let stored = user.clone();
    let is_new =
        users::edit(app, Who::named(AUTHOR), move |storage, by| storage.add_user(&stored, by));
    // Somebody was faster: whoever that was, they come in at the next try.
    Ok(is_new.await?.then_some(user).ok_or(Code::OidcRefused))
}

/// What whoever tries is told; the log says more.
fn told(app: &App, error: &OidcError) -> ApiError {
    match error {
        OidcError::Busy => {
            ApiError::new(Code::Overloaded, "As many wait to sign in as may; try again later.")
        }
        OidcError::Provider(_) => {
            if let Some(others) = app.telemetry.passed_over(Line::Provider, app.clock.elapsed()) {
                tracing::warn!(%error, others, "nobody can sign in with the OpenID provider");
            }
            Code::OidcUnavailable.into()
        }
        OidcError::Refused(sentence) => {
            ApiError::new(Code::OidcRefused, format!("Not let in: {sentence}."))
        }
    }
}

fn elsewhere(location: &str, cookies: &[HeaderValue]) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        return ApiError::from(Code::OidcUnavailable).into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    uncached(response)
}

fn uncached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A cookie for this path alone, which no script reads.
fn cookie(
    oidc: &Oidc,
    (name, value): (&str, &str),
    (path, same_site): (&str, &str),
    seconds: u64,
) -> HeaderValue {
    let secure = if oidc.is_secure() { "; Secure" } else { "" };
    let text = format!(
        "{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
    );
    // All of it is drawn from letters, digits and dots.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The cookie of this name.
fn taken(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        all.flat_map(|cookies| cookies.split(';')).filter_map(|one| one.split_once('='));
    let found = pairs.find(|(known, _)| known.trim() == name);
    found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
}

//! `/user/ways` and `/user/welcome`: how people may sign in here, and the link of the first start.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::sign_in::{self, Try};
use super::user::{Secret, Token, secret};
use super::{ask, posted};
use crate::app::App;
use crate::http::{ApiError, Code, audited};

/// How people may sign in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Ways {
    /// With a name and a password, at `/user/token`.
    password: bool,
    /// With an OpenID provider, at `/user/oidc`.
    oidc: bool,
}

/// In which ways people may sign in here.
#[utoipa::path(
    get, path = "/user/ways", tag = "users",
    responses((status = 200, description = "Each way, and whether it is open", body = Ways)),
)]
pub(in crate::http) async fn ways(State(app): State<Arc<App>>) -> Json<Ways> {
    Json(Ways { password: true, oidc: app.oidc.is_some() })
}

/// What a link holds.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Link {
    /// What stands behind `#welcome=`.
    link: String,
}

/// Signs in with the link that the first start has printed. It lets somebody in once.
///
/// # Errors
/// 400 for a link that was used, has ended, or never was.
#[utoipa::path(
    post, path = "/user/welcome", tag = "users",
    request_body(content = Link, content_type = "application/json"),
    responses(
        (status = 200, description = "A new token", body = Token),
        (status = 400, description = "The link was used, has ended, or never was"),
    ),
)]
pub(in crate::http) async fn enter(
    State(app): State<Arc<App>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Secret<Token>, ApiError> {
    let sent: Link = posted(&app, &headers, body, Code::CredentialsMissing, "link").await?;
    let place = app.audit.place().ok_or(Code::AuditUnavailable)?;
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer);
    let address = app.client_address(&headers, peer);
    let network = app.network(&headers, peer);
    let (hash, now) = (app.hashing.link(&sent.link), app.clock.now());
    let found = ask(&app, move |storage| storage.take_link(&hash, now)).await;
    let found = found.map(|user| user.filter(|user| user.enabled).ok_or(Code::CredentialsWrong));
    let tried = Try { network: &network, way: "link" };
    let (name, entered) = match found {
        Ok(outcome) => {
            sign_in::settled(&app, &tried, &outcome);
            let name = outcome.as_ref().map_or_else(|_| String::new(), |user| user.email.clone());
            (name, outcome.map_err(spent))
        }
        Err(error) => (String::new(), Err(error)),
    };
    let entered = match entered {
        Ok(user) => sign_in::token(&app, &user).await.map(|token| secret(Token::of(token, user))),
        Err(error) => Err(error),
    };
    audited::signed_in(place, (&name, address), &entered);
    entered
}

fn spent(code: Code) -> ApiError {
    let message = "This link lets nobody in: it was used, or its hour is over.";
    ApiError::new(code, message)
}

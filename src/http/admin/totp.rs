//! `/user-account/totp`: one-time codes beside the password, begun, confirmed and ended.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};

use super::sign_in::{self, Second, Shown};
use super::user::{Secret, secret};
use super::{posted, users};
use crate::accounts::{Account, totp};
use crate::app::App;
use crate::http::answers::{Deleted, Nothing};
use crate::http::{ApiError, Code, SignedIn, Who};
use crate::storage::StoredTotp;

/// What begins one-time codes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct BeginTotp {
    /// One's password.
    password: String,
}

/// What an app needs to make codes; shown only now.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TotpSecret {
    /// In Base32, for whoever types it.
    secret: String,
    /// The same as `otpauth://`, for a picture (QR code) that apps read.
    uri: String,
}

/// A code that the app shows.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ConfirmTotp {
    /// Six digits.
    code: String,
}

/// For whoever has lost the app; shown only now.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct RecoveryCodes {
    /// Each lets in once, in the place of a code.
    recovery_codes: Vec<String>,
}

/// What ends one-time codes.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct EndTotp {
    /// One's password.
    password: String,
    /// A code that the app shows, or a recovery code. Not needed for what was never confirmed.
    code: Option<String>,
}

type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// Begins one-time codes: answers the secret for an app. Codes are asked for as soon as one was
/// confirmed; beginning again before that makes another secret.
///
/// # Errors
/// 400 for a wrong password, 409 while codes are asked for, 429 after too many wrong ones.
#[utoipa::path(
    post, path = "/user-account/totp", tag = "users",
    request_body(content = BeginTotp, content_type = "application/json"),
    responses(
        (status = 200, description = "The secret, shown only now", body = TotpSecret),
        (status = 400, description = "The password is wrong"),
        (status = 409, description = "Codes are asked for already"),
        (status = 429, description = "Too many wrong ones"),
    ),
)]
pub(in crate::http) async fn begin(
    State(app): State<Arc<App>>,
    peer: Peer,
    by: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Secret<TotpSecret>, ApiError> {
    let sent: BeginTotp = posted(&app, &headers, body, Code::UserInvalid, "password").await?;
    let shown = Shown { password: sent.password, second: Second::NotAsked };
    prove(&app, &by, (&headers, peer), shown).await?;
    let new = totp::begin(&app.ids);
    let made = TotpSecret { uri: totp::uri(&new.secret, &by.email), secret: new.secret.clone() };
    change(&app, by.who(), by.email, move |totp| match totp {
        Some(totp) if totp.confirmed => None,
        _ => {
            *totp = Some(Box::new(new.clone()));
            Some(())
        }
    })
    .await?
    .ok_or(Code::TotpState)?;
    Ok(secret(made))
}

/// Confirms one-time codes with one that the app shows: from now on, signing in needs one. Answers
/// ten recovery codes.
///
/// # Errors
/// 400 for a wrong code, 409 when nothing was begun, 429 after too many wrong ones.
#[utoipa::path(
    post, path = "/user-account/totp/confirm", tag = "users",
    request_body(content = ConfirmTotp, content_type = "application/json"),
    responses(
        (status = 200, description = "The recovery codes, shown only now", body = RecoveryCodes),
        (status = 400, description = "The code is wrong"),
        (status = 409, description = "Nothing was begun"),
        (status = 429, description = "Too many wrong ones"),
    ),
)]
pub(in crate::http) async fn confirm(
    State(app): State<Arc<App>>,
    peer: Peer,
    by: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Secret<RecoveryCodes>, ApiError> {
    let ConfirmTotp { code } = posted(&app, &headers, body, Code::UserInvalid, "code").await?;
    let attempt = attempt(&app, &by, (&headers, peer)).await?;
    sign_in::wait(attempt.wait).await;
    let (recovery_codes, hashes) = totp::new_recovery_codes(&app.ids, &app.hashing);
    let (hashing, now) = (app.hashing.clone(), app.clock.now());
    let confirmed = change(&app, by.who(), by.email, move |totp| {
        let Some(totp) = totp.as_mut().filter(|totp| !totp.confirmed) else {
            return Some(Err(Code::TotpState));
        };
        totp::take(totp, &code, &hashing, now).then(|| {
            totp.confirmed = true;
            totp.recovery_codes.clone_from(&hashes);
            Ok(())
        })
    })
    .await?
    .unwrap_or(Err(Code::TotpWrong));
    if confirmed != Err(Code::TotpWrong) {
        sign_in::call_off(&app, attempt).await?;
    }
    confirmed?;
    Ok(secret(RecoveryCodes { recovery_codes }))
}

/// Ends one-time codes: the password alone is enough again.
///
/// # Errors
/// 400 for a wrong password or code, 429 after too many wrong ones.
#[utoipa::path(
    delete, path = "/user-account/totp", tag = "users",
    request_body(content = EndTotp, content_type = "application/json"),
    responses(
        (status = 200, description = "Ended; `deleted` is 0 where there were none", body = Deleted),
        (status = 400, description = "The password or the code is wrong, or a code is needed"),
        (status = 429, description = "Too many wrong ones"),
    ),
)]
pub(in crate::http) async fn end(
    State(app): State<Arc<App>>,
    peer: Peer,
    by: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Deleted>, ApiError> {
    let sent: EndTotp = posted(&app, &headers, body, Code::UserInvalid, "password").await?;
    let shown = Shown { password: sent.password, second: Second::Code(sent.code) };
    prove(&app, &by, (&headers, peer), shown).await?;
    let ended = change(&app, by.who(), by.email, Option::take).await?;
    Ok(Json(Deleted { deleted: u64::from(ended.is_some()) }))
}

/// Ends somebody's one-time codes, who has lost the app and the recovery codes.
///
/// # Errors
/// 404 when there is no such user, or they have none.
#[utoipa::path(
    delete, path = "/user/{id}/totp", tag = "users", params(("id" = String, Path)),
    responses(
        (status = 200, description = "Ended", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn reset(
    State(app): State<Arc<App>>,
    by: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    let account = Account::named(&id).ok_or_else(ApiError::not_found)?;
    let ended = change(&app, by.who(), account.as_str().to_owned(), Option::take).await?;
    ended.ok_or_else(ApiError::not_found)?;
    Ok(Json(Deleted { deleted: 1 }))
}

/// Changes a user's codes, as the storage does.
async fn change<T: Send + 'static>(
    app: &Arc<App>,
    who: Who,
    email: String,
    change: impl FnMut(&mut Option<Box<StoredTotp>>) -> Option<T> + Send + 'static,
) -> Result<Option<T>, ApiError> {
    users::edit(app, who, move |storage, by| storage.change_totp(&email, by, change)).await
}

/// Whether it is really them, by the same limits as signing in.
async fn prove(
    app: &Arc<App>,
    by: &SignedIn,
    from: (&HeaderMap, Peer),
    shown: Shown,
) -> Result<(), ApiError> {
    let attempt = attempt(app, by, from).await?;
    sign_in::check(app, attempt, shown).await??;
    Ok(())
}

async fn attempt(
    app: &Arc<App>,
    by: &SignedIn,
    (headers, peer): (&HeaderMap, Peer),
) -> Result<crate::accounts::Attempt, ApiError> {
    let account = Account::named(&by.email).ok_or(Code::TokenInvalid)?;
    sign_in::begin(app, &account, (headers, peer.map(|Extension(ConnectInfo(peer))| peer))).await
}

//! Signing in, in whichever way: who tries it and from where, and what came of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;

use crate::accounts::{self, Account, Attempt, Network, Place, Turned, totp};
use crate::app::App;
use crate::http::{ApiError, Code};
use crate::storage::{By, Edit, StorageError, StoredUser};

/// What passwords of nobody are held against. An unknown name takes as long as a wrong password, so
/// that names cannot be found out by the clock.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Somebody who tries to sign in.
pub(super) struct Try<'a> {
    /// Where they are.
    pub(super) network: &'a Network,
    /// How: `password`, `oidc`.
    pub(super) way: &'static str,
}

/// What somebody shows to prove who they are.
pub(super) struct Shown {
    pub(super) password: String,
    pub(super) second: Second,
}

/// What is shown beside a password.
pub(super) enum Second {
    /// Nothing is asked for: they have signed in before.
    NotAsked,
    /// A one-time code or a recovery code, of those who have such.
    Code(Option<String>),
}

/// What came of a try: the one place that hears of each, and may tell others.
pub(super) fn settled(app: &App, attempt: &Try<'_>, outcome: &Result<StoredUser, Code>) {
    let refused = outcome.as_ref().err().map(|code| code.as_str());
    let (way, network) = (attempt.way, attempt.network.name());
    // The name only of whom there is: people type passwords in its place.
    let who = outcome.as_ref().ok().map(|user| user.email.as_str());
    tracing::debug!(way, network, who, refused, "somebody tried to sign in");
    app.telemetry.signed_in(refused.unwrap_or("let_in"));
}

/// Begins an attempt to sign in with a password, as far as there may be more of them.
pub(super) async fn begin(
    app: &Arc<App>,
    account: &Account,
    (headers, peer): (&HeaderMap, Option<SocketAddr>),
) -> Result<Attempt, ApiError> {
    let network = app.network(headers, peer);
    let (account, tried) = (account.clone(), network.clone());
    let begun = apart(app, move |app| app.logins.begin(&account, &tried)).await?;
    begun.map_err(|turned| match turned {
        Turned::Away(wait) => {
            let attempt = Try { network: &network, way: "password" };
            settled(app, &attempt, &Err(Code::LoginAttempts));
            ApiError::from(Code::LoginAttempts).after(wait)
        }
        Turned::Unknown(error) => error.into(),
    })
}

/// The attempt was not made after all.
pub(super) async fn call_off(app: &Arc<App>, attempt: Attempt) -> Result<(), ApiError> {
    apart(app, move |app| app.logins.was_not_made(&attempt)).await
}

/// Does what may wait for the database.
async fn apart<T: Send + 'static>(
    app: &Arc<App>,
    work: impl FnOnce(&App) -> T + Send + 'static,
) -> Result<T, ApiError> {
    let app = Arc::clone(app);
    let done = tokio::task::spawn_blocking(move || work(&app)).await;
    Ok(done.map_err(|error| StorageError::Failed(error.to_string()))?)
}

/// The user of an attempt, if what was shown is theirs and they may come in.
pub(super) async fn check(
    app: &Arc<App>,
    attempt: Attempt,
    shown: Shown,
) -> Result<Result<StoredUser, Code>, ApiError> {
    wait(attempt.wait).await;
    let Some(place) = app.logins.place(&attempt).await else {
        call_off(app, attempt).await?;
        let message = "As many wait to sign in as may; try again later.";
        return Err(ApiError::new(Code::Overloaded, message));
    };
    // Settled in there: whoever asks may go while it runs.
    let work = move |app: &App| {
        let outcome = prove(app, &attempt, &shown, place);
        match &outcome {
            Ok(Ok(_)) => app.logins.was_right(&attempt),
            // Nothing was tried out: the password is right, or nobody looked at it.
            Ok(Err(Code::TotpRequired)) | Err(_) => app.logins.was_not_made(&attempt),
            Ok(Err(_)) => {}
        }
        outcome
    };
    Ok(apart(app, work).await??)
}

/// Looks at the password, and then at what is shown beside it. Blocks.
fn prove(
    app: &App,
    attempt: &Attempt,
    shown: &Shown,
    place: Place,
) -> Result<Result<StoredUser, Code>, StorageError> {
    let found = app.storage.user(attempt.account().as_str())?;
    let hash = found.as_ref().map_or("", |user| &user.password_hash);
    let has_one = !hash.is_empty();
    let is_good = accounts::verify(&shown.password, if has_one { hash } else { NOBODY });
    drop(place);
    let user = found.filter(|user| has_one && is_good && user.enabled);
    let Some(user) = user else { return Ok(Err(Code::CredentialsWrong)) };
    match &shown.second {
        Second::Code(code) if user.asks_for_codes() => {
            let Some(code) = code else { return Ok(Err(Code::TotpRequired)) };
            match app.logins.begin_code(attempt) {
                Ok(()) => {}
                Err(Turned::Away(_)) => return Ok(Err(Code::LoginAttempts)),
                Err(Turned::Unknown(error)) => return Err(error),
            }
            if !take(app, &user.email, code)? {
                return Ok(Err(Code::TotpWrong));
            }
            app.logins.code_was_right(attempt);
            Ok(Ok(user))
        }
        Second::Code(_) | Second::NotAsked => Ok(Ok(user)),
    }
}

/// Takes a code of a user, which then counts no more. Blocks.
fn take(app: &App, email: &str, code: &str) -> Result<bool, StorageError> {
    let now = app.clock.now();
    let taken =
        app.storage.change_totp(email, By { who: email, address: None, at: now }, |totp| {
            let totp = totp.as_mut().filter(|totp| totp.confirmed)?;
            totp::take(totp, code, &app.hashing, now).then_some(())
        })?;
    Ok(taken.is_some())
}

#[expect(clippy::disallowed_methods, reason = "whoever tries is to wait in the real world")]
pub(super) async fn wait(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// A token for a user who was let in.
pub(super) async fn token(app: &App, user: &StoredUser) -> Result<String, ApiError> {
    let lasts = Duration::from_secs(app.config.accounts.token_hours_max * 3600);
    let valid = (app.clock.now(), lasts);
    let (token, stored) = accounts::new_token(&app.ids, &app.hashing, user, valid);
    app.committer.edit(Edit::PutToken(stored)).await?;
    Ok(token)
}

/// The hash of a new password, if it may be set.
pub(super) async fn new_hash(
    app: &Arc<App>,
    who: &str,
    password: String,
) -> Result<String, ApiError> {
    let min = app.config.accounts.password_characters_min;
    if !accounts::is_strong(&password, min) {
        let message = format!("A password has at least {min} characters.");
        return Err(ApiError::new(Code::UserInvalid, message));
    }
    let place = app.logins.own_place(who).await.ok_or(Code::Overloaded)?;
    let work = move |app: &App| {
        let hash = accounts::hash(&password, &app.ids);
        drop(place);
        hash.map_err(|error| ApiError::new(Code::UserInvalid, error.to_string()))
    };
    apart(app, work).await?
}

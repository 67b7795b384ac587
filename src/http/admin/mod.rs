//! What administrators ask and change: the reference's addresses, one file per resource.
//!
//! See docs/wire.md §8.

pub(super) mod entities;
mod kept;
mod misread;
mod nulls;
mod sign_in;
pub(super) mod welcome;
pub(super) mod audit;
pub(super) mod info;
pub(super) mod user;
pub(super) mod user_account;
pub(super) mod totp;
pub(super) mod users;
pub(super) mod keys;
pub(super) mod oidc;
mod url_secrets;
pub(super) mod event_source;
mod source_view;
pub(super) mod event_redirect;
pub(super) mod namespace;
pub(super) mod identity;
pub(super) mod audience;
mod segment_said;
pub(super) mod segment;
pub(super) mod live_segment;
pub(super) mod computed_trait;
pub(super) mod would_be;
mod rule;
pub(super) mod drafts;
pub(super) mod event_type;
pub(super) mod by_tag;
pub(super) mod event_to_profile;
pub(super) mod validator;
pub(super) mod currency_table;
pub(super) mod tracking_plan;
pub(super) mod reshaping;
pub(super) mod function;
mod function_tests;
pub(super) mod compliance;
pub(super) mod consent_type;
pub(super) mod versions;
pub(super) mod quarantine;
pub(super) mod preferences;
pub(super) mod question;
pub(super) mod dashboard;
pub(super) mod people_list;
pub(super) mod list_members;
pub(super) mod profile;
mod progress;
pub(super) mod session;
pub(super) mod event;
pub(super) mod select;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
use utoipa::PartialSchema;
use utoipa::openapi::{RefOr, Schema};

use super::answers::Count;
use super::ask::history;
use super::{ApiError, Code, SignedIn, body, objects};
use crate::app::App;
use crate::lake::ask::{Scope, Selection};
use crate::model::{Profile, as_kept};
use crate::storage::{Counted, Storage, StorageError};
pub(in crate::http) use misread::Sent;
use misread::{cut, misread};
use nulls::place_of_null;

/// Asks the storage on a thread that may block.
pub(in crate::http) async fn ask<T: Send + 'static>(
    app: &Arc<App>,
    question: impl FnOnce(&dyn Storage) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, ApiError> {
    let storage = Arc::clone(&app.storage);
    let answered = tokio::task::spawn_blocking(move || question(storage.as_ref())).await;
    match answered {
        Ok(answer) => Ok(answer?),
        Err(error) => Err(StorageError::Failed(error.to_string()).into()),
    }
}

/// The living profile that an id leads to, with all that is counted of it.
pub(in crate::http) async fn person(
    app: &Arc<App>,
    id: String,
) -> Result<Option<Profile>, ApiError> {
    let counts_ahead = app.committer.counts_ahead();
    let named = id.clone();
    let found = ask(app, move |storage| storage.profile(&named)).await?;
    let Some(person) = found.as_ref().filter(|_| counts_ahead) else { return Ok(found) };
    // While nothing can be written, the row is what there is.
    if let Err(error) = app.committer.write_out(Some(std::slice::from_ref(&person.id))).await {
        tracing::debug!(%error, "a profile is shown without what was counted of it last");
    }
    ask(app, move |storage| storage.profile(&id)).await
}

/// The id that lives of whoever has this one; the id itself when nobody has.
pub(in crate::http) async fn living(app: &Arc<App>, id: String) -> Result<String, ApiError> {
    let named = id.clone();
    let person = ask(app, move |storage| storage.profile(&named)).await?;
    Ok(person.map_or(id, |person| person.id.to_string()))
}

/// What was posted, as `what` is to be; `code` is the refusal's when it is none. It says only the place:
/// the parser's own words may hold what was posted.
pub(in crate::http) async fn posted<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    code: Code,
    what: &str,
) -> Result<T, ApiError> {
    let body = body::read(headers, body, app).await?;
    read(&body, code, Sent::body(what))
}

/// The same, where nothing at all stands for an empty object.
pub(in crate::http) async fn posted_if_any<T: DeserializeOwned>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    code: Code,
    what: &str,
) -> Result<T, ApiError> {
    let body = body::read(headers, body, app).await?;
    let sent = Sent::body(what);
    if body.trim_ascii().is_empty() { read(b"{}", code, sent) } else { read(&body, code, sent) }
}

/// What was posted of which the parts are read each by itself, later: it is refused for what is around them.
pub(in crate::http) fn of_parts<T: DeserializeOwned>(
    body: &[u8],
    code: Code,
    sent: Sent<'_>,
) -> Result<T, ApiError> {
    // A list would be taken for an object, its values for those of the keys in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(ApiError::new(code, format!("{}: it is a list.", sent.misfit())));
    }
    objects::read(body).map_err(|error| ApiError::new(code, misread::<T>(body, &error, sent)))
}

/// What was sent, as it is to be; `code` is the refusal's when it is none.
pub(in crate::http) fn read<T: DeserializeOwned>(
    body: &[u8],
    code: Code,
    sent: Sent<'_>,
) -> Result<T, ApiError> {
    let body = as_kept(body);
    let read = of_parts(&body, code, sent)?;
    let Some(place) = place_of_null(&body) else { return Ok(read) };
    let place = match place.trim_start_matches('.') {
        "" => "it".to_owned(),
        place => cut(place),
    };
    let sentence = format!("{}: {place} holds a null character (\\u0000).", sent.misfit());
    Err(ApiError::new(code, sentence))
}

/// What is configured by a body: what it is, and which of its keys are known.
struct Kind {
    /// What it is to be.
    what: &'static str,
    /// The code of the refusal.
    invalid: Code,
    /// Keys that are taken and mean nothing: of the reference, and of our own answers.
    idle: &'static [&'static str],
}

impl Kind {
    /// What a whole body is to be.
    fn body(&self) -> Wanted<'_> {
        Wanted { kind: self, sent: Sent::body(self.what) }
    }

    /// What stands at a place in a body is to be.
    fn part<'a>(&'a self, place: &'a str) -> Wanted<'a> {
        Wanted { kind: self, sent: Sent::part(self.what, place) }
    }
}

/// Of which kind something that was sent is to be.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    kind: &'a Kind,
    sent: Sent<'a>,
}

/// As [`posted`], and a key that nobody knows is refused with the one that was meant: what is
/// misspelt would be as if it were not there. The document says which there are.
async fn configured<T: DeserializeOwned + PartialSchema>(
    app: &App,
    headers: &HeaderMap,
    body: Body,
    kind: &Kind,
) -> Result<T, ApiError> {
    let body = body::read(headers, body, app).await?;
    of_kind(&body, kind.body())
}

/// The same of each of several that stand in one body, there: as if it were a body of its own.
fn each_configured<T: DeserializeOwned + PartialSchema>(
    parts: &[Box<RawValue>],
    kind: &Kind,
    place: &str,
) -> Result<Vec<T>, ApiError> {
    let each = parts.iter().enumerate();
    let read = each.map(|(at, part)| {
        let place = format!("{place}[{at}]");
        of_kind(part.get().as_bytes(), kind.part(&place))
    });
    read.collect()
}

fn of_kind<T: DeserializeOwned + PartialSchema>(
    body: &[u8],
    wanted: Wanted<'_>,
) -> Result<T, ApiError> {
    let invalid = wanted.kind.invalid;
    // First, since what is misspelt is also missing.
    let keys: BTreeMap<String, IgnoredAny> = read(body, invalid, wanted.sent)?;
    refuse_unknown::<T>(keys.keys(), wanted)?;
    read(body, invalid, wanted.sent)
}

/// Refuses the first key that the document does not have in a `T`.
fn refuse_unknown<'a, T: PartialSchema>(
    mut keys: impl Iterator<Item = &'a String>,
    Wanted { kind, sent }: Wanted<'_>,
) -> Result<(), ApiError> {
    let known: Vec<String> = match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.into_keys().collect(),
        RefOr::T(_) | RefOr::Ref(_) => Vec::new(),
    };
    let is_known = |key: &str| known.iter().any(|one| one == key) || kind.idle.contains(&key);
    let Some(unknown) = keys.find(|key| !is_known(key)) else { return Ok(()) };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    Err(ApiError::new(kind.invalid, sent.instead_of(unknown, &known)))
}

/// How many there are, as lists show them: without what is of people who are being erased, which is told apart only
/// while somebody is. Where history cannot be asked, or is more than a question may look into, their events count until
/// they have left it.
async fn count(
    app: &Arc<App>,
    user: &SignedIn,
    what: Counted,
) -> Result<axum::Json<Count>, ApiError> {
    let (count, is_erasing) =
        ask(app, move |storage| Ok((storage.count(what)?, !storage.erasures()?.is_empty())))
            .await?;
    let count = match what {
        Counted::Events if is_erasing => {
            let all = Selection { scope: Scope::default(), skip: 0, limit: 0 };
            let shown = history(app, user, all).await.ok();
            shown.and_then(|page| u64::try_from(page.total).ok()).unwrap_or(count)
        }
        Counted::Sessions if is_erasing => {
            let hidden = ask(app, |storage| storage.hidden_sessions()).await?;
            count.saturating_sub(hidden)
        }
        // Whoever is being erased has no profile any more.
        Counted::Events | Counted::Sessions | Counted::Profiles => count,
    };
    Ok(axum::Json(Count { count }))
}

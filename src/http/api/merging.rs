//! Who a person was made of, and taking that back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::http::admin::{ask, posted};
use crate::http::answers::Nothing;
use crate::http::documents::{self, ProfileDocument};
use crate::http::{ApiError, Code, SignedIn, masked};
use crate::identification::Evidence;
use crate::lake::ask::Invalid;
use crate::model::{IdentifierKey, Masking, Profile, ProfileId, Time, Trust};
use crate::storage::{HeldIdentifier, MergeId, MergeRow};
use crate::undo::{self, NotUndone, Undone};

/// Digits of an identifier's hash that are shown: enough to see which are the same.
const HASH_SHOWN: usize = 8;

/// What a person is made of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Identity {
    /// The id that lives.
    id: String,
    /// Every id that leads to the person, and what each was.
    ids: Vec<KnownId>,
    /// What the person is recognised by.
    identifiers: Vec<KnownIdentifier>,
    /// Ids of others that somebody has said to be other people.
    apart: Vec<String>,
    /// How it came about, in order; mergers that were taken back among them.
    merges: Vec<Merge>,
}

/// An id of a person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KnownId {
    id: String,
    was: Was,
}

/// What an id was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Was {
    /// It is the person's own.
    Own,
    /// A profile of its own, until a merger.
    Merged,
    /// An id that a source has brought.
    Brought,
}

/// Something that a person is recognised by. The value is not kept, only a keyed hash of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KnownIdentifier {
    namespace: String,
    /// The first digits of the hash: those of the same value are the same.
    hash: String,
    /// The id under which it was named first.
    under: String,
}

/// A merger: two profiles that became one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Merge {
    /// Its name, by which it can be taken back.
    id: String,
    /// When.
    merged: String,
    /// When it was taken back, or null.
    #[schema(required)]
    undone: Option<String>,
    /// Whose id leads to the other.
    loser: String,
    /// Who lived on.
    winner: String,
    /// What showed that they are one.
    why: Why,
}

/// What showed that two profiles are one person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Why {
    /// Both have named it. Null when it was a link.
    #[schema(required)]
    identifier: Option<KnownBy>,
    /// The source whose page handed one over to the other in a link, or null.
    #[schema(required)]
    passed_by: Option<String>,
    /// Who has decided that they are one, where the identifier was not enough; or null.
    #[schema(required)]
    decided_by: Option<String>,
    /// The event that told it, or null.
    #[schema(required)]
    event: Option<String>,
    /// The source of the payload; null in records of before it was kept.
    #[schema(required)]
    source: Option<String>,
    /// The profile id that the payload came with, or null.
    #[schema(required)]
    came_with: Option<String>,
    /// The version of the rules of identity under which it was decided: the configuration's version
    /// with which they became what they were. `/api/audit` has what each version changed. Null in
    /// records of before it was kept.
    #[schema(required)]
    rules: Option<i64>,
    /// How far whoever named the identifier was believed: `public`, `signed` or `trusted`. Null where
    /// nobody named one, where somebody has decided, and in records of before it was kept.
    #[schema(required)]
    believed: Option<&'static str>,
}

/// An identifier, masked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KnownBy {
    namespace: String,
    hash: String,
}

/// A merger, with both profiles as they were.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct MergeInFull {
    merge: Merge,
    /// Who lived on, before.
    winner: ProfileDocument,
    /// Who ended, before.
    loser: ProfileDocument,
}

/// What taking mergers back came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TakenApart {
    /// The mergers that do not hold any more.
    merges: Vec<String>,
    /// The people who stand now, the one that keeps the id first.
    people: Vec<String>,
    /// Events that have come since, and were told apart by the id that they came with.
    events: u64,
    /// Where the person was other than its events say (events that were not kept, or that retention
    /// has removed): that stays with the first of `people`.
    untold: Vec<String>,
}

/// Which mergers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ByIdentifier {
    /// `email`, `phone`, `id`, `pk`, or another namespace.
    namespace: String,
    /// The value, as it was sent.
    value: String,
    /// The `next` of the answer before: past those that are left.
    cursor: Option<String>,
}

/// What taking back all mergers of an identifier came to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct TakenApartAll {
    /// One for each person.
    undone: Vec<TakenApart>,
    /// Mergers that stand, since somebody of whom they were was removed (`merge_of_removed`).
    left: Vec<String>,
    /// Whether the same request, sent again, takes others back.
    more: bool,
    /// The cursor of the others, or null where there are none: they are found past those that are left, too.
    #[schema(required)]
    next: Option<String>,
}

/// What a person is made of: ids, what they are recognised by, and the mergers with their evidence.
///
/// # Errors
/// 401 without a token, 404 when the id leads nowhere.
#[utoipa::path(
    get, path = "/api/profiles/{id}/identity", tag = "identity",
    params(("id" = String, Path, description = "Any id the person ever had")),
    responses(
        (status = 200, description = "Ids, identifiers and mergers", body = Identity),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn identity(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Identity>, ApiError> {
    let known = ask(&app, move |storage| {
        let Some(person) = storage.profile(&id)? else { return Ok(None) };
        let identifiers = storage.identifiers_of(&person.ids)?;
        let merges = storage.merges_of(&person.ids)?;
        Ok(Some((person, identifiers, merges)))
    });
    let (person, identifiers, merges) = known.await?.ok_or_else(ApiError::not_found)?;
    Ok(Json(Identity {
        id: person.id.to_string(),
        ids: person.ids.iter().map(|id| known_id(&person, id)).collect(),
        identifiers: identifiers.iter().map(known_identifier).collect(),
        apart: person.apart.iter().map(ToString::to_string).collect(),
        merges: merges.iter().map(merge).collect(),
    }))
}

/// A merger, with both profiles as they were.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/merges/{id}", tag = "identity",
    params(("id" = String, Path, description = "The name of the merger")),
    responses(
        (status = 200, description = "The merger", body = MergeInFull),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Path(id): Path<String>,
) -> Result<Json<MergeInFull>, ApiError> {
    let id = named(&id)?;
    let row = ask(&app, move |storage| storage.merger(&id)).await?;
    let row = row.ok_or_else(ApiError::not_found)?;
    let hidden: Masking = masked::from(&app, &user);
    let [winner, loser] = row.before.each_ref().map(|one| documents::profile(one).masked(&hidden));
    Ok(Json(MergeInFull { merge: merge(&row), winner, loser }))
}

/// Takes a merger back: both people stand again, each as its own events make it, and nothing unites
/// them from now on.
///
/// # Errors
/// 401 without a token, 404 when there is none, 409 when it was taken back before or somebody of whom it was is
/// removed, 422 when more has come since than can be folded again, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/merges/{id}/undo", tag = "identity",
    params(("id" = String, Path, description = "The name of the merger")),
    responses(
        (status = 200, description = "It is taken back", body = TakenApart),
        (status = 409, description = "It was taken back before, or somebody of whom it was is removed"),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn take_back(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<TakenApart>, ApiError> {
    Ok(Json(taken_apart(undo::undo(&app, &[named(&id)?]).await?)))
}

/// Takes back every merger that an identifier has caused, about 500 at a time, the oldest first.
///
/// # Errors
/// 401 without a token, 422 for another body and for a namespace that there is not, 503 when nothing can be
/// stored now: some of them may have been taken back then.
#[utoipa::path(
    post, path = "/api/merges/undo", tag = "identity", request_body = ByIdentifier,
    responses((status = 200, description = "They are taken back", body = TakenApartAll)),
)]
pub(in crate::http) async fn take_back_all(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: axum::body::Body,
) -> Result<Json<TakenApartAll>, ApiError> {
    let what = "an identifier: a namespace and a value";
    let by: ByIdentifier = posted(&app, &headers, body, Code::QuestionInvalid, what).await?;
    let after = by.cursor.as_deref().map(after).transpose()?;
    let all = undo::all_by(&app, &by.namespace, &by.value, after).await?;
    let left = all.left.iter().map(ToString::to_string).collect();
    let more = all.next.is_some() && !all.undone.is_empty();
    let next = all.next.map(|next| next.to_string());
    let undone = all.undone.into_iter().map(taken_apart).collect();
    Ok(Json(TakenApartAll { undone, left, more, next }))
}

/// Mergers are gone through by the moment at which they came.
fn after(cursor: &str) -> Result<Time, ApiError> {
    Time::parse(cursor).ok_or_else(|| Invalid::cursor().into())
}

fn named(id: &str) -> Result<MergeId, ApiError> {
    id.parse().map_err(|_| ApiError::not_found())
}

fn known_id(person: &Profile, id: &ProfileId) -> KnownId {
    let was = if *id == person.id {
        Was::Own
    } else if person.ended.contains(id) {
        Was::Merged
    } else {
        Was::Brought
    };
    KnownId { id: id.to_string(), was }
}

fn known_identifier(held: &HeldIdentifier) -> KnownIdentifier {
    let KnownBy { namespace, hash } = known_by(&held.key);
    KnownIdentifier { namespace, hash, under: held.under.to_string() }
}

fn known_by(key: &IdentifierKey) -> KnownBy {
    let hash = key.hash.chars().take(HASH_SHOWN).collect();
    KnownBy { namespace: key.namespace.to_string(), hash }
}

fn merge(row: &MergeRow) -> Merge {
    let (passed_by, decided_by) = match &row.evidence {
        Some(Evidence::Passed(source)) => (Some(source.to_string()), None),
        Some(Evidence::Decided { by, .. }) => (None, Some(by.clone())),
        Some(Evidence::Identifier(_)) | None => (None, None),
    };
    Merge {
        id: row.id.to_string(),
        merged: row.merged.to_string(),
        undone: row.undone.map(|time| time.to_string()),
        loser: row.loser.to_string(),
        winner: row.winner.to_string(),
        why: Why {
            identifier: row.evidence.as_ref().and_then(Evidence::identifier).map(known_by),
            passed_by,
            decided_by,
            event: row.event.as_ref().map(ToString::to_string),
            source: row.source.as_ref().map(ToString::to_string),
            came_with: row.came_with.as_ref().map(ToString::to_string),
            rules: row.rules,
            believed: row.believed.map(Trust::as_str),
        },
    }
}

fn taken_apart(undone: Undone) -> TakenApart {
    TakenApart {
        merges: undone.merges.iter().map(ToString::to_string).collect(),
        people: undone.people.iter().map(ToString::to_string).collect(),
        events: undone.events,
        untold: undone.untold,
    }
}

impl From<NotUndone> for ApiError {
    fn from(why: NotUndone) -> Self {
        match why {
            NotUndone::NoMerger | NotUndone::NoPerson => Self::not_found(),
            NotUndone::NoNamespace { .. } => {
                Self::new(Code::QuestionInvalid, format!("Nothing was changed: {why}."))
            }
            NotUndone::Already => Code::MergeUndone.into(),
            NotUndone::OfRemoved => Code::MergeOfRemoved.into(),
            NotUndone::TooMany => Code::UndoTooLarge.into(),
            NotUndone::Contended => Code::Contended.into(),
            NotUndone::Unavailable(why) => why.into(),
            NotUndone::Storage(why) => why.into(),
            NotUndone::Lake(why) => why.into(),
        }
    }
}

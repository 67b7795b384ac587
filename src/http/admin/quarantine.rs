//! `/api/identity/quarantine`: identifiers that unite nobody until somebody has decided.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::{ask, entities, posted};
use crate::app::App;
use crate::committer::Verdict;
use crate::http::answers::Nothing;
use crate::http::{ApiError, Code, SignedIn, limit};
use crate::model::{IdentityRules, ProfileId};
use crate::storage::{QuarantineRow, Storage, StorageError};

/// The code of a decision that does not fit.
const INVALID: Code = Code::IdentityInvalid;
/// Entries of one answer, unless said.
const LIMIT_DEFAULT: usize = 100;
/// Most entries of one answer.
const LIMIT_MAX: usize = 1000;

/// How many.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Page {
    /// At most so many; 100 unless said, 1000 at most.
    limit: Option<usize>,
}

/// Two people who would be one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct QuarantineEntry {
    /// Its number.
    id: String,
    /// What kind of key both are known by.
    namespace: String,
    /// The same for all entries of one identifier.
    identifier: String,
    /// Who named it, as they are now.
    visitor: String,
    /// Who holds it, as they are now.
    holder: String,
    /// Why nobody was united: `public`, `ids_max`, `merges_a_day_max`.
    reason: String,
    /// The source that said so.
    source: String,
    /// The event that did.
    #[schema(required)]
    event: Option<String>,
    /// When, as RFC 3339.
    time: String,
}

/// Those who wait.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct QuarantinePage {
    /// How many wait.
    total: u64,
    /// Those who wait for the longest come first.
    result: Vec<QuarantineEntry>,
}

/// A decision.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = QuarantineDecision)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Posted {
    /// `unite`: both are one. `never`: they are two, whatever is named.
    decision: String,
    /// The same of whoever else waits because of this identifier; they go on waiting unless said.
    #[serde(default)]
    others: Option<String>,
}

/// What was decided.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Decided {
    /// Entries that do not wait any more.
    decided: usize,
    /// Those that were to be united and cannot be: they differ in what a person has one of.
    apart: Vec<String>,
}

/// Who waits for a decision.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/identity/quarantine", tag = "identity", params(Page),
    operation_id = "list_quarantine",
    responses((status = 200, description = "Those who wait", body = QuarantinePage)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
    Query(page): Query<Page>,
) -> Result<Json<QuarantinePage>, ApiError> {
    let limit = limit::rows(page.limit, (LIMIT_DEFAULT, LIMIT_MAX));
    let (rows, total, living) = ask(&app, move |storage| {
        let (rows, total) = storage.quarantine(limit)?;
        let living = living(storage, &rows)?;
        Ok((rows, total, living))
    })
    .await?;
    let result = rows.into_iter().map(|row| entry(row, &living)).collect();
    Ok(Json(QuarantinePage { total, result }))
}

/// Decides.
///
/// # Errors
/// 401 without a token, 404 when nobody waits under this number, 409 when they cannot be one.
#[utoipa::path(
    post, path = "/api/identity/quarantine/{id}", tag = "identity",
    operation_id = "decide_quarantine",
    params(("id" = String, Path, description = "The entry's number")),
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is decided", body = Decided),
        (status = 404, description = "`null`", body = Nothing),
        (status = 409, description = "They differ in what a person has one of"),
    ),
)]
pub(in crate::http) async fn decide(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Decided>, ApiError> {
    let posted: Posted = posted(&app, &headers, body, INVALID, "decision").await?;
    let are_one = are_one(&posted.decision, "decision must be unite or never")?;
    let others_are = posted.others.as_deref();
    let others_are = others_are.map(|said| self::are_one(said, "others must be unite or never"));
    let others_are = others_are.transpose()?;
    // Whoever decides otherwise at this moment hears that it was decided.
    let _alone = app.deciding.lock().await;
    let found = ask(&app, move |storage| storage.quarantined(&id)).await?;
    let (one, others) = found.ok_or_else(ApiError::not_found)?;
    let rules = Arc::clone(entities::known(&app).await?.identity());
    let mut done = Decided { decided: 0, apart: Vec::new() };
    if !settle(&app, &user, &rules, &one, are_one).await? {
        return Err(Code::PeopleApart.into());
    }
    done.decided += 1;
    // Whoever has named it under several ids is one with the holder under each.
    let (rest, rest_are_one) = match others_are {
        Some(are_one) => (others, are_one),
        None => (already_one(&app, others).await?, true),
    };
    for row in rest {
        if settle(&app, &user, &rules, &row, rest_are_one).await? {
            done.decided += 1;
        } else {
            done.apart.push(row.id);
        }
    }
    Ok(Json(done))
}

fn are_one(said: &str, wanted: &'static str) -> Result<bool, ApiError> {
    match said {
        "unite" => Ok(true),
        "never" => Ok(false),
        _ => Err(ApiError::new(INVALID, wanted)),
    }
}

async fn settle(
    app: &App,
    user: &SignedIn,
    rules: &Arc<IdentityRules>,
    row: &QuarantineRow,
    are_one: bool,
) -> Result<bool, ApiError> {
    let verdict = Verdict {
        entry: row.clone(),
        are_one,
        by: user.who().name,
        at: app.clock.now(),
        rules: Arc::clone(rules),
        is_watched: app.registry.now().audiences().is_some(),
    };
    Ok(app.committer.decide(verdict).await?)
}

/// To whom ids lead now.
type Living = HashMap<ProfileId, ProfileId>;

/// Those whose both sides are one person by now.
async fn already_one(
    app: &Arc<App>,
    rows: Vec<QuarantineRow>,
) -> Result<Vec<QuarantineRow>, ApiError> {
    ask(app, move |storage| {
        let living = living(storage, &rows)?;
        let is_one = |row: &QuarantineRow| living.get(&row.visitor) == living.get(&row.holder);
        Ok(rows.into_iter().filter(is_one).collect())
    })
    .await
}

fn living(storage: &dyn Storage, rows: &[QuarantineRow]) -> Result<Living, StorageError> {
    let ids = rows.iter().flat_map(|row| [row.visitor.clone(), row.holder.clone()]);
    Ok(storage.standing(&ids.collect::<Vec<_>>(), &[], &[])?.aliases)
}

fn entry(row: QuarantineRow, living: &Living) -> QuarantineEntry {
    let now = |id: &ProfileId| living.get(id).unwrap_or(id).to_string();
    QuarantineEntry {
        id: row.id,
        namespace: row.key.namespace.to_string(),
        identifier: row.key.hash,
        visitor: now(&row.visitor),
        holder: now(&row.holder),
        reason: row.reason,
        source: row.source,
        event: row.event,
        time: row.asked.to_string(),
    }
}

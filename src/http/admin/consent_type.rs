//! `/consent/type`: the consents that people may give.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Tagged, tagged};
use super::rule::{self, IDLE, INVALID};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::ConsentType;
use crate::registry::{Snapshot, Stored};

pub(super) const KIND: Kind = Kind { what: "consent type", invalid: INVALID, idle: &IDLE };

/// A consent type as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = ConsentTypePosted)]
pub(in crate::http) struct Posted {
    /// As profiles have it; made of the name when absent.
    #[serde(default)]
    id: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// On unless said.
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    revokable: Option<bool>,
    /// `grant` or `deny`. `deny` unless said.
    #[serde(default)]
    default_value: Option<String>,
    #[serde(default)]
    required: Option<bool>,
    /// How long it holds after it was given: `15m`, `1h30m`, `365d`. Until it is taken back, unless said.
    #[serde(default)]
    auto_revoke: Option<String>,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// A consent type, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct ConsentTypeDocument {
    /// As profiles have it.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Off: it is not asked for any more.
    enabled: bool,
    /// Whoever has given it may take it back.
    revokable: bool,
    /// What a form shows before anybody has said anything: `grant` or `deny`.
    default_value: &'static str,
    /// Nothing goes without it.
    required: bool,
    /// How long it holds after it was given; empty: until it is taken back.
    auto_revoke: String,
    /// For grouping in lists.
    tags: Vec<String>,
    /// Who stored it first.
    owner: String,
    /// Grows whenever it is changed; its `ETag`.
    version: i64,
    /// When it was first stored, as RFC 3339.
    created: String,
    /// When it was stored last.
    changed: String,
}

/// Those that are asked for, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/consents/type/enabled", tag = "rules", operation_id = "list_enabled_consent_types",
    responses((status = 200, description = "Those", body = All<ConsentTypeDocument>)),
)]
pub(in crate::http) async fn enabled(
    State(app): State<Arc<App>>,
) -> Result<Json<All<ConsentTypeDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let all = known.all::<ConsentType>().into_iter();
    Ok(Json(all.filter(|one| one.entity.enabled).map(document).collect()))
}

/// All consent types, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/consents/type", tag = "rules", operation_id = "list_consent_types",
    responses((status = 200, description = "All of them", body = All<ConsentTypeDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<ConsentTypeDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<ConsentType>().into_iter().map(document).collect()))
}

/// One consent type.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/consent/type/{id}", tag = "rules", operation_id = "show_consent_type",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It", body = ConsentTypeDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<ConsentTypeDocument>, ApiError> {
    let stored = entities::one::<ConsentType>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a consent type. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/consent/type", tag = "rules", operation_id = "put_consent_type",
    request_body(content = Posted),
    responses(
        (status = 200, description = "It is stored", body = Saved),
        (status = 422, description = "It does not fit"),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged<Saved>, ApiError> {
    let posted = configured(&app, &headers, body, &KIND).await?;
    let (known, who) = (entities::known(&app).await?, user.who());
    let entity = read(&app, &known, &who.name, posted)?;
    entities::put(&app, rule::editor(&user, &headers), entity).await
}

/// Removes a consent type.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/consent/type/{id}", tag = "rules", operation_id = "remove_consent_type",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is removed", body = Deleted),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn remove(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Deleted>, ApiError> {
    entities::remove::<ConsentType>(&app, rule::editor(&user, &headers), id).await
}

const AUTO_REVOKE: &str = "auto_revoke must be a time in s, m, h, d or w: 15m, 1h30m, 365d";
/// Units, and their seconds.
const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(
    app: &App,
    known: &Snapshot,
    who: &str,
    posted: Posted,
) -> Result<ConsentType, ApiError> {
    let id = posted.id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let id = id.unwrap_or_else(|| rule::event_type(&posted.name));
    let before = known.get::<ConsentType>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let granted_by_default = match posted.default_value.as_deref() {
        None | Some("deny") => false,
        Some("grant") => true,
        Some(_) => return Err(rule::wrong("default_value must be grant or deny")),
    };
    let holds = posted.auto_revoke.unwrap_or_default();
    let holds = match holds.trim() {
        "" => 0,
        // One that ends at once would never be one.
        text => seconds(text).filter(|all| *all > 0).ok_or_else(|| rule::wrong(AUTO_REVOKE))?,
    };
    Ok(ConsentType {
        id,
        about,
        enabled: posted.enabled.unwrap_or(true),
        revokable: posted.revokable.unwrap_or(false),
        granted_by_default,
        required: posted.required.unwrap_or(false),
        holds_seconds: holds,
        tags: posted.tags.unwrap_or_default(),
    })
}

/// The seconds of `1h30m`; 0 of nothing, none of what is no time.
fn seconds(text: &str) -> Option<u64> {
    let (mut sum, mut number) = (0_u64, String::new());
    for letter in text.chars().filter(|letter| *letter != ' ') {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let (_, unit) = UNITS.iter().find(|(known, _)| *known == letter)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(*unit)?)?;
        number.clear();
    }
    number.is_empty().then_some(sum)
}

/// As [`seconds`] reads it, in the largest units.
fn written(mut seconds: u64) -> String {
    let mut text = String::new();
    for (letter, unit) in UNITS {
        if seconds >= unit {
            text.push_str(&format!("{}{letter}", seconds / unit));
            seconds %= unit;
        }
    }
    text
}

pub(super) fn document(stored: &Stored<ConsentType>) -> ConsentTypeDocument {
    let ConsentType { id, about, enabled, revokable, granted_by_default, required, .. } =
        stored.entity.as_ref().clone();
    ConsentTypeDocument {
        id,
        name: about.name,
        description: about.note,
        enabled,
        revokable,
        default_value: if granted_by_default { "grant" } else { "deny" },
        required,
        auto_revoke: written(stored.entity.holds_seconds),
        tags: stored.entity.tags.clone(),
        owner: about.owner,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, expected) in [("15m", 900), ("1h30m", 5_400), ("", 0), ("2w 1d", 1_296_000)] {
            assert_eq!(seconds(text), Some(expected), "{text}");
            assert_eq!(seconds(&written(expected)), Some(expected), "{text}");
        }
        for no in ["1", "m", "1y", "-1d", "1.5h", "99999999999999999999s"] {
            assert_eq!(seconds(no), None, "{no}");
        }
    }
}

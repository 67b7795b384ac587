//! `/api/identity/settings`: whom to believe, and how much one person may unite.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Editor, Tagged, tagged};
use super::namespace::named;
use super::posted;
use crate::app::App;
use crate::http::answers::Saved;
use crate::http::{ApiError, Code, SignedIn};
use crate::model::{Guards, IdentitySettings, Links, PublicMode};
use crate::registry::IDENTITY;

/// The code of settings that do not fit.
const INVALID: Code = Code::IdentityInvalid;

/// The settings as they are posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = IdentityPosted)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Posted {
    /// `merge`, `link` or `ask`.
    #[serde(default)]
    public: Option<String>,
    /// `signed` or `any`.
    #[serde(default)]
    links: Option<String>,
    #[serde(default)]
    guards: Option<PostedGuards>,
}

/// How much one person may unite.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = IdentityPostedGuards)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedGuards {
    #[serde(default)]
    ids_max: Option<u64>,
    #[serde(default)]
    merges_a_day_max: Option<u64>,
}

/// The settings, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct IdentityDocument {
    /// What public sources may do with an identifier that somebody else holds: `merge`, `link`, `ask`.
    public: &'static str,
    /// Which profile ids in links are believed: `signed` or `any`.
    links: &'static str,
    guards: GuardsDocument,
}

/// How much one person may unite before somebody is asked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = IdentityGuards)]
#[serde(deny_unknown_fields)]
struct GuardsDocument {
    /// Ids that may lead to one person.
    ids_max: u64,
    /// Mergers of one person in a day (UTC).
    merges_a_day_max: u64,
}

/// The settings of identity.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/identity/settings", tag = "identity", operation_id = "show_identity_settings",
    responses((status = 200, description = "The settings", body = IdentityDocument)),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
) -> Result<Tagged<IdentityDocument>, ApiError> {
    let known = entities::known(&app).await?;
    let version = known.get::<IdentitySettings>(IDENTITY).map_or(0, |stored| stored.version);
    Ok(tagged(version, document(&known.identity().settings)))
}

/// Changes the settings of identity. They count from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when they do not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/identity/settings", tag = "identity", operation_id = "put_identity_settings",
    request_body(content = Posted),
    responses(
        (status = 200, description = "They are stored", body = Saved),
        (status = 422, description = "They do not fit"),
    ),
)]
pub(in crate::http) async fn put(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    body: Body,
) -> Result<Tagged<Saved>, ApiError> {
    let posted: Posted = posted(&app, &headers, body, INVALID, "identity settings").await?;
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, settings(posted)?).await
}

pub(super) fn settings(posted: Posted) -> Result<IdentitySettings, ApiError> {
    let plain = IdentitySettings::default();
    let guards = posted.guards.unwrap_or_default();
    Ok(IdentitySettings {
        public: named(posted.public, PublicMode::named, "public must be merge, link or ask")?
            .unwrap_or(plain.public),
        links: named(posted.links, Links::named, "links must be signed or any")?
            .unwrap_or(plain.links),
        guards: Guards {
            ids_max: guards.ids_max.unwrap_or(plain.guards.ids_max),
            merges_a_day_max: guards.merges_a_day_max.unwrap_or(plain.guards.merges_a_day_max),
        },
    })
}

fn document(settings: &IdentitySettings) -> IdentityDocument {
    IdentityDocument {
        public: settings.public.as_str(),
        links: settings.links.as_str(),
        guards: GuardsDocument {
            ids_max: settings.guards.ids_max,
            merges_a_day_max: settings.guards.merges_a_day_max,
        },
    }
}

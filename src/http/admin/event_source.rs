//! `/event-source` and `/event-sources`: who may send.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entities::{self, Editor, Tagged, tagged};
use super::source_view::{PostedView, SourceView, view};
use super::url_secrets::SourceUrlSecrets;
use super::{Kind, configured, refuse_unknown};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, Code, SignedIn, objects};
use crate::model::{Bridge, Crawlers, Map, Source, SourceId, Trust, Webhook, lower_case};
use crate::registry::Snapshot;

/// The code of a source that does not fit.
const INVALID: Code = Code::SourceInvalid;

/// Sources as the reference's clients post them have more keys (docs/wire.md §2.1).
pub(super) const KIND: Kind = Kind {
    what: "event source",
    invalid: INVALID,
    idle: &[
        "bridge",
        "groups",
        "has_secret",
        "hash",
        "locked",
        "manual",
        "permanent_profile_id",
        "production",
        "requires_consent",
        "running",
        "synchronize_profiles",
        "timestamp",
        "update",
    ],
};

/// A source as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = SourcePosted)]
pub(in crate::http) struct Posted {
    /// Drawn when absent.
    id: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// `rest`, `webhook`, `redirect`: a list or one of them.
    #[serde(rename = "type")]
    bridges: Value,
    #[serde(default)]
    enabled: Option<bool>,
    #[serde(default)]
    transitional: Option<bool>,
    /// `public`, `signed` or `trusted`; by the type unless said.
    #[serde(default)]
    trust: Option<String>,
    #[serde(default)]
    returns_profile: Option<bool>,
    #[serde(default)]
    #[schema(value_type = Option<PostedView>)]
    profile_view: Option<Map>,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    allowed_origins: Option<Vec<String>>,
    #[serde(default)]
    keeps_ip: Option<bool>,
    /// Addresses are kept without their last part.
    #[serde(default)]
    cuts_ip: Option<bool>,
    /// Visitors who do not say where they are are where their address is. On unless said.
    #[serde(default)]
    locates: Option<bool>,
    /// `flag` or `refuse`; as the settings say unless said.
    #[serde(default)]
    crawlers: Option<String>,
    /// What of addresses that pages have is not kept.
    #[serde(default)]
    url_secrets: Option<SourceUrlSecrets>,
    #[serde(default)]
    retention_days: Option<u64>,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default)]
    #[schema(value_type = Option<PostedConfig>)]
    config: Option<Map>,
}

/// The bridge's own settings.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = SourcePostedConfig)]
pub(in crate::http) struct PostedConfig {
    /// The payload's profile id is taken as it is.
    #[serde(default)]
    static_profile_id: bool,
    /// Webhooks: everybody is somebody, known by what the properties say, or new.
    #[serde(default)]
    generate_profile: bool,
    /// Webhooks: who is known by what the properties say has one session for good. On unless said.
    #[serde(default)]
    sticky_session: Option<bool>,
    /// Webhooks: where in the properties the profile id stands.
    #[serde(default)]
    replace_profile_id: Option<String>,
}

/// A source, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the reference's source")]
pub(in crate::http) struct SourceDocument {
    /// Public: it stands in every page that sends.
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// The doors it may use: `rest`, `webhook`, `redirect`.
    #[serde(rename = "type")]
    bridges: Vec<&'static str>,
    /// Off: everything it sends is refused.
    enabled: bool,
    /// Neither sessions nor events are kept, profiles are.
    transitional: bool,
    /// How far it is believed when it says who somebody is: `public`, `signed` or `trusted`.
    trust: &'static str,
    /// Its server can sign.
    has_secret: bool,
    /// Answers may carry the profile's body when an event asks for it.
    returns_profile: bool,
    /// What of the person each answer tells.
    profile_view: SourceView,
    /// Copied to sessions and events.
    channel: String,
    /// `Origin`s that may send; empty: any.
    allowed_origins: Vec<String>,
    /// Events keep the address they came from.
    keeps_ip: bool,
    /// Of those that are kept, the last part is left out: a /24 of IPv4, a /48 of IPv6.
    cuts_ip: bool,
    /// Visitors who do not say where they are are where their address is.
    locates: bool,
    /// What becomes of what crawlers send: `flag` or `refuse`; null: as the settings say.
    #[schema(required)]
    crawlers: Option<&'static str>,
    /// What of addresses that pages have is not kept.
    url_secrets: SourceUrlSecrets,
    /// Events older than this many days are removed; 0: as the settings say.
    retention_days: u64,
    /// For grouping in lists.
    tags: Vec<String>,
    /// When it was first stored.
    timestamp: String,
    config: SourceConfig,
}

/// The bridge's own settings.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SourceConfig {
    /// The payload's profile id is taken as it is.
    static_profile_id: bool,
    /// Webhooks: everybody is somebody, known by what the properties say, or new.
    generate_profile: bool,
    /// Webhooks: who is known by what the properties say has one session for good.
    sticky_session: bool,
    /// Webhooks: where in the properties the profile id stands.
    #[schema(required)]
    replace_profile_id: Option<String>,
}

/// All sources.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/event-sources", tag = "event sources",
    responses((status = 200, description = "All of them", body = All<SourceDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<SourceDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    let all = known.all::<Source>().into_iter();
    Ok(Json(all.map(|source| document(&source.entity)).collect()))
}

/// One source.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/event-source/{id}", tag = "event sources",
    params(("id" = String, Path, description = "Source id")),
    responses(
        (status = 200, description = "The source", body = SourceDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<SourceDocument>, ApiError> {
    let source = entities::one::<Source>(&app, &id).await?;
    Ok(tagged(source.version, document(&source.entity)))
}

/// Makes or changes a source. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-source", tag = "event sources",
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
    let known = entities::known(&app).await?;
    let source = source(&app, &known, posted)?;
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, source).await
}

/// The key with which a source's server signs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SourceSecret)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct SecretDocument {
    /// Shown only now.
    secret: String,
}

/// Makes a new secret for a source. What was signed with the one before is not believed any more.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/event-source/{id}/secret", tag = "event sources",
    operation_id = "renew_source_secret",
    params(("id" = String, Path, description = "Source id")),
    responses(
        (status = 200, description = "It is made", body = SecretDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn renew_secret(
    State(app): State<Arc<App>>,
    user: SignedIn,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Tagged<SecretDocument>, ApiError> {
    let stored = entities::one::<Source>(&app, &id).await?;
    let salt = app.ids.uuid(app.clock.now()).to_string();
    let secret = app.hashing.source_secret(stored.entity.id.as_str(), &salt);
    let source = Source { secret: Some(salt), ..stored.entity.as_ref().clone() };
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    let (tag, _) = entities::put_again(&app, editor, source).await?;
    Ok((tag, Json(SecretDocument { secret })))
}

/// Removes a source. What it sent stays; what it sends is refused.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/event-source/{id}", tag = "event sources",
    params(("id" = String, Path, description = "Source id")),
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
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::remove::<Source>(&app, editor, id).await
}

/// The source that is meant; what was stored of it before is `known`.
fn source(app: &App, known: &Snapshot, posted: Posted) -> Result<Source, ApiError> {
    let name = posted.name.trim();
    let id = lower_case(&entities::id(app, posted.id.as_deref()));
    let bridges = bridges(&posted.bridges).ok_or_else(|| {
        let message = "type must be rest, webhook or redirect, or a list of them";
        ApiError::new(INVALID, message)
    })?;
    let before = known.get::<Source>(&id);
    let secret = before.and_then(|source| source.entity.secret.clone());
    let trust = posted.trust.map(|name| {
        let wanted = "trust must be public, signed or trusted";
        Trust::named(&name).ok_or_else(|| ApiError::new(INVALID, wanted))
    });
    let crawlers = posted.crawlers.filter(|name| !name.is_empty()).map(|name| {
        let wanted = "crawlers must be flag or refuse";
        Crawlers::named(&name).ok_or_else(|| ApiError::new(INVALID, wanted))
    });
    let trust = trust.transpose()?.unwrap_or_else(|| Source::usual_trust(&bridges));
    let created = before.map_or_else(|| app.clock.now(), |source| source.entity.created);
    let config = config(posted.config.unwrap_or_default())?;
    let plain = Source::new(SourceId::new(id), name, bridges, created);
    Ok(Source {
        description: posted.description.unwrap_or_default(),
        trust,
        secret,
        enabled: posted.enabled.unwrap_or(true),
        transitional: posted.transitional.unwrap_or(false),
        static_profile_id: config.static_profile_id,
        webhook: Webhook {
            generate_profile: config.generate_profile,
            sticky_session: config.sticky_session.unwrap_or(true),
            replace_profile_id: config.replace_profile_id.filter(|path| !path.is_empty()),
        },
        returns_profile: posted.returns_profile.unwrap_or(false),
        profile_view: view(posted.profile_view.unwrap_or_default())?,
        channel: posted.channel.unwrap_or_default(),
        allowed_origins: posted.allowed_origins.unwrap_or_default(),
        keeps_ip: posted.keeps_ip.unwrap_or(false),
        cuts_ip: posted.cuts_ip.unwrap_or(false),
        locates: posted.locates.unwrap_or(true),
        crawlers: crawlers.transpose()?,
        url_secrets: posted.url_secrets.unwrap_or_default().into(),
        retention_days: posted.retention_days.unwrap_or(0),
        tags: posted.tags.unwrap_or_else(|| plain.tags.clone()),
        ..plain
    })
}

fn config(sent: Map) -> Result<PostedConfig, ApiError> {
    refuse_unknown::<PostedConfig>(sent.keys(), KIND.body())?;
    let wrong = |_| ApiError::new(INVALID, "config holds a value of another type");
    objects::of_value(Value::Object(sent)).map_err(wrong)
}

fn bridges(sent: &Value) -> Option<Vec<Bridge>> {
    let one = |value: &Value| value.as_str().and_then(Bridge::named);
    match sent.as_array().filter(|list| !list.is_empty()) {
        Some(list) => list.iter().map(one).collect(),
        None => one(sent).map(|bridge| vec![bridge]),
    }
}

fn document(source: &Source) -> SourceDocument {
    SourceDocument {
        id: source.id.to_string(),
        name: source.name.clone(),
        description: source.description.clone(),
        bridges: source.bridges.iter().map(|bridge| bridge.as_str()).collect(),
        enabled: source.enabled,
        transitional: source.transitional,
        trust: source.trust.as_str(),
        has_secret: source.secret.is_some(),
        returns_profile: source.returns_profile,
        profile_view: (&source.profile_view).into(),
        channel: source.channel.clone(),
        allowed_origins: source.allowed_origins.clone(),
        keeps_ip: source.keeps_ip,
        cuts_ip: source.cuts_ip,
        locates: source.locates,
        crawlers: source.crawlers.map(Crawlers::as_str),
        url_secrets: source.url_secrets.clone().into(),
        retention_days: source.retention_days,
        tags: source.tags.clone(),
        timestamp: source.created.to_string(),
        config: SourceConfig {
            static_profile_id: source.static_profile_id,
            generate_profile: source.webhook.generate_profile,
            sticky_session: source.webhook.sticky_session,
            replace_profile_id: source.webhook.replace_profile_id.clone(),
        },
    }
}

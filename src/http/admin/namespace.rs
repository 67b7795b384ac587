//! `/api/identity/namespaces`: what names somebody.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::entities::{self, Editor, Tagged, tagged};
use super::{posted, rule};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, Code, SignedIn};
use crate::model::{
    Country, Namespace, NamespaceRules, Normalise, Path as Keys, Pattern, PatternUnfit, PublicMode,
    ReadFrom, Step, Trust, kept_type,
};

/// The code of a namespace that does not fit.
const INVALID: Code = Code::IdentityInvalid;

/// A namespace as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NamespacePosted)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Posted {
    /// Its name: `pk`, `id`, `email`, `phone`, or one of your own.
    id: String,
    #[serde(default)]
    unique: Option<bool>,
    #[serde(default)]
    values_max: Option<usize>,
    /// `email`, `phone`, `text` or `exact`.
    #[serde(default)]
    normalise: Option<String>,
    #[serde(default)]
    country: Option<String>,
    #[serde(default)]
    pattern: Option<String>,
    #[serde(default)]
    meaningless: Option<Vec<String>>,
    #[serde(default)]
    read_from: Option<Vec<PostedReadFrom>>,
    /// `public`, `signed` or `trusted`.
    #[serde(default)]
    believed: Option<String>,
    /// `merge`, `link` or `ask`.
    #[serde(default)]
    public: Option<String>,
}

/// A property that names somebody.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = NamespacePostedReadFrom)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct PostedReadFrom {
    event_type: String,
    property: String,
}

/// A namespace, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NamespaceDocument {
    /// Its name.
    id: String,
    /// A person has at most one value; two never meet in one profile.
    unique: bool,
    /// How many values a person may have.
    values_max: usize,
    /// How values are brought into one form: `email`, `phone`, `text` or `exact`.
    normalise: &'static str,
    /// Whose numbers those without a prefix are (ISO 3166-1).
    #[schema(required)]
    country: Option<String>,
    /// What a value must look like, in its form.
    #[schema(required)]
    pattern: Option<String>,
    /// Values that identify nobody; a star stands for anything.
    meaningless: Vec<String>,
    /// More properties that it is read from.
    read_from: Vec<ReadFromDocument>,
    /// The least trust that may name it: `public`, `signed` or `trusted`.
    believed: &'static str,
    /// What public sources may do, if it is not as everywhere: `merge`, `link` or `ask`.
    #[schema(required)]
    public: Option<&'static str>,
}

/// A property that names somebody.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = NamespaceReadFrom)]
#[serde(deny_unknown_fields)]
struct ReadFromDocument {
    /// The event's type.
    event_type: String,
    /// A path in its properties.
    property: String,
}

/// All namespaces, those that Kith knows of itself included.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/identity/namespaces", tag = "identity", operation_id = "list_namespaces",
    responses((status = 200, description = "All of them", body = All<NamespaceDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<NamespaceDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.identity().all().map(document).collect()))
}

/// One namespace.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/identity/namespaces/{id}", tag = "identity", operation_id = "show_namespace",
    params(("id" = String, Path, description = "Its name")),
    responses(
        (status = 200, description = "The namespace", body = NamespaceDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<NamespaceDocument>, ApiError> {
    let known = entities::known(&app).await?;
    let version = known.get::<NamespaceRules>(&id).map_or(0, |stored| stored.version);
    let rules = known.identity().of(&Namespace::new(id)).ok_or_else(ApiError::not_found)?;
    Ok(tagged(version, document(rules)))
}

/// Makes or changes a namespace. It counts from the next payload on; who was united before stays so.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/identity/namespaces", tag = "identity", operation_id = "put_namespace",
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
    let posted = posted(&app, &headers, body, INVALID, "namespace").await?;
    let editor = Editor { user: &user, headers: &headers, invalid: INVALID };
    entities::put(&app, editor, rules(posted)?).await
}

/// Removes a namespace; one that Kith knows of itself is as it was at first. What people were
/// recognised by is kept, and finds nobody until there is a namespace of this name again.
///
/// # Errors
/// 401 without a token, 404 when nothing was stored, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/api/identity/namespaces/{id}", tag = "identity",
    operation_id = "remove_namespace",
    params(("id" = String, Path, description = "Its name")),
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
    entities::remove::<NamespaceRules>(&app, editor, id).await
}

pub(super) fn rules(posted: Posted) -> Result<NamespaceRules, ApiError> {
    let plain = NamespaceRules::of(posted.id.trim());
    let lower = |words: Vec<String>| words.iter().map(|word| word.trim().to_lowercase()).collect();
    let read_from = posted.read_from.unwrap_or_default().into_iter();
    // Of nothing, nothing would be left that names anybody.
    let pattern = posted.pattern.filter(|text| !text.trim().is_empty());
    Ok(NamespaceRules {
        unique: posted.unique.unwrap_or(plain.unique),
        values_max: posted.values_max.unwrap_or(plain.values_max),
        normalise: named(posted.normalise, Normalise::named, NORMALISE)?.unwrap_or(plain.normalise),
        country: named(posted.country, Country::of, COUNTRY)?,
        pattern: pattern.map(|text| self::pattern(&text)).transpose()?,
        meaningless: posted.meaningless.map_or(plain.meaningless, lower),
        read_from: read_from.map(|one| read(&one)).collect::<Result<_, _>>()?,
        believed: named(posted.believed, Trust::named, BELIEVED)?.unwrap_or(plain.believed),
        public: named(posted.public, PublicMode::named, PUBLIC)?,
        name: plain.name,
    })
}

const NORMALISE: &str = "normalise must be email, phone, text or exact";
const COUNTRY: &str = "country must be a code of ISO 3166-1 in upper case, such as PL";
const BELIEVED: &str = "believed must be public, signed or trusted";
const PROPERTY: &str = "read_from.property must be keys below the properties: customer.card, and neither a place in a \
                        list, which are digits, nor a key with a dot";
const PUBLIC: &str = "public must be merge, link or ask";

/// What is named, or what is wanted there.
pub(super) fn named<T>(
    sent: Option<String>,
    named: impl Fn(&str) -> Option<T>,
    wanted: &'static str,
) -> Result<Option<T>, ApiError> {
    let Some(sent) = sent else { return Ok(None) };
    named(&sent).map(Some).ok_or_else(|| ApiError::new(INVALID, wanted))
}

fn pattern(text: &str) -> Result<Pattern, ApiError> {
    Pattern::new(text).map_err(|why| {
        ApiError::new(
            INVALID,
            match why {
                PatternUnfit::TooLarge => "pattern is too large",
                PatternUnfit::Unreadable => "pattern must be a regular expression",
            },
        )
    })
}

/// What is read from which event, as both are kept.
fn read(posted: &PostedReadFrom) -> Result<ReadFrom, ApiError> {
    let property = keys(&posted.property).ok_or_else(|| ApiError::new(INVALID, PROPERTY))?;
    Ok(ReadFrom { event_type: kept_type(&posted.event_type), property })
}

/// A place below an event's properties, which may be written whole (`event@properties.customer.card`), as keys with
/// dots between them: so events are looked through for whom they name, before anybody reads them whole. None for what
/// would never be found so.
fn keys(sent: &str) -> Option<String> {
    let path = Keys::parse(rule::property(sent)?).ok()?;
    let keys: Vec<&str> = path.steps().iter().map(Step::key).collect();
    let is_key = |key: &&str| !key.contains('.') && !key.bytes().all(|byte| byte.is_ascii_digit());
    keys.iter().all(is_key).then(|| keys.join("."))
}

fn document(rules: &NamespaceRules) -> NamespaceDocument {
    let read_from = rules.read_from.iter().map(|one| ReadFromDocument {
        event_type: one.event_type.clone(),
        property: one.property.clone(),
    });
    NamespaceDocument {
        id: rules.name.to_string(),
        unique: rules.unique,
        values_max: rules.values_max(),
        normalise: rules.normalise.as_str(),
        country: rules.country.map(Country::code),
        pattern: rules.pattern.as_ref().map(|pattern| pattern.as_str().to_owned()),
        meaningless: rules.meaningless.clone(),
        read_from: read_from.collect(),
        believed: rules.believed.as_str(),
        public: rules.public.map(PublicMode::as_str),
    }
}

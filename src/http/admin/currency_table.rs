//! `/api/currency-tables`: what amounts in one currency are in another.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entities::{self, Tagged, tagged};
use super::rule::{self, IDLE, INVALID};
use super::{Kind, configured};
use crate::app::App;
use crate::http::answers::{All, Deleted, Nothing, Saved};
use crate::http::{ApiError, SignedIn};
use crate::model::{self, Amount, ConvertedTo, CurrencyTable, Decimal, Rate, Time};
use crate::registry::{Snapshot, Stored};

pub(super) const KIND: Kind = Kind { what: "currency table", invalid: INVALID, idle: &IDLE };

/// A table of currencies as it is posted. What is absent is at its default.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CurrencyTablePosted)]
pub(in crate::http) struct Posted {
    /// Drawn when absent.
    #[serde(default)]
    id: Option<String>,
    /// For people.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// Off unless said.
    #[serde(default)]
    enabled: Option<bool>,
    /// The currency that amounts are converted to: `EUR`.
    base: String,
    /// Which amounts of events are converted.
    amounts: Vec<PostedAmount>,
    /// By currency, how much of the base one of it is since a day.
    rates: BTreeMap<String, Vec<PostedRate>>,
}

/// An amount of events.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CurrencyTablePostedAmount)]
#[serde(deny_unknown_fields)]
struct PostedAmount {
    /// Of which types; of all unless said.
    #[serde(default)]
    event_types: Option<Vec<String>>,
    /// Where it stands: `properties.total`.
    amount: String,
    /// Where its currency stands: `properties.currency`.
    currency: String,
    /// Where what it is in the base goes: a place below `traits` or `data`.
    into: String,
}

/// A rate, as text or as a number; as text it has the digits that were written.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[schema(as = CurrencyTablePostedRate)]
#[serde(deny_unknown_fields)]
struct PostedRate {
    /// The day, in UTC: `2026-01-31`.
    since: String,
    /// So much of the base: `"0.92"`.
    rate: Value,
}

/// A table of currencies, with every field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CurrencyTableDocument {
    id: String,
    /// For people.
    name: String,
    /// For people.
    description: String,
    /// Off: nothing is converted by it.
    enabled: bool,
    /// The currency that amounts are converted to.
    base: String,
    /// What is converted.
    amounts: Vec<AmountDocument>,
    /// By currency, the earliest first.
    rates: BTreeMap<String, Vec<RateDocument>>,
    /// Who stored it first.
    owner: String,
    /// Grows whenever it is changed; its `ETag`.
    version: i64,
    /// When it was first stored, as RFC 3339.
    created: String,
    /// When it was stored last.
    changed: String,
}

/// An amount of events.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CurrencyTableAmount)]
#[serde(deny_unknown_fields)]
struct AmountDocument {
    /// Of which types; empty: of all.
    event_types: Vec<String>,
    /// Where it stands.
    amount: String,
    /// Where its currency stands.
    currency: String,
    /// Where what it is in the base goes.
    into: String,
}

/// What one of a currency is from some day on.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CurrencyTableRate)]
#[serde(deny_unknown_fields)]
struct RateDocument {
    /// The day, in UTC.
    since: String,
    /// So much of the base, with all its digits.
    rate: String,
}

/// All tables of currencies, sorted by id.
///
/// # Errors
/// 401 without a token.
#[utoipa::path(
    get, path = "/api/currency-tables", tag = "rules", operation_id = "list_currency_tables",
    responses((status = 200, description = "All of them", body = All<CurrencyTableDocument>)),
)]
pub(in crate::http) async fn list(
    State(app): State<Arc<App>>,
) -> Result<Json<All<CurrencyTableDocument>>, ApiError> {
    let known = entities::known(&app).await?;
    Ok(Json(known.all::<CurrencyTable>().into_iter().map(document).collect()))
}

/// One table of currencies.
///
/// # Errors
/// 401 without a token, 404 when there is none.
#[utoipa::path(
    get, path = "/api/currency-tables/{id}", tag = "rules", operation_id = "show_currency_table",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It", body = CurrencyTableDocument),
        (status = 404, description = "`null`", body = Nothing),
    ),
)]
pub(in crate::http) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Tagged<CurrencyTableDocument>, ApiError> {
    let stored = entities::one::<CurrencyTable>(&app, &id).await?;
    Ok(tagged(stored.version, document(&stored)))
}

/// Makes or changes a table of currencies. It counts from the next payload on.
///
/// # Errors
/// 401 without a token, 422 when it does not fit, 503 when nothing can be stored now.
#[utoipa::path(
    post, path = "/api/currency-tables", tag = "rules", operation_id = "put_currency_table",
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
    let table = read(&app, &known, &who.name, posted)?;
    entities::put(&app, rule::editor(&user, &headers), table).await
}

/// Removes a table of currencies. What it has converted stays.
///
/// # Errors
/// 401 without a token, 404 when there is none, 503 when nothing can be stored now.
#[utoipa::path(
    delete, path = "/api/currency-tables/{id}", tag = "rules", operation_id = "remove_currency_table",
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
    entities::remove::<CurrencyTable>(&app, rule::editor(&user, &headers), id).await
}

/// What is meant; what was stored of it before is `known`.
pub(super) fn read(
    app: &App,
    known: &Snapshot,
    who: &str,
    posted: Posted,
) -> Result<CurrencyTable, ApiError> {
    let id = entities::id(app, posted.id.as_deref());
    let before = known.get::<CurrencyTable>(&id).map(|stored| &stored.entity.about);
    let about = rule::about(app, who, (&posted.name, posted.description), before);
    let code = |code: &str| code.trim().to_uppercase();
    let mut rates: BTreeMap<String, Vec<Rate>> = BTreeMap::new();
    for (currency, posted) in posted.rates {
        let read: Result<Vec<_>, _> = posted.iter().map(rate).collect();
        rates.entry(code(&currency)).or_default().extend(read?);
    }
    rates.values_mut().for_each(|rates| rates.sort_by_key(|rate| rate.since));
    Ok(CurrencyTable {
        id,
        about,
        enabled: posted.enabled.unwrap_or(false),
        base: code(&posted.base),
        amounts: posted.amounts.into_iter().map(amount).collect::<Result<_, _>>()?,
        rates: Arc::new(rates),
    })
}

fn rate(posted: &PostedRate) -> Result<Rate, ApiError> {
    let day = format!("{}T00:00:00Z", posted.since.trim());
    let since = Time::parse(&day).filter(|_| posted.since.trim().len() == "2026-01-31".len());
    let since = since.ok_or_else(|| rule::wrong("rates.since must be a day: 2026-01-31"))?;
    let wrong = || rule::wrong("rates.rate must be a number of at most 18 digits: \"0.92\"");
    Ok(Rate { since, rate: Decimal::of(&posted.rate).ok_or_else(wrong)? })
}

fn amount(posted: PostedAmount) -> Result<Amount, ApiError> {
    let property = |name: &str, text: &str| {
        rule::meant(&format!("amounts.{name}"), text)?;
        let text = text.trim().trim_start_matches("event@");
        let path = text.strip_prefix("properties.").map(model::Path::parse);
        path.and_then(Result::ok).ok_or_else(|| {
            rule::wrong(format!("amounts.{name} must be a place below properties: properties.x"))
        })
    };
    rule::meant("amounts.into", &posted.into)?;
    let into = ConvertedTo::read(&posted.into).ok_or_else(|| {
        rule::wrong("amounts.into must be a place below traits or data: traits.total_eur")
    })?;
    let types = posted.event_types.unwrap_or_default();
    Ok(Amount {
        event_types: types.iter().map(|kind| rule::event_type(kind)).collect(),
        amount: property("amount", &posted.amount)?,
        currency: property("currency", &posted.currency)?,
        into,
    })
}

pub(super) fn document(stored: &Stored<CurrencyTable>) -> CurrencyTableDocument {
    let CurrencyTable { id, about, enabled, base, amounts, rates } = stored.entity.as_ref().clone();
    let rate = |rate: &Rate| RateDocument {
        since: rate.since.to_string().chars().take("2026-01-31".len()).collect(),
        rate: rate.rate.to_string(),
    };
    let rates = rates.iter().map(|(code, all)| (code.clone(), all.iter().map(rate).collect()));
    CurrencyTableDocument {
        id,
        name: about.name,
        description: about.note,
        enabled,
        base,
        amounts: amounts.into_iter().map(AmountDocument::from).collect(),
        rates: rates.collect(),
        owner: about.owner,
        version: stored.version,
        created: about.created.to_string(),
        changed: about.changed.to_string(),
    }
}

impl From<Amount> for AmountDocument {
    fn from(amount: Amount) -> Self {
        Self {
            amount: amount.amount.written_below("properties"),
            currency: amount.currency.written_below("properties"),
            into: amount.into.written(),
            event_types: amount.event_types,
        }
    }
}

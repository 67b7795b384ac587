//! Profiles and sessions: listed, searched, and everything about one person in one archive.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::events::Page;
use super::scope::moment;
use crate::app::App;
use crate::http::ApiError;
use crate::http::admin::{SignedIn, ask};
use crate::http::ask::history;
use crate::lake::{Span, literal};

/// Whom to look for. All that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Search {
    /// Any id the person ever had.
    id: Option<String>,
    /// Any of their e-mail addresses, in any case.
    email: Option<String>,
    /// A trait or a place in the data: `traits.plan` or `data.pii.firstname`; with `value`.
    path: Option<String>,
    /// What stands at `path`.
    value: Option<String>,
    /// Their last visit was not before this moment (RFC 3339).
    seen_from: Option<String>,
    /// Their last visit was before this moment (RFC 3339).
    seen_to: Option<String>,
}

impl Search {
    fn sql(&self) -> Result<String, ApiError> {
        let mut conditions = vec!["true".to_owned()];
        if let Some(id) = &self.id {
            conditions.push(format!("list_contains(ids, {})", literal(id)));
        }
        if let Some(email) = &self.email {
            let places = ["main", "private", "business"];
            let any = places.map(|place| format!("lower(data->'contact'->'email'->>'{place}')"));
            let email = literal(&email.trim().to_lowercase());
            conditions.push(format!("{email} IN ({})", any.join(", ")));
        }
        if let (Some(path), Some(value)) = (&self.path, &self.value) {
            let within = crate::lake::ask::field(path)?;
            conditions.push(format!("{} = {}", within.text(), literal(value)));
        }
        for (name, text, sign) in
            [("seen_from", &self.seen_from, ">="), ("seen_to", &self.seen_to, "<")]
        {
            let time = moment(name, text.as_deref())?;
            conditions.extend(time.map(|time| {
                format!("last_visit {sign} TIMESTAMPTZ {}", literal(&time.to_string()))
            }));
        }
        Ok(conditions.join(" AND "))
    }
}

/// Profiles, those seen last first.
///
/// # Errors
/// 401 without a token, 422 for a search that cannot be read.
#[utoipa::path(
    get, path = "/api/profiles", tag = "history", security(("bearer" = [])), params(Search, Page),
    responses((status = 200, description = "`{result, next}`: profiles as the table `profiles` has them, and the cursor of the page after, or null", body = Value)),
)]
pub(in crate::http) async fn profiles(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(search): Query<Search>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    list(&app, "profiles", "coalesce(last_visit, created)", search.sql()?, &page).await
}

/// Which sessions. All that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Visits {
    /// Of the person with this id, under whatever id it was.
    profile: Option<String>,
    /// Of this source.
    source: Option<String>,
    /// Begun not before this moment (RFC 3339).
    from: Option<String>,
    /// Begun before this moment (RFC 3339).
    to: Option<String>,
}

/// Sessions with their duration in seconds and their number of events, newest first.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/sessions", tag = "history", security(("bearer" = [])), params(Visits, Page),
    responses((status = 200, description = "`{result, next}`: sessions as the table `sessions` has them, and the cursor of the page after, or null", body = Value)),
)]
pub(in crate::http) async fn sessions(
    State(app): State<Arc<App>>,
    _user: SignedIn,
    Query(visits): Query<Visits>,
    Query(page): Query<Page>,
) -> Result<Json<Value>, ApiError> {
    let mut conditions = vec!["true".to_owned()];
    if let Some(id) = visits.profile {
        let named = id.clone();
        let person = ask(&app, move |storage| storage.profile(&named)).await?;
        let living = person.map_or(id, |person| person.id.to_string());
        conditions.push(format!("profile_id = {}", literal(&living)));
    }
    conditions.extend(visits.source.map(|id| format!("source_id = {}", literal(&id))));
    for (name, text, sign) in [("from", visits.from, ">="), ("to", visits.to, "<")] {
        let time = moment(name, text.as_deref())?;
        let sql = |time: crate::model::Time| {
            format!("created {sign} TIMESTAMPTZ {}", literal(&time.to_string()))
        };
        conditions.extend(time.map(sql));
    }
    list(&app, "sessions", "created", conditions.join(" AND "), &page).await
}

/// A page of a table, by a time and the id, the latest first.
async fn list(
    app: &Arc<App>,
    table: &str,
    time: &str,
    condition: String,
    page: &Page,
) -> Result<Json<Value>, ApiError> {
    let limit = page.limit();
    let after = page.after(&format!("epoch_us({time})"))?;
    let sql = format!(
        "SELECT *, epoch_us({time}) AS micros FROM {table} WHERE {condition} AND {after} \
         ORDER BY micros DESC, id DESC LIMIT {}",
        limit + 1
    );
    let mut rows = history(app, Span::NEVER, move |_, moment| moment.rows(&sql, &[])).await?;
    let last = rows.get(limit).and_then(|_| rows.get(limit - 1));
    let next =
        last.and_then(|row| Some(format!("{}-{}", row.get("micros")?, row.get("id")?.as_str()?)));
    rows.truncate(limit);
    rows.iter_mut().for_each(|row| drop(row.remove("micros")));
    Ok(Json(json!({"result": rows, "next": next})))
}

//! Profiles and sessions: listed and searched.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::page::Page;
use super::scope::{filter, person, time, zone};
use crate::app::App;
use crate::http::answers::Listed;
use crate::http::ask::history;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{
    self as asked, Filter, Invalid, ProfileRow, ProfilesPage, Scope, SessionRow, SessionsPage,
    ValueAt,
};
use crate::model::kept_id;

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
    /// What stands at `path`, which it needs.
    value: Option<String>,
    /// Their last visit was not before this moment: RFC 3339, a day, or seconds or milliseconds since 1970.
    seen_from: Option<String>,
    /// Their last visit was before this moment.
    seen_to: Option<String>,
    /// They did such an event, in the filter language: `type = order AND properties.sum >= 100`.
    did: Option<String>,
    /// They did it, or anything, from this moment on,
    did_from: Option<String>,
    /// and before this one.
    did_to: Option<String>,
    /// Whose days are meant: a name of the IANA list; `query.time_zone` unless said.
    tz: Option<String>,
}

impl Search {
    /// As history understands it.
    fn read(self, app: &App) -> Result<asked::Search, ApiError> {
        let zone = zone(app, self.tz.as_deref())?;
        let value = match (self.path, self.value) {
            (Some(path), Some(value)) => Some(ValueAt::read(&path, value, app.clock.now())?),
            (None, None) => None,
            (Some(_), None) => return Err(Invalid("path needs a value".to_owned()).into()),
            (None, Some(_)) => return Err(Invalid("value needs a path".to_owned()).into()),
        };
        let (from, to) = time(("did_from", "did_to"), (&self.did_from, &self.did_to), &zone)?;
        let seen = (&self.seen_from, &self.seen_to);
        let (seen_from, seen_to) = time(("seen_from", "seen_to"), seen, &zone)?;
        let did = Scope { from, to, filter: filter(app, self.did.as_deref())?, ..Scope::default() };
        let is_asked = did.from.is_some() || did.to.is_some() || did.filter != Filter::default();
        Ok(asked::Search {
            id: self.id,
            email: self.email,
            value,
            seen_from,
            seen_to,
            did: is_asked.then_some(did),
        })
    }
}

/// Profiles, those seen last first.
///
/// # Errors
/// 401 without a token, 422 for a search that cannot be read.
#[utoipa::path(
    get, path = "/api/profiles", tag = "history", params(Search, Page),
    responses((status = 200, description = "Profiles as the table `profiles` has them, and the cursor of the page after, or null", body = Listed<ProfileRow>)),
)]
pub(in crate::http) async fn profiles(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(search): Query<Search>,
    Query(page): Query<Page>,
) -> Result<Json<Listed<ProfileRow>>, ApiError> {
    let question = ProfilesPage { search: search.read(&app)?, part: page.part()? };
    Ok(listed(history(&app, &user, question).await?))
}

/// Which sessions. All that is given must hold.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Visits {
    /// Of the person with this id, under whatever id it was.
    profile: Option<String>,
    /// Of this source.
    source: Option<String>,
    /// Begun not before this moment: RFC 3339, a day, or seconds or milliseconds since 1970.
    from: Option<String>,
    /// Begun before this moment.
    to: Option<String>,
    /// Such an event happened in them, in the filter language: `type = order`.
    had: Option<String>,
    /// Whose days are meant: a name of the IANA list; `query.time_zone` unless said.
    tz: Option<String>,
}

/// Sessions with their duration in seconds and their number of events, newest first.
///
/// # Errors
/// 401 without a token, 422 for a filter that cannot be read.
#[utoipa::path(
    get, path = "/api/sessions", tag = "history", params(Visits, Page),
    responses((status = 200, description = "Sessions as the table `sessions` has them, and the cursor of the page after, or null", body = Listed<SessionRow>)),
)]
pub(in crate::http) async fn sessions(
    State(app): State<Arc<App>>,
    user: SignedIn,
    Query(visits): Query<Visits>,
    Query(page): Query<Page>,
) -> Result<Json<Listed<SessionRow>>, ApiError> {
    let zone = zone(&app, visits.tz.as_deref())?;
    let (from, to) = time(("from", "to"), (&visits.from, &visits.to), &zone)?;
    let question = SessionsPage {
        source: visits.source.as_deref().map(kept_id),
        from,
        to,
        had: visits.had.as_deref().map(|text| filter(&app, Some(text))).transpose()?,
        part: page.part()?,
        profile: person(&app, visits.profile).await?,
    };
    Ok(listed(history(&app, &user, question).await?))
}

fn listed<T>(page: asked::Page<T>) -> Json<Listed<T>> {
    Json(Listed { result: page.rows, next: page.next.map(|next| next.to_string()) })
}

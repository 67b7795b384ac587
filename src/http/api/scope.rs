//! Which events a question is about, as its address says.

use std::sync::Arc;

use serde::Deserialize;

use crate::app::App;
use crate::http::ApiError;
use crate::http::admin::living;
use crate::lake::ask::{Filter, Invalid, Scope, in_order};
use crate::model::{NoZone, Time, Zone, kept_id, kept_type};
use crate::suggestion::nearest;

/// Filters that all questions about events take. All that are given must hold.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Filters {
    /// From this moment on: RFC 3339, a day, or seconds or milliseconds since 1970.
    from: Option<String>,
    /// Before this moment.
    to: Option<String>,
    /// Whose days and hours are meant: a name of the IANA list, such as `Europe/Warsaw`;
    /// `query.time_zone` unless said.
    tz: Option<String>,
    /// Of this type.
    #[serde(rename = "type")]
    #[param(rename = "type")]
    kind: Option<String>,
    /// Of this source.
    source: Option<String>,
    /// Of the person with this id, under whatever id it happened.
    profile: Option<String>,
    /// Of this session.
    session: Option<String>,
    /// In the filter language, for any field: `properties.price >= 10 AND utm.source EXISTS`.
    #[serde(rename = "where")]
    #[param(rename = "where")]
    filter: Option<String>,
}

/// Filters of a question that is posted. All that are given must hold.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = QuestionScope)]
pub(in crate::http) struct PostedScope {
    /// From this moment on: RFC 3339, a day, or seconds or milliseconds since 1970.
    from: Option<String>,
    /// Before this moment.
    to: Option<String>,
    /// Whose days and hours are meant: a name of the IANA list, such as `Europe/Warsaw`;
    /// `query.time_zone` unless said.
    tz: Option<String>,
    /// Of this type.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Of this source.
    source: Option<String>,
    /// Of the person with this id, under whatever id it happened.
    profile: Option<String>,
    /// Of this session.
    session: Option<String>,
    /// In the filter language, for any field.
    #[serde(rename = "where")]
    filter: Option<String>,
}

impl From<PostedScope> for Filters {
    fn from(posted: PostedScope) -> Self {
        let PostedScope { from, to, tz, kind, source, profile, session, filter } = posted;
        Self { from, to, tz, kind, source, profile, session, filter }
    }
}

impl Filters {
    /// The zone that it speaks of.
    pub(super) fn zone(&self, app: &App) -> Result<Zone, Invalid> {
        zone(app, self.tz.as_deref())
    }

    /// As history understands it.
    pub(super) async fn scope(self, app: &Arc<App>) -> Result<Scope, ApiError> {
        let zone = self.zone(app)?;
        let (from, to) = time(("from", "to"), (&self.from, &self.to), &zone)?;
        Ok(Scope {
            from,
            to,
            kind: self.kind.as_deref().map(kept_type),
            source: self.source.as_deref().map(kept_id),
            session: self.session,
            filter: filter(app, self.filter.as_deref())?,
            profile: person(app, self.profile).await?,
            ..Scope::default()
        })
    }
}

/// A filter of a parameter; any event when there is none.
pub(super) fn filter(app: &App, text: Option<&str>) -> Result<Filter, Invalid> {
    Filter::read(text.unwrap_or_default(), app.clock.now())
}

/// The id that lives, of a parameter.
pub(super) async fn person(app: &Arc<App>, id: Option<String>) -> Result<Option<String>, ApiError> {
    match id {
        Some(id) => Ok(Some(living(app, id).await?)),
        None => Ok(None),
    }
}

/// The zone of a parameter, or else the one of the settings.
pub(in crate::http) fn zone(app: &App, name: Option<&str>) -> Result<Zone, Invalid> {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return Ok(app.config.query.time_zone.clone());
    };
    name.parse().map_err(|why: NoZone| {
        let meant = nearest(name, Zone::names()).map(|near| format!("; did you mean {near}?"));
        Invalid(format!("tz: {why}{}", meant.unwrap_or_default()))
    })
}

/// The moments of two parameters: from the one on, and before the other.
pub(in crate::http) fn time(
    (begins, ends): (&str, &str),
    (from, to): (&Option<String>, &Option<String>),
    zone: &Zone,
) -> Result<(Option<Time>, Option<Time>), ApiError> {
    let from = moment(begins, from.as_deref(), zone)?;
    let to = moment(ends, to.as_deref(), zone)?;
    in_order((begins, ends), from, to)?;
    Ok((from, to))
}

/// A moment of a parameter; a day, or what has no offset, is of this zone.
pub(super) fn moment(
    name: &str,
    text: Option<&str>,
    zone: &Zone,
) -> Result<Option<Time>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong =
        || Invalid(format!("{name} is no time as RFC 3339 writes it, no day and no number"));
    Ok(Some(Time::read(text, Some(zone)).ok_or_else(wrong)?))
}

//! Which events a question is about, as its address says.

use std::sync::Arc;

use serde::Deserialize;

use crate::app::App;
use crate::http::ApiError;
use crate::http::admin::living;
use crate::lake::ask::{Filter, Invalid, Scope};
use crate::model::Time;

/// Filters that all questions about events take. All that are given must hold.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Filters {
    /// From this moment on (RFC 3339).
    from: Option<String>,
    /// Before this moment (RFC 3339).
    to: Option<String>,
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

impl Filters {
    /// As history understands it.
    pub(super) async fn scope(self, app: &Arc<App>) -> Result<Scope, ApiError> {
        Ok(Scope {
            from: moment("from", self.from.as_deref())?,
            to: moment("to", self.to.as_deref())?,
            kind: self.kind,
            source: self.source,
            session: self.session,
            filter: filter(app, self.filter.as_deref())?,
            profile: person(app, self.profile).await?,
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

/// A moment of a parameter.
pub(in crate::http) fn moment(name: &str, text: Option<&str>) -> Result<Option<Time>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let day = format!("{text}T00:00:00Z");
    let read = Time::parse(text).or_else(|| Time::parse(&day));
    let wrong = || Invalid(format!("{name} is no time as RFC 3339 writes it"));
    Ok(Some(read.ok_or_else(wrong)?))
}

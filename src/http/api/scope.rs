//! Which events a question is about, as its address says.

use std::sync::Arc;

use serde::Deserialize;

use crate::app::App;
use crate::http::ApiError;
use crate::http::admin::ask;
use crate::lake::ask::{Invalid, Scope, condition};
use crate::lake::{Span, literal};
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
        let mut conditions = Vec::new();
        let mut equal = |column: &str, value: Option<String>| {
            conditions.extend(value.map(|value| format!("\"{column}\" = {}", literal(&value))));
        };
        equal("type", self.kind);
        equal("source_id", self.source);
        equal("session_id", self.session);
        if let Some(id) = self.profile {
            let named = id.clone();
            let person = ask(app, move |storage| storage.profile(&named)).await?;
            equal("profile_id", Some(person.map_or(id, |person| person.id.to_string())));
        }
        let filter = condition(self.filter.as_deref().unwrap_or_default(), app.clock.now())?;
        conditions.push(format!("({filter})"));
        Ok(Scope {
            from: moment("from", self.from.as_deref())?,
            to: moment("to", self.to.as_deref())?,
            condition: conditions.join(" AND "),
        })
    }
}

/// The files that a question needs.
pub(super) fn span(scope: &Scope) -> Span {
    Span { from: scope.from.unwrap_or(Time::BEGINNING), to: scope.to.unwrap_or(Time::END) }
}

/// A moment of a parameter.
pub(in crate::http) fn moment(name: &str, text: Option<&str>) -> Result<Option<Time>, ApiError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let day = format!("{text}T00:00:00Z");
    let read = Time::parse(text).or_else(|| Time::parse(&day));
    let wrong = || Invalid(format!("{name} is no time as RFC 3339 writes it"));
    Ok(Some(read.ok_or_else(wrong)?))
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::unprocessable("question_invalid", invalid.to_string())
    }
}

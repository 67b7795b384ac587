//! The time that a question in SQL or an export is about, as its address says.
//!
//! Files that hold nothing of that time are not read, and not fetched where they lie on S3.

use serde::Deserialize;

use super::scope::{time, zone};
use crate::app::App;
use crate::http::ApiError;
use crate::lake::ask::Scope;

/// When it happened, and when it came in. All that are given must hold.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct Between {
    /// Events that happened from this moment on: RFC 3339, a day, or seconds or milliseconds since 1970.
    from: Option<String>,
    /// That happened before this moment.
    to: Option<String>,
    /// That Kith received from this moment on.
    received_from: Option<String>,
    /// That Kith received before this moment.
    received_to: Option<String>,
    /// Whose days are meant: a name of the IANA list; `query.time_zone` unless said.
    tz: Option<String>,
}

impl Between {
    /// The events of `scope` that are of this time, too.
    pub(super) fn within(self, scope: Scope, app: &App) -> Result<Scope, ApiError> {
        let zone = zone(app, self.tz.as_deref())?;
        let names = ("received_from", "received_to");
        let received = (&self.received_from, &self.received_to);
        let (from, to) = time(("from", "to"), (&self.from, &self.to), &zone)?;
        let (received_from, received_to) = time(names, received, &zone)?;
        Ok(scope.during(&Scope { from, to, received_from, received_to, ..Scope::default() })?)
    }
}

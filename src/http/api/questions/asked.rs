//! What all questions have in common.
//!
//! How they are told apart and by which intervals, and what an answer says of itself.

use std::sync::Arc;

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::http::ask::history;
use crate::http::{ApiError, SignedIn};
use crate::lake::ask::{Accounted, Breakdown, Calendar, Filter, Interval, Invalid, Question};
use crate::model::{Time, Zone};

/// An answer, what it took, and the same in SQL.
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Told<T> {
    /// In the order that the question says.
    result: T,
    /// Events that were looked at: those in files whose time the question is about, and those in no file yet.
    rows_read: u64,
    /// How long it took, with the wait for its turn.
    milliseconds: u64,
    /// A statement for `POST /sql` with the same numbers.
    sql: String,
}

impl<T> Told<T> {
    /// The same with what is made of the result.
    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Told<U> {
        let Self { result, rows_read, milliseconds, sql } = self;
        Told { result: change(result), rows_read, milliseconds, sql }
    }
}

/// By what things are told apart.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Breakdown)]
pub(in crate::http) struct By {
    /// A column or a path: `type`, `utm.source`, `properties.category`, `traits.plan`.
    field: String,
    /// `true`: the person's trait as it is now, for all of their events. Unless said, the event's value.
    #[serde(default)]
    now: bool,
}

pub(super) fn by(posted: Option<By>) -> Result<Option<Breakdown>, Invalid> {
    posted.map(|by| Breakdown::read(&by.field, by.now)).transpose()
}

/// The intervals of this name, or else of `usual`, in a zone.
pub(super) fn calendar(
    name: Option<&str>,
    usual: Interval,
    zone: Zone,
) -> Result<Calendar, Invalid> {
    let interval = name.map_or(Ok(usual), Interval::named)?;
    Ok(Calendar { interval, zone })
}

/// Several filters.
pub(super) fn filters(texts: &[String], now: Time) -> Result<Vec<Filter>, Invalid> {
    texts.iter().map(|text| Filter::read(text, now)).collect()
}

/// Asks history.
pub(super) async fn told<Q: Question>(
    app: &Arc<App>,
    user: &SignedIn,
    question: Q,
    sql: String,
) -> Result<Json<Told<Q::Answer>>, ApiError> {
    let began = app.clock.now();
    let account = history(app, user, Accounted(question)).await?;
    let micros = app.clock.now().micros().saturating_sub(began.micros());
    let milliseconds = u64::try_from(micros / 1000).unwrap_or_default();
    let (result, rows_read) = (account.answer, account.rows_read);
    Ok(Json(Told { result, rows_read, milliseconds, sql }))
}

/// A moment of an answer, as rows have it.
pub(super) fn moment(text: &str) -> Result<Time, Invalid> {
    let wrong = || Invalid("date is the beginning of an interval, as an answer has it".to_owned());
    Time::parse(text).or_else(|| Time::parse(&text.replacen(' ', "T", 1))).ok_or_else(wrong)
}

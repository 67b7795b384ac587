//! Lists, the newest first: what they are sorted by, and the place where one goes on.

use std::fmt;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Invalid;
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment};
use crate::model::{Map, Time};

/// Events, the newest first.
pub(super) const NEWEST_FIRST: &str = "time DESC, id DESC";
/// Events as they happened.
pub(super) const AS_THEY_HAPPENED: &str = "time, id";

/// A place in a list that is sorted by a moment and an id: right after the row that has both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    micros: i64,
    id: String,
}

impl Cursor {
    /// The place right after an event, which has its columns.
    fn of_event(event: &Map) -> Option<Self> {
        let time = Time::parse(event.get("time")?.as_str()?)?;
        Some(Self { micros: time.micros(), id: event.get("id")?.as_str()?.to_owned() })
    }

    /// Only what comes after it: a condition over the moment in microseconds, and the id.
    fn sql(&self, micros: &str) -> String {
        format!("({micros}, id) < ({}, {})", self.micros, literal(&self.id))
    }
}

/// As clients carry it from page to page.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.micros, self.id)
    }
}

impl FromStr for Cursor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid("the cursor is none of ours".to_owned());
        let (micros, id) = text.split_once('-').ok_or_else(wrong)?;
        Ok(Self { micros: micros.parse().map_err(|_| wrong())?, id: id.to_owned() })
    }
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// As many as were asked for, or all that are left.
    pub rows: Vec<T>,
    /// Where the rest begins, if there is any.
    pub next: Option<Cursor>,
}

/// Which part of a list.
#[derive(Clone, Debug)]
pub struct Part {
    /// What comes after this place; from the beginning otherwise.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl Part {
    /// Of a table whose moment is `micros`.
    fn sql(&self, micros: &str) -> String {
        self.after.as_ref().map_or_else(|| "true".to_owned(), |after| after.sql(micros))
    }
}

/// A part of the events that a condition picks, as columns of history, absent ones left out.
pub(super) fn events(
    moment: &Moment,
    condition: &str,
    part: &Part,
) -> Result<Page<Map>, LakeError> {
    let condition = format!("{condition} AND {}", part.sql("epoch_us(time)"));
    let mut rows = events_from(moment, &condition, part.limit + 1, 0)?;
    let is_more = rows.len() > part.limit;
    rows.truncate(part.limit);
    let next = rows.last().filter(|_| is_more).and_then(Cursor::of_event);
    Ok(Page { rows, next })
}

/// The same, without the first `skip`.
pub(super) fn events_from(
    moment: &Moment,
    condition: &str,
    limit: usize,
    skip: usize,
) -> Result<Vec<Map>, LakeError> {
    let mut events = Vec::new();
    let sql = format!("{} LIMIT {limit} OFFSET {skip}", all_events(condition));
    each_event(moment, &sql, &mut |event| {
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}

/// All events that a condition picks, as a query.
pub(super) fn all_events(condition: &str) -> String {
    format!("SELECT * FROM events WHERE {condition} ORDER BY {NEWEST_FIRST}")
}

/// Shows each row of a query for events, its times as RFC 3339 writes them.
pub(super) fn each_event(
    moment: &Moment,
    sql: &str,
    visit: &mut dyn FnMut(Map) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    moment.visit(sql, &[], &mut |mut event| {
        for column in ["time", "received_at"] {
            if let Some(Value::String(text)) = event.get_mut(column) {
                *text = rfc3339(text);
            }
        }
        visit(event)
    })
}

/// `2026-01-05 10:00:00.5+00` as RFC 3339.
fn rfc3339(text: &str) -> String {
    format!("{}Z", text.trim_end_matches("+00").replacen(' ', "T", 1))
}

/// A table of people or visits.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The moment that it is sorted by.
    pub(super) time: &'static str,
}

/// A part of the rows that a condition picks, the latest first.
pub(super) fn rows<T: DeserializeOwned>(
    moment: &Moment,
    table: &Table,
    condition: &str,
    part: &Part,
) -> Result<Page<T>, LakeError> {
    let micros = format!("epoch_us({})", table.time);
    let sql = format!(
        "SELECT *, {micros} AS micros FROM {} WHERE {condition} AND {} \
         ORDER BY micros DESC, id DESC LIMIT {}",
        table.name,
        part.sql(&micros),
        part.limit + 1
    );
    let mut page = Page { rows: Vec::new(), next: None };
    let mut last = None;
    moment.visit(&sql, &[], &mut |mut row| {
        if page.rows.len() == part.limit {
            page.next = last.take();
            return Ok(());
        }
        let micros = row.remove("micros").as_ref().and_then(Value::as_i64);
        let id = row.get("id").and_then(Value::as_str).map(str::to_owned);
        last = micros.zip(id).map(|(micros, id)| Cursor { micros, id });
        let row = serde_json::from_value(Value::Object(row));
        page.rows.push(row.map_err(|error| LakeError::Question(error.to_string()))?);
        Ok(())
    })?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let cursor = Cursor { micros: 1_767_607_200_500_000, id: "it's-1".to_owned() };
        assert_eq!(cursor.to_string().parse(), Ok(cursor.clone()));
        assert_eq!(
            cursor.sql("epoch_us(time)"),
            "(epoch_us(time), id) < (1767607200500000, 'it''s-1')"
        );
        for text in ["", "x", "1", "x-1", "-1"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}

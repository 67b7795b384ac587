//! Lists, the newest first: what they are sorted by, and the place where one goes on.

use std::fmt;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Invalid;
use crate::events::{COLUMNS, Kind};
use crate::lake::engine::literal;
use crate::lake::{LakeError, Moment, NEWEST_FIRST, NO_POSITION};
use crate::model::{Map, Time};

/// What events are sorted by before their ids, as numbers: see [`NEWEST_FIRST`]. An event without a
/// position is before all others.
fn of_events() -> [String; 3] {
    let position = format!("coalesce(position, {NO_POSITION})");
    ["epoch_us(time)".to_owned(), "epoch_us(received_at)".to_owned(), position]
}

/// A place in a list that is sorted by numbers and an id: right after the row that has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Moments in microseconds, and other numbers.
    numbers: Vec<i64>,
    id: String,
}

impl Cursor {
    /// The place right after an event, which has its columns.
    fn of_event(event: &Map) -> Option<Self> {
        let micros = |column| Some(Time::parse(event.get(column)?.as_str()?)?.micros());
        let position = event.get("position").and_then(Value::as_i64).unwrap_or(NO_POSITION);
        let numbers = vec![micros("time")?, micros("received_at")?, position];
        Some(Self { numbers, id: event.get("id")?.as_str()?.to_owned() })
    }

    /// Only what comes after it in a list that is sorted by these numbers, and the id.
    fn sql(&self, numbers: &[String]) -> Result<String, Invalid> {
        if self.numbers.len() != numbers.len() {
            return Err(Invalid::cursor());
        }
        let values: Vec<String> = self.numbers.iter().map(ToString::to_string).collect();
        let (columns, values) = (numbers.join(", "), values.join(", "));
        Ok(format!("({columns}, id) < ({values}, {})", literal(&self.id)))
    }
}

/// As clients carry it from page to page. Numbers may be less than nothing, and ids have any letters.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(ToString::to_string).collect();
        write!(f, "{}_{}", numbers.join("."), self.id)
    }
}

impl FromStr for Cursor {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (numbers, id) = text.split_once('_').ok_or_else(Invalid::cursor)?;
        let numbers: Result<Vec<i64>, _> = numbers.split('.').map(str::parse).collect();
        Ok(Self { numbers: numbers.map_err(|_| Invalid::cursor())?, id: id.to_owned() })
    }
}

impl Invalid {
    /// What was said to be a cursor is none.
    pub(crate) fn cursor() -> Self {
        Self("the cursor is none of ours".to_owned())
    }
}

/// A part of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Page<T> {
    /// As many as were asked for, or all that are left.
    pub rows: Vec<T>,
    /// Where the rest begins, if there is any.
    pub next: Option<Cursor>,
}

/// Which part of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Part {
    /// What comes after this place; from the beginning otherwise.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl Part {
    /// Of a list that is sorted by these numbers, and the id.
    fn sql(&self, numbers: &[String]) -> Result<String, Invalid> {
        self.after.as_ref().map_or_else(|| Ok("true".to_owned()), |after| after.sql(numbers))
    }
}

/// A part of the events that a condition picks, as columns of history, absent ones left out.
pub(super) fn events(
    moment: &Moment,
    condition: &str,
    part: &Part,
) -> Result<Page<Map>, LakeError> {
    let condition = format!("{condition} AND {}", part.sql(&of_events())?);
    let mut rows = events_from(moment, &condition, part.limit + 1, 0)?;
    let is_more = rows.len() > part.limit;
    rows.truncate(part.limit);
    let next = rows.last().filter(|_| is_more).and_then(Cursor::of_event);
    Ok(Page { rows, next })
}

/// The same, without the first `skip`.
///
/// The moment of the last of them is asked for first, of which DuckDB reads few columns, so that it reads all of them
/// of later events only, instead of each that the condition picks: of somebody busy, in a third of the time.
pub(super) fn events_from(
    moment: &Moment,
    condition: &str,
    limit: usize,
    skip: usize,
) -> Result<Vec<Map>, LakeError> {
    /// What is later than everything.
    const NEVER: i64 = i64::MAX;
    let last = format!(
        "SELECT coalesce(epoch_us(min(time)), {NEVER}) FROM (SELECT time FROM events WHERE {condition} \
         ORDER BY time DESC LIMIT {})",
        limit.saturating_add(skip)
    );
    let last = moment.number(&last, &[])?;
    if last == NEVER {
        return Ok(Vec::new());
    }
    let condition = format!("({condition}) AND time >= make_timestamptz({last})");
    collected(moment, &format!("{} LIMIT {limit} OFFSET {skip}", all_events(&condition)))
}

/// Each row of a query for events.
pub(super) fn collected(moment: &Moment, sql: &str) -> Result<Vec<Map>, LakeError> {
    let mut events = Vec::new();
    each_event(moment, sql, &mut |event| {
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}

/// All events that a condition picks, as a query.
pub(super) fn all_events(condition: &str) -> String {
    format!("SELECT * FROM events WHERE {condition} ORDER BY {NEWEST_FIRST}")
}

/// Columns of JSON as texts: taken apart by DuckDB, their numbers would have the digits that a float has.
fn as_texts(sql: &str) -> String {
    let json = COLUMNS.iter().filter(|column| column.kind == Kind::Json);
    let json: Vec<String> =
        json.map(|column| format!("CAST(\"{0}\" AS VARCHAR) AS \"{0}\"", column.name)).collect();
    format!("SELECT * REPLACE ({}) FROM ({sql})", json.join(", "))
}

/// Shows each row of a query for events, its times as RFC 3339 writes them.
pub(super) fn each_event(
    moment: &Moment,
    sql: &str,
    visit: &mut dyn FnMut(Map) -> Result<(), LakeError>,
) -> Result<(), LakeError> {
    moment.visit(&as_texts(sql), &[], &mut |mut event| {
        for column in COLUMNS.iter().filter(|column| column.kind == Kind::Json) {
            let Some(value) = event.get_mut(column.name) else { continue };
            let read = value.as_str().and_then(|text| serde_json::from_str(text).ok());
            *value = read.unwrap_or_default();
        }
        for column in ["time", "received_at", "client_time"] {
            if let Some(Value::String(text)) = event.get_mut(column) {
                *text = rfc3339(text);
            }
        }
        visit(event)
    })
}

/// `2026-01-05 10:00:00.5+00` as RFC 3339.
pub(super) fn rfc3339(text: &str) -> String {
    format!("{}Z", text.trim_end_matches("+00").replacen(' ', "T", 1))
}

/// The moments of people and visits.
const MOMENTS: [&str; 4] = ["created", "updated", "last_visit", "previous_visit"];

/// A table of people or visits.
pub(super) struct Table<'a> {
    pub(super) name: &'a str,
    /// The moment that it is sorted by.
    pub(super) time: &'a str,
}

/// A part of the rows that a condition picks, the latest first; their times as RFC 3339 writes them.
pub(super) fn rows<T: DeserializeOwned>(
    moment: &Moment,
    table: &Table<'_>,
    condition: &str,
    part: &Part,
) -> Result<Page<T>, LakeError> {
    let micros = format!("epoch_us({})", table.time);
    let sql = format!(
        "SELECT *, {micros} AS micros FROM {} WHERE {condition} AND {} \
         ORDER BY micros DESC, id DESC LIMIT {}",
        table.name,
        part.sql(std::slice::from_ref(&micros))?,
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
        for column in MOMENTS {
            if let Some(Value::String(text)) = row.get_mut(column) {
                *text = rfc3339(text);
            }
        }
        let id = row.get("id").and_then(Value::as_str).map(str::to_owned);
        last = micros.zip(id).map(|(micros, id)| Cursor { numbers: vec![micros], id });
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
        for numbers in [vec![1_767_607_200_500_000, 7, -1], vec![-5]] {
            let cursor = Cursor { numbers, id: "it's_1.-".to_owned() };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        let cursor: Cursor = "3.2.-1_it's".parse().unwrap();
        let sql = "(epoch_us(time), epoch_us(received_at), coalesce(position, -1000000000), id) \
                   < (3, 2, -1, 'it''s')";
        assert_eq!(cursor.sql(&of_events()), Ok(sql.to_owned()));
        assert!(cursor.sql(&["micros".to_owned()]).is_err(), "it is of another list");
        for text in ["", "x", "1", "x_1", "_1", "1-id", "1..2_id"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}

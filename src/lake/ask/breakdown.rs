//! Told apart by a field: its most frequent values, and all others as one.

use serde::{Deserialize, Serialize};

use super::fields::{self, field};
use super::{Field, Invalid};
use crate::conditions::{Language, Place, place};
use crate::lake::engine::literal;

/// Values that are told apart; all others, and none, are one.
pub(super) const GROUPS_MAX: usize = 20;

/// What of a profile can be asked for as it is now.
const OF_PEOPLE: [&str; 2] = ["traits", "data"];

/// The place of people at `path`.
pub(super) fn of_people(path: &str) -> Result<Place, Invalid> {
    let place = place(Language::History, path)?;
    let (column, _) = fields::column(&place)?;
    if OF_PEOPLE.contains(&column.name) {
        return Ok(place);
    }
    Err(Invalid(format!("of people as they are now there are traits and data, not {path}")))
}

/// What to tell things apart by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Breakdown {
    field: Field,
    /// The person's, as it is now; otherwise the event's, as it was then.
    now: bool,
}

impl Breakdown {
    /// By the field at `path` of each event, or else of whoever did it, as they are `now`.
    ///
    /// # Errors
    /// [`Invalid`] when there is no such field, or people have none.
    pub fn read(path: &str, now: bool) -> Result<Self, Invalid> {
        if now {
            of_people(path)?;
        }
        Ok(Self { field: field(path)?, now })
    }

    /// Whether it shows what people are now.
    pub(super) fn shows_people(&self) -> bool {
        self.now
    }

    /// The value, as a text.
    fn text(&self) -> String {
        if self.now { "at_present".to_owned() } else { self.field.text() }
    }
}

/// How a question tells its events apart, if it does.
#[derive(Clone, Copy)]
pub(super) struct Groups<'a>(pub(super) Option<&'a Breakdown>);

impl Groups<'_> {
    /// The table of events, with whoever did them as they are now where that is asked for.
    pub(super) fn events(self) -> String {
        match self.0 {
            Some(by) if by.now => format!(
                "events LEFT JOIN (SELECT id AS whose, {} AS at_present FROM profiles) AS people \
                 ON whose = profile_id",
                by.field.text()
            ),
            _ => "events".to_owned(),
        }
    }

    /// The value of an event, whether it is frequent or not.
    pub(super) fn value(self) -> String {
        self.0.map_or_else(|| "CAST(NULL AS VARCHAR)".to_owned(), Breakdown::text)
    }

    /// A table `frequent` of the values that most of the events have that a condition picks, before others.
    pub(super) fn frequent(self, condition: &str) -> String {
        let Some(by) = self.0 else { return String::new() };
        format!(
            "frequent AS (SELECT {text} AS value FROM {events} WHERE ({condition}) AND {text} IS NOT NULL \
             GROUP BY 1 ORDER BY count(*) DESC, value LIMIT {GROUPS_MAX}), ",
            text = by.text(),
            events = self.events(),
        )
    }

    /// The group of an event: its value where that is among the `frequent`.
    pub(super) fn group(self) -> String {
        let value = self.value();
        if self.0.is_none() {
            value
        } else {
            format!("CASE WHEN {value} IN (FROM frequent) THEN {value} END")
        }
    }
}

/// The condition that the column `group` is this one; none: all others.
pub(super) fn is_group(group: Option<&str>) -> String {
    group.map_or_else(
        || "\"group\" IS NULL".to_owned(),
        |group| format!("\"group\" = {}", literal(group)),
    )
}
